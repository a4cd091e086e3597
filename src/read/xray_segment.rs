//! A segment as AWS X-Ray has it: a JSON object with the work inside it as subsegments of any depth.

use crate::model::ids::TraceId;
use crate::model::names::SpanKind;
use crate::model::span::Status;
use crate::model::time::Nanos;
use crate::read::attributes::{Attributes, Value};
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_string::Raw;
use crate::read::json_tags::{self, attribute, time};
use crate::read::quote::quote;
use crate::read::semconv::Key;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::xray_cause;
use crate::read::xray_nesting::{self, Node};
use std::borrow::Cow;

/// What the answer of BatchGetTraces wraps each segment in: the segment as a JSON string.
pub(crate) fn document<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        if key.bytes != b"Document" {
            cursor.skip_value()?;
            continue;
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
    }
    Ok(())
}

/// What a segment hands down to its subsegments, and what is noted before it is known what sort it is.
#[derive(Debug, Default)]
struct Marks<'a> {
    trace: Option<&'a [u8]>,
    subsegment: bool,
    namespace: &'a [u8],
    fault: bool,
    error: bool,
    throttle: bool,
    method: bool,
    aws_operation: Cow<'a, str>,
    resource: Attributes<'a>,
}

/// Reads the segment at the cursor and everything below it.
pub(crate) fn segment<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let mut nodes = Vec::new();
    let frame = xray_nesting::nodes(cursor, &mut nodes, intake);
    let end = cursor.at;
    let (mut parts, mut trace) = (SpanParts::default(), TraceId::NONE);
    // The root comes first, and its trace and service are those of all others. It may be cut off and they not.
    for node in &nodes {
        cursor.at = node.start;
        let mut marks = Marks::default();
        parts.clear();
        let read = fields(cursor, node, &mut parts, &mut marks, intake);
        if node.parent.is_none() {
            trace = marks.trace.and_then(trace_id).unwrap_or(TraceId::NONE);
            service(&mut parts, &mut marks, intake);
        }
        if let Some(parent) = node.parent {
            parts.parent = nodes[parent].id;
        }
        if let Some(text) = marks.trace.filter(|text| trace_id(text).is_none()) {
            parts.wrong_id = Some(("traceId", quote(text)));
        }
        parts.trace = trace;
        settle(&mut parts, &marks, node.parent.is_none());
        match read {
            Ok(()) if node.whole => intake.span(&mut parts, node.start),
            Err(wrong) if node.whole => intake.skip_malformed("segment", wrong),
            // Told when it was looked for.
            _ => {}
        }
    }
    cursor.at = end;
    frame
}

/// `1-5f84c7a1-8d2b...` without what is not of the id.
pub(crate) fn trace_id(text: &[u8]) -> Option<TraceId> {
    let text = text.strip_prefix(b"1-")?;
    let (time, rest) = text.split_at_checked(8)?;
    TraceId::from_hex(&[time, rest.strip_prefix(b"-")?].concat())
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
                match node.inner {
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
            b"name" => parts.name = cursor.text()?,
            b"type" => marks.subsegment = cursor.plain_bytes()? == b"subsegment",
            b"namespace" => marks.namespace = cursor.plain_bytes()?,
            b"start_time" => parts.time.start = time(cursor, intake, seconds)?,
            b"end_time" => parts.time.end = time(cursor, intake, seconds)?,
            b"fault" => marks.fault = truth(cursor)?,
            b"error" => marks.error = truth(cursor)?,
            b"throttle" => marks.throttle = truth(cursor)?,
            b"cause" => xray_cause::cause(cursor, parts, intake)?,
            b"http" => members(cursor, |name, cursor| {
                let (url, method, code) = ("url.full", "http.request.method", "http.response.status_code");
                members(cursor, |key, cursor| {
                    let key = match (name, key) {
                        (b"request", b"url") => url,
                        (b"request", b"method") => method,
                        (b"response", b"status") => code,
                        _ => return cursor.skip_value(),
                    };
                    marks.method |= key == method;
                    attribute(key, json_tags::value(cursor)?, &mut parts.attributes, Some(&mut parts.kept), intake);
                    Ok(())
                })
            })?,
            b"aws" => members(cursor, |key, cursor| {
                match key {
                    b"operation" => marks.aws_operation = cursor.text()?,
                    _ => cursor.skip_value()?,
                }
                Ok(())
            })?,
            b"sql" => members(cursor, |key, cursor| {
                match key {
                    b"database_type" => {
                        attribute("db.system", json_tags::value(cursor)?, &mut parts.attributes, None, intake);
                    }
                    _ => cursor.skip_value()?,
                }
                Ok(())
            })?,
            b"service" => members(cursor, |key, cursor| {
                match key {
                    b"version" => {
                        attribute("service.version", json_tags::value(cursor)?, &mut marks.resource, None, intake);
                    }
                    _ => cursor.skip_value()?,
                }
                Ok(())
            })?,
            b"annotations" => pairs(cursor, parts, marks, intake)?,
            b"metadata" => members(cursor, |_, cursor| pairs(cursor, parts, marks, intake))?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

/// Goes through an object's members, if it is one; `take` passes the value.
fn members<'a>(
    cursor: &mut Cursor<'a>,
    mut take: impl FnMut(&[u8], &mut Cursor<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if cursor.open_object()? {
        while let Some(key) = cursor.next_key()? {
            take(key.bytes, cursor)?;
        }
    }
    Ok(())
}

/// Annotations, or one namespace of the metadata: OpenTelemetry's exporter puts attributes there, and those of the
/// resource with `otel.resource.` before them.
fn pairs<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    marks: &mut Marks<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        let (key, value) = (key.text(), json_tags::value(cursor)?);
        match key.strip_prefix("otel.resource.") {
            Some(key) => attribute(key, value, &mut marks.resource, None, intake),
            None => attribute(&key, value, &mut parts.attributes, Some(&mut parts.kept), intake),
        }
    }
    Ok(())
}

/// A segment is named after its service; a subsegment that was sent by itself tells its service in its metadata or not.
fn service<'a, S: Sink>(parts: &mut SpanParts<'a>, marks: &mut Marks<'a>, intake: &mut Intake<'_, S>) {
    if !marks.subsegment {
        attribute("service.name", Value::Str(parts.name.clone()), &mut marks.resource, None, intake);
    }
    intake.resource(&marks.resource, &mut Vec::new());
}

fn settle<'a>(parts: &mut SpanParts<'a>, marks: &Marks<'a>, root: bool) {
    parts.kind = match marks.namespace {
        b"remote" | b"aws" => SpanKind::Client,
        _ if root && !marks.subsegment => SpanKind::Server,
        _ => SpanKind::Internal,
    };
    if marks.fault {
        parts.status = Status::Error;
    }
    if marks.error || marks.throttle {
        // Puts nothing where the answer's code was told.
        parts.attributes.put(Key::HttpResponseStatusCode, Value::Int(if marks.throttle { 429 } else { 400 }));
    }
    if !marks.aws_operation.is_empty() {
        for (key, value) in [(Key::RpcService, &parts.name), (Key::RpcMethod, &marks.aws_operation)] {
            parts.attributes.put(key, Value::Str(value.clone()));
        }
    }
    const CALLEE: [Key; 6] =
        [Key::PeerService, Key::ServerAddress, Key::NetPeerName, Key::RpcService, Key::DbSystemName, Key::DbSystem];
    if parts.kind == SpanKind::Client && !CALLEE.iter().any(|&key| parts.attributes.has(key)) {
        // A call is named after whom it goes to.
        parts.attributes.put(Key::PeerService, Value::Str(parts.name.clone()));
    }
}

fn truth(cursor: &mut Cursor<'_>) -> Result<bool, Malformed> {
    Ok(matches!(json_tags::value(cursor)?, Value::Bool(true)))
}

/// Reads seconds with a fraction, as nanoseconds. Nine digits of it are kept: more than a float of that size has.
fn seconds(cursor: &mut Cursor<'_>) -> Result<Nanos, Malformed> {
    cursor.peek();
    let at = cursor.at;
    let wrong = Malformed { at, expected: "a time in seconds" };
    let word = std::str::from_utf8(cursor.word()?).map_err(|_| wrong)?.trim();
    if matches!(word, "" | "null") {
        return Ok(Nanos(0));
    }
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let digits = whole.parse::<u64>().ok().filter(|_| fraction.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(whole) = digits {
        let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
        let nanos = nanos.fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
        return Ok(Nanos(whole.saturating_mul(1_000_000_000).saturating_add(nanos)));
    }
    // With an exponent, as 1.7E9.
    let number = word.parse::<f64>().map_err(|_| wrong)?;
    if !(0.0..1e10).contains(&number) {
        return Err(wrong);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    Ok(Nanos((number * 1e6) as u64 * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_exactly() {
        for (json, nanos) in [
            ("1790000000.005", 1_790_000_000_005_000_000),
            ("\"2\"", 2_000_000_000),
            ("null", 0),
            ("1.5E3", 1_500_000_000_000),
        ] {
            assert_eq!(seconds(&mut Cursor::new(json.as_bytes())), Ok(Nanos(nanos)), "{json}");
        }
        assert!(seconds(&mut Cursor::new(b"-1")).is_err() && seconds(&mut Cursor::new(b"NaN")).is_err());
    }

    #[test]
    fn trace_ids_lose_their_dashes() {
        let id = TraceId::from_hex(b"581cf771a006649127e371903a2de979");
        assert_eq!(trace_id(b"1-581cf771-a006649127e371903a2de979"), id);
        assert_eq!(trace_id(b"581cf771a006649127e371903a2de979"), None);
        assert_eq!(trace_id(b"1-"), None);
    }
}
