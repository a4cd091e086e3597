//! One OTLP export request as it comes over the network or from a segment: its signal and encoding are known.

use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::read::file_report::FileReport;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_request::{self, NOT_TELEMETRY};
use crate::read::kept_record::RequestKind;
use crate::read::known::Known;
use crate::read::options::ReadOptions;
use crate::read::proto_request;
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::wire::Wire;

/// What a request is called in messages.
const UNIT: &str = "request";

/// Decodes requests into one sink, and remembers what they repeat.
#[derive(Debug, Default)]
pub struct RequestReader {
    options: ReadOptions,
    known: Known,
}

impl RequestReader {
    /// A reader that has read nothing yet.
    #[must_use]
    pub fn new(options: ReadOptions) -> Self {
        Self { options, known: Known::default() }
    }

    /// Decodes a request into `sink`, which must be the same for all requests of this reader. What of it cannot be used is in
    /// the report.
    ///
    /// # Errors
    ///
    /// When it is no request at all, or only the start of one: then nothing went to the sink. The text says what was expected,
    /// and where.
    pub fn read<S: Sink>(&mut self, kind: RequestKind, bytes: &[u8], sink: &mut S) -> Result<FileReport, String> {
        if !kind.is_json() {
            return self.decode(kind, bytes, sink);
        }
        // That brackets do not match, or a name is none, may show behind the first spans.
        let mut held = Held { names: sink.names(), spans: Vec::new(), logs: Vec::new() };
        let report = self.decode(kind, bytes, &mut held)?;
        let Held { spans, logs, .. } = held;
        spans.into_iter().for_each(|span| sink.span(span));
        logs.into_iter().for_each(|log| sink.log(log));
        Ok(report)
    }

    fn decode<S: Sink>(&mut self, kind: RequestKind, bytes: &[u8], sink: &mut S) -> Result<FileReport, String> {
        let refused = |wrong: Malformed| format!("expected {} at byte {}", wrong.expected, wrong.at);
        is_whole(kind, bytes).map_err(refused)?;
        let mut report = FileReport::default();
        let mut intake = Intake::new(sink, &self.options, &mut report, UNIT, &mut self.known);
        intake.begin(1, 0);
        payload(kind, bytes, 0, &mut intake).map_err(refused)?;
        // A request may hold nothing, and fields that are not known: that is nothing wrong.
        if report.skipped.first().is_some_and(|skipped| skipped.reason == NOT_TELEMETRY) {
            report.skipped.clear();
            report.skipped_total = 0;
        }
        Ok(report)
    }
}

/// Holds what was read of a request until all of it was.
struct Held<'n> {
    names: &'n mut Names,
    spans: Vec<LooseSpan>,
    logs: Vec<LogEvent>,
}

impl Sink for Held<'_> {
    fn names(&mut self) -> &mut Names {
        self.names
    }

    fn span(&mut self, span: LooseSpan) {
        self.spans.push(span);
    }

    fn log(&mut self, log: LogEvent) {
        self.logs.push(log);
    }
}

/// Whether the outermost parts of a request are all there.
fn is_whole(kind: RequestKind, bytes: &[u8]) -> Result<(), Malformed> {
    if !kind.is_json() {
        let mut message = Wire::new(bytes, 0);
        while message.next_field()?.is_some() {}
        return Ok(());
    }
    let mut cursor = Cursor::new(bytes);
    if cursor.peek() != Some(b'{') {
        return Err(cursor.malformed("a JSON object"));
    }
    cursor.skip_value()?;
    match cursor.peek() {
        None => Ok(()),
        Some(_) => Err(cursor.malformed("the end of the request")),
    }
}

/// Reads the request that starts `at` bytes into its record. An error stands where the intake, as it is then, counts from.
pub(crate) fn payload<S: Sink>(
    kind: RequestKind,
    bytes: &[u8],
    at: usize,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    intake.last_signal = if kind.is_logs() { Signal::Logs } else { Signal::Traces };
    match kind {
        RequestKind::TracesProtobuf | RequestKind::LogsProtobuf => proto_request::request(Wire::new(bytes, at), intake),
        RequestKind::TracesJson | RequestKind::LogsJson => {
            // Places in JSON are counted from where it begins.
            intake.offset += at as u64;
            json_request::requests(bytes, intake)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::sink::Gathered;

    fn read(kind: RequestKind, bytes: &[u8]) -> Result<u64, String> {
        let mut gathered = Gathered::default();
        let outcome = RequestReader::default().read(kind, bytes, &mut gathered);
        if outcome.is_err() {
            assert!(gathered.spans.is_empty() && gathered.logs.is_empty());
        }
        outcome.map(|report| report.spans)
    }

    #[test]
    fn of_a_request_that_is_broken_behind_its_first_spans_nothing_is_taken() {
        let span = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001"}"#;
        let request = |end: &str| format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]{end}"#);
        assert_eq!(read(RequestKind::TracesJson, request("}]}").as_bytes()), Ok(1));
        // As many brackets are closed as were opened, and not the same; a name is none.
        for end in ["}},{}]", "}],7:1}"] {
            assert!(read(RequestKind::TracesJson, request(end).as_bytes()).is_err(), "{end}");
        }
    }

    #[test]
    fn the_start_of_a_request_is_none() {
        let json = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001"}]}]}]}"#;
        assert_eq!(read(RequestKind::TracesJson, json), Ok(1));
        let span = [&[0x0a, 16][..], &[1; 16], &[0x12, 8], &[2; 8]].concat();
        let wrap = |tag: u8, inner: &[u8]| [&[tag, u8::try_from(inner.len()).expect("short")], inner].concat();
        let protobuf = wrap(0x0a, &wrap(0x12, &wrap(0x12, &span)));
        assert_eq!(read(RequestKind::TracesProtobuf, &protobuf), Ok(1));
        for end in 1..json.len() {
            assert!(read(RequestKind::TracesJson, &json[..end]).is_err(), "JSON cut at {end}");
        }
        for end in 1..protobuf.len() {
            assert!(read(RequestKind::TracesProtobuf, &protobuf[..end]).is_err(), "protobuf cut at {end}");
        }
        assert_eq!(read(RequestKind::TracesProtobuf, b""), Ok(0));
        assert_eq!(read(RequestKind::TracesJson, b"{}"), Ok(0));
        for wrong in [&b"[]"[..], b"null", b"", b"{} {}", b"hello"] {
            assert!(read(RequestKind::LogsJson, wrong).is_err());
        }
    }
}
