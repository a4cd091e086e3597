//! What URLs tell beyond the place: names and passwords before the host, values of the query and of the fragment.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::sync::LazyLock;

static URL: Pattern = LazyLock::new(|| Regex::new(r#"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s"'<>`|\\^{}]+"#).ok());

/// A query without a scheme before it: the target of a request, the name of a span.
static QUERY: Pattern = LazyLock::new(|| {
    Regex::new(r#"[A-Za-z0-9/_.~%)}:-](?:\?|#)([A-Za-z_][A-Za-z0-9_.%\[\]-]*=[^\s"'<>`|\\^{}]*)"#).ok()
});

/// The name of a data source as drivers of Go write it.
static DATA_SOURCE: Pattern = LazyLock::new(|| Regex::new(r"([\w.%-]+:[^\s@/]+)@(?:tcp|udp|unix)\(").ok());

/// Names of values that bundlers put behind the names of scripts: they are parts of stack traces, and no secret.
const OF_SCRIPTS: [&str; 11] = ["v", "t", "ver", "version", "vue", "type", "index", "lang", "import", "hash", "id"];
const SCRIPTS: [&str; 10] = [".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx", ".vue", ".svelte", ".css", ".map"];

/// Finds credentials and values in URLs; keys stay.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    if text.contains("://") {
        for at in matches(&URL, 0, text) {
            let url = &text[at.clone()];
            if let Some((start, end)) = user_of(url) {
                found.push(Found { at: at.start + start..at.start + end, class: Class::UrlCredential });
            }
            if let Some(place) = url.find(['?', '#']) {
                pairs(text, at.start + place + 1, at.end, found);
            }
        }
    }
    if text.contains(['?', '#']) {
        matches(&QUERY, 1, text).for_each(|at| pairs(text, at.start, at.end, found));
    }
    if text.contains("@tcp(") || text.contains("@udp(") || text.contains("@unix(") {
        found.extend(matches(&DATA_SOURCE, 1, text).map(|at| Found { at, class: Class::UrlCredential }));
    }
}

/// Finds the values of a query that stands alone, as in the attribute `url.query`.
pub(crate) fn find_in_query(text: &str, found: &mut Vec<Found>) {
    pairs(text, 0, text.len(), found);
}

/// Where the name and the password of a URL are. A password may hold `/`, although it must not (RFC 3986).
fn user_of(url: &str) -> Option<(usize, usize)> {
    let start = url.find("://")? + 3;
    let before_query = url.find(['?', '#']).unwrap_or(url.len());
    let rest = url.get(start..before_query)?;
    let authority = rest.find('/').unwrap_or(rest.len());
    let end = match rest[..authority].rfind('@') {
        Some(end) => end,
        None => {
            let (_, port) = rest[..authority].rsplit_once(':')?;
            let is_port = port.is_empty() || port.bytes().all(|byte| byte.is_ascii_digit()) || port.ends_with(']');
            if is_port {
                return None;
            }
            rest.rfind('@')?
        }
    };
    (end > 0).then_some((start, start + end))
}

/// Finds the values of `a=1&b=2`, which lies from `start` to `end`.
fn pairs(text: &str, start: usize, end: usize, found: &mut Vec<Found>) {
    let query = &text[start..end];
    // A sentence goes on behind a URL.
    let trimmed = query.trim_end_matches(['.', ',', ';', ':', '!', ')', ']']);
    let of_script = {
        let path = text[..start].trim_end_matches(['?', '#']);
        SCRIPTS.iter().any(|ending| path.ends_with(ending))
    };
    let mut at = start;
    for pair in trimmed.split_inclusive(['&', ';', '?', '#']) {
        let whole = pair.trim_end_matches(['&', ';', '?', '#']);
        let (key, value) = whole.split_once('=').map_or((whole, None), |(key, value)| (key, Some(value)));
        let known = of_script && OF_SCRIPTS.contains(&key);
        match value {
            Some(value) if !value.is_empty() && !known => {
                let from = at + key.len() + 1;
                let length = value.len() - if of_script { place_in_file(value) } else { 0 };
                // An empty value before a line number.
                if length > 0 {
                    found.push(Found { at: from..from + length, class: Class::UrlQuery });
                }
            }
            // `?wsdl` is a key; what has digits or capitals may be anything.
            None if key.len() > 3 && !known && !key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_' | b'-')) => {
                let is_anchor = text[..at].ends_with('#');
                if !is_anchor && !of_script {
                    found.push(Found { at: at..at + whole.len(), class: Class::UrlQuery });
                }
            }
            _ => {}
        }
        at += pair.len();
    }
}

/// The length of `:21:11` at the end.
fn place_in_file(value: &str) -> usize {
    let rest = value.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':');
    let place = &value[rest.len()..];
    place.find(':').map_or(0, |colon| place.len() - colon)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.sort_by_key(|found| (found.at.start, found.at.end));
        found.dedup();
        found.into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn credentials_and_values_are_found() {
        for (text, all) in [
            ("GET https://bob:pw@host/x?token=abc&id=7&e= failed", vec!["bob:pw", "abc", "7"]),
            ("postgres://app:ps/w@db:5432/shop", vec!["app:ps/w"]),
            ("redis://:pw@cache:6379/0", vec![":pw"]),
            ("mongodb+srv://u:p@h1,h2/db?authSource=admin.", vec!["u:p", "admin"]),
            ("GET /search?q=bob&n=2", vec!["bob", "2"]),
            ("(https://h/cb#access_token=abc&x=y).", vec!["abc", "y"]),
            ("app:pw@tcp(db:3306)/shop", vec!["app:pw"]),
            ("https://h/x?AbC123 and", vec!["AbC123"]),
            ("http://h/App.vue?vue&type=script&t=1690:21:11 ?", vec![]),
            ("at f (http://h/src/App.tsx?user=bob:21:11)", vec!["bob"]),
        ] {
            assert_eq!(values(text), all, "{text}");
        }
        let mut found = Vec::new();
        find_in_query("a=1&b=2", &mut found);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn places_are_left() {
        for text in [
            "https://host:8443/a/b.html#section-2 and http://[::1]:80/x",
            "http://host:8080/users/@bob/x@y",
            "https://host/service?wsdl",
            "really? a=b",
            "file:///usr/src/app/charge.js:21:11",
            "/usr/src/app/node_modules/@grpc/grpc-js/build/src/call.js:31:19",
            "https://sqlalche.me/e/14/e3q8",
        ] {
            assert!(values(text).is_empty(), "{text}: {:?}", values(text));
        }
    }
}
