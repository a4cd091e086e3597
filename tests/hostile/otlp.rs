//! OTLP/JSON and protobuf, as far as hostile inputs need it.

use std::fmt::Write;

/// When the first span of a trace starts, in nanoseconds.
const FIRST_START: u64 = 1_700_000_000_000_000_000;

/// One span of OTLP/JSON: its trace, its own number, that of its parent (0: none), and more members, each with a comma before it.
pub(crate) fn span(trace: u64, id: u64, parent: u64, more: &str) -> String {
    // Higher numbers start later, and all end together: any of them can have called any that comes after it.
    let (start, end) = (FIRST_START + 1000 * id, FIRST_START + (1 << 40));
    let parent = if parent == 0 { String::new() } else { format!("{parent:016x}") };
    let mut text =
        format!(r#"{{"traceId":"{trace:032x}","spanId":"{id:016x}","parentSpanId":"{parent}","name":"work","#);
    // A string takes everything.
    let _ = write!(text, r#""kind":2,"startTimeUnixNano":"{start}","endTimeUnixNano":"{end}"{more}}}"#);
    text
}

/// Members of a span that failed with this message.
pub(crate) fn failed(message: &str) -> String {
    format!(r#","status":{{"code":2,"message":"{message}"}}"#)
}

/// A request with these spans of one service, without a line end.
pub(crate) fn request(service: &str, spans: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    )
}

/// A request with these log records.
pub(crate) fn logs(records: &str) -> String {
    format!(r#"{{"resourceLogs":[{{"resource":{{}},"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#)
}

/// An attribute with a text.
pub(crate) fn attribute(key: &str, value: &str) -> String {
    format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#)
}

/// A number as protobuf has it: seven bits in a byte, the lowest first.
pub(crate) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

/// A protobuf field that holds bytes.
pub(crate) fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [&varint(number << 3 | 2)[..], &varint(bytes.len() as u64), bytes].concat()
}

/// A protobuf request that holds one span with more fields.
pub(crate) fn proto_request(span: &[u8]) -> Vec<u8> {
    let name = field(1, &[field(1, b"service.name"), field(2, &field(1, b"proto"))].concat());
    field(1, &[field(1, &name), field(2, &field(2, span))].concat())
}

/// The fields of a good protobuf span.
pub(crate) fn proto_span() -> Vec<u8> {
    let time = |number: u64| [&varint(number << 3 | 1)[..], &1_700_000_000_000_000_000_u64.to_le_bytes()].concat();
    [field(1, &[7; 16]), field(2, &[8; 8]), field(5, b"work"), time(7), time(8)].concat()
}
