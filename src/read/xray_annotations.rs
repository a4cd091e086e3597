//! Keys of X-Ray annotations: of letters, digits and `_` alone, so that OpenTelemetry's exporter writes `_` for each dot of an
//! attribute that it indexes.

use crate::read::semconv::Key;
use hashbrown::HashMap;
use std::sync::LazyLock;

/// What the exporter puts before the key of a resource's attribute.
const OF_RESOURCE: &str = "otel.resource.";

/// The same in annotations.
const OF_RESOURCE_INDEXED: &str = "otel_resource_";

/// Keys that mean something in a segment beside those of [`Key`]: they tell what a request is called.
const OF_REQUEST: [&str; 3] = ["http.method", "http.request.method", "http.route"];

/// The keys that mean something, by what the exporter makes of them (`fixAnnotationKey` of the collector's awsxrayexporter).
static DOTTED: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let dotted = Key::spellings().chain(OF_REQUEST).filter(|key| key.contains('.'));
    dotted.map(|key| (key.replace('.', "_"), key)).collect()
});

/// The key of an attribute without what marks it as one of the resource, and whether it is one.
pub(crate) fn of_resource(key: &str) -> (&str, bool) {
    key.strip_prefix(OF_RESOURCE).map_or((key, false), |key| (key, true))
}

/// The same of an annotation, whose key has its dots again when it is one that means something; any other stays as it is.
pub(crate) fn of_annotation(key: &str) -> (&str, bool) {
    match key.strip_prefix(OF_RESOURCE_INDEXED) {
        Some(key) => (dotted(key), true),
        None => {
            let (key, resource) = of_resource(key);
            (dotted(key), resource)
        }
    }
}

fn dotted(key: &str) -> &str {
    DOTTED.get(key).copied().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_means_something_has_its_dots_again() {
        for key in Key::spellings().chain(OF_REQUEST).filter(|key| key.contains('.')) {
            let written = key.replace('.', "_");
            let (read, resource) = of_annotation(&written);
            assert!(!resource);
            assert_eq!(Key::of(read.as_bytes()), Key::of(key.as_bytes()), "{written}");
            assert_eq!(of_annotation(key), (key, false));
        }
        assert_eq!(of_annotation("http_route"), ("http.route", false));
    }

    #[test]
    fn other_annotations_stay_as_they_are() {
        for key in ["tenant_id", "service.shop_name", "otel_resourceful", "", "service_name_"] {
            assert_eq!(of_annotation(key), (key, false));
        }
    }

    #[test]
    fn attributes_of_the_resource_are_told_by_either_prefix() {
        assert_eq!(of_annotation("otel_resource_service_name"), ("service.name", true));
        assert_eq!(of_annotation("otel.resource.service.name"), ("service.name", true));
        assert_eq!(of_annotation("otel_resource_team"), ("team", true));
        assert_eq!(of_resource("otel.resource.service.name"), ("service.name", true));
        assert_eq!(of_resource("otel_resource_service_name"), ("otel_resource_service_name", false));
    }
}
