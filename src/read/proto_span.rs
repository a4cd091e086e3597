//! One span in OTLP protobuf (`trace.proto`).

use crate::model::ids::{SpanId, TraceId};
use crate::model::span::{Link, Status};
use crate::model::span_kind::SpanKind;
use crate::model::time::Nanos;
use crate::read::attributes::Value;
use crate::read::enum_words;
use crate::read::intake::{Intake, Malformed};
use crate::read::proto_value;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::text::lossy;
use crate::read::wire::{Content, Wire};

/// How an attribute of a span begins: number and wire type.
const ATTRIBUTES_TAG: u8 = 9 << 3 | 2;

/// Reads a `Span` into `parts`. A wrong attribute, event, link or status costs only itself.
pub(crate) fn span<'a, S: Sink>(
    mut message: Wire<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let keeps_any = intake.keeps_any();
    loop {
        // Attributes are half of the fields, and stand together.
        while let Some(pair) = message.next_short(ATTRIBUTES_TAG) {
            let kept = keeps_any.then_some(&mut parts.kept);
            proto_value::attribute(pair, &mut parts.attributes, kept, intake);
        }
        let Some(field) = message.next_field()? else { return Ok(()) };
        match field {
            (9, Content::Bytes(pair)) => {
                let kept = keeps_any.then_some(&mut parts.kept);
                proto_value::long_attribute(pair, &mut parts.attributes, kept, intake);
            }
            (1, Content::Bytes(id)) => match trace_id(id.bytes) {
                Some(id) => parts.trace = id,
                None => parts.wrong_id = Some(("traceId", length(id.bytes))),
            },
            (2, Content::Bytes(id)) => match span_id(id.bytes) {
                Some(id) => parts.id = id,
                None => parts.wrong_id = Some(("spanId", length(id.bytes))),
            },
            (3, Content::Bytes(text)) => parts.trace_state = lossy(text.bytes),
            (4, Content::Bytes(id)) => match span_id(id.bytes) {
                Some(id) => parts.parent = id,
                None => parts.wrong_reference = Some(("parentSpanId", length(id.bytes))),
            },
            (5, Content::Bytes(name)) => parts.name = Value::unread(name.bytes),
            (6, Content::Varint(kind)) => {
                parts.kind = enum_words::numbered_kind(kind).unwrap_or_else(|| {
                    intake.mend_malformed("the kind of a span", message.malformed(enum_words::KIND));
                    SpanKind::Unspecified
                });
            }
            (7, Content::Fixed64(time)) => parts.time.start = Nanos(time),
            (8, Content::Fixed64(time)) => parts.time.end = Nanos(time),
            (10, Content::Varint(count)) => parts.dropped_attributes = loose_count(count),
            (11, Content::Bytes(message)) => {
                if let Err(wrong) = event(message, parts, intake) {
                    intake.mend_malformed("an event of a span", wrong);
                }
            }
            (12, Content::Varint(count)) => parts.dropped_events = loose_count(count),
            (13, Content::Bytes(message)) => {
                if let Err(wrong) = link(message, parts) {
                    intake.mend_malformed("a link of a span", wrong);
                }
            }
            (14, Content::Varint(count)) => parts.dropped_links = loose_count(count),
            (15, Content::Bytes(message)) => {
                if let Err(wrong) = status(message, parts, intake) {
                    intake.mend_malformed("rest of the status of a span", wrong);
                }
            }
            (16, Content::Fixed32(flags)) => parts.trace_flags = flags,
            _ => {}
        }
    }
}

fn loose_count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn event<'a, S: Sink>(
    mut message: Wire<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    parts.begin_event();
    while let Some(field) = message.next_field()? {
        match field {
            (2, Content::Bytes(name)) => parts.event_name = lossy(name.bytes),
            (3, Content::Bytes(pair)) => proto_value::attribute(pair, &mut parts.event_attributes, None, intake),
            _ => {}
        }
    }
    parts.end_event(intake.sink.names());
    Ok(())
}

fn link(mut message: Wire<'_>, parts: &mut SpanParts<'_>) -> Result<(), Malformed> {
    let (mut trace, mut span) = (None, None);
    while let Some(field) = message.next_field()? {
        match field {
            (1, Content::Bytes(id)) => trace = trace_id(id.bytes),
            (2, Content::Bytes(id)) => span = span_id(id.bytes),
            _ => {}
        }
    }
    parts.link(trace.zip(span).map(|(trace, span)| Link { trace, span }));
    Ok(())
}

fn status<'a, S: Sink>(
    mut message: Wire<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    while let Some(field) = message.next_field()? {
        match field {
            (2, Content::Bytes(text)) => parts.status_message = lossy(text.bytes),
            (3, Content::Varint(code)) => {
                parts.status = enum_words::numbered_status(code).unwrap_or_else(|| {
                    intake.mend_malformed("the status code of a span", message.malformed(enum_words::STATUS));
                    Status::Unset
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a trace id; no bytes are [`TraceId::NONE`], a wrong number of them is no id at all.
pub(crate) fn trace_id(bytes: &[u8]) -> Option<TraceId> {
    if bytes.is_empty() { Some(TraceId::NONE) } else { bytes.try_into().ok().map(TraceId) }
}

/// Reads a span id; no bytes are [`SpanId::NONE`], a wrong number of them is no id at all.
pub(crate) fn span_id(bytes: &[u8]) -> Option<SpanId> {
    if bytes.is_empty() { Some(SpanId::NONE) } else { bytes.try_into().ok().map(SpanId) }
}

/// What a wrong id is, in words.
pub(crate) fn length(bytes: &[u8]) -> String {
    format!("{} bytes long", bytes.len())
}
