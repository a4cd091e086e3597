//! Telling spans, log records and metrics apart in protobuf.
//!
//! The three export requests have one shape: field 1 holds resource blocks, whose field 2 holds scopes, whose field 2
//! holds records. Only the fields of the records differ.

use crate::read::codes;
use crate::read::signal::Signal;
use crate::read::wire::{Content, Wire};

/// How many records of a block are asked before the guess is taken.
const RECORDS_ASKED: usize = 64;

/// What a resource block holds; `guess` when its records do not tell.
pub(crate) fn signal_of(block: Wire<'_>, guess: Signal) -> Signal {
    let mut weak = None;
    let records =
        messages(block, |field| matches!(field, 2 | 1000)).flat_map(|scope| messages(scope, |field| field == 2));
    for record in records.take(RECORDS_ASKED) {
        match ask(record) {
            (Some(signal), true) => return signal,
            (Some(signal), false) => weak = weak.or(Some(signal)),
            _ => {}
        }
    }
    weak.unwrap_or(guess)
}

/// The embedded messages of a message in fields that `wanted` accepts. Ends where the message is malformed.
fn messages<'a>(mut message: Wire<'a>, wanted: fn(u32) -> bool) -> impl Iterator<Item = Wire<'a>> {
    std::iter::from_fn(move || {
        while let Ok(Some((field, content))) = message.next_field() {
            if let Content::Bytes(inner) = content
                && wanted(field)
            {
                return Some(inner);
            }
        }
        None
    })
}

/// What one record looks like, and whether that is certain.
fn ask(mut record: Wire<'_>) -> (Option<Signal>, bool) {
    let (mut weak, mut hint) = (None, None);
    while let Ok(Some((field, content))) = record.next_field() {
        match (field, content) {
            // Times, kind, flags, status and links of a span: in a log record or metric they are of another type.
            (7 | 8, Content::Fixed64(_)) | (6, Content::Varint(_)) | (16, Content::Fixed32(_)) => {
                return (Some(Signal::Traces), true);
            }
            (13 | 15, Content::Bytes(_)) => return (Some(Signal::Traces), true),
            // Times, severity, attributes and flags of a log record.
            (1 | 11, Content::Fixed64(_)) | (2, Content::Varint(_)) | (8, Content::Fixed32(_)) => {
                return (Some(Signal::Logs), true);
            }
            (6, Content::Bytes(_)) => return (Some(Signal::Logs), true),
            (10, Content::Bytes(id)) if id.bytes.len() == 8 => weak = Some(Signal::Logs),
            // A wrong span id, or the histogram of a metric, which has a name; the severity's text, where a span has
            // `key=value` and a metric, with a name, its unit.
            (10, Content::Bytes(_)) => hint = Some(Signal::Logs),
            (3, Content::Bytes(text)) if is_severity(text.bytes) => hint = Some(Signal::Logs),
            // A trace id, unless it reads like the name of a metric that is by chance as long.
            (1, Content::Bytes(id)) if id.bytes.len() == 16 && !id.bytes.iter().all(u8::is_ascii_graphic) => {
                weak = Some(Signal::Traces);
            }
            // The sum of a metric: a span has a fixed number there, a log record another.
            (7, Content::Bytes(_)) => return (Some(Signal::Metrics), true),
            (1, Content::Bytes(name)) if std::str::from_utf8(name.bytes).is_ok() && !name.bytes.is_empty() => {
                weak = weak.or(Some(Signal::Metrics));
            }
            _ => {}
        }
    }
    (weak.or(hint), false)
}

fn is_severity(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| codes::severity(text) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogram, Metric, ResourceMetrics, ScopeMetrics, Sum};
    use prost::Message;

    fn signal_of_log(record: LogRecord) -> Signal {
        let scope = ScopeLogs { log_records: vec![record], ..ScopeLogs::default() };
        let block = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() }.encode_to_vec();
        signal_of(Wire::new(&block, 0), Signal::Traces)
    }

    #[test]
    fn log_records_that_tell_next_to_nothing_are_told_by_their_severity_or_a_wrong_id() {
        let of_severity = |text: &str| LogRecord { severity_text: text.to_owned(), ..LogRecord::default() };
        assert_eq!(signal_of_log(of_severity("ERROR")), Signal::Logs);
        assert_eq!(signal_of_log(of_severity("vendor=1")), Signal::Traces, "like the state of a trace");
        let wrong_id = LogRecord { span_id: vec![1, 0, 0, 0, 0], ..LogRecord::default() };
        assert_eq!(signal_of_log(wrong_id), Signal::Logs);
    }

    #[test]
    fn a_metric_with_the_unit_of_a_severity_and_a_histogram_is_none() {
        let name = || "lines".to_owned();
        let histogram =
            Data::ExponentialHistogram(ExponentialHistogram { aggregation_temporality: 1, ..Default::default() });
        for data in [histogram, Data::Sum(Sum::default())] {
            let metric = Metric { name: name(), unit: "ERROR".to_owned(), data: Some(data), ..Metric::default() };
            let scope = ScopeMetrics { metrics: vec![metric], ..ScopeMetrics::default() };
            let block = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() }.encode_to_vec();
            assert_eq!(signal_of(Wire::new(&block, 0), Signal::Traces), Signal::Metrics);
        }
    }
}
