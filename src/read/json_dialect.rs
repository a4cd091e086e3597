//! What a JSON object is when it is no OTLP request: one of the dialects, told by its keys.

use crate::read::intake::{Intake, Malformed};
use crate::read::jaeger_trace;
use crate::read::json_cursor::Cursor;
use crate::read::json_request::is_container;
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::xray_segment;
use crate::read::zipkin_span;

/// What holds spans in another way than OTLP does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// A trace as Jaeger's query service and its UI write it.
    Jaeger,
    /// A span that stands by itself, as Jaeger stores it in Elasticsearch and OpenSearch.
    JaegerSpan,
    /// A span as Zipkin writes it.
    Zipkin,
    /// A segment of AWS X-Ray.
    XRay,
    /// What wraps a segment of AWS X-Ray in an answer of its service.
    XRayDocument,
}

/// What the keys of an object tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// It holds spans itself.
    Spans(Dialect),
    /// It is a request, or wraps something, or is no telemetry: its members tell.
    Other,
    /// The data ends before anything was told.
    Nothing,
}

impl Dialect {
    /// What the value at the cursor is. Reads no further than to the first key that tells.
    pub(crate) fn told(mut cursor: Cursor<'_>) -> Told {
        if cursor.peek() != Some(b'{') {
            return Told::Other;
        }
        cursor.at += 1;
        let (mut trace_id, mut id) = (false, false);
        let (mut jaeger_trace, mut jaeger_span, mut jaeger_work) = (false, false, false);
        loop {
            let Ok(key) = cursor.next_key() else { return Told::Nothing };
            let Some(key) = key else { return Told::Other };
            match (key.bytes, cursor.peek()) {
                (b"processes", _) | (b"spans", Some(b'[')) => return Told::Spans(Self::Jaeger),
                // Both traces and spans bear it.
                (b"traceID", _) => jaeger_trace = true,
                (b"spanID", _) => jaeger_span = true,
                // So do log records of applications, which tell no work: every span that is stored has all three of these.
                (b"operationName" | b"startTime", _) | (b"process", Some(b'{')) => jaeger_work = true,
                (b"traceId", _) => trace_id = true,
                (b"id" | b"localEndpoint", _) => id = true,
                (b"trace_id", Some(b'"')) if cursor.clone().plain_bytes().is_ok_and(|id| id.starts_with(b"1-")) => {
                    return Told::Spans(Self::XRay);
                }
                (b"Document", Some(b'"')) => return Told::Spans(Self::XRayDocument),
                (b"spanId", _) => return Told::Other,
                (key, _) if is_container(key) || Signal::of_request_key(key).is_some() => return Told::Other,
                _ => {}
            }
            if trace_id && id {
                return Told::Spans(Self::Zipkin);
            }
            if jaeger_trace && jaeger_span && jaeger_work {
                return Told::Spans(Self::JaegerSpan);
            }
            if cursor.skip_value().is_err() {
                return Told::Nothing;
            }
        }
    }

    /// Reads the object at the cursor.
    pub(crate) fn read<S: Sink>(self, cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
        if intake.report.spans == 0 && intake.report.logs == 0 {
            intake.report.format = Some(self.name(intake.unit == "line"));
        }
        match self {
            Self::Jaeger => jaeger_trace::trace(cursor, intake),
            Self::JaegerSpan => jaeger_trace::stored_span(cursor, intake),
            Self::Zipkin => zipkin_span::span(cursor, intake),
            Self::XRay => xray_segment::segment(cursor, intake),
            Self::XRayDocument => xray_segment::document(cursor, intake),
        }
    }

    /// What reports call the format.
    fn name(self, lines: bool) -> &'static str {
        match (self, lines) {
            (Self::Jaeger | Self::JaegerSpan, true) => "Jaeger JSON lines",
            (Self::Jaeger | Self::JaegerSpan, false) => "Jaeger JSON document",
            (Self::Zipkin, true) => "Zipkin JSON lines",
            (Self::Zipkin, false) => "Zipkin JSON document",
            (Self::XRay | Self::XRayDocument, true) => "X-Ray segment lines",
            (Self::XRay | Self::XRayDocument, false) => "X-Ray segments document",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_told_by_their_keys() {
        for (json, told) in [
            (r#"{"traceID":"1","spans":[]}"#, Told::Spans(Dialect::Jaeger)),
            (r#"{"x":[1,{}],"processes":{}}"#, Told::Spans(Dialect::Jaeger)),
            (r#"{"traceID":"1","warnings":null,"spans":[]}"#, Told::Spans(Dialect::Jaeger)),
            (r#"{"traceID":"1","spanID":"2","process":{}}"#, Told::Spans(Dialect::JaegerSpan)),
            (r#"{"logs":[],"startTime":1,"spanID":"2","tags":[],"traceID":"1"}"#, Told::Spans(Dialect::JaegerSpan)),
            (r#"{"spanID":"2","logs":[{}],"traceID":"1","operationName":""}"#, Told::Spans(Dialect::JaegerSpan)),
            (r#"{"traceID":"1","spanID":"2","level":"error","message":"a log record"}"#, Told::Other),
            (r#"{"traceID":"1","spanID":"2","process":"worker-7","tags":[]}"#, Told::Other),
            (r#"{"traceID":"1","spanID":"2","message":"#, Told::Nothing),
            (r#"{"traceId":"1","name":"x","id":"2"}"#, Told::Spans(Dialect::Zipkin)),
            (r#"{"id":"1","trace_id":"1-2-3"}"#, Told::Spans(Dialect::XRay)),
            (r#"{"Id":"1","Document":"{}"}"#, Told::Spans(Dialect::XRayDocument)),
            (r#"{"data":[{"traceID":"1"}]}"#, Told::Other),
            (r#"{"resourceSpans":[]}"#, Told::Other),
            (r#"{"traceId":"1","spanId":"2"}"#, Told::Other),
            (r#"{"traceID":"1","message":"no trace, and no span"}"#, Told::Other),
            (r#"{"spanID":"1"}"#, Told::Other),
            (r#"{"_id":"1","_source":{"traceID":"1","spanID":"2"}}"#, Told::Other),
            (r#"{"traceID":"1""#, Told::Nothing),
            ("{}", Told::Other),
            ("[", Told::Other),
            (r#"{"x":{"#, Told::Nothing),
            ("{", Told::Nothing),
        ] {
            assert_eq!(Dialect::told(Cursor::new(json.as_bytes())), told, "{json}");
        }
    }
}
