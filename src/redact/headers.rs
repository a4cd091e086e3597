//! Headers of HTTP that let somebody in, as they are logged: in lines, in JSON, in maps that are printed.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, looks_random, matches};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands between the name of a header and its value: `: `, `=`, `":"`, `=[`, `": ["`, each quote perhaps escaped.
macro_rules! between {
    () => {
        r#"(?:\\*["'])?\]?\s{0,3}(?:=>|[:=,])\s{0,3}[\[(]?(?:\\*["'])?"#
    };
}

/// A scheme with one word of credentials, or one with a list of parameters, or a word alone.
static AUTHORIZATION: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\bauthorization",
        between!(),
        r#"(?:(?:digest|hawk|oauth|signature|mac|aws4-hmac-[a-z0-9-]+|aws)\s+([^\r\n\]]+)"#,
        r#"|[a-z][a-z0-9-]{1,20}\s+([^\s"',;\\\]\[){}]{6,})"#,
        r#"|([^\s"',;\\\]\[){}]{4,}))"#
    ))
    .ok()
});

/// Credentials without the name of their header (RFC 6750, RFC 7617).
static BEARER: Pattern = LazyLock::new(|| Regex::new(r"(?i)\b(?:bearer|token)\s+([A-Za-z0-9._~+/-]{12,}=*)").ok());
static BASIC: Pattern = LazyLock::new(|| Regex::new(r"(?i)\bbasic\s+([A-Za-z0-9+/]{6,}={0,2})").ok());

/// The values of cookies, up to the end of the line or the quote.
static COOKIE: Pattern = LazyLock::new(|| {
    Regex::new(concat!(r"(?i)\bcookie", between!(), r#"([^\s=;,"'\\\[\]]{1,128}=[^\r\n"'\\\]]*)"#)).ok()
});

/// Finds what such headers say; their names stay, and so do the schemes.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let mut add = |at: Range<usize>, class| found.push(Found { at, class });
    for group in [1, 2] {
        matches(&AUTHORIZATION, group, text).for_each(|at| add(at, Class::Authorization));
    }
    // "Authorization: denied" tells nothing.
    let alone = matches(&AUTHORIZATION, 3, text).filter(|at| is_no_word(&text[at.clone()]));
    alone.for_each(|at| add(at, Class::Authorization));
    let bearers = matches(&BEARER, 1, text).filter(|at| looks_random(&text[at.clone()]));
    bearers.for_each(|at| add(at, Class::Authorization));
    let basics = matches(&BASIC, 1, text).filter(|at| holds_password(&text.as_bytes()[at.clone()]));
    basics.for_each(|at| add(at, Class::Authorization));
    matches(&COOKIE, 1, text).for_each(|at| add(at, Class::Cookie));
}

fn is_no_word(value: &str) -> bool {
    !value.bytes().all(|byte| byte.is_ascii_alphabetic()) || looks_random(value)
}

/// Whether Base64 holds `user:password` (RFC 4648, RFC 7617): "Basic authentication" is only a phrase.
fn holds_password(base64: &[u8]) -> bool {
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut colon = false;
    for &byte in base64.iter().take_while(|&&byte| byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            let byte = (bits >> held) & 0xff;
            colon |= byte == u32::from(b':');
            if byte < 0x20 {
                return false;
            }
        }
    }
    colon
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(&str, Class)> {
        let mut found = Vec::new();
        find(text, &mut found);
        let mut shown: Vec<(&str, Class)> = found.into_iter().map(|found| (&text[found.at], found.class)).collect();
        shown.dedup();
        shown
    }

    #[test]
    fn credentials_are_found_in_any_spelling() {
        for (text, value) in [
            ("Authorization: Bearer abc.DEF-123456", "abc.DEF-123456"),
            ("{\"authorization\":\"Bearer abc.DEF-123456\",\"x\":1}", "abc.DEF-123456"),
            ("{\\\"Authorization\\\": \\\"Bearer abc.DEF-123456\\\"}", "abc.DEF-123456"),
            ("Proxy-Authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
            ("headers={'authorization': ['Token s3cr3t0']}", "s3cr3t0"),
            ("Authorization: plain-s3cr3t", "plain-s3cr3t"),
            ("rejected bearer abc.DEF-123456!", "abc.DEF-123456"),
            ("sent Basic dXNlcjpwYXNz to host", "dXNlcjpwYXNz"),
            ("Authorization: Digest username=\"u\", response=\"6629\"\nHost: x", "username=\"u\", response=\"6629\""),
        ] {
            assert_eq!(values(text), [(value, Class::Authorization)], "{text}");
        }
    }

    #[test]
    fn cookies_are_found_to_their_end() {
        for (text, value) in [
            ("Cookie: sid=abc; theme=dark\nHost: x", "sid=abc; theme=dark"),
            ("{\"set-cookie\":[\"sid=abc; Path=/; HttpOnly\"],\"n\":1}", "sid=abc; Path=/; HttpOnly"),
            ("cookie='sid=abc'", "sid=abc"),
        ] {
            assert_eq!(values(text), [(value, Class::Cookie)], "{text}");
        }
    }

    #[test]
    fn prose_is_left() {
        for text in [
            "Authorization: denied",
            "authorization failed for user",
            "Basic authentication is required, HttpAuth",
            "basic AuthenticationRequired",
            "Unexpected token < in JSON at position 0",
            "bearer authentication-required",
            "cookie not found; Cookie: none",
            "GRPC: authorization=[]",
        ] {
            assert!(values(text).is_empty(), "{text}: {:?}", values(text));
        }
    }
}
