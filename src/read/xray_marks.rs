//! What a segment of X-Ray says of itself beside times and ids, and what that makes of the span.

use crate::model::span::Status;
use crate::model::span_kind::SpanKind;
use crate::read::attributes::{Attributes, Value};
use crate::read::intake::Intake;
use crate::read::json_tags::attribute;
use crate::read::resource_parts;
use crate::read::semconv::Key;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::target_parts::host_of_url;
use std::borrow::Cow;

/// What was noted of one segment or subsegment until all of it was read.
#[derive(Debug, Default)]
pub(crate) struct Marks<'a> {
    pub(crate) trace: Option<&'a [u8]>,
    pub(crate) subsegment: bool,
    pub(crate) inferred: bool,
    pub(crate) namespace: &'a [u8],
    pub(crate) fault: bool,
    pub(crate) error: bool,
    pub(crate) throttle: bool,
    pub(crate) aws_operation: Cow<'a, str>,
    pub(crate) resource: Attributes<'a>,
    method: String,
    route: String,
}

impl<'a> Marks<'a> {
    /// Notes attributes that tell what the span was called.
    pub(crate) fn note(&mut self, key: &str, value: &Value<'a>) {
        match (key, value) {
            ("http.request.method" | "http.method", Value::Str(text)) => self.method = text.to_string(),
            ("http.route", Value::Str(text)) => self.route = text.to_string(),
            _ => {}
        }
    }

    /// Makes the process of a segment that of all that is in it. A segment is named after its service, unless its
    /// metadata tells the service; what was sent as a subsegment by itself has that of the span it runs under.
    pub(crate) fn take_up_service<S: Sink>(&mut self, parts: &SpanParts<'a>, intake: &mut Intake<'_, S>) {
        if self.subsegment && !self.resource.has(Key::ServiceName) {
            return intake.use_resource(resource_parts::that_of_the_parent());
        }
        attribute("service.name", parts.name.clone(), &mut self.resource, None, intake);
        intake.resource_within(|intake| intake.resource(&self.resource, &mut Vec::new()));
    }

    /// Makes the span of what was noted. `root`: it lies in no other segment of its document.
    pub(crate) fn settle(&self, parts: &mut SpanParts<'a>, root: bool) {
        parts.kind = self.kind(parts, root);
        if parts.time.end.0 == 0 {
            // Still in progress when it was sent.
            parts.time.end = parts.time.start;
        }
        if self.fault {
            parts.status = Status::Error;
        }
        if self.error || self.throttle {
            // Puts nothing where the answer's code was told.
            let code = if self.throttle { 429 } else { 400 };
            parts.attributes.put(Key::HttpResponseStatusCode, Value::Int(code));
        }
        if !self.aws_operation.is_empty() {
            // A method that names its service needs no other: so OpenTelemetry has it where AWS has `GetItem`.
            if !self.aws_operation.contains('/') {
                parts.attributes.put(Key::RpcService, parts.name.clone());
            }
            parts.attributes.put(Key::RpcMethod, Value::Str(self.aws_operation.clone()));
        }
        if parts.kind == SpanKind::Client && !names_callee(&parts.attributes) {
            // A call is named after whom it goes to.
            parts.attributes.put(Key::PeerService, parts.name.clone());
        }
        if parts.kind == SpanKind::Server && !self.method.is_empty() && !self.route.is_empty() {
            // What instrumentation calls a request, while a segment is called after its service.
            parts.name = Value::Str(Cow::Owned([&self.method, " ", &self.route].concat()));
        }
    }

    /// A segment takes a request, unless it bears a name of its own beside that of its service.
    fn kind(&self, parts: &SpanParts<'_>, root: bool) -> SpanKind {
        let named_after_service =
            || self.resource.text(&[Key::ServiceName]).is_none_or(|service| Some(service) == parts.name.str());
        match self.namespace {
            b"remote" | b"aws" => SpanKind::Client,
            _ if root && !self.subsegment && named_after_service() => SpanKind::Server,
            _ => SpanKind::Internal,
        }
    }
}

fn names_callee(attributes: &Attributes<'_>) -> bool {
    const CALLEE: [Key; 6] =
        [Key::PeerService, Key::ServerAddress, Key::NetPeerName, Key::RpcService, Key::DbSystemName, Key::DbSystem];
    let url = attributes.bytes(&[Key::UrlFull, Key::HttpUrl]);
    let method = attributes.bytes(&[Key::RpcMethod]);
    CALLEE.iter().any(|&key| attributes.has(key))
        || url.and_then(host_of_url).is_some()
        || method.is_some_and(|method| method.contains(&b'/'))
}
