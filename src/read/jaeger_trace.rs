//! A trace as Jaeger's query service and its UI write it: spans, and the processes that they name; and a span as Jaeger
//! stores it in Elasticsearch, with its process inside it.

use crate::model::ids::{SpanId, TraceId};
use crate::model::span::{Link, Status};
use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;
use crate::read::attributes::{Attributes, Value};
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::jaeger_log::{logs, pairs, tag_fields};
use crate::read::json_cursor::Cursor;
use crate::read::json_number::loose_number;
use crate::read::json_tags::{StatusTags, attribute, micros, span_tag, time};
use crate::read::resource_parts::ResourceParts;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;

/// Why a trace is left out, for the report.
const NO_SPANS: &str = "trace left out: it has no array of spans; export it again";

/// The processes of a trace by their ids.
type Processes<'a> = OrderedMap<&'a [u8], ResourceParts>;

/// What a span says about the spans that it follows.
#[derive(Debug, Default)]
struct References {
    /// Whether the reference is CHILD_OF, and whom it names.
    named: Vec<(bool, Link)>,
    /// `parentSpanID`, which was before there were references.
    parent: SpanId,
}

/// Reads the trace at the cursor: first all that is not a span, since processes are told behind the spans.
pub(crate) fn trace<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (mut id, mut processes, mut arrays) = (TraceId::NONE, Processes::new(), Vec::new());
    let start = cursor.at;
    let frame = frame(cursor, &mut id, &mut processes, &mut arrays, intake);
    let end = cursor.at;
    if arrays.is_empty() && frame.is_ok() {
        intake.skip(start, NO_SPANS);
    }
    for at in arrays {
        cursor.at = at;
        // Of a trace that was cut off, this meets the same end of the data.
        spans(cursor, id, &processes, intake)?;
    }
    cursor.at = end;
    frame
}

fn frame<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    id: &mut TraceId,
    processes: &mut Processes<'a>,
    arrays: &mut Vec<usize>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.members(|cursor, key| {
        match key.bytes {
            b"traceID" => *id = id_text::padded_trace_id(cursor.plain_bytes()?).unwrap_or(TraceId::NONE),
            b"processes" => cursor.members(|cursor, name| {
                let start = cursor.at;
                match process(cursor, intake) {
                    Ok(()) => {
                        processes.insert(name.bytes, intake.current_resource().clone());
                    }
                    Err(wrong) => {
                        intake.forget_cuts();
                        cursor.resume_after(start, wrong)?;
                        intake.mend_malformed("a process", wrong);
                    }
                }
                Ok(())
            })?,
            b"spans" if cursor.peek() == Some(b'[') => {
                arrays.push(cursor.at);
                cursor.skip_value()?;
            }
            _ => cursor.skip_value()?,
        }
        Ok(())
    })
}

/// Reads one process, and makes it the resource of what follows.
fn process<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (mut attributes, mut kept) = (Attributes::default(), Vec::new());
    cursor.members(|cursor, key| {
        match key.bytes {
            b"serviceName" => {
                attribute("service.name", Value::Str(cursor.text()?), &mut attributes, Some(&mut kept), intake);
            }
            b"tags" | b"tag" => {
                let take = |key: &str, value, intake: &mut Intake<'_, S>| {
                    // What Jaeger's own clients call the machine.
                    let key = if key == "hostname" { "host.name" } else { key };
                    attribute(key, value, &mut attributes, Some(&mut kept), intake);
                };
                if key.bytes == b"tags" { pairs(cursor, intake, take)? } else { tag_fields(cursor, intake, take)? }
            }
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    intake.resource(&attributes, &mut kept);
    Ok(())
}

/// Reads the span at the cursor, which stands by itself and tells its own trace and process, and hands it on.
pub(crate) fn stored_span<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    one(cursor, &mut SpanParts::default(), &Processes::new(), intake)
}

fn spans<S: Sink>(
    cursor: &mut Cursor<'_>,
    trace: TraceId,
    processes: &Processes<'_>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut parts = SpanParts::default();
    cursor.elements(|cursor| {
        parts.clear();
        parts.trace = trace;
        one(cursor, &mut parts, processes, intake)
    })
}

/// Reads one span and hands it on, or tells why not.
fn one<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    processes: &Processes<'_>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let start = cursor.at;
    match span(cursor, parts, processes, intake) {
        Ok(()) => intake.span(parts, start),
        Err(wrong) => {
            intake.forget_cuts();
            cursor.resume_after(start, wrong)?;
            intake.skip_malformed("span", wrong);
        }
    }
    Ok(())
}

fn span<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    processes: &Processes<'_>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let (mut status, mut references, mut duration) = (StatusTags::default(), References::default(), 0);
    let (mut process_id, mut has_own, start) = (&b""[..], false, cursor.at);
    cursor.members(|cursor, field| {
        match field.bytes {
            b"traceID" => {
                id_text::put(
                    &mut parts.trace,
                    &mut parts.wrong_id,
                    "traceId",
                    cursor.plain_bytes()?,
                    id_text::padded_trace_id,
                );
            }
            b"spanID" => {
                id_text::put(
                    &mut parts.id,
                    &mut parts.wrong_id,
                    "spanId",
                    cursor.plain_bytes()?,
                    id_text::padded_span_id,
                );
            }
            b"parentSpanID" => {
                id_text::put(
                    &mut references.parent,
                    &mut parts.wrong_reference,
                    "parentSpanID",
                    cursor.plain_bytes()?,
                    id_text::padded_span_id,
                );
            }
            b"references" => read_references(cursor, &mut references, parts)?,
            // Only the lowest bit means what W3C's means.
            b"flags" => parts.trace_flags = cursor.loose_word()?.map_or(0, loose_number) & 1,
            b"operationName" => parts.name = Value::Str(cursor.text()?),
            b"startTime" => parts.time.start = Nanos(time(cursor, intake, micros)?),
            b"duration" => duration = time(cursor, intake, micros)?,
            b"tags" => {
                pairs(cursor, intake, |key, value, intake| span_tag(key, value, start, parts, &mut status, intake))?
            }
            b"tag" => tag_fields(cursor, intake, |key, value, intake| {
                span_tag(key, value, start, parts, &mut status, intake)
            })?,
            b"logs" => logs(cursor, parts, intake)?,
            b"processID" => process_id = cursor.plain_bytes()?,
            b"process" if cursor.peek() == Some(b'{') => {
                intake.resource_within(|intake| process(cursor, intake))?;
                has_own = true;
            }
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    parts.time.end = Nanos(parts.time.start.0.saturating_add(duration));
    if !has_own {
        match processes.get(process_id) {
            Some(resource) => intake.use_resource(resource.clone()),
            None => intake.resource_within(|intake| intake.resource(&Attributes::default(), &mut Vec::new())),
        }
    }
    settle_references(&references, parts);
    settle_status(status, parts);
    Ok(())
}

fn read_references<'a>(
    cursor: &mut Cursor<'a>,
    references: &mut References,
    parts: &mut SpanParts<'a>,
) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        let (mut child_of, mut trace, mut span) = (false, None, None);
        cursor.members(|cursor, field| {
            match field.bytes {
                b"refType" => child_of = cursor.plain_bytes()?.eq_ignore_ascii_case(b"CHILD_OF"),
                b"traceID" => trace = id_text::padded_trace_id(cursor.plain_bytes()?),
                b"spanID" => span = id_text::padded_span_id(cursor.plain_bytes()?),
                _ => cursor.skip_value()?,
            }
            Ok(())
        })?;
        match trace.zip(span) {
            Some((trace, span)) => references.named.push((child_of, Link { trace, span })),
            None => parts.wrong_reference = Some(("reference", "not a pair of ids".to_owned())),
        }
        Ok(())
    })
}

/// The parent is the first CHILD_OF of the same trace, else the first that the span follows there; the rest are links.
fn settle_references(references: &References, parts: &mut SpanParts<'_>) {
    let here = |link: &Link| link.trace == parts.trace || link.trace.is_none();
    let first = |wanted: bool| references.named.iter().position(|(child_of, link)| *child_of == wanted && here(link));
    let parent = first(true).or_else(|| if references.parent.is_none() { first(false) } else { None });
    parts.parent = parent.map_or(references.parent, |place| references.named[place].1.span);
    for (place, (_, link)) in references.named.iter().enumerate() {
        if Some(place) != parent {
            parts.link(Some(*link));
        }
    }
}

fn settle_status<'a>(status: StatusTags<'a>, parts: &mut SpanParts<'a>) {
    let error = match status.error {
        Some(Value::Bool(truth)) => truth,
        Some(Value::Str(word)) => word.eq_ignore_ascii_case("true"),
        _ => false,
    };
    parts.status = status.code.unwrap_or(if error { Status::Error } else { Status::Unset });
    parts.status_message = status.description;
}
