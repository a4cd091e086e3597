//! Stacks of .NET and Mono.

use crate::analyze::stack::chain::typed;
use crate::analyze::stack::frame::{Block, Frame, MAX_BLOCKS, MAX_FRAMES};
use crate::analyze::stack::language::{Fit, is_bracketed};
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line, is_in, number};

const INNER: &str = "--->";
const END_OF_INNER: &str = "--- End of inner exception stack trace ---";
/// Between two parts of one stack: what awaited goes on after it.
const ELSEWHERE: &str = "--- End of stack trace from previous location";

/// Namespaces of the runtime and of public libraries.
const LIBRARIES: &[&str] = &[
    "System.",
    "Microsoft.",
    "Mono.",
    "Internal.",
    "Interop.",
    "Windows.",
    "(wrapper ",
    "lambda_method",
    "Grpc.",
    "Google.",
    "OpenTelemetry.",
    "StackExchange.",
    "Npgsql.",
    "MySql.",
    "MySqlConnector.",
    "MongoDB.",
    "RabbitMQ.",
    "Confluent.",
    "Newtonsoft.",
    "Serilog.",
    "NLog.",
    "log4net.",
    "Polly.",
    "Dapper.",
    "MediatR.",
    "AutoMapper.",
    "FluentValidation.",
    "MassTransit.",
    "Autofac.",
    "Castle.",
    "Refit.",
    "RestSharp.",
    "Amazon.",
    "Azure.",
    "Oracle.",
    "Hangfire.",
    "Quartz.",
    "Swashbuckle.",
    "Xunit.",
    "NUnit.",
    "Moq.",
    "IdentityModel.",
    "IdentityServer4.",
    "Elasticsearch.",
    "Orleans.",
    "Akka.",
];

/// Frames alone are proof.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains("at ") {
        return Fit::None;
    }
    fit_of_frames(text, flat, begins_line, |line| frame(line).is_some())
}

fn begins_line(rest: &str) -> bool {
    rest.starts_with(INNER) || rest.starts_with("--- End of ") || call(rest).is_some()
}

/// Not the application's: the runtime, libraries, and what was made at run time.
pub(super) fn in_app(frame: &Frame) -> bool {
    !is_in(&frame.function, LIBRARIES) && !is_bracketed(&frame.file)
}

/// Reads the exception and what lies within it.
///
/// Headings go inwards, frames come from the innermost outwards:
///
/// ```text
///   A: m ---> B: n ---> C: o
///      at c                                  of C
///      --- End of inner exception stack trace ---
///      at b                                  of B
///      --- End of inner exception stack trace ---
///      at a                                  of A
///   ---> (Inner Exception #1) D: p           of an aggregate only the first is followed
/// ```
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut reader = Reader::default();
    for piece in pieces(text, flat, begins_line) {
        let line = piece.trim();
        if let Some(frame) = frame(line) {
            reader.frame(frame);
        } else if line.starts_with(END_OF_INNER) {
            reader.end_inner();
        } else if line.starts_with("---> (Inner Exception #") && reader.has_frames {
            if reader.blocks.len() > 1 {
                break;
            }
            reader.open_inner();
            reader.text(line.split_once(") ").map_or("", |(_, rest)| rest));
        } else if !line.starts_with(ELSEWHERE) {
            reader.text(piece);
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    /// From the outermost inwards.
    blocks: Vec<Block>,
    /// The words of each, before they are split.
    headings: Vec<String>,
    /// How many exceptions are open: frames belong to the innermost of them.
    open: usize,
    has_frames: bool,
    /// How many further levels were opened beyond what is kept.
    beyond: usize,
}

impl Reader {
    fn open_inner(&mut self) {
        if self.blocks.len() < MAX_BLOCKS {
            self.blocks.push(Block::default());
            self.headings.push(String::new());
            self.open = self.blocks.len();
        } else {
            self.beyond += 1;
        }
    }

    fn end_inner(&mut self) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else {
            // The outermost stays open.
            self.open = self.open.saturating_sub(1).max(1);
        }
    }

    fn frame(&mut self, frame: Frame) {
        self.has_frames = true;
        if self.blocks.is_empty() {
            self.open_inner();
        }
        let at = self.open.saturating_sub(1);
        if let Some(block) = self.blocks.get_mut(at).filter(|block| block.frames.len() < MAX_FRAMES) {
            block.frames.push(frame);
        }
    }

    /// Words before the first frame: of the outermost exception, and after each arrow of one within.
    fn text(&mut self, line: &str) {
        if self.has_frames
            && !line.trim_start().starts_with(INNER)
            && self.headings.last().is_some_and(|it| !it.is_empty())
        {
            return;
        }
        for (nth, part) in line.split(INNER).enumerate() {
            if nth > 0 || self.blocks.is_empty() {
                self.open_inner();
            }
            if self.beyond == 0
                && let Some(heading) = self.headings.last_mut()
            {
                if nth == 0 && !heading.is_empty() {
                    heading.push('\n');
                }
                heading.push_str(if nth == 0 { part } else { part.trim_start() });
            }
        }
    }

    fn finish(mut self) -> Vec<Block> {
        for (block, heading) in self.blocks.iter_mut().zip(&self.headings) {
            let (kind, message) = header(heading);
            (block.kind, block.message) = (kind.into(), message.into());
        }
        self.blocks.retain(|block| *block != Block::default());
        self.blocks
    }
}

/// Type and message of `Type: message` and `Type (0x80004005): message`.
fn header(text: &str) -> (&str, &str) {
    let text = text.trim();
    let text = ["Unhandled exception. ", "[ERROR] FATAL UNHANDLED EXCEPTION: "]
        .into_iter()
        .find_map(|died| text.strip_prefix(died))
        .unwrap_or(text);
    if let Some((kind, rest)) = text.split_once(" (0x")
        && !kind.contains(char::is_whitespace)
        && !kind.ends_with(':')
        && let Some((_, message)) = rest.split_once("): ")
    {
        return (kind, message.trim());
    }
    typed(text)
}

/// `at Namespace.Type.Method(String name) in file:line 12`, and of Mono `at T.M (System.String s) [0x0001c] in file:12`.
fn frame(line: &str) -> Option<Frame> {
    let line = start_of(line).trim_end();
    let (function, arguments, rest) = call(line.strip_suffix("<---").unwrap_or(line))?;
    let place = place(rest.trim())?;
    let known = function.starts_with("lambda_method") || place.is_some() || is_list_of_types(arguments);
    known.then(|| {
        let (file, line) = place.unwrap_or_default();
        Frame { file: file.into(), line, function: function.into(), ..Frame::default() }
    })
}

/// Function, arguments, and what follows them.
fn call(line: &str) -> Option<(&str, &str, &str)> {
    let call = line.strip_prefix("at ")?;
    let wrapper = call.starts_with("(wrapper ").then(|| call.find(") ")).flatten().map_or(0, |at| at + 2);
    let open = wrapper + call[wrapper..].find('(')?;
    let function = call[..open].trim_end();
    let (arguments, rest) = call[open + 1..].split_once(')')?;
    let made = function.starts_with("lambda_method");
    let named = made || (function.contains('.') && !function[wrapper..].contains(char::is_whitespace));
    named.then_some((function, arguments, rest))
}

/// Whether these are arguments of .NET, each a type and a name: neither a place of Java nor one of JavaScript.
fn is_list_of_types(arguments: &str) -> bool {
    const OF_JAVA: [&str; 2] = ["Native Method", "Unknown Source"];
    arguments.is_empty()
        || (!OF_JAVA.contains(&arguments)
            && !arguments.contains(['/', ':', '(', ';'])
            && arguments.split(", ").all(|argument| argument.trim().contains(' ')))
}

type Place<'a> = (&'a str, Option<u32>);

/// What follows the arguments: nothing, an offset, a place; `None` when it is something else.
fn place(rest: &str) -> Option<Option<Place<'_>>> {
    let rest = match rest.strip_prefix(['[', '<', '+']) {
        // An offset in the code of the method.
        Some(offset) => {
            let offset = offset.trim_start();
            let end = offset.find([']', '>']).map_or(offset.len(), |at| at + 1);
            offset.starts_with("0x").then(|| offset[end..].trim_start())?
        }
        None => rest,
    };
    if rest.is_empty() {
        return Some(None);
    }
    let place = rest.strip_prefix("in ")?;
    let (file, line) = match place.rsplit_once(":line ") {
        // More may follow on one line.
        Some((file, line)) => {
            (file, number(&line[..line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len()]))
        }
        None => file_line(place).map(|(file, line)| (file, Some(line)))?,
    };
    // Mono names a module by its id where there is no file: <12b418a7818c4ca0893feeaaf67f1e7f>:0.
    Some(Some(if is_bracketed(file) { ("", None) } else { (file, line) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_frame() {
        let cases = [
            ("at Shop.Cart.Add(String id) in /src/Cart.cs:line 12", ("/src/Cart.cs", Some(12), "Shop.Cart.Add")),
            (r"at Shop.Cart.Add() in C:\src\Cart.cs:line 12", (r"C:\src\Cart.cs", Some(12), "Shop.Cart.Add")),
            ("at Shop.Cart`1.Add[T](T item, Int32 n)", ("", None, "Shop.Cart`1.Add[T]")),
            ("at Shop.Cart.<LoadAsync>d__5.MoveNext()", ("", None, "Shop.Cart.<LoadAsync>d__5.MoveNext")),
            ("at lambda_method12(Closure , Object )", ("", None, "lambda_method12")),
            (
                "at Shop.Cart.Add (System.String id) [0x0001c] in /srv/Cart.cs:13",
                ("/srv/Cart.cs", Some(13), "Shop.Cart.Add"),
            ),
            ("at System.Int32.Parse (System.String s) [0x00019] in <12b4>:0", ("", None, "System.Int32.Parse")),
            ("at Shop.Cart.Add(String id) + 0x1b", ("", None, "Shop.Cart.Add")),
        ];
        for (line, expected) in cases {
            let read = frame(line).expect(line);
            assert_eq!((&*read.file, read.line, &*read.function), expected, "{line}");
        }
        for line in [
            "at com.shop.Cart.add(Cart.java:12)",
            "at sun.X.invoke0(Native Method)",
            "at Object.f (/a.js:1:2)",
            "at Array.map (<anonymous>)",
            "at async Promise.all (index 0)",
            "at least one.thing (or two) more",
            "at Shop.Cart.Add(String id) in",
        ] {
            assert_eq!(frame(line), None, "{line}");
        }
    }

    #[test]
    fn numbers_of_errors_are_no_part_of_the_message() {
        assert_eq!(
            header("Npgsql.PostgresException (0x80004005): 42P01: gone"),
            ("Npgsql.PostgresException", "42P01: gone")
        );
        assert_eq!(header("A.B: c (0x1): d"), ("A.B", "c (0x1): d"));
    }

    #[test]
    fn a_hostile_depth_is_bounded() {
        let text = format!("A: a{}\n   at B.C.D()", " ---> A: a".repeat(100_000));
        let blocks = parse(&text, false);
        assert_eq!(blocks.len(), MAX_BLOCKS);
    }
}
