//! Requests that flow through a synthetic system in time: work, wires, queues, calls one after the other or at once.
//!
//! ```text
//! serve    |==first==|   calls and queries   |==last==|       an operation, with a fault's extra where most work is
//! call     |-wire-|      serve      |-wire-|
//! message  |send|···queue···|  serve ...                      nobody waits
//! ```

use crate::background::background_failure;
use crate::carried::{carried, exception_of, name_of};
use crate::common::chance::Chance;
use crate::evaluation::tell_evaluation;
use crate::fault::{Fault, Sort};
use crate::hold::{Ended, Hold};
use crate::otlp::{Attributes, Event, Record, Sent, Span, Value};
use crate::pace::{Database, GRUMBLE, MILLISECOND, Pace};
use crate::plan::Plan;
use crate::request::Request;
use crate::system::{Call, System, Way};

/// What passes from one step of an operation to the next.
const BETWEEN: u64 = 60_000;

/// One thing that an operation waits for.
#[derive(Clone, Copy)]
enum Step<'s> {
    Query(&'s Database),
    Call {
        call: &'s Call,
        is_refused_first: bool,
    },
    /// A call that is not among those of the operation.
    New(usize),
}

/// Whoever makes a call.
#[derive(Clone, Copy)]
struct Caller<'r> {
    request: &'r Request,
    service: usize,
    process: usize,
    parent: u64,
}

pub(crate) struct Flow<'s> {
    pub(crate) system: &'s System,
    pub(crate) pace: &'s Pace,
    pub(crate) plan: &'s Plan,
    pub(crate) fault: Option<&'s Fault>,
    pub(crate) chance: &'s mut Chance,
    pub(crate) sent: Sent,
    /// Consumers that have yet to take their messages in traces of their own: the operation, the link, and when.
    waiting: Vec<(usize, (u128, u64), u64)>,
    spans: u64,
    /// How often the fault was met.
    pub(crate) hits: usize,
}

impl<'s> Flow<'s> {
    pub(crate) fn new(
        system: &'s System,
        pace: &'s Pace,
        plan: &'s Plan,
        fault: Option<&'s Fault>,
        chance: &'s mut Chance,
    ) -> Self {
        Self { system, pace, plan, fault, chance, sent: Sent::default(), waiting: Vec::new(), spans: 0, hits: 0 }
    }

    /// So many requests, spread over the time from `from` to `to`.
    pub(crate) fn flow(&mut self, requests: usize, from: u64, to: u64) {
        let mut starts: Vec<u64> =
            (0..requests).map(|_| from + ((to - from) as f64 * self.chance.share()) as u64).collect();
        starts.sort_unstable();
        let mut weights = self.pace.entries[usize::from(from >= self.plan.candidate)].clone();
        if let Some(fault) = self.fault.filter(|fault| fault.sort == Sort::Vanished && from >= fault.from) {
            let gone = self.system.entries.iter().position(|(place, _)| *place == fault.operation);
            let gone = gone.expect("only entry points vanish");
            self.hits = (requests as f64 * weights[gone] / weights.iter().sum::<f64>()) as usize;
            weights[gone] = 0.0;
        }
        for start in starts {
            let request = Request::draw(self.system, self.plan, start, self.chance);
            let entry = self.system.entries[self.chance.weighed(&weights)].0;
            self.serve(&request, entry, Hold { parent: None, link: None, kind: 2 }, start);
            while let Some((operation, link, at)) = self.waiting.pop() {
                let consumed = Request { trace: u128::from(self.chance.next()), ..request.clone() };
                self.serve(&consumed, operation, Hold { parent: None, link: Some(link), kind: 5 }, at);
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

    /// The fault, if it is one of these sorts and this operation has it now.
    fn met(&mut self, sorts: &[Sort], request: &Request, operation: usize, process: usize) -> Option<&'s Fault> {
        let fault = self.fault.filter(|fault| sorts.contains(&fault.sort))?;
        let is_met = fault.hits(request, operation, process, self.chance);
        self.hits += usize::from(is_met);
        is_met.then_some(fault)
    }

    fn serve(&mut self, request: &Request, operation: usize, hold: Hold, at: u64) -> Ended {
        let (system, pace) = (self.system, self.pace);
        let it = &system.operations[operation];
        let own_pace = &pace.operations[operation];
        let service = &system.services[it.service];
        let process = self.plan.processes.one_of(it.service, request.start, self.chance);
        let (id, inner) = (self.span_id(), it.inner.as_ref().map(|_| self.span_id()));
        let gust = pace.services[it.service].gust(at);
        let by_value = own_pace.by_value.as_ref().map_or(1.0, |by_value| by_value.of(request));
        let own = self.chance.lognormal(it.median_ms, own_pace.spread) * gust * by_value * MILLISECOND;
        let slower = self.met(&[Sort::Slower, Sort::SlowerValue, Sort::SlowerPod], request, operation, process);
        // What takes longer takes not always as much longer.
        let extra = slower.map_or(0.0, |fault| self.chance.lognormal(fault.extra_ms, 0.3) * MILLISECOND);
        let (first, last) =
            if own_pace.works_first { (0.7 * own + extra, 0.2 * own) } else { (0.2 * own, 0.7 * own + extra) };
        let (first, last, rest) = (first as u64, last as u64, (0.1 * own) as u64);
        let (mut attributes, mut events) = (request.told(system, &it.tells), Vec::new());
        self.tell_flags(request, operation, process, id, at, &mut attributes, &mut events);
        self.log(request, operation, process, inner.unwrap_or(id), at);
        let mut now = at + rest / 2 + first;
        let mut failure = background_failure(system, request, operation, self.chance);
        let is_origin = failure.is_some();
        if failure.is_none() {
            let steps = self.steps(request, operation, process);
            let caller = Caller { request, service: it.service, process, parent: inner.unwrap_or(id) };
            let ended = self.take(&steps, caller, own_pace.is_parallel, now);
            (now, failure) = (ended.at, ended.failure);
        }
        now += last;
        if is_origin && let Some((failure, exception)) = failure.as_ref().and_then(|it| Some((it, it.exception?))) {
            events.push(Event { name: "exception".to_owned(), attributes: exception_of(exception, &failure.message) });
        }
        let failed = failure.as_ref().filter(|failure| !failure.is_callers);
        let error = failed.map(|failure| failure.message.clone());
        let bare = Span { process, trace: request.trace, id, parent: hold.parent, link: hold.link, ..blank(at, now) };
        if let Some((inner, name)) = inner.zip(it.inner.clone()) {
            let (attributes, error) = (request.told(system, &it.inner_tells), error.clone());
            let start = at + rest / 4;
            self.push(
                it.service,
                Span { id: inner, parent: Some(id), link: None, name, start, attributes, error, ..bare.clone() },
            );
        }
        let is_grpc = service.speaks_grpc && operation >= system.entries.len();
        attributes.extend(carried(&service.name, &it.name, is_grpc, hold.kind, failure.as_ref()));
        let is_quiet = service.is_quiet && hold.kind == 2 && operation >= system.entries.len();
        let (name, end) = (name_of(&it.name, is_grpc, hold.kind), now + rest / 2);
        let error = error.filter(|_| !is_quiet);
        self.push(it.service, Span { name, kind: hold.kind, end, error, attributes, events, ..bare });
        Ended { at: end, failure }
    }

    /// What an operation writes of what went wrong, with or without an exception, while its span stays as it is.
    fn log(&mut self, request: &Request, operation: usize, process: usize, span: u64, at: u64) {
        let grumbles = self.chance.happens(self.pace.operations[operation].grumbles).then_some(GRUMBLE);
        let fails = self.met(&[Sort::LogErrors], request, operation, process).map(|_| "cannot write journal entry");
        for told in grumbles.into_iter().chain(fails) {
            let number = self.chance.below(1_000_000);
            let failure = format!("{told} {number}: no space left on device");
            let attributes = if number.is_multiple_of(2) { exception_of("StorageError", &failure) } else { Vec::new() };
            let at = self.pace.services[self.system.operations[operation].service].clock(at + 2_000);
            let trace = request.trace;
            let record = Record { process, trace, span, at, severity: 17, event_name: None, body: failure, attributes };
            self.sent.records.push(record);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a span is made of")]
    fn tell_flags(
        &mut self,
        request: &Request,
        operation: usize,
        process: usize,
        id: u64,
        at: u64,
        attributes: &mut Attributes,
        events: &mut Vec<Event>,
    ) {
        let system = self.system;
        let it = &system.operations[operation];
        let start = self.pace.services[it.service].clock(at + 1_000);
        for flag in &it.flags {
            let child = self.span_id();
            let bare =
                Span { process, trace: request.trace, id: child, parent: Some(id), ..blank(start, start + 40_000) };
            tell_evaluation(&system.flags[*flag], request.is_other[*flag], bare, attributes, events, &mut self.sent);
        }
    }

    /// What an operation asks for, for one request.
    fn steps(&mut self, request: &Request, operation: usize, process: usize) -> Vec<Step<'s>> {
        let (system, pace) = (self.system, self.pace);
        let it = &system.operations[operation];
        let mut steps = Vec::new();
        if let Some(database) = &pace.operations[operation].database {
            let many = self.met(&[Sort::MoreQueries], request, operation, process);
            let queries = self.chance.between(1, database.queries) * many.map_or(1, |fault| fault.times);
            steps.extend((0..queries).map(|_| Step::Query(database)));
        }
        for (place, call) in it.calls.iter().enumerate() {
            let is_candidate = request.start >= self.plan.candidate;
            let drift = if call.share < 1.0 && is_candidate { pace.drifts[operation][place] } else { 1.0 };
            if !self.chance.happens(call.share * drift) {
                continue;
            }
            let sorts = [Sort::CallLeftOut, Sort::MoreCalls, Sort::Retries];
            let is_here = self.fault.is_some_and(|fault| fault.call == place);
            let met = if is_here { self.met(&sorts, request, operation, process) } else { None };
            let (times, is_refused_first) = match met.map(|fault| fault.sort) {
                Some(Sort::CallLeftOut) => (0, false),
                Some(Sort::MoreCalls) => (met.map_or(1, |fault| fault.times), false),
                Some(_) => (1, true),
                None => (1, false),
            };
            steps.extend((0..times).map(|_| Step::Call { call, is_refused_first }));
        }
        if self.met(&[Sort::EarlyReturn], request, operation, process).is_some() {
            steps.clear();
        }
        if let Some(fault) = self.met(&[Sort::NewCall], request, operation, process) {
            steps.push(Step::New(fault.to));
        }
        steps
    }

    /// Takes steps one after the other, until one fails, or all at once.
    fn take(&mut self, steps: &[Step<'s>], caller: Caller<'_>, is_parallel: bool, at: u64) -> Ended {
        let mut all = Ended { at, failure: None };
        for step in steps {
            let from = if is_parallel { at } else { all.at } + BETWEEN;
            let (ended, is_absorbed) = match *step {
                Step::Query(database) => (self.query(database, caller, from), true),
                Step::Call { call, is_refused_first } => {
                    let from = if is_refused_first { self.refused(caller, call.to, from) } else { from };
                    (self.call(caller, call.to, call.way, from), call.is_absorbed)
                }
                Step::New(to) => (self.call(caller, to, Way::Call, from), true),
            };
            all.at = all.at.max(ended.at);
            let failed = ended.failure.filter(|failure| !is_absorbed && !failure.is_callers);
            all.failure = all.failure.or(failed);
            if all.failure.is_some() && !is_parallel {
                break;
            }
        }
        all
    }

    fn query(&mut self, database: &Database, caller: Caller<'_>, at: u64) -> Ended {
        let operation =
            self.fault.filter(|fault| fault.sort == Sort::SlowerQuery && fault.origin.service == database.host);
        // All queries of a database are slow, whoever asks.
        let slow = operation.filter(|fault| caller.request.start >= fault.from && self.chance.happens(fault.share));
        self.hits += usize::from(slow.is_some());
        let extra = slow.map_or(0.0, |fault| self.chance.lognormal(fault.extra_ms, 0.3));
        let end = at + ((self.chance.lognormal(database.median_ms, 0.4) + extra) * MILLISECOND) as u64;
        let id = self.span_id();
        let text = |key: &str, value: &str| (key.to_owned(), Value::text(value));
        let attributes = vec![
            text("db.system.name", "postgresql"),
            text("db.query.summary", &database.statement),
            text("server.address", &database.host),
        ];
        let name = database.statement.clone();
        self.push(caller.service, Span { id, name, kind: 3, attributes, ..caller.span(at, end) });
        Ended { at: end, failure: None }
    }

    /// Attempts that nobody answers, one after the other, and the time at which the next may be made.
    fn refused(&mut self, caller: Caller<'_>, to: usize, mut at: u64) -> u64 {
        let system = self.system;
        let callee = &system.operations[to];
        let service = &system.services[callee.service];
        for _ in 0..self.chance.between(1, 3) {
            let id = self.span_id();
            let end = at + (self.chance.lognormal(2.0, 0.5) * MILLISECOND) as u64;
            let mut attributes = carried(&service.name, &callee.name, service.speaks_grpc, 3, None);
            for (key, value) in &mut attributes {
                match key.as_str() {
                    "rpc.grpc.status_code" => *value = Value::Number(14),
                    "http.response.status_code" => *value = Value::Number(503),
                    _ => {}
                }
            }
            let (name, error) = (name_of(&callee.name, service.speaks_grpc, 3), Some("connection refused".to_owned()));
            self.push(caller.service, Span { id, name, kind: 3, attributes, error, ..caller.span(at, end) });
            at = end + (self.chance.lognormal(20.0, 0.3) * MILLISECOND) as u64;
        }
        at
    }

    /// The span of the caller, and what lies below it.
    fn call(&mut self, caller: Caller<'_>, to: usize, way: Way, at: u64) -> Ended {
        let (system, pace) = (self.system, self.pace);
        let callee = &system.operations[to];
        let service = &system.services[callee.service];
        let id = self.span_id();
        if way != Way::Call {
            let end = at + (self.chance.lognormal(0.8, 0.3) * MILLISECOND) as u64;
            let lags = if way == Way::Message { Sort::Lag } else { Sort::LinkedLag };
            let fault = self.fault.filter(|fault| fault.sort == lags);
            let late = fault.filter(|fault| fault.hits(caller.request, to, usize::MAX, self.chance));
            self.hits += usize::from(late.is_some());
            let lag = late.map_or(0.0, |fault| self.chance.lognormal(fault.extra_ms, 0.4));
            let queue = self.chance.lognormal(pace.services[callee.service].queue_ms, 0.6);
            let begins = end + ((queue + lag) * MILLISECOND) as u64;
            if way == Way::Message {
                self.serve(caller.request, to, Hold { parent: Some(id), link: None, kind: 5 }, begins);
            } else {
                self.waiting.push((to, (caller.request.trace, id), begins));
            }
            let text = |key: &str, value: &str| (key.to_owned(), Value::text(value));
            let attributes = vec![text("messaging.system", "kafka"), text("messaging.destination.name", &callee.name)];
            let name = format!("{} publish", callee.name);
            self.push(caller.service, Span { id, name, kind: 4, attributes, ..caller.span(at, end) });
            return Ended { at: end, failure: None };
        }
        let wire = self.chance.lognormal(pace.services[callee.service].wire_ms, 0.5) * MILLISECOND;
        let slow =
            self.fault.filter(|it| it.slows_wire(system, caller.request, caller.service, callee.service, self.chance));
        self.hits += usize::from(slow.is_some());
        let extra = slow.map_or(0.0, |fault| self.chance.lognormal(fault.extra_ms, 0.3) * MILLISECOND);
        let hold = Hold { parent: Some(id), link: None, kind: 2 };
        let ended = self.serve(caller.request, to, hold, at + (0.5 * wire + extra) as u64);
        let end = ended.at + (0.5 * wire) as u64;
        let failed = ended.failure.as_ref().filter(|failure| !failure.is_callers);
        let name = name_of(&callee.name, service.speaks_grpc, 3);
        let error = failed.map(|failure| failure.message.clone());
        let attributes = carried(&service.name, &callee.name, service.speaks_grpc, 3, ended.failure.as_ref());
        self.push(caller.service, Span { id, name, kind: 3, error, attributes, ..caller.span(at, end) });
        Ended { at: end, failure: ended.failure }
    }

    /// Sends a span by the clock of its service.
    fn push(&mut self, service: usize, mut span: Span) {
        let duration = span.end - span.start;
        span.start = self.pace.services[service].clock(span.start);
        span.end = span.start + duration;
        self.sent.spans.push(span);
    }
}

impl Caller<'_> {
    /// A span below it.
    fn span(&self, start: u64, end: u64) -> Span {
        Span { process: self.process, trace: self.request.trace, parent: Some(self.parent), ..blank(start, end) }
    }
}

/// An internal span of nobody.
fn blank(start: u64, end: u64) -> Span {
    Span {
        process: 0,
        trace: 0,
        id: 0,
        parent: None,
        link: None,
        name: String::new(),
        kind: 1,
        start,
        end,
        error: None,
        attributes: Vec::new(),
        events: Vec::new(),
    }
}
