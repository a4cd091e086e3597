//! Telemetry made harmless for a terminal: it may hold control codes, and reading a report must not run them.

use std::borrow::Cow;

/// Characters that steer a terminal or turn the direction of text.
pub(crate) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text on one line, with line breaks as spaces and everything that steers a terminal shown as an escape.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => harmless.push(' '),
            _ if steers(character) => harmless.extend(character.escape_unicode()),
            _ => harmless.push(character),
        }
    }
    Cow::Owned(harmless)
}

/// [`one_line`], cut to `width` columns with an ellipsis at the end.
#[must_use]
pub fn fitted(text: &str, width: usize) -> String {
    let line = one_line(text);
    if unicode_width::UnicodeWidthStr::width(&*line) <= width {
        return line.into_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for character in line.chars() {
        used += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_are_shown_and_not_sent() {
        assert_eq!(one_line("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(one_line("over\u{202e}ride"), "over\\u{202e}ride");
        assert_eq!(one_line("two\nlines\tand tab"), "two lines and tab");
        assert!(matches!(one_line("plain ü 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_cut_to_its_columns() {
        assert_eq!(fitted("abcdef", 4), "abc…");
        assert_eq!(fitted("漢字漢字", 5), "漢字…");
        assert_eq!(fitted("abcd", 4), "abcd");
    }
}
