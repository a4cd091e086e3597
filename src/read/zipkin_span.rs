//! A span as Zipkin's second version writes it in JSON: each tells its own service.

use crate::model::names::SpanKind;
use crate::model::span::Status;
use crate::model::time::Nanos;
use crate::read::attributes::{Attributes, Value};
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, StatusTags, attribute, kind, micros, span_tag, time};
use crate::read::semconv::Key;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use std::borrow::Cow;

/// One side of a call, as far as it is asked for.
#[derive(Debug, Default)]
struct Endpoint<'a> {
    service: Cow<'a, str>,
    address: Cow<'a, str>,
    port: Option<i64>,
}

/// Reads the span at the cursor and hands it on.
pub(crate) fn span<S: Sink>(cursor: &mut Cursor<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (start, mut parts) = (cursor.at, SpanParts::default());
    match fields(cursor, &mut parts, intake) {
        Ok(()) => intake.span(&mut parts, start),
        Err(wrong) => {
            cursor.resume_after(start, wrong)?;
            intake.skip_malformed("span", wrong);
        }
    }
    Ok(())
}

fn fields<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let (mut status, mut duration) = (StatusTags::default(), 0);
    let (mut local, mut remote) = (Endpoint::default(), Endpoint::default());
    // What has no kind is work within a service.
    parts.kind = SpanKind::Internal;
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(field) = cursor.next_key()? {
        match field.bytes {
            b"traceId" => {
                id_text::put(
                    &mut parts.trace,
                    &mut parts.wrong_id,
                    "traceId",
                    cursor.plain_bytes()?,
                    id_text::padded_trace_id,
                );
            }
            b"id" => {
                id_text::put(&mut parts.id, &mut parts.wrong_id, "id", cursor.plain_bytes()?, id_text::padded_span_id);
            }
            b"parentId" => {
                id_text::put(
                    &mut parts.parent,
                    &mut parts.wrong_reference,
                    "parentId",
                    cursor.plain_bytes()?,
                    id_text::padded_span_id,
                );
            }
            b"name" => parts.name = cursor.text()?,
            b"kind" => {
                let word = cursor.text()?;
                parts.kind = if word.is_empty() { SpanKind::Internal } else { kind(&word) };
            }
            b"timestamp" => parts.time.start = Nanos(time(cursor, intake, micros)?),
            b"duration" => duration = time(cursor, intake, micros)?,
            b"localEndpoint" => local = endpoint(cursor)?,
            b"remoteEndpoint" => remote = endpoint(cursor)?,
            b"tags" => {
                if cursor.open_object()? {
                    while let Some(key) = cursor.next_key()? {
                        span_tag(&key.text(), json_tags::value(cursor)?, parts, &mut status, intake);
                    }
                }
            }
            b"annotations" => annotations(cursor, parts, intake)?,
            _ => cursor.skip_value()?,
        }
    }
    parts.time.end = Nanos(parts.time.start.0.saturating_add(duration));
    settle_status(status, parts);
    if parts.kind.gives_work() {
        settle_callee(remote, &mut parts.attributes);
    }
    let (mut resource, mut kept) = (Attributes::default(), Vec::new());
    attribute("service.name", Value::Str(local.service), &mut resource, Some(&mut kept), intake);
    intake.resource(&resource, &mut kept);
    Ok(())
}

fn endpoint<'a>(cursor: &mut Cursor<'a>) -> Result<Endpoint<'a>, Malformed> {
    let mut endpoint = Endpoint::default();
    if !cursor.open_object()? {
        return Ok(endpoint);
    }
    while let Some(field) = cursor.next_key()? {
        match field.bytes {
            b"serviceName" => endpoint.service = cursor.text()?,
            b"ipv4" => endpoint.address = cursor.text()?,
            b"ipv6" if endpoint.address.is_empty() => endpoint.address = cursor.text()?,
            b"port" => endpoint.port = json_tags::value(cursor)?.integer(),
            _ => cursor.skip_value()?,
        }
    }
    Ok(endpoint)
}

/// The presence of `error` is what tells a failure, whatever its text, unless `otel.status_code` is there.
fn settle_status<'a>(status: StatusTags<'a>, parts: &mut SpanParts<'a>) {
    let failed = if status.error.is_some() { Status::Error } else { Status::Unset };
    parts.status = status.code.unwrap_or(failed);
    parts.status_message = match status.error {
        Some(Value::Str(text)) if status.description.is_empty() && text != "true" => text,
        _ => status.description,
    };
}

/// The remote endpoint tells whom a call goes to, where the attributes do not.
fn settle_callee<'a>(remote: Endpoint<'a>, attributes: &mut Attributes<'a>) {
    const PLACES: [Key; 6] =
        [Key::ServerAddress, Key::NetPeerName, Key::NetPeerIp, Key::NetworkPeerAddress, Key::UrlFull, Key::HttpUrl];
    const NAMES: [Key; 2] = [Key::DbName, Key::DbNamespace];
    // OpenTelemetry's exporter puts an address or a database there when it knows no name.
    let is_known = PLACES.iter().chain(&NAMES).any(|&key| attributes.text(&[key]) == Some(&*remote.service));
    if !is_known {
        attributes.put(Key::PeerService, Value::Str(remote.service));
    }
    if !remote.address.is_empty() && !PLACES.iter().any(|&key| attributes.has(key)) {
        attributes.put(Key::ServerAddress, Value::Str(remote.address));
        if let Some(port) = remote.port {
            attributes.put(Key::ServerPort, Value::Int(port));
        }
    }
}

fn annotations<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_array()? {
        return Ok(());
    }
    while cursor.next_element()? {
        parts.begin_event();
        if cursor.open_object()? {
            while let Some(field) = cursor.next_key()? {
                match field.bytes {
                    b"value" => annotation(cursor.text()?, parts, intake),
                    _ => cursor.skip_value()?,
                }
            }
        }
        parts.end_event(intake.sink.names());
    }
    Ok(())
}

/// Takes up `"name": {"key": "value"}`, as OpenTelemetry's exporters write events; the quotes may be missing. Any other
/// text is a name.
fn annotation<'a, S: Sink>(text: Cow<'a, str>, parts: &mut SpanParts<'a>, intake: &mut Intake<'_, S>) {
    let event = text.split_once('{').and_then(|(name, fields)| {
        let name = name.trim().strip_suffix(':')?.trim().trim_matches('"');
        Some((name.to_owned(), members(fields)?))
    });
    let Some((name, members)) = event else {
        parts.event_name = text;
        return;
    };
    parts.event_name = Cow::Owned(name);
    for (key, value) in members {
        attribute(&key, value, &mut parts.event_attributes, None, intake);
    }
}

/// The members of the object whose bracket was passed; `None` when it is none.
fn members(fields: &str) -> Option<Vec<(String, Value<'static>)>> {
    let object = ["{", fields].concat();
    let mut cursor = Cursor::new(object.as_bytes());
    let mut members = Vec::new();
    if !cursor.open_object().ok()? {
        return None;
    }
    while let Some(key) = cursor.next_key().ok()? {
        let value = match json_tags::value(&mut cursor).ok()? {
            Value::Str(text) => Value::Str(Cow::Owned(text.into_owned())),
            Value::Int(number) => Value::Int(number),
            Value::Double(number) => Value::Double(number),
            Value::Bool(truth) => Value::Bool(truth),
            Value::Empty | Value::Json(_) | Value::Proto(_) => Value::Empty,
        };
        members.push((key.text().into_owned(), value));
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_out_of_annotations() {
        let members = members(r#""exception.type":"E","n":1,"x":null}"#).expect("an object");
        let values: Vec<Value<'_>> = members.into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [Value::Str(Cow::Borrowed("E")), Value::Int(1), Value::Empty]);
        assert!(super::members("x}").is_none());
    }
}
