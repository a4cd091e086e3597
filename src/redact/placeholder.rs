//! What stands in the place of what was taken out.

use crate::redact::class::Class;
use crate::redact::found::{Pattern, matches};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// `[email#1]`: equal values of a class have equal ordinals. Nothing of the value can be told from it.
pub(crate) fn placeholder(class: Class, ordinal: u32) -> String {
    format!("[{class}#{ordinal}]")
}

/// Also one that lost its end where a text was cut.
static SHAPE: Pattern =
    LazyLock::new(|| Regex::new(r"\[([a-z-]{2,14})#([0-9]{1,9})\]|\[[a-z-]{0,14}(?:#[0-9]{0,9})?…").ok());

/// Where a text has placeholders already: what they stand for was taken out before.
pub(crate) fn placeholders(text: &str) -> Vec<Range<usize>> {
    if !text.contains('[') {
        return Vec::new();
    }
    let Some(shape) = SHAPE.as_ref() else { return Vec::new() };
    let known = |found: &regex::Captures<'_>| found.get(1).is_none_or(|code| Class::from_code(code.as_str()).is_some());
    shape.captures_iter(text).filter(known).filter_map(|found| Some(found.get(0)?.range())).collect()
}

/// The classes and ordinals of the placeholders in a text.
pub(crate) fn told(text: &str) -> impl Iterator<Item = (Class, u32)> {
    let codes = matches(&SHAPE, 1, text).zip(matches(&SHAPE, 2, text));
    codes.filter_map(|(code, ordinal)| Some((Class::from_code(&text[code])?, text[ordinal].parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_again() {
        for class in Class::ALL {
            let text = format!("of {}, again", placeholder(class, 12));
            let found: Vec<&str> = placeholders(&text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, [placeholder(class, 12)], "{text}");
            assert_eq!(told(&text).collect::<Vec<_>>(), [(class, 12)]);
        }
        let cut = placeholders("x[url-que…\" y");
        assert!(matches!(&cut[..], [at] if *at == (1..12)), "{cut:?}");
        assert!(placeholders("a[0] [mail#1] [email#x] [4111111111111111]").is_empty());
    }
}
