//! The logs of a Jaeger span, and the key-value pairs that logs and tags are made of.

use crate::model::exception::ExceptionSource;
use crate::model::span::SEVERITY_ERROR;
use crate::read::attributes::Value;
use crate::read::codes;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, attribute};
use crate::read::sink::Sink;
use crate::read::span_events;
use crate::read::span_parts::SpanParts;
use std::borrow::Cow;

/// Reads an array of `{"key": .., "type": .., "value": ..}`. The type says nothing that the value does not say. A wrong
/// one costs only itself.
pub(crate) fn pairs<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    intake: &mut Intake<'_, S>,
    mut take: impl FnMut(&str, Value<'a>, &mut Intake<'_, S>),
) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        let start = cursor.at;
        match pair(cursor) {
            Ok((key, value)) => take(&key, value, intake),
            Err(wrong) => {
                cursor.resume_after(start, wrong)?;
                intake.mend_malformed("a tag", wrong);
            }
        }
        Ok(())
    })
}

/// Reads tags that are members of an object, as Jaeger stores them in Elasticsearch with `es.tags-as-fields`: there `@`
/// stands for each dot of a key.
pub(crate) fn tag_fields<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    intake: &mut Intake<'_, S>,
    mut take: impl FnMut(&str, Value<'a>, &mut Intake<'_, S>),
) -> Result<(), Malformed> {
    cursor.members(|cursor, key| {
        let (key, value) = (key.text(), json_tags::value(cursor)?);
        let key = if key.contains('@') { Cow::Owned(key.replace('@', ".")) } else { key };
        take(&key, value, intake);
        Ok(())
    })
}

fn pair<'a>(cursor: &mut Cursor<'a>) -> Result<(Cow<'a, str>, Value<'a>), Malformed> {
    let (mut key, mut value) = (Cow::Borrowed(""), Value::Empty);
    cursor.members(|cursor, field| {
        match field.bytes {
            b"key" => key = cursor.text()?,
            b"value" => value = json_tags::value(cursor)?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    Ok((key, value))
}

/// The fields of an `error` log as OpenTracing has them.
#[derive(Default)]
struct ErrorLog<'a> {
    kind: Option<Value<'a>>,
    message: Option<Value<'a>>,
    object: Option<Value<'a>>,
    /// `error`, as older versions of OpenTracing, and loggers that write to spans, call `error.object`.
    text: Option<Value<'a>>,
    stack: Option<Value<'a>>,
    /// Whether `level` says that it is an error.
    is_severe: bool,
}

/// Whether the field `error` holds what went wrong, and not whether something did.
fn is_error_text(text: &str) -> bool {
    !["", "true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// Reads the logs of a span, as its events.
pub(crate) fn logs<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        parts.begin_event();
        let (mut name, mut error) = (Cow::Borrowed(""), ErrorLog::default());
        cursor.members(|cursor, key| {
            if key.bytes != b"fields" {
                return cursor.skip_value();
            }
            pairs(cursor, intake, |key, value, intake| match (key, value) {
                ("event", Value::Str(text)) => name = text,
                ("message", value) => error.message = Some(value),
                ("error.kind", value) => error.kind = Some(value),
                ("error.object", value) => error.object = Some(value),
                ("error", Value::Str(text)) if is_error_text(&text) => error.text = Some(Value::Str(text)),
                ("stack", value) => error.stack = Some(value),
                (key, value) => {
                    if let ("level", Value::Str(word)) = (key, &value) {
                        error.is_severe = codes::severity(word) >= SEVERITY_ERROR;
                    }
                    attribute(key, value, &mut parts.event_attributes, None, intake);
                }
            })
        })?;
        settle_log(name, error, parts);
        parts.end_event(intake.sink.names());
        Ok(())
    })
}

fn settle_log<'a>(name: Cow<'a, str>, error: ErrorLog<'a>, parts: &mut SpanParts<'a>) {
    let attributes = &mut parts.event_attributes;
    // The name of such a log says nothing.
    let nameless = name.is_empty() || name.eq_ignore_ascii_case("error");
    let object = error.object.or(error.text);
    let told = name.eq_ignore_ascii_case("error") || error.kind.is_some() || object.is_some();
    let known = span_events::exception(attributes, ExceptionSource::SpanEvent).is_some();
    if told && !known {
        let message = error.message.filter(|text| !text.is_blank()).or(object);
        let message = message.or_else(|| (error.is_severe && !nameless).then(|| Value::Str(name.clone())));
        for (key, value) in [
            (&b"exception.type"[..], error.kind),
            (b"exception.message", message),
            (b"exception.stacktrace", error.stack),
        ] {
            if let (Some(value), Some(key)) = (value, attributes.note(key)) {
                attributes.put(key, value);
            }
        }
        parts.event_name = name;
        return;
    }
    let message = match error.message {
        Some(Value::Str(message)) => message,
        _ => Cow::Borrowed(""),
    };
    // A logger's record of an error, with nothing thrown: words, and no exception.
    if error.is_severe && !known {
        parts.tell_error(if message.is_empty() { name.clone() } else { message.clone() });
    }
    parts.event_name = if name.is_empty() { message } else { name };
}
