//! Texts that hold nothing by their form, as most values of attributes: they need not be looked through.

/// Longer words may be tokens, numbers of cards or of accounts: a token of Slack has 13 characters at least, a card 13 digits.
const SHORT: usize = 12;

/// Where the hyphens of a UUID are (RFC 9562, section 4), and how long it is.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID: usize = 36;

/// Whether a text is a short word, a short number or a UUID. Nothing that is looked for has such a form: all that is named, quoted
/// or an address has other characters; no group of a UUID is as long as a token, and its groups are not those of a card.
pub(crate) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.len() {
        0..=SHORT => bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'),
        UUID => bytes
            .iter()
            .enumerate()
            .all(|(place, &byte)| if HYPHENS.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::class::Class;
    use crate::redact::found::Found;
    use crate::redact::{cards, cut_off, emails, headers, named_secrets, personal, private_keys, sql, tokens, urls};
    use proptest::prelude::*;

    const FINDERS: [fn(&str, &mut Vec<Found>); 12] = [
        cards::find,
        tokens::find,
        private_keys::find,
        emails::find,
        headers::find,
        urls::find,
        named_secrets::find,
        sql::find,
        personal::find_ips,
        personal::find_ibans,
        personal::find_phones,
        cut_off::find,
    ];

    fn found(text: &str) -> Vec<Class> {
        let mut found = Vec::new();
        FINDERS.iter().for_each(|find| find(text, &mut found));
        found.into_iter().map(|found| found.class).collect()
    }

    #[test]
    fn what_may_be_secret_is_not_plain() {
        for text in ["4111111111111111", "xoxb-12345678", "a@b.example", "pin=12", "10.0.0.7", "a b"] {
            assert!(!is_plain(text), "{text}");
        }
        for text in ["", "USD", "SKU-01", "is_member", "123456789012", "2d11c4f3-7f3a-4c1d-9e2b-243ad4f930d6"] {
            assert!(is_plain(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn nothing_is_found_in_what_is_plain(
            text in prop_oneof![
                "[0-9A-Za-z_-]{1,12}",
                "(xox[abp]-|sk-|gh[po]_|eyJ|AKIA|ACCA|SG|key-|hf_)[0-9A-Za-z_-]{0,7}",
                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}",
                "[0-9]{4}(4111|3782)-[0-9]{4}-[0-9]{4}-1111-(4111|[A-F0-9]{4})(11111111|[0-9]{8})",
            ],
        ) {
            prop_assert!(is_plain(&text));
            prop_assert_eq!(found(&text), vec![]);
        }
    }
}
