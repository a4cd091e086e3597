//! The process that sent telemetry, from its resource attributes.

use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::model::resource::{AttributesId, Resource, ResourceId, UNKNOWN_SERVICE};
use crate::model::sym::Sym;
use crate::read::attributes::Attributes;
use crate::read::semconv::Key;
use crate::read::text::{lossy, sym};
use crate::shared_sort::SharedSort;

/// What the records of one resource block share.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceParts {
    /// The interned resource.
    pub(crate) id: ResourceId,
    /// `service.name`, or `unknown_service`.
    pub(crate) service: Sym,
    /// `telemetry.sdk.language`.
    pub(crate) language: Sym,
    /// Whether it tells its name.
    pub(crate) named: bool,
    /// Resource attributes that the user asked to keep.
    pub(crate) kept: Vec<(Sym, AttributeValue)>,
}

impl ResourceParts {
    /// How many bytes the attributes take that the user asked to keep.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept.iter().map(|(_, value)| size_of::<(Sym, AttributeValue)>() + value.bytes_held()).sum()
    }
}

/// How many bytes of kept attributes a resource hands down to each of its spans.
pub(crate) const KEPT_BYTES: usize = 4 << 10;

/// How many attributes of a resource are compared.
const COMPARED: usize = 64;

/// Of the kept attributes, from the first on, those that still fit: each span of the resource gets a copy.
pub(crate) fn bounded(mut kept: Vec<(Sym, AttributeValue)>) -> Vec<(Sym, AttributeValue)> {
    let mut bytes = 0;
    kept.retain(|(_, value)| {
        let more = size_of::<(Sym, AttributeValue)>() + value.bytes_held();
        let fits = bytes + more <= KEPT_BYTES;
        bytes += if fits { more } else { 0 };
        fits
    });
    kept
}

/// Reads a resource, of which `compared` are the attributes that requests are compared by.
pub(crate) fn resource(
    attributes: &Attributes<'_>,
    compared: Vec<(Sym, AttributeValue)>,
    names: &mut Names,
) -> ResourceParts {
    let service = attributes.bytes(&[Key::ServiceName]);
    let of_service = names.service(&lossy(service.unwrap_or(UNKNOWN_SERVICE.as_bytes())));
    let mut name = |text: Option<&[u8]>| text.map_or(Sym::EMPTY, |text| sym(text, names));
    let resource = Resource {
        service: of_service,
        version: name(attributes.bytes(&[Key::ServiceVersion])),
        instance: name(attributes.bytes(&[Key::ServiceInstanceId, Key::K8sPodName, Key::ContainerId])),
        host: name(attributes.bytes(&[Key::HostName, Key::K8sNodeName])),
        attributes: AttributesId::default(),
    };
    let mut compared: Vec<(Sym, Sym)> =
        compared.into_iter().take(COMPARED).map(|(key, value)| (key, value.interned(names))).collect();
    // The order in which an SDK happened to write them makes no other resource.
    compared.shared_sort_by(|a, b| names.text(a.0).cmp(names.text(b.0)));
    let resource = Resource { attributes: names.attributes(&compared), ..resource };
    let mut name = |text: Option<&[u8]>| text.map_or(Sym::EMPTY, |text| sym(text, names));
    let language = name(attributes.bytes(&[Key::SdkLanguage]));
    let named = service.is_some();
    ResourceParts { id: names.resource(resource), service: resource.service, language, named, kept: Vec::new() }
}

/// The resource of a span that only says which span it is a part of: empty until its trace is complete.
pub(crate) fn that_of_the_parent() -> ResourceParts {
    ResourceParts::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_costs_nothing_behind_it() {
        let of = |bytes: usize| (Sym::EMPTY, AttributeValue::Text("x".repeat(bytes).into()));
        let kept = bounded(vec![of(1), of(KEPT_BYTES), of(2), of(KEPT_BYTES / 2), of(KEPT_BYTES / 2), of(3)]);
        let lengths: Vec<usize> = kept.iter().map(|(_, value)| value.bytes_held()).collect();
        assert_eq!(lengths, [1, 2, KEPT_BYTES / 2, 3]);
    }
}
