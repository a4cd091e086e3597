//! Private keys in PEM (RFC 7468) and OpenPGP armour, also where the text ends before the key does.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::sync::LazyLock;

static BLOCK: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?s)-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?",
        r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\z)"
    ))
    .ok()
});

/// Finds private keys. The lines around them are taken out too.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    if text.contains("PRIVATE KEY") {
        found.extend(matches(&BLOCK, 0, text).map(|at| Found { at, class: Class::Key }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_with_and_without_their_end() {
        for sort in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "] {
            let begin = format!("-----{} {sort}PRIVATE KEY-----", "BEGIN");
            let key = format!("{begin}\nZmFrZQ==\\nZmFrZQ==\n-----{} {sort}PRIVATE KEY-----", "END");
            let text = format!("cannot parse {key} of x, -----BEGIN CERTIFICATE-----");
            let mut found = Vec::new();
            find(&text, &mut found);
            assert_eq!(found, [Found { at: 13..13 + key.len(), class: Class::Key }]);
            let cut = &text[..13 + begin.len() + 4];
            found.clear();
            find(cut, &mut found);
            assert_eq!(found, [Found { at: 13..cut.len(), class: Class::Key }]);
        }
    }
}
