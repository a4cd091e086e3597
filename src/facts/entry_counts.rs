//! Requests by entry point, for one root cause.

use crate::facts::cause::OperationName;
use crate::facts::told_apart::{ToldApart, are_of_others, lot_of, others, part_of};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// How many entry points that a root cause hit are kept by name.
pub const ENTRIES_OF_CAUSE: usize = 1000;

/// Requests by entry point, by name for as many entry points as are kept: those whose names have the smallest numbers (see
/// [`told_apart`](crate::facts::told_apart)).
///
/// An entry point that is among those of all pieces is so in each, so that what is counted of it is complete, and pieces add up to
/// the same in any order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntryCounts {
    by_lot: OrderedMap<(u64, OperationName), u64>,
    /// Requests at entry points beyond [`ENTRIES_OF_CAUSE`], by the part of all numbers that theirs lie in: which of them the
    /// window does not tell apart is known at its end.
    beyond: OrderedMap<u8, u64>,
}

/// The place of an entry point among those of a root cause. The one that all others are stays before any.
fn key_of(entry: OperationName) -> (u64, OperationName) {
    let is_of_others = are_of_others(&entry.service, &entry.operation);
    (if is_of_others { 0 } else { lot_of(&entry.service, &entry.operation) }, entry)
}

impl EntryCounts {
    /// Counts requests at an entry point.
    pub fn add(&mut self, entry: OperationName, requests: u64) {
        self.add_at(key_of(entry), requests);
    }

    fn add_at(&mut self, key: (u64, OperationName), requests: u64) {
        *self.by_lot.entry(key).or_default() += requests;
        while self.by_lot.len() > ENTRIES_OF_CAUSE {
            let Some(((lot, _), requests)) = self.by_lot.pop_last() else { break };
            *self.beyond.entry(part_of(lot)).or_default() += requests;
        }
    }

    /// The entry points that are kept by name, with their requests, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&OperationName, u64)> {
        let mut entries: Vec<_> = self.by_lot.iter().map(|((_, entry), &requests)| (entry, requests)).collect();
        entries.shared_sort_by_key(|&(entry, _)| entry);
        entries.into_iter()
    }

    /// How many entry points are kept by name.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_lot.len()
    }

    /// Requests at one entry point; 0 for one that is not kept by name.
    #[must_use]
    pub fn of(&self, entry: &OperationName) -> u64 {
        self.by_lot.get(&key_of(entry.clone())).copied().unwrap_or(0)
    }

    /// Whether nothing that was counted at an entry point is among what is beyond the bound.
    pub(crate) fn know(&self, entry: &OperationName) -> bool {
        let last = self.by_lot.last_key_value().map(|(key, _)| key);
        self.beyond.is_empty() || last.is_some_and(|last| key_of(entry.clone()) <= *last)
    }

    /// Requests at entry points that are not kept by name.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.beyond.values().sum()
    }

    /// Gives every entry point another name; those that get the same name become one.
    pub fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        let named = std::mem::take(&mut self.by_lot);
        named.into_iter().for_each(|((_, entry), requests)| self.add(renamed(entry), requests));
    }

    /// Counts requests at entry points that are not told apart as those of the one that these are. Of those beyond
    /// [`ENTRIES_OF_CAUSE`] the ones for which that is not known, some of 256, stay what they are.
    pub(crate) fn tell_apart(&mut self, names: ToldApart) {
        self.rename(|name| names.counted_as(name));
        // To make room for it may put one more there.
        for _ in 0..2 {
            let parts: Vec<u8> = self.beyond.keys().copied().filter(|&part| names.tell_none_of(part)).collect();
            let lumped: u64 = parts.iter().filter_map(|part| self.beyond.remove(part)).sum();
            if lumped > 0 {
                self.add(others(), lumped);
            }
        }
    }

    /// Whether no request was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_lot.is_empty()
    }

    /// Takes back what was counted twice: at none but the entry points of these.
    pub(crate) fn take_back(&mut self, twice: &Self) {
        let mut beyond = twice.beyond.clone();
        for (key, requests) in &twice.by_lot {
            match self.by_lot.get_mut(key) {
                Some(count) => *count = count.saturating_sub(*requests),
                None => *beyond.entry(part_of(key.0)).or_default() += requests,
            }
        }
        for (part, requests) in &beyond {
            if let Some(count) = self.beyond.get_mut(part) {
                *count = count.saturating_sub(*requests);
            }
        }
    }

    /// Makes each count as high as the other.
    pub(crate) fn at_least(&mut self, other: &Self) {
        for (key, requests) in &other.by_lot {
            if let Some(count) = self.by_lot.get_mut(key) {
                *count = (*count).max(*requests);
            }
        }
        for (&part, &requests) in &other.beyond {
            let count = self.beyond.entry(part).or_default();
            *count = (*count).max(requests);
        }
    }

    /// Makes each count no higher than `most`.
    pub(crate) fn at_most(&mut self, most: u64) {
        self.by_lot.values_mut().for_each(|count| *count = (*count).min(most));
    }

    /// Adds the requests of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        for (part, requests) in other.beyond {
            *self.beyond.entry(part).or_default() += requests;
        }
        other.by_lot.into_iter().for_each(|(key, requests)| self.add_at(key, requests));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u64) -> OperationName {
        OperationName { service: "shop".to_owned(), operation: format!("GET /{number}") }
    }

    /// As many requests at each of these entry points as its number says, and one.
    fn counts(numbers: impl Iterator<Item = u64>) -> EntryCounts {
        let mut counts = EntryCounts::default();
        numbers.for_each(|number| counts.add(name(number), number + 1));
        counts
    }

    #[test]
    fn pieces_add_up_in_any_order_whatever_is_beyond_the_bound() {
        let whole = counts(0..3000);
        assert_eq!(whole.len(), ENTRIES_OF_CAUSE);
        let kept: u64 = whole.iter().map(|(_, requests)| requests).sum();
        assert_eq!(kept + whole.others(), 3000 * 3001 / 2);
        assert!(whole.iter().all(|(entry, requests)| entry.operation == format!("GET /{}", requests - 1)));
        assert!(whole.iter().is_sorted(), "by their names");
        assert_eq!(whole, counts((0..3000).rev()));
        for pieces in 2..5 {
            let piece = |piece: u64| counts((0..3000).filter(move |number| number % pieces == piece));
            let (mut one, mut other) = (EntryCounts::default(), EntryCounts::default());
            (0..pieces).for_each(|number| one.merge(piece(number)));
            (0..pieces).rev().for_each(|number| other.merge(piece(number)));
            assert_eq!(one, whole, "of {pieces}");
            assert_eq!(other, whole, "of {pieces}");
        }
        assert!((0..3000).all(|number| whole.know(&name(number)) == (whole.of(&name(number)) > 0)));
        assert!(counts(0..30).know(&name(40)));
        let mut twice = whole.clone();
        twice.merge(whole.clone());
        twice.take_back(&whole);
        assert_eq!(twice, whole);
    }

    #[test]
    fn what_is_not_told_apart_is_counted_together_beyond_the_bound_too() {
        let names = ToldApart::with_room(440_000).within_bound(
            (0..3000).map(|number| crate::facts::told_apart::measured("shop", &name(number).operation)).collect(),
        );
        let apart = |number: &u64| names.tell_apart("shop", &name(*number).operation);
        let lumped: u64 = (0..3000).filter(|number| !apart(number)).map(|number| number + 1).sum();
        let mut counts = counts(0..3000);
        counts.tell_apart(names);
        let told = counts.of(&others());
        assert!(told <= lumped && lumped - told <= lumped / 50, "{told} of {lumped}");
        assert!(counts.len() <= ENTRIES_OF_CAUSE);
        let kept: u64 = counts.iter().map(|(_, requests)| requests).sum();
        assert_eq!(kept + counts.others(), 3000 * 3001 / 2);
        let again = counts.clone();
        counts.tell_apart(names);
        assert_eq!(counts, again);
    }
}
