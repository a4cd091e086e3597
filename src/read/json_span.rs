//! One span in OTLP/JSON.

use crate::model::ids::{SpanId, TraceId};
use crate::model::span::Link;
use crate::model::span_kind::SpanKind;
use crate::model::time::Nanos;
use crate::read::attributes::Value;
use crate::read::enum_words;
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_number::{digits, loose_number};
use crate::read::json_string::Raw;
use crate::read::json_value;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;

/// Reads the span at the cursor into `parts`. A field whose value is wrong costs only itself.
pub(crate) fn span<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    loop {
        while usual_field(cursor, parts) {}
        let Some(field) = cursor.next_key()? else { return Ok(()) };
        let start = cursor.at;
        if let Err(wrong) = value(field, cursor, parts, intake) {
            cursor.resume_after(start, wrong)?;
            intake.mend_malformed("a field of a span", wrong);
        }
    }
}

/// Reads the next field, and the comma before it, if it is one of those that every span has and is written as every exporter
/// writes it: without blanks, ids as digits, times as digits in quotes. Where it is not, the cursor stays, and the field is
/// read as any other.
#[inline(always)]
fn usual_field<'a>(cursor: &mut Cursor<'a>, parts: &mut SpanParts<'a>) -> bool {
    let mut here = cursor.clone();
    here.eat_exactly(b",");
    let taken = match here.ahead::<4>() {
        Some(b"\"tra") => {
            here.eat_exactly(b"\"traceId\":\"")
                && take_id(&mut here, &mut parts.trace, |digits: &[u8; 32]| TraceId::from_hex(digits))
        }
        Some(b"\"spa") => {
            here.eat_exactly(b"\"spanId\":\"")
                && take_id(&mut here, &mut parts.id, |digits: &[u8; 16]| SpanId::from_hex(digits))
        }
        Some(b"\"par") => {
            here.eat_exactly(b"\"parentSpanId\":\"")
                && take_id(&mut here, &mut parts.parent, |digits: &[u8; 16]| SpanId::from_hex(digits))
        }
        Some(b"\"nam") => here.eat_exactly(b"\"name\":\"") && take_name(&mut here, &mut parts.name),
        Some(b"\"kin") => here.eat_exactly(b"\"kind\":") && take_kind(&mut here, &mut parts.kind),
        Some(b"\"fla") => here.eat_exactly(b"\"flags\":") && take_flags(&mut here, &mut parts.trace_flags),
        Some(b"\"sta") => {
            here.eat_exactly(b"\"startTimeUnixNano\":\"") && take_time(&mut here, &mut parts.time.start)
                || here.eat_exactly(b"\"status\":{}")
        }
        Some(b"\"end") => here.eat_exactly(b"\"endTimeUnixNano\":\"") && take_time(&mut here, &mut parts.time.end),
        _ => false,
    };
    if taken {
        cursor.at = here.at;
    }
    taken
}

/// Takes an id of so many digits, or an empty one, and the quote behind it.
#[inline(always)]
fn take_id<const DIGITS: usize, I: Default>(
    here: &mut Cursor<'_>,
    id: &mut I,
    read: impl Fn(&[u8; DIGITS]) -> Option<I>,
) -> bool {
    if here.eat_exactly(b"\"") {
        *id = I::default();
        return true;
    }
    let Some(digits) = here.ahead::<DIGITS>() else { return false };
    let Some(told) = read(digits) else { return false };
    here.at += DIGITS;
    put_if(here.eat_exactly(b"\""), id, told)
}

/// Puts what was read into its place if the field ends where it should: the start of something longer is nothing.
#[inline(always)]
fn put_if<T>(ends: bool, place: &mut T, told: T) -> bool {
    if ends {
        *place = told;
    }
    ends
}

#[inline(always)]
fn take_name<'a>(here: &mut Cursor<'a>, name: &mut Value<'a>) -> bool {
    let Some(told) = here.rest_of_string() else { return false };
    *name = told.value();
    true
}

/// Takes the number of a kind: one digit, with which the field ends.
#[inline(always)]
fn take_kind(here: &mut Cursor<'_>, kind: &mut SpanKind) -> bool {
    let Some([digit @ b'0'..=b'5', b',' | b'}']) = here.ahead::<2>() else { return false };
    *kind = SpanKind::from_otlp(u64::from(digit - b'0'));
    here.at += 1;
    true
}

/// Takes flags: up to nine digits, with which the field ends.
#[inline(always)]
fn take_flags(here: &mut Cursor<'_>, flags: &mut u32) -> bool {
    let mut number = 0;
    for _ in 0..=9 {
        match here.ahead::<1>() {
            Some([digit @ b'0'..=b'9']) if number < 100_000_000 => number = 10 * number + u32::from(digit - b'0'),
            Some(b"," | b"}") => {
                *flags = number;
                return true;
            }
            _ => return false,
        }
        here.at += 1;
    }
    false
}

/// Takes a time between 2001 and 2286: nineteen digits, and the quote behind them.
#[inline(always)]
fn take_time(here: &mut Cursor<'_>, time: &mut Nanos) -> bool {
    let Some(told) = here.ahead::<19>().and_then(|word| digits(word)) else { return false };
    here.at += 19;
    put_if(here.eat_exactly(b"\""), time, Nanos(told))
}

#[inline(always)]
fn value<'a, S: Sink>(
    field: Raw<'a>,
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    match field.bytes {
        b"traceId" | b"trace_id" => {
            id_text::put(&mut parts.trace, &mut parts.wrong_id, "traceId", cursor.plain_bytes()?, id_text::trace_id);
        }
        b"spanId" | b"span_id" => {
            id_text::put(&mut parts.id, &mut parts.wrong_id, "spanId", cursor.plain_bytes()?, id_text::span_id);
        }
        b"parentSpanId" | b"parent_span_id" => {
            id_text::put(
                &mut parts.parent,
                &mut parts.wrong_reference,
                "parentSpanId",
                cursor.plain_bytes()?,
                id_text::span_id,
            );
        }
        b"name" => parts.name = cursor.string()?.map_or(Value::Empty, Raw::value),
        b"kind" => parts.kind = known_word(cursor, "the kind of a span", enum_words::kind, enum_words::KIND, intake)?,
        b"startTimeUnixNano" | b"start_time_unix_nano" => parts.time.start = Nanos(cursor.unsigned()?),
        b"endTimeUnixNano" | b"end_time_unix_nano" => parts.time.end = Nanos(cursor.unsigned()?),
        b"attributes" => {
            json_value::attributes(cursor, &mut parts.attributes, Some(&mut parts.kept), intake)?;
        }
        b"events" => events(cursor, parts, intake)?,
        b"links" => links(cursor, parts)?,
        b"status" => status(cursor, parts, intake)?,
        b"droppedEventsCount" | b"dropped_events_count" => {
            parts.dropped_events = u32::try_from(cursor.unsigned()?).unwrap_or(u32::MAX);
        }
        b"droppedAttributesCount" | b"dropped_attributes_count" => {
            parts.dropped_attributes = cursor.loose_word()?.map_or(0, loose_number);
        }
        b"droppedLinksCount" | b"dropped_links_count" => {
            parts.dropped_links = cursor.loose_word()?.map_or(0, loose_number);
        }
        b"flags" => parts.trace_flags = cursor.loose_word()?.map_or(0, loose_number),
        b"traceState" | b"trace_state" => parts.trace_state = cursor.text()?,
        _ => cursor.skip_value()?,
    }
    Ok(())
}

fn events<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        let start = cursor.at;
        parts.begin_event();
        match event(cursor, parts, intake) {
            Ok(()) => parts.end_event(intake.sink.names()),
            Err(wrong) => {
                cursor.resume_after(start, wrong)?;
                intake.mend_malformed("an event of a span", wrong);
            }
        }
        Ok(())
    })
}

fn event<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.members(|cursor, field| {
        match field.bytes {
            b"name" => parts.event_name = cursor.text()?,
            b"attributes" => json_value::attributes(cursor, &mut parts.event_attributes, None, intake)?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })
}

fn links<'a>(cursor: &mut Cursor<'a>, parts: &mut SpanParts<'a>) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        let (mut trace, mut span) = (None, None);
        cursor.members(|cursor, field| {
            match field.bytes {
                b"traceId" | b"trace_id" => trace = id_text::trace_id(cursor.plain_bytes()?),
                b"spanId" | b"span_id" => span = id_text::span_id(cursor.plain_bytes()?),
                _ => cursor.skip_value()?,
            }
            Ok(())
        })?;
        parts.link(trace.zip(span).map(|(trace, span)| Link { trace, span }));
        Ok(())
    })
}

fn status<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.members(|cursor, field| {
        match field.bytes {
            b"code" => {
                let what = "the status code of a span";
                parts.status = known_word(cursor, what, enum_words::status, enum_words::STATUS, intake)?;
            }
            b"message" => parts.status_message = cursor.text()?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })
}

/// Reads a word of an enum; one that is not known is told, and counts as not given.
pub(crate) fn known_word<T: Default, S: Sink>(
    cursor: &mut Cursor<'_>,
    what: &str,
    meaning: fn(&[u8]) -> Option<T>,
    expected: &'static str,
    intake: &mut Intake<'_, S>,
) -> Result<T, Malformed> {
    cursor.peek();
    let at = cursor.at;
    let Some(word) = cursor.loose_word()? else { return Ok(T::default()) };
    Ok(meaning(word).unwrap_or_else(|| {
        intake.mend_malformed(what, Malformed { at, expected });
        T::default()
    }))
}
