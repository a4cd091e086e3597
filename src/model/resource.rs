//! Processes that send telemetry, and their ids.

use crate::model::sym::Sym;

/// What a process is called that does not tell its `service.name` (opentelemetry-specification, resource SDK).
pub const UNKNOWN_SERVICE: &str = "unknown_service";

/// An interned [`Resource`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ResourceId(pub(super) u32);

impl ResourceId {
    /// The resource in this place among those of its [`Names`](crate::model::names::Names).
    pub(crate) fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// Its place among the resources of its [`Names`](crate::model::names::Names).
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The process that sent telemetry: what analysis needs of its resource attributes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Resource {
    /// `service.name`; the specification's `unknown_service` when the resource has none.
    pub service: Sym,
    /// `service.version`.
    pub version: Sym,
    /// `service.instance.id`, else `k8s.pod.name`, else `container.id`.
    pub instance: Sym,
    /// `host.name`, else `k8s.node.name`: spans of one host share a clock.
    pub host: Sym,
    /// All attributes by which processes are compared, if they were asked for.
    pub attributes: AttributesId,
}

/// An interned list of the attributes of a resource: see [`Names::attributes_of`](crate::model::names::Names::attributes_of).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct AttributesId(pub(super) u32);
