//! A segment as AWS X-Ray has it: a JSON object with the work inside it as subsegments of any depth.

use crate::model::ids::TraceId;
use crate::model::span::Link;
use crate::read::attributes::Value;
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_string::Raw;
use crate::read::json_tags::{self, attribute, time};
use crate::read::quote::quote;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::xray_annotations::{of_annotation, of_resource};
use crate::read::xray_cause;
use crate::read::xray_marks::Marks;
use crate::read::xray_nesting::{self, NODES, Node};
use crate::read::xray_value::{seconds, trace_id, truth};

/// What the answer of BatchGetTraces wraps each segment in: the segment as a JSON string.
pub(crate) fn document<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    cursor.members(|cursor, key| {
        if key.bytes != b"Document" {
            return cursor.skip_value();
        }
        cursor.peek();
        let start = cursor.at;
        let text = cursor.string()?.map(Raw::whole).unwrap_or_default();
        // Places within the string are counted from where it begins: they are near, not exact, where it has escapes.
        let outer = intake.offset;
        intake.offset += start as u64;
        if let Err(wrong) = segment(&mut Cursor::new(&text), intake) {
            intake.skip_malformed("rest of the segment", wrong);
        }
        intake.offset = outer;
        Ok(())
    })
}

/// Reads the segment at the cursor and everything below it.
pub(crate) fn segment<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let mut nodes = Vec::new();
    let frame = xray_nesting::nodes(cursor, &mut nodes, NODES, intake);
    let end = cursor.at;
    let (mut parts, mut trace, mut inferred) = (SpanParts::default(), TraceId::NONE, false);
    // The root comes first, and its trace and service are those of all others. It may be cut off and they not.
    for node in &nodes {
        cursor.at = node.start;
        let mut marks = Marks::default();
        parts.clear();
        let read = fields(cursor, node, &mut parts, &mut marks, intake);
        match node.parent() {
            None => {
                trace = marks.trace.and_then(trace_id).unwrap_or(TraceId::NONE);
                inferred = marks.inferred;
                marks.take_up_service(&parts, intake);
            }
            Some(parent) => parts.parent = nodes[parent].id,
        }
        if let Some(text) = marks.trace.filter(|text| trace_id(text).is_none()) {
            parts.wrong_id = Some(("traceId", quote(text)));
        }
        parts.trace = trace;
        marks.settle(&mut parts, node.parent().is_none());
        match read {
            // X-Ray made it up from the call above it, which tells all that it tells.
            Ok(()) if inferred => intake.forget_cuts(),
            Ok(()) if node.whole => intake.span(&mut parts, node.start),
            Err(wrong) if node.whole => {
                intake.forget_cuts();
                intake.skip_malformed("segment", wrong);
            }
            // Told when it was looked for.
            _ => intake.forget_cuts(),
        }
    }
    cursor.at = end;
    frame
}

fn fields<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    node: &Node,
    parts: &mut SpanParts<'a>,
    marks: &mut Marks<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key.bytes {
            b"subsegments" => {
                cursor.peek();
                match node.inner() {
                    Some((start, end)) if start == cursor.at && end > start => cursor.at = end,
                    // Cut off within: behind it is nothing of this node.
                    Some((start, _)) if start == cursor.at => return Ok(()),
                    _ => cursor.skip_value()?,
                }
            }
            b"id" => {
                id_text::put(&mut parts.id, &mut parts.wrong_id, "id", cursor.plain_bytes()?, id_text::padded_span_id);
            }
            b"parent_id" => {
                id_text::put(
                    &mut parts.parent,
                    &mut parts.wrong_reference,
                    "parent_id",
                    cursor.plain_bytes()?,
                    id_text::padded_span_id,
                );
            }
            b"trace_id" => marks.trace = Some(cursor.plain_bytes()?),
            b"name" => parts.name = Value::Str(cursor.text()?),
            b"type" => marks.subsegment = cursor.plain_bytes()? == b"subsegment",
            b"inferred" => marks.inferred = truth(cursor)?,
            b"namespace" => marks.namespace = cursor.plain_bytes()?,
            b"start_time" => parts.time.start = time(cursor, intake, seconds)?,
            b"end_time" => parts.time.end = time(cursor, intake, seconds)?,
            b"fault" => marks.fault = truth(cursor)?,
            b"error" => marks.error = truth(cursor)?,
            b"throttle" => marks.throttle = truth(cursor)?,
            b"cause" => xray_cause::cause(cursor, parts, intake)?,
            b"links" => links(cursor, parts)?,
            b"http" => http(cursor, parts, marks, intake)?,
            b"aws" => cursor.members(|cursor, key| match key.bytes {
                b"operation" => {
                    marks.aws_operation = cursor.text()?;
                    Ok(())
                }
                _ => cursor.skip_value(),
            })?,
            b"sql" => cursor.members(|cursor, key| match key.bytes {
                b"database_type" => {
                    attribute("db.system", json_tags::value(cursor)?, &mut parts.attributes, None, intake);
                    Ok(())
                }
                _ => cursor.skip_value(),
            })?,
            b"service" => cursor.members(|cursor, key| match key.bytes {
                b"version" => {
                    attribute("service.version", json_tags::value(cursor)?, &mut marks.resource, None, intake);
                    Ok(())
                }
                _ => cursor.skip_value(),
            })?,
            b"annotations" => pairs(cursor, of_annotation, parts, marks, intake)?,
            b"metadata" => cursor.members(|cursor, _| pairs(cursor, of_resource, parts, marks, intake))?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn http<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    marks: &mut Marks<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.members(|cursor, side| {
        cursor.members(|cursor, key| {
            let key = match (side.bytes, key.bytes) {
                (b"request", b"url") => "url.full",
                (b"request", b"method") => "http.request.method",
                (b"response", b"status") => "http.response.status_code",
                _ => return cursor.skip_value(),
            };
            let value = json_tags::value(cursor)?;
            marks.note(key, &value);
            attribute(key, value, &mut parts.attributes, Some(&mut parts.kept), intake);
            Ok(())
        })
    })
}

fn links<'a>(cursor: &mut Cursor<'a>, parts: &mut SpanParts<'a>) -> Result<(), Malformed> {
    cursor.elements(|cursor| {
        let (mut trace, mut span) = (None, None);
        cursor.members(|cursor, key| {
            match key.bytes {
                b"trace_id" => trace = trace_id(cursor.plain_bytes()?),
                b"id" => span = id_text::padded_span_id(cursor.plain_bytes()?),
                _ => cursor.skip_value()?,
            }
            Ok(())
        })?;
        parts.link(trace.zip(span).map(|(trace, span)| Link { trace, span }));
        Ok(())
    })
}

/// Annotations, or one namespace of the metadata: OpenTelemetry's exporter puts attributes there. `read` says what a key
/// stands for, and whether for an attribute of the resource.
fn pairs<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    read: fn(&str) -> (&str, bool),
    parts: &mut SpanParts<'a>,
    marks: &mut Marks<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    cursor.members(|cursor, key| {
        let (key, value): (_, Value<'a>) = (key.text(), json_tags::value(cursor)?);
        let (key, of_resource) = read(&key);
        if of_resource {
            attribute(key, value, &mut marks.resource, None, intake);
        } else {
            marks.note(key, &value);
            attribute(key, value, &mut parts.attributes, Some(&mut parts.kept), intake);
        }
        Ok(())
    })
}
