//! What came of the batches of all inputs, put together as they are finished: neighbours become one, so that their number costs
//! nothing.

use crate::read::batch::Piece;
use std::collections::BTreeMap;

/// How many records all pieces together describe, about: what one may say of very many inputs must not fill the memory.
/// Nobody is shown as many.
const DESCRIBED: usize = 100_000;

/// Pieces that stand next to each other in one input, as one.
#[derive(Debug)]
struct Run {
    /// The place behind the last of them.
    end: usize,
    input: usize,
    piece: Piece,
}

/// The pieces so far. They come in any order; between two that are neighbours and of one input nothing is missing only for as
/// long as a batch is being decoded, so that there are hardly more than inputs and threads.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// By the place of the first piece of each.
    runs: BTreeMap<usize, Run>,
    /// How many records they describe.
    described: usize,
    /// How many records of each sort an input describes.
    max_told: usize,
}

impl Pieces {
    /// None yet, of inputs that each describe at most `max_told` records of each sort.
    pub(crate) fn new(max_told: usize) -> Self {
        Self { runs: BTreeMap::new(), described: 0, max_told }
    }

    /// Takes up what came of the batch at this place in the order of all of them, which is of this input. Where as much is
    /// described already as may be, it only counts.
    pub(crate) fn take(&mut self, place: usize, input: usize, mut piece: Piece) {
        if self.described >= DESCRIBED {
            piece.be_brief();
        }
        self.described += piece.described();
        let end = place + 1;
        let mut run = Run { end, input, piece };
        if self.runs.get(&end).is_some_and(|behind| behind.input == input)
            && let Some(behind) = self.runs.remove(&end)
        {
            self.described -= run.join(behind, self.max_told);
        }
        match self.runs.range_mut(..place).next_back() {
            Some((_, before)) if before.end == place && before.input == input => {
                self.described -= before.join(run, self.max_told);
            }
            _ => {
                self.runs.insert(place, run);
            }
        }
    }

    /// The pieces in their order, each with the place of the first batch in it. None is of two inputs.
    pub(crate) fn in_order(self) -> impl Iterator<Item = (usize, Piece)> {
        self.runs.into_iter().map(|(place, run)| (place, run.piece))
    }
}

impl Run {
    /// Takes up the pieces behind these, and says how many records are described no more.
    fn join(&mut self, behind: Self, max_told: usize) -> usize {
        let both = self.piece.described() + behind.piece.described();
        self.piece.join(behind.piece, max_told);
        self.end = behind.end;
        both - self.piece.described()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of a piece, the number of its records, and what is told: records and offsets.
    type Told = (usize, u64, Vec<(u64, u64)>);

    fn told(pieces: Pieces) -> Vec<Told> {
        let told = |(place, piece): (usize, Piece)| {
            assert_eq!((piece.report.records, piece.report.skipped_total), (piece.numbers, piece.numbers));
            (place, piece.numbers, piece.report.skipped.iter().map(|it| (it.record, it.offset)).collect())
        };
        pieces.in_order().map(told).collect()
    }

    #[test]
    fn pieces_come_in_any_order_and_those_of_an_input_become_one_with_its_records_numbered_on() {
        // Places and inputs: the second input has no piece at all, and the last piece of the first is of no neighbour.
        let batches = [(0, 0), (1, 0), (2, 0), (3, 2), (4, 2), (6, 2)];
        let expected = vec![(0, 3, vec![(1, 0), (2, 100)]), (3, 2, vec![(1, 300), (2, 400)]), (6, 1, vec![(1, 600)])];
        for turn in 0..batches.len() {
            for step in [1, 5] {
                let mut pieces = Pieces::new(2);
                for number in 0..batches.len() {
                    let (place, input) = batches[(turn + number * step) % batches.len()];
                    pieces.take(place, input, Piece::remark("record", 100 * place as u64, "it is damaged"));
                }
                assert_eq!(pieces.described, 5);
                assert_eq!(told(pieces), expected, "from {turn} in steps of {step}");
            }
        }
    }

    #[test]
    fn any_number_of_pieces_of_an_input_is_one_and_describes_no_more_than_one() {
        let mut pieces = Pieces::new(20);
        for place in 0..3 * DESCRIBED {
            // Two threads, one of which is always a batch ahead of the other.
            let place = place ^ 1;
            pieces.take(place, 0, Piece::remark("record", place as u64, "it is damaged"));
        }
        assert_eq!((pieces.runs.len(), pieces.described), (1, 20));
        let told = told(pieces);
        assert_eq!(told[0].1, 3 * DESCRIBED as u64);
        assert_eq!(told[0].2, (0..20).map(|place| (place + 1, place)).collect::<Vec<_>>());
    }

    #[test]
    fn of_very_many_inputs_those_that_come_first_are_described_and_all_count() {
        let mut pieces = Pieces::new(20);
        for place in 0..DESCRIBED + 10 {
            pieces.take(place, place, Piece::remark("record", 0, "it is damaged"));
        }
        assert_eq!(pieces.described, DESCRIBED);
        let (inputs, described) = told(pieces).iter().fold((0, 0), |(all, told), it| (all + it.1, told + it.2.len()));
        assert_eq!((inputs, described), (DESCRIBED as u64 + 10, DESCRIBED));
    }
}
