//! Requests that go through a synthetic system, span by span.

use crate::background::background_failure;
use crate::carried::{Failure, carried, exception_of, name_of};
use crate::common::chance::Chance;
use crate::evaluation::tell_evaluation;
use crate::hold::{Ended, Hold};
use crate::otlp::{Event, Record, Sent, Span, Value};
use crate::plan::{Plan, Sign};
use crate::request::Request;
use crate::system::{System, Way};

/// What the fault's span says; nothing else says so.
pub(crate) const MARKER: &str = "the rule table has no row";

const MILLISECOND: f64 = 1e6;

/// What the spans above have evaluated and told.
#[derive(Clone, Default)]
struct Chain {
    other_flags: Vec<usize>,
    told: Vec<usize>,
}

pub(crate) struct Traffic<'s> {
    system: &'s System,
    plan: &'s Plan,
    chance: &'s mut Chance,
    pub(crate) sent: Sent,
    /// Consumers that have yet to take their messages in traces of their own: the operation and the link. What the sender
    /// evaluated and told is not known there.
    waiting: Vec<(usize, (u128, u64))>,
    spans: u64,
    /// When requests came that the fault hit.
    pub(crate) hit: Vec<u64>,
}

impl<'s> Traffic<'s> {
    pub(crate) fn new(system: &'s System, plan: &'s Plan, chance: &'s mut Chance) -> Self {
        Self { system, plan, chance, sent: Sent::default(), waiting: Vec::new(), spans: 0, hit: Vec::new() }
    }

    /// So many requests, spread over the time from `from` to `to`.
    pub(crate) fn flow(&mut self, requests: usize, from: u64, to: u64) {
        let mut starts: Vec<u64> =
            (0..requests).map(|_| from + ((to - from) as f64 * self.chance.share()) as u64).collect();
        starts.sort_unstable();
        let weights: Vec<f64> = self.system.entries.iter().map(|(_, weight)| *weight).collect();
        for start in starts {
            let request = Request::draw(self.system, self.plan, start, self.chance);
            let entry = self.system.entries[self.chance.weighed(&weights)].0;
            self.enter(&request, entry);
            while let Some((operation, link)) = self.waiting.pop() {
                let consumed = Request { trace: u128::from(self.chance.next()), ..request.clone() };
                let at = start + (50.0 * MILLISECOND) as u64;
                self.serve(
                    &consumed,
                    operation,
                    Hold { parent: None, link: Some(link), kind: 5 },
                    at,
                    Chain::default(),
                );
            }
        }
        let missing = self.system.missing;
        if missing > 0.0 {
            let chance = &mut *self.chance;
            self.sent.spans.retain(|_| !chance.happens(missing));
        }
    }

    fn span_id(&mut self) -> u64 {
        self.spans += 1;
        self.spans.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1
    }

    fn enter(&mut self, request: &Request, entry: usize) {
        let mut hold = Hold { parent: None, link: None, kind: 2 };
        if !self.system.has_load_generator {
            self.serve(request, entry, hold, request.start, Chain::default());
            return;
        }
        let (root, client) = (self.span_id(), self.span_id());
        hold.parent = Some(client);
        let ended = self.serve(request, entry, hold, request.start + 1_000_000, Chain::default());
        let process = self.plan.processes.load_generator();
        let failed = ended.failure.as_ref().is_some_and(|failure| !failure.is_callers);
        for (id, parent, name, kind) in [(root, None, "user journey", 1), (client, Some(root), "POST", 3)] {
            let end = ended.at + 500_000;
            let error = failed.then(|| "500 Internal Server Error".to_owned());
            self.push(Span {
                process,
                trace: request.trace,
                id,
                parent,
                link: None,
                name: name.to_owned(),
                kind,
                start: request.start,
                end,
                error,
                attributes: Vec::new(),
                events: Vec::new(),
            });
        }
    }

    /// One operation, with all that it calls.
    fn serve(&mut self, request: &Request, operation: usize, hold: Hold, at: u64, mut chain: Chain) -> Ended {
        let system = self.system;
        let it = &system.operations[operation];
        let service = &system.services[it.service];
        let rotation = self.plan.processes.at(it.service, request.start);
        let process = *self.chance.one_of(rotation);
        let id = self.span_id();
        let inner = it.inner.as_ref().map(|_| self.span_id());
        let own = (self.chance.lognormal(it.median_ms, 0.4) * MILLISECOND) as u64;
        let mut attributes = request.told(system, &it.tells);
        let mut events = Vec::new();
        let (inner_attributes, mut inner_events) = (request.told(system, &it.inner_tells), Vec::new());
        chain.told.extend(it.tells.iter().chain(&it.inner_tells));
        let mut now = at + own / 4;
        for flag in &it.flags {
            let is_other = request.is_other[*flag];
            if is_other {
                chain.other_flags.push(*flag);
            }
            let child = self.span_id();
            let bare = Span {
                process,
                trace: request.trace,
                id: child,
                parent: Some(id),
                link: None,
                name: String::new(),
                kind: 1,
                start: now,
                end: now + 40_000,
                error: None,
                attributes: Vec::new(),
                events: Vec::new(),
            };
            tell_evaluation(&system.flags[*flag], is_other, bare, &mut attributes, &mut events, &mut self.sent);
        }
        let mut failure = background_failure(system, request, operation, self.chance);
        let is_hit = failure.is_none() && self.is_hit(request, operation, process, &chain);
        let is_late = self.plan.fault.as_ref().is_some_and(|fault| fault.is_late);
        if is_hit && !is_late {
            failure = Some(self.fault(request));
        }
        let mut is_origin = failure.is_some();
        if failure.is_none() {
            for call in &it.calls {
                if !self.chance.happens(call.share) {
                    continue;
                }
                let (ended, failed) = self.call(request, process, inner.unwrap_or(id), call.to, call.way, now, &chain);
                now = ended;
                if let Some(failed) = failed.filter(|failed| !call.is_absorbed && !failed.is_callers) {
                    failure = Some(failed);
                    break;
                }
            }
            if is_hit && failure.is_none() {
                failure = Some(self.fault(request));
                is_origin = true;
            }
        }
        now += own / 2;
        if is_origin && let Some(failure) = &failure {
            let events = if inner.is_some() { &mut inner_events } else { &mut events };
            if let Some(exception) = failure.exception {
                events.push(Event {
                    name: "exception".to_owned(),
                    attributes: exception_of(exception, &failure.message),
                });
                if it.service.is_multiple_of(3) {
                    let attributes = exception_of(exception, &failure.message);
                    let (trace, span) = (request.trace, inner.unwrap_or(id));
                    let body = failure.message.clone();
                    self.sent.records.push(Record {
                        process,
                        trace,
                        span,
                        at: now,
                        severity: 17,
                        event_name: None,
                        body,
                        attributes,
                    });
                }
            }
        }
        let failed = failure.as_ref().filter(|failure| !failure.is_callers);
        if let Some(inner) = inner {
            let error = failed.map(|failure| failure.message.clone());
            let name = it.inner.clone().unwrap_or_default();
            self.push(Span {
                process,
                trace: request.trace,
                id: inner,
                parent: Some(id),
                link: None,
                name,
                kind: 1,
                start: at + own / 8,
                end: now,
                error,
                attributes: inner_attributes,
                events: inner_events,
            });
        }
        if operation.is_multiple_of(5) && failure.is_none() {
            attributes.push(("app.accepted".to_owned(), Value::Truth(true)));
        }
        let is_grpc = service.speaks_grpc && operation >= system.entries.len();
        attributes.extend(carried(&service.name, &it.name, is_grpc, hold.kind, failure.as_ref()));
        // A span is left unmarked only where a caller's span tells in its place.
        let is_quiet = service.is_quiet && hold.kind == 2 && operation >= system.entries.len();
        let error = failed.filter(|_| !is_quiet).map(|failure| failure.message.clone());
        if error.is_some()
            && let Some(exception) = failed.and_then(|failure| failure.exception)
        {
            attributes.push(("error.type".to_owned(), Value::text(exception)));
        }
        let end = now + own / 8;
        self.push(Span {
            process,
            trace: request.trace,
            id,
            parent: hold.parent,
            link: hold.link,
            name: name_of(&it.name, is_grpc, hold.kind),
            kind: hold.kind,
            start: at,
            end,
            error,
            attributes,
            events,
        });
        Ended { at: end, failure }
    }

    /// The span of the caller, and what lies below it.
    #[expect(clippy::too_many_arguments, reason = "a call has that many sides")]
    fn call(
        &mut self,
        request: &Request,
        process: usize,
        parent: u64,
        to: usize,
        way: Way,
        at: u64,
        chain: &Chain,
    ) -> (u64, Option<Failure>) {
        let system = self.system;
        let callee = &system.operations[to];
        let service = &system.services[callee.service];
        let id = self.span_id();
        let mut span = Span {
            process,
            trace: request.trace,
            id,
            parent: Some(parent),
            link: None,
            name: format!("{} publish", callee.name),
            kind: 4,
            start: at,
            end: at + 800_000,
            error: None,
            attributes: Vec::new(),
            events: Vec::new(),
        };
        match way {
            Way::LinkedMessage => self.waiting.push((to, (request.trace, id))),
            Way::Message => {
                let hold = Hold { parent: Some(id), link: None, kind: 5 };
                self.serve(request, to, hold, at + 2_000_000, chain.clone());
            }
            Way::Call => {
                let hold = Hold { parent: Some(id), link: None, kind: 2 };
                let ended = self.serve(request, to, hold, at + 300_000, chain.clone());
                let failed = ended.failure.as_ref().filter(|failure| !failure.is_callers);
                span.kind = 3;
                span.name = name_of(&callee.name, service.speaks_grpc, 3);
                span.end = ended.at + 300_000;
                span.error = failed.map(|failure| failure.message.clone());
                span.attributes = carried(&service.name, &callee.name, service.speaks_grpc, 3, ended.failure.as_ref());
                let end = span.end;
                self.push(span);
                return (end, ended.failure);
            }
        }
        let end = span.end;
        span.attributes = vec![
            ("messaging.system".to_owned(), Value::text("kafka")),
            ("messaging.destination.name".to_owned(), Value::text(&callee.name)),
        ];
        self.push(span);
        (end, None)
    }

    fn is_hit(&mut self, request: &Request, operation: usize, process: usize, chain: &Chain) -> bool {
        let Some(fault) = self.plan.fault.as_ref().filter(|fault| fault.operation == operation) else { return false };
        let is_met = request.start >= fault.from
            && fault.flag.is_none_or(|flag| chain.other_flags.contains(&flag))
            && (fault.processes.is_empty() || fault.processes.contains(&process))
            && fault
                .value
                .as_ref()
                .is_none_or(|(told, value)| chain.told.contains(told) && request.values[*told] == *value);
        is_met && self.chance.happens(fault.share)
    }

    fn fault(&mut self, request: &Request) -> Failure {
        self.hit.push(request.start);
        let is_exception = self.plan.fault.as_ref().is_some_and(|fault| fault.sign == Sign::Exception);
        let message = format!("{MARKER} for this request");
        Failure { exception: is_exception.then_some("RuleError"), message, is_callers: false }
    }

    fn push(&mut self, span: Span) {
        self.sent.spans.push(span);
    }
}
