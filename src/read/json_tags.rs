//! Tags of Jaeger, Zipkin and X-Ray: plain JSON values that become attributes, and those that stand for span fields.

use crate::model::attribute_value::AttributeValue;
use crate::model::span::Status;
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::read::attributes::{Attributes, Value};
use crate::read::enum_words;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_number::integer;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::text::lossy;
use std::borrow::Cow;

/// The tags of one span that tell its status, until all of them were seen.
#[derive(Debug, Default)]
pub(crate) struct StatusTags<'a> {
    /// `otel.status_code`.
    pub(crate) code: Option<Status>,
    /// `otel.status_description`.
    pub(crate) description: Cow<'a, str>,
    /// `error`, which each dialect reads in its own way.
    pub(crate) error: Option<Value<'a>>,
}

/// Takes up one tag of a span, which begins at this place in the record.
pub(crate) fn span_tag<'a, S: Sink>(
    key: &str,
    value: Value<'a>,
    at: usize,
    parts: &mut SpanParts<'a>,
    status: &mut StatusTags<'a>,
    intake: &mut Intake<'_, S>,
) {
    match (key, value) {
        ("span.kind", Value::Str(word)) => parts.kind = kind(&word, at, intake),
        ("otel.status_code", Value::Str(word)) if !word.trim().is_empty() => {
            status.code = enum_words::status(word.trim().as_bytes());
            if status.code.is_none() {
                let expected = "OK, ERROR or UNSET; what else tells an error counts";
                intake.mend_malformed("otel.status_code of a span", Malformed { at, expected });
            }
        }
        ("otel.status_description", Value::Str(text)) => status.description = text,
        ("error", value) => status.error = Some(value),
        (key, value) => {
            span_field(key, &value, parts);
            attribute(key, value, &mut parts.attributes, Some(&mut parts.kept), intake);
        }
    }
}

/// Takes up a tag that stands for a field of OTLP's span (opentelemetry-specification, mapping to non-OTLP formats).
fn span_field<'a>(key: &str, value: &Value<'a>, parts: &mut SpanParts<'a>) {
    let count = || value.integer().map_or(0, |count| u32::try_from(count.max(0)).unwrap_or(u32::MAX));
    match key {
        "otel.dropped_attributes_count" => parts.dropped_attributes = count(),
        "otel.dropped_events_count" => parts.dropped_events = count(),
        "otel.dropped_links_count" => parts.dropped_links = count(),
        "w3c.tracestate" => {
            if let Value::Str(text) = value {
                parts.trace_state = text.clone();
            }
        }
        _ => {}
    }
}

/// Takes up one tag as an attribute. `kept` takes those that the user asked for.
pub(crate) fn attribute<'a, S: Sink>(
    key: &str,
    value: Value<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) {
    if let Some(kept) = kept
        && intake.keeps_any()
    {
        intake.keep(key.as_bytes(), &value, kept);
    }
    if let Some(known) = attributes.note(modern(key).as_bytes()) {
        attributes.put(known, value);
    }
}

/// The attribute key for what OpenTracing called otherwise.
fn modern(key: &str) -> &str {
    match key {
        "db.instance" => "db.name",
        "db.type" => "db.system",
        "message_bus.destination" => "messaging.destination",
        "peer.hostname" => "net.peer.name",
        "peer.ipv4" | "peer.ipv6" => "net.peer.ip",
        "peer.port" => "net.peer.port",
        _ => key,
    }
}

/// The span kind that a word of any case stands for. One that is not known is told, and none at all is not.
pub(crate) fn kind<S: Sink>(word: &str, at: usize, intake: &mut Intake<'_, S>) -> SpanKind {
    let word = word.trim().as_bytes();
    let known = enum_words::kind(word);
    if known.is_none() && !word.is_empty() {
        let expected = "client, server, producer, consumer or internal";
        intake.mend_malformed("the kind of a span", Malformed { at, expected });
    }
    known.unwrap_or_default()
}

/// Reads a plain JSON value; structures are kept as the text that they are.
pub(crate) fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Value<'a>, Malformed> {
    match cursor.peek() {
        Some(b'"') => return Ok(Value::Str(cursor.text()?)),
        Some(b'{' | b'[') => {
            let start = cursor.at;
            cursor.skip_value()?;
            return Ok(Value::Str(lossy(cursor.since(start))));
        }
        _ => {}
    }
    let word = cursor.word()?;
    Ok(match word {
        b"true" => Value::Bool(true),
        b"false" => Value::Bool(false),
        _ => match integer(word).and_then(|number| i64::try_from(number).ok()) {
            Some(number) => Value::Int(number),
            None => match std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()) {
                Some(number) => Value::Double(number),
                None => Value::Empty,
            },
        },
    })
}

/// Reads a time or duration with `read`. One that is none is told and counts as not given.
pub(crate) fn time<T: Default, S: Sink>(
    cursor: &mut Cursor<'_>,
    intake: &mut Intake<'_, S>,
    read: fn(&mut Cursor<'_>) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let start = cursor.at;
    read(cursor).or_else(|wrong| {
        cursor.resume_after(start, wrong)?;
        intake.mend_malformed("the time of a span", wrong);
        Ok(T::default())
    })
}

/// Reads microseconds, as nanoseconds, which 64 bits hold up to the year 2554.
pub(crate) fn micros(cursor: &mut Cursor<'_>) -> Result<u64, Malformed> {
    cursor.peek();
    let at = cursor.at;
    cursor.unsigned()?.checked_mul(1000).ok_or(Malformed { at, expected: "microseconds before the year 2554" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_of_every_type_are_read() {
        for (json, wanted) in [
            ("\"a\\nb\"", Value::Str(Cow::Borrowed("a\nb"))),
            (" 42", Value::Int(42)),
            ("-1.5", Value::Double(-1.5)),
            ("true", Value::Bool(true)),
            ("null", Value::Empty),
            ("[1, {}] ", Value::Str(Cow::Borrowed("[1, {}]"))),
        ] {
            assert_eq!(value(&mut Cursor::new(json.as_bytes())), Ok(wanted), "{json}");
        }
        assert!(value(&mut Cursor::new(b"{")).is_err());
    }

    #[test]
    fn times_beyond_64_bits_of_nanoseconds_are_none() {
        let read = |json: &str| micros(&mut Cursor::new(json.as_bytes()));
        assert_eq!(read("18446744073709551"), Ok(18_446_744_073_709_551_000));
        assert_eq!(read(" 18446744073709552").map_err(|wrong| wrong.at), Err(1));
    }
}
