//! The facts of one root cause: how often, where, and one trace that shows it.

use crate::analyze::confidence::{Point, Points};
use crate::analyze::kind::CauseKind;
use crate::analyze::origin::Effect;
use crate::analyze::told::ToldException;
use crate::model::ids::{SpanId, TraceId};
use crate::model::span::Codes;
use crate::model::time::Nanos;
use std::collections::{BTreeMap, BTreeSet};

/// Service and operation, as whole words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OperationName {
    /// `service.name`.
    pub service: String,
    /// Name of the operation.
    pub operation: String,
}

/// A trace in which a root cause can be seen. Ordered by how much it shows: fatal before absorbed, then early before late.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Exemplar {
    /// How far the failure got; nothing comes last.
    pub rank: EffectRank,
    /// When the failing span began.
    pub start: Nanos,
    /// The trace.
    pub trace: TraceId,
    /// The span in which it began.
    pub span: SpanId,
}

/// Orders effects from the worst: fatal, absorbed, none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EffectRank {
    /// The entry point failed.
    Fatal,
    /// The failure ended on the way.
    Absorbed,
    /// Nobody was hit.
    Nothing,
}

impl From<Option<Effect>> for EffectRank {
    fn from(effect: Option<Effect>) -> Self {
        match effect {
            Some(Effect::Fatal) => Self::Fatal,
            Some(Effect::Absorbed) => Self::Absorbed,
            None => Self::Nothing,
        }
    }
}

impl EffectRank {
    /// The effect of this rank.
    #[must_use]
    pub fn effect(self) -> Option<Effect> {
        match self {
            Self::Fatal => Some(Effect::Fatal),
            Self::Absorbed => Some(Effect::Absorbed),
            Self::Nothing => None,
        }
    }
}

/// One step of the way that a failure took up.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Service and operation of the span.
    pub at: OperationName,
    /// The span's own name.
    pub span_name: String,
    /// Its role.
    pub role: &'static str,
}

/// What one trace shows of a root cause.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Which trace and span it is.
    pub exemplar: Exemplar,
    /// What sort of cause it is.
    pub kind: CauseKind,
    /// Service and operation of the origin.
    pub at: OperationName,
    /// The origin's own span name.
    pub span_name: String,
    /// The callee or system to blame in its place.
    pub peer: Option<String>,
    /// The caller is to blame.
    pub client_fault: bool,
    /// The exception.
    pub exception: Option<ToldException>,
    /// Status message or other words of the span.
    pub text: Option<String>,
    /// Answer codes.
    pub codes: Codes,
    /// The way up, origin first; of a very long one both ends.
    pub path: Vec<Step>,
    /// How many steps were left out in the middle of `path`.
    pub hidden_steps: u64,
}

/// How many steps of either end of a way up are kept: real ways are shorter than that, and a chain of a hundred thousand
/// spans is nothing to read.
pub const STEPS_OF_AN_END: usize = 100;

/// How many exemplars a root cause keeps.
pub const EXEMPLARS: usize = 5;

/// Everything that is counted of one root cause.
#[derive(Clone, PartialEq, Debug)]
pub struct CauseFacts {
    /// The trace that shows most of it: the earliest of those in which it got furthest.
    pub sample: Sample,
    /// Traces in which it is an origin.
    pub traces: u64,
    /// Of these, traces in which it failed an entry point.
    pub fatal: u64,
    /// Of these, traces in which it got no further than to be absorbed.
    pub absorbed: u64,
    /// Requests that failed by it, by entry point.
    pub failed_entries: BTreeMap<OperationName, u64>,
    /// Requests that got over it, by entry point.
    pub degraded_entries: BTreeMap<OperationName, u64>,
    /// Traces in which each point for or against holds.
    pub points: [u64; Point::ALL.len()],
    /// The traces that show most of it.
    pub exemplars: BTreeSet<Exemplar>,
}

impl CauseFacts {
    /// The facts of one trace.
    #[must_use]
    pub fn of(sample: Sample, points: Points) -> Self {
        let rank = sample.exemplar.rank;
        Self {
            traces: 1,
            fatal: u64::from(rank == EffectRank::Fatal),
            absorbed: u64::from(rank == EffectRank::Absorbed),
            failed_entries: BTreeMap::new(),
            degraded_entries: BTreeMap::new(),
            points: Point::ALL.map(|point| u64::from(points.has(point))),
            exemplars: BTreeSet::from([sample.exemplar]),
            sample,
        }
    }

    /// Adds the facts of other traces. The order of merging does not matter.
    pub fn merge(&mut self, other: Self) {
        if other.sample.exemplar < self.sample.exemplar {
            self.sample = other.sample;
        }
        self.traces += other.traces;
        self.fatal += other.fatal;
        self.absorbed += other.absorbed;
        for (mine, theirs) in
            [(&mut self.failed_entries, other.failed_entries), (&mut self.degraded_entries, other.degraded_entries)]
        {
            for (entry, count) in theirs {
                *mine.entry(entry).or_default() += count;
            }
        }
        for (mine, theirs) in self.points.iter_mut().zip(other.points) {
            *mine += theirs;
        }
        self.exemplars.extend(other.exemplars);
        while self.exemplars.len() > EXEMPLARS {
            self.exemplars.pop_last();
        }
    }
}
