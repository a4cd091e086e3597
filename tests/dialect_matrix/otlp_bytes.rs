//! OTLP as bytes: protobuf, lengths before messages, compression, lines.

use crate::common::packed::zstd;
use crate::telemetry::Telemetry;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};
use serde_json::Value;

/// Every request as a line of JSON.
pub(crate) fn lines(telemetry: &Telemetry) -> Vec<u8> {
    telemetry.requests().map(|request| format!("{request}\n")).collect::<String>().into_bytes()
}

/// Every request as protobuf.
pub(crate) fn messages(telemetry: &Telemetry) -> Vec<Vec<u8>> {
    fn encode<M: Message + serde::de::DeserializeOwned>(request: &Value) -> Vec<u8> {
        serde_json::from_value::<M>(request.clone()).expect("a request").encode_to_vec()
    }
    let traces = telemetry.traces.iter().map(encode::<ExportTraceServiceRequest>);
    let logs = telemetry.logs.iter().map(encode::<ExportLogsServiceRequest>);
    traces.chain(logs).chain(telemetry.metrics.iter().map(encode::<ExportMetricsServiceRequest>)).collect()
}

/// The bytes in frames of their own that end wherever they end, as a writer leaves them that is flushed by the clock.
pub(crate) fn zstd_frames(bytes: &[u8], frame: usize) -> Vec<u8> {
    bytes.chunks(frame).flat_map(zstd).collect()
}

/// One field of a protobuf message, of which the content is known.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_key(number, WireType::LengthDelimited, &mut bytes);
    encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

/// A request with fields that nobody knows, last in it and in every block, scope and record.
pub(crate) fn unknown_fields(request: &[u8]) -> Vec<u8> {
    rewritten(request, 0, &|_, number| number, b"\x9a\x3f\x02hi\x90\x3f\x07")
}

/// A request with its scopes in field 1000, where they were before OTLP 0.15.
pub(crate) fn old_scopes(request: &[u8]) -> Vec<u8> {
    rewritten(request, 0, &|level, number| if (level, number) == (1, 2) { 1000 } else { number }, b"")
}

/// What Tempo answers when it is asked for protobuf: the trace in field 1, counts, that it is all, and a word behind it.
pub(crate) fn tempo_answer(trace: &[u8]) -> Vec<u8> {
    [field(1, trace), field(2, b"\x08\x07"), b"\x18\x00".to_vec(), field(4, b"whole")].concat()
}

/// Writes a message and what lies in it anew: fields by new numbers, and `more` behind those of every level.
fn rewritten(message: &[u8], level: usize, number_at: &dyn Fn(usize, u32) -> u32, more: &[u8]) -> Vec<u8> {
    /// Blocks of a request, scopes of a block, records of a scope.
    const INNER: [u32; 3] = [1, 2, 2];
    let (mut rest, mut out) = (message, Vec::new());
    while !rest.is_empty() {
        let start = rest;
        let (number, kind) = decode_key(&mut rest).expect("a key");
        if kind == WireType::LengthDelimited {
            let length = decode_varint(&mut rest).expect("a length");
            let (content, after) = rest.split_at(usize::try_from(length).expect("a short field"));
            rest = after;
            let inner = INNER.get(level) == Some(&number);
            let content = if inner { &rewritten(content, level + 1, number_at, more)[..] } else { content };
            out.extend(field(number_at(level, number), content));
        } else {
            skip_field(kind, number, &mut rest, DecodeContext::default()).expect("a field");
            out.extend_from_slice(&start[..start.len() - rest.len()]);
        }
    }
    out.extend_from_slice(more);
    out
}

/// JSON text over many lines, its members in the order that they have.
pub(crate) fn pretty(text: &str) -> String {
    let (mut out, mut depth, mut in_string, mut escaped) = (String::new(), 0, false, false);
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
            continue;
        }
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth * 2));
        };
        match c {
            '{' | '[' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_string = true;
                out.push(c);
            }
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}
