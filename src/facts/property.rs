//! What a request had that others may not have had: a flag's variant, a process that handled it, an attribute of its spans.

use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::sym::Sym;
use hashbrown::HashMap;

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

/// One thing that a request had.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Property {
    /// Where it comes from.
    pub sort: PropertySort,
    /// The service whose process had it; empty for flags and attributes of spans.
    pub service: String,
    /// The flag, or the attribute's key.
    pub key: String,
    /// The variant, or the attribute's value.
    pub value: String,
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

    /// The attributes of a resource.
    pub(crate) fn of_resource(&mut self, id: ResourceId, names: &Names) -> &[PropertyId] {
        if !self.resources.contains_key(&id) {
            let resource = names.resource_of(id);
            let attributes = names.attributes_of(resource.attributes).iter();
            let properties = attributes
                .map(|&(key, value)| self.named(PropertySort::Resource, resource.service, key, value))
                .collect();
            self.resources.insert(id, properties);
        }
        self.resources.get(&id).map_or(&[], AsRef::as_ref)
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
        let unused =
            Property { sort: PropertySort::Span, service: String::new(), key: String::new(), value: String::new() };
        let property = |(met, &is_used): (&Met, &bool)| match met {
            _ if !is_used => unused.clone(),
            Met::Named(sort, service, key, value) => Property {
                sort: *sort,
                service: text(*service).to_owned(),
                key: text(*key).to_owned(),
                value: text(*value).to_owned(),
            },
            Met::Told(key, value) => Property {
                sort: PropertySort::Span,
                service: String::new(),
                key: text(*key).to_owned(),
                value: value.to_string(),
            },
        };
        self.list.iter().zip(is_used).map(property).collect()
    }
}

fn number(place: usize) -> PropertyId {
    // Rows are bounded, and with them what they refer to: four billion are never reached.
    PropertyId::try_from(place).unwrap_or(PropertyId::MAX)
}
