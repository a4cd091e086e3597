//! What ran in a window: variants of flags, versions of services, and who called whom; with the times of first and last.
//!
//! Two windows that differ in this differ by a change, whether or not anybody announced it.

use crate::facts::by_number::ByNumber;
use crate::model::attribute_key::names_a_process;
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::span::FlagEvaluation;
use crate::model::sym::Sym;
use crate::model::time::Nanos;
use crate::model::tree::TraceTree;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use hashbrown::HashMap;

/// How many flags of a window are followed, the first in the order of names.
const FLAGS: usize = 2048;

/// How many variants of a flag, or values of a resource attribute, are told apart. Where there are more, they are no variants
/// and no versions, and none is followed.
const VALUES: usize = 64;

/// How many attributes of services are followed, the first in the order of names.
const ATTRIBUTES: usize = 1 << 15;

/// How many pairs of caller and callee are followed, the first in the order of names.
const CALLS: usize = 1 << 16;

/// How many services that evaluate a flag are kept, the first in the order of names.
const EVALUATORS: usize = 64;

/// How often something was seen, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Traces in which it was seen.
    pub count: u64,
    /// The first time.
    pub first: Nanos,
    /// The last time.
    pub last: Nanos,
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// What was seen of one flag.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FlagFacts {
    /// By variant; `None` when there are too many.
    pub variants: Option<OrderedMap<String, Seen>>,
    /// Services that evaluated it.
    pub services: OrderedSet<String>,
}

/// What ran in one window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Running {
    /// By flag.
    pub flags: OrderedMap<String, FlagFacts>,
    /// By service and key of a resource attribute that names no single process; its values, `None` when there are too many.
    pub attributes: OrderedMap<(String, String), Option<OrderedMap<String, Seen>>>,
    /// Calls by the service that made them and the one that answered, or what the call names when nobody of the capture did.
    pub calls: OrderedMap<(String, String), u64>,
}

impl Running {
    /// Adds what ran in another piece of the window.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, flag) in other.flags {
            match self.flags.get_mut(&key) {
                Some(mine) => {
                    mine.services.extend(flag.services);
                    first_of_set(&mut mine.services, EVALUATORS);
                    merge_values(&mut mine.variants, flag.variants);
                }
                None => {
                    self.flags.insert(key, flag);
                }
            }
        }
        for (key, values) in other.attributes {
            match self.attributes.get_mut(&key) {
                Some(mine) => merge_values(mine, values),
                None => {
                    self.attributes.insert(key, values);
                }
            }
        }
        for (pair, calls) in other.calls {
            *self.calls.entry(pair).or_default() += calls;
        }
        self.keep_first();
    }

    /// Gives services other names.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(String) -> String) {
        let mut copy = Self::default();
        for (key, mut flag) in std::mem::take(&mut self.flags) {
            flag.services = flag.services.into_iter().map(&mut renamed).collect();
            copy.merge(Self { flags: [(key, flag)].into(), ..Self::default() });
        }
        for ((service, key), values) in std::mem::take(&mut self.attributes) {
            let attributes = [((renamed(service), key), values)].into();
            copy.merge(Self { attributes, ..Self::default() });
        }
        for ((caller, callee), calls) in std::mem::take(&mut self.calls) {
            *copy.calls.entry((renamed(caller), renamed(callee))).or_default() += calls;
        }
        *self = copy;
    }

    /// Gives values of attributes, told with their keys, and variants of flags other texts.
    pub(crate) fn rename_values(&mut self, mut renamed: impl FnMut(&str, String) -> String) {
        let flags = self.flags.iter_mut().map(|(key, flag)| (key, &mut flag.variants));
        let attributes = self.attributes.iter_mut().map(|((_, key), values)| (key, values));
        for (key, values) in flags.chain(attributes) {
            if let Some(known) = values.take() {
                *values = Some(OrderedMap::new());
                for (value, seen) in known {
                    merge_values(values, Some([(renamed(key, value), seen)].into()));
                }
            }
        }
    }

    /// The first in the order of names, within the bounds: one that is among the first of all is so in each piece, so that
    /// nothing is lost of those that stay.
    fn keep_first(&mut self) {
        first_of(&mut self.flags, FLAGS);
        first_of(&mut self.attributes, ATTRIBUTES);
        first_of(&mut self.calls, CALLS);
    }
}

fn first_of<K: Ord, V>(map: &mut OrderedMap<K, V>, most: usize) {
    while map.len() > most {
        map.pop_last();
    }
}

fn first_of_set(set: &mut OrderedSet<String>, most: usize) {
    while set.len() > most {
        set.pop_last();
    }
}

fn merge_values(mine: &mut Option<OrderedMap<String, Seen>>, other: Option<OrderedMap<String, Seen>>) {
    let (Some(known), Some(other)) = (mine.as_mut(), other) else {
        *mine = None;
        return;
    };
    for (value, seen) in other {
        known.entry(value).and_modify(|known| known.merge(seen)).or_insert(seen);
    }
    if known.len() > VALUES {
        *mine = None;
    }
}

/// Gathers what ran, of traces that share one [`Names`].
#[derive(Debug, Default)]
pub(crate) struct RunningGathering {
    flags: HashMap<FlagEvaluation, Latest>,
    evaluators: HashMap<(Sym, Sym), ()>,
    /// By the number of the resource.
    resources: ByNumber<Latest>,
    calls: HashMap<(Sym, Sym), u64>,
    traces: u64,
}

/// How often something was seen, and the number of the last trace in which it was.
#[derive(Debug)]
struct Latest {
    seen: Seen,
    trace: u64,
}

impl Latest {
    fn first(at: Nanos, trace: u64) -> Self {
        Self { seen: Seen { count: 1, first: at, last: at }, trace }
    }

    fn again(&mut self, at: Nanos, trace: u64) {
        // Spans and evaluations of one trace depend on each other: they count once.
        let count = u64::from(self.trace != trace);
        self.seen.merge(Seen { count, first: at, last: at });
        self.trace = trace;
    }
}

impl RunningGathering {
    /// Adds what one trace shows.
    pub(crate) fn add(&mut self, tree: &TraceTree, names: &Names) {
        self.traces += 1;
        let trace = self.traces;
        for ix in tree.indices() {
            let span = tree.span(ix);
            let at = span.time.start;
            self.resources.of(span.resource.number(), || Latest::first(at, trace)).again(at, trace);
            let service = names.operation_of(span.operation).service;
            if let Some(above) = tree.parent_of(ix) {
                let caller = names.operation_of(tree.span(above).operation).service;
                if caller != service {
                    *self.calls.entry((caller, service)).or_default() += 1;
                }
            }
            if let Some(detail) = &span.detail {
                detail.flags.iter().for_each(|&flag| self.flag(flag, service, at));
            }
        }
        for (ix, event) in &tree.logs {
            if let Some(flag) = event.flag {
                self.flag(flag, names.operation_of(tree.span(*ix).operation).service, event.time);
            }
        }
    }

    fn flag(&mut self, flag: FlagEvaluation, service: Sym, at: Nanos) {
        let trace = self.traces;
        self.flags.entry(flag).and_modify(|known| known.again(at, trace)).or_insert_with(|| Latest::first(at, trace));
        self.evaluators.entry((flag.key, service)).or_default();
    }

    /// What ran, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Running {
        let text = |sym: Sym| names.text(sym).to_owned();
        let mut running = Running::default();
        let mut flags: OrderedMap<String, FlagFacts> = OrderedMap::new();
        for (flag, Latest { seen, .. }) in self.flags {
            let facts = flags.entry(text(flag.key)).or_insert_with(FlagFacts::of_none);
            merge_values(&mut facts.variants, Some([(text(flag.variant), seen)].into()));
        }
        for ((key, service), ()) in self.evaluators {
            if let Some(facts) = flags.get_mut(names.text(key)) {
                facts.services.insert(text(service));
            }
        }
        flags.values_mut().for_each(|facts| first_of_set(&mut facts.services, EVALUATORS));
        running.flags = flags;
        for (number, Latest { seen, .. }) in self.resources.into_values() {
            let resource = names.resource_of(ResourceId::of_number(number));
            for &(key, value) in names.attributes_of(resource.attributes) {
                if !names_a_process(names.text(key)) {
                    let values = running
                        .attributes
                        .entry((text(resource.service), text(key)))
                        .or_insert_with(|| Some(OrderedMap::new()));
                    merge_values(values, Some([(text(value), seen)].into()));
                }
            }
        }
        for ((caller, callee), calls) in self.calls {
            *running.calls.entry((text(caller), text(callee))).or_default() += calls;
        }
        running.keep_first();
        running
    }
}

impl FlagFacts {
    fn of_none() -> Self {
        Self { variants: Some(OrderedMap::new()), services: OrderedSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(count: u64, first: u64, last: u64) -> Seen {
        Seen { count, first: Nanos(first), last: Nanos(last) }
    }

    fn flag(key: &str, variants: &[(&str, Seen)]) -> Running {
        let variants = variants.iter().map(|&(variant, seen)| (variant.to_owned(), seen)).collect();
        let facts = FlagFacts { variants: Some(variants), services: OrderedSet::from(["cart".to_owned()]) };
        Running { flags: OrderedMap::from([(key.to_owned(), facts)]), ..Running::default() }
    }

    #[test]
    fn pieces_add_up_in_any_order() {
        let (a, b) = (flag("f", &[("on", seen(2, 5, 9)), ("off", seen(1, 1, 1))]), flag("f", &[("on", seen(3, 2, 7))]));
        let (mut one, mut other) = (a.clone(), b.clone());
        one.merge(b);
        other.merge(a);
        assert_eq!(one, other);
        assert_eq!(one, flag("f", &[("on", seen(5, 2, 9)), ("off", seen(1, 1, 1))]));
    }

    #[test]
    fn what_has_too_many_values_has_no_variants() {
        let mut running = Running::default();
        for number in 0..=VALUES {
            running.merge(flag("f", &[(&number.to_string(), seen(1, 1, 1))]));
        }
        assert_eq!(running.flags["f"].variants, None);
        running.merge(flag("f", &[("on", seen(1, 1, 1))]));
        assert_eq!(running.flags["f"].variants, None);
    }

    #[test]
    fn the_first_flags_are_kept_whatever_the_order() {
        let name = |number: usize| format!("{number:05}");
        let piece = |from: usize| {
            let mut piece = Running::default();
            (from..FLAGS + 100).step_by(2).for_each(|n| piece.merge(flag(&name(n), &[("on", seen(1, 1, 1))])));
            piece
        };
        let (mut one, mut other) = (piece(0), piece(1));
        one.merge(piece(1));
        other.merge(piece(0));
        assert_eq!(one, other);
        assert_eq!(
            (one.flags.len(), one.flags.last_key_value().map(|(key, _)| key.clone())),
            (FLAGS, Some(name(FLAGS - 1)))
        );
    }
}
