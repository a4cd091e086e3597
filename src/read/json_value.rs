//! Attributes and their values in OTLP/JSON.

use crate::model::attribute_value::AttributeValue;
use crate::model::sym::Sym;
use crate::read::attributes::{Attributes, Value};
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_number::integer;
use crate::read::sink::Sink;
use std::borrow::Cow;
use std::fmt::Write;

/// How deep structured values are shown; what lies deeper is left out.
const MAX_DEPTH: usize = 100;

/// Reads an array of key-value pairs. `kept` takes those that the user asked for. A wrong one costs only itself.
pub(crate) fn attributes<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut kept = kept.filter(|_| intake.keeps_any());
    if !cursor.open_array()? {
        return Ok(());
    }
    loop {
        while let Some((key, content)) = usual_pair(cursor) {
            let known = attributes.note(key);
            if known.is_none() && kept.is_none() {
                continue;
            }
            let value = content.value();
            if let Some(kept) = kept.as_deref_mut() {
                intake.keep(key, &value, kept);
            }
            if let Some(known) = known {
                attributes.put(known, value);
            }
        }
        if !cursor.next_element()? {
            return Ok(());
        }
        let start = cursor.at;
        if let Err(wrong) = attribute(cursor, attributes, kept.as_deref_mut(), intake) {
            cursor.resume_after(start, wrong)?;
            intake.mend_malformed("an attribute", wrong);
        }
    }
}

/// The content of an `AnyValue` as [`usual_pair`] finds it.
enum Usual<'a> {
    Text(&'a [u8]),
    Digits(&'a [u8]),
    Truth(bool),
}

impl<'a> Usual<'a> {
    /// What [`value`] makes of it.
    #[inline(always)]
    fn value(self) -> Value<'a> {
        match self {
            Self::Text(text) => Value::unread(text),
            Self::Digits(word) => int(word).unwrap_or(Value::Empty),
            Self::Truth(truth) => Value::Bool(truth),
        }
    }
}

/// The next pair of an array, and the comma before it, if the pair is written as every exporter writes nearly all of them:
/// without blanks or escapes, the key first, the value a text, an integer in quotes or a truth value. Where it is not, the
/// cursor stays.
///
/// ```text
/// ,{"key":"http.route","value":{"stringValue":"/api/cart"}}
/// ```
#[inline(always)]
fn usual_pair<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], Usual<'a>)> {
    let mut here = cursor.clone();
    here.eat_exactly(b",");
    if !here.eat_exactly(b"{\"key\":\"") {
        return None;
    }
    let key = here.rest_of_string()?;
    if key.escaped || !here.eat_exactly(b",\"value\":{\"") {
        return None;
    }
    let content = if here.eat_exactly(b"stringValue\":\"") {
        let text = here.rest_of_string()?;
        if text.escaped {
            return None;
        }
        Usual::Text(text.bytes)
    } else if here.eat_exactly(b"intValue\":\"") {
        Usual::Digits(here.rest_of_string()?.bytes)
    } else if here.eat_exactly(b"boolValue\":") {
        let truth = here.eat_exactly(b"true");
        if !truth && !here.eat_exactly(b"false") {
            return None;
        }
        Usual::Truth(truth)
    } else {
        return None;
    };
    if !here.eat_exactly(b"}}") {
        return None;
    }
    cursor.at = here.at;
    Some((key.bytes, content))
}

/// The integer that a word spells, if it is one and fits.
fn int<'a>(word: &[u8]) -> Option<Value<'a>> {
    integer(word).and_then(|number| i64::try_from(number).ok()).map(Value::Int)
}

#[inline]
fn attribute<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if kept.is_none() && cursor.eat(b"{\"key\":\"") {
        // As every exporter writes it. The cursor stands behind the quote, so step back onto it.
        cursor.at -= 1;
        let Some(raw) = cursor.string()? else { return Ok(()) };
        let Some(key) = attributes.note(&raw.text_bytes()) else { return cursor.skip_to_close(1) };
        while let Some(field) = cursor.next_key()? {
            if field.bytes == b"value" {
                attributes.put(key, value(cursor)?);
            } else {
                cursor.skip_value()?;
            }
        }
        return Ok(());
    }
    let Some((key, value)) = pair(cursor)? else { return Ok(()) };
    if let Some(known) = attributes.note(key.as_bytes()) {
        attributes.put(known, value.clone());
    }
    if let Some(kept) = kept {
        intake.keep(key.as_bytes(), &value, kept);
    }
    Ok(())
}

/// One `{"key": .., "value": ..}` with its members in any order; `None` when it has no key.
fn pair<'a>(cursor: &mut Cursor<'a>) -> Result<Option<(Cow<'a, str>, Value<'a>)>, Malformed> {
    if !cursor.open_object()? {
        return Ok(None);
    }
    let (mut key, mut content) = (None, Value::Empty);
    while let Some(field) = cursor.next_key()? {
        match field.bytes {
            b"key" => key = cursor.string()?,
            b"value" => content = value(cursor)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(key.map(|key| (key.text(), content)))
}

/// Reads one `AnyValue`.
pub(crate) fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Value<'a>, Malformed> {
    cursor.peek();
    let start = cursor.at;
    let mut content = Value::Empty;
    if !cursor.open_object()? {
        return Ok(content);
    }
    while let Some(field) = cursor.next_key()? {
        match field.bytes {
            b"stringValue" | b"string_value" => {
                if let Some(raw) = cursor.string()? {
                    content = raw.value();
                }
            }
            b"intValue" | b"int_value" => {
                content = cursor.loose_word()?.and_then(int).unwrap_or(content);
            }
            b"doubleValue" | b"double_value" => {
                let word = cursor.loose_word()?.and_then(|word| std::str::from_utf8(word).ok());
                content = word.and_then(|word| word.parse().ok()).map_or(content, Value::Double);
            }
            b"boolValue" | b"bool_value" => match cursor.loose_word()? {
                Some(b"true") => content = Value::Bool(true),
                Some(b"false") => content = Value::Bool(false),
                _ => {}
            },
            b"arrayValue" | b"array_value" | b"kvlistValue" | b"kvlist_value" | b"bytesValue" | b"bytes_value" => {
                let nothing = cursor.peek() == Some(b'n');
                cursor.skip_value()?;
                if !nothing {
                    content = Value::Json(b"");
                }
            }
            _ => cursor.skip_value()?,
        }
    }
    Ok(if matches!(content, Value::Json(_)) { Value::Json(cursor.since(start)) } else { content })
}

/// A structured `AnyValue` as text: `{"a":1,"b":["x"]}`. Stops soon after `limit` bytes.
pub(crate) fn render(bytes: &[u8], limit: usize) -> String {
    let mut out = String::new();
    // What is broken in the middle is shown as far as it can be read.
    let _ = render_value(&mut Cursor::new(bytes), &mut out, limit, MAX_DEPTH);
    out
}

fn render_value(cursor: &mut Cursor<'_>, out: &mut String, limit: usize, depth: usize) -> Result<(), Malformed> {
    if depth == 0 || out.len() > limit {
        out.push('…');
        return cursor.skip_value();
    }
    cursor.peek();
    let start = cursor.at;
    let whole = value(cursor)?;
    if !matches!(whole, Value::Json(_)) {
        push_plain(&whole, out);
        return Ok(());
    }
    let end = cursor.at;
    cursor.at = start;
    if cursor.open_object()? {
        while let Some(field) = cursor.next_key()? {
            match field.bytes {
                b"arrayValue" | b"array_value" => render_list(cursor, out, limit, depth, false)?,
                b"kvlistValue" | b"kvlist_value" => render_list(cursor, out, limit, depth, true)?,
                b"bytesValue" | b"bytes_value" => push_string(&cursor.text()?, out),
                _ => cursor.skip_value()?,
            }
        }
    }
    cursor.at = end;
    Ok(())
}

fn render_list(
    cursor: &mut Cursor<'_>,
    out: &mut String,
    limit: usize,
    depth: usize,
    keyed: bool,
) -> Result<(), Malformed> {
    let (open, close) = if keyed { ('{', '}') } else { ('[', ']') };
    out.push(open);
    let mut first = true;
    if cursor.open_object()? {
        while let Some(field) = cursor.next_key()? {
            if field.bytes != b"values" || !cursor.open_array()? {
                if field.bytes != b"values" {
                    cursor.skip_value()?;
                }
                continue;
            }
            while cursor.next_element()? {
                if out.len() > limit {
                    cursor.skip_value()?;
                    continue;
                }
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                if keyed {
                    render_pair(cursor, out, limit, depth)?;
                } else {
                    render_value(cursor, out, limit, depth - 1)?;
                }
            }
        }
    }
    out.push(close);
    Ok(())
}

fn render_pair(cursor: &mut Cursor<'_>, out: &mut String, limit: usize, depth: usize) -> Result<(), Malformed> {
    let (mut key, mut content) = (Cow::Borrowed(""), None);
    if cursor.open_object()? {
        while let Some(field) = cursor.next_key()? {
            match field.bytes {
                b"key" => key = cursor.text()?,
                b"value" => {
                    content = Some(cursor.at);
                    cursor.skip_value()?;
                }
                _ => cursor.skip_value()?,
            }
        }
    }
    push_string(&key, out);
    out.push(':');
    let end = cursor.at;
    match content {
        Some(at) => {
            cursor.at = at;
            render_value(cursor, out, limit, depth - 1)?;
        }
        None => out.push_str("null"),
    }
    cursor.at = end;
    Ok(())
}

/// Appends a value that is not a structure, strings in quotes.
pub(crate) fn push_plain(value: &Value<'_>, out: &mut String) {
    match (value.str(), value) {
        (Some(text), _) => push_string(&text, out),
        (None, Value::Empty) => out.push_str("null"),
        (None, other) => out.push_str(&other.text(0)),
    }
}

/// Appends `text` in quotes, escaped as JSON has it.
pub(crate) fn push_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The content of `text` if it is itself a JSON string, else `text`.
pub(crate) fn unquoted(text: &str) -> Cow<'_, str> {
    let mut cursor = Cursor::new(text.as_bytes());
    if cursor.peek() == Some(b'"')
        && let Ok(Some(inner)) = cursor.string()
        && cursor.peek().is_none()
    {
        return inner.text();
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value<'_> {
        value(&mut Cursor::new(json.as_bytes())).expect("a value")
    }

    #[test]
    fn values_of_every_type_are_read() {
        assert_eq!(read(r#"{"intValue":"42"}"#), Value::Int(42));
        assert_eq!(read(r#"{"intValue":1.7e18}"#), Value::Int(1_700_000_000_000_000_000));
        assert_eq!(read(r#"{"doubleValue":1.5}"#), Value::Double(1.5));
        assert_eq!(read(r#"{"bool_value":true}"#), Value::Bool(true));
        for nothing in ["{}", "null", r#"{"stringValue":null}"#, r#"{"arrayValue":null}"#, r#"{"x":[{}]}"#, "7"] {
            assert_eq!(read(nothing), Value::Empty);
        }
    }

    #[test]
    fn structures_are_shown_compactly() {
        let json = r#"{"kvlistValue":{"values":[{"value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"a\"b"},{}]}},
            "key":"list"},{"key":"raw","value":{"bytesValue":"AAE="}},{"key":"none"}]}}"#;
        assert_eq!(read(json).text(1000), r#"{"list":[1,"a\"b",null],"raw":"AAE=","none":null}"#);
    }

    #[test]
    fn deep_structures_are_cut() {
        let json = [r#"{"arrayValue":{"values":["#.repeat(5000), "]}}".repeat(5000)].concat();
        assert!(read(&json).text(1 << 20).contains('…'));
    }

    #[test]
    fn json_text_is_taken_out_of_its_quotes() {
        assert_eq!(unquoted("\"on\""), "on");
        assert_eq!(unquoted("on"), "on");
        assert_eq!(unquoted("\"on\" and off"), "\"on\" and off");
    }
}
