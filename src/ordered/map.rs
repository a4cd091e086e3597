//! A map in the order of its keys.

use super::chunks::{Chunks, Emptied};
use super::entry::Entry;
use super::order::{Found, Order, Places, Rank};
use crate::shared_sort::swap_into;
use serde::{Serialize, Serializer};
use std::borrow::Borrow;
use std::fmt;

/// A map in the order of its keys, for what does not lie in the way of every span of OTLP that `analyze` and `gate` read. It does
/// what a `BTreeMap` does, at the same cost but for a call through a pointer for each comparison, and is about a tenth of the
/// machine code for each type of keys and values: entries lie in a list, and in which order they are met is not a matter of their
/// type.
#[derive(Clone)]
pub struct OrderedMap<K, V> {
    pub(super) entries: Chunks<(K, V)>,
    order: Order,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> OrderedMap<K, V> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Chunks::new(), order: Order::default() }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// All entries, in the order of their keys.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { entries: &self.entries, places: self.order.places(self.entries.len()) }
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values, in the order of their keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All entries, in the order of their keys, whose values may be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.straighten();
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All values, in the order of their keys, which may be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// The values themselves, in the order of their keys.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The entry with the smallest key.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry with the greatest key.
    #[must_use]
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        let last = match self.order.last() {
            Some((place, _)) => self.entries.get(place),
            None => self.entries.last(),
        };
        last.map(|(key, value)| (key, value))
    }

    /// Keeps the entries for which this holds, which are asked for in the order of their keys.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &mut V) -> bool) {
        self.straighten();
        self.entries.retain_mut(|(key, value)| is_kept(key, value));
    }

    /// Puts a new entry in where its key belongs, and says where it lies.
    pub(super) fn put(&mut self, rank: Rank, key: K, value: V) -> usize {
        let place = self.order.put(self.entries.len(), rank);
        self.entries.insert(place, (key, value));
        place
    }

    /// Has the entries lie in order.
    fn straighten(&mut self) {
        if let Some(places) = self.order.take() {
            swap_into(places, &mut |one, other| self.entries.swap(one, other));
        }
    }
}

impl<K: Ord, V> OrderedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Found
    where
        K: Borrow<Q>,
    {
        self.order.find(self.entries.len(), &mut |place| self.entries[place].0.borrow().cmp(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (place, _) = self.find(key).ok()?;
        Some(&self.entries[place].1)
    }

    /// The value of a key, to be changed.
    #[must_use]
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (place, _) = self.find(key).ok()?;
        Some(&mut self.entries[place].1)
    }

    /// Whether there is an entry of this key.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// The entry of a key, or where it belongs.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let found = self.find(&key);
        Entry { map: self, key, found }
    }

    /// Puts a value in. If there is one of this key, it is returned, and its key stays.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok((place, _)) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(rank) => {
                self.put(rank, key, value);
                None
            }
        }
    }

    /// Takes the entry of a key out.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let (place, rank) = self.find(key).ok()?;
        match self.order.prepare_removal(self.entries.len(), rank) {
            Some(rank) => self.swap_out(place, rank),
            None => self.entries.remove(place),
        }
    }

    /// Takes the value of a key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Takes the entry with the greatest key out.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let Some((place, rank)) = self.order.last() else { return self.entries.pop() };
        self.swap_out(place, rank)
    }

    /// Takes the entry at this place, of this rank in blocks, out: the last of the list takes its place.
    fn swap_out(&mut self, place: usize, rank: Rank) -> Option<(K, V)> {
        let (_, of_last) = self.find(&self.entries.last()?.0).ok()?;
        self.order.remove(rank, of_last);
        self.entries.swap_remove(place)
    }
}

/// The entries of an [`OrderedMap`], in the order of their keys.
#[derive(Debug)]
pub struct Iter<'m, K, V> {
    entries: &'m Chunks<(K, V)>,
    places: Places<'m>,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { entries: self.entries, places: self.places.clone() }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.entries.get(self.places.next()?)?;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.places.left(), Some(self.places.left()))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<'m, K, V> IntoIterator for &'m OrderedMap<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Iter<'m, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, V> IntoIterator for OrderedMap<K, V> {
    type Item = (K, V);
    type IntoIter = Emptied<(K, V)>;

    fn into_iter(mut self) -> Self::IntoIter {
        self.straighten();
        self.entries.into_iter()
    }
}

impl<K: Ord, V> Extend<(K, V)> for OrderedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, all: I) {
        for (key, value) in all {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for OrderedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut map = Self::new();
        map.extend(all);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for OrderedMap<K, V> {
    fn from(all: [(K, V); N]) -> Self {
        all.into_iter().collect()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for OrderedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<K: Eq, V: Eq> Eq for OrderedMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OrderedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: Serialize, V: Serialize> Serialize for OrderedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}
