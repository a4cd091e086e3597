//! OTLP/JSON requests: what holds the resource blocks, the blocks, and their scopes.

use crate::read::attributes::Attributes;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_dialect::{Dialect, Told};
use crate::read::json_log;
use crate::read::json_span;
use crate::read::json_value;
use crate::read::log_parts::LogParts;
use crate::read::partial_answer::{PARTIAL, json_tells_partial};
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;

/// How deep requests may lie in arrays and wrapping objects.
pub(crate) const MAX_WRAPPING: usize = 8;

/// Why a JSON value is no telemetry, for the report.
pub(crate) const NOT_TELEMETRY: &str = "left out: no telemetry in it; expected an object with resourceSpans, resourceLogs or resourceMetrics, or spans of \
     Jaeger, Zipkin or X-Ray";

/// Whether requests, or traces of another dialect, may lie in the value of this key.
pub(crate) fn is_container(key: &[u8]) -> bool {
    is_wrapper(key) || is_list(key)
}

/// Whether the value of this key is an array of traces, as in the answers of Jaeger and X-Ray, or of what Elasticsearch
/// found (`hits`).
pub(crate) fn is_list(key: &[u8]) -> bool {
    matches!(key, b"data" | b"Traces" | b"Segments" | b"hits")
}

/// Whether the value of this key holds a request, as the answers of Jaeger (`result`) and Tempo (`trace`) do, or a span:
/// Elasticsearch answers with `hits` within `hits`, and each hit holds what was stored as `_source`.
pub(crate) fn is_wrapper(key: &[u8]) -> bool {
    matches!(key, b"result" | b"trace" | b"hits" | b"_source")
}

/// The records of a request, while they are read: their memory is used from record to record.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    span: SpanParts<'a>,
    log: LogParts<'a>,
}

/// Reads every JSON value of `bytes`: one request, several, or arrays of them.
pub(crate) fn requests<S: Sink>(bytes: &[u8], intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    requests_from(bytes, 0, intake)
}

/// The same from this place in `bytes` on.
pub(crate) fn requests_from<S: Sink>(bytes: &[u8], at: usize, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (mut cursor, mut parts) = (Cursor::new(bytes), Parts::default());
    cursor.at = at;
    while let Some(byte) = cursor.peek() {
        if !matches!(byte, b'{' | b'[') {
            return Err(cursor.malformed("a JSON object"));
        }
        let start = cursor.at;
        if !request(&mut cursor, &mut parts, intake, MAX_WRAPPING)? {
            intake.skip(start, NOT_TELEMETRY);
        }
    }
    Ok(())
}

/// Reads one request or an array of them, and says whether there was telemetry.
fn request<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
    depth: usize,
) -> Result<bool, Malformed> {
    let (mut found, mut partial) = (false, false);
    if let Told::Spans(dialect) = Dialect::told(cursor.clone()) {
        dialect.read(cursor, intake)?;
        return Ok(true);
    }
    if depth == 0 {
        cursor.skip_value()?;
    } else if cursor.peek() == Some(b'[') {
        cursor.at += 1;
        found = true;
        while cursor.next_element()? {
            found &= request(cursor, parts, intake, depth - 1)?;
        }
    } else if cursor.open_object()? {
        while let Some(key) = cursor.next_key()? {
            if let Some(signal) = Signal::of_request_key(key.bytes) {
                found = true;
                if cursor.open_array()? {
                    while cursor.next_element()? {
                        let start = cursor.at;
                        if let Err(wrong) = block(cursor, signal, parts, intake) {
                            cursor.resume_after(start, wrong)?;
                            intake.skip_malformed("rest of a resource's records", wrong);
                        }
                    }
                }
            } else if is_list(key.bytes) && cursor.peek() == Some(b'[') {
                // One that is empty is the answer to a search that found nothing.
                found = true;
                list(cursor, parts, intake, depth - 1)?;
            } else if is_wrapper(key.bytes) && cursor.peek() == Some(b'{') {
                found |= request(cursor, parts, intake, depth - 1)?;
            } else {
                cursor.peek();
                let start = cursor.at;
                cursor.skip_value()?;
                partial |= json_tells_partial(key.bytes, cursor.since(start));
            }
        }
    }
    if found && partial {
        intake.skip(cursor.at, PARTIAL);
    }
    Ok(found)
}

/// Reads an array in which each element is told by itself when it is none of ours.
fn list<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
    depth: usize,
) -> Result<(), Malformed> {
    cursor.at += 1;
    while cursor.next_element()? {
        let start = cursor.at;
        if !request(cursor, parts, intake, depth)? {
            intake.skip(start, NOT_TELEMETRY);
        }
    }
    Ok(())
}

/// Reads one resource block: a resource and the scopes under it, in any order.
pub(crate) fn block<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    signal: Signal,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    let (mut resource_read, mut records) = (false, 0);
    let (mut later, mut old) = (Vec::new(), None);
    while let Some(key) = cursor.next_key()? {
        if key.bytes == b"resource" {
            let start = cursor.at;
            if let Err(wrong) = resource(cursor, intake) {
                cursor.resume_after(start, wrong)?;
                intake.mend_malformed("rest of a resource's attributes", wrong);
            }
            resource_read = true;
        } else if signal.is_scopes(key.bytes) {
            if resource_read {
                records += scopes(cursor, signal, parts, intake)?;
            } else {
                // The resource is behind its spans: come back when it is known.
                cursor.peek();
                later.push(cursor.at);
                cursor.skip_value()?;
            }
        } else if signal.is_old_scopes(key.bytes) {
            cursor.peek();
            old = Some(cursor.at);
            cursor.skip_value()?;
        } else {
            cursor.skip_value()?;
        }
    }
    let end = cursor.at;
    if !resource_read {
        intake.resource(&Attributes::default(), &mut Vec::new());
    }
    for at in later {
        cursor.at = at;
        records += scopes(cursor, signal, parts, intake)?;
    }
    if let (0, Some(at)) = (records, old) {
        cursor.at = at;
        scopes(cursor, signal, parts, intake)?;
    }
    cursor.at = end;
    Ok(())
}

fn resource<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    cursor.peek();
    let start = cursor.at;
    if cursor.skip_value().is_err() {
        cursor.at = start;
        return new_resource(cursor, intake);
    }
    let (bytes, end) = (cursor.since(start), cursor.at);
    intake.resource_of(bytes, |intake| {
        cursor.at = start;
        new_resource(cursor, intake)
    })?;
    cursor.at = end;
    Ok(())
}

fn new_resource<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (mut attributes, mut kept) = (Attributes::default(), Vec::new());
    let outcome = cursor.members(|cursor, key| match key.bytes {
        b"attributes" => json_value::attributes(cursor, &mut attributes, Some(&mut kept), intake),
        _ => cursor.skip_value(),
    });
    // What stands before the wrong place counts.
    intake.resource(&attributes, &mut kept);
    outcome?;
    Ok(())
}

/// Reads an array of scopes, and says how many records they held.
fn scopes<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    signal: Signal,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<u64, Malformed> {
    let mut records = 0;
    cursor.elements(|cursor| {
        let start = cursor.at;
        if let Err(wrong) = scope(cursor, signal, parts, intake, &mut records) {
            cursor.resume_after(start, wrong)?;
            intake.skip_malformed("rest of a scope's records", wrong);
        }
        Ok(())
    })?;
    Ok(records)
}

fn scope<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    signal: Signal,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
    records: &mut u64,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        if !signal.is_records(key.bytes) {
            cursor.skip_value()?;
        } else if cursor.open_array()? {
            *records += match signal {
                Signal::Traces => spans(cursor, &mut parts.span, intake)?,
                Signal::Logs => logs(cursor, &mut parts.log, intake)?,
                Signal::Metrics => metrics(cursor, intake)?,
            };
        }
    }
    Ok(())
}

fn spans<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<u64, Malformed> {
    let mut records = 0;
    while cursor.next_element()? {
        records += 1;
        let start = cursor.at;
        parts.clear();
        match json_span::span(cursor, parts, intake) {
            Ok(()) => intake.span(parts, start),
            Err(wrong) => {
                intake.forget_cuts();
                cursor.resume_after(start, wrong)?;
                intake.skip_malformed("span", wrong);
            }
        }
    }
    Ok(records)
}

fn logs<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut LogParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<u64, Malformed> {
    let mut records = 0;
    while cursor.next_element()? {
        records += 1;
        let start = cursor.at;
        parts.clear();
        match json_log::log(cursor, parts, intake) {
            Ok(()) => intake.log(parts, start),
            Err(wrong) => {
                intake.forget_cuts();
                cursor.resume_after(start, wrong)?;
                intake.skip_malformed("log record", wrong);
            }
        }
    }
    Ok(records)
}

fn metrics<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<u64, Malformed> {
    let mut records = 0;
    while cursor.next_element()? {
        records += 1;
        intake.report.metrics += 1;
        cursor.skip_value()?;
    }
    Ok(records)
}
