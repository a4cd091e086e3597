//! What a request had that others may not have had: a flag's variant, a process that handled it, an attribute of its spans.

use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::sym::Sym;
use hashbrown::HashMap;
use std::sync::Arc;

/// How many properties of a request are kept.
const OF_REQUEST: usize = 192;

/// Where a property comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PropertySort {
    /// A feature flag was evaluated: key and variant.
    Flag,
    /// A resource attribute of a process that took part: service, key and value.
    Resource,
    /// An attribute of a span: key and value.
    Span,
}

/// What a property is a value of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PropertyKey {
    /// Where it comes from.
    pub sort: PropertySort,
    /// The service whose process had it; empty for flags and attributes of spans.
    pub service: String,
    /// The flag, or the attribute's key.
    pub key: String,
}

/// One thing that a request had.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Property {
    /// What it is a value of. Very many values share one.
    pub of: Arc<PropertyKey>,
    /// The variant, or the attribute's value.
    pub value: String,
}

impl Property {
    /// A property that is alone with its key.
    #[must_use]
    pub fn new(sort: PropertySort, service: &str, key: &str, value: &str) -> Self {
        let of = PropertyKey { sort, service: service.to_owned(), key: key.to_owned() };
        Self { of: Arc::new(of), value: value.to_owned() }
    }
}

/// The place of a property in the list of those that were met.
pub type PropertyId = u32;

/// Properties while traces pass. One whose value is a name here and a text there is stored as two, which have the same words.
#[derive(Debug, Default)]
pub(crate) struct MetProperties {
    named: HashMap<(PropertySort, Sym, Sym, Sym), PropertyId>,
    /// Most other values of spans are ids that never come again.
    told: HashMap<Sym, HashMap<Box<str>, PropertyId>>,
    /// What each resource has: many requests pass through the same few processes.
    resources: HashMap<ResourceId, Box<[PropertyId]>>,
    list: Vec<Met>,
    request: OfRequest,
}

/// What the request that is looked at had, each once, in the order in which it was met.
#[derive(Debug, Default)]
struct OfRequest {
    properties: Vec<PropertyId>,
    /// The number of the last request that had each property.
    last: Vec<u32>,
    number: u32,
}

impl OfRequest {
    fn begin(&mut self) {
        self.properties.clear();
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            self.last.clear();
            self.number = 1;
        }
    }

    fn put(&mut self, property: PropertyId) {
        let place = property as usize;
        if place >= self.last.len() {
            self.last.resize(place + 1, 0);
        }
        if self.last[place] != self.number && self.properties.len() < OF_REQUEST {
            self.last[place] = self.number;
            self.properties.push(property);
        }
    }
}

#[derive(Debug)]
enum Met {
    Named(PropertySort, Sym, Sym, Sym),
    Told(Sym, Box<str>),
}

impl MetProperties {
    /// A flag's variant, a value of a resource, or one of a span that is a name.
    pub(crate) fn named(&mut self, sort: PropertySort, service: Sym, key: Sym, value: Sym) -> PropertyId {
        let next = number(self.list.len());
        *self.named.entry((sort, service, key, value)).or_insert_with(|| {
            self.list.push(Met::Named(sort, service, key, value));
            next
        })
    }

    /// Begins with the next request.
    pub(crate) fn begin_request(&mut self) {
        self.request.begin();
    }

    /// The request has this.
    pub(crate) fn put(&mut self, property: PropertyId) {
        self.request.put(property);
    }

    /// A process of this resource took part in the request.
    pub(crate) fn put_resource(&mut self, id: ResourceId, names: &Names) {
        if !self.resources.contains_key(&id) {
            let resource = names.resource_of(id);
            let attributes = names.attributes_of(resource.attributes).iter();
            let properties = attributes
                .map(|&(key, value)| self.named(PropertySort::Resource, resource.service, key, value))
                .collect();
            self.resources.insert(id, properties);
        }
        for &property in self.resources.get(&id).into_iter().flatten() {
            self.request.put(property);
        }
    }

    /// What the request has, each once.
    pub(crate) fn of_request(&self) -> &[PropertyId] {
        &self.request.properties
    }

    /// A value of a span's attribute.
    pub(crate) fn of_span(&mut self, key: Sym, value: &AttributeValue) -> PropertyId {
        match value {
            AttributeValue::Name(value) => self.named(PropertySort::Span, Sym::EMPTY, key, *value),
            AttributeValue::Text(value) => self.told(key, value),
        }
    }

    fn told(&mut self, key: Sym, value: &str) -> PropertyId {
        let values = self.told.entry(key).or_default();
        if let Some(&known) = values.get(value) {
            return known;
        }
        let next = number(self.list.len());
        values.insert(Box::from(value), next);
        self.list.push(Met::Told(key, Box::from(value)));
        next
    }

    /// How many were met.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them in words, in the order of their places; those that no kept request had are left empty.
    pub(crate) fn spelt_out<'n>(&self, is_used: &[bool], text: impl Fn(Sym) -> &'n str) -> Vec<Property> {
        let unused = Property::new(PropertySort::Span, "", "", "");
        let mut keys: HashMap<(PropertySort, Sym, Sym), Arc<PropertyKey>> = HashMap::new();
        let mut of = |sort, service, key| {
            let spelt_out =
                || Arc::new(PropertyKey { sort, service: text(service).to_owned(), key: text(key).to_owned() });
            Arc::clone(keys.entry((sort, service, key)).or_insert_with(spelt_out))
        };
        let property = |(met, &is_used): (&Met, &bool)| match met {
            _ if !is_used => unused.clone(),
            Met::Named(sort, service, key, value) => {
                Property { of: of(*sort, *service, *key), value: text(*value).to_owned() }
            }
            Met::Told(key, value) => {
                Property { of: of(PropertySort::Span, Sym::EMPTY, *key), value: value.to_string() }
            }
        };
        self.list.iter().zip(is_used).map(property).collect()
    }
}

/// The places of those that are used, in the order of words.
///
/// There are few keys and very many values: keys are put in order first, so that most values are told apart by their first
/// eight bytes, without a look at the property.
pub(crate) fn by_words(properties: &[Property], is_used: &[bool]) -> Vec<PropertyId> {
    let used = || (0..).zip(properties).zip(is_used).filter(|(_, is_used)| **is_used).map(|(property, _)| property);
    // By where they lie, which costs no look at their words; two that lie apart may have the same.
    let mut ranks: HashMap<*const PropertyKey, u32> = HashMap::new();
    let mut keys: Vec<&Arc<PropertyKey>> = Vec::new();
    for (_, property) in used() {
        ranks.entry(Arc::as_ptr(&property.of)).or_insert_with(|| {
            keys.push(&property.of);
            0
        });
    }
    keys.sort_unstable();
    for (rank, same) in (0..).zip(keys.chunk_by(|a, b| a == b)) {
        ranks.extend(same.iter().map(|key| (Arc::as_ptr(key), rank)));
    }
    let begins = |value: &str| {
        let mut first = [0; 8];
        let bytes = &value.as_bytes()[..value.len().min(8)];
        first[..bytes.len()].copy_from_slice(bytes);
        u64::from_be_bytes(first)
    };
    let of_key = |property: &Property| ranks.get(&Arc::as_ptr(&property.of)).copied().unwrap_or_default();
    let mut order: Vec<(u32, u64, PropertyId)> =
        used().map(|(place, property)| (of_key(property), begins(&property.value), place)).collect();
    let value = |place: PropertyId| properties.get(place as usize).map(|property| &*property.value);
    order.sort_unstable_by(|&(key_a, begins_a, a), &(key_b, begins_b, b)| {
        (key_a, begins_a).cmp(&(key_b, begins_b)).then_with(|| value(a).cmp(&value(b)))
    });
    order.into_iter().map(|(.., place)| place).collect()
}

fn number(place: usize) -> PropertyId {
    // Rows are bounded, and with them what they refer to: four billion are never reached.
    PropertyId::try_from(place).unwrap_or(PropertyId::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn property() -> impl Strategy<Value = Property> {
        let sorts = prop_oneof![Just(PropertySort::Flag), Just(PropertySort::Resource), Just(PropertySort::Span)];
        (sorts, "[ab]{0,2}", "[ab]{0,2}", "[a\0é]{0,10}")
            .prop_map(|(sort, service, key, value)| Property::new(sort, &service, &key, &value))
    }

    proptest! {
        #[test]
        fn the_order_of_words_is_that_of_the_properties(
            met in proptest::collection::vec((property(), any::<bool>()), 0..40),
        ) {
            let (properties, is_used): (Vec<Property>, Vec<bool>) = met.into_iter().unzip();
            let mut used: Vec<&Property> =
                properties.iter().zip(&is_used).filter(|(_, is_used)| **is_used).map(|(property, _)| property).collect();
            used.sort();
            let order = by_words(&properties, &is_used);
            let ordered: Vec<&Property> = order.into_iter().map(|place| &properties[place as usize]).collect();
            prop_assert_eq!(ordered, used);
        }
    }

    #[test]
    fn a_request_has_each_property_once() {
        let mut met = MetProperties::default();
        met.begin_request();
        for property in [7, 7, 3] {
            met.put(property);
        }
        met.begin_request();
        for property in [3, 9, 3] {
            met.put(property);
        }
        assert_eq!(met.of_request(), [3, 9]);
    }

    #[test]
    fn of_more_properties_than_are_kept_a_request_has_the_first() {
        let first: Vec<PropertyId> = (0..192).collect();
        for many in [192, 193] {
            let mut met = MetProperties::default();
            met.begin_request();
            (0..many).for_each(|property| met.put(property));
            assert_eq!(met.of_request(), first, "of {many}");
        }
    }
}
