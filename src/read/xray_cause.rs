//! The cause of an X-Ray segment: exceptions with their stacks.

use crate::read::attributes::Value;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, attribute};
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::text::STACKTRACE_BYTES;
use std::borrow::Cow;

/// Reads a cause. A string in its place points to an exception of another segment, which is read there.
pub(crate) fn cause<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        if key.bytes == b"message" {
            parts.status_message = cursor.text()?;
        } else if key.bytes == b"exceptions" && cursor.peek() == Some(b'[') {
            cursor.at += 1;
            while cursor.next_element()? {
                exception(cursor, parts, intake)?;
            }
        } else {
            cursor.skip_value()?;
        }
    }
    Ok(())
}

fn exception<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let (mut kind, mut message, mut stack) = (Cow::Borrowed(""), Cow::Borrowed(""), String::new());
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key.bytes {
            b"type" => kind = cursor.text()?,
            b"message" => message = cursor.text()?,
            b"stack" if cursor.peek() == Some(b'[') => {
                cursor.at += 1;
                while cursor.next_element()? {
                    frame(cursor, &mut stack)?;
                }
            }
            _ => cursor.skip_value()?,
        }
    }
    // OpenTelemetry's exporter writes the message of a status as an exception that is nothing but its message.
    if kind.is_empty() && stack.is_empty() {
        if parts.status_message.is_empty() {
            parts.status_message = message;
        }
        return Ok(());
    }
    parts.begin_event();
    let stack = Cow::Owned(stack);
    for (key, text) in [("exception.type", kind), ("exception.message", message), ("exception.stacktrace", stack)] {
        attribute(key, Value::Str(text), &mut parts.event_attributes, None, intake);
    }
    parts.end_event(intake.sink.names());
    Ok(())
}

/// Appends one frame as a line: `label (path:line)`.
fn frame(cursor: &mut Cursor<'_>, stack: &mut String) -> Result<(), Malformed> {
    let (mut path, mut line, mut label) = (Cow::Borrowed(""), Value::Empty, Cow::Borrowed(""));
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key.bytes {
            b"path" => path = cursor.text()?,
            b"line" => line = json_tags::value(cursor)?,
            b"label" => label = cursor.text()?,
            _ => cursor.skip_value()?,
        }
    }
    if stack.len() <= STACKTRACE_BYTES {
        let gap = if stack.is_empty() { "" } else { "\n" };
        stack.extend([gap, &label, " (", &path, ":", &line.text(0), ")"]);
    }
    Ok(())
}
