//! Backtraces of Rust: panics, `std::backtrace`, and errors with their causes as anyhow and eyre print them.

use crate::analyze::stack::frame::{Block, Frame, MAX_BLOCKS, MAX_FRAMES};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{offset, pieces, start_of};
use crate::analyze::stack::place::{file_line_column, is_in, number};

const PANICKED: &str = " panicked at ";
const CAUSED_BY: &str = "Caused by:";
const BACKTRACE: [&str; 2] = ["stack backtrace:", "Stack backtrace:"];

/// Crates of the standard library, and functions of the runtime that are in none.
const LIBRARIES: &[&str] = &[
    "std::",
    "core::",
    "alloc::",
    "<std::",
    "<core::",
    "<alloc::",
    "<&dyn core::",
    "<E as anyhow::",
    "anyhow::",
    "eyre::",
    "color_eyre::",
    "tokio::",
    "<tokio::",
    "tracing::",
    "<tracing::",
    "futures_util::",
    "hyper::",
    "tonic::",
    "tower::",
    "axum::",
    "__rustc",
    "rust_begin_unwind",
    "rust_panic",
    "__rust_",
    "_start",
    "__libc_start",
    "start_thread",
    "__clone",
    "clone3",
    "__pthread",
    "__scrt_",
    "BaseThreadInit",
    "RtlUserThreadStart",
    "<unknown>",
];

/// A thread that panicked begins as nothing else does; else it is the heading of a backtrace, or its first call.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    let panicked = text.find(PANICKED).is_some_and(|at| text[..at].contains("thread '"));
    if panicked && text.trim_start().starts_with("thread '") {
        return Fit::Begins;
    }
    let (_, calls) = sections(text);
    let calls = calls.filter(|calls| lines(calls, flat).into_iter().any(|line| call(line.trim()).is_some()));
    match calls {
        Some(calls) => Fit::Holds(offset(text, calls)),
        None if panicked => Fit::Holds(0),
        None => Fit::None,
    }
}

/// Not the application's: the standard library, crates that were downloaded, and the start of a process.
pub(super) fn in_app(frame: &Frame) -> bool {
    let file = &*frame.file;
    let library = [
        "/rustc/",
        ".cargo/registry",
        ".cargo/git",
        ".rustup/",
        "library/std/",
        "library/core/",
        "../sysdeps/",
        "../csu/",
    ];
    if !file.is_empty() {
        return !library.iter().any(|part| file.contains(part)) && !file.starts_with('<');
    }
    // Verbose backtraces tell crates by their hashes: <core[c1f1a4ba060b9bfa]::fmt::rt::Argument>::fmt.
    let name = frame.function.trim_start_matches('<');
    let hashed = ["std[", "core[", "alloc[", "__rustc["].iter().any(|start| name.starts_with(start));
    // Of a generic function the compiler shows no path; without its file nobody knows whose it is.
    !hashed && !is_in(&frame.function, LIBRARIES) && frame.function.contains("::")
}

/// Reads what failed with its causes, and the calls, which are told once for all of them.
///
/// ```text
///   cannot load cart            thread 'main' panicked at src/main.rs:4:5:
///                               cart 17 is locked
///   Caused by:
///       0: bad line
///       1: invalid digit
///
///   Stack backtrace:            stack backtrace:
///      0: shop::load               0: core::panicking::panic_fmt
///                at a.rs:4:5                 at /rustc/../panicking.rs:1:1
/// ```
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let (head, calls) = sections(text);
    let mut blocks = match head.split_once(PANICKED) {
        Some((thread, told)) if thread.contains("thread '") => vec![panicked(told)],
        _ => failed(head, flat),
    };
    let mut calls = calls.map(|calls| frames(calls, flat)).unwrap_or_default();
    if let Some(place) = blocks.first().and_then(|block| block.frames.first())
        && calls.iter().all(|call| call.line.is_none())
        && in_app(place)
        && let Some(own) = calls.iter_mut().find(|call| in_app(call))
    {
        // Without debug information only the panic itself tells where it was.
        (own.file, own.line, own.column) = (place.file.clone(), place.line, place.column);
    }
    if let Some(outermost) = blocks.first_mut().filter(|_| !calls.is_empty()) {
        outermost.frames = calls;
    } else if blocks.is_empty() && !calls.is_empty() {
        blocks.push(Block { frames: calls, ..Block::default() });
    }
    blocks
}

/// The words, and the calls after them.
fn sections(text: &str) -> (&str, Option<&str>) {
    let heading = BACKTRACE.iter().filter_map(|heading| Some((text.find(heading)?, heading.len()))).min();
    match heading {
        Some((at, length)) => (&text[..at], Some(&text[at + length..])),
        None if text.trim_start().starts_with("0: ") => ("", Some(text)),
        None => (text, None),
    }
}

/// Of `src/main.rs:4:5:` and the message below, or as older versions have it, `'message', src/main.rs:4:5`.
fn panicked(told: &str) -> Block {
    let told = told
        .split_once("\nnote: ")
        .or_else(|| told.split_once(" note: run with"))
        .map_or(told, |(told, _)| told)
        .trim();
    let (place, message) = match told.strip_prefix('\'').and_then(|old| old.rsplit_once("', ")) {
        Some((message, place)) => (place, message),
        None => {
            told.find(":\n").or_else(|| told.find(": ")).map_or((told, ""), |at| (&told[..at], told[at + 1..].trim()))
        }
    };
    let place = file_line_column(place.trim_end_matches(':'));
    let frame = place.map(|(file, line, column)| Frame {
        file: file.into(),
        line: Some(line),
        column: Some(column),
        ..Frame::default()
    });
    Block { kind: "panic".into(), message: message.into(), frames: frame.into_iter().collect() }
}

/// The error and its causes, which have numbers when there are several.
fn failed(head: &str, flat: bool) -> Vec<Block> {
    let (outer, causes) = head.split_once(CAUSED_BY).unwrap_or((head, ""));
    let told = |text: &str| Block { message: text.trim().into(), ..Block::default() };
    let mut messages: Vec<String> = vec![outer.trim().to_owned()];
    for line in lines(causes, flat) {
        let (numbered, text) = numbered(line.trim()).map_or((false, line.trim()), |(_, text)| (true, text));
        if text.is_empty() {
            continue;
        }
        match messages.last_mut().filter(|_| messages_go_on(numbered, causes)) {
            Some(last) if !numbered => {
                last.push('\n');
                last.push_str(text);
            }
            _ => messages.push(text.to_owned()),
        }
        if messages.len() > 2 * MAX_BLOCKS {
            break;
        }
    }
    messages.iter().filter(|text| !text.is_empty()).map(|text| told(text)).collect()
}

/// Whether a line without a number belongs to the cause above: only where causes have numbers.
fn messages_go_on(numbered_line: bool, causes: &str) -> bool {
    !numbered_line && numbered(causes.trim_start()).is_some()
}

/// What would be the lines, each of which begins with a number or a place.
fn lines(text: &str, flat: bool) -> Vec<&str> {
    pieces(text, flat, |rest| numbered(rest).is_some() || place(rest).is_some() || rest.starts_with("note: "))
}

/// `12: text`.
fn numbered(line: &str) -> Option<(u32, &str)> {
    let (count, text) = line.split_once(':')?;
    let text = text.strip_prefix(char::is_whitespace)?;
    Some((number(count).filter(|_| count.len() <= 4)?, text.trim()))
}

/// `12: [0xADDRESS - ]function`, perhaps with its place behind it.
fn call(line: &str) -> Option<Frame> {
    let (_, text) = numbered(line)?;
    let text = match text.strip_prefix("0x").and_then(|rest| rest.split_once(" - ")) {
        Some((_, function)) => function,
        None => text,
    };
    (!text.is_empty()).then(|| Frame { function: text.trim().into(), ..Frame::default() })
}

/// `at file:line:column`.
fn place(line: &str) -> Option<(&str, u32, u32)> {
    let place = start_of(line).strip_prefix("at ")?;
    let place = place.trim();
    file_line_column(place).or_else(|| file_line_column(place.split(char::is_whitespace).next()?))
}

fn frames(text: &str, flat: bool) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for piece in lines(text, flat) {
        let line = piece.trim();
        if let Some((file, line, column)) = place(line) {
            if let Some(frame) = frames.last_mut().filter(|frame| frame.line.is_none()) {
                (frame.file, frame.line, frame.column) = (file.into(), Some(line), Some(column));
            }
        } else if let Some(frame) = call(line).filter(|_| frames.len() < MAX_FRAMES) {
            frames.push(frame);
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_known_behind_other_words_too() {
        let panic = "thread 'main' panicked at src/main.rs:4:5:\nno such item";
        assert_eq!(detect(panic, false), Fit::Begins);
        assert_eq!(detect(&format!("cart: {panic}"), false), Fit::Holds(0));
        assert_eq!(detect("cart: nobody panicked at src/main.rs:4:5", false), Fit::None);
    }

    #[test]
    fn a_panic_of_an_older_version() {
        let blocks =
            parse("thread 'main' panicked at 'it's locked', src/main.rs:4:5\nnote: run with `RUST_BACKTRACE=1`", false);
        assert_eq!((&*blocks[0].kind, &*blocks[0].message), ("panic", "it's locked"));
        assert_eq!((&*blocks[0].frames[0].file, blocks[0].frames[0].line), ("src/main.rs", Some(4)));
    }

    #[test]
    fn a_message_with_numbers_is_no_backtrace() {
        for text in ["1: one", "order 0: gone", "step 0: x\nstep 1: y"] {
            assert_eq!(detect(text, false), Fit::None, "{text}");
        }
    }

    #[test]
    fn what_is_the_applications() {
        let of = |function: &str, file: &str| {
            in_app(&Frame { function: function.into(), file: file.into(), ..Frame::default() })
        };
        assert!(
            of("quantity", "./src/main.rs")
                && of("shop::main", "")
                && of("<alloc::vec::Vec<u32> as shop::Store>::load", "src/a.rs")
        );
        assert!(
            !of("core::panicking::panic_fmt", "")
                && !of("quantity", "")
                && !of("unwrap", "/rustc/1/library/core/src/a.rs")
        );
        assert!(!of("main", "/home/x/.cargo/registry/src/index/a-1.0/src/lib.rs"));
    }
}
