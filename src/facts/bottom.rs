//! An even sample that is the same in whatever order and in whatever pieces things come.

use crate::shared_sort::SharedSort;

/// Every so many things more than are kept, those with larger numbers go: a part, so that each costs little.
const SPARE: usize = 4;

/// Of all things that were offered, those with the smallest numbers.
///
/// The numbers are as good as random (see [`lot`](crate::model::lot::lot)) and belong to the things, not to the order in which
/// they come, so that this is an even sample, samples of pieces add up to the sample of the whole, and nothing depends on
/// threads (bottom-k sampling: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007).
#[derive(Clone, PartialEq, Debug)]
pub struct Bottom<T> {
    /// In no order, and somewhat more than are kept.
    things: Vec<(u64, T)>,
    /// Larger numbers are not among those that are kept.
    bound: u64,
}

impl<T> Default for Bottom<T> {
    fn default() -> Self {
        Self { things: Vec::new(), bound: u64::MAX }
    }
}

impl<T: Ord> Bottom<T> {
    /// Whether a thing of this number may be among those that are kept, so that the others need not be made.
    #[must_use]
    pub fn wants(&self, lot: u64) -> bool {
        lot <= self.bound
    }

    /// Takes a thing that is wanted; of all those some `keep` are kept.
    pub fn take(&mut self, lot: u64, thing: T, keep: usize) {
        if self.wants(lot) {
            self.things.push((lot, thing));
            if self.things.len() > keep.max(1) + keep / SPARE + 1 {
                self.keep(keep);
            }
        }
    }

    /// Adds the sample of another piece.
    pub fn merge(&mut self, other: Self, keep: usize) {
        self.bound = self.bound.min(other.bound);
        self.things.extend(other.things);
        if self.things.len() > keep {
            self.keep(keep);
        }
    }

    /// Lets go of all but the `keep` smallest. Never more are kept later than now, so that nothing is missed.
    pub fn keep(&mut self, keep: usize) {
        let keep = keep.max(1);
        // What was kept the last time is in order, and what came since is a part of it.
        self.things.shared_sort();
        if self.things.len() > keep {
            self.things.truncate(keep);
            self.bound = self.bound.min(self.things.last().map_or(u64::MAX, |&(lot, _)| lot));
        }
    }

    /// Lets go of things that are there twice, with the same number.
    pub fn dedup(&mut self) {
        self.things.shared_sort();
        self.things.dedup();
    }

    /// How many things are kept for now: somewhat more than will be.
    #[must_use]
    pub fn len(&self) -> usize {
        self.things.len()
    }

    /// Whether nothing was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// What is kept; in the order of its numbers once [`Bottom::keep`] was called.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.things.iter().map(|(_, thing)| thing)
    }

    /// The same things made into others.
    pub fn map<U>(self, mut made: impl FnMut(T) -> U) -> Bottom<U> {
        Bottom { things: self.things.into_iter().map(|(lot, thing)| (lot, made(thing))).collect(), bound: self.bound }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lot::lot;

    fn sample(from: u64, to: u64, keep: usize) -> Bottom<u64> {
        let mut bottom = Bottom::default();
        for number in from..to {
            let lot = lot([number]);
            if bottom.wants(lot) {
                bottom.take(lot, number, keep);
            }
        }
        bottom
    }

    fn kept(mut bottom: Bottom<u64>, keep: usize) -> Vec<u64> {
        bottom.keep(keep);
        bottom.iter().copied().collect()
    }

    #[test]
    fn pieces_add_up_in_any_order() {
        let whole = kept(sample(0, 10_000, 100), 100);
        let (mut one, mut other) = (sample(0, 3_000, 100), sample(3_000, 10_000, 100));
        one.merge(sample(3_000, 10_000, 100), 100);
        other.merge(sample(0, 3_000, 100), 100);
        assert_eq!((kept(one, 100), kept(other, 100)), (whole.clone(), whole));
    }

    #[test]
    fn fewer_can_be_kept_later() {
        let mut less = sample(0, 5_000, 100);
        less.keep(40);
        less.merge(sample(5_000, 10_000, 40), 40);
        assert_eq!(kept(less, 40), kept(sample(0, 10_000, 100), 100)[..40]);
    }

    #[test]
    fn it_is_even() {
        let kept = kept(sample(0, 100_000, 1_000), 1_000);
        let early = kept.iter().filter(|&&number| number < 50_000).count();
        // Four standard deviations of a fair coin.
        assert!((437..=563).contains(&early), "{early}");
    }

    #[test]
    fn few_things_are_all_kept() {
        let mut kept = kept(sample(0, 50, 100), 100);
        kept.sort_unstable();
        assert_eq!(kept, (0..50).collect::<Vec<_>>());
    }
}
