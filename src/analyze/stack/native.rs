//! Stacks of C and C++: of sanitizers, debuggers, boost and the standard library, and of glibc.

use crate::analyze::stack::chain::{Chain, typed};
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line, file_line_column, is_in, number};
use std::borrow::Cow;

/// Functions of the runtime and of libraries.
const LIBRARIES: &[&str] = &[
    "std::",
    "__gnu_cxx::",
    "__cxxabiv1::",
    "boost::",
    "absl::",
    "google::",
    "grpc::",
    "grpc_core::",
    "folly::",
    "operator new",
    "operator delete",
    "__interceptor_",
    "__asan",
    "__libc_",
    "__GI_",
    "_start",
    "start_thread",
    "clone",
    "abort",
    "raise",
    "__cxa_",
    "__assert_fail",
    "__pthread",
    "void std::",
    "testing::",
];

/// Numbered calls, or places within libraries, are proof.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains(['#', '[']) || !text.contains("0x") && !text.contains('#') {
        return Fit::None;
    }
    fit_of_frames(text, flat, begins_line, |line| call(line).is_some())
}

/// A number is enough: what is no call after all is cut in vain.
fn begins_line(rest: &str) -> bool {
    let count = |text: &str| text.trim_end_matches('#').trim_start_matches('#').parse::<u16>().is_ok();
    let word = rest.split(' ').next().unwrap_or_default();
    (word.contains('#') && word.len() < 8 && count(word)) || (word.contains("(") && glibc(rest).is_some())
}

/// Not the application's: the system, its libraries, and addresses that nobody turned into names.
pub(super) fn in_app(frame: &Frame) -> bool {
    let system = ["/usr/", "/lib/", "/lib64/", "/build/", "../", "./csu/", "./nptl/", "./signal/"];
    let resolved = !frame.function.is_empty() && (frame.line.is_some() || !frame.package.is_empty());
    resolved && !is_in(&frame.function, LIBRARIES) && !is_in(&frame.file, &system) && !is_in(&frame.package, &system)
}

/// Reads the first stack: where a sanitizer tells of more, those are of the same failure (who freed what is used).
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut chain = Chain::new(|text| {
        let (kind, message) = header(text);
        (kind, Cow::Borrowed(message))
    });
    let mut last: Option<u32> = None;
    for piece in pieces(text, flat, begins_line) {
        match call(piece.trim()) {
            Some((number, _)) if number.is_some() && number <= last => break,
            Some((number, frame)) => {
                last = number.or(last);
                chain.frame(frame);
            }
            None => chain.text(piece.trim_end()),
        }
    }
    chain.finish()
}

/// Type and message, as sanitizers and `std::terminate` write them.
fn header(text: &str) -> (&str, &str) {
    if let Some((_, told)) = text.split_once("ERROR: ")
        && let Some((kind, message)) =
            told.split_once("Sanitizer: ").map(|(kind, _)| told.split_at(kind.len() + "Sanitizer".len()))
    {
        let message = message.trim_start_matches(": ");
        let end = message.find(" on address ").or_else(|| message.find('\n')).unwrap_or(message.len());
        return (kind, &message[..end]);
    }
    if let Some((_, told)) = text.split_once("terminate called after throwing an instance of '")
        && let Some((kind, rest)) = told.split_once('\'')
    {
        return (kind, rest.split_once("what():").map_or("", |(_, message)| message.trim()));
    }
    typed(text)
}

/// A call, with its number where it has one.
fn call(line: &str) -> Option<(Option<u32>, Frame)> {
    let line = start_of(line);
    if let Some((count, rest)) = line.strip_prefix('#').and_then(|rest| rest.split_once(' ')) {
        return Some((Some(number(count)?), sanitized(rest.trim())?));
    }
    match line.split_once("# ").and_then(|(count, rest)| Some((number(count)?, rest))) {
        Some((number, rest)) => Some((Some(number), boost(rest.trim())?)),
        None => Some((None, glibc(line.trim())?)),
    }
}

/// `0xADDRESS in function file:12:3`, `0xADDRESS in function (library+0x3500)`, `0xADDRESS in function (..) at file:12`, or
/// `0xADDRESS (library+0x3500)`.
fn sanitized(text: &str) -> Option<Frame> {
    let (text, addressed) = match text.strip_prefix("0x") {
        Some(rest) => (rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).trim_start(), true),
        None => (text, false),
    };
    if !addressed {
        let (function, place) = text.rsplit_once(" at ")?;
        return Some(located(function, file_line(first_word(place))?));
    }
    let Some(text) = text.strip_prefix("in ") else { return Some(of_library("", text)) };
    if let Some((function, place)) = text.rsplit_once(" at ")
        && let Some(place) = file_line(first_word(place))
    {
        return Some(located(function, place));
    }
    // The place is the last word, or, where the stack lost its line ends, the last that is one.
    let mut end = text.trim_end().len();
    for _ in 0..32 {
        let at = text[..end].rfind(' ').map_or(0, |at| at + 1);
        let word = &text[at..end];
        if let Some(mut frame) = file_line_column(word)
            .map(|(file, line, column)| Frame { column: Some(column), ..located("", (file, line)) })
            .or_else(|| file_line(word).map(|place| located("", place)))
            .or_else(|| word.starts_with('(').then(|| of_library("", word)).filter(|_| word.contains("+0x")))
        {
            frame.function = text[..at].trim().into();
            return Some(frame);
        }
        end = text[..at].trim_end().len();
        if end == 0 {
            break;
        }
    }
    Some(Frame { function: text.trim().into(), ..Frame::default() })
}

/// `function at file:12`, `function in library`, `0xADDRESS in library`.
fn boost(text: &str) -> Option<Frame> {
    if let Some((function, place)) = text.rsplit_once(" at ")
        && let Some(place) = file_line(first_word(place))
    {
        return Some(located(function, place));
    }
    let (function, library) = text.rsplit_once(" in ")?;
    let function = if function.starts_with("0x") { "" } else { function };
    Some(of_library(function, first_word(library)))
}

/// `library(function+0x1c) [0xADDRESS]`.
fn glibc(text: &str) -> Option<Frame> {
    let (call, address) = text.split_once(") [0x")?;
    let (library, function) = call.split_once('(')?;
    let (function, _) = function.rsplit_once("+0x").or(Some((function, "")))?;
    let known = !library.is_empty() && !library.contains(char::is_whitespace) && address.contains(']');
    known.then(|| of_library(function, library))
}

fn located(function: &str, (file, line): (&str, u32)) -> Frame {
    Frame { function: function.trim().into(), file: file.into(), line: Some(line), ..Frame::default() }
}

/// The library without the offset in it.
fn of_library(function: &str, library: &str) -> Frame {
    let library = library.trim().trim_matches(['(', ')']);
    let library = library.rsplit_once("+0x").map_or(library, |(library, _)| library);
    Frame { function: function.trim().into(), package: library.into(), ..Frame::default() }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_frame() {
        let cases = [
            ("#0 0x55 in shop::freed() /srv/shop.cpp:31", ("shop::freed()", "/srv/shop.cpp", Some(31), "")),
            ("#0 0x55 in shop::freed() /srv/shop.cpp:31:12", ("shop::freed()", "/srv/shop.cpp", Some(31), "")),
            ("#4 0x55 in _start (/srv/shop+0x3500)", ("_start", "", None, "/srv/shop")),
            ("#4 0x55  (/srv/shop+0x3500)", ("", "", None, "/srv/shop")),
            ("#1  0x0055 in main (argc=1) at a.cpp:3", ("main (argc=1)", "a.cpp", Some(3), "")),
            ("#1  main () at a.cpp:3", ("main ()", "a.cpp", Some(3), "")),
            ("1# shop::load(int) at /srv/a.cpp:3", ("shop::load(int)", "/srv/a.cpp", Some(3), "")),
            ("10# _start in ./shop", ("_start", "", None, "./shop")),
            ("3# 0x00007F in /lib/libc.so.6", ("", "", None, "/lib/libc.so.6")),
            ("./shop(main+0x200) [0x5632]", ("main", "", None, "./shop")),
        ];
        for (line, expected) in cases {
            let (_, read) = call(line).expect(line);
            assert_eq!((&*read.function, &*read.file, read.line, &*read.package), expected, "{line}");
        }
        for line in ["#0 {main}", "#0 /srv/a.php(3): f()", "# heading", "issue #4 is open", "#4 is open", "f(x) [y]"] {
            assert!(call(line).is_none(), "{line}");
        }
    }

    #[test]
    fn what_terminates_a_process_is_told() {
        let text = "terminate called after throwing an instance of 'shop::Gone'\n  what():  no such item";
        assert_eq!(header(text), ("shop::Gone", "no such item"));
    }
}
