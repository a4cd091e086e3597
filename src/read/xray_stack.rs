//! The frames that X-Ray holds of a stack trace, written as the languages write it, so that they are read as any other.

use crate::read::text::STACKTRACE_BYTES;
use std::borrow::Cow;
use std::fmt::Write;

/// How many calls of the stack of one exception are kept, the innermost. Those who read stack traces stop at 500, and X-Ray takes
/// segments of 64 KiB.
pub(crate) const CALLS_OF_STACK: usize = 4096;

/// One call. Fields are empty or 0 when not told.
#[derive(Debug, Default)]
pub(crate) struct Frame<'a> {
    pub(crate) path: Cow<'a, str>,
    pub(crate) line: u32,
    pub(crate) label: Cow<'a, str>,
}

/// One exception of a chain.
#[derive(Debug, Default)]
pub(crate) struct Thrown<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) message: Cow<'a, str>,
    /// Innermost first.
    pub(crate) frames: Vec<Frame<'a>>,
}

/// How the stack trace of a chain would have looked, the exception that got out first; empty without any frame.
pub(crate) fn written(chain: &[&Thrown<'_>]) -> String {
    let mut frames = chain.iter().flat_map(|thrown| &thrown.frames);
    if chain.iter().all(|thrown| thrown.frames.is_empty()) {
        return String::new();
    }
    if frames.all(|frame| frame.path.ends_with(".py") || frame.path.starts_with('<')) {
        return python(chain);
    }
    let mut text = String::new();
    for (place, thrown) in chain.iter().enumerate() {
        text.push_str(if place == 0 { "" } else { "\nCaused by: " });
        header(thrown, &mut text);
        for frame in &thrown.frames {
            if text.len() > STACKTRACE_BYTES {
                break;
            }
            text.push('\n');
            one_line(frame, &mut text);
        }
    }
    text
}

/// Causes come first, and the innermost call last.
fn python(chain: &[&Thrown<'_>]) -> String {
    let mut text = String::new();
    for thrown in chain.iter().rev() {
        if !text.is_empty() {
            text.push_str("\n\nThe above exception was the direct cause of the following exception:\n\n");
        }
        text.push_str("Traceback (most recent call last):\n");
        for frame in thrown.frames.iter().rev() {
            if text.len() > STACKTRACE_BYTES {
                break;
            }
            let Frame { path, line, label } = frame;
            // A string takes everything.
            let _ = writeln!(text, "  File \"{path}\", line {line}, in {label}");
        }
        header(thrown, &mut text);
    }
    text
}

fn header(thrown: &Thrown<'_>, text: &mut String) {
    text.push_str(if thrown.kind.is_empty() { "Error" } else { &thrown.kind });
    if !thrown.message.is_empty() {
        text.extend([": ", &thrown.message]);
    }
}

/// A frame as Java, .NET, or V8 has it, by the name of its file.
fn one_line(frame: &Frame<'_>, text: &mut String) {
    let Frame { path, line, label } = frame;
    // OpenTelemetry's exporter takes the word before a nameless function's place for a part of it.
    let (path, label) = (path.strip_prefix("async ").unwrap_or(path), label.trim());
    let ends = |endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    let place = if *line == 0 { path.to_owned() } else { format!("{path}:{line}") };
    if ends(&[".java", ".kt", ".scala", ".groovy", ".clj", ".php"]) {
        text.extend(["\tat ", label, "(", &place, ")"]);
    } else if ends(&[".cs", ".fs", ".vb"]) {
        let _ = write!(text, "   at {label} in {path}:line {line}");
    } else if label.is_empty() {
        text.extend(["    at (", &place, ")"]);
    } else {
        text.extend(["    at ", label, " (", &place, ")"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thrown(
        kind: &'static str,
        message: &'static str,
        frames: &[(&'static str, u32, &'static str)],
    ) -> Thrown<'static> {
        let frame = |&(path, line, label): &(&'static str, u32, &'static str)| Frame {
            path: path.into(),
            line,
            label: label.into(),
        };
        Thrown { kind: kind.into(), message: message.into(), frames: frames.iter().map(frame).collect() }
    }

    #[test]
    fn frames_are_written_as_their_language_does() {
        let node =
            thrown("Error", "no answer", &[("/db.js", 7, "query "), ("node", 0, "main"), ("async /a.js", 1, "")]);
        let text = "Error: no answer\n    at query (/db.js:7)\n    at main (node)\n    at (/a.js:1)";
        assert_eq!(written(&[&node]), text);
        let java = thrown("java.io.IOException", "", &[("Disk.java", 3, "shop.Disk.read")]);
        let caused = "java.io.IOException\n\tat shop.Disk.read(Disk.java:3)\nCaused by: Error: no answer\n    at query (/db.js:7)\n    \
                      at main (node)\n    at (/a.js:1)";
        assert_eq!(written(&[&java, &node]), caused);
        let net = thrown("E", "x", &[("/src/Cart.cs", 3, "Shop.Cart.Add()")]);
        assert_eq!(written(&[&net]), "E: x\n   at Shop.Cart.Add() in /src/Cart.cs:line 3");
        let python = thrown("KeyError", "'id'", &[("cart.py", 9, "total"), ("app.py", 2, "<module>")]);
        let text = "Traceback (most recent call last):\n  File \"app.py\", line 2, in <module>\n  File \"cart.py\", line 9, in total\n\
                    KeyError: 'id'";
        assert_eq!(written(&[&python]), text);
        assert!(written(&[&python, &python]).starts_with(&format!("{text}\n\nThe above exception")));
        assert_eq!(written(&[&thrown("E", "x", &[])]), "");
        assert_eq!(written(&[]), "");
    }
}
