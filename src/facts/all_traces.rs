//! Every trace that was read, assembled, analysed and added up, by as many threads as are wanted.

use crate::analyze::diagnosis::Diagnoser;
use crate::analyze::exception_rules::ExceptionRules;
use crate::assemble::open_traces::OpenTrace;
use crate::assemble::partitions::Partitions;
use crate::assemble::trace::assemble;
use crate::facts::compares::Compares;
use crate::facts::gather::Gathering;
use crate::facts::rows::{RowStore, Rows, rows};
use crate::facts::split::{Side, Split};
use crate::facts::tables::TableError;
use crate::facts::telemetry::TelemetryFacts;
use crate::facts::telemetry_gather::TelemetryGathering;
use crate::facts::window::WindowFacts;
use crate::model::names::Names;
use crate::model::time::TimeWindow;
use crate::model::tree::TraceTree;
use std::io;
use std::thread;

/// What is gathered beside the facts of the window.
#[derive(Clone, Copy, Default)]
pub struct Besides<'s> {
    /// Where the rows of all traces go.
    pub store: Option<&'s dyn RowStore>,
    /// What requests are to be compared with.
    pub compares: Compares,
    /// Whether the window is looked at by itself: what only two windows that are compared ask for is left out.
    pub alone: bool,
    /// Whether the facts of the telemetry are wanted.
    pub telemetry: bool,
    /// Where the capture is cut into two windows.
    pub split: Option<Split>,
    /// The window in which traces must begin to be looked at; those without a span, their first log record.
    pub window: Option<TimeWindow>,
}

/// What came of all traces.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Their facts, the same for any number of threads; of a capture that is cut, those after the change.
    pub facts: WindowFacts,
    /// The facts before the change, of a capture that is cut.
    pub before: WindowFacts,
    /// Traces between the two windows, which were left out.
    pub left_out: u64,
    /// The facts of their telemetry, when they were wanted.
    pub telemetry: Option<TelemetryFacts>,
    /// Why some of what was put on disk could not be read back.
    pub lost: Vec<io::Error>,
    /// Why the rows could not be kept.
    pub not_kept: Option<TableError>,
}

impl Gathered {
    fn merge(&mut self, other: Self) {
        self.facts.merge(other.facts);
        self.before.merge(other.before);
        self.left_out += other.left_out;
        if let (Some(mine), Some(theirs)) = (&mut self.telemetry, other.telemetry) {
            mine.merge(theirs);
        }
        self.lost.extend(other.lost);
        self.not_kept = self.not_kept.take().or(other.not_kept);
    }
}

/// Adds up all traces, and gathers what else is wanted of them.
#[must_use]
pub fn gather(
    partitions: &Partitions,
    names: &Names,
    rules: &ExceptionRules,
    threads: usize,
    besides: Besides<'_>,
) -> Gathered {
    let mut gathered = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| some(partitions, names, rules, besides))).collect();
        let mut gathered = some(partitions, names, rules, besides);
        for other in others {
            match other.join() {
                Ok(more) => gathered.merge(more),
                // A bug: end as if it had happened on this thread.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        gathered
    });
    gathered.facts.settle();
    gathered.before.settle();
    if let (Some(store), None) = (besides.store, &gathered.not_kept) {
        gathered.not_kept = store.finish(names).err();
    }
    gathered
}

/// Adds up those traces that the other threads leave.
fn some(partitions: &Partitions, names: &Names, rules: &ExceptionRules, besides: Besides<'_>) -> Gathered {
    let Besides { store, compares, alone, telemetry, split, window } = besides;
    let begun = || if alone { Gathering::new(compares).alone() } else { Gathering::new(compares) };
    let (mut gathering, mut before) = (begun(), begun());
    let mut gathered = Gathered::default();
    let diagnoser = Diagnoser::by(rules);
    let mut telemetry = telemetry.then(TelemetryGathering::default);
    while let Some(mut partition) = partitions.take_next() {
        gathered.lost.extend(partition.lost);
        let mut kept = Rows::default();
        for (id, OpenTrace { spans, logs, left_out, .. }) in partition.traces.drain() {
            let logged = logs.iter().map(|log| log.time).min();
            let mut assembled = assemble(id, spans, logs, names);
            let begins = assembled.tree.start().or(logged).unwrap_or_default();
            if window.is_some_and(|window| !window.holds(begins)) {
                continue;
            }
            assembled.defects.merge(&left_out);
            let diagnosis = diagnoser.diagnose(&assembled.tree, names);
            match split.map(|split| side(split, &assembled.tree)) {
                Some(Side::Baseline) => before.add(&assembled, &diagnosis, names),
                Some(Side::LeftOut) => gathered.left_out += 1,
                Some(Side::Candidate) | None => gathering.add(&assembled, &diagnosis, names),
            }
            if let Some(telemetry) = &mut telemetry {
                telemetry.add(&assembled, &diagnosis, names);
            }
            if store.is_some()
                && let Some((trace, spans)) = rows(&assembled, &diagnosis, names)
            {
                kept.traces.push(trace);
                kept.spans.extend(spans);
            }
        }
        if let (Some(store), None) = (store, &gathered.not_kept) {
            gathered.not_kept = store.add(partition.number, kept, names).err();
        }
    }
    gathered.facts = gathering.finish(names);
    gathered.before = before.finish(names);
    gathered.telemetry = telemetry.map(|telemetry| telemetry.finish(names));
    gathered
}

fn side(split: Split, tree: &TraceTree) -> Side {
    split.side(tree.start().unwrap_or_default())
}
