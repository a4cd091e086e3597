//! The entry of a key that was looked for once, and may be put in.

use super::map::OrderedMap;
use super::order::Found;

/// An entry of an [`OrderedMap`], or the gap where it belongs.
#[derive(Debug)]
#[must_use]
pub struct Entry<'m, K, V> {
    pub(super) map: &'m mut OrderedMap<K, V>,
    pub(super) key: K,
    pub(super) found: Found,
}

impl<'m, K, V> Entry<'m, K, V> {
    /// Changes the value if there is one.
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        if let Ok((place, _)) = self.found {
            change(&mut self.map.entries[place].1);
        }
        self
    }

    /// The value, which is made if there is none.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'m mut V {
        let place = match self.found {
            Ok((place, _)) => place,
            Err(rank) => self.map.put(rank, self.key, value()),
        };
        &mut self.map.entries[place].1
    }

    /// The value, or this one if there is none.
    pub fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or what it is by default.
    pub fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}
