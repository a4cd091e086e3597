//! Addresses of machines, bank accounts and phone numbers: taken out only when the user asks for it.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::net::IpAddr;
use std::sync::LazyLock;

static IP: Pattern =
    LazyLock::new(|| Regex::new(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}").ok());
static IBAN: Pattern =
    LazyLock::new(|| Regex::new(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b").ok());
static PHONE: Pattern = LazyLock::new(|| Regex::new(r"\+[1-9][0-9]*(?:[ ().-]{1,2}[0-9]+)*").ok());

/// Finds addresses of machines, IPv4 and IPv6, but for those that mean every machine or this one.
pub(crate) fn find_ips(text: &str, found: &mut Vec<Found>) {
    for at in matches(&IP, 0, text) {
        let joined = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let alone = !text[..at.start].ends_with(joined) && !text[at.end..].starts_with(|c: char| joined(c) && c != '.');
        let address: Option<IpAddr> = text[at.clone()].parse().ok().filter(|_| alone);
        if address.is_some_and(|address| !address.is_loopback() && !address.is_unspecified()) {
            found.push(Found { at, class: Class::Ip });
        }
    }
}

/// Finds bank accounts: the remainder of an IBAN by 97 is 1 (ISO 13616).
pub(crate) fn find_ibans(text: &str, found: &mut Vec<Found>) {
    found.extend(
        matches(&IBAN, 0, text).filter(|at| is_iban(&text[at.clone()])).map(|at| Found { at, class: Class::Iban }),
    );
}

fn is_iban(shown: &str) -> bool {
    let plain: Vec<u8> = shown.bytes().filter(|byte| *byte != b' ').collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let remainder = plain[4..].iter().chain(&plain[..4]).fold(0_u32, |remainder, &byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

/// Finds phone numbers with a plus and their country code, 8 to 15 digits (ITU-T E.164).
pub(crate) fn find_phones(text: &str, found: &mut Vec<Found>) {
    for at in matches(&PHONE, 0, text) {
        let digits = text[at.clone()].bytes().filter(u8::is_ascii_digit).count();
        let joined = |c: char| c.is_alphanumeric();
        let alone = !text[..at.start].ends_with(joined) && !text[at.end..].starts_with(joined);
        if alone && (8..=15).contains(&digits) {
            found.push(Found { at, class: Class::Phone });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(find: fn(&str, &mut Vec<Found>), text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn they_are_told_from_what_looks_alike() {
        let text = "dial tcp 10.0.0.7:8080 from [2001:db8::7]:443, v1.2.3.4, 127.0.0.1, std::fmt, 10:00:00, 999.1.1.1";
        assert_eq!(values(find_ips, text), ["10.0.0.7", "2001:db8::7"]);
        let text = "pay DE89 3704 0044 0532 0130 00 or GB82WEST12345698765432, not DE88370400440532013000";
        assert_eq!(values(find_ibans, text), ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"]);
        let text = "call +49 30 1234567, +1 (555) 010-9999, 2026-11-22T10:00:00+01:00, 1+12345678";
        assert_eq!(values(find_phones, text), ["+49 30 1234567", "+1 (555) 010-9999"]);
    }
}
