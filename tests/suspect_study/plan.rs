//! What is changed in a synthetic system, what of it is to blame, and when all of it happens.
//!
//! ```text
//! two captures                 baseline ├──────┤   change   ├──────┤ candidate
//! change within the candidate  baseline ├──────┤            ├─┬────┤ candidate
//! one capture, cut             baseline ├──────┼──────┤ candidate
//! ```

use crate::common::chance::Chance;
use crate::otlp::{Attributes, Value};
use crate::processes::Processes;
use crate::system::{System, Values, version};
use crate::truth::{Kind, Named, Truth};
use serde_json::json;

pub(crate) const SECOND: u64 = 1_000_000_000;
/// 2026-11-22T10:00:00Z, when the baseline starts.
pub(crate) const START: u64 = 1_795_341_600 * SECOND;
/// How long a window is.
pub(crate) const WINDOW: u64 = 600 * SECOND;
/// How long it takes from one capture to the next.
const GAP: u64 = 300 * SECOND;

/// What is done to the system between or in the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Nothing,
    Restarts,
    HarmlessFlags,
    HarmlessVersions,
    HarmlessMix,
    /// A new fault that nothing in the telemetry accounts for.
    Outage,
    FlagFlip,
    FlagRollout,
    Version,
    Canary,
    BadInstance,
    BadValue,
    NewValue,
    /// A flag or a version that fails requests of one value alone.
    ChangeAndValue,
}

impl Sort {
    /// A third of all runs has nothing that a suspect could be.
    pub(crate) const ROUND: [Self; 18] = [
        Self::Nothing,
        Self::FlagFlip,
        Self::FlagRollout,
        Self::Restarts,
        Self::Version,
        Self::Canary,
        Self::HarmlessFlags,
        Self::BadInstance,
        Self::BadValue,
        Self::HarmlessVersions,
        Self::NewValue,
        Self::ChangeAndValue,
        Self::HarmlessMix,
        Self::FlagRollout,
        Self::Canary,
        Self::Outage,
        Self::Version,
        Self::ChangeAndValue,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing changed",
            Self::Restarts => "restarts alone",
            Self::HarmlessFlags => "harmless flag changes",
            Self::HarmlessVersions => "harmless deployments",
            Self::HarmlessMix => "harmless changes of all sorts, other requests",
            Self::Outage => "a fault without a change",
            Self::FlagFlip => "flag flip",
            Self::FlagRollout => "flag for 5-50 % of requests",
            Self::Version => "version of all replicas",
            Self::Canary => "version of one replica",
            Self::BadInstance => "one bad replica",
            Self::BadValue => "one value of an attribute",
            Self::NewValue => "a new value of an attribute",
            Self::ChangeAndValue => "flag or version, and one value",
        }
    }

    fn has_fault(self) -> bool {
        self >= Self::Outage
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    TwoCaptures,
    WithinTheCandidate,
    /// Cut at the time of the change, or when it was announced.
    OneCapture,
}

/// What a plan starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn {
    pub(crate) sort: Sort,
    pub(crate) layout: Layout,
    /// Of the requests that a fault may hit, those that it does.
    pub(crate) share: f64,
}

/// A flag's share of requests with its other variant from then on; only those with a trait and a value where targeted.
#[derive(Clone, Debug)]
pub(crate) struct FlagStep {
    pub(crate) from: u64,
    pub(crate) share: f64,
    pub(crate) only: Option<(usize, Value)>,
}

/// How the span in which a fault begins tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sign {
    Exception,
    StatusAlone,
}

/// The fault that is put in.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) operation: usize,
    /// Of the requests that meet its needs.
    pub(crate) share: f64,
    pub(crate) from: u64,
    /// The flag whose other variant an operation of the chain has evaluated.
    pub(crate) flag: Option<usize>,
    /// One of these processes does the operation; any, if empty.
    pub(crate) processes: Vec<usize>,
    /// A span of the chain tells this trait with this value.
    pub(crate) value: Option<(usize, Value)>,
    /// It happens after the operation has made its calls.
    pub(crate) is_late: bool,
    pub(crate) sign: Sign,
}

/// A value of a trait that some requests have from then on.
#[derive(Clone, Debug)]
pub(crate) struct NewValue {
    pub(crate) of: usize,
    pub(crate) value: Value,
    pub(crate) share: f64,
    pub(crate) from: u64,
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) sort: Sort,
    pub(crate) layout: Layout,
    /// Where the candidate starts.
    pub(crate) candidate: u64,
    /// Where one capture is cut.
    pub(crate) cut: u64,
    pub(crate) fault: Option<Fault>,
    pub(crate) processes: Processes,
    /// Of each flag.
    pub(crate) flags: Vec<Vec<FlagStep>>,
    pub(crate) new_value: Option<NewValue>,
    /// A trait whose weights are turned round in the candidate.
    pub(crate) shifted: Option<usize>,
    /// Lines of a file of changes.
    pub(crate) announced: Vec<String>,
    pub(crate) truth: Truth,
}

impl Plan {
    /// Puts the trait of a fault into the system where no span of the chain tells it yet.
    pub(crate) fn draw(drawn: Drawn, system: &mut System, chance: &mut Chance) -> Self {
        let Drawn { sort, layout, share } = drawn;
        let candidate = START + WINDOW + if layout == Layout::OneCapture { 0 } else { GAP };
        let mut plan = Self {
            sort,
            layout,
            candidate,
            cut: candidate,
            fault: None,
            processes: Processes::draw(system, chance),
            flags: vec![Vec::new(); system.flags.len()],
            new_value: None,
            shifted: None,
            announced: Vec::new(),
            truth: Truth::default(),
        };
        if chance.happens(0.6) || sort == Sort::Restarts {
            for service in 0..system.services.len() {
                if chance.happens(0.5) {
                    plan.processes.restart(system, service, plan.between_or_cut(), chance);
                }
            }
        }
        if sort.has_fault() {
            plan.draw_fault(share, system, chance);
        }
        plan.draw_harmless(system, chance);
        plan
    }

    /// Between two captures, or where one is cut.
    pub(crate) fn between_or_cut(&self) -> u64 {
        if self.layout == Layout::OneCapture { self.candidate } else { START + WINDOW + GAP / 2 }
    }

    fn draw_fault(&mut self, share: f64, system: &mut System, chance: &mut Chance) {
        let reach = system.reach();
        // Half of the faults lie where most requests come by; those of entry points are rare.
        let weights: Vec<f64> = (0..reach.len())
            .map(|place| if place < system.entries.len() { 0.1 } else { 1.0 } * reach[place].min(1.0).sqrt())
            .collect();
        let operation = chance.weighed(&weights);
        let at = match self.layout {
            Layout::WithinTheCandidate => self.candidate + (WINDOW as f64 * (0.1 + 0.4 * chance.share())) as u64,
            _ => self.between_or_cut(),
        };
        let sign = if chance.happens(0.75) { Sign::Exception } else { Sign::StatusAlone };
        let is_late = chance.happens(0.5);
        let mut fault =
            Fault { operation, share, from: at, flag: None, processes: Vec::new(), value: None, is_late, sign };
        self.truth.fault_at = Some(operation);
        match self.sort {
            Sort::FlagFlip => self.flip(system, &mut fault, 1.0, chance),
            Sort::FlagRollout => self.flip(system, &mut fault, 0.05 + 0.45 * chance.share(), chance),
            Sort::Version => self.deploy(system, &mut fault, false, chance),
            Sort::Canary => self.deploy(system, &mut fault, true, chance),
            Sort::BadInstance => self.spoil(system, &mut fault, chance),
            Sort::BadValue => self.single_out(system, &mut fault, chance),
            Sort::NewValue => self.invent(system, &mut fault, chance),
            Sort::ChangeAndValue => {
                self.single_out(system, &mut fault, chance);
                if chance.happens(0.5) {
                    let share = if chance.happens(0.5) { 1.0 } else { 0.3 + 0.4 * chance.share() };
                    self.flip(system, &mut fault, share, chance);
                } else {
                    let is_canary = chance.happens(0.3);
                    self.deploy(system, &mut fault, is_canary, chance);
                }
            }
            _ => {}
        }
        self.fault = Some(fault);
    }

    /// The flag is evaluated by the operation itself, or by one that leads to it.
    fn flip(&mut self, system: &mut System, fault: &mut Fault, share: f64, chance: &mut Chance) {
        let flag = chance.below(system.flags.len());
        let above = system.above(fault.operation);
        let place = if chance.happens(0.6) { fault.operation } else { *chance.one_of(&above) };
        system.operations.iter_mut().for_each(|operation| operation.flags.retain(|it| *it != flag));
        // The first, because a span has room for one flag that is told as attributes.
        system.operations[place].flags.insert(0, flag);
        let only = match system.traits[4].values.clone() {
            // Now and then it is targeted: one plan has it, and no other.
            Values::Of(values) if share < 1.0 && chance.happens(0.2) => Some((4, chance.one_of(&values).0.clone())),
            _ => None,
        };
        let share = if only.is_some() { 1.0 } else { share };
        let is_full = share >= 1.0 && only.is_none();
        self.flags[flag].push(FlagStep { from: fault.from, share, only });
        fault.flag = Some(flag);
        let (key, variants) = (system.flags[flag].key.clone(), system.flags[flag].variants);
        self.truth.changed_at = Some(place);
        self.blame(Named::new(Kind::Flag, &key, variants[1]), variants[0], fault, is_full, chance);
    }

    fn deploy(&mut self, system: &System, fault: &mut Fault, is_canary: bool, chance: &mut Chance) {
        let of = system.operations[fault.operation].service;
        let service = &system.services[of];
        let new = version(service.version_key, chance);
        fault.processes = if is_canary {
            vec![self.processes.replace_one(system, of, &new, fault.from, chance)]
        } else {
            self.processes.replace(system, of, &new, fault.from, chance)
        };
        self.truth.changed_at = Some(fault.operation);
        // The canary's pod, instance and process stand for the same requests.
        self.truth.same_as_suspect = fault.processes.clone();
        let (name, old) = (service.name.clone(), service.version.clone());
        self.blame(Named::new(Kind::Deployment, &name, &new), &old, fault, !is_canary, chance);
    }

    fn blame(&mut self, suspect: Named, from: &str, fault: &Fault, is_full: bool, chance: &mut Chance) {
        // Some announcements come minutes before the effect.
        let is_early = chance.happens(0.4);
        let told = fault.from - if is_early { chance.between(30, 240) as u64 * SECOND } else { 0 };
        if chance.happens(0.5) {
            self.announced.push(announcement(&suspect, from, told, chance));
            if self.layout == Layout::OneCapture {
                self.cut = told;
            }
        }
        let is_across =
            is_full && self.layout != Layout::WithinTheCandidate && self.cut >= fault.from.min(self.candidate);
        self.truth.contrast = if is_across { "across-windows" } else { "within-candidate" };
        self.truth.suspect = Some(suspect);
    }

    fn spoil(&mut self, system: &System, fault: &mut Fault, chance: &mut Chance) {
        let service = system.operations[fault.operation].service;
        let bad = self.processes.one_of(service, fault.from, chance);
        fault.processes = vec![bad];
        self.truth.conditions = self.processes.only_of(service, bad, fault.from);
    }

    /// Makes a span of the chain tell a trait, and gives the fault one value of it.
    fn single_out(&mut self, system: &mut System, fault: &mut Fault, chance: &mut Chance) {
        let told = *chance.one_of(&[0, 2, 3, 4, 5, 6, 7]);
        let Values::Of(values) = system.traits[told].values.clone() else { return };
        let weights: Vec<f64> = values.iter().map(|(_, weight)| weight.sqrt()).collect();
        let value = values[chance.weighed(&weights)].0.clone();
        tell_on_the_chain(system, fault.operation, told, chance);
        self.truth.conditions.push((system.traits[told].key.to_owned(), value.shown()));
        fault.value = Some((told, value));
    }

    fn invent(&mut self, system: &mut System, fault: &mut Fault, chance: &mut Chance) {
        let told = *chance.one_of(&[0, 2, 3, 7]);
        tell_on_the_chain(system, fault.operation, told, chance);
        let value = Value::text("NEW-7");
        let share = 0.08 + 0.3 * chance.share();
        self.new_value = Some(NewValue { of: told, value: value.clone(), share, from: fault.from });
        let key = system.traits[told].key;
        self.truth.conditions.push((key.to_owned(), value.shown()));
        self.truth.contrast = "within-candidate";
        self.truth.suspect = Some(Named::new(Kind::Attribute, key, &value.shown()));
        fault.value = Some((told, value));
    }
}

/// The entry, one in the middle, the operation itself or its internal span tells the trait.
fn tell_on_the_chain(system: &mut System, operation: usize, told: usize, chance: &mut Chance) {
    let above = system.above(operation);
    match chance.between(0, 3) {
        0 => {
            let entries = system.entries.len();
            let doors = above.iter().filter(|place| **place < entries);
            doors.for_each(|place| add(&mut system.operations[*place].tells, told));
        }
        1 => add(&mut system.operations[*chance.one_of(&above)].tells, told),
        2 => {
            let it = &mut system.operations[operation];
            it.inner.get_or_insert_with(|| "work".to_owned());
            add(&mut it.inner_tells, told);
        }
        _ => add(&mut system.operations[operation].tells, told),
    }
}

fn add(tells: &mut Vec<usize>, told: usize) {
    if !tells.contains(&told) {
        tells.push(told);
    }
}

/// In one of the spellings that files of changes have.
pub(crate) fn announcement(named: &Named, from: &str, at: u64, chance: &mut Chance) -> String {
    let (key, to) = (&named.key, &named.value);
    match (named.kind, chance.happens(0.5)) {
        (Kind::Flag, true) => {
            json!({"timeUnixNano": at.to_string(), "type": "feature_flag", "flag": key, "from": from, "to": to})
        }
        (kind, true) => {
            json!({"timeUnixNano": at.to_string(), "type": kind.word(), "service": key, "from": from, "to": to})
        }
        (kind, false) => json!({"at": at / SECOND, "kind": kind.word(), "key": key, "from": from, "to": to}),
    }
    .to_string()
}

/// The attributes of all processes, for whoever writes them.
pub(crate) fn resources(plan: &Plan) -> &[Attributes] {
    &plan.processes.all
}
