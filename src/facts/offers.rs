//! Which spans of a trace are offered to the samples of their groups, and by which numbers.
//!
//! Requests of one trace have much in common, so that a sample tells more the more traces it is drawn from: of each trace the
//! first of a group goes before the second of any other trace. Which is the first is drawn, too.
//!
//! ```text
//! trace 71   GetProduct  GetProduct  Charge           numbers in GetProduct   0.71  1.71
//! trace 08   GetProduct  Charge                                               0.08
//! ```
//!
//! Partitions of traces come in about the order of the numbers of their traces (see
//! [`Partitions`](crate::assemble::partitions::Partitions)), so that a sample is nearly complete after the first of them.

use crate::model::ids::TraceId;
use crate::model::lot::{lot_of_span, lot_of_trace};
use crate::model::tree::{SpanIx, TraceTree};

/// Up to which place in their trace spans of a group are told apart.
const PLACES: u64 = 255;

/// Spans of one trace that are offered to samples.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    trace: u64,
    /// Group, number and place of each span.
    offered: Vec<(u32, u64, SpanIx)>,
    at: usize,
    place: u64,
}

impl Offers {
    /// Begins with the next trace.
    pub(crate) fn begin(&mut self, trace: TraceId) {
        self.trace = lot_of_trace(trace);
        self.offered.clear();
    }

    /// The least number that a span of the trace can have: a sample that does not want it wants none of them.
    pub(crate) fn least(&self) -> u64 {
        self.number(0)
    }

    /// Offers a span to a group.
    pub(crate) fn offer(&mut self, group: u32, tree: &TraceTree, ix: SpanIx) {
        self.offered.push((group, lot_of_span(self.trace, tree.span(ix).id), ix));
    }

    /// Gives numbers to what was offered: [`Offers::next`] tells them.
    pub(crate) fn draw(&mut self) {
        self.offered.sort_unstable();
        (self.at, self.place) = (0, 0);
    }

    /// The next offer: the group, the span, and its number there.
    pub(crate) fn next(&mut self) -> Option<(u32, SpanIx, u64)> {
        let &(group, _, ix) = self.offered.get(self.at)?;
        let follows = self.at > 0 && self.offered[self.at - 1].0 == group;
        self.place = if follows { self.place + 1 } else { 0 };
        self.at += 1;
        Some((group, ix, self.number(self.place)))
    }

    fn number(&self, place: u64) -> u64 {
        (place.min(PLACES) << 56) | (self.trace >> 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;

    #[test]
    fn the_first_of_each_trace_goes_before_the_second_of_any() {
        let (tree, _) = drawn("shop server 0..9\n cart client 1..2\n cart client 3..4\n cart client 5..6");
        let mut offers = Offers::default();
        let mut numbers = Vec::new();
        for trace in [1, 2] {
            offers.begin(TraceId([trace; 16]));
            tree.indices().for_each(|ix| offers.offer(u32::from(ix.0 > 0), &tree, ix));
            offers.draw();
            let least = offers.least();
            while let Some((group, ix, number)) = offers.next() {
                assert!(number >= least);
                numbers.push((group, number >> 56, trace, ix));
            }
        }
        let places: Vec<(u32, u64, u8)> =
            numbers.iter().map(|&(group, place, trace, _)| (group, place, trace)).collect();
        assert_eq!(places, [(0, 0, 1), (1, 0, 1), (1, 1, 1), (1, 2, 1), (0, 0, 2), (1, 0, 2), (1, 1, 2), (1, 2, 2)]);
    }
}
