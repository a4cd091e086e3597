//! Values stored once each, found again by what they are.

use crate::model::quick::{PLACES, Quick};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher, Hash};

/// Values in the order in which they were met, each once; the hash table holds only their places.
#[derive(Clone, Debug)]
pub(super) struct Interned<T> {
    values: Vec<T>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Of those that were met lately, the one that has each place of [`Quick`]; nothing before the first was found.
    lately: Vec<u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashTable::new(), hasher: DefaultHashBuilder::default(), lately: Vec::new() }
    }
}

impl<T> Interned<T> {
    /// All values, in the order of their places.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// The same places with other values, which are not found again by what they are.
    pub(super) fn copied(&self, copy: impl Fn(&T) -> T) -> Self {
        Self { values: self.values.iter().map(copy).collect(), ..Self::default() }
    }

    /// The value at a place.
    pub(super) fn get(&self, place: u32) -> Option<&T> {
        self.values.get(place as usize)
    }

    /// The place of a value, if it is stored.
    pub(super) fn place<Q: Hash + Eq + ?Sized>(&self, key: &Q, view: fn(&T) -> &Q) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.places.find(hash, |&place| view(&self.values[place as usize]) == key).copied()
    }

    /// [`Interned::place`], which looks first where it was lately.
    #[inline]
    pub(super) fn place_lately<Q: Hash + Eq + Quick + ?Sized>(&mut self, key: &Q, view: fn(&T) -> &Q) -> Option<u32> {
        let lately = key.quick_place();
        if let Some(&place) = self.lately.get(lately)
            && self.values.get(place as usize).is_some_and(|value| view(value) == key)
        {
            return Some(place);
        }
        let place = self.place(key, view)?;
        self.lately.resize(PLACES, place);
        self.lately[lately] = place;
        Some(place)
    }

    /// The place of a value, which is stored if it is not yet.
    pub(super) fn intern<Q: Hash + Eq + ?Sized>(
        &mut self,
        key: &Q,
        view: fn(&T) -> &Q,
        own: impl FnOnce() -> T,
    ) -> u32 {
        let hash = self.hasher.hash_one(key);
        if let Some(place) = self.places.find(hash, |&place| view(&self.values[place as usize]) == key) {
            return *place;
        }
        // Beyond four billion different names the last place is shared: memory ends long before that.
        let place = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(own());
        let (values, hasher) = (&self.values, &self.hasher);
        self.places.insert_unique(hash, place, |&known| hasher.hash_one(view(&values[known as usize])));
        place
    }
}
