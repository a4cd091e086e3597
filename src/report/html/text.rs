//! Telemetry made harmless for a page. Every markup character is escaped by the templates; what is left to do here is what
//! no escape helps against: characters that cannot be seen or turn the direction of text, and texts without end.

use crate::report::markdown_text::{cut_line, visible};
use maud::{Markup, html};
use std::fmt::Write;

/// How many characters of a name are shown.
const NAME: usize = 160;
/// How many characters of a message are shown where there is room.
pub(crate) const MESSAGE: usize = 600;
/// How many characters of a sentence are shown.
const SENTENCE: usize = 900;

/// One line that can be seen, of no more than `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    cut_line(text, most, |text| without_noncharacters(&visible(text)))
}

/// The name of something, as plain text.
pub(crate) fn name(text: &str) -> String {
    line(text, NAME)
}

/// The name of something, in letters of equal width.
pub(crate) fn code(text: &str) -> Markup {
    html! { code { (shown_or_empty(&name(text))) } }
}

/// A number of our own that no line may break.
pub(crate) fn unbroken(number: &str) -> Markup {
    html! { span.unbroken { (number) } }
}

/// What somebody else's program said, no more than `most` characters of it.
pub(crate) fn message(text: &str, most: usize) -> Markup {
    let one_spaced = text.split_whitespace().take(most).collect::<Vec<_>>().join(" ");
    html! { q { (line(&one_spaced, most)) } }
}

/// A sentence.
pub(crate) fn sentence(text: &str) -> String {
    line(text, SENTENCE)
}

/// Lines as they are, such as a stack trace: what cannot be seen is shown as an escape, tabs are kept.
pub(crate) fn lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (number, row) in text.replace("\r\n", "\n").split(['\n', '\r']).enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        for (at, part) in row.split('\t').enumerate() {
            if at > 0 {
                shown.push('\t');
            }
            shown.push_str(&without_noncharacters(&visible(part)));
        }
    }
    shown
}

fn shown_or_empty(text: &str) -> &str {
    if text.is_empty() { "(empty)" } else { text }
}

/// Code points that Unicode keeps for nobody: HTML does not allow them at all.
fn without_noncharacters(text: &str) -> String {
    let is_nobodys = |c: char| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_nobodys(character) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(name("a\u{202e}b\u{0}\u{fffe}\u{fdd0}\nc"), "a\\u{202e}b\\u{0}\\u{fffe}\\u{fdd0} c");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(lines("a\r\n\tb\u{7}\rc"), "a\n\tb\\u{7}\nc");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(code("<b onclick='x'>&\"").into_string(), "<code>&lt;b onclick='x'&gt;&amp;&quot;</code>");
        assert_eq!(code("").into_string(), "<code>(empty)</code>");
        assert!(message(&"a ".repeat(1_000_000), MESSAGE).into_string().len() < 700);
    }
}
