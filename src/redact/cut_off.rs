//! Secrets that lost their end where a text was cut: too short for their shapes, and still not to be shown.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::sync::LazyLock;

/// What a cut text ends with, perhaps behind the quote of a message.
macro_rules! cut {
    () => {
        r#"\\?"?…"#
    };
}

static TOKEN: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b((?:eyJ|gh[pousr]_|github_pat_|gl(?:pat|rt|dt|cbt|ptt|ft|soat|imt|agent|oas|sa|c)[-_]|xox[a-z]|xapp-|npm_|pypi-",
        r"|dckr_|hf_|hv[sbr]\.|do[opr]_v1_|shp(?:at|ca|pa|ss)_|lin_api_|ATATT3|ya29\.)[A-Za-z0-9._-]*)",
        cut!()
    ))
    .ok()
});
static KEY: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b((?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]|[srp]k_(?:live|test)_|whsec_|AIza|GOCSPX-|SG\.|sk-)[A-Za-z0-9._-]*)",
        cut!()
    ))
    .ok()
});
static CARD: Pattern = LazyLock::new(|| Regex::new(concat!(r"\b([3-6](?:[ -]?[0-9]){5,18})[ -]?", cut!())).ok());
static EMAIL: Pattern = LazyLock::new(|| Regex::new(concat!(r"([\p{L}\p{N}._%+'-]+@[\p{L}\p{N}.-]*)", cut!())).ok());
static BASIC: Pattern =
    LazyLock::new(|| Regex::new(concat!(r"(?i)\b(?:basic|bearer)\s+([A-Za-z0-9._~+/-]+)", cut!())).ok());
static URL: Pattern = LazyLock::new(|| {
    Regex::new(concat!(r#"[A-Za-z][A-Za-z0-9+.-]{1,20}://([^\s"'/@?#:]*:[^\s"'/@?#]*)"#, cut!())).ok()
});

/// Finds starts of secrets right before the mark of a cut.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    if !text.contains('…') {
        return;
    }
    for (pattern, class) in [
        (&TOKEN, Class::Token),
        (&KEY, Class::Key),
        (&CARD, Class::Card),
        (&EMAIL, Class::Email),
        (&BASIC, Class::Authorization),
    ] {
        found.extend(matches(pattern, 1, text).map(|at| Found { at, class }));
    }
    // A port has digits only.
    let with_password = matches(&URL, 1, text).filter(|at| {
        text[at.clone()].rsplit(':').next().is_some_and(|port| port.bytes().any(|byte| !byte.is_ascii_digit()))
    });
    found.extend(with_password.map(|at| Found { at, class: Class::UrlCredential }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_found_before_a_cut_only() {
        for (start, class) in [
            ("gh\u{70}_0fAk", Class::Token),
            ("4111 1111 11", Class::Card),
            ("bob@exam", Class::Email),
            ("sk\u{5f}live_x", Class::Key),
        ] {
            for (cut, hit) in [("… [cut]", 1), ("\"…", 1), ("\\\"…", 1), (" is rejected", 0)] {
                let text = format!("got {start}{cut}");
                let mut found = Vec::new();
                find(&text, &mut found);
                assert_eq!(found.len(), hit, "{text}");
                assert!(found.iter().all(|found| found.class == class && text[found.at.clone()] == *start), "{text}");
            }
        }
    }
}
