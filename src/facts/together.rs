//! Callees that were not reached, met by several names in one trace: if the names turn out to be of one service, what was counted
//! of each name was counted twice.

use crate::analyze::origin::Effect;
use crate::facts::cause::{EffectRank, OperationName};
use crate::facts::entry_counts::EntryCounts;
use crate::facts::told_apart::ToldApart;
use crate::ordered::map::OrderedMap;

/// How many pairs of names are kept, the first in the order of their signatures: those are so in each piece.
const PAIRS: usize = 4096;

/// How many callees of one trace are looked at.
pub(crate) const UNREACHED_OF_TRACE: usize = 16;

/// How many requests of one trace are looked at that one of them hit.
pub(crate) const REQUESTS_OF_UNREACHED: usize = 64;

/// What was counted of both of two root causes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overlap {
    /// Traces in which both began.
    pub traces: u64,
    /// Of these, traces in which both failed an entry point.
    pub fatal: u64,
    /// Of these, traces in which one was absorbed, and the other was absorbed or fatal.
    pub absorbed: u64,
    /// Requests that failed by both, by entry point.
    pub failed_entries: EntryCounts,
    /// Requests that got over both, by entry point.
    pub degraded_entries: EntryCounts,
}

impl Overlap {
    fn merge(&mut self, other: Self) {
        self.traces += other.traces;
        self.fatal += other.fatal;
        self.absorbed += other.absorbed;
        self.failed_entries.merge(other.failed_entries);
        self.degraded_entries.merge(other.degraded_entries);
    }
}

/// What one trace shows of one callee that was not reached.
#[derive(Debug)]
pub(crate) struct Unreached<'s> {
    /// The signature of the root cause.
    pub(crate) signature: &'s str,
    /// The furthest that it got.
    pub(crate) rank: EffectRank,
    /// The requests that it hit, by the number of their span; the first [`REQUESTS_OF_UNREACHED`].
    pub(crate) hit: Vec<(u32, OperationName, Effect)>,
}

/// Pairs of root causes that were met in one trace, by their signatures, the smaller one first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Together {
    pairs: OrderedMap<(String, String), Overlap>,
}

impl Together {
    /// Counts the callees of one trace, in the order of their signatures; the first [`UNREACHED_OF_TRACE`].
    pub(crate) fn add(&mut self, unreached: &[Unreached<'_>]) {
        for (at, one) in unreached.iter().enumerate() {
            for other in &unreached[at + 1..] {
                let key = (one.signature.to_owned(), other.signature.to_owned());
                self.pairs.entry(key).or_default().merge(overlap(one, other));
            }
        }
        self.keep_first();
    }

    /// Adds those of other traces.
    pub(crate) fn merge(&mut self, other: Self) {
        for (pair, overlap) in other.pairs {
            self.pairs.entry(pair).or_default().merge(overlap);
        }
        self.keep_first();
    }

    /// Gives entry points other names.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        for overlap in self.pairs.values_mut() {
            overlap.failed_entries.rename(&mut renamed);
            overlap.degraded_entries.rename(&mut renamed);
        }
    }

    /// Counts requests at entry points that are not told apart together.
    pub(crate) fn tell_apart(&mut self, names: ToldApart) {
        for overlap in self.pairs.values_mut() {
            overlap.failed_entries.tell_apart(names);
            overlap.degraded_entries.tell_apart(names);
        }
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Overlap)> {
        self.pairs.iter().map(|((one, other), overlap)| (one.as_str(), other.as_str(), overlap))
    }

    fn keep_first(&mut self) {
        while self.pairs.len() > PAIRS {
            self.pairs.pop_last();
        }
    }
}

fn overlap(one: &Unreached<'_>, other: &Unreached<'_>) -> Overlap {
    let ranks = [one.rank, other.rank];
    let both = |rank| ranks == [rank; 2];
    let mut overlap = Overlap {
        traces: 1,
        fatal: u64::from(both(EffectRank::Fatal)),
        absorbed: u64::from(ranks.contains(&EffectRank::Absorbed) && !ranks.contains(&EffectRank::Nothing)),
        ..Overlap::default()
    };
    for (span, entry, effect) in &one.hit {
        match (effect, other.hit.iter().find(|(hit, ..)| hit == span).map(|(.., effect)| effect)) {
            (Effect::Fatal, Some(Effect::Fatal)) => overlap.failed_entries.add(entry.clone(), 1),
            (Effect::Absorbed, Some(Effect::Absorbed)) => overlap.degraded_entries.add(entry.clone(), 1),
            _ => {}
        }
    }
    overlap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_did_is_told_from_what_one_did() {
        let entry = |operation: &str| OperationName { service: "web".to_owned(), operation: operation.to_owned() };
        let of = |signature, rank, hit: &[(u32, Effect)]| {
            let hit = hit.iter().map(|&(span, effect)| (span, entry(&span.to_string()), effect)).collect();
            Unreached { signature, rank, hit }
        };
        let mut together = Together::default();
        let (a, b) = (
            of("a", EffectRank::Fatal, &[(0, Effect::Fatal), (1, Effect::Absorbed), (2, Effect::Fatal)]),
            of("b", EffectRank::Fatal, &[(0, Effect::Fatal), (1, Effect::Absorbed), (2, Effect::Absorbed)]),
        );
        together.add(&[a, b]);
        together.add(&[of("a", EffectRank::Fatal, &[]), of("b", EffectRank::Absorbed, &[])]);
        together.add(&[of("a", EffectRank::Absorbed, &[]), of("b", EffectRank::Absorbed, &[])]);
        together.add(&[of("a", EffectRank::Absorbed, &[]), of("b", EffectRank::Nothing, &[])]);
        let mut twice = together.clone();
        twice.merge(together.clone());
        for (times, together) in [(1, &together), (2, &twice)] {
            let (one, other, overlap) = together.iter().next().expect("a pair");
            assert_eq!((one, other), ("a", "b"));
            assert_eq!([overlap.traces, overlap.fatal, overlap.absorbed], [4 * times, times, 2 * times]);
            assert_eq!(overlap.failed_entries.iter().collect::<Vec<_>>(), [(&entry("0"), times)]);
            assert_eq!(overlap.degraded_entries.iter().collect::<Vec<_>>(), [(&entry("1"), times)]);
        }
    }

    #[test]
    fn the_first_pairs_are_kept_whatever_the_order() {
        let pair = |number: usize| {
            let signatures = [format!("{number:05}"), "z".to_owned()];
            let of = |signature| Unreached { signature, rank: EffectRank::Fatal, hit: Vec::new() };
            let mut pair = Together::default();
            pair.add(&[of(signatures[0].as_str()), of(signatures[1].as_str())]);
            pair
        };
        let piece = |from: usize, pairs: usize| {
            let mut piece = Together::default();
            (from..pairs).step_by(2).for_each(|number| piece.merge(pair(number)));
            piece
        };
        for pairs in [4096, 4097] {
            let (mut one, mut other) = (piece(0, pairs), piece(1, pairs));
            one.merge(piece(1, pairs));
            other.merge(piece(0, pairs));
            assert_eq!(one, other);
            let kept: Vec<&str> = one.iter().map(|(signature, ..)| signature).collect();
            assert_eq!((kept.len(), kept.last()), (4096, Some(&"04095")), "of {pairs}");
        }
    }
}
