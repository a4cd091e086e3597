//! A sample of requests that is the same however the requests are dealt out to threads, files or machines.
//!
//! Each request draws a lot from its ids alone, and the lowest lots are kept ("bottom-k sketch": Cohen and Kaplan,
//! "Summarizing data using bottom-k sketches", PODC 2007): what has one of the lowest of all has one of the lowest of any
//! part, so the parts' samples hold that of the whole.
//!
//! ```text
//! requests   a  b  c  d  e  f          thread 1 keeps  b 12  a 40         both   b 12  e 15
//! lots      40 12 77 90 15 63          thread 2 keeps  e 15  f 63
//! ```

use crate::facts::property::PropertyId;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::Nanos;
use std::collections::BinaryHeap;

/// How many requests of one group are kept: enough to tell a share of a thousandth, and the analysis of a group takes
/// milliseconds.
pub const REQUESTS_OF_GROUP: usize = 4096;

/// One request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RequestRow {
    /// Its lot.
    pub lot: u64,
    /// When it began.
    pub start: Nanos,
    /// How long it took, in nanoseconds.
    pub duration: u64,
    /// What it had, by place in the list of properties, ascending.
    pub properties: Box<[PropertyId]>,
}

/// The lot of a request: the finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014) over its ids.
#[must_use]
pub fn lot(trace: TraceId, span: SpanId) -> u64 {
    let (high, low) = trace.0.split_at(8);
    let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    [word(high), word(low), word(&span.0)].into_iter().fold(0, |so_far, word| {
        let mut mixed = (so_far ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    })
}

/// Requests of one group while traces pass: how many there were, and those with the lowest lots.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    seen: u64,
    rows: BinaryHeap<RequestRow>,
}

impl Drawing {
    /// Counts a request, and says whether it is to be kept for now.
    pub(crate) fn wants(&mut self, lot: u64, most: usize) -> bool {
        self.seen += 1;
        self.rows.len() < most || self.rows.peek().is_some_and(|highest| lot < highest.lot)
    }

    /// Keeps a request. Tells how many rows more or fewer there are now.
    pub(crate) fn put(&mut self, row: RequestRow, most: usize) -> isize {
        self.rows.push(row);
        1 - self.shrink(most).cast_signed()
    }

    /// Gives up the highest lots beyond so many. Tells how many.
    pub(crate) fn shrink(&mut self, most: usize) -> usize {
        let mut gone = 0;
        while self.rows.len() > most {
            self.rows.pop();
            gone += 1;
        }
        gone
    }

    /// The sample as a fact.
    pub(crate) fn finish(self) -> Drawn {
        Drawn { seen: self.seen, rows: self.rows.into_sorted_vec() }
    }
}

/// Requests of one group: how many there were, and those with the lowest lots, in the order of these.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drawn {
    /// How many there were.
    pub seen: u64,
    /// Those that were kept.
    pub rows: Vec<RequestRow>,
}

impl Drawn {
    /// Adds those of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.rows.extend(other.rows);
        self.rows.sort_unstable();
        self.rows.truncate(REQUESTS_OF_GROUP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(number: u64) -> RequestRow {
        let span = SpanId(number.to_be_bytes());
        RequestRow {
            lot: lot(TraceId([7; 16]), span),
            start: Nanos(number),
            duration: number,
            properties: Box::default(),
        }
    }

    fn drawn(numbers: impl IntoIterator<Item = u64>, most: usize) -> Drawn {
        let mut drawing = Drawing::default();
        for number in numbers {
            let row = row(number);
            if drawing.wants(row.lot, most) {
                drawing.put(row, most);
            }
        }
        drawing.finish()
    }

    proptest! {
        #[test]
        fn samples_of_pieces_make_the_sample_of_all(sides in prop::collection::vec(any::<bool>(), 0..2000), most in 1..200_usize) {
            let all = drawn(0..sides.len() as u64, most);
            let of = |side: bool| drawn((0..).zip(&sides).filter(|(_, its)| **its == side).map(|(n, _)| n), most);
            let (mut one, mut other) = (of(true), of(false));
            one.merge(of(false));
            other.merge(of(true));
            one.rows.truncate(most);
            other.rows.truncate(most);
            prop_assert_eq!(&one, &all);
            prop_assert_eq!(&other, &all);
            prop_assert_eq!(all.seen, sides.len() as u64);
        }
    }

    #[test]
    fn lots_are_dealt_evenly() {
        let mut lots: Vec<f64> = (0..10_000).map(|n| row(n).lot as f64 / u64::MAX as f64).collect();
        lots.sort_by(f64::total_cmp);
        let furthest = lots.iter().enumerate().map(|(place, lot)| (lot - place as f64 / 10_000.0).abs());
        // Kolmogorov and Smirnov's bound for one in a hundred thousand.
        assert!(furthest.fold(0.0, f64::max) < 0.025);
    }
}
