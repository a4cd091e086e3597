//! The table of languages.

use crate::analyze::stack::frame::{Block, Frame, Stack, cap_blocks};
use crate::analyze::stack::plain::plain;
use crate::analyze::stack::{dotnet, elixir, erlang, gecko, go, java, native, node, php, python, ruby, rust};

/// How well a text fits a language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fit {
    /// Nothing of the language is in it.
    None,
    /// There is a stack of the language in it, of which the last part begins at this byte. A message may quote a stack of
    /// another language; the exception's own comes after it.
    Holds(usize),
    /// It begins as only this language does.
    Begins,
}

/// One row: how a language writes stack traces.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// As shown to readers.
    pub name: &'static str,
    /// How well the text fits; `flat` says that it has lost its line ends.
    pub detect: fn(text: &str, flat: bool) -> Fit,
    /// Reads the blocks, outermost exception first, frames innermost first. Leaves `in_app` to the rule below.
    pub parse: fn(text: &str, flat: bool) -> Vec<Block>,
    /// Whether a call is the application's own code.
    pub in_app: fn(frame: &Frame) -> bool,
}

/// Every language that is known. Of two that fit equally well, the earlier is taken.
pub const LANGUAGES: &[Language] = &[
    Language { name: "JavaScript (V8)", detect: node::detect, parse: node::parse, in_app: node::in_app },
    Language { name: "Python", detect: python::detect, parse: python::parse, in_app: python::in_app },
    Language { name: "Java, Kotlin", detect: java::detect, parse: java::parse, in_app: java::in_app },
    Language { name: ".NET", detect: dotnet::detect, parse: dotnet::parse, in_app: dotnet::in_app },
    Language { name: "Go", detect: go::detect, parse: go::parse, in_app: go::in_app },
    Language { name: "Ruby", detect: ruby::detect, parse: ruby::parse, in_app: ruby::in_app },
    Language { name: "PHP", detect: php::detect, parse: php::parse, in_app: php::in_app },
    Language { name: "Rust", detect: rust::detect, parse: rust::parse, in_app: rust::in_app },
    Language { name: "C++", detect: native::detect, parse: native::parse, in_app: native::in_app },
    Language { name: "Elixir", detect: elixir::detect, parse: elixir::parse, in_app: elixir::in_app },
    Language { name: "Erlang", detect: erlang::detect, parse: erlang::parse, in_app: erlang::in_app },
    Language {
        name: "JavaScript (Firefox, Safari)",
        detect: gecko::detect,
        parse: gecko::parse,
        in_app: gecko::in_app,
    },
];

/// How texts begin that belong to one language whatever else they hold.
const BEGINNINGS: [&str; 9] = [
    "Traceback (most recent call last):",
    "Exception Group Traceback",
    "File \"",
    "panic: ",
    "fatal error: ",
    "goroutine ",
    "thread '",
    "** (",
    "[{",
];

/// Reads a stack trace of any known language, also one that was cut off or put on one line.
///
/// `None` when no language recognises it. Never panics; takes time linear in the length of the text.
#[must_use]
pub fn parse(stacktrace: &str) -> Option<Stack> {
    let plain = plain(stacktrace);
    let mut best: Option<(Fit, &Language)> = None;
    // Nothing comes after a frame on the last line: only who begins as nobody else does is more likely.
    let end = plain.text.trim_end().rfind('\n').filter(|_| !plain.flat);
    let start = plain.text.trim_start().trim_start_matches(['+', ' ']);
    let may_begin = BEGINNINGS.iter().any(|beginning| start.starts_with(beginning));
    for language in LANGUAGES {
        if !may_begin && end.is_some_and(|end| matches!(best, Some((Fit::Holds(at), _)) if at > end)) {
            break;
        }
        let fit = (language.detect)(&plain.text, plain.flat);
        if fit > best.map_or(Fit::None, |(known, _)| known) {
            best = Some((fit, language));
        }
    }
    let (_, language) = best?;
    let mut blocks = (language.parse)(&plain.text, plain.flat);
    cap_blocks(&mut blocks);
    for frame in blocks.iter_mut().flat_map(|block| &mut block.frames) {
        frame.in_app = (language.in_app)(frame);
    }
    (!blocks.is_empty()).then_some(Stack { language: language.name, blocks })
}

/// Names such as `<anonymous>` or `<template>`: code that lies in no file.
pub(in crate::analyze) fn is_bracketed(file: &str) -> bool {
    file.starts_with('<')
}

#[cfg(test)]
mod tests;
