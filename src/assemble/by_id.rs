//! The spans of one trace in the order of their ids, left where they came.
//!
//! ```text
//! as they came      c   a   d   b          spans, each of a hundred bytes, are moved once: into the tree
//! by id             a 1   b 3   c 0   d 2  numbers of the first bytes of the ids, and places
//! ```

use crate::model::ids::SpanId;
use crate::model::span::LooseSpan;
use std::cmp::Ordering;
use std::ops::{Index, IndexMut};

/// Spans by id, and those of one id by content. The n-th of them has place n.
#[derive(Debug)]
pub(crate) struct ById {
    came: Vec<LooseSpan>,
    /// The id of the span at each place, as a number that sorts as it does, and which of those that came it is.
    order: Vec<(u64, u32)>,
}

impl ById {
    /// Sorts spans. Ids hardly ever repeat: `by_content` is asked only about those of one id, and must not depend on when
    /// spans came.
    pub(crate) fn sorted(came: Vec<LooseSpan>, by_content: impl Fn(&LooseSpan, &LooseSpan) -> Ordering) -> Self {
        // A trace of four billion spans does not fit the memory of any machine that this runs on.
        let mut order: Vec<(u64, u32)> = came.iter().map(|span| number(span.id)).zip(0..).collect();
        order.sort_unstable();
        for same in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            same.sort_unstable_by(|a, b| by_content(&came[a.1 as usize], &came[b.1 as usize]));
        }
        Self { came, order }
    }

    /// Lets go of spans that `repeat` the one before: it is asked about the later and the earlier.
    pub(crate) fn dedup(&mut self, mut repeats: impl FnMut(&LooseSpan, &LooseSpan) -> bool) {
        let Self { came, order } = self;
        order.dedup_by(|later, first| later.0 == first.0 && repeats(&came[later.1 as usize], &came[first.1 as usize]));
    }

    /// Lets go of the spans at these places, which are in order.
    pub(crate) fn let_go(&mut self, places: impl Iterator<Item = usize>) {
        let (mut places, mut place) = (places.peekable(), 0);
        self.order.retain(|_| {
            let is_there = places.next_if_eq(&place).is_none();
            place += 1;
            is_there
        });
    }

    /// Whether no two bear the same id.
    pub(crate) fn ids_differ(&self) -> bool {
        self.order.is_sorted_by(|a, b| a.0 < b.0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The spans in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &LooseSpan> {
        self.order.iter().map(|&(_, came)| &self.came[came as usize])
    }

    /// The place of the first span with this id.
    #[inline]
    pub(crate) fn place_of(&self, id: SpanId) -> Option<usize> {
        let id = number(id);
        // Not `partition_point`, which is not inlined across units of code generation: this is in the way of every span. None is
        // equal, so that the first of those with this id is found.
        let before = |&(known, _): &(u64, u32)| if known < id { Ordering::Less } else { Ordering::Greater };
        let (Ok(place) | Err(place)) = self.order.binary_search_by(before);
        self.order.get(place).is_some_and(|&(known, _)| known == id).then_some(place)
    }

    /// Whether the spans at two places bear the same id; there need not be any at `other`.
    pub(crate) fn same_id(&self, place: usize, other: usize) -> bool {
        let id = |place: usize| self.order.get(place).map(|&(id, _)| id);
        id(place) == id(other)
    }

    /// The spans in an order of places that names each once.
    pub(crate) fn in_order(self, places: impl ExactSizeIterator<Item = usize>) -> Vec<LooseSpan> {
        let Self { came, order } = self;
        let mut came: Vec<Option<LooseSpan>> = came.into_iter().map(Some).collect();
        let mut spans = Vec::with_capacity(places.len());
        // Written out: `extend` is not inlined across units of code generation, and this is in the way of every span.
        for place in places {
            if let Some(span) = came[order[place].1 as usize].take() {
                spans.push(span);
            }
        }
        spans
    }
}

impl Index<usize> for ById {
    type Output = LooseSpan;

    fn index(&self, place: usize) -> &LooseSpan {
        &self.came[self.order[place].1 as usize]
    }
}

impl IndexMut<usize> for ById {
    fn index_mut(&mut self, place: usize) -> &mut LooseSpan {
        &mut self.came[self.order[place].1 as usize]
    }
}

fn number(id: SpanId) -> u64 {
    u64::from_be_bytes(id.0)
}
