//! Stacks of Erlang: as a term, which is how the API of OpenTelemetry records them, and as its shell shows them.

use crate::analyze::stack::frame::{Block, Frame, MAX_FRAMES};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{list, number};

/// Modules of Erlang/OTP that stacks pass through.
const LIBRARIES: &[&str] = &[
    "erlang",
    "lists",
    "maps",
    "sets",
    "dict",
    "proplists",
    "string",
    "binary",
    "io",
    "io_lib",
    "file",
    "filename",
    "gen",
    "gen_server",
    "gen_statem",
    "gen_event",
    "gen_tcp",
    "supervisor",
    "proc_lib",
    "sys",
    "init",
    "erl_eval",
    "erl_init",
    "shell",
    "timer",
    "ets",
    "dets",
    "mnesia",
    "rpc",
    "erpc",
    "application",
    "code",
    "error_handler",
    "re",
    "ssl",
    "httpc",
    "cowboy_handler",
    "cowboy_http",
    "cowboy_stream_h",
    "ranch_server",
    "jsx",
    "jiffy",
    "hackney",
    "gun",
];

const CALLED: [&str; 2] = ["in function ", "in call from "];

/// A list of calls begins as nothing else does.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    let terms = Terms { text, from: 0 };
    let begins = text.trim_start().starts_with("[{");
    match terms.map(|(at, _)| at).last() {
        Some(_) if begins => Fit::Begins,
        Some(at) => Fit::Holds(at),
        None => fit_of_frames(text, flat, begins_line, |line| shown(line).is_some()),
    }
}

fn begins_line(rest: &str) -> bool {
    CALLED.iter().any(|called| rest.starts_with(called))
        || rest.starts_with("called as ")
        || rest.starts_with("*** argument")
}

/// Not the application's: modules of Erlang/OTP and what has no file.
pub(super) fn in_app(frame: &Frame) -> bool {
    let module = frame.function.split(':').next().unwrap_or_default();
    !frame.file.is_empty()
        && !LIBRARIES.contains(&module)
        && !module.starts_with("otel_")
        && !frame.file.contains("/deps/")
}

/// Reads the calls, and the reason where it stands before them.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let terms: Vec<Frame> = Terms { text, from: 0 }.map(|(_, frame)| frame).take(MAX_FRAMES).collect();
    if !terms.is_empty() {
        return vec![Block { frames: terms, ..Block::default() }];
    }
    let mut block = Block::default();
    let mut reason: Vec<&str> = Vec::new();
    for piece in pieces(text, flat, begins_line) {
        match shown(piece.trim()) {
            Some(frame) if block.frames.len() < MAX_FRAMES => block.frames.push(frame),
            None if block.frames.is_empty() => reason.push(piece.trim()),
            _ => {}
        }
    }
    let reason = reason.join("\n");
    // ** exception error: bad argument
    let told = reason.split_once("** exception ").map_or(&*reason, |(_, told)| told);
    let (kind, message) =
        told.split_once(": ").filter(|(kind, _)| ["error", "exit", "throw"].contains(kind)).unwrap_or(("", told));
    (block.kind, block.message) = (kind.into(), message.trim().into());
    vec![block]
}

/// `in function  shop:f/1 (src/shop.erl, line 5)`.
fn shown(line: &str) -> Option<Frame> {
    let line = start_of(line);
    let call = CALLED.iter().find_map(|called| line.strip_prefix(called))?.trim_start();
    let (function, rest) = call.split_once([' ', '\n']).unwrap_or((call, ""));
    let place = rest.strip_prefix('(').and_then(|place| place.split_once(", line "));
    let place = place.and_then(|(file, line)| Some((file, number(line.split(')').next()?)?)));
    let (file, line) = place.map_or(("", None), |(file, line)| (file, Some(line)));
    function.contains('/').then(|| Frame { file: file.into(), line, function: function.into(), ..Frame::default() })
}

/// The calls of a term: `{shop,load,1,[{file,"src/shop.erl"},{line,12}]}`, with the arguments in place of their number where
/// no clause took them.
struct Terms<'a> {
    text: &'a str,
    from: usize,
}

impl Iterator for Terms<'_> {
    type Item = (usize, Frame);

    fn next(&mut self) -> Option<(usize, Frame)> {
        loop {
            let at = self.from + self.text[self.from..].find('{')?;
            self.from = at + 1;
            if let Some((frame, length)) = term(&self.text[at..]) {
                self.from = at + length;
                return Some((at, frame));
            }
        }
    }
}

/// How far one call is read: its arguments may be long, but are shown cut.
const TERM: usize = 1024;

/// The call with which a text begins, and its length.
fn term(text: &str) -> Option<(Frame, usize)> {
    let text = &text[..text.floor_char_boundary(TERM)];
    let rest = text.strip_prefix('{')?;
    let (module, rest) = atom(rest)?;
    let (function, rest) = atom(rest.strip_prefix(',')?.trim_start())?;
    let rest = rest.strip_prefix(',')?.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (arity, rest) = match digits {
        0 => {
            let (length, items) = list(rest)?;
            (items.to_string(), &rest[length..])
        }
        _ => (rest[..digits].to_owned(), &rest[digits..]),
    };
    let rest = rest.strip_prefix(',')?.trim_start();
    let (length, _) = list(rest)?;
    let (told, rest) = rest.split_at(length);
    let rest = rest.strip_prefix('}')?;
    let file = told.split_once("{file,\"").and_then(|(_, file)| file.split_once('"')).map_or("", |(file, _)| file);
    let line = told.split_once("{line,").and_then(|(_, line)| number(line.split('}').next()?));
    let frame =
        Frame { file: file.into(), line, function: format!("{module}:{function}/{arity}").into(), ..Frame::default() };
    Some((frame, text.len() - rest.len()))
}

/// The atom with which a text begins, and what follows.
fn atom(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        return quoted.split_once('\'');
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@'))).unwrap_or(text.len());
    (text.starts_with(char::is_lowercase)).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_calls_are_kept_than_of_any_stack() {
        let text = "in function  shop:load/1 (src/shop.erl, line 12)\n".repeat(MAX_FRAMES + 9);
        assert_eq!(parse(&text, false)[0].frames.len(), MAX_FRAMES);
    }

    #[test]
    fn every_shape_of_call() {
        let cases = [
            ("{shop,load,1,[{file,\"src/shop.erl\"},{line,12}]}", ("shop:load/1", "src/shop.erl", Some(12))),
            ("{shop,load,[\"a\\\"]\",{b,[1,2]}],[{file,\"s.erl\"}, {line,1}]}", ("shop:load/2", "s.erl", None)),
            ("{init,start_it,1,[]}", ("init:start_it/1", "", None)),
            ("{'Elixir.Shop',f,0,[]}", ("Elixir.Shop:f/0", "", None)),
            ("{erlang,f,[],[{error_info,#{module => m}}]}", ("erlang:f/0", "", None)),
        ];
        for (text, (function, file, line)) in cases {
            let (read, length) = term(text).expect(text);
            assert_eq!((&*read.function, &*read.file, length), (function, file, text.len()), "{text}");
            assert!(line.is_none() || read.line == line);
        }
        for text in ["{", "{a,b}", "{a,b,1,[", "{1,b,1,[]}", "{a,b,1,c}", "{\"a\",b,1,[]}"] {
            assert!(term(text).is_none(), "{text}");
        }
    }
}
