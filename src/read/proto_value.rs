//! Attributes and their values in OTLP protobuf (`common.proto`).

use crate::model::attribute_value::AttributeValue;
use crate::model::sym::Sym;
use crate::read::attributes::{Attributes, Value};
use crate::read::base64;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_value::{push_plain, push_string};
use crate::read::sink::Sink;
use crate::read::text::lossy;
use crate::read::wire::{Content, Wire};

/// How deep structured values are shown; what lies deeper is left out.
const MAX_DEPTH: usize = 100;

/// Reads one `KeyValue`. `kept`, which is there only where [`Intake::keeps_any`], takes it if it is one that is kept. A wrong one is
/// told and costs only itself.
#[inline]
pub(crate) fn attribute<'a, S: Sink>(
    pair: Wire<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) {
    if let Err(wrong) = try_attribute(pair, attributes, kept, intake) {
        intake.mend_malformed("an attribute", wrong);
    }
}

/// [`attribute`] for one that is seldom short.
pub(crate) fn long_attribute<'a, S: Sink>(
    pair: Wire<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) {
    if let Err(wrong) = any_attribute(pair, attributes, kept, intake) {
        intake.mend_malformed("an attribute", wrong);
    }
}

#[inline(always)]
fn try_attribute<'a, S: Sink>(
    pair: Wire<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if let Some((key, content)) = short_pair(pair.bytes) {
        let known = attributes.note(key);
        if let Some(kept) = kept {
            keep(key, pair.tail(content), kept, intake)?;
        }
        let Some(known) = known else { return Ok(()) };
        // Each sort has a line of its own: a value that may be of any sort is put together in one place of the memory and moved
        // to another, for which the core has to wait.
        match short_value(content) {
            Some(ShortValue::Text(text)) => attributes.put(known, Value::Unread(text)),
            Some(ShortValue::Int(number)) => attributes.put(known, Value::Int(number)),
            None => attributes.put(known, value(pair.tail(content))?),
        }
        return Ok(());
    }
    any_attribute(pair, attributes, kept, intake)
}

/// Keeps the attribute if its key is one that is kept.
fn keep<S: Sink>(
    key: &[u8],
    content: Wire<'_>,
    kept: &mut Vec<(Sym, AttributeValue)>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let value = match short_value(content.bytes) {
        Some(ShortValue::Text(text)) => Value::Unread(text),
        Some(ShortValue::Int(number)) => Value::Int(number),
        None => value(content)?,
    };
    intake.keep(key, &value, kept);
    Ok(())
}

/// Reads a `KeyValue` of any form.
#[inline(never)]
fn any_attribute<'a, S: Sink>(
    pair: Wire<'a>,
    attributes: &mut Attributes<'a>,
    kept: Option<&mut Vec<(Sym, AttributeValue)>>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let (key, content) = key_and_value(pair)?;
    if let Some(known) = attributes.note(key)
        && let Some(content) = content
    {
        attributes.put(known, value(content)?);
    }
    if let Some(kept) = kept {
        let content = content.map_or(Ok(Value::Empty), value)?;
        intake.keep(key, &content, kept);
    }
    Ok(())
}

/// Key and value of a `KeyValue` as every exporter writes it: a short key, a short value, nothing else.
#[inline(always)]
fn short_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [0x0a, key_length @ ..0x80, rest @ ..] = pair
        && let Some((key, [0x12, length @ ..0x80, value @ ..])) = rest.split_at_checked(usize::from(*key_length))
        && value.len() == usize::from(*length)
    {
        return Some((key, value));
    }
    None
}

/// An `AnyValue` as nearly all are: a short text, or a small number, and nothing else.
enum ShortValue<'a> {
    Text(&'a [u8]),
    Int(i64),
}

#[inline(always)]
fn short_value(value: &[u8]) -> Option<ShortValue<'_>> {
    match value {
        [0x0a, length @ ..0x80, text @ ..] if text.len() == usize::from(*length) => Some(ShortValue::Text(text)),
        [0x18, number @ ..0x80] => Some(ShortValue::Int(i64::from(*number))),
        [0x18, low @ 0x80..=0xff, high @ ..0x80] => {
            Some(ShortValue::Int(i64::from(*low & 0x7f) | i64::from(*high) << 7))
        }
        _ => None,
    }
}

fn key_and_value(mut pair: Wire<'_>) -> Result<(&[u8], Option<Wire<'_>>), Malformed> {
    if let Some((key, value)) = short_pair(pair.bytes) {
        return Ok((key, Some(pair.tail(value))));
    }
    let (mut key, mut value) = (&b""[..], None);
    while let Some(field) = pair.next_field()? {
        match field {
            (1, Content::Bytes(text)) => key = text.bytes,
            (2, Content::Bytes(message)) => value = Some(message),
            _ => {}
        }
    }
    Ok((key, value))
}

/// Reads one `AnyValue`.
pub(crate) fn value(message: Wire<'_>) -> Result<Value<'_>, Malformed> {
    let mut content = Value::Empty;
    let mut rest = message;
    while let Some(field) = rest.next_field()? {
        match field {
            (1, Content::Bytes(text)) => content = Value::unread(text.bytes),
            (2, Content::Varint(truth)) => content = Value::Bool(truth != 0),
            (3, Content::Varint(number)) => content = Value::Int(number.cast_signed()),
            (4, Content::Fixed64(bits)) => content = Value::Double(f64::from_bits(bits)),
            (5..=7, Content::Bytes(_)) => content = Value::Proto(message.bytes),
            _ => {}
        }
    }
    Ok(content)
}

/// A structured `AnyValue` as text: `{"a":1,"b":["x"]}`. Stops soon after `limit` bytes.
pub(crate) fn render(bytes: &[u8], limit: usize) -> String {
    let mut out = String::new();
    // What is broken in the middle is shown as far as it can be read.
    let _ = render_value(Wire::new(bytes, 0), &mut out, limit, MAX_DEPTH);
    out
}

fn render_value(message: Wire<'_>, out: &mut String, limit: usize, depth: usize) -> Result<(), Malformed> {
    if depth == 0 || out.len() > limit {
        out.push('…');
        return Ok(());
    }
    let whole = value(message)?;
    if !matches!(whole, Value::Proto(_)) {
        push_plain(&whole, out);
        return Ok(());
    }
    let mut rest = message;
    while let Some(field) = rest.next_field()? {
        match field {
            (5, Content::Bytes(list)) => render_list(list, out, limit, depth, false)?,
            (6, Content::Bytes(list)) => render_list(list, out, limit, depth, true)?,
            (7, Content::Bytes(raw)) => {
                out.push('"');
                base64::encode(&raw.bytes[..raw.bytes.len().min(limit)], out);
                out.push('"');
            }
            _ => {}
        }
    }
    Ok(())
}

fn render_list(mut list: Wire<'_>, out: &mut String, limit: usize, depth: usize, keyed: bool) -> Result<(), Malformed> {
    let (open, close) = if keyed { ('{', '}') } else { ('[', ']') };
    out.push(open);
    let mut first = true;
    while let Some(field) = list.next_field()? {
        let (1, Content::Bytes(element)) = field else { continue };
        if out.len() > limit {
            break;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        if !keyed {
            render_value(element, out, limit, depth - 1)?;
            continue;
        }
        let (key, content) = key_and_value(element)?;
        push_string(&lossy(key), out);
        out.push(':');
        match content {
            Some(content) => render_value(content, out, limit, depth - 1)?,
            None => out.push_str("null"),
        }
    }
    out.push(close);
    Ok(())
}
