//! The annotations of a Zipkin span: texts, in which OpenTelemetry's exporters hide events with their attributes.

use crate::read::attributes::Value;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, attribute};
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use std::borrow::Cow;

/// Reads the annotations of a span, as its events, and says whether one tells its own `endpoint`, as those of Zipkin's
/// first version do.
pub(crate) fn annotations<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<bool, Malformed> {
    let mut has_endpoint = false;
    cursor.elements(|cursor| {
        parts.begin_event();
        cursor.members(|cursor, field| {
            match field.bytes {
                b"value" => annotation(cursor.text()?, parts, intake),
                b"endpoint" => {
                    has_endpoint |= cursor.peek() == Some(b'{');
                    cursor.skip_value()?;
                }
                _ => cursor.skip_value()?,
            }
            Ok(())
        })?;
        parts.end_event(intake.sink.names());
        Ok(())
    })?;
    Ok(has_endpoint)
}

/// An event with attributes: its name, and the members of the object beside it.
type Event = (String, Vec<(String, Value<'static>)>);

fn annotation<'a, S: Sink>(text: Cow<'a, str>, parts: &mut SpanParts<'a>, intake: &mut Intake<'_, S>) {
    let Some((name, members)) = event(&text) else {
        parts.event_name = text;
        return;
    };
    parts.event_name = Cow::Owned(name);
    for (key, value) in members {
        attribute(&key, value, &mut parts.event_attributes, None, intake);
    }
}

/// The event that a text tells, in each of the ways in which exporters write it; `None` for any other text.
///
/// ```text
/// "name": {..}      SDKs, as the specification has it; some leave the quotes out
/// name|{..}|0       the collector, with the number of attributes that were dropped
/// {"name": {..}}    the SDK for Python
/// ```
fn event(text: &str) -> Option<Event> {
    let open = text.find('{')?;
    let (name, object) = text.split_at(open);
    let name = name.trim_end();
    if let Some(name) = name.strip_suffix(':') {
        let name = name.trim().trim_matches('"');
        return Some((name.to_owned(), whole_object(object)?));
    }
    if let Some(name) = name.strip_suffix('|') {
        let (object, dropped) = object.rsplit_once('|')?;
        return dropped.bytes().all(|byte| byte.is_ascii_digit()).then_some((name.to_owned(), whole_object(object)?));
    }
    if !name.is_empty() {
        return None;
    }
    let mut cursor = Cursor::new(object.as_bytes());
    cursor.at += 1;
    let key = cursor.next_key().ok()??;
    let inner = (cursor.peek()? == b'{').then(|| members(&mut cursor).ok())??;
    // Another member makes it an object of somebody else's.
    cursor.next_key().ok()?.is_none().then(|| (key.text().into_owned(), inner))
}

/// The members of the object that is all of `text`.
fn whole_object(text: &str) -> Option<Vec<(String, Value<'static>)>> {
    let mut cursor = Cursor::new(text.as_bytes());
    members(&mut cursor).ok().filter(|_| cursor.peek().is_none())
}

fn members(cursor: &mut Cursor<'_>) -> Result<Vec<(String, Value<'static>)>, Malformed> {
    let mut members = Vec::new();
    cursor.members(|cursor, key| {
        members.push((key.text().into_owned(), owned(json_tags::value(cursor)?)));
        Ok(())
    })?;
    Ok(members)
}

fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Str(_) | Value::Unread(_) => Value::Str(Cow::Owned(value.text(0).into_owned())),
        Value::Int(number) => Value::Int(number),
        Value::Double(number) => Value::Double(number),
        Value::Bool(truth) => Value::Bool(truth),
        Value::Empty | Value::Json(_) | Value::Proto(_) => Value::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_out_of_annotations() {
        let wanted = [Value::Str(Cow::Borrowed("a|b} \"")), Value::Int(1), Value::Empty];
        let object = r#"{"exception.message":"a|b} \"","n":1,"x":null}"#;
        for text in [
            format!("exception: {object}"),
            format!("\"exception\":{object}"),
            format!("exception|{object}|0"),
            format!("{{\"exception\": {object}}}"),
        ] {
            let (name, members) = event(&text).expect("an event");
            assert_eq!(name, "exception", "{text}");
            assert_eq!(members.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), wanted, "{text}");
        }
    }

    #[test]
    fn other_texts_are_names() {
        for text in [
            "",
            "sr",
            "a: {b",
            "use {x}: now",
            "a|{}",
            "a|{}|b",
            "a {\"b\":1}",
            "{}",
            "{",
            "x: {\"a\":1} y",
            "{\"a\": 1}",
            "{\"a\": {}, \"b\": {}}",
        ] {
            assert_eq!(event(text), None, "{text}");
        }
    }
}
