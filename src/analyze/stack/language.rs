//! The table of languages.

use crate::analyze::stack::frame::{Block, Stack, cap_blocks};
use crate::analyze::stack::plain::plain;
use crate::analyze::stack::{node, python};

/// How well a text fits a language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fit {
    /// Nothing of the language is in it.
    None,
    /// There is a stack of the language in it, perhaps quoted by the message of another language.
    Holds,
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
    /// Whether a file is the application's own.
    pub in_app: fn(file: &str) -> bool,
}

/// Every language that is known. Of two that fit equally well, the earlier is taken.
pub const LANGUAGES: &[Language] = &[
    Language { name: "Node.js", detect: node::detect, parse: node::parse, in_app: node::in_app },
    Language { name: "Python", detect: python::detect, parse: python::parse, in_app: python::in_app },
];

/// Reads a stack trace of any known language, also one that was cut off or put on one line.
///
/// `None` when no language recognises it. Never panics; takes time linear in the length of the text.
#[must_use]
pub fn parse(stacktrace: &str) -> Option<Stack> {
    let plain = plain(stacktrace);
    let mut best: Option<(Fit, &Language)> = None;
    for language in LANGUAGES {
        let fit = (language.detect)(&plain.text, plain.flat);
        if fit > best.map_or(Fit::None, |(known, _)| known) {
            best = Some((fit, language));
        }
    }
    let (_, language) = best?;
    let mut blocks = (language.parse)(&plain.text, plain.flat);
    cap_blocks(&mut blocks);
    for frame in blocks.iter_mut().flat_map(|block| &mut block.frames) {
        frame.in_app = (language.in_app)(&frame.file);
    }
    (!blocks.is_empty()).then_some(Stack { language: language.name, blocks })
}

/// Names such as `<anonymous>` or `<template>`: code that lies in no file.
pub(super) fn is_bracketed(file: &str) -> bool {
    file.starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::stack::frame::Frame;
    use crate::analyze::stack::samples;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn frames(stack: &Stack) -> Vec<&[Frame]> {
        stack.blocks.iter().map(|block| &*block.frames).collect()
    }

    /// What transports were seen to do to line ends.
    fn mangled(text: &str) -> [(&'static str, String); 6] {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        [
            ("spaces", text.replace('\n', " ")),
            ("one space", words),
            ("written", text.replace('\n', "\\n")),
            (
                "written twice",
                text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t"),
            ),
            ("crlf", text.replace('\n', "\r\n")),
            ("colour", text.replace("File ", "\x1b[35mFile \x1b[0m").replace("at ", "\x1b[90mat \x1b[39m")),
        ]
    }

    #[test]
    fn line_ends_may_be_lost() {
        for sample in samples::ALL {
            let whole = parse(sample).expect("a stack");
            for (how, text) in mangled(sample) {
                let stack = parse(&text).unwrap_or_else(|| panic!("{how}: nothing recognised in {text}"));
                assert_eq!(stack.language, whole.language);
                assert_eq!(frames(&stack), frames(&whole), "{how}: {text}");
            }
        }
    }

    #[test]
    fn a_windows_path_survives_written_line_ends() {
        let text = "Error: a\n    at f (C:\\new\\tool.js:1:2)\nfor call at\n    at g (C:\\b\\n.js:3:4)";
        let whole = parse(text).expect("a stack");
        assert_eq!(&*whole.blocks[0].frames[1].file, "C:\\b\\n.js");
        for (how, text) in mangled(text) {
            assert_eq!(frames(&parse(&text).expect("a stack")), frames(&whole), "{how}");
        }
    }

    #[test]
    fn cut_off_anywhere_the_whole_frames_before_the_cut_remain() {
        for sample in samples::ALL {
            let whole = parse(sample).expect("a stack");
            let mut most = 0;
            for at in (0..=sample.len()).filter(|&at| sample.is_char_boundary(at)) {
                let found = parse(&sample[..at]).map_or(0, |stack| stack.blocks.iter().map(|b| b.frames.len()).sum());
                assert!(found >= most, "{found} after {most} at {at} of {sample}");
                most = most.max(found);
            }
            assert_eq!(most, whole.blocks.iter().map(|b| b.frames.len()).sum::<usize>());
        }
    }

    #[test]
    fn other_text_is_not_recognised() {
        let java = "java.lang.IllegalStateException: x\n\tat com.shop.Cart.add(Cart.java:12)\nCaused by: y";
        for text in [
            "",
            "\n",
            "boom",
            "Error: boom",
            "look at me (now:1)",
            java,
            "   at Shop.Cart.Add() in /src/Cart.cs:line 3",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_garbage_takes_no_time() {
        let pieces = [
            "at ",
            "at (",
            "at f (",
            " at f (eval at ",
            "at a:1:2 ",
            "(",
            ")",
            "File \"",
            "File \"a\", line 1, in ",
            "[Previous line repeated ",
            "+-+---------------- 1 ----------------",
            "+-------- ",
            "\x1b[",
            "\\n",
            "\\",
            "\n",
            "| ",
            "[cause]: ",
            "caused by: Error: x at f (/a:1:2) ",
            "Traceback (most recent call last): ",
            "Exception Group Traceback (most recent call last):\n  | ",
            "[errors]: [",
            "^ ",
            "ValueError: ",
        ];
        for piece in pieces {
            for head in ["", "Traceback (most recent call last):\n  File \"a\", line 1\n"] {
                let text = format!("{head}{}", piece.repeat(1_000_000 / piece.len()));
                let start = Instant::now();
                let _ = parse(&text);
                // Quadratic time would be hours.
                assert!(start.elapsed() < Duration::from_secs(10), "{head}{piece}: {:?}", start.elapsed());
            }
        }
    }

    fn soup() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            proptest::sample::select(vec![
                "at ",
                "    at f (",
                "/a.js:1:2",
                ")",
                "\n",
                " ",
                "File \"",
                "\", line ",
                "1",
                ", in ",
                "f",
                "Error: x",
                "[cause]: ",
                "[errors]: [",
                "caused by: ",
                "Traceback (most recent call last):",
                "Exception Group Traceback (most recent call last):",
                "  | ",
                "  +-+---------------- 1 ----------------",
                "    +---------------- 2 ----------------",
                "\\n",
                "\x1b[31m",
                "^^^",
                "for call at",
                "},",
                "é",
                "(eval at ",
                "<anonymous>:1:1",
                "During handling of the above exception, another exception occurred:",
            ])
            .prop_map(str::to_owned),
            ".{0,5}",
        ];
        proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn never_panics(text in "(?s).{0,300}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_what_looks_like_a_stack(text in soup()) {
            if let Some(stack) = parse(&text) {
                prop_assert!(!stack.blocks.is_empty());
            }
        }

        #[test]
        fn frames_of_node_survive_one_line(
            frames in proptest::collection::vec(("[a-z]{1,8}(\\.[a-z]{1,8})?", "(/[a-z@._-]{1,8}){1,4}\\.js", 1_u32..9999, 1_u32..999), 1..30)
                // On one line nothing tells a function called "at" from the word before a frame.
                .prop_filter("a function called at", |frames| frames.iter().all(|(function, ..)| function != "at")),
        ) {
            let lines: Vec<_> = frames.iter().map(|(f, file, l, c)| format!("    at {f} ({file}:{l}:{c})")).collect();
            let stack = parse(&format!("Error: boom {}", lines.join(" "))).expect("a stack");
            prop_assert_eq!(stack.blocks.len(), 1);
            let read: Vec<_> = stack.blocks[0].frames.iter().map(|f| (f.function.to_string(), f.file.to_string(), f.line.unwrap(), f.column.unwrap())).collect();
            prop_assert_eq!(read, frames);
        }
    }
}
