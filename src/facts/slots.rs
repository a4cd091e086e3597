//! How often something happened over time, in some equal stretches.

use crate::model::time::{Interval, Nanos};
use crate::ordered::map::OrderedMap;

/// How many stretches of time there are at most.
pub const SLOTS: u64 = 16;

/// The width of the stretches into which a window is cut, as a power of two in nanoseconds: the least with which there are
/// no more than [`SLOTS`]. Stretches begin at multiples of their width since 1970, so that they are the same in all pieces.
#[must_use]
pub fn width_of(window: Interval) -> u32 {
    (0..u64::BITS)
        .find(|&width| (window.end.0 >> width) - (window.start.0.min(window.end.0) >> width) < SLOTS)
        .unwrap_or(63)
}

/// Counts by stretch of time. Counts of pieces, in any order, add up to the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Slots {
    width: u32,
    counts: OrderedMap<u64, u64>,
}

impl Slots {
    /// One event.
    #[must_use]
    pub fn at(time: Nanos) -> Self {
        Self { width: 0, counts: [(time.0, 1)].into() }
    }

    /// Counts an event.
    pub fn add(&mut self, time: Nanos) {
        *self.counts.entry(time.0 >> self.width).or_default() += 1;
        self.fit();
    }

    /// Adds the counts of another piece.
    pub fn merge(&mut self, mut other: Self) {
        let width = self.width.max(other.width);
        self.widen(width);
        other.widen(width);
        for (slot, count) in other.counts {
            *self.counts.entry(slot).or_default() += count;
        }
        self.fit();
    }

    /// The counts by stretches of `width`, which is at least that of [`width_of`] a window that holds all of it.
    #[must_use]
    pub fn by(&self, width: u32) -> OrderedMap<u64, u64> {
        let mut wide = self.clone();
        wide.widen(width);
        wide.counts
    }

    fn fit(&mut self) {
        let span = |counts: &OrderedMap<u64, u64>| match (counts.first_key_value(), counts.last_key_value()) {
            (Some((first, _)), Some((last, _))) => last - first,
            _ => 0,
        };
        while span(&self.counts) >= SLOTS {
            self.widen(self.width + 1);
        }
    }

    fn widen(&mut self, width: u32) {
        let more = width.saturating_sub(self.width).min(63);
        if more == 0 {
            return;
        }
        self.width = width;
        let mut counts = OrderedMap::new();
        for (slot, count) in std::mem::take(&mut self.counts) {
            *counts.entry(slot >> more).or_default() += count;
        }
        self.counts = counts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_as_short_as_they_can_be() {
        let width = |start, end| width_of(Interval { start: Nanos(start), end: Nanos(end) });
        assert_eq!((width(100, 115), width(100, 116), width(0, u64::MAX)), (0, 1, 60));
        assert_eq!(width(9, 3), 0);
    }

    #[test]
    fn pieces_add_up_in_any_order() {
        let times = [5_u64, 1_000, 17, 5, 900_000, 40, 2_000, 5];
        let mut all = Slots::default();
        times.iter().for_each(|&time| all.add(Nanos(time)));
        let mut backwards = Slots::default();
        times.iter().rev().for_each(|&time| backwards.merge(Slots::at(Nanos(time))));
        assert_eq!(all, backwards);
        let width = width_of(Interval { start: Nanos(5), end: Nanos(900_000) });
        assert_eq!(all.by(width).into_iter().collect::<Vec<_>>(), [(0, 7), (13, 1)]);
    }
}
