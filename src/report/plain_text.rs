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

/// The text with its lines kept and everything else that steers a terminal shown, harmless in the log of a job.
#[must_use]
pub fn harmless_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(one_line).collect();
    harmless_in_a_log(&lines.join("\n"))
}

/// The text with a blank in everything that runners take for a command when it comes by in the log of a job. To GitHub
/// Actions that are two colons that begin a line (`: :error`), and the older `##[` anywhere (`## [error]`); to Azure
/// Pipelines `##vso[` anywhere (`## vso[`). Colours are looked through, since they may be taken out on the way.
/// Specification: "Workflow commands for GitHub Actions" (the runner trims the start of a line), "Logging commands" of Azure
/// Pipelines.
#[must_use]
pub fn harmless_in_a_log(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    // What can be seen of the line so far: nothing but blanks, or these as the last two characters.
    let (mut begins, mut last) = (true, [' '; 2]);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            harmless.push(character);
            // A sequence of colour: up to its letter.
            for part in characters.by_ref() {
                harmless.push(part);
                if part.is_ascii_alphabetic() {
                    break;
                }
            }
            continue;
        }
        let is_command = match character {
            ':' => begins && last[1] == ':',
            '[' | 'v' | 'V' => last == ['#', '#'],
            _ => false,
        };
        if is_command {
            harmless.push(' ');
        }
        harmless.push(character);
        begins = match character {
            '\n' | '\r' => true,
            ':' => begins && last[1] != ':',
            _ => begins && character.is_whitespace() && last[1] != ':',
        };
        last = [last[1], character];
    }
    harmless
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
    fn no_line_is_a_command_of_the_job_that_it_is_printed_in() {
        for (text, harmless) in [
            ("::error::x", ": :error::x"),
            ("a\n \t::stop-commands::x", "a\n \t: :stop-commands::x"),
            ("a\r::x\r\n::y", "a\r: :x\r\n: :y"),
            ("\u{1b}[1m::add\u{1b}[0m-mask::x", "\u{1b}[1m: :add\u{1b}[0m-mask::x"),
            (" :\u{1b}[1m:x", " :\u{1b}[1m :x"),
            (":::x", ": ::x"),
            ("a ##[error]x ###[y", "a ## [error]x ### [y"),
            ("a ##vso[task.setvariable]x ##VSO[y", "a ## vso[task.setvariable]x ## VSO[y"),
            ("##\u{1b}[31m[x", "##\u{1b}[31m [x"),
            ("std::io::Error", "std::io::Error"),
            (": ::x\n:a::b\n# #[z] [::1]", ": ::x\n:a::b\n# #[z] [::1]"),
        ] {
            assert_eq!(harmless_in_a_log(text), harmless);
        }
    }

    #[test]
    fn lines_stay_and_what_steers_in_them_is_shown() {
        assert_eq!(harmless_lines("a\u{1b}[31m\n  ::b\u{202e}\n"), "a\\u{1b}[31m\n  : :b\\u{202e}\n");
    }

    #[test]
    fn long_text_is_cut_to_its_columns() {
        assert_eq!(fitted("abcdef", 4), "abc…");
        assert_eq!(fitted("漢字漢字", 5), "漢字…");
        assert_eq!(fitted("abcd", 4), "abcd");
    }
}
