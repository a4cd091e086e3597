//! Values that stand beside a name which says that they are secret: `password=...`, `"client_secret": "..."`.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, looks_random, matches};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Names that say it plainly, also as the end of a longer name (`DB_PASSWORD`, `aws_secret_access_key`).
macro_rules! plain_names {
    () => {
        concat!(
            r"(?:passw(?:or)?d|passphrase|passcode|secret|pwd",
            r"|secret[_-]?(?:access[_-]?)?key",
            r"|(?:api|access|account|private|signing|encryption|master|auth|functions)[_-]?key",
            r"|shared[_-]?access[_-]?(?:key|signature)",
            r"|(?:access|refresh|id|auth|session|security|csrf|xsrf|api|device|bot|registration|personal)[_-]?token",
            r"|client[_-]?assertion|connection[_-]?string)(?:[_-]?(?:hash|value))?[0-9]{0,2}"
        )
    };
}

/// Names that may mean something else: counted only with `=` or as the name of a member.
macro_rules! doubtful_names {
    () => {
        r"\b(?:[a-z]+[_-])?(?:token|credentials?|session[_-]?id|sessionid|jsessionid|phpsessid|sid|cvv2?|cvc2?|pin|otp)"
    };
}

/// A name, a quote that ends it, a sign; the value is looked for behind them.
static PLAIN: Pattern = LazyLock::new(|| {
    Regex::new(concat!(r"(?i)", plain_names!(), r#"((?:\\*["'])?\]?)\s{0,3}(=>|:=|==?|:)\s{0,3}"#)).ok()
});
static DOUBTFUL: Pattern = LazyLock::new(|| {
    Regex::new(concat!(r"(?i)", doubtful_names!(), r#"(?:\\*["']\]?\s{0,3}(?:=>|=|:)|\s?=)\s{0,3}"#)).ok()
});

/// An element of XML, and an argument of a command line.
static ELEMENT: Pattern =
    LazyLock::new(|| Regex::new(concat!(r"(?i)", plain_names!(), r"\s*>\s*([^<>\s][^<>]*)</")).ok());
static ARGUMENT: Pattern =
    LazyLock::new(|| Regex::new(concat!(r"(?i)\s--?[a-z-]*", plain_names!(), r#"\s+([^\s"'-][^\s"']*)"#)).ok());

/// The name of an attribute, as a whole.
static ATTRIBUTE: Pattern =
    LazyLock::new(|| Regex::new(concat!(r"(?i)(?:", plain_names!(), "|", doubtful_names!(), r")$")).ok());

/// Whether the value of an attribute is secret by its key.
pub(crate) fn is_secret(key: &str) -> bool {
    ATTRIBUTE.as_ref().is_some_and(|pattern| pattern.is_match(key))
}

/// Finds values beside such names.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let mut add = |at: Range<usize>| {
        if !at.is_empty() {
            found.push(Found { at, class: Class::Password });
        }
    };
    // What is a part of a value is no name, and no text is walked twice.
    let mut done = 0;
    let named = PLAIN.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text));
    for (whole, closing, sign) in named.filter_map(|found| Some((found.get(0)?, found.get(1)?, found.get(2)?))) {
        if whole.start() < done {
            continue;
        }
        let value = value_at(text, whole.end());
        done = value.at.end;
        let means_it = value.quoted || !closing.is_empty() || sign.as_str() != ":" || {
            let shown = &text[value.at.clone()];
            let spaced = whole.end() > sign.end();
            // `check_password:21` is a line of code, `password: must be longer` a sentence.
            let line = !spaced && shown.len() <= 5 && shown.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
            let prose = spaced && is_word(shown) && goes_on(&text[value.at.end..]);
            !(line || prose)
        };
        if means_it && !says_nothing(&text[value.at.clone()]) {
            add(value.at);
        }
    }
    done = 0;
    for whole in matches(&DOUBTFUL, 0, text) {
        if whole.start < done {
            continue;
        }
        let value = value_at(text, whole.end);
        done = value.at.end;
        let shown = &text[value.at.clone()];
        let means_it = value.quoted || (looks_random(shown) && !text[whole].ends_with("=="));
        if means_it && !says_nothing(shown) {
            add(value.at);
        }
    }
    for pattern in [&ELEMENT, &ARGUMENT] {
        matches(pattern, 1, text).filter(|at| !says_nothing(&text[at.clone()])).for_each(&mut add);
    }
}

/// A value, and whether it stood in quotes.
struct Value {
    at: Range<usize>,
    quoted: bool,
}

/// The value that begins at a place: up to the quote that ends it, which may be escaped as the one that began it was;
/// without quotes up to what ends a word. Values of a list are one.
fn value_at(text: &str, at: usize) -> Value {
    let opened = at + usize::from(text[at..].starts_with(['[', '(', '{']));
    let rest = &text[opened..];
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    let start = opened + escapes + 1;
    match rest[escapes..].chars().next() {
        Some(quote @ ('"' | '\'')) => Value { at: start..end_of_quote(text, start, quote, escapes), quoted: true },
        _ => {
            let ends = |c: char| {
                c.is_whitespace()
                    || matches!(c, '"' | '\'' | ',' | ';' | '&' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>')
            };
            let length = rest.find(ends).unwrap_or(rest.len());
            let length = rest[..length].find("\\n").unwrap_or(length);
            // A sentence goes on behind it.
            let length = rest[..length].trim_end_matches([':', '.', '!', '?']).len();
            Value { at: opened..opened + length, quoted: false }
        }
    }
}

/// Where the quote is that stands behind just as many backslashes; else the end of the text.
fn end_of_quote(text: &str, start: usize, quote: char, escapes: usize) -> usize {
    let mut slashes = 0;
    for (at, character) in text[start..].char_indices() {
        match character {
            '\\' => slashes += 1,
            _ if character == quote && slashes == escapes => return start + at - escapes,
            _ => slashes = 0,
        }
    }
    text.len()
}

fn is_word(shown: &str) -> bool {
    let letters = shown.trim_end_matches(['.', '!', '?']);
    let rest = letters.get(1..).unwrap_or_default();
    letters.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether a sentence goes on behind a word.
fn goes_on(rest: &str) -> bool {
    rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// Values that are none: nothing, a gap that a program fills, what was masked before.
fn says_nothing(value: &str) -> bool {
    const WORDS: [&str; 13] = [
        "null",
        "none",
        "nil",
        "undefined",
        "true",
        "false",
        "redacted",
        "filtered",
        "masked",
        "hidden",
        "omitted",
        "empty",
        "...",
    ];
    let value = value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '[' | ']' | '*' | '•' | '.'));
    value.is_empty()
        || value.bytes().all(|byte| matches!(byte, b'x' | b'X'))
        || WORDS.contains(&&*value.to_ascii_lowercase())
        || value.starts_with("${")
        || value.starts_with("{{")
        || matches!(value, "?" | "$" | "%" | "%s" | "%v" | "{}" | "%(password)s" | "$1" | "$2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.sort_by_key(|found| found.at.start);
        found.dedup();
        found.into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn values_are_found_in_any_spelling() {
        for (text, value) in [
            ("password=hunter2 host=db", "hunter2"),
            ("DB_PASSWORD: hunter2", "hunter2"),
            ("Password: hunter", "hunter"),
            ("{\"password\":\"hun\\\"ter2\",\"n\":1}", "hun\\\"ter2"),
            ("{\\\"password\\\": \\\"hunter2\\\", \\\"n\\\": 1}", "hunter2"),
            ("{'client_secret': 'hunter two'}", "hunter two"),
            ("{\"clientSecret\": 1234}", "1234"),
            ("{\"x-api-key\":[\"k-1\"]}", "k-1"),
            ("aws_secret_access_key = fAkE/fAkE+fAkE", "fAkE/fAkE+fAkE"),
            ("AccountKey=ZmFrZQ==;EndpointSuffix=x", "ZmFrZQ=="),
            ("jdbc: user=app;Pwd=hunter2;", "hunter2"),
            ("token=tok-123456 expired", "tok-123456"),
            ("{\"token\":\"hunter\"}", "hunter"),
            ("<db:password>hunter2</db:password>", "hunter2"),
            ("exec: tool --password hunter2 --verbose", "hunter2"),
            ("{\"password\":\"cut off he", "cut off he"),
            ("{:password=>\"hunter2\"}", "hunter2"),
            ("params[password]=hunter2", "hunter2"),
        ] {
            assert_eq!(values(text), [value], "{text}");
        }
    }

    #[test]
    fn what_tells_no_secret_is_left() {
        for text in [
            "invalid password: must be at least 8 characters",
            "Secret: not found in namespace",
            "at validatePassword (/app/password.js:21:11)",
            "user.rb:21:in `check_password:21'",
            "password=*** secret=<redacted> pwd=${DB_PWD} password: null password=\"\"",
            "Unexpected token = in JSON at position 5",
            "Unexpected token '=', \"a=b\" is not valid",
            "tokens=512 max_tokens: 100 pin: x",
            "passwordless login failed, secretName: shop",
            "the key access_token is missing",
        ] {
            assert!(values(text).is_empty(), "{text}: {:?}", values(text));
        }
    }

    #[test]
    fn keys_of_attributes_tell() {
        for key in ["app.db.password", "client_secret", "http.request.header.x-api-key", "app.token", "userPassword"] {
            assert!(is_secret(key), "{key}");
        }
        for key in ["app.payment.amount", "gen_ai.usage.tokens", "password.length", "app.user.currency", "pinned"] {
            assert!(!is_secret(key), "{key}");
        }
    }
}
