//! Which of several keys that mean the same says most to a reader, and which values are none that a change could have.

use crate::facts::property::{Property, PropertySort};
use crate::model::attribute_key::{names_a_process, names_a_version};
use crate::shared_sort::SharedSort;

/// The most telling first: flag, version, image and the like, what was asked, where it ran, which process.
pub(crate) fn order(property: &Property) -> (u8, &str, &str, &str) {
    let class = match property.of.sort {
        PropertySort::Flag => 0,
        PropertySort::Resource if property.of.key == "service.version" => 1,
        PropertySort::Resource if property.of.key.starts_with("container.image.") => 2,
        PropertySort::Resource if names_a_version(&property.of.key) => 3,
        PropertySort::Span => 4,
        PropertySort::Resource if !names_a_process(&property.of.key) => 5,
        PropertySort::Resource => match property.of.key.as_str() {
            "k8s.pod.name" => 6,
            "service.instance.id" => 7,
            "container.id" => 8,
            key if key.starts_with("k8s.") => 9,
            key if key.starts_with("host.") => 10,
            _ => 11,
        },
    };
    (class, &property.of.key, &property.of.service, &property.value)
}

/// Puts the most telling first.
pub(crate) fn sort(properties: &mut [&Property]) {
    properties.shared_sort_by(|a, b| order(a).cmp(&order(b)));
}

/// Whether a value looks like one that no other request will ever have: a time, a number, an id. New ones come with every
/// request, and are no change.
pub(crate) fn comes_once(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    // Dates, times, counters, amounts.
    let is_number = digits > 0 && value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.:,TZ/ eE_".contains(&byte));
    is_number || (value.len() >= 12 && hexadecimal && digits > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_more_than_pods() {
        let property = |key: &str| Property::new(PropertySort::Resource, "pay", key, "x");
        let mut keys = ["process.pid", "k8s.pod.name", "container.image.tag", "service.version", "service.instance.id"];
        keys.sort_by_key(|key| order(&property(key)).0);
        assert_eq!(
            keys,
            ["service.version", "container.image.tag", "k8s.pod.name", "service.instance.id", "process.pid"]
        );
    }

    #[test]
    fn times_and_ids_come_once() {
        for value in
            ["2026-11-22T10:00:00Z", "1795341600", "12.50", "6f1d2c3b4a5e", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"]
        {
            assert!(comes_once(value), "{value}");
        }
        for value in ["JPY", "gold", "v2", "OLJCESPC7Z", "on", "/api/cart", "cafe", ""] {
            assert!(!comes_once(value), "{value}");
        }
    }
}
