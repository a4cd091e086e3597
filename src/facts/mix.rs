//! What the requests of an entry point asked for, so that like can be compared with like.
//!
//! ```text
//! GET /product      app.product.id = A    90 requests, 0 failed      a shift of requests from A to B
//!                   app.product.id = B    10 requests, 2 failed      makes neither of them worse
//! ```

use crate::model::attribute_key::tells_the_request;
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};
use std::collections::BTreeMap;

/// How many keys of an entry point are looked at. Where there are more, none is: keys are made up there.
const KEYS: usize = 64;

/// How many values of a key are told apart. Where there are more, they are ids.
const VALUES: usize = 64;

/// How many spans above the entry point are looked at.
const ABOVE: usize = 8;

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
    keys: BTreeMap<String, Option<BTreeMap<String, Alike>>>,
    too_many_keys: bool,
}

impl Mix {
    /// The keys that tell requests apart, each with its values.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Alike>)> {
        self.keys.iter().filter_map(|(key, values)| Some((key.as_str(), values.as_ref()?)))
    }

    /// Requests by the values of one key; `None` when it does not tell them apart.
    #[must_use]
    pub fn values(&self, key: &str) -> Option<&BTreeMap<String, Alike>> {
        self.keys.get(key)?.as_ref()
    }

    /// Adds one request that asked for these things.
    pub(crate) fn add(&mut self, asked: Vec<(String, String)>, failed: bool, duration: u64) {
        for (key, value) in asked {
            let mut alike = Alike { total: 1, failed: u64::from(failed), passing: Vec::new() };
            if !failed {
                alike.passing.push(duration);
            }
            self.put(key, Some(BTreeMap::from([(value, alike)])));
        }
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

    fn put(&mut self, key: String, values: Option<BTreeMap<String, Alike>>) {
        if self.too_many_keys {
            return;
        }
        if !self.keys.contains_key(&key) && self.keys.len() == KEYS {
            self.too_many_keys = true;
            self.keys.clear();
            return;
        }
        let mine = self.keys.entry(key).or_insert_with(|| Some(BTreeMap::new()));
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

/// What a request asked for, by the attributes that were kept of its entry point and of the spans above it, which are the
/// caller's: what is nearer to the entry point goes before. Paths and queries are taken apart.
pub(crate) fn asked(tree: &TraceTree, entry: SpanIx, names: &Names) -> Vec<(String, String)> {
    let mut asked: BTreeMap<String, String> = BTreeMap::new();
    let upwards = std::iter::successors(Some(entry), |&ix| tree.parent_of(ix)).take(ABOVE);
    for ix in upwards {
        let stands_for_a_request = names.operation_of(tree.span(ix).operation).kind.takes_work();
        if !(stands_for_a_request || ix == entry || tree.parent_of(ix).is_none()) {
            continue;
        }
        let Some(detail) = &tree.span(ix).detail else { continue };
        for (key, value) in &detail.attributes {
            match names.text(*key) {
                "url.query" => query(value, &mut asked),
                "http.target" => {
                    let (path, rest) = value.split_once('?').unwrap_or((value, ""));
                    asked.entry("url.path".to_owned()).or_insert_with(|| path.to_owned());
                    query(rest, &mut asked);
                }
                key if tells_the_request(key) => {
                    asked.entry(key.to_owned()).or_insert_with(|| value.to_string());
                }
                _ => {}
            }
        }
    }
    asked.into_iter().collect()
}

fn query(text: &str, asked: &mut BTreeMap<String, String>) {
    for part in text.trim_start_matches('?').split('&').take(KEYS) {
        if let Some((name, value)) = part.split_once('=') {
            asked.entry(format!("url.query:{name}")).or_insert_with(|| value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(mix: &mut Mix, key: &str, value: &str) {
        mix.add(vec![(key.to_owned(), value.to_owned())], false, 1);
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

    #[test]
    fn queries_are_taken_apart() {
        let mut asked = BTreeMap::new();
        query("?currency=EUR&page=2&flag&x=", &mut asked);
        let asked: Vec<(&str, &str)> = asked.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(asked, [("url.query:currency", "EUR"), ("url.query:page", "2"), ("url.query:x", "")]);
    }
}
