//! For each entry point a few requests that passed, to be drawn beside one that failed, or beside each other where requests became
//! slower.
//!
//! Some are picked by their trace ids, which are random: so they are as good as drawn by lot. The others are the slowest. Whoever
//! picks, in whatever order and in however many pieces, picks the same.

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::cause::OperationName;
use crate::facts::exemplar_trace::{Drawn, DrawnTrace};
use crate::facts::sample::spelt_out;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span_kind::SpanKind;
use crate::model::time::Interval;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use hashbrown::HashMap;
use std::cmp::Reverse;

/// How many requests of an entry point are drawn by lot.
pub const BY_LOT: usize = 3;
/// How many of its slowest requests are kept besides.
pub const SLOWEST: usize = 2;
/// How many entry points have any: the first by name.
pub const ENTRIES: usize = 48;
/// Operations of one name, which differ in their kind.
const KINDS: usize = 6;

/// What a request is picked by. The second half of a trace id is random even where the first tells the time (X-Ray), or is
/// empty (ids of 64 bits). Spans that share an id differ in the rest.
type Lot = ([u8; 8], TraceId, SpanId, (Interval, SpanKind));

/// The slowest first; of those that took as long, by lot.
type Slowness = (Reverse<u64>, Lot);

fn lot(tree: &TraceTree, entry: SpanIx, names: &Names) -> Lot {
    let mut half = [0; 8];
    half.copy_from_slice(&tree.id.0[8..]);
    let span = tree.span(entry);
    (half, tree.id, span.id, (span.time, names.operation_of(span.operation).kind))
}

/// Requests of one entry point; `N` is how operations are named.
#[derive(Clone, PartialEq, Debug)]
struct Picked<N> {
    by_lot: Vec<(Lot, Drawn<N>)>,
    slowest: Vec<(Slowness, Drawn<N>)>,
}

impl<N> Default for Picked<N> {
    fn default() -> Self {
        Self { by_lot: Vec::new(), slowest: Vec::new() }
    }
}

impl<N: Clone> Picked<N> {
    /// Whether a request would be kept by lot, and whether as one of the slowest.
    fn wants(&self, duration: u64, lot: Lot) -> (bool, bool) {
        (has_room(&self.by_lot, BY_LOT, &lot), has_room(&self.slowest, SLOWEST, &(Reverse(duration), lot)))
    }

    fn take(&mut self, lot: Lot, trace: Drawn<N>) {
        let (by_lot, slow) = self.wants(trace.duration, lot);
        if by_lot {
            insert(&mut self.by_lot, BY_LOT, lot, trace.clone());
        }
        if slow {
            insert(&mut self.slowest, SLOWEST, (Reverse(trace.duration), lot), trace);
        }
    }

    /// Each once.
    fn into_traces(self) -> OrderedMap<Lot, Drawn<N>> {
        self.by_lot.into_iter().chain(self.slowest.into_iter().map(|((_, lot), trace)| (lot, trace))).collect()
    }
}

fn has_room<K: Ord, T>(kept: &[(K, T)], most: usize, key: &K) -> bool {
    kept.len() < most || kept.last().is_some_and(|(last, _)| key < last)
}

fn insert<K: Ord, T>(kept: &mut Vec<(K, T)>, most: usize, key: K, thing: T) {
    let at = kept.partition_point(|(known, _)| *known < key);
    kept.insert(at, (key, thing));
    kept.truncate(most);
}

/// Requests that passed, by entry point.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PassingTraces {
    by_entry: OrderedMap<OperationName, Picked<OperationName>>,
}

impl PassingTraces {
    /// The request of an entry point, of those drawn by lot, whose duration is nearest to `typical`, in nanoseconds.
    #[must_use]
    pub fn nearest(&self, entry: &OperationName, typical: u64) -> Option<&DrawnTrace> {
        let traces = self.by_entry.get(entry)?.by_lot.iter().map(|(_, trace)| trace);
        traces.min_by_key(|trace| trace.duration.abs_diff(typical))
    }

    /// All that are kept: entry points by name, of each those drawn by lot, then the slowest.
    pub fn iter(&self) -> impl Iterator<Item = &DrawnTrace> {
        self.by_entry.values().flat_map(|picked| {
            let slowest = picked.slowest.iter().map(|(_, trace)| trace);
            picked.by_lot.iter().map(|(_, trace)| trace).chain(slowest)
        })
    }

    /// Adds those of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        for (entry, picked) in other.by_entry {
            self.put(entry, picked.into_traces());
        }
    }

    /// Gives services and operations other names; entry points that get the same name become one.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        for (entry, picked) in std::mem::take(&mut self.by_entry) {
            let mut traces = picked.into_traces();
            traces.values_mut().for_each(|trace| trace.rename(&mut renamed));
            self.put(renamed(entry), traces);
        }
    }

    fn put(&mut self, entry: OperationName, traces: OrderedMap<Lot, DrawnTrace>) {
        let mine = self.by_entry.entry(entry).or_default();
        for (lot, trace) in traces {
            mine.take(lot, trace);
        }
        while self.by_entry.len() > ENTRIES {
            self.by_entry.pop_last();
        }
    }
}

/// Picks while traces pass. Entry points are told apart by their ids here, so that no name is copied for a request that is
/// not kept.
#[derive(Debug, Default)]
pub(crate) struct Picking {
    by_entry: HashMap<OpId, Picked<OpId>>,
    /// The last by name, once there are as many entry points as have any.
    last: Option<OpId>,
}

impl Picking {
    /// Offers a request that passed.
    pub(crate) fn offer(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, entry: SpanIx, names: &Names) {
        let (span, lot) = (tree.span(entry), lot(tree, entry, names));
        let operation = span.operation;
        let name = |operation: OpId| {
            let operation = names.operation_of(operation);
            (names.text(operation.service), names.text(operation.name))
        };
        match self.by_entry.get(&operation) {
            Some(known) if known.wants(span.time.duration(), lot) == (false, false) => return,
            None if self.last.is_some_and(|last| name(last) < name(operation)) => return,
            _ => {}
        }
        let Some(trace) = Drawn::of(tree, diagnosis, &[entry], names) else { return };
        self.by_entry.entry(operation).or_default().take(lot, trace);
        // Operations of the same name and another kind become one at the end: of so many no name is lost.
        if self.by_entry.len() > KINDS * ENTRIES {
            let mut all: Vec<OpId> = self.by_entry.keys().copied().collect();
            all.shared_sort_by_key(|&operation| (name(operation), operation));
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
            let spelt = picked.into_traces().into_iter().map(|(lot, trace)| (lot, trace.spelt_out(names)));
            traces.put(spelt_out(names, operation), spelt.collect());
        }
        traces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::diagnosis::diagnose;
    use crate::analyze::drawn_tree::drawn;
    use crate::model::operation::Operation;
    use crate::model::time::Nanos;

    /// What is picked of requests that passed, each of them told by the number of its entry point and by its own, which is its
    /// lot and how long it took.
    fn picked(requests: impl Iterator<Item = (usize, u64)>) -> PassingTraces {
        let (mut tree, mut names) = drawn("shop server 0..1");
        let diagnosis = diagnose(&tree, &names);
        let service = names.intern("shop");
        let mut picking = Picking::default();
        for (entry, number) in requests {
            let name = names.intern(&format!("entry {entry:03}"));
            let span = &mut tree.spans[0];
            span.operation = names.operation(Operation { service, name, kind: SpanKind::Server });
            span.time.end = Nanos(span.time.start.0 + number);
            tree.id = TraceId(u128::from(number).to_be_bytes());
            picking.offer(&tree, &diagnosis, SpanIx(0), &names);
        }
        picking.finish(&names)
    }

    #[test]
    fn of_each_entry_point_three_by_lot_and_the_two_slowest_are_kept() {
        let numbers = |many: u64| -> Vec<u128> {
            let picked = picked((1..=many).map(|number| (0, number)));
            picked.iter().map(|trace| u128::from_be_bytes(trace.trace.0)).collect()
        };
        assert_eq!(numbers(2), [1, 2, 2, 1]);
        assert_eq!(numbers(3), [1, 2, 3, 3, 2]);
        assert_eq!(numbers(10), [1, 2, 3, 10, 9]);
    }

    #[test]
    fn the_first_entry_points_by_name_are_kept_whatever_the_order() {
        let kept = |entries: Vec<usize>| -> Vec<String> {
            let picked = picked(entries.into_iter().map(|entry| (entry, 1)));
            let mut names: Vec<String> = picked.iter().map(|trace| trace.entry.operation.clone()).collect();
            // Each is there by lot, and as its slowest.
            names.dedup();
            names
        };
        let first: Vec<String> = (0..48).map(|entry| format!("entry {entry:03}")).collect();
        for many in [48, 49, KINDS * ENTRIES + 20] {
            assert_eq!(kept((0..many).collect()), first, "of {many}");
            assert_eq!(kept((0..many).rev().collect()), first, "of {many}, the last one first");
        }
    }
}
