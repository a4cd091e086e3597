//! Cuts a stack trace into its lines, also one that lost its line ends.

use crate::analyze::stack::language::Fit;

/// How far a mark is looked at: frames are shorter, and looking no further keeps hostile texts from being read again and
/// again.
const LOOKED_AT: usize = 512;

/// The lines of a text; of one that lost its line ends, what would be its lines.
///
/// ```text
///   E: m at a.b(C.java:1) at c.d(E.java:2) Caused by: F: n
///   └──┘ └──────────────┘ └──────────────┘ └─────────────┘      cut before what begins a line
/// ```
///
/// `begins_line` is asked at the start of each word of such a text.
pub(super) fn pieces(text: &str, flat: bool, begins_line: impl Fn(&str) -> bool) -> Vec<&str> {
    pieces_at(text, flat, |at| begins_line(start_of(&text[at..])))
}

/// As [`pieces`], where what stands before a mark matters: `begins_line` is given its place.
pub(super) fn pieces_at(text: &str, flat: bool, begins_line: impl Fn(usize) -> bool) -> Vec<&str> {
    if !flat {
        return text.lines().collect();
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut after_space = true;
    for (at, c) in text.char_indices() {
        if after_space && !c.is_whitespace() && at > from && begins_line(at) {
            pieces.push(&text[from..at]);
            from = at;
        }
        after_space = c.is_whitespace();
    }
    pieces.push(&text[from..]);
    pieces
}

/// As much of a text as a mark may take.
pub(super) fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// How well a text fits a language that is known by its frames alone: by where the last of them begins.
pub(super) fn fit_of_frames(
    text: &str,
    flat: bool,
    begins_line: impl Fn(&str) -> bool,
    is_frame: impl Fn(&str) -> bool,
) -> Fit {
    if flat {
        return fit_of_pieces(text, &pieces(text, flat, begins_line), is_frame);
    }
    let last = text.lines().rev().find(|line| is_frame(line.trim()));
    last.map_or(Fit::None, |piece| Fit::Holds(offset(text, piece)))
}

/// As [`fit_of_frames`], of a text that is cut already.
pub(super) fn fit_of_pieces(text: &str, pieces: &[&str], is_frame: impl Fn(&str) -> bool) -> Fit {
    let last = pieces.iter().rev().find(|piece| is_frame(piece.trim()));
    last.map_or(Fit::None, |piece| Fit::Holds(offset(text, piece)))
}

/// Where in `text` a part of it begins.
pub(super) fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// How far a line is indented.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_text_is_cut_before_marks_only() {
        let mark = |rest: &str| rest.starts_with("at ");
        assert_eq!(pieces("E: look at that  at f", true, mark), ["E: look ", "at that  ", "at f"]);
        assert_eq!(pieces("at a\n  at b", false, mark), ["at a", "  at b"]);
        assert_eq!(pieces("", true, mark), [""]);
    }

    #[test]
    fn the_last_frame_counts() {
        let mark = |rest: &str| rest.starts_with("at ");
        let frame = |line: &str| line.starts_with("at f");
        assert_eq!(fit_of_frames("E\n at f\n at f\n at x", false, mark, frame), Fit::Holds(8));
        assert_eq!(fit_of_frames("E at f at f at x", true, mark, frame), Fit::Holds(7));
        assert_eq!(fit_of_frames("E", false, mark, frame), Fit::None);
    }
}
