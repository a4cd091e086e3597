//! From traces to what the requests of an entry point asked for: by ids while traces pass, whole words at the end.

use crate::facts::mix::{Alike, KEYS, Mix, VALUES};
use crate::model::attribute_key::tells_the_request;
use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::model::sym::Sym;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;

/// How many spans above the entry point are looked at.
const ABOVE: usize = 8;

/// What the value of an attribute is to a request.
#[derive(Clone, Copy, Debug)]
enum KeySort {
    /// It tells what was asked for.
    Asked,
    /// A query, of which each part tells what was asked for.
    Query,
    /// A path and a query.
    Target,
    /// It tells something else.
    Other,
}

impl KeySort {
    fn of(key: &str) -> Self {
        match key {
            "url.query" => Self::Query,
            "http.target" => Self::Target,
            key if tells_the_request(key) => Self::Asked,
            _ => Self::Other,
        }
    }
}

/// What one request asked for: attributes whose values are names, and other things in words.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    named: Vec<(Sym, Sym)>,
    worded: Vec<(String, String)>,
}

/// Finds out what requests asked for, and remembers what the keys mean.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    sorts: HashMap<Sym, KeySort>,
    asked: Asked,
}

impl Asking {
    /// What a request asked for, by the attributes of its entry point and of the spans above it, which are the caller's: what
    /// is nearer to the entry point goes before. Paths and queries are taken apart.
    pub(crate) fn asked(&mut self, tree: &TraceTree, entry: SpanIx, names: &Names) -> &mut Asked {
        self.asked.named.clear();
        self.asked.worded.clear();
        let upwards = std::iter::successors(Some(entry), |&ix| tree.parent_of(ix)).take(ABOVE);
        for ix in upwards {
            let span = tree.span(ix);
            let stands_for_a_request = names.operation_of(span.operation).kind.takes_work();
            if !(stands_for_a_request || ix == entry || tree.parent_of(ix).is_none()) {
                continue;
            }
            for (key, value) in &span.attributes {
                let sort = *self.sorts.entry(*key).or_insert_with(|| KeySort::of(names.text(*key)));
                match (sort, value) {
                    (KeySort::Other, _) => {}
                    (KeySort::Asked, AttributeValue::Name(value)) => self.asked.name(*key, *value, names),
                    (KeySort::Asked, AttributeValue::Text(value)) => {
                        self.asked.word(names.text(*key), value, names);
                    }
                    (KeySort::Query, value) => self.asked.query(value.text(names), names),
                    (KeySort::Target, value) => {
                        let (path, query) = value.text(names).split_once('?').unwrap_or((value.text(names), ""));
                        self.asked.word("url.path", path, names);
                        self.asked.query(query, names);
                    }
                }
            }
        }
        &mut self.asked
    }
}

impl Asked {
    /// Whether nothing tells what was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty() && self.worded.is_empty()
    }

    fn name(&mut self, key: Sym, value: Sym, names: &Names) {
        let known = self.named.iter().any(|&(known, _)| known == key)
            || (!self.worded.is_empty() && self.has_word(names.text(key)));
        if !known {
            self.named.push((key, value));
        }
    }

    fn word(&mut self, key: &str, value: &str, names: &Names) {
        let known = self.has_word(key) || self.named.iter().any(|&(known, _)| names.text(known) == key);
        if !known {
            self.worded.push((key.to_owned(), value.to_owned()));
        }
    }

    fn has_word(&self, key: &str) -> bool {
        self.worded.iter().any(|(known, _)| known == key)
    }

    fn query(&mut self, text: &str, names: &Names) {
        for part in text.trim_start_matches('?').split('&').take(KEYS) {
            if let Some((name, value)) = part.split_once('=') {
                self.word(&format!("url.query:{name}"), value, names);
            }
        }
    }
}

/// Requests by the value of a key.
type ByValue = Vec<(Sym, Alike)>;

/// What the requests of one entry point asked for.
#[derive(Debug, Default)]
pub(crate) struct MixGathering {
    /// By key; one with too many values has none.
    named: Vec<(Sym, Option<ByValue>)>,
    worded: Mix,
    too_many_keys: bool,
}

impl MixGathering {
    /// Adds one request that asked for these things, with how long it took in nanoseconds if it did not fail.
    pub(crate) fn add(&mut self, asked: &mut Asked, passed_in: Option<u64>, names: &Names) {
        if self.too_many_keys {
            return;
        }
        for &(key, value) in &asked.named {
            self.name(key, value, passed_in);
        }
        for (key, value) in asked.worded.drain(..) {
            let without_names = |&(named, ref values): &(Sym, Option<_>)| values.is_none() && names.text(named) == key;
            if !self.worded.has_too_many(&key) && !self.named.iter().any(without_names) {
                self.worded.put(key, Some([(value, Alike::of_one(passed_in))].into()));
            }
        }
    }

    fn name(&mut self, key: Sym, value: Sym, passed_in: Option<u64>) {
        let place = self.named.iter().position(|&(known, _)| known == key).unwrap_or_else(|| {
            self.named.push((key, Some(Vec::new())));
            self.named.len() - 1
        });
        self.too_many_keys |= self.named.len() > KEYS;
        let Some(values) = &mut self.named[place].1 else { return };
        match values.iter().position(|&(known, _)| known == value) {
            Some(known) => values[known].1.add(passed_in),
            None if values.len() < VALUES => values.push((value, Alike::of_one(passed_in))),
            None => self.named[place].1 = None,
        }
    }

    /// The same in words.
    pub(crate) fn finish(self, names: &Names) -> Mix {
        let mut mix = self.worded;
        for (key, values) in self.named {
            let spelt = |values: ByValue| {
                values.into_iter().map(|(value, alike)| (names.text(value).to_owned(), alike)).collect()
            };
            mix.put(names.text(key).to_owned(), values.map(spelt));
        }
        mix
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;

    /// What requests of a drawn tree with these attributes of its spans asked for.
    fn asked(spans: &[&[(&str, &str)]]) -> Vec<String> {
        let (mut tree, mut names) = drawn("shop client 0..9\n cart server 1..8");
        for (ix, attributes) in tree.indices().zip(spans) {
            let named = attributes.iter().map(|(key, value)| {
                let value = match value.strip_prefix('~') {
                    Some(text) => AttributeValue::Text(Box::from(text)),
                    None => AttributeValue::Name(names.intern(value)),
                };
                (names.intern(key), value)
            });
            tree.spans[ix.at()].attributes = named.collect();
        }
        let mut asking = Asking::default();
        let asked = asking.asked(&tree, SpanIx(1), &names);
        let mut mix = MixGathering::default();
        mix.add(asked, Some(7), &names);
        let mix = mix.finish(&names);
        let told = mix.keys().flat_map(|(key, values)| values.keys().map(move |value| format!("{key}={value}")));
        told.collect()
    }

    #[test]
    fn what_is_nearer_goes_before_and_conventions_tell_nothing() {
        let above: &[_] = &[("app.currency", "USD"), ("app.user", "~7"), ("rpc.system", "grpc")];
        let entry: &[_] = &[("app.currency", "EUR"), ("server.address", "cart")];
        assert_eq!(asked(&[above, entry]), ["app.currency=EUR", "app.user=7"]);
    }

    #[test]
    fn targets_and_queries_are_taken_apart() {
        let entry: &[_] = &[("http.target", "/buy?currency=EUR&page=2&flag&x="), ("url.path", "/sell")];
        let above: &[_] = &[("url.query", "~?currency=USD&z=1")];
        let parts = ["url.path=/buy", "url.query:currency=EUR", "url.query:page=2", "url.query:x=", "url.query:z=1"];
        assert_eq!(asked(&[above, entry]), parts);
    }

    #[test]
    fn a_key_with_too_many_values_tells_nothing_whether_they_are_names_or_not() {
        let mut names = Names::new();
        let (key, few) = (names.intern("app.id"), names.intern("app.few"));
        let mut mix = MixGathering::default();
        for number in 0..=VALUES {
            let value = names.intern(&number.to_string());
            let mut asked = Asked { named: vec![(few, key)], worded: Vec::new() };
            match number % 2 {
                0 => asked.named.push((key, value)),
                _ => asked.worded.push(("app.id".to_owned(), number.to_string())),
            }
            mix.add(&mut asked, None, &names);
        }
        let mix = mix.finish(&names);
        assert_eq!((mix.values("app.id"), mix.values("app.few").map(|values| values.len())), (None, Some(1)));
    }
}
