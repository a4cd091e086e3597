//! The facts of one root cause: how often, where, and one trace that shows it.

use crate::analyze::confidence::{Point, Points};
use crate::analyze::origin::Effect;
use crate::facts::askers::LINKED;
use crate::facts::bottom::Bottom;
use crate::facts::entry_counts::EntryCounts;
use crate::facts::sample::Sample;
use crate::facts::slots::Slots;
use crate::facts::statements::Statements;
use crate::facts::together::Overlap;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::Nanos;
use crate::ordered::set::OrderedSet;
use std::cmp::Reverse;

/// Service and operation, as whole words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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

/// How many exemplars a root cause keeps.
pub const EXEMPLARS: usize = 5;

/// How many root causes of a window are kept, those that matter most. Thousands of different ones are messages that
/// differ from trace to trace, or hostile.
pub const CAUSES: usize = 2000;

/// How many bytes the samples of all root causes may take.
pub const CAUSES_BYTES: usize = 64 << 20;

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
    /// Of those absorbed, traces in which a later attempt went well.
    pub retried: u64,
    /// Of those absorbed, traces in which it failed the operation in which it began, so that a caller had to get over it.
    pub left_its_service: u64,
    /// Traces by the operation in which it began: one, but for a callee that several operations could not reach.
    pub began_at: EntryCounts,
    /// The names that its callee was called by, where these are several names of one service.
    pub names: OrderedSet<String>,
    /// Traces by what was asked of the database that is to blame, each by the origin that got furthest in it.
    pub statements: Statements,
    /// Requests that failed by it, by entry point.
    pub failed_entries: EntryCounts,
    /// Requests that got over it, by entry point.
    pub degraded_entries: EntryCounts,
    /// Other traces that asked for the requests which failed by it: those that spans on its way link to.
    pub linked: Bottom<TraceId>,
    /// Requests that asked for what failed by it in a trace of its own, by entry point; known once the window is complete.
    pub asked_by: EntryCounts,
    /// Traces in which each point for or against holds.
    pub points: [u64; Point::ALL.len()],
    /// When those traces began in which it is an origin.
    pub when: Slots,
    /// The traces that show most of it.
    pub exemplars: OrderedSet<Exemplar>,
}

impl CauseFacts {
    /// The facts of one trace.
    #[must_use]
    pub fn of(sample: Sample, points: Points) -> Self {
        let rank = sample.exemplar.rank;
        let mut began_at = EntryCounts::default();
        began_at.add(sample.at.clone(), 1);
        let mut statements = Statements::default();
        statements.add(sample.callee.as_ref().map_or("", |callee| &callee.statement), 1);
        Self {
            traces: 1,
            fatal: u64::from(rank == EffectRank::Fatal),
            absorbed: u64::from(rank == EffectRank::Absorbed),
            retried: 0,
            left_its_service: 0,
            began_at,
            names: OrderedSet::new(),
            statements,
            failed_entries: EntryCounts::default(),
            degraded_entries: EntryCounts::default(),
            linked: Bottom::default(),
            asked_by: EntryCounts::default(),
            points: Point::ALL.map(|point| u64::from(points.has(point))),
            when: Slots::at(sample.exemplar.start),
            exemplars: [sample.exemplar].into(),
            sample,
        }
    }

    /// In how many of its traces the call was answered, by the callee or by a proxy before it, with an answer that says that nobody
    /// is there.
    #[must_use]
    pub fn answered_for(&self) -> u64 {
        let counts = Point::ALL.into_iter().zip(self.points);
        counts.filter(|&(point, _)| point == Point::AnsweredFor).map(|(_, traces)| traces).sum()
    }

    /// Orders root causes from the one that matters most: the callers' own faults last; within the others fatal, absorbed,
    /// neither; then by traces in which they got that far.
    #[must_use]
    pub fn place(&self) -> impl Ord + use<> {
        (self.sample.client_fault, self.sample.exemplar.rank, Reverse(self.fatal), Reverse(self.traces))
    }

    /// Adds the facts of other traces. The order of merging does not matter.
    pub fn merge(&mut self, other: Self) {
        if other.sample.exemplar < self.sample.exemplar {
            self.sample = other.sample;
        }
        self.traces += other.traces;
        self.fatal += other.fatal;
        self.absorbed += other.absorbed;
        self.retried += other.retried;
        self.left_its_service += other.left_its_service;
        self.began_at.merge(other.began_at);
        self.names.extend(other.names);
        self.statements.merge(other.statements);
        self.failed_entries.merge(other.failed_entries);
        self.degraded_entries.merge(other.degraded_entries);
        self.linked.merge(other.linked, LINKED);
        for (mine, theirs) in self.points.iter_mut().zip(other.points) {
            *mine += theirs;
        }
        self.when.merge(other.when);
        self.exemplars.extend(other.exemplars);
        while self.exemplars.len() > EXEMPLARS {
            self.exemplars.pop_last();
        }
    }

    /// Takes back what was counted of both of two root causes that are one.
    pub(crate) fn take_back(&mut self, twice: &Overlap) {
        for (count, twice) in
            [(&mut self.traces, twice.traces), (&mut self.fatal, twice.fatal), (&mut self.absorbed, twice.absorbed)]
        {
            *count = count.saturating_sub(twice);
        }
        self.failed_entries.take_back(&twice.failed_entries);
        self.degraded_entries.take_back(&twice.degraded_entries);
    }

    /// Makes each count as high as that of a part of it.
    pub(crate) fn at_least(&mut self, part: &Self) {
        for (count, part) in [(&mut self.traces, part.traces), (&mut self.fatal, part.fatal)] {
            *count = (*count).max(part);
        }
        // What was absorbed by one name may have been fatal by another.
        self.absorbed = self.absorbed.min(self.traces.saturating_sub(self.fatal));
        self.failed_entries.at_least(&part.failed_entries);
        self.degraded_entries.at_least(&part.degraded_entries);
    }

    /// Brings what is only shown in proportion to its traces, such as the points for and against, within them, and keeps one
    /// example of each trace.
    pub(crate) fn within_its_traces(&mut self) {
        let (traces, absorbed) = (self.traces, self.absorbed);
        self.points.iter_mut().for_each(|count| *count = (*count).min(traces));
        [&mut self.retried, &mut self.left_its_service].into_iter().for_each(|count| *count = (*count).min(absorbed));
        self.began_at.at_most(traces);
        let mut seen = OrderedSet::new();
        self.exemplars.retain(|exemplar| seen.insert(exemplar.trace));
    }
}
