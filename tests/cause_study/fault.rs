//! What is put into the candidate of a synthetic run, and where it is to be found.

use crate::common::chance::Chance;
use crate::otlp::Value;
use crate::pace::Pace;
use crate::plan::Plan;
use crate::request::Request;
use crate::system::{System, Values, Way};

/// What sort of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Nothing,
    Slower,
    SlowerValue,
    SlowerPod,
    SlowerQuery,
    WireOfCallee,
    WireOfCaller,
    CallLeftOut,
    EarlyReturn,
    NewCall,
    MoreCalls,
    MoreQueries,
    Retries,
    Vanished,
    Lag,
    LinkedLag,
    LogErrors,
}

impl Sort {
    /// All that are faults.
    pub(crate) const FAULTS: [Self; 16] = [
        Self::Slower,
        Self::SlowerValue,
        Self::SlowerPod,
        Self::SlowerQuery,
        Self::WireOfCallee,
        Self::WireOfCaller,
        Self::CallLeftOut,
        Self::EarlyReturn,
        Self::NewCall,
        Self::MoreCalls,
        Self::MoreQueries,
        Self::Retries,
        Self::Vanished,
        Self::Lag,
        Self::LinkedLag,
        Self::LogErrors,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Slower => "an operation works longer",
            Self::SlowerValue => "... for one value of an attribute",
            Self::SlowerPod => "... in one of several pods",
            Self::SlowerQuery => "a database answers slower",
            Self::WireOfCallee => "the wire to one service",
            Self::WireOfCaller => "the wire of all calls of one service",
            Self::CallLeftOut => "a call is left out",
            Self::EarlyReturn => "an early return: no calls at all",
            Self::NewCall => "a new call",
            Self::MoreCalls => "one call becomes several",
            Self::MoreQueries => "one query becomes many",
            Self::Retries => "calls are refused and repeated",
            Self::Vanished => "an entry point is not asked any more",
            Self::Lag => "messages wait longer",
            Self::LinkedLag => "... whose consumers begin traces of their own",
            Self::LogErrors => "errors are logged, and no span is marked",
        }
    }
}

/// Where a fault is to be found: any one of these. An operation of `None` stands for all of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The service, or of whom has no spans there the host.
    pub(crate) service: String,
    /// Its operation.
    pub(crate) operation: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) sort: Sort,
    /// The operation in which it is; of a wire, one of the service's.
    pub(crate) operation: usize,
    /// The place of a call among those of the operation.
    pub(crate) call: usize,
    /// An operation that is newly called.
    pub(crate) to: usize,
    /// How much longer, in milliseconds.
    pub(crate) extra_ms: f64,
    /// How often instead of once.
    pub(crate) times: usize,
    /// Of the requests that meet its needs.
    pub(crate) share: f64,
    /// Only for requests with this trait and value.
    value: Option<(usize, Value)>,
    /// Only in this process.
    process: Option<usize>,
    pub(crate) from: u64,
    /// How often the place is there in one request, on average.
    pub(crate) reach: f64,
    pub(crate) origin: Origin,
}

impl Fault {
    /// `None` where the system has no room for such a fault.
    pub(crate) fn draw(sort: Sort, system: &mut System, pace: &Pace, plan: &Plan, chance: &mut Chance) -> Option<Self> {
        let reach = system.reach();
        let may_be: Vec<f64> = (0..system.operations.len())
            .map(|place| {
                let rare = if place < system.entries.len() { 0.1 } else { 1.0 };
                if has_room(sort, system, pace, place) { rare * reach[place].min(1.0).sqrt() } else { 0.0 }
            })
            .collect();
        if may_be.iter().sum::<f64>() <= 0.0 {
            return None;
        }
        let operation = chance.weighed(&may_be);
        let service = system.operations[operation].service;
        let share = match chance.share() {
            share if share < 0.5 => 1.0,
            share if share < 0.85 => 0.3 + 0.6 * chance.share(),
            _ => 0.1 + 0.2 * chance.share(),
        };
        let name = system.services[service].name.clone();
        let mut fault = Self {
            sort,
            operation,
            call: 0,
            to: 0,
            extra_ms: chance.lognormal(60.0, 0.6).clamp(20.0, 400.0),
            times: chance.between(3, 8),
            share,
            value: None,
            process: None,
            from: plan.candidate,
            reach: reach[operation],
            origin: Origin { service: name, operation: Some(system.operations[operation].name.clone()) },
        };
        match sort {
            Sort::SlowerValue => {
                let told = *chance.one_of(&[0, 2, 3, 4, 5, 6, 7]);
                let Values::Of(values) = &system.traits[told].values else { return None };
                let weights: Vec<f64> = values.iter().map(|(_, weight)| weight.sqrt()).collect();
                fault.value = Some((told, values[chance.weighed(&weights)].0.clone()));
                fault.share = 1.0;
                let tells = &mut system.operations[operation].tells;
                if !tells.contains(&told) {
                    tells.push(told);
                }
            }
            Sort::SlowerPod => {
                fault.process = Some(plan.processes.one_of(service, plan.candidate, chance));
                fault.share = 1.0;
            }
            Sort::SlowerQuery | Sort::MoreQueries => {
                let database = pace.operations[operation].database.as_ref()?;
                fault.times = chance.between(5, 25);
                if sort == Sort::SlowerQuery {
                    // Whose queries they are is told beside it.
                    fault.origin = Origin { service: database.host.clone(), operation: None };
                }
            }
            Sort::WireOfCallee | Sort::WireOfCaller => {
                fault.origin.operation = None;
                fault.reach = wire_reach(sort, system, service, &reach);
            }
            Sort::CallLeftOut | Sort::MoreCalls | Sort::Retries => {
                let it = &system.operations[operation];
                let places: Vec<usize> =
                    (0..it.calls.len()).filter(|call| is_asked(system, operation, *call)).collect();
                fault.call = *chance.one_of(&places);
                let call = &it.calls[fault.call];
                fault.reach *= call.share;
                if sort == Sort::Retries {
                    let callee = &system.services[system.operations[call.to].service];
                    fault.origin = Origin { service: callee.name.clone(), operation: None };
                }
            }
            Sort::NewCall => {
                let it = &system.operations[operation];
                let is_new = |to: &usize| {
                    system.operations[*to].service != service && it.calls.iter().all(|call| call.to != *to)
                };
                let others: Vec<usize> = (operation + 1..system.operations.len()).filter(is_new).collect();
                fault.to = *chance.one_of(&others);
            }
            Sort::Lag | Sort::LinkedLag => fault.extra_ms = chance.lognormal(400.0, 0.6).clamp(100.0, 3000.0),
            Sort::Nothing | Sort::Slower | Sort::EarlyReturn | Sort::Vanished | Sort::LogErrors => {}
        }
        Some(fault)
    }

    /// Whether this fault, of one of these sorts, hits an operation as it serves a request.
    pub(crate) fn hits(&self, request: &Request, operation: usize, process: usize, chance: &mut Chance) -> bool {
        operation == self.operation
            && request.start >= self.from
            && self.process.is_none_or(|only| only == process)
            && self.value.as_ref().is_none_or(|(told, value)| request.values[*told] == *value)
            && chance.happens(self.share)
    }

    /// Whether it hits the wire from one service to another.
    pub(crate) fn slows_wire(
        &self,
        system: &System,
        request: &Request,
        from: usize,
        to: usize,
        chance: &mut Chance,
    ) -> bool {
        let end = match self.sort {
            Sort::WireOfCallee => to,
            Sort::WireOfCaller => from,
            _ => return false,
        };
        end == system.operations[self.operation].service && request.start >= self.from && chance.happens(self.share)
    }
}

/// Whether an operation can have such a fault, so that spans can tell where it is.
fn has_room(sort: Sort, system: &System, pace: &Pace, place: usize) -> bool {
    let operation = &system.operations[place];
    let mut calls = 0..operation.calls.len();
    let is_consumer =
        |way| system.operations.iter().flat_map(|it| &it.calls).any(|call| call.to == place && call.way == way);
    match sort {
        Sort::Nothing | Sort::Slower | Sort::SlowerValue | Sort::LogErrors => true,
        Sort::SlowerPod => system.services[operation.service].replicas > 1,
        Sort::SlowerQuery | Sort::MoreQueries => pace.operations[place].database.is_some(),
        // Another callee of one of the callers is as fast as before.
        Sort::WireOfCallee => {
            let of = operation.service;
            (0..system.services.len()).any(|from| {
                let callees = callees(system, from);
                callees.contains(&of) && callees.len() > 1
            })
        }
        Sort::WireOfCaller => callees(system, operation.service).len() > 1,
        Sort::CallLeftOut | Sort::MoreCalls | Sort::Retries => calls.any(|call| is_asked(system, place, call)),
        Sort::EarlyReturn => operation.calls.iter().any(|call| call.share > 0.3),
        Sort::NewCall => (place + 1..system.operations.len()).any(|to| {
            system.operations[to].service != operation.service && operation.calls.iter().all(|call| call.to != to)
        }),
        Sort::Vanished => place < system.entries.len() && system.entries.len() > 1,
        Sort::Lag => is_consumer(Way::Message),
        Sort::LinkedLag => is_consumer(Way::LinkedMessage),
    }
}

fn is_asked(system: &System, operation: usize, call: usize) -> bool {
    let call = &system.operations[operation].calls[call];
    call.way == Way::Call && call.share > 0.3
}

/// The services that one calls and waits for.
fn callees(system: &System, from: usize) -> Vec<usize> {
    let own = system.operations.iter().filter(|it| it.service == from);
    let calls = own.flat_map(|it| &it.calls).filter(|call| call.way == Way::Call);
    let mut callees: Vec<usize> = calls.map(|call| system.operations[call.to].service).collect();
    callees.sort_unstable();
    callees.dedup();
    callees
}

/// How many calls to, or of, a service one request makes.
fn wire_reach(sort: Sort, system: &System, of: usize, reach: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (place, operation) in system.operations.iter().enumerate() {
        for call in operation.calls.iter().filter(|call| call.way == Way::Call) {
            let end = if sort == Sort::WireOfCallee { system.operations[call.to].service } else { operation.service };
            sum += if end == of { reach[place] * call.share } else { 0.0 };
        }
    }
    sum
}
