//! How long everything takes in a synthetic system, and how its clocks go.

use crate::common::chance::Chance;
use crate::otlp::Value;
use crate::plan::{SECOND, START, WINDOW};
use crate::request::Request;
use crate::system::{System, Values};

pub(crate) const MILLISECOND: f64 = 1e6;

/// What is logged in both windows, and means nothing.
pub(crate) const GRUMBLE: &str = "cannot refresh lease";

/// Over how long the speed of a service stays the same.
const GUST: u64 = 60 * SECOND;

/// How one operation spends its time.
#[derive(Debug)]
pub(crate) struct OperationPace {
    /// Sigma of its lognormal work.
    pub(crate) spread: f64,
    /// It makes its calls at once and waits for the last.
    pub(crate) is_parallel: bool,
    /// The most of its work is done before its calls, rather than after.
    pub(crate) works_first: bool,
    /// A database that it asks; it has no spans of its own.
    pub(crate) database: Option<Database>,
    /// What its work depends on.
    pub(crate) by_value: Option<ByValue>,
    /// The share of requests of which it logs an error, in both windows.
    pub(crate) grumbles: f64,
}

/// How much longer or shorter the work is for each value of a trait.
#[derive(Debug)]
pub(crate) struct ByValue {
    told: usize,
    factors: Vec<(Value, f64)>,
}

#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) host: String,
    pub(crate) statement: String,
    /// Of one query.
    pub(crate) median_ms: f64,
    /// The most queries of a request; each has one at least.
    pub(crate) queries: usize,
}

/// Of each service.
#[derive(Debug)]
pub(crate) struct ServicePace {
    /// From the end of a call to the start of its answering span and back, together.
    pub(crate) wire_ms: f64,
    /// From the end of a message to the start of the work on it.
    pub(crate) queue_ms: f64,
    /// Its spans start in whole milliseconds, while their durations are exact.
    pub(crate) is_rounded: bool,
    /// How far its clock is ahead, nanoseconds.
    skew: i64,
    /// How much longer everything takes, minute by minute of all that is simulated.
    gusts: Vec<f64>,
}

#[derive(Debug)]
pub(crate) struct Pace {
    pub(crate) operations: Vec<OperationPace>,
    pub(crate) services: Vec<ServicePace>,
    /// Weights of the entry points, which are other ones in the candidate.
    pub(crate) entries: [Vec<f64>; 2],
    /// By how much the share of requests that make a call differs in the candidate, where not all do.
    pub(crate) drifts: Vec<Vec<f64>>,
}

impl Pace {
    pub(crate) fn draw(system: &System, chance: &mut Chance) -> Self {
        let operations = system.operations.iter().map(|operation| {
            let name = &system.services[operation.service].name;
            let noun = name.split('-').next().unwrap_or(name);
            let has_database = chance.happens(if name.ends_with("store") { 0.8 } else { 0.15 });
            OperationPace {
                spread: 0.2 + 0.5 * chance.share(),
                is_parallel: chance.happens(0.35),
                works_first: chance.happens(0.5),
                database: has_database.then(|| Database {
                    host: format!("{noun}-db"),
                    statement: format!("SELECT {noun}s"),
                    median_ms: chance.lognormal(3.0, 0.8),
                    queries: chance.between(1, 3),
                }),
                by_value: if chance.happens(0.2) { ByValue::draw(system, chance) } else { None },
                grumbles: if chance.happens(0.1) { 0.05 * chance.share() } else { 0.0 },
            }
        });
        let operations = operations.collect();
        let services = system.services.iter().map(|_| ServicePace::draw(chance)).collect();
        let usual: Vec<f64> = system.entries.iter().map(|(_, weight)| *weight).collect();
        let drifted = usual.iter().map(|weight| weight * chance.lognormal(1.0, 0.25)).collect();
        let drifts = system.operations.iter().map(|it| it.calls.iter().map(|_| chance.lognormal(1.0, 0.08)).collect());
        Self { operations, services, entries: [usual, drifted], drifts: drifts.collect() }
    }
}

impl ByValue {
    fn draw(system: &System, chance: &mut Chance) -> Option<Self> {
        let told = chance.below(system.traits.len());
        let Values::Of(values) = &system.traits[told].values else { return None };
        let factors = values.iter().map(|(value, _)| (value.clone(), chance.lognormal(1.0, 0.6))).collect();
        Some(Self { told, factors })
    }

    /// The factor of a request; what is new takes as long as usual.
    pub(crate) fn of(&self, request: &Request) -> f64 {
        let value = &request.values[self.told];
        self.factors.iter().find(|(of, _)| of == value).map_or(1.0, |(_, factor)| *factor)
    }
}

impl ServicePace {
    fn draw(chance: &mut Chance) -> Self {
        let is_skewed = chance.happens(0.15);
        let skew = if is_skewed { chance.lognormal(10.0, 1.0) * MILLISECOND } else { 0.0 };
        // The load of a host goes up and down, and is never far from what it was a minute before.
        let mut load = 0.0;
        let minutes = (3 * WINDOW / GUST) as usize + 2;
        let gusts = (0..minutes).map(|_| {
            load = 0.7 * load + chance.lognormal(1.0, 0.04).ln();
            f64::exp(load)
        });
        let gusts = gusts.collect();
        Self {
            wire_ms: chance.lognormal(0.8, 0.6),
            queue_ms: chance.lognormal(8.0, 0.6),
            is_rounded: chance.happens(0.25),
            skew: if chance.happens(0.5) { skew as i64 } else { -(skew as i64) },
            gusts,
        }
    }

    /// By how much everything takes longer at a time.
    pub(crate) fn gust(&self, at: u64) -> f64 {
        let minute = (at.saturating_sub(START) / GUST) as usize;
        self.gusts[minute.min(self.gusts.len() - 1)]
    }

    /// When something starts by the clock of the service.
    pub(crate) fn clock(&self, at: u64) -> u64 {
        let shown = at.saturating_add_signed(self.skew);
        if self.is_rounded { shown - shown % MILLISECOND as u64 } else { shown }
    }
}
