//! Export requests, made and converted.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::path::Path;

pub(crate) const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// A request in both encodings.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) is_logs: bool,
    pub(crate) json: Vec<u8>,
    pub(crate) protobuf: Vec<u8>,
}

impl Sent {
    pub(crate) fn path(&self) -> &'static str {
        if self.is_logs { "/v1/logs" } else { "/v1/traces" }
    }
}

/// The requests of a file of lines.
pub(crate) fn requests_of(path: &Path) -> Vec<Sent> {
    let packed = std::fs::read(path).expect("a capture");
    let text = zstd::decode_all(&packed[..]).expect("zstd");
    text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(sent).collect()
}

fn sent(line: &[u8]) -> Sent {
    let json = line.to_vec();
    if line.starts_with(br#"{"resourceLogs""#) {
        let request: ExportLogsServiceRequest = serde_json::from_slice(line).expect("logs");
        return Sent { is_logs: true, json, protobuf: request.encode_to_vec() };
    }
    let request: ExportTraceServiceRequest = serde_json::from_slice(line).expect("traces");
    Sent { is_logs: false, json, protobuf: request.encode_to_vec() }
}

/// A request of `count` spans, each a trace of its own that fails; the number of the first is in its ids.
pub(crate) fn failing(first: u64, count: u64) -> Vec<u8> {
    let span = |number: u64| {
        format!(
            r#"{{"traceId":"{number:032x}","spanId":"{number:016x}","name":"GET /cart","kind":2,"startTimeUnixNano":"1795305600000000000","endTimeUnixNano":"1795305600050000000","status":{{"code":2,"message":"cart is down"}}}}"#
        )
    };
    let spans: Vec<String> = (first..first + count).map(span).collect();
    of_shop(&spans.join(","))
}

/// A request with these spans of a shop.
pub(crate) fn of_shop(spans: &str) -> Vec<u8> {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    )
    .into_bytes()
}

/// The same in protobuf.
pub(crate) fn to_protobuf(json: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<ExportTraceServiceRequest>(json).expect("a request").encode_to_vec()
}
