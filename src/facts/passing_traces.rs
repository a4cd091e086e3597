//! For each entry point a few requests that passed, to be drawn beside one that failed.
//!
//! They are picked by their trace ids, which are random: so they are as good as drawn by lot, and whoever picks, in whatever
//! order and in however many pieces, picks the same.

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::cause::OperationName;
use crate::facts::exemplar_trace::{Drawn, DrawnTrace};
use crate::facts::sample::spelt_out;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::{Names, OpId};
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// How many requests of an entry point are kept.
pub const OF_ENTRY: usize = 3;
/// How many entry points have any: the first by name.
pub const ENTRIES: usize = 48;
/// Operations of one name, which differ in their kind.
const KINDS: usize = 6;

/// What a request is picked by. The second half of a trace id is random even where the first tells the time (X-Ray), or is
/// empty (ids of 64 bits).
type Lot = ([u8; 8], TraceId, SpanId);

fn lot(tree: &TraceTree, entry: SpanIx) -> Lot {
    let mut half = [0; 8];
    half.copy_from_slice(&tree.id.0[8..]);
    (half, tree.id, tree.span(entry).id)
}

/// Requests that passed, by entry point.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PassingTraces {
    by_entry: BTreeMap<OperationName, Vec<(Lot, DrawnTrace)>>,
}

impl PassingTraces {
    /// The request of an entry point whose duration is nearest to `typical`, in nanoseconds.
    #[must_use]
    pub fn nearest(&self, entry: &OperationName, typical: u64) -> Option<&DrawnTrace> {
        let traces = self.by_entry.get(entry)?.iter().map(|(_, trace)| trace);
        traces.min_by_key(|trace| trace.duration.abs_diff(typical))
    }

    /// Adds those of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        for (entry, traces) in other.by_entry {
            self.put(entry, traces);
        }
    }

    /// Gives services and operations other names; entry points that get the same name become one.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        for (entry, mut traces) in std::mem::take(&mut self.by_entry) {
            traces.iter_mut().for_each(|(_, trace)| trace.rename(&mut renamed));
            self.put(renamed(entry), traces);
        }
    }

    fn put(&mut self, entry: OperationName, traces: Vec<(Lot, DrawnTrace)>) {
        let mine = self.by_entry.entry(entry).or_default();
        mine.extend(traces);
        mine.sort_by_key(|(lot, _)| *lot);
        mine.truncate(OF_ENTRY);
        while self.by_entry.len() > ENTRIES {
            self.by_entry.pop_last();
        }
    }
}

/// Picks while traces pass. Entry points are told apart by their ids here, so that no name is copied for a request that is
/// not kept.
#[derive(Debug, Default)]
pub(crate) struct Picking {
    by_entry: HashMap<OpId, Vec<(Lot, Drawn<OpId>)>>,
    /// The last by name, once there are as many entry points as have any.
    last: Option<OpId>,
}

impl Picking {
    /// Offers a request that passed.
    pub(crate) fn offer(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, entry: SpanIx, names: &Names) {
        let (operation, lot) = (tree.span(entry).operation, lot(tree, entry));
        let name = |operation: OpId| {
            let operation = names.operation_of(operation);
            (names.text(operation.service), names.text(operation.name))
        };
        match self.by_entry.get(&operation) {
            Some(known) if known.len() == OF_ENTRY && known.last().is_some_and(|(last, _)| *last < lot) => return,
            None if self.last.is_some_and(|last| name(last) < name(operation)) => return,
            _ => {}
        }
        let Some(trace) = Drawn::of(tree, diagnosis, &[entry], names) else { return };
        let known = self.by_entry.entry(operation).or_default();
        let at = known.partition_point(|(known, _)| *known < lot);
        known.insert(at, (lot, trace));
        known.truncate(OF_ENTRY);
        // Operations of the same name and another kind become one at the end: of so many no name is lost.
        if self.by_entry.len() > KINDS * ENTRIES {
            let mut all: Vec<OpId> = self.by_entry.keys().copied().collect();
            all.sort_by_key(|&operation| (name(operation), operation));
            for out in all.drain(KINDS * ENTRIES..) {
                self.by_entry.remove(&out);
            }
            self.last = all.last().copied();
        }
    }

    /// What was picked, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> PassingTraces {
        let mut traces = PassingTraces::default();
        for (operation, picked) in self.by_entry {
            let spelt = picked.into_iter().map(|(lot, trace)| (lot, trace.spelt_out(names)));
            traces.put(spelt_out(names, operation), spelt.collect());
        }
        traces
    }
}
