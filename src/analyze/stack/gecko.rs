//! Stacks of Firefox and Safari: a function and a place on each line, joined by `@`, and no message.

use crate::analyze::stack::chain::{Chain, typed_header};
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::language::{Fit, is_bracketed};
use crate::analyze::stack::node;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line_column, number};

/// Frames alone are proof.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains('@') {
        return Fit::None;
    }
    fit_of_frames(text, flat, |rest| frame(word(rest)).is_some(), |line| frame(line).is_some())
}

/// As of V8: not the browser's, nor a library's.
pub(super) fn in_app(frame: &Frame) -> bool {
    !is_bracketed(&frame.file) && node::in_app(frame)
}

/// Reads the calls, and the message where somebody wrote it before them.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut chain = Chain::new(typed_header);
    for piece in pieces(text, flat, |rest| frame(word(rest)).is_some()) {
        match frame(piece.trim()) {
            Some(frame) => chain.frame(frame),
            None => chain.text(piece),
        }
    }
    chain.finish()
}

/// Without line ends, a frame ends at a space, unless it tells of `eval`: `url line 20 > eval:1:1`.
fn word(rest: &str) -> &str {
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    if rest[end..].starts_with(" line ") { rest } else { &rest[..end] }
}

/// `function@url:line:column`; Safari leaves out `@` where it knows no function.
fn frame(line: &str) -> Option<Frame> {
    let line = start_of(line);
    let (function, place) = line.split_once('@')?;
    // Async frames: async*load, promise callback*load, setTimeout handler*later.
    let function = function.rsplit('*').next().unwrap_or_default();
    let words_in_name =
        ["get ", "set ", "global code", "module code", "eval code"].iter().any(|it| function.starts_with(it));
    if function.contains(char::is_whitespace) && !words_in_name {
        return None;
    }
    let of = |file: &str, line, column| Frame {
        file: file.into(),
        line,
        column,
        function: function.into(),
        ..Frame::default()
    };
    if place == "[native code]" {
        return Some(of("[native code]", None, None));
    }
    // Of code that was made by eval the place of the innermost eval is where a reader should look.
    if let Some((file, rest)) = place.split_once(" line ") {
        let (line, made) = rest.split_once(" > ")?;
        return Some(of(file, Some(number(line)?), None)).filter(|_| file_line_column(made).is_some());
    }
    let place = place.split(char::is_whitespace).next().unwrap_or_default();
    let (file, line, column) = file_line_column(place)?;
    let is_url = file.contains("://") || file.starts_with('/');
    is_url.then(|| of(file, Some(line), Some(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_apart_without_line_ends() {
        let flat = "f@http://h/a.js:1:2 @http://h/a.js line 20 > eval:1:1 g@http://h/b.js:3:4";
        let functions = |text, flat| parse(text, flat).iter().map(|block| block.frames.len()).collect::<Vec<_>>();
        assert_eq!(functions("f@http://h/a.js:1:2 g@http://h/b.js:3:4", true), [2]);
        assert_eq!(functions(flat, true), [3]);
        assert_eq!(functions("f@http://h/a.js:1:2\ng@http://h/b.js:3:4", false), [2]);
    }

    #[test]
    fn every_shape_of_frame() {
        let cases = [
            ("load@https://shop.example/a.js:9:17", ("https://shop.example/a.js", Some(9), "load")),
            ("@https://shop.example/a.js:9:17", ("https://shop.example/a.js", Some(9), "")),
            ("closure/<@http://h/a.js:1:2", ("http://h/a.js", Some(1), "closure/<")),
            ("async*load@http://h/a.js:1:2", ("http://h/a.js", Some(1), "load")),
            ("promise callback*load@http://h/a.js:1:2", ("http://h/a.js", Some(1), "load")),
            ("get total@http://h/a.js:1:2", ("http://h/a.js", Some(1), "get total")),
            ("@http://h/a.js line 20 > eval:1:1", ("http://h/a.js", Some(20), "")),
            ("forEach@[native code]", ("[native code]", None, "forEach")),
            ("module code@http://h/a.js:1:2", ("http://h/a.js", Some(1), "module code")),
        ];
        for (line, expected) in cases {
            let read = frame(line).expect(line);
            assert_eq!((&*read.file, read.line, &*read.function), expected, "{line}");
        }
        for line in ["jane@example.com:1:2", "mail to jane@http://h:1:2", "f@http://h/a.js", "@", "a@b"] {
            assert_eq!(frame(line), None, "{line}");
        }
    }
}
