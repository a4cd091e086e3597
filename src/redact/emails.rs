//! E-mail addresses, told from what else has an `@`: versions of packages, scopes, decorators, receivers.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, matches};
use regex::Regex;
use std::sync::LazyLock;

static SHAPE: Pattern =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?").ok());

/// What files end in: the last part of `icon@2x.png` is no domain.
const FILES: [&str; 33] = [
    "js", "ts", "mjs", "cjs", "jsx", "tsx", "vue", "py", "rb", "go", "java", "kt", "scala", "cs", "php", "html", "css",
    "json", "jsonl", "map", "png", "jpg", "svg", "gif", "txt", "log", "zst", "gz", "zip", "tgz", "jar", "pb", "xml",
];

/// Names before an `@` that are no person's: of Kotlin's receivers, of git over SSH, of Erlang's nodes.
const NOBODY: [&str; 5] = ["this", "super", "return", "git", "rabbit"];

/// Finds e-mail addresses.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    if !text.contains('@') && !text.contains("%40") {
        return;
    }
    for at in matches(&SHAPE, 0, text) {
        let shown = &text[at.clone()];
        let (sign, width) = match shown.rfind('@') {
            Some(sign) => (sign, 1),
            None => (shown.find("%40").unwrap_or_default(), 3),
        };
        let (local, domain) = (&shown[..sign], &shown[sign + width..]);
        let local_is_fine = local.chars().any(char::is_alphanumeric) && !NOBODY.contains(&local);
        if let Some(length) = domain_of(domain)
            && local_is_fine
        {
            let lead = local.len() - local.trim_start_matches(['.', '%', '\'', '-', '+']).len();
            found.push(Found { at: at.start + lead..at.start + sign + width + length, class: Class::Email });
        }
    }
}

/// How much of a text is a domain that mail can go to: labels, the last of them in letters and no ending of a file.
fn domain_of(text: &str) -> Option<usize> {
    let mut domain = text;
    loop {
        let (rest, last) = domain.rsplit_once('.')?;
        if FILES.contains(&&*last.to_ascii_lowercase()) {
            domain = rest;
            continue;
        }
        let letters = last.chars().all(char::is_alphabetic) && (2..=24).contains(&last.chars().count());
        let labels = rest.split('.').all(|label| !label.is_empty());
        return (letters && labels).then_some(domain.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emails(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn addresses_are_found() {
        for (text, email) in [
            ("mail to bob@example.com.", "bob@example.com"),
            ("<Ann.O'Neil+x@mail.example.co.uk>", "Ann.O'Neil+x@mail.example.co.uk"),
            ("'jürgen@exämple.de'", "jürgen@exämple.de"),
            ("?m=bob%40example.com&x", "bob%40example.com"),
            ("dumps/bob@example.com.json", "bob@example.com"),
            ("{\"to\":\"a_b@x.io\"}", "a_b@x.io"),
            ("bob@example.com:25", "bob@example.com"),
        ] {
            assert_eq!(emails(text), [email], "{text}");
        }
    }

    #[test]
    fn other_signs_are_none() {
        for text in [
            "node_modules/@grpc/grpc-js/build/src/call.js:31:19",
            "/pnpm/@grpc+grpc-js@1.8.0/node_modules/@grpc",
            "github.com/x@v1.2.3/file.go:12",
            "/root/go/pkg/mod/google.golang.org/grpc@v1.60.1/server.go:1343",
            "at java.base@17.0.2/java.lang.Thread.run(Thread.java:833)",
            "com.foo.Bar@1a2b3c",
            "icon@2x.png lodash@4.17.21",
            "@app.route(\"/x\")",
            "this@MainActivity.onCreate",
            "git@github.com:shop/cart.git",
            "'app'@'10.0.0.1' to 'root'@'localhost'",
            "next@13.4.1_react-dom@18.2.0_react@18.2.0/index.js",
        ] {
            assert!(emails(text).is_empty(), "{text}: {:?}", emails(text));
        }
    }
}
