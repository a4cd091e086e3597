//! What the requests of an entry point asked for, so that like can be compared with like.
//!
//! ```text
//! GET /product      app.product.id = A    90 requests, 0 failed      a shift of requests from A to B
//!                   app.product.id = B    10 requests, 2 failed      makes neither of them worse
//! ```

use crate::ordered::map::OrderedMap;

/// How many keys of an entry point are looked at. Where there are more, none is: keys are made up there.
pub(crate) const KEYS: usize = 64;

/// How many values of a key are told apart. Where there are more, they are ids.
pub(crate) const VALUES: usize = 64;

/// Requests that asked for the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alike {
    /// Requests.
    pub total: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// How long each took that did not fail, in nanoseconds, in no order.
    pub passing: Vec<u64>,
}

/// The requests of one entry point by what they asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mix {
    /// By attribute key and value; a key with too many values has none.
    keys: OrderedMap<String, Option<OrderedMap<String, Alike>>>,
    too_many_keys: bool,
}

impl Alike {
    /// One request, and how long it took if it did not fail.
    pub(crate) fn of_one(passed_in: Option<u64>) -> Self {
        Self { total: 1, failed: u64::from(passed_in.is_none()), passing: Vec::from_iter(passed_in) }
    }

    /// Counts one more.
    pub(crate) fn add(&mut self, passed_in: Option<u64>) {
        self.total += 1;
        self.failed += u64::from(passed_in.is_none());
        self.passing.extend(passed_in);
    }
}

impl Mix {
    /// The keys that tell requests apart, each with its values.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &OrderedMap<String, Alike>)> {
        self.keys.iter().filter_map(|(key, values)| Some((key.as_str(), values.as_ref()?)))
    }

    /// Requests by the values of one key; `None` when it does not tell them apart.
    #[must_use]
    pub fn values(&self, key: &str) -> Option<&OrderedMap<String, Alike>> {
        self.keys.get(key)?.as_ref()
    }

    /// Adds what came in at the same entry point in another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        self.too_many_keys |= other.too_many_keys;
        for (key, values) in other.keys {
            self.put(key, values);
        }
        if self.too_many_keys {
            self.keys.clear();
        }
    }

    /// Whether no more is learnt of a key.
    pub(crate) fn has_too_many(&self, key: &str) -> bool {
        self.too_many_keys || matches!(self.keys.get(key), Some(None))
    }

    /// Adds requests by the values of one key; `None` when it has too many.
    pub(crate) fn put(&mut self, key: String, values: Option<OrderedMap<String, Alike>>) {
        if self.too_many_keys {
            return;
        }
        if !self.keys.contains_key(&key) && self.keys.len() == KEYS {
            self.too_many_keys = true;
            self.keys.clear();
            return;
        }
        let mine = self.keys.entry(key).or_insert_with(|| Some(OrderedMap::new()));
        let (Some(known), Some(values)) = (mine.as_mut(), values) else {
            *mine = None;
            return;
        };
        for (value, mut alike) in values {
            let known = known.entry(value).or_default();
            known.total += alike.total;
            known.failed += alike.failed;
            known.passing.append(&mut alike.passing);
        }
        if known.len() > VALUES {
            *mine = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(mix: &mut Mix, key: &str, value: &str) {
        mix.put(key.to_owned(), Some(OrderedMap::from([(value.to_owned(), Alike::of_one(Some(1)))])));
    }

    #[test]
    fn a_key_with_too_many_values_tells_nothing_apart() {
        let mut mix = Mix::default();
        for number in 0..=VALUES {
            request(&mut mix, "id", &number.to_string());
            request(&mut mix, "currency", ["EUR", "USD"][number % 2]);
        }
        assert_eq!(mix.values("id"), None);
        assert_eq!(mix.keys().map(|(key, values)| (key, values.len())).collect::<Vec<_>>(), [("currency", 2)]);
    }

    #[test]
    fn pieces_add_up_in_any_order() {
        let piece = |from: usize, to: usize| {
            let mut mix = Mix::default();
            (from..to).for_each(|number| request(&mut mix, &format!("key {number}"), "x"));
            mix
        };
        let (mut one, mut other) = (piece(0, 40), piece(20, KEYS));
        one.merge(piece(20, KEYS));
        other.merge(piece(0, 40));
        assert_eq!((one.keys().count(), &one), (KEYS, &other));
        one.merge(piece(KEYS, KEYS + 1));
        assert_eq!(one.keys().count(), 0);
    }
}
