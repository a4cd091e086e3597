//! The requests that a root cause is judged by: those in which it began, and those that passed through the same operation.

use crate::facts::cause::OperationName;
use crate::facts::property::{Property, PropertyId};
use crate::facts::request_sample::{Drawn, RequestRow};
use crate::facts::requests::Requests;
use crate::judge::suspects::contrast::Contrast;
use crate::judge::suspects::telling;
use std::ops::Range;

/// The requests of one window.
#[derive(Clone, Debug)]
pub(crate) struct OfWindow<'f> {
    properties: &'f [Property],
    failures: Rows,
    /// Failing ones, as far as they were kept.
    pub(crate) failing: Vec<&'f RequestRow>,
    /// Passing ones, as far as they were kept.
    pub(crate) passing: Vec<&'f RequestRow>,
    /// How many failing ones there were.
    pub(crate) failed: u64,
    /// How many passing ones there were.
    pub(crate) passed: u64,
}

impl<'f> OfWindow<'f> {
    /// Those in which the root cause of this signature began, and those that passed through `at`.
    pub(crate) fn of(requests: &'f Requests, signature: &str, at: &OperationName) -> Self {
        let rows =
            |drawn: Option<&'f Drawn>| drawn.map_or((Vec::new(), 0), |drawn| (drawn.rows.iter().collect(), drawn.seen));
        Self::new(requests, rows(requests.failing.get(signature)), rows(requests.passing.get(at)))
    }

    /// Requests that passed through `at`, of which those that took longer than so many nanoseconds stand for the failing ones.
    pub(crate) fn of_slow(requests: &'f Requests, at: &OperationName, longer_than: u64) -> Self {
        let rows = requests.passing.get(at).into_iter().flat_map(|drawn| drawn.rows.iter());
        let (failing, passing): (Vec<_>, Vec<_>) = rows.partition(|row| row.duration > longer_than);
        let (failed, passed) = (failing.len() as u64, passing.len() as u64);
        Self::new(requests, (failing, failed), (passing, passed))
    }

    fn new(
        requests: &'f Requests,
        (failing, failed): (Vec<&'f RequestRow>, u64),
        (passing, passed): (Vec<&'f RequestRow>, u64),
    ) -> Self {
        let failures = Rows::of((0..failing.len() + passing.len()).map(|place| place < failing.len()));
        Self { properties: &requests.properties, failures, failing, passing, failed, passed }
    }

    /// The property in a place.
    pub(crate) fn property(&self, id: PropertyId) -> Option<&'f Property> {
        self.properties.get(id as usize)
    }

    /// Failing rows, then passing ones.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&'f RequestRow, bool)> + '_ {
        let failing = self.failing.iter().map(|&row| (row, true));
        failing.chain(self.passing.iter().map(|&row| (row, false)))
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.failing.len() + self.passing.len()
    }

    /// Every row.
    pub(crate) fn all(&self) -> Rows {
        Rows::of(self.rows().map(|_| true))
    }

    /// Which rows have the property in a place.
    pub(crate) fn having(&self, id: PropertyId) -> Rows {
        Rows::of(self.rows().map(|(row, _)| row.properties.binary_search(&id).is_ok()))
    }

    /// For each of these places, ascending, which rows have the property there.
    pub(crate) fn having_each(&self, ids: &[PropertyId]) -> Vec<(PropertyId, Rows)> {
        let none = Rows::none(self.len());
        let mut having: Vec<(PropertyId, Rows)> = ids.iter().map(|&id| (id, none.clone())).collect();
        for (place, (row, _)) in self.rows().enumerate() {
            let mut from = 0;
            for id in &row.properties {
                from += ids[from..].partition_point(|known| known < id);
                if ids.get(from) == Some(id) {
                    having[from].1.put(place);
                }
            }
        }
        having
    }

    /// Every property that passing rows have, each once.
    pub(crate) fn of_passing(&self) -> impl Iterator<Item = &'f Property> + '_ {
        let mut met = Rows::none(self.properties.len());
        self.passing.iter().flat_map(|row| &row.properties).for_each(|&id| met.put(id as usize));
        self.properties.iter().enumerate().filter(move |(place, _)| met.has(*place)).map(|(_, property)| property)
    }

    /// Whether any request of the window had a property, whatever it was for.
    pub(crate) fn knows(&self, property: &Property) -> bool {
        self.place_of(property).is_some()
    }

    fn place_of(&self, property: &Property) -> Option<PropertyId> {
        PropertyId::try_from(self.properties.binary_search(property).ok()?).ok()
    }

    /// Which rows have a property, which may be one that no request of the window had.
    pub(crate) fn having_property(&self, property: &Property) -> Rows {
        match self.place_of(property) {
            Some(id) => self.having(id),
            None => Rows::of(self.rows().map(|_| false)),
        }
    }

    /// Where the properties of a key are: they stand beside each other.
    fn places_of_key(&self, property: &Property) -> Range<usize> {
        let first = self.properties.partition_point(|other| other.of < property.of);
        let end = self.properties.partition_point(|other| other.of <= property.of);
        first..end
    }

    /// Whether any request of the window asked for the same at another address, where a property is one.
    pub(crate) fn asked_elsewhere(&self, property: &Property) -> bool {
        let of_key = self.properties.get(self.places_of_key(property)).unwrap_or_default();
        of_key.iter().any(|known| telling::differ_in_numbers_of_the_host_only(&known.value, &property.value))
    }

    /// Which rows have the same thing, whatever its value.
    pub(crate) fn having_key(&self, property: &Property) -> Rows {
        let Range { start: first, end } = self.places_of_key(property);
        Rows::of(self.rows().map(|(row, _)| {
            let next = row.properties.partition_point(|&id| (id as usize) < first);
            row.properties.get(next).is_some_and(|&id| (id as usize) < end)
        }))
    }

    /// Every property that failing rows have: how many of them, and how many passing ones.
    pub(crate) fn counts(&self) -> Vec<(PropertyId, u64, u64)> {
        let mut counts = vec![(0_u32, 0_u32); self.properties.len()];
        for (row, failed) in self.rows() {
            for &property in &row.properties {
                if let Some(count) = counts.get_mut(property as usize) {
                    *if failed { &mut count.0 } else { &mut count.1 } += 1;
                }
            }
        }
        let found = (0..).zip(counts).filter(|(_, (failing, _))| *failing > 0);
        found.map(|(id, (failing, passing))| (id, failing.into(), passing.into())).collect()
    }

    /// The contrast of these rows against the others of the same window, among `among`.
    pub(crate) fn contrast(&self, with: &Rows, among: &Rows) -> Contrast {
        let (with, without) = (among.and(with), among.and_not(with));
        Contrast {
            failing_with: with.and(&self.failures).count(),
            failing_without: without.and(&self.failures).count(),
            passing_with: with.and_not(&self.failures).count(),
            passing_without: without.and_not(&self.failures).count(),
        }
    }

    /// The least chance by which `rows` separate failing from passing ones among those that have something that is known, and
    /// among those that do not: twice that, as it is one of two (Bonferroni). Above, they tell nothing that it does not tell.
    pub(crate) fn p_beside(&self, rows: &Rows, known: &Rows) -> f64 {
        let strata = [known.clone(), self.all().and_not(known)];
        2.0 * strata.iter().map(|stratum| self.contrast(rows, stratum).p()).fold(1.0, f64::min)
    }
}

/// A set of rows, a bit each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Rows {
    words: Vec<u64>,
}

impl Rows {
    pub(crate) fn of(has: impl Iterator<Item = bool>) -> Self {
        let mut words = Vec::new();
        for (place, has) in has.enumerate() {
            if place % 64 == 0 {
                words.push(0);
            }
            if let Some(word) = words.last_mut() {
                *word |= u64::from(has) << (place % 64);
            }
        }
        Self { words }
    }

    /// No row of so many.
    fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    fn put(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn has(&self, place: usize) -> bool {
        self.words.get(place / 64).is_some_and(|word| word & 1 << (place % 64) != 0)
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }

    pub(crate) fn and_not(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & !b).collect() }
    }

    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_rows() {
        let even = Rows::of((0..130).map(|n| n % 2 == 0));
        let third = Rows::of((0..130).map(|n| n % 3 == 0));
        assert_eq!((even.count(), third.count()), (65, 44));
        assert_eq!((even.and(&third).count(), even.and_not(&third).count()), (22, 43));
        let mut put = Rows::none(130);
        (0..130).filter(|n| n % 3 == 0).for_each(|n| put.put(n));
        assert_eq!(put, third);
        assert!(put.has(129) && !put.has(128) && !put.has(500));
    }
}
