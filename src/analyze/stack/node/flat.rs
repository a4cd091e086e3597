//! Stacks of V8 that somebody put on one line.

use super::{frame, positioned};

/// Cuts a stack that lost its line ends into what its lines would be.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let starts: Vec<usize> = text
        .match_indices("at ")
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || (bytes[at - 1].is_ascii_whitespace() && !text[..at].ends_with("(eval ")))
        .collect();
    let mut pieces = Vec::new();
    let mut done = 0;
    for (nth, &start) in starts.iter().enumerate() {
        if start < done {
            continue;
        }
        let end = starts.get(nth + 1).copied().unwrap_or(text.len());
        let Some(length) = frame_length(&text[start..end]) else { continue };
        push_between(&text[done..start], done > 0, &mut pieces);
        pieces.push(&text[start..start + length]);
        done = start + length;
    }
    push_between(&text[done..], done > 0, &mut pieces);
    pieces
}

/// How much of the text, which begins with `at `, is a frame.
fn frame_length(text: &str) -> Option<usize> {
    let open = text.find(" (");
    let bare = &text[..open.unwrap_or(text.len())];
    let length = bare_length(bare).or_else(|| {
        let open = open? + 1;
        let mut depth = 0_usize;
        let closing = text[open..].bytes().position(|byte| {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        Some(open + closing + 1)
    })?;
    frame(&text[..length]).is_some().then_some(length)
}

/// The end of the first `:line:column` before a space, for frames without brackets.
fn bare_length(text: &str) -> Option<usize> {
    let mut at = 0;
    for token in text.split_inclusive(' ') {
        let shown = token.trim_end().trim_end_matches([',', '}']);
        if shown == "<anonymous>" || positioned(shown).is_some() {
            return Some(at + shown.len());
        }
        at += token.len();
    }
    None
}

/// Cuts what lies between two frames at the marks of causes.
fn push_between<'a>(text: &'a str, after_frame: bool, pieces: &mut Vec<&'a str>) {
    const MARKS: [&str; 5] = ["[errors]: [", "[cause]:", "caused by:", "Caused by:", "Caused By:"];
    // A message may well say "caused by".
    let marks = if after_frame { &MARKS[..] } else { &MARKS[..2] };
    let mut from = 0;
    for (at, _) in text.match_indices(['[', 'c', 'C']) {
        let Some(mark) = marks.iter().find(|mark| text[at..].starts_with(**mark)) else { continue };
        pieces.push(&text[from..at]);
        from = at;
        if *mark == MARKS[0] {
            from += mark.len();
            pieces.push(&text[at..from]);
        }
    }
    pieces.push(&text[from..]);
}
