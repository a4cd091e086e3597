//! Who calls whom, how often, and how often in vain: the service graph of a window.

use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::kind::peer;
use crate::model::names::Names;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use hashbrown::HashMap;
use std::cmp::Reverse;
use std::hash::Hash;

/// How many pairs of caller and callee are kept, those with most failures, then most calls. Where there are more, names are
/// made up.
pub const PAIRS: usize = 10_000;

/// Calls of one pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct CallCounts {
    /// Calls that failed.
    pub failed: u64,
    /// All calls.
    pub calls: u64,
}

impl CallCounts {
    fn merge(&mut self, other: Self) {
        self.failed += other.failed;
        self.calls += other.calls;
    }
}

/// Somebody who is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Callee {
    /// A service with spans of its own.
    Service(String),
    /// What the call names, without a span of the callee: a database, a third party, or a service that is gone.
    Named(String),
}

/// The calls of one window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calls {
    by_pair: OrderedMap<(String, Callee), CallCounts>,
}

impl Calls {
    /// All pairs, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Callee, CallCounts)> {
        self.by_pair.iter().map(|((caller, callee), counts)| (caller.as_str(), callee, *counts))
    }

    /// Whether pairs may have been left out because there were too many.
    #[must_use]
    pub fn may_lack_pairs(&self) -> bool {
        self.by_pair.len() >= PAIRS
    }

    /// Adds the calls of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        for (pair, counts) in other.by_pair {
            self.by_pair.entry(pair).or_default().merge(counts);
        }
        self.keep();
    }

    /// Gives services and other callees other names; pairs that get the same names become one.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(String) -> String) {
        for ((caller, callee), counts) in std::mem::take(&mut self.by_pair) {
            let callee = match callee {
                Callee::Service(name) => Callee::Service(renamed(name)),
                Callee::Named(name) => Callee::Named(renamed(name)),
            };
            self.by_pair.entry((renamed(caller), callee)).or_default().merge(counts);
        }
    }

    fn keep(&mut self) {
        if self.by_pair.len() > 2 * PAIRS {
            let mut pairs: Vec<_> = std::mem::take(&mut self.by_pair).into_iter().collect();
            // Stable: equal ones stay in the order of their names.
            pairs.shared_sort_by_key(|(_, counts)| Reverse(*counts));
            self.by_pair = pairs.into_iter().take(PAIRS).collect();
        }
    }
}

/// Counts while traces pass, by id: of each span its service and its parent's are compared, and only what goes from one service
/// to another is looked up.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    between: HashMap<(Sym, Sym), CallCounts>,
    outside: HashMap<(Sym, TargetId), CallCounts>,
    /// Of each span of the trace at hand its service, and whether another service answers it; kept for the room that it has.
    spans: Vec<(Sym, bool)>,
    /// Its calls that name somebody.
    naming: Vec<SpanIx>,
}

impl Counting {
    /// Counts the calls of a trace.
    pub(crate) fn add(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, names: &Names) {
        self.spans.clear();
        self.naming.clear();
        for ix in tree.indices() {
            let span = tree.span(ix);
            let operation = names.operation_of(span.operation);
            // Parents come before their children.
            let above = tree.parent_of(ix).and_then(|above| Some((above, self.spans.get_mut(above.at())?)));
            if let Some((above, (caller, is_answered))) = above
                && *caller != operation.service
            {
                *is_answered = true;
                let calls = || names.operation_of(tree.span(above).operation).kind.gives_work();
                let failed = diagnosis.failed(ix) || diagnosis.failed(above) && calls();
                add(&mut self.between, (*caller, operation.service), failed);
            }
            self.spans.push((operation.service, false));
            if span.target != TargetId::NONE && operation.kind.gives_work() {
                self.naming.push(ix);
            }
        }
        for &ix in &self.naming {
            let Some(&(service, is_answered)) = self.spans.get(ix.at()) else { continue };
            let target = tree.span(ix).target;
            // A call within a call to the same is the same call.
            let within = || tree.parent_of(ix).is_some_and(|above| tree.span(above).target == target);
            if !is_answered && !within() {
                add(&mut self.outside, (service, target), diagnosis.failed(ix));
            }
        }
    }

    /// The calls, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Calls {
        let mut calls = Calls::default();
        let text = |sym| names.text(sym).to_owned();
        for ((caller, callee), counts) in self.between {
            calls.by_pair.entry((text(caller), Callee::Service(text(callee)))).or_default().merge(counts);
        }
        for ((caller, target), counts) in self.outside {
            if let Some(callee) = peer(&names.target_of(target), names) {
                calls.by_pair.entry((text(caller), Callee::Named(callee))).or_default().merge(counts);
            }
        }
        calls.keep();
        calls
    }
}

fn add<K: Hash + Eq + Copy + Ord>(counts: &mut HashMap<K, CallCounts>, pair: K, failed: bool) {
    counts.entry(pair).or_default().merge(CallCounts { failed: u64::from(failed), calls: 1 });
    if counts.len() > 4 * PAIRS {
        let mut pairs: Vec<(K, CallCounts)> = counts.drain().collect();
        pairs.shared_sort_by_key(|&(pair, counts)| (Reverse(counts), pair));
        counts.extend(pairs.into_iter().take(2 * PAIRS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many pairs of a piece, of which each fails once more often than the one before it.
    fn calls(pairs: u64) -> Calls {
        let pair = |number: u64| {
            let callee = Callee::Service(format!("{number:05}"));
            (("shop".to_owned(), callee), CallCounts { failed: number, calls: pairs })
        };
        let mut calls = Calls::default();
        calls.merge(Calls { by_pair: (0..pairs).map(pair).collect() });
        calls
    }

    #[test]
    fn of_more_than_twice_as_many_pairs_as_are_kept_those_with_most_failures_are() {
        assert_eq!(calls(20_000).iter().count(), 20_000);
        let kept = calls(20_001);
        let failed: Vec<u64> = kept.iter().map(|(.., counts)| counts.failed).collect();
        assert_eq!(failed, (10_001..=20_000).collect::<Vec<_>>());
        assert!(kept.may_lack_pairs() && !calls(9_999).may_lack_pairs());
    }

    #[test]
    fn while_traces_pass_four_times_as_many_pairs_are_counted() {
        let mut counts = HashMap::new();
        (0..40_000).for_each(|pair| add(&mut counts, pair, pair >= 20_000));
        assert_eq!(counts.len(), 40_000);
        add(&mut counts, 40_000, true);
        // Of those that failed alike, the last one comes last.
        assert_eq!(counts.len(), 20_000);
        assert!(counts.values().all(|counts| counts.failed == 1) && !counts.contains_key(&40_000));
    }
}
