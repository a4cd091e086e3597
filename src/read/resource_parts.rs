//! The process that sent telemetry, from its resource attributes.

use crate::model::names::{Names, Resource, ResourceId, Sym, UNKNOWN_SERVICE};
use crate::read::attributes::Attributes;
use crate::read::semconv::Key;

/// What the records of one resource block share.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceParts {
    /// The interned resource.
    pub(crate) id: ResourceId,
    /// `service.name`, or `unknown_service`.
    pub(crate) service: Sym,
    /// `telemetry.sdk.language`.
    pub(crate) language: Sym,
    /// Resource attributes that the user asked to keep.
    pub(crate) kept: Vec<(Sym, Box<str>)>,
}

/// How many bytes of kept attributes a resource hands down to each of its spans.
const KEPT_BYTES: usize = 4 << 10;

/// As many of the first kept attributes as a resource hands down: each of its spans gets a copy.
pub(crate) fn bounded(mut kept: Vec<(Sym, Box<str>)>) -> Vec<(Sym, Box<str>)> {
    let mut bytes = 0;
    kept.retain(|(_, value)| {
        bytes += size_of::<(Sym, Box<str>)>() + value.len();
        bytes <= KEPT_BYTES
    });
    kept
}

/// Reads a resource. The second value says whether it tells its name.
pub(crate) fn resource(attributes: &Attributes<'_>, names: &mut Names) -> (ResourceParts, bool) {
    let service = attributes.text(&[Key::ServiceName]);
    let named = names.service(service.unwrap_or(UNKNOWN_SERVICE));
    let mut name = |text: Option<&str>| text.map_or(Sym::EMPTY, |text| names.intern(text));
    let resource = Resource {
        service: named,
        version: name(attributes.text(&[Key::ServiceVersion])),
        instance: name(attributes.text(&[Key::ServiceInstanceId, Key::K8sPodName, Key::ContainerId])),
        host: name(attributes.text(&[Key::HostName, Key::K8sNodeName])),
    };
    let language = name(attributes.text(&[Key::SdkLanguage]));
    let parts = ResourceParts { id: names.resource(resource), service: resource.service, language, kept: Vec::new() };
    (parts, service.is_some())
}

/// The resource of a span that only says which span it is a part of: empty until its trace is complete.
pub(crate) fn that_of_the_parent() -> ResourceParts {
    ResourceParts::default()
}
