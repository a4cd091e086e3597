//! The bodies of OTLP's answers, in protobuf and in JSON. They are few and small, and written by hand:
//!
//! ```text
//! Export*ServiceResponse { partial_success = 1: { rejected = 1: int64, error_message = 2: string } }
//! google.rpc.Status      { code = 1: int32, message = 2: string, details = 3: Any { type_url = 1, value = 2 } }
//! google.rpc.RetryInfo   { retry_delay = 1: Duration { seconds = 1: int64, nanos = 2: int32 } }
//! ```

use crate::model::varint::put_varint;
use serde_json::json;
use std::time::Duration;

/// What a request tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Telemetry {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics.
    Metrics,
}

impl Telemetry {
    /// The name in JSON of the count of what was rejected.
    fn rejected(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Logs => "rejectedLogRecords",
            Self::Metrics => "rejectedDataPoints",
        }
    }
}

/// What was not kept of a request that was taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Partial {
    /// How many records were rejected.
    pub(crate) rejected: u64,
    /// Why; or a warning, when none was. Empty when all is well.
    pub(crate) told: String,
}

impl Partial {
    fn is_full_success(&self) -> bool {
        self.rejected == 0 && self.told.is_empty()
    }

    /// As a protobuf message.
    pub(crate) fn to_protobuf(&self) -> Vec<u8> {
        // On full success the field must not be set.
        if self.is_full_success() {
            return Vec::new();
        }
        let mut partial = Vec::new();
        put_number(&mut partial, 1, self.rejected);
        put_bytes(&mut partial, 2, self.told.as_bytes());
        let mut response = Vec::new();
        put_bytes(&mut response, 1, &partial);
        response
    }

    /// As JSON, in which numbers of 64 bits are texts.
    pub(crate) fn to_json(&self, telemetry: Telemetry) -> Vec<u8> {
        if self.is_full_success() {
            return b"{}".to_vec();
        }
        let partial = json!({ telemetry.rejected(): self.rejected.to_string(), "errorMessage": self.told });
        json!({ "partialSuccess": partial }).to_string().into_bytes()
    }
}

/// A `google.rpc.Status`; with `retry_after`, it says when to come again.
pub(crate) fn status_protobuf(code: i32, message: &str, retry_after: Option<Duration>) -> Vec<u8> {
    let mut status = Vec::new();
    put_number(&mut status, 1, u64::try_from(code).unwrap_or_default());
    put_bytes(&mut status, 2, message.as_bytes());
    if let Some(delay) = retry_after {
        let (mut duration, mut info, mut any) = (Vec::new(), Vec::new(), Vec::new());
        put_number(&mut duration, 1, delay.as_secs());
        put_number(&mut duration, 2, u64::from(delay.subsec_nanos()));
        put_bytes(&mut info, 1, &duration);
        put_bytes(&mut any, 1, b"type.googleapis.com/google.rpc.RetryInfo");
        put_bytes(&mut any, 2, &info);
        put_bytes(&mut status, 3, &any);
    }
    status
}

/// The same in JSON.
pub(crate) fn status_json(code: i32, message: &str) -> Vec<u8> {
    json!({ "code": code, "message": message }).to_string().into_bytes()
}

/// Adds a number, unless it is 0, which is what nothing means.
fn put_number(out: &mut Vec<u8>, field: u8, number: u64) {
    if number != 0 {
        out.push(field << 3);
        put_varint(out, number);
    }
}

/// Adds bytes, a text or a message; an empty text is left out.
fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        out.push(field << 3 | 2);
        put_varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
    use prost::Message;

    #[test]
    fn answers_are_read_by_others() {
        assert_eq!(Partial::default().to_protobuf(), b"");
        assert_eq!(Partial::default().to_json(Telemetry::Traces), b"{}");
        let partial = Partial { rejected: 300, told: "x".repeat(200) };
        let read = ExportTraceServiceResponse::decode(&*partial.to_protobuf()).expect("a response");
        let wanted = ExportTracePartialSuccess { rejected_spans: 300, error_message: "x".repeat(200) };
        assert_eq!(read.partial_success.as_ref(), Some(&wanted));
        let read: serde_json::Value = serde_json::from_slice(&partial.to_json(Telemetry::Traces)).expect("JSON");
        assert_eq!(read["partialSuccess"]["rejectedSpans"], "300", "64 bits are a text in protobuf's JSON");
    }
}
