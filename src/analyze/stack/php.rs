//! Stacks of PHP: as PHP prints them, and as the SDK of OpenTelemetry writes them.

use crate::analyze::stack::caused_by;
use crate::analyze::stack::chain::typed;
use crate::analyze::stack::frame::{Block, Frame, MAX_FRAMES};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line, has_folder, number};

const TRACE: &str = "Stack trace:";
const NEXT: &str = "Next ";

/// Its numbered calls, or files of PHP in frames like those of Java.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if text.contains("#0 ") && text.contains(TRACE) {
        return fit_of_frames(text, flat, begins_line, |line| numbered(line).is_some());
    }
    if !text.contains(".php") {
        return Fit::None;
    }
    fit_of_frames(text, flat, |rest| caused_by::begins_line(rest, frame), |line| frame(line).is_some())
}

/// Not the application's: packages of Composer, and functions of PHP itself.
pub(super) fn in_app(frame: &Frame) -> bool {
    !frame.file.is_empty() && !frame.file.starts_with('[') && !has_folder(&frame.file, "vendor")
}

/// Reads the exception and those before it.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    if text.contains(TRACE) { printed(text, flat) } else { caused_by::parse(text, flat, frame) }
}

fn begins_line(rest: &str) -> bool {
    rest.starts_with(TRACE)
        || numbered(rest).is_some()
        || rest.starts_with("thrown in ")
        || (rest.starts_with(NEXT) && rest[NEXT.len()..].split([':', ' ']).next().is_some_and(is_class))
}

/// What PHP prints, innermost exception first. Each number tells where a function was called, so that places move up by one:
///
/// ```text
///   Type: message in a.php:12           Cart->quantity   a.php:12
///   Stack trace:                        Cart::load       a.php:21
///   #0 a.php(21): Cart->quantity()      {main}           a.php:46
///   #1 a.php(46): Cart::load()
///   #2 {main}
///
///   Next Outer: message in a.php:26
/// ```
fn printed(text: &str, flat: bool) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut heading: Vec<&str> = Vec::new();
    // Where the function that is named next stands; `None` before the trace of an exception.
    let mut at: Option<Frame> = None;
    for piece in pieces(text, flat, begins_line) {
        let line = piece.trim();
        if line.starts_with(TRACE) {
            let text = heading.join("\n");
            heading.clear();
            let (block, frame) = thrown(text.trim());
            blocks.push(block);
            at = Some(frame);
        } else if let (Some(here), Some((place, function))) = (&mut at, numbered(line)) {
            let mut frame = std::mem::replace(here, place);
            frame.function = function.into();
            if let Some(block) = blocks.last_mut().filter(|block| block.frames.len() < MAX_FRAMES) {
                block.frames.push(frame);
            }
        } else if at.is_none() || line.starts_with(NEXT) {
            at = None;
            heading.push(line.strip_prefix(NEXT).unwrap_or(line));
        }
    }
    blocks.reverse();
    blocks
}

/// The exception of `Type: message in file:12`, and where it was thrown.
fn thrown(text: &str) -> (Block, Frame) {
    let text = text.split_once("Uncaught ").map_or(text, |(_, rest)| rest);
    let (text, file, line) = match text.rsplit_once(" in ").and_then(|(text, place)| Some((text, file_line(place)?))) {
        Some((text, (file, line))) => (text, file, Some(line)),
        None => (text, "", None),
    };
    let (kind, message) = typed(text);
    let block = Block { kind: kind.into(), message: message.into(), frames: Vec::new() };
    (block, Frame { file: file.into(), line, ..Frame::default() })
}

/// Place and function of `#0 file(12): Class->method()`, `#1 [internal function]: f()` and `#2 {main}`.
fn numbered(line: &str) -> Option<(Frame, &str)> {
    let (_, rest) = start_of(line).strip_prefix('#')?.split_once(' ').filter(|(count, _)| number(count).is_some())?;
    if rest.trim_end().starts_with("{main}") {
        return Some((Frame::default(), "{main}"));
    }
    let (place, call) = match rest.strip_prefix("[internal function]: ") {
        Some(call) => (Frame { file: "[internal function]".into(), ..Frame::default() }, call),
        None => {
            let (place, call) = rest.split_once("): ")?;
            let (file, line) = place.rsplit_once('(')?;
            (Frame { file: file.into(), line: Some(number(line)?), ..Frame::default() }, call)
        }
    };
    Some((place, call.split('(').next().unwrap_or_default().trim()))
}

/// `at Shop.Cart.quantity(shop.php:12)`, with dots where PHP has backslashes.
fn frame(line: &str) -> Option<Frame> {
    let (function, rest) = start_of(line).strip_prefix("at ")?.split_once('(')?;
    let (place, _) = rest.split_once(')')?;
    let (file, line) = match place {
        "Unknown Source" => ("", None),
        _ => file_line(place).filter(|(file, _)| file.ends_with(".php")).map(|(file, line)| (file, Some(line)))?,
    };
    let named = !function.is_empty() && !function.contains(char::is_whitespace);
    named.then(|| Frame { file: file.into(), line, function: function.into(), ..Frame::default() })
}

fn is_class(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\')
        && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '\\' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_applications() {
        let of = |file: &str| in_app(&Frame { file: file.into(), ..Frame::default() });
        assert!(of("/srv/src/Cart.php") && of("Cart.php"));
        assert!(!of("/srv/vendor/guzzle/src/Client.php") && !of("[internal function]") && !of(""));
    }

    #[test]
    fn every_shape_of_frame() {
        let (place, function) =
            numbered(r"#0 /srv/a(1).php(21): Shop\Cart->quantity('x', Object(Closure))").expect("a call");
        assert_eq!((&*place.file, place.line, function), ("/srv/a(1).php", Some(21), r"Shop\Cart->quantity"));
        for line in ["#0 0x00007f in main a.cpp:1", "#x a.php(1): f()", "# 1", "#1 f() at a.c:1"] {
            assert!(numbered(line).is_none(), "{line}");
        }
        assert_eq!(frame("at com.shop.Cart.add(Cart.java:1)"), None);
    }
}
