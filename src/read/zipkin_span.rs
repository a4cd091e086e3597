//! A span as Zipkin's second version writes it in JSON: each tells its own service.

use crate::model::span::{Link, Status};
use crate::model::span_kind::SpanKind;
use crate::model::time::Nanos;
use crate::read::attributes::{Attributes, Value};
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, StatusTags, attribute, kind, micros, span_tag, time};
use crate::read::semconv::Key;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::zipkin_annotation::annotations;
use std::borrow::Cow;

/// Why a span is left out, for the report.
const FIRST_VERSION: &str = "span left out: it is of Zipkin's first version (binaryAnnotations, or annotations with an endpoint), and only the second \
     is read; export it from /api/v2, or send it as v2";

/// What is told of a span that lacks its time: <https://zipkin.io/zipkin-api/> allows that of incomplete spans.
const NO_TIME: &str = "span kept without its time: it has no timestamp, as a part that was sent later than its span, or the server's half of a call; \
     export it again when it is complete";

/// Which version of Zipkin's JSON a span is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Version {
    /// Kind, service and tags hide in annotations, of both sides of a call in one span.
    First,
    /// What is read; whether it tells its time.
    Second { is_timed: bool },
}

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
        Ok(Version::Second { is_timed }) => {
            let before = intake.report.spans;
            intake.span(&mut parts, start);
            // One that is left out is told as that, whatever else it lacks.
            if !is_timed && intake.report.spans > before {
                intake.mend(start, NO_TIME);
            }
        }
        Ok(Version::First) => {
            intake.forget_cuts();
            intake.skip(start, FIRST_VERSION);
        }
        Err(wrong) => {
            intake.forget_cuts();
            cursor.resume_after(start, wrong)?;
            intake.skip_malformed("span", wrong);
        }
    }
    Ok(())
}

/// Reads all that the span tells. What it is made of stays incomplete if it is of the first version.
fn fields<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<Version, Malformed> {
    let (mut status, mut duration, mut is_first, mut is_timed) = (StatusTags::default(), 0, false, false);
    let start = cursor.at;
    let (mut local, mut remote) = (Endpoint::default(), Endpoint::default());
    // What has no kind is work within a service.
    parts.kind = SpanKind::Internal;
    cursor.members(|cursor, field| {
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
            b"name" => parts.name = Value::Str(cursor.text()?),
            b"kind" => {
                let word = cursor.text()?;
                parts.kind = if word.is_empty() { SpanKind::Internal } else { kind(&word, start, intake) };
            }
            b"timestamp" => {
                // One that is wrong is told by itself.
                is_timed = !matches!(cursor.peek(), Some(b'n' | b'0'));
                parts.time.start = Nanos(time(cursor, intake, micros)?);
            }
            b"duration" => duration = time(cursor, intake, micros)?,
            b"localEndpoint" => local = endpoint(cursor)?,
            b"remoteEndpoint" => remote = endpoint(cursor)?,
            b"tags" => cursor.members(|cursor, key| {
                let (key, value) = (key.text(), json_tags::value(cursor)?);
                match key.strip_prefix("otlp.link.") {
                    Some(_) => parts.link(link(&value)),
                    None => span_tag(&key, value, start, parts, &mut status, intake),
                }
                Ok(())
            })?,
            b"annotations" => is_first |= annotations(cursor, parts, intake)?,
            b"binaryAnnotations" => {
                is_first |= cursor.peek() == Some(b'[');
                cursor.skip_value()?;
            }
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    if is_first && local.service.is_empty() {
        return Ok(Version::First);
    }
    parts.time.end = Nanos(parts.time.start.0.saturating_add(duration));
    settle_status(status, parts);
    if parts.kind.gives_work() {
        settle_callee(remote, &mut parts.attributes);
    }
    settle_resource(local, parts, intake);
    Ok(Version::Second { is_timed })
}

fn endpoint<'a>(cursor: &mut Cursor<'a>) -> Result<Endpoint<'a>, Malformed> {
    let mut endpoint = Endpoint::default();
    cursor.members(|cursor, field| {
        match field.bytes {
            b"serviceName" => endpoint.service = cursor.text()?,
            b"ipv4" => endpoint.address = cursor.text()?,
            b"ipv6" if endpoint.address.is_empty() => endpoint.address = cursor.text()?,
            b"port" => endpoint.port = json_tags::value(cursor)?.integer(),
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    Ok(endpoint)
}

/// `trace|span|state|attributes|dropped`, as OpenTelemetry's collector writes a link.
fn link(value: &Value<'_>) -> Option<Link> {
    let text = value.str()?;
    let mut parts = text.split('|');
    let trace = id_text::trace_id(parts.next()?.as_bytes())?;
    Some(Link { trace, span: id_text::span_id(parts.next()?.as_bytes())? })
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
    const PORTS: [Key; 3] = [Key::ServerPort, Key::NetPeerPort, Key::NetworkPeerPort];
    const NAMES: [Key; 2] = [Key::DbName, Key::DbNamespace];
    // OpenTelemetry's exporter puts an address or a database there when it knows no name.
    let is_known =
        PLACES.iter().chain(&NAMES).any(|&key| attributes.text(&[key]) == Some(Cow::Borrowed(&*remote.service)));
    if !is_known {
        attributes.put(Key::PeerService, Value::Str(remote.service));
    }
    if !PLACES.iter().any(|&key| attributes.has(key)) {
        attributes.put(Key::ServerAddress, Value::Str(remote.address));
    }
    if let Some(port) = remote.port.filter(|_| !PORTS.iter().any(|&key| attributes.has(key))) {
        attributes.put(Key::ServerPort, Value::Int(port));
    }
}

/// The local endpoint tells the service. Exporters put what else the resource holds among the tags of each span, the
/// service too: there its name is as it was given, while the endpoint's is often in lower case.
fn settle_resource<S: Sink>(local: Endpoint<'_>, parts: &SpanParts<'_>, intake: &mut Intake<'_, S>) {
    const SHARED: [Key; 6] = [
        Key::ServiceVersion,
        Key::ServiceInstanceId,
        Key::K8sPodName,
        Key::ContainerId,
        Key::HostName,
        Key::K8sNodeName,
    ];
    let (mut resource, mut kept) = (Attributes::default(), Vec::new());
    let given = parts
        .attributes
        .text(&[Key::ServiceName])
        .filter(|given| local.service.is_empty() || given.to_lowercase() == local.service);
    let service = given.unwrap_or(Cow::Borrowed(&*local.service));
    for key in SHARED {
        if let Some(value) = parts.attributes.get(key) {
            resource.put(key, value.clone());
        }
    }
    intake.resource_within(|intake| {
        attribute("service.name", Value::Str(service), &mut resource, Some(&mut kept), intake);
        intake.resource(&resource, &mut kept);
    });
}
