//! Undoes what transport does to a stack trace: colours, line ends, escapes.

use std::borrow::Cow;

/// A stack trace with `\n` as its only line end and without colours.
#[derive(Debug)]
pub(super) struct Plain<'a> {
    /// The text.
    pub(super) text: Cow<'a, str>,
    /// Whether somebody put it all on one line, so that the frames must be found without line ends.
    pub(super) flat: bool,
}

/// Cleans a stack trace as it came.
pub(super) fn plain(stacktrace: &str) -> Plain<'_> {
    let mut text = Cow::Borrowed(stacktrace);
    if text.contains('\x1b') {
        text = Cow::Owned(without_escape_codes(&text));
    }
    if text.contains('\r') {
        text = Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    let one_line = |text: &str| !text.trim_matches('\n').contains('\n');
    if one_line(&text) && has_written_line_ends(&text) {
        text = Cow::Owned(unescaped(&text));
    }
    let flat = one_line(&text);
    Plain { text, flat }
}

/// Drops ANSI sequences (`ESC [ ... letter`), and the bare escape character of any other.
fn without_escape_codes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('\x1b');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.strip_prefix('[').map_or(part, |codes| {
            let codes = codes.trim_start_matches(|c: char| ('\x20'..='\x3f').contains(&c));
            let mut rest = codes.chars();
            match rest.next() {
                Some('\x40'..='\x7e') => rest.as_str(),
                _ => codes,
            }
        });
        out.push_str(rest);
    }
    out
}

/// How lines of stack traces begin.
const LINE_STARTS: [&str; 21] = [
    " ",
    "\\t",
    "\\n",
    "[",
    "}",
    "for call at",
    "caused by",
    "Caused by",
    "Traceback (",
    "During handling",
    "The above exc",
    "Node.js ",
    "#",
    "Stack trace:",
    "Next ",
    "goroutine ",
    "** (",
    "from ",
    "@",
    "/",
    "./",
];

/// Whether line ends were written as `\n`. A line of code that is quoted may hold that, too: then no line of a stack trace
/// begins there.
fn has_written_line_ends(text: &str) -> bool {
    let joined_by_at = |rest: &str| {
        let word = &rest[..rest.floor_char_boundary(200)];
        word.find(['@', '\\']).is_some_and(|at| word[at..].starts_with("@http"))
    };
    let mut ends = text.match_indices("\\n").map(|(at, end)| &text[at + end.len()..]);
    ends.any(|rest| LINE_STARTS.iter().any(|start| rest.starts_with(start)) || joined_by_at(rest))
}

/// Turns the two characters `\n` into a line end, and the other escapes of JSON strings back likewise.
///
/// A Windows path may hold `\n` of its own (`C:\new`); where there is a drive letter, only what looks like the start
/// of a line of a stack trace makes a `\n` a line end.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_drive = |at: usize| {
        let alone = at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
        alone && bytes[at].is_ascii_alphabetic()
    };
    let drive = bytes.windows(3).enumerate().any(|(at, w)| w[1] == b':' && w[2] == b'\\' && is_drive(at));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (shown, used) = match after.as_bytes().first() {
            Some(b'n') if !drive || LINE_STARTS.iter().any(|start| after[1..].starts_with(start)) => ("\n", 1),
            Some(b'r') if after.starts_with("r\\n") => ("", 1),
            Some(b't') if !drive => ("\t", 1),
            Some(b'"') => ("\"", 1),
            Some(b'\\') => ("\\", 1),
            _ => ("\\", 0),
        };
        out.push_str(shown);
        rest = &after[used..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_line_ends_go() {
        let plain = plain("\x1b[1;31mError\x1b[0m: a\r\n    at f\rx");
        assert_eq!(plain.text, "Error: a\n    at f\nx");
        assert!(!plain.flat);
    }

    #[test]
    fn a_broken_escape_code_loses_no_text() {
        assert_eq!(plain("a\x1b[31").text, "a");
        assert_eq!(plain("a\x1b\u{e9}\x1b[\u{e9}").text, "a\u{e9}\u{e9}");
    }

    #[test]
    fn written_line_ends_become_real() {
        let plain = plain(r#"Error: a\n    at f\r\n\tstatus \"x\""#);
        assert_eq!(plain.text, "Error: a\n    at f\n\tstatus \"x\"");
        assert!(!plain.flat);
    }

    #[test]
    fn a_windows_path_keeps_its_backslashes() {
        let text = r"Error: a\n    at f (C:\new\tool.js:1:2)";
        assert_eq!(plain(text).text, "Error: a\n    at f (C:\\new\\tool.js:1:2)");
        let text = r"Error: a\n    at f (C:\run\a.js:1:2)";
        assert_eq!(plain(text).text, "Error: a\n    at f (C:\\run\\a.js:1:2)");
    }
}
