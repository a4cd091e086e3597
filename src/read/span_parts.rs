//! One span while it is read: the same for JSON and protobuf.

use crate::model::attribute_value::AttributeValue;
use crate::model::exception::{Exception, ExceptionSource};
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::Operation;
use crate::model::span::{Asked, Codes, Detail, FlagEvaluation, Link, LooseSpan, SLOW_CALL_NS, Status, TOLD_OF_SPAN};
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::time::Interval;
use crate::read::attributes::{Attributes, Value};
use crate::read::codes;
use crate::read::operation_name::operation_name;
use crate::read::resource_parts::ResourceParts;
use crate::read::semconv::{Key, Namespaces};
use crate::read::span_events;
use crate::read::statement;
use crate::read::target_parts;
use crate::read::text::{MESSAGE_BYTES, STACKTRACE_BYTES, capped, sym};
use crate::read::xray_stack::CALLS_OF_STACK;
use std::borrow::Cow;

/// A year in nanoseconds: an end beyond it is a date, and no duration of a span whose start is not known.
const YEAR_NS: u64 = 365 * 24 * 3600 * 1_000_000_000;

/// How many exceptions of one span are kept: the first, and the last, which wraps those before it.
pub(crate) const EXCEPTIONS: usize = 64;

/// How many links of one span are kept. SDKs stop at 128.
const LINKS: usize = 1024;

/// How many flag evaluations of one span are kept.
const FLAGS: usize = 128;

/// The fields of one span, collected in whatever order they come. Reused from span to span.
#[derive(Debug, Default)]
pub(crate) struct SpanParts<'a> {
    pub(crate) trace: TraceId,
    pub(crate) id: SpanId,
    pub(crate) parent: SpanId,
    /// The last id field that holds something that is no id, with what it holds, quoted.
    pub(crate) wrong_id: Option<(&'static str, String)>,
    /// The same for the parent id and links, which can be done without.
    pub(crate) wrong_reference: Option<(&'static str, String)>,
    /// A text.
    pub(crate) name: Value<'a>,
    pub(crate) kind: SpanKind,
    pub(crate) time: Interval,
    pub(crate) status: Status,
    pub(crate) status_message: Cow<'a, str>,
    pub(crate) dropped_attributes: u32,
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
    /// `Span.flags` of the OTLP trace proto: W3C trace flags, and whether the parent is remote.
    pub(crate) trace_flags: u32,
    /// The W3C trace state.
    pub(crate) trace_state: Cow<'a, str>,
    pub(crate) attributes: Attributes<'a>,
    pub(crate) event_name: Cow<'a, str>,
    pub(crate) event_attributes: Attributes<'a>,
    pub(crate) links: Vec<Link>,
    pub(crate) kept: Vec<(Sym, AttributeValue)>,
    exceptions: Vec<Exception>,
    flags: Vec<FlagEvaluation>,
    told: Vec<Sym>,
    event_text: Cow<'a, str>,
    /// Whether that is of a log that says of itself that it is an error.
    error_told: bool,
    /// Exceptions, links and flag evaluations beyond those that are kept.
    beyond: [u64; 3],
    /// Calls of stacks that are given as lists, beyond those that are kept of one.
    pub(crate) calls_beyond: u64,
}

impl<'a> SpanParts<'a> {
    /// Makes room for the next span.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.trace = TraceId::NONE;
        self.id = SpanId::NONE;
        self.parent = SpanId::NONE;
        self.wrong_id = None;
        self.wrong_reference = None;
        self.name = Value::Empty;
        self.kind = SpanKind::Unspecified;
        self.time = Interval::default();
        self.status = Status::Unset;
        self.status_message = Cow::Borrowed("");
        self.dropped_attributes = 0;
        self.dropped_events = 0;
        self.dropped_links = 0;
        self.trace_flags = 0;
        self.trace_state = Cow::Borrowed("");
        self.attributes.clear();
        self.event_attributes.clear();
        self.links.clear();
        self.kept.clear();
        self.exceptions.clear();
        self.flags.clear();
        self.told.clear();
        self.event_text = Cow::Borrowed("");
        self.error_told = false;
        self.beyond = [0; 3];
        self.calls_beyond = 0;
    }

    /// Starts one span event: its name and attributes follow in the fields.
    pub(crate) fn begin_event(&mut self) {
        self.event_name = Cow::Borrowed("");
        self.event_attributes.clear();
    }

    /// Takes up what the span event that was read tells.
    pub(crate) fn end_event(&mut self, names: &mut Names) {
        if self.event_attributes.count == 0 {
            if !span_events::reads_like_text(&self.event_name) {
                self.tell(names);
            } else if !self.error_told {
                self.event_text = std::mem::take(&mut self.event_name);
            }
            return;
        }
        if let Some(exception) = span_events::exception(&self.event_attributes, ExceptionSource::SpanEvent) {
            if self.exceptions.len() == EXCEPTIONS {
                self.exceptions.pop();
                self.leave_out_exception();
            }
            self.exceptions.push(exception);
        }
        let flag = span_events::flag(&self.event_attributes, names);
        if flag.is_none() && !self.event_attributes.tells_exception() {
            self.tell(names);
        }
        if let Some(flag) = flag {
            self.flag(flag);
        }
    }

    /// Keeps the words of an error that a log within the span tells; of several, the last. What any other log says goes
    /// behind them.
    pub(crate) fn tell_error(&mut self, words: Cow<'a, str>) {
        if !words.is_empty() {
            (self.event_text, self.error_told) = (words, true);
        }
    }

    /// Counts an exception that is not kept.
    pub(crate) fn leave_out_exception(&mut self) {
        self.beyond[0] += 1;
    }

    /// Keeps what the event tells of the way that the work took.
    fn tell(&mut self, names: &mut Names) {
        if self.told.len() < TOLD_OF_SPAN
            && let Some(step) = span_events::step(&self.event_name, &self.event_attributes)
        {
            let step = names.intern(&step);
            if !self.told.contains(&step) {
                self.told.push(step);
            }
        }
    }

    fn flag(&mut self, flag: FlagEvaluation) {
        if self.flags.len() < FLAGS {
            self.flags.push(flag);
        } else {
            self.beyond[2] += 1;
        }
    }

    /// Takes up a link; one whose ids cannot be read is told.
    pub(crate) fn link(&mut self, link: Option<Link>) {
        match link.filter(|link| !link.trace.is_none() && !link.span.is_none()) {
            Some(link) if self.links.len() < LINKS => self.links.push(link),
            Some(_) => self.beyond[1] += 1,
            None => self.wrong_reference = Some(("link", "not a pair of ids".to_owned())),
        }
    }

    /// What was left out of the span because it has too much of it.
    pub(crate) fn left_out(&self) -> Option<String> {
        let ([exceptions, links, flags], calls) = (self.beyond, self.calls_beyond);
        let lists = (self.beyond != [0; 3]).then(|| {
            format!(
                "{exceptions} exceptions, {links} links and {flags} flag evaluations; the limits are {EXCEPTIONS}, {LINKS} and \
                 {FLAGS}"
            )
        });
        let calls = (calls > 0).then(|| {
            let texts = STACKTRACE_BYTES >> 10;
            format!("{calls} calls of stacks; the limits of each are {CALLS_OF_STACK} and {texts} KiB of their texts")
        });
        match (lists, calls) {
            (Some(lists), Some(calls)) => Some(format!("span kept without {lists}; and without {calls}")),
            (lists, calls) => lists.or(calls).map(|beyond| format!("span kept without {beyond}")),
        }
    }

    /// Makes the span, or says why it cannot be used.
    pub(crate) fn finish(
        &mut self,
        resource: &ResourceParts,
        names: &mut Names,
        scratch: &mut Vec<u8>,
    ) -> Result<LooseSpan, String> {
        if let Some((field, found)) = self.wrong_id.take() {
            let (bytes, digits) = if field == "traceId" { (16, 32) } else { (8, 16) };
            return Err(format!(
                "span left out: {field} is {found}; expected {bytes} bytes, in JSON {digits} hexadecimal digits"
            ));
        }
        if self.trace.is_none() || self.id.is_none() {
            let field = if self.trace.is_none() { "traceId" } else { "spanId" };
            return Err(format!("span left out: {field} is missing or all zero; the exporter must set it"));
        }
        if self.time.start.0 == 0 && self.time.end.0 > YEAR_NS {
            // An end without a start tells when it was, and not how long it took.
            self.time.start = self.time.end;
        }
        let span_name = self.name.bytes().unwrap_or_default();
        let name = sym(span_name, names);
        let operation_name = operation_name(&self.attributes, span_name, scratch);
        let operation = Operation {
            service: resource.service,
            name: if operation_name == span_name { name } else { sym(operation_name, names) },
            kind: self.kind,
        };
        let target =
            if self.kind.gives_work() { target_parts::target(&self.attributes, names) } else { TargetId::NONE };
        Ok(LooseSpan {
            trace: self.trace,
            id: self.id,
            parent: self.parent,
            time: self.time,
            operation: names.operation(operation),
            name,
            resource: resource.id,
            target,
            codes: self.codes(),
            status: self.status,
            detail: self.detail(names),
            attributes: self.attributes_of_both(resource),
        })
    }

    fn codes(&self) -> Codes {
        const GRPC: [Key; 3] = [Key::RpcGrpcStatusCode, Key::RpcResponseStatusCode, Key::RpcStatusCode];
        const HTTP: [Key; 2] = [Key::HttpResponseStatusCode, Key::HttpStatusCode];
        Codes {
            grpc: GRPC.iter().find_map(|&key| codes::grpc(self.attributes.get(key)?)),
            http: HTTP.iter().find_map(|&key| codes::http(self.attributes.get(key)?)),
        }
    }

    /// What was asked for of the span and of its resource.
    fn attributes_of_both(&mut self, resource: &ResourceParts) -> Box<[(Sym, AttributeValue)]> {
        if self.kept.is_empty() && resource.kept.is_empty() {
            return Box::default();
        }
        self.kept.extend_from_slice(&resource.kept);
        self.kept.drain(..).collect()
    }

    fn detail(&mut self, names: &mut Names) -> Option<Box<Detail>> {
        if let Some(flag) = span_events::flag(&self.attributes, names) {
            self.flag(flag);
        }
        let failed = self.status == Status::Error;
        let error_text = self.attributes.text(&[Key::GrpcErrorMessage]).unwrap_or_default();
        let error_text = if error_text.is_empty() && failed { Cow::Borrowed(&*self.event_text) } else { error_text };
        let asked = self.asked(failed, names);
        let error_type = [Key::ErrorType, Key::GrpcErrorName].iter().find_map(|&key| self.attributes.get(key));
        let nothing = self.status_message.is_empty()
            && error_text.is_empty()
            && error_type.is_none()
            && self.exceptions.is_empty()
            && self.links.is_empty()
            && self.flags.is_empty()
            && self.told.is_empty()
            && self.dropped_events == 0
            && asked.is_none();
        if nothing {
            return None;
        }
        Some(Box::new(Detail {
            status_message: capped(&self.status_message, MESSAGE_BYTES),
            error_text: capped(&error_text, MESSAGE_BYTES),
            error_type: error_type.map_or_else(Box::default, |it| capped(&it.text(MESSAGE_BYTES), MESSAGE_BYTES)),
            asked,
            exceptions: std::mem::take(&mut self.exceptions),
            links: self.links.as_slice().to_vec(),
            flags: self.flags.as_slice().to_vec(),
            told: self.told.as_slice().to_vec(),
            dropped_events: self.dropped_events,
        }))
    }

    /// What was asked of a database by a call that may be to blame for something: it failed, or took long.
    fn asked(&self, failed: bool, names: &mut Names) -> Option<Asked> {
        if !self.attributes.namespaces.has(Namespaces::DB) || !self.kind.gives_work() {
            return None;
        }
        let took = self.time.end.0.saturating_sub(self.time.start.0);
        let is_told =
            failed || took >= SLOW_CALL_NS || !self.exceptions.is_empty() || self.attributes.has(Key::ErrorType);
        if !is_told {
            return None;
        }
        let text = |keys: &[Key]| self.attributes.text(keys).unwrap_or_default();
        let system = text(&[Key::DbSystemName, Key::DbSystem]);
        let query = text(&[Key::DbQueryText]);
        let statement = statement::cleaned(&system, &query);
        let operation_of = |key: Key| statement::operation(&system, &text(&[key])).map(str::to_owned);
        let operation = operation_of(Key::DbOperation).or_else(|| operation_of(Key::DbQuerySummary));
        let collection = statement::name(&text(&[Key::DbCollection])).map(str::to_owned);
        let statement = statement.and_then(|text| names.intern_if_half_free(&text)).unwrap_or_default();
        let mut name = |text: Option<String>| text.and_then(|text| names.intern_if_room(&text)).unwrap_or_default();
        let asked = Asked { operation: name(operation), collection: name(collection), statement };
        (asked != Asked::default()).then_some(asked)
    }
}

#[cfg(test)]
mod tests;
