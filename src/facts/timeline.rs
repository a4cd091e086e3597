//! Requests and failures over time, in steps as wide as it takes for them to be few.
//!
//! ```text
//! steps of 10 ms    | 3 . 2 | 4 . . | 1      too many? ten of them, or two, become one:
//! steps of 100 ms   |   5   |   4   | 1      each width is a multiple of the one before
//! ```
//!
//! Only steps with a request in them count, so that a clock that is years off makes one more step and nothing coarser.

use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;

/// How many steps there are at most.
pub const STEPS: usize = 240;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// Widths of a step, nanoseconds; each divides the next. The last holds all times that there are in two.
const WIDTHS: [u64; 24] = [
    MS,
    2 * MS,
    10 * MS,
    20 * MS,
    100 * MS,
    200 * MS,
    SECOND,
    2 * SECOND,
    10 * SECOND,
    20 * SECOND,
    60 * SECOND,
    120 * SECOND,
    600 * SECOND,
    1200 * SECOND,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    10 * DAY,
    100 * DAY,
    1000 * DAY,
    10_000 * DAY,
    100_000 * DAY,
];

/// Requests of one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    /// Requests that began in it.
    pub requests: u64,
    /// Of these, those that failed.
    pub failed: u64,
}

/// Requests over time. Those of pieces, in any order, merge to the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    width: usize,
    moments: OrderedMap<u64, Moment>,
}

impl Timeline {
    /// Adds a request; one that does not tell its time is left out.
    pub(crate) fn add(&mut self, start: Nanos, failed: bool) {
        if start.0 != 0 {
            self.put(start.0 / self.step(), Moment { requests: 1, failed: u64::from(failed) });
            self.keep();
        }
    }

    /// Adds the requests of another piece.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.coarsen(other.width);
        other.coarsen(self.width);
        for (place, moment) in other.moments {
            self.put(place, moment);
        }
        self.keep();
    }

    /// Width of a step in nanoseconds.
    #[must_use]
    pub fn step(&self) -> u64 {
        WIDTHS.get(self.width).copied().unwrap_or(DAY)
    }

    /// The same in steps as wide as those of another, if these are wider.
    #[must_use]
    pub fn as_coarse_as(&self, other: &Self) -> Self {
        let mut same = self.clone();
        same.coarsen(other.width);
        same
    }

    /// The steps that hold a request, by their start.
    pub fn moments(&self) -> impl Iterator<Item = (Nanos, Moment)> {
        let step = self.step();
        self.moments.iter().map(move |(place, moment)| (Nanos(place.saturating_mul(step)), *moment))
    }

    fn put(&mut self, place: u64, moment: Moment) {
        let mine = self.moments.entry(place).or_default();
        mine.requests += moment.requests;
        mine.failed += moment.failed;
    }

    fn keep(&mut self) {
        while self.moments.len() > STEPS && self.width + 1 < WIDTHS.len() {
            self.coarsen(self.width + 1);
        }
    }

    fn coarsen(&mut self, width: usize) {
        if width <= self.width || width >= WIDTHS.len() {
            return;
        }
        let times = WIDTHS[width] / self.step();
        self.width = width;
        for (place, moment) in std::mem::take(&mut self.moments) {
            self.put(place / times, moment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_width_divides_the_next_and_the_last_holds_all() {
        assert!(WIDTHS.windows(2).all(|pair| pair[1] % pair[0] == 0 && pair[1] > pair[0]));
        assert!(u64::MAX / WIDTHS[WIDTHS.len() - 1] < STEPS as u64);
    }

    #[test]
    fn a_clock_that_is_years_off_makes_nothing_coarser() {
        let mut timeline = Timeline::default();
        for number in 0..200 {
            timeline.add(Nanos(1_795_313_190_000_000_000 + number * MS), false);
        }
        timeline.add(Nanos(5), true);
        assert_eq!((timeline.step(), timeline.moments().count()), (MS, 201));
    }

    proptest! {
        #[test]
        fn pieces_in_any_order_are_the_whole(times in prop::collection::vec((1_u64.., any::<bool>()), 0..900), shift in 0..64_u32) {
            let (mut whole, mut one, mut other) = (Timeline::default(), Timeline::default(), Timeline::default());
            for (place, &(time, failed)) in times.iter().enumerate() {
                let time = Nanos((time >> shift).max(1));
                whole.add(time, failed);
                if place % 3 == 0 { one.add(time, failed) } else { other.add(time, failed) }
            }
            let mut both = other.clone();
            both.merge(one.clone());
            one.merge(other);
            prop_assert_eq!(&one, &whole);
            prop_assert_eq!(&both, &whole);
            prop_assert!(whole.moments().count() <= STEPS);
            prop_assert_eq!(whole.moments().map(|(_, moment)| moment.requests).sum::<u64>(), times.len() as u64);
        }
    }
}
