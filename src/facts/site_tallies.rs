//! The places of a window by number, and what is kept of each: an even sample of places where names are made up.

use crate::facts::bottom::Bottom;
use crate::facts::profile::SITES;
use crate::facts::profile_ids::{PassedIds, SeenIds, SiteKey, spelt};
use crate::model::names::Names;
use hashbrown::HashMap;
use std::ops::{Index, IndexMut};

/// How many places are known by their ids, those that are not kept among them.
const KNOWN: usize = 1 << 17;

/// The number of a place that is not kept.
pub(super) const NOT_KEPT: u32 = u32::MAX;

/// What is kept of one place.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) key: SiteKey,
    /// See [`Site::lot`](crate::facts::profile::Site::lot).
    lot: u64,
    pub(super) total: u64,
    pub(super) seen: Bottom<SeenIds>,
    pub(super) passed: Bottom<PassedIds>,
}

/// All places.
#[derive(Debug, Default)]
pub(super) struct SiteTallies {
    numbers: HashMap<SiteKey, u32>,
    tallies: Vec<Tally>,
    /// Places whose [`Site::lot`](crate::facts::profile::Site::lot) is larger are not kept.
    bound: Option<u64>,
    live: usize,
}

impl SiteTallies {
    /// How many places are kept.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// The number of a place that was met.
    pub(super) fn known(&self, key: &SiteKey) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// The number of a place: [`NOT_KEPT`] for one that is not kept.
    pub(super) fn number(&mut self, key: SiteKey, names: &Names) -> u32 {
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let lot = spelt(&key, names).lot();
        let number = u32::try_from(self.tallies.len()).unwrap_or(NOT_KEPT);
        if number == NOT_KEPT || self.bound.is_some_and(|bound| lot > bound) {
            // Where names are made up, most places come once, and nobody needs to know them again.
            if self.numbers.len() < KNOWN {
                self.numbers.insert(key, NOT_KEPT);
            }
            return NOT_KEPT;
        }
        self.numbers.insert(key, number);
        self.tallies.push(Tally { key, lot, total: 0, seen: Bottom::default(), passed: Bottom::default() });
        self.live += 1;
        if self.live > 2 * SITES {
            self.let_go();
        }
        number
    }

    /// Lets go of half of the places.
    fn let_go(&mut self) {
        let mut lots: Vec<u64> =
            self.numbers.values().filter(|&&it| it != NOT_KEPT).map(|&it| self.tallies[it as usize].lot).collect();
        lots.sort_unstable();
        let Some(&bound) = lots.get(SITES) else { return };
        self.bound = Some(bound);
        self.live = 0;
        for number in self.numbers.values_mut().filter(|number| **number != NOT_KEPT) {
            let tally = &mut self.tallies[*number as usize];
            if tally.lot > bound {
                (tally.seen, tally.passed) = (Bottom::default(), Bottom::default());
                *number = NOT_KEPT;
            } else {
                self.live += 1;
            }
        }
    }

    /// All places that were ever kept, in the order of their numbers.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SiteKey> {
        self.tallies.iter().map(|tally| &tally.key)
    }

    /// Those that are kept, with their numbers.
    pub(super) fn into_kept(self) -> impl Iterator<Item = (usize, Tally)> {
        let bound = self.bound;
        let is_kept = move |tally: &Tally| bound.is_none_or(|bound| tally.lot <= bound);
        self.tallies.into_iter().enumerate().filter(move |(_, tally)| is_kept(tally))
    }
}

impl Index<u32> for SiteTallies {
    type Output = Tally;

    fn index(&self, number: u32) -> &Tally {
        &self.tallies[number as usize]
    }
}

impl IndexMut<u32> for SiteTallies {
    fn index_mut(&mut self, number: u32) -> &mut Tally {
        &mut self.tallies[number as usize]
    }
}
