//! Names that repeat, stored once: strings, operations, resources and call targets.

use crate::model::bounded::Bounded;
use crate::model::bounds::{
    BYTES_OF_SERVICE, CUT_NAME, NAME_BEYOND_BOUND, NAME_BYTES, NAME_OVERHEAD, NAMES_BYTES, NAMES_OF_INPUT,
    SERVICES_OF_INPUT, TARGETS,
};
use crate::model::interned::Interned;
use crate::model::operation::{OpId, Operation};
use crate::model::resource::{AttributesId, Resource, ResourceId, UNKNOWN_SERVICE};
use crate::model::sym::Sym;
use crate::model::target::{Target, TargetId};
use hashbrown::HashSet;
use std::borrow::Cow;

/// The most operations that [`Names::spread_nameless`] makes.
const MOST_SPREAD: usize = 1 << 20;

/// Every repeated name of one run. Ids of one `Names` mean nothing to another.
#[derive(Clone, Debug)]
pub struct Names {
    pub(super) strings: Interned<Box<str>>,
    pub(super) operations: Interned<Operation>,
    pub(super) resources: Interned<Resource>,
    pub(super) targets: Interned<Target>,
    /// Attributes of resources: key and value.
    pub(super) attributes: Interned<Box<[(Sym, Sym)]>>,
    services: HashSet<Sym>,
    /// Bytes of text, and what each name takes besides.
    bytes: Bounded,
    of_services: Bounded,
    input: usize,
    pub(super) beyond_bound: u64,
    cut: u64,
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

impl Names {
    /// Names that know the empty string, operation, resource and target, so that the ids' defaults can be read.
    #[must_use]
    pub fn new() -> Self {
        Self::with_bound(NAMES_BYTES)
    }

    /// [`Names::new`] for at most about `bound` bytes of different names.
    #[must_use]
    pub fn with_bound(bound: usize) -> Self {
        let mut names = Self {
            strings: Interned::default(),
            operations: Interned::default(),
            resources: Interned::default(),
            targets: Interned::default(),
            attributes: Interned::default(),
            services: HashSet::new(),
            bytes: Bounded::new(bound, NAMES_OF_INPUT),
            of_services: Bounded::new(bound / BYTES_OF_SERVICE, SERVICES_OF_INPUT),
            input: usize::MAX,
            beyond_bound: 0,
            cut: 0,
        };
        names.intern("");
        names.operation(Operation::default());
        names.resource(Resource::default());
        names.target(Target::default());
        names.attributes(&[]);
        names
    }

    /// Says that what follows comes from this input. When the bound is reached, each further input may still store some
    /// names of its own.
    pub fn begin_input(&mut self, input: usize) {
        if self.input != input {
            self.input = input;
            self.bytes.begin_input();
            self.of_services.begin_input();
        }
    }

    /// Stores whatever comes from now on: what is put together of several was bounded in each of them.
    pub(super) fn lift_bound(&mut self) {
        (self.bytes.bound, self.of_services.bound) = (usize::MAX, usize::MAX);
    }

    /// Stores the name of a service. There are fewer of these than of other names: what is counted of a service takes far
    /// more than its name.
    pub fn service(&mut self, text: &str) -> Sym {
        let text = &*self.cut_to_bound(text);
        if let Some(known) = self.known(text)
            && self.services.contains(&known)
        {
            return known;
        }
        if !self.of_services.takes(1) {
            self.beyond_bound += 1;
            return self.store(NAME_BEYOND_BOUND);
        }
        let service = self.intern(text);
        self.services.insert(service);
        service
    }

    /// Stores `text` unless it is known, and returns its symbol. Of a text longer than [`NAME_BYTES`] the start counts;
    /// when the bound is reached and the input has used up its share of the reserve, every new one is
    /// [`NAME_BEYOND_BOUND`].
    pub fn intern(&mut self, text: &str) -> Sym {
        let text = &*self.cut_to_bound(text);
        if let Some(known) = self.known(text) {
            return known;
        }
        if self.bytes.takes(text.len() + NAME_OVERHEAD) {
            return self.store(text);
        }
        self.beyond_bound += 1;
        self.store(NAME_BEYOND_BOUND)
    }

    /// [`Names::intern`] for what need not be a name: `None` where no more are stored.
    pub fn intern_if_room(&mut self, text: &str) -> Option<Sym> {
        if let Some(known) = self.known(text) {
            return Some(known);
        }
        (text.len() <= NAME_BYTES && self.bytes.has_room()).then(|| self.intern(text))
    }

    /// [`Names::intern_if_room`] for long texts of which there may be many: `None` where half of the room for names is used, so
    /// that they crowd no name out.
    pub(crate) fn intern_if_half_free(&mut self, text: &str) -> Option<Sym> {
        if let Some(known) = self.known(text) {
            return Some(known);
        }
        if self.bytes.is_half_free() { self.intern_if_room(text) } else { None }
    }

    /// Of a name longer than [`NAME_BYTES`] the start.
    fn cut_to_bound<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if text.len() <= NAME_BYTES {
            return Cow::Borrowed(text);
        }
        self.cut += 1;
        let start = &text[..text.floor_char_boundary(NAME_BYTES - CUT_NAME.len())];
        Cow::Owned([start, CUT_NAME].concat())
    }

    fn store(&mut self, text: &str) -> Sym {
        Sym(self.strings.intern(text.as_bytes(), |known| known.as_bytes(), || Box::from(text)))
    }

    /// A copy in which every name that `renamed` has another one for reads so: ids of these names mean the same to it. It is
    /// made to be read from, and does not find a name by its text.
    #[must_use]
    pub fn renamed(&self, renamed: impl Fn(&str) -> Option<String>) -> Self {
        let mut copy = Self::new();
        copy.strings = self.strings.copied(|text| renamed(text).map_or_else(|| text.clone(), String::into_boxed_str));
        copy.operations = self.operations.copied(|&operation| operation);
        copy.resources = self.resources.copied(|&resource| resource);
        copy.targets = self.targets.copied(|&target| target);
        copy.attributes = self.attributes.copied(Clone::clone);
        copy
    }

    /// Every text that is stored, each once.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.strings.values().iter().map(AsRef::as_ref)
    }

    /// How often a name was met that was not stored any more.
    #[must_use]
    pub fn beyond_bound(&self) -> u64 {
        self.beyond_bound
    }

    /// How often a name was met of which only the start is stored.
    #[inline]
    pub(crate) fn cut(&self) -> u64 {
        self.cut
    }

    /// The symbol of `text`, if it was met.
    #[must_use]
    pub fn known(&self, text: &str) -> Option<Sym> {
        self.known_bytes(text.as_bytes())
    }

    /// The symbol of the text that these bytes are, if it was met: nobody has to check that they are valid UTF-8, as all
    /// that was met is.
    #[must_use]
    pub fn known_bytes(&self, text: &[u8]) -> Option<Sym> {
        self.strings.place(text, |known| known.as_bytes()).map(Sym)
    }

    /// [`Names::known_bytes`] for whoever asks for few names again and again.
    #[inline]
    pub(crate) fn known_lately(&mut self, text: &[u8]) -> Option<Sym> {
        self.strings.place_lately(text, |known| known.as_bytes()).map(Sym)
    }

    /// The string behind a symbol.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.strings.get(sym.0).map_or("", AsRef::as_ref)
    }

    /// Stores an operation unless it is known, and returns its id. Operations count as names do: where no more are
    /// stored, a new one is that of [`NAME_BEYOND_BOUND`] of its service.
    pub fn operation(&mut self, operation: Operation) -> OpId {
        if let Some(known) = self.operations.place_lately(&operation, |known| known) {
            return OpId(known);
        }
        let operation = if self.bytes.takes(NAME_OVERHEAD) {
            operation
        } else {
            self.beyond_bound += 1;
            Operation { name: self.store(NAME_BEYOND_BOUND), ..operation }
        };
        OpId(self.operations.intern(&operation, |known| known, || operation))
    }

    /// The id of an operation, if it was met.
    #[must_use]
    pub fn known_operation(&self, operation: &Operation) -> Option<OpId> {
        self.operations.place(operation, |known| known).map(OpId)
    }

    /// The operation behind an id.
    #[must_use]
    pub fn operation_of(&self, id: OpId) -> Operation {
        self.operations.get(id.0).copied().unwrap_or_default()
    }

    /// Stores a resource unless it is known, and returns its id. Resources count as names do: where no more are stored,
    /// a new one is only known by its service.
    pub fn resource(&mut self, resource: Resource) -> ResourceId {
        if let Some(known) = self.known_resource(&resource) {
            return known;
        }
        let resource = if self.bytes.takes(NAME_OVERHEAD) {
            resource
        } else {
            self.beyond_bound += 1;
            Resource { service: resource.service, ..Resource::default() }
        };
        ResourceId(self.resources.intern(&resource, |known| known, || resource))
    }

    /// The id of a resource, if it was met.
    #[must_use]
    pub fn known_resource(&self, resource: &Resource) -> Option<ResourceId> {
        self.resources.place(resource, |known| known).map(ResourceId)
    }

    /// The resource behind an id.
    #[must_use]
    pub fn resource_of(&self, id: ResourceId) -> Resource {
        self.resources.get(id.0).copied().unwrap_or_default()
    }

    /// Stores the attributes of a resource, keys and values, unless they are known, and returns their id. They count as names
    /// do: where no more are stored, new ones are left out.
    pub fn attributes(&mut self, attributes: &[(Sym, Sym)]) -> AttributesId {
        if let Some(known) = self.attributes.place(attributes, |known| known) {
            return AttributesId(known);
        }
        if !attributes.is_empty() && !self.bytes.takes(NAME_OVERHEAD + size_of_val(attributes)) {
            self.beyond_bound += 1;
            return AttributesId::default();
        }
        AttributesId(self.attributes.intern(attributes, |known| known, || Box::from(attributes)))
    }

    /// The attributes behind an id, in the order of the resource: key and value.
    #[must_use]
    pub fn attributes_of(&self, id: AttributesId) -> &[(Sym, Sym)] {
        self.attributes.get(id.0).map_or(&[], AsRef::as_ref)
    }

    /// Stores a target unless it is known, and returns its id; after [`TARGETS`], a new one is [`TargetId::NONE`].
    pub fn target(&mut self, target: Target) -> TargetId {
        if let Some(known) = self.targets.place_lately(&target, |known| known) {
            return TargetId(known);
        }
        if self.targets.values().len() >= TARGETS {
            return TargetId::NONE;
        }
        TargetId(self.targets.intern(&target, |known| known, || target))
    }

    /// The target behind an id.
    #[must_use]
    pub fn target_of(&self, id: TargetId) -> Target {
        self.targets.get(id.0).copied().unwrap_or_default()
    }

    /// Makes every operation without a service known under each service, as long as that is not too many, and under
    /// [`UNKNOWN_SERVICE`]: spans that have the service of another are given it when no more names can be stored.
    pub fn spread_nameless(&mut self) {
        let nameless = |operation: &&Operation| operation.service.is_empty() && **operation != Operation::default();
        let nameless: Vec<Operation> = self.operations.values().iter().filter(nameless).copied().collect();
        if nameless.is_empty() {
            return;
        }
        let unknown = self.intern(UNKNOWN_SERVICE);
        self.resource(Resource { service: unknown, ..Resource::default() });
        let mut services: Vec<Sym> = self.resources.values().iter().map(|resource| resource.service).collect();
        services.sort_unstable();
        services.dedup();
        if services.len().saturating_mul(nameless.len()) > MOST_SPREAD {
            services = vec![unknown];
        }
        for service in services {
            for operation in &nameless {
                self.operation(Operation { service, ..*operation });
            }
        }
    }
}

#[cfg(test)]
mod tests;
