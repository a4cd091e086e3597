//! Places of a list, in the order of what lies there.

use std::cmp::Ordering;
use std::ops::Range;
use std::slice;

/// In which order the entries of a list are met. A list that lies in order needs no places; one that is long and does not
/// has them in blocks, so that to put one in moves a block and not all:
///
/// ```text
///   list     D B A C E
///   blocks   [2 1] [3 0 4]      A B C D E
/// ```
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// None is empty. Without any, the list lies in order.
    blocks: Vec<Vec<usize>>,
}

/// Where in the order something is, or would be: the block and what stands before it there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rank {
    block: usize,
    at: usize,
}

/// What was found of a key.
pub(super) type Found = Result<(usize, Rank), Rank>;

impl Order {
    /// Up to this many entries, the list itself is kept in order.
    const SHORT: usize = 64;

    /// How many places a block has before it is parted.
    const BLOCK: usize = 512;

    /// Whether the list lies in order.
    fn is_straight(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Where in a list of `len` entries something is, and its rank, or which rank it would have. `compare` tells how the entry at
    /// a place compares with it.
    pub(super) fn find(&self, len: usize, compare: &mut dyn FnMut(usize) -> Ordering) -> Found {
        if self.is_straight() {
            let found = search(len, compare);
            return found.map(|at| (at, Rank { block: 0, at })).map_err(|at| Rank { block: 0, at });
        }
        let block = match search(self.blocks.len(), &mut |block| compare(self.blocks[block][0])) {
            Ok(block) => return Ok((self.blocks[block][0], Rank { block, at: 0 })),
            Err(behind) => behind.saturating_sub(1),
        };
        let places = &self.blocks[block];
        let found = search(places.len(), &mut |at| compare(places[at]));
        found.map(|at| (places[at], Rank { block, at })).map_err(|at| Rank { block, at })
    }

    /// Where the next of `len + 1` entries goes, that is to have this rank: at which place in the list. That is the end, or, in a
    /// short list, where it keeps the list in order.
    pub(super) fn put(&mut self, len: usize, rank: Rank) -> usize {
        if self.is_straight() && (rank.at == len || len < Self::SHORT) {
            return rank.at;
        }
        let Rank { block, at } = self.in_blocks(len, rank);
        let places = &mut self.blocks[block];
        places.insert(at, len);
        if places.len() > Self::BLOCK {
            let behind = places.split_off(Self::BLOCK / 2);
            self.blocks.insert(block + 1, behind);
        }
        len
    }

    /// Makes ready for the entry of this rank to leave a list of `len`. `None` where those behind it move up, so that the list
    /// stays in order. Otherwise the last entry is to take its place: its rank in blocks, as [`Self::remove`] needs it.
    pub(super) fn prepare_removal(&mut self, len: usize, rank: Rank) -> Option<Rank> {
        if self.is_straight() && (rank.at + 1 == len || len <= Self::SHORT) {
            return None;
        }
        Some(self.in_blocks(len, rank))
    }

    /// Takes out what has this rank. The last entry of the list takes its place there.
    pub(super) fn remove(&mut self, rank: Rank, of_last: Rank) {
        self.blocks[of_last.block][of_last.at] = self.blocks[rank.block][rank.at];
        self.blocks[rank.block].remove(rank.at);
        if self.blocks[rank.block].is_empty() {
            self.blocks.remove(rank.block);
        }
    }

    /// The rank in blocks, which are made where there are none yet.
    fn in_blocks(&mut self, len: usize, rank: Rank) -> Rank {
        if !self.is_straight() {
            return rank;
        }
        let half = Self::BLOCK / 2;
        self.blocks = (0..len).step_by(half).map(|start| (start..len.min(start + half)).collect()).collect();
        let block = (rank.at / half).min(self.blocks.len().saturating_sub(1));
        Rank { block, at: rank.at - block * half }
    }

    /// The places of `len` entries, in order.
    pub(super) fn places(&self, len: usize) -> Places<'_> {
        let straight = if self.is_straight() { 0..len } else { 0..0 };
        Places { straight, block: [].iter(), blocks: self.blocks.iter(), left: len }
    }

    /// The place and the rank of the last in order. `None` where the list lies in order: it is the last of the list.
    pub(super) fn last(&self) -> Option<(usize, Rank)> {
        let (block, places) = self.blocks.iter().enumerate().next_back()?;
        let (at, &place) = places.iter().enumerate().next_back()?;
        Some((place, Rank { block, at }))
    }

    /// All places in order, for whoever puts the list itself in this order. `None` when it lies in order.
    pub(super) fn take(&mut self) -> Option<Vec<usize>> {
        if self.is_straight() { None } else { Some(std::mem::take(&mut self.blocks).concat()) }
    }
}

/// The places of a list's entries, in order.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    straight: Range<usize>,
    block: slice::Iter<'a, usize>,
    blocks: slice::Iter<'a, Vec<usize>>,
    left: usize,
}

impl Places<'_> {
    /// The next place.
    pub(super) fn next(&mut self) -> Option<usize> {
        let place = self.straight.next().or_else(|| {
            if self.block.len() == 0 {
                self.block = self.blocks.next()?.iter();
            }
            self.block.next().copied()
        })?;
        self.left -= 1;
        Some(place)
    }

    /// How many are still to come.
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// A binary search. Whatever comes in order comes behind the last, which is looked at first.
fn search(len: usize, compare: &mut dyn FnMut(usize) -> Ordering) -> Result<usize, usize> {
    let Some(last) = len.checked_sub(1) else { return Err(0) };
    match compare(last) {
        Ordering::Less => return Err(len),
        Ordering::Equal => return Ok(last),
        Ordering::Greater => {}
    }
    let (mut from, mut to) = (0, last);
    while from < to {
        let middle = from.midpoint(to);
        match compare(middle) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => to = middle,
        }
    }
    Err(from)
}
