//! Telemetry made harmless for Markdown, as GitHub and GitLab render it.
//!
//! What telemetry says must show as it is, and must not become markup, a link, an image, a mention or a reference. Escapes
//! do not do: GitHub looks for `@name`, `#1`, commit ids, `:emoji:` and addresses in the text that is left once Markdown
//! is rendered, where an escape is gone. It does not look into code. So everything that is not a plain word stands in code:
//!
//! ```text
//! redis fails cartservice with "connect 127.0.0.1:16399" (index.js:25); 19 of 215
//! └─ plain ─┘             └────┘         └── code ──┘     └─ code ┘   └─ plain ─┘
//! ```
//!
//! There are two media: running Markdown, where code is a span between backticks; and HTML blocks (tables, summaries of
//! folds, stack traces), in which Markdown is not read at all, and where code is `<code>` with `&`, `<` and `>` as entities.

use crate::report::plain_text::one_line;
use std::fmt::Write;

/// What a text is written into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Medium {
    /// A paragraph, heading or list item.
    Markdown,
    /// A block that starts with a tag.
    Html,
}

impl Medium {
    /// A name or a message, as code, on one line and of no more than `most` characters.
    pub(crate) fn code(self, text: &str, most: usize) -> String {
        match self {
            Self::Markdown => code_span(&cut(text, most)),
            Self::Html => format!("<code>{}</code>", escaped(&cut(text, most))),
        }
    }

    /// A sentence, on one line and of no more than `most` characters: what could mean something besides itself as code.
    /// Any white space becomes one space.
    pub(crate) fn words(self, sentence: &str, most: usize) -> String {
        let line = cut(sentence, most);
        let mut out = String::with_capacity(line.len() * 2);
        let mut code = String::new();
        for (at, word) in line.split_whitespace().enumerate() {
            let parts = Parts::of(word);
            // `1.` and `1)` at the start of a line would be a list.
            let is_number = !parts.core.is_empty() && parts.core.bytes().all(|byte| byte.is_ascii_digit());
            let is_plain = parts.is_plain() && !(at == 0 && is_number);
            if !code.is_empty() && (is_plain || !parts.before.is_empty()) {
                out.push_str(&self.code(&code, usize::MAX));
                code.clear();
            }
            if code.is_empty() && at > 0 {
                out.push(' ');
            }
            if is_plain {
                out.push_str(word);
                continue;
            }
            out.push_str(parts.before);
            if !code.is_empty() {
                code.push(' ');
            }
            code.push_str(parts.core);
            if !parts.after.is_empty() {
                out.push_str(&self.code(&code, usize::MAX));
                code.clear();
                out.push_str(parts.after);
            }
        }
        if !code.is_empty() {
            out.push_str(&self.code(&code, usize::MAX));
        }
        out
    }
}

/// A word with the punctuation of prose around it.
struct Parts<'a> {
    before: &'a str,
    core: &'a str,
    after: &'a str,
}

impl<'a> Parts<'a> {
    fn of(word: &'a str) -> Self {
        let rest = word.trim_start_matches(['(', '"', '\'']);
        let core = rest.trim_end_matches(['.', ',', ';', ':', ')', '"', '\'', '…']);
        Self { before: &word[..word.len() - rest.len()], core, after: &rest[core.len()..] }
    }

    /// Whether neither Markdown nor what comes after it makes anything of the word.
    fn is_plain(&self) -> bool {
        self.core.is_empty() || self.core == "%" || is_plain(self.core)
    }
}

/// Letters and digits; a hyphen or apostrophe between letters (`GH-1` is a reference), a point or comma between digits.
/// What could be the id of a commit is not plain.
fn is_plain(word: &str) -> bool {
    let mut before = ' ';
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let fits = match character {
            '-' | '\'' => before.is_alphabetic() && after.is_alphabetic(),
            '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
            _ => character.is_alphanumeric(),
        };
        if !fits {
            return false;
        }
        before = character;
    }
    let is_commit = |part: &str| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    !word.split(|character: char| !character.is_alphanumeric()).any(is_commit)
}

/// A span of code. Its delimiter is the shortest run of backticks that the text does not hold: a longer one than any in the
/// text would do for the specification, but parsers take no more than 80.
fn code_span(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let runs: Vec<usize> = text.split(|character| character != '`').map(str::len).filter(|&run| run > 0).collect();
    // Of as many lengths as there are runs, and one more, one is free.
    let free = (1..=runs.len() + 1).find(|length| !runs.contains(length)).unwrap_or(1);
    let delimiter = "`".repeat(free);
    // One space on either side is taken off again, unless there are spaces only.
    let spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim_matches(' ').is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{delimiter}{pad}{text}{pad}{delimiter}")
}

/// Lines as they are, such as a stack trace, in a block of their own that ends with a line break. Of a fence some parsers
/// know no length beyond 255, so that a hostile text could close it; in `<pre>` nothing is read but entities and `</pre>`.
/// Two spaces before each line: bots take a word at the very start of a line of a comment for a command.
pub(crate) fn lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        shown.push_str(if line.is_empty() { "" } else { "  " });
        for (at, part) in line.split('\t').enumerate() {
            if at > 0 {
                shown.push('\t');
            }
            shown.push_str(&visible(part));
        }
        shown.push('\n');
    }
    format!("<pre>\n{}</pre>\n", escaped(&shown))
}

/// `&`, `<` and `>` as entities: what stands in HTML outside of tags needs no more.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One line that can be seen, of no more than `most` characters.
fn cut(text: &str, most: usize) -> String {
    cut_line(text, most, visible)
}

/// The line that `shown` makes of a text, of no more than `most` characters.
pub(crate) fn cut_line(text: &str, most: usize, shown: impl Fn(&str) -> String) -> String {
    // What is cut off is not worth looking at; an escape is longer than what it stands for, so that this is enough.
    let enough: String = text.chars().take(most.saturating_add(1)).collect();
    let line = shown(&enough);
    match line.char_indices().nth(most) {
        None => line,
        Some((at, _)) => format!("{}…", &line[..at]),
    }
}

/// [`one_line`], with what has no width shown as an escape too, so that no two names look alike.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        if matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        ) {
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
    use super::Medium::{Html, Markdown};
    use super::*;
    use proptest::prelude::*;

    /// A line of Markdown as the specification reads it, if it holds nothing but plain words and spans of code.
    fn read(markdown: &str) -> Result<String, String> {
        let (mut text, mut rest) = (String::new(), markdown);
        while let Some(start) = rest.find('`') {
            let (plain, code) = rest.split_at(start);
            text.push_str(plain_only(plain)?);
            let run = code.len() - code.trim_start_matches('`').len();
            let inside = &code[run..];
            let ends = |at: &usize| {
                let from = &inside[*at..];
                !inside[..*at].ends_with('`') && from.len() - from.trim_start_matches('`').len() == run
            };
            let end = (0..inside.len()).filter(|&at| inside.is_char_boundary(at)).find(ends).ok_or("left open")?;
            let content = &inside[..end];
            let stripped = content.strip_prefix(' ').and_then(|content| content.strip_suffix(' '));
            text.push_str(stripped.filter(|_| !content.trim_matches(' ').is_empty()).unwrap_or(content));
            rest = &inside[end + run..];
        }
        text.push_str(plain_only(rest)?);
        Ok(text)
    }

    fn plain_only(text: &str) -> Result<&str, String> {
        let plain = |it: char| it.is_alphanumeric() || " .,;:()\"'…%-".contains(it);
        if text.chars().all(plain) { Ok(text) } else { Err(format!("not plain: {text:?}")) }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[a-z ]{0,6}",
            "[`@#:<>&|*_~\\\\.,;()\"'!$%0-9\\[\\]-]{1,3}",
            "`{1,40}",
            "\\PC{0,3}",
            "\u{202e}|\u{0}|\n| "
        ];
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_sentence_is_read_as_it_was(text in hostile()) {
            let one_spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let found = read(&Markdown.words(&text, usize::MAX));
            prop_assert_eq!(found.map(|found| one_spaced(&found)), Ok(one_spaced(&visible(&text))));
        }

        #[test]
        fn any_code_is_read_as_it_was(text in hostile()) {
            let shown = visible(&text);
            let wanted = if shown.is_empty() { "(empty)".to_owned() } else { shown.clone() };
            prop_assert_eq!(read(&Markdown.code(&text, usize::MAX)), Ok(wanted));
            let html = Html.code(&text, usize::MAX);
            let inside = html.strip_prefix("<code>").and_then(|html| html.strip_suffix("</code>")).unwrap_or("<");
            prop_assert!(!inside.contains(['<', '>']));
            prop_assert_eq!(inside.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), shown);
        }

        #[test]
        fn any_lines_stay_in_their_block(text in hostile()) {
            let block = lines(&text);
            let inside = block.strip_prefix("<pre>\n").and_then(|it| it.strip_suffix("</pre>\n")).unwrap_or("<");
            prop_assert!(!inside.contains(['<', '>']));
            prop_assert!(inside.lines().all(|line| line.is_empty() || line.starts_with("  ")));
        }
    }

    #[test]
    fn plain_words_stay_and_all_else_is_code() {
        let told = |sentence| Markdown.words(sentence, 500);
        assert_eq!(
            told("redis fails X of cart-service with \"connect 127.0.0.1:16399\" (index.js:25); 19 of 215 (9 %), p95"),
            "redis fails X of cart-service with \"connect `127.0.0.1:16399`\" (`index.js:25`); 19 of 215 (9 %), p95"
        );
        assert_eq!(told("POST /api/checkout  of\nfrontend"), "POST `/api/checkout` of frontend");
        assert_eq!(told("ask @who #1 now"), "ask `@who #1` now");
        assert_eq!(
            told("GH-12, deadbeef; www.a.b: 1234567 it's 12.5"),
            "`GH-12`, `deadbeef`; `www.a.b`: `1234567` it's 12.5"
        );
        assert_eq!((told("1. one"), told(". one")), ("`1`. one".to_owned(), ". one".to_owned()));
        assert_eq!(told("- [x] <b> `a` ![i](u)"), "``- [x] <b> `a` ![i](u``)");
        assert_eq!(Html.words("a <b> & @c d", 500), "a <code>&lt;b&gt; &amp; @c</code> d");
    }

    #[test]
    fn spans_hold_backticks_of_any_number() {
        assert_eq!(Markdown.code("a`b", 9), "``a`b``");
        assert_eq!(Markdown.code("`", 9), "`` ` ``");
        assert_eq!(Markdown.code("```` ` ``", 99), "``` ```` ` `` ```");
        assert_eq!(Markdown.code(&"`".repeat(300), 999), format!("` {} `", "`".repeat(300)));
        assert_eq!(Markdown.code(" a ", 9), "`  a  `");
        assert_eq!(Markdown.code("", 9), "(empty)");
        assert_eq!(Markdown.code("a\u{202e}\u{ad}\nb", 99), "`a\\u{202e}\\u{ad} b`");
        assert_eq!(Markdown.code("abcdef", 4), "`abcd…`");
        assert_eq!(Markdown.code("a\u{1b}[31m", 4), "`a\\u{…`");
    }

    #[test]
    fn lines_end_only_where_the_block_ends() {
        let block = lines("Error: </pre>\r\n\tat a\u{7}\n\n```");
        assert_eq!(block, "<pre>\n  Error: &lt;/pre&gt;\n  \tat a\\u{7}\n\n  ```\n</pre>\n");
    }
}
