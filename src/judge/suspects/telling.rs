//! Which of several keys that mean the same says most to a reader, and which values are none that a change could have.

use crate::facts::property::{Property, PropertySort};
use crate::model::attribute_key::{names_a_process, names_a_version};
use crate::shared_sort::SharedSort;
use std::net::IpAddr;

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

/// The first of the ports that Linux and IANA give to whoever asks for any (`ip_local_port_range`, RFC 6335): the next start
/// of a process has another one.
const FIRST_EPHEMERAL_PORT: u16 = 32_768;

/// Whether two addresses lead to the same thing by what they ask for, and differ in where they find it only: in the numbers
/// of a host, or in a port that is another one after each start. The name of a host says who is asked.
///
/// ```text
/// http://10.0.3.7:8080/price   http://10.0.9.2:8080/price   true
/// http://localhost:45611/price http://localhost:39177/price true
/// http://price:8080/price      http://price:8081/price      false
/// http://price/price           http://price.invalid/price   false
/// ```
pub(crate) fn differ_in_numbers_of_the_host_only(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Address::of(one), Address::of(other)) else { return false };
    let ephemeral = |port: Option<u16>| port.is_some_and(|port| port >= FIRST_EPHEMERAL_PORT);
    let same_port = one.port == other.port || (ephemeral(one.port) && ephemeral(other.port));
    let same_host = one.host.eq_ignore_ascii_case(other.host) || (one.is_numeric() && other.is_numeric());
    one.scheme == other.scheme && one.rest == other.rest && same_host && same_port
}

/// The parts of a URL, or of `localhost` with its port.
struct Address<'v> {
    scheme: &'v str,
    host: &'v str,
    port: Option<u16>,
    rest: &'v str,
}

impl<'v> Address<'v> {
    fn of(value: &'v str) -> Option<Self> {
        let (scheme, after) = value.split_once("://").unwrap_or(("", value));
        let (authority, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        // The colons of IPv6 stand in brackets.
        let colon = place.rfind(':').filter(|&at| !place[at..].contains(']'));
        let (host, port) = colon.map_or((place, None), |at| (&place[..at], place[at + 1..].parse().ok()));
        // What looks like a host and its port without a scheme may be anything.
        let names_a_place = !scheme.is_empty() || host.eq_ignore_ascii_case("localhost");
        let is_address = names_a_place && !host.is_empty() && colon.is_some() == port.is_some();
        is_address.then_some(Self { scheme, host, port, rest })
    }

    fn is_numeric(&self) -> bool {
        self.host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    }
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

    #[test]
    fn numbers_of_a_host_and_ports_of_the_moment_make_no_other_address() {
        for (one, other) in [
            ("http://127.0.0.1:45611/price/s3", "http://127.0.0.1:39177/price/s3"),
            ("http://10.0.3.7:8080/price", "http://10.0.9.2:8080/price"),
            ("http://10.0.3.7/price", "http://10.0.9.2/price"),
            ("http://[::1]:8080/price?a=1", "http://[fd00::7]:8080/price?a=1"),
            ("http://localhost:45611/price", "http://LOCALHOST:39177/price"),
            ("https://u@price:45611", "https://price:39177"),
            ("localhost:45611", "localhost:39177"),
        ] {
            assert!(differ_in_numbers_of_the_host_only(one, other), "{one} {other}");
            assert!(differ_in_numbers_of_the_host_only(other, one), "{other} {one}");
        }
    }

    #[test]
    fn names_of_hosts_their_ports_and_what_is_asked_for_make_another_address() {
        for (one, other) in [
            ("http://price/p", "http://price.invalid/p"),
            ("http://127.0.0.1:45611/p", "http://price.invalid/p"),
            ("http://price:8080/p", "http://price:8081/p"),
            ("http://10.0.3.7:8080/p", "http://10.0.9.2:8081/p"),
            ("http://price:8080/p", "http://price:45611/p"),
            ("http://price/p", "http://price:45611/p"),
            ("http://127.0.0.1:45611/p", "http://127.0.0.1:45611/q"),
            ("http://127.0.0.1:45611/p?a=1", "http://127.0.0.1:39177/p?a=2"),
            ("http://127.0.0.1/p", "https://127.0.0.1/p"),
            ("gold", "silver"),
            ("a:b", "a:c"),
            ("sku:40001", "sku:40002"),
            ("", ""),
        ] {
            assert!(!differ_in_numbers_of_the_host_only(one, other), "{one} {other}");
        }
    }
}
