//! Stack traces of Node.js and of everything else that runs on V8.

mod flat;
#[cfg(test)]
mod tests;

use crate::analyze::stack::frame::{Block, Frame, MAX_FRAMES};
use crate::analyze::stack::language::{Fit, is_bracketed};
use crate::analyze::stack::pieces::offset;

/// A frame with a place is proof; nothing at the beginning of an error is V8's alone.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains("at ") {
        return Fit::None;
    }
    let found = |piece: &&str| frame(piece.trim()).is_some_and(|frame| frame.line.is_some());
    let last = if flat { flat::pieces(text).into_iter().rev().find(found) } else { text.lines().rev().find(found) };
    last.map_or(Fit::None, |piece| Fit::Holds(offset(text, piece)))
}

/// Not the application's: the runtime, libraries (in a page, those that others serve and those that were bundled apart),
/// and code without a file. Old versions of Node name their own files without any folder (`net.js`), while a script's
/// name is always a path.
pub(super) fn in_app(frame: &Frame) -> bool {
    let file = &*frame.file;
    let runtime = file.starts_with("node:") || file.starts_with("internal/") || file.starts_with("wasm:");
    let library = file.match_indices("node_modules").any(|(at, name)| {
        let separates = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'/' | b'\\'));
        let bytes = file.as_bytes();
        separates(at.checked_sub(1).and_then(|before| bytes.get(before))) && separates(bytes.get(at + name.len()))
    });
    !runtime && !library && !is_bracketed(file) && file.contains(['/', '\\']) && !is_foreign_in_page(file)
}

/// Whether a page loaded a script from elsewhere, or a bundler set it apart as what the application did not write.
fn is_foreign_in_page(file: &str) -> bool {
    const HOSTS: [&str; 8] = [
        "unpkg.com/",
        "cdn.jsdelivr.net/",
        "cdnjs.cloudflare.com/",
        "ajax.googleapis.com/",
        "www.googletagmanager.com/",
        "www.google-analytics.com/",
        "connect.facebook.net/",
        "code.jquery.com/",
    ];
    let Some((scheme, rest)) = file.split_once("://") else { return false };
    if scheme.ends_with("-extension") {
        return true;
    }
    let name = rest.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let apart = ["vendor", "vendors", "polyfill", "polyfills", "framework"];
    let apart =
        apart.iter().any(|start| name.strip_prefix(start).is_some_and(|rest| rest.starts_with(['.', '-', '~', '_'])));
    scheme.starts_with("http") && (apart || HOSTS.iter().any(|host| rest.starts_with(host)))
}

/// Reads the error and its causes.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut reader = Reader::default();
    let pieces = if flat { flat::pieces(text) } else { text.lines().collect() };
    for piece in pieces {
        if !reader.take(piece, flat) {
            break;
        }
    }
    reader.close();
    reader.blocks
}

#[derive(Default)]
struct Reader<'a> {
    blocks: Vec<Block>,
    header: Vec<&'a str>,
    frames: Vec<Frame>,
    errors: Errors,
}

/// Where in the list of an `AggregateError` the text is. Only its first error is followed.
#[derive(Default, Clone, Copy, PartialEq)]
enum Errors {
    #[default]
    Outside,
    Expected,
    /// In the first error, which stands at this indentation.
    Inside(usize),
}

impl<'a> Reader<'a> {
    /// Takes the next line; false when the rest tells of other errors.
    fn take(&mut self, piece: &'a str, flat: bool) -> bool {
        let line = piece.trim();
        if let Some(frame) = frame(line) {
            if self.frames.len() < MAX_FRAMES {
                self.frames.push(frame);
            }
            return true;
        }
        let indent = piece.len() - piece.trim_start().len();
        if let Errors::Inside(first) = self.errors
            && !line.is_empty()
            && (!self.frames.is_empty() || line.starts_with(['}', ']', ',']))
        {
            let over = if flat { line.starts_with(',') || line.contains("},") } else { indent <= first };
            if over {
                return false;
            }
        }
        if line.starts_with("[errors]: [") {
            self.close();
            self.errors = Errors::Expected;
        } else if let Some(cause) = cause(line).filter(|_| !self.is_at_start() || line.starts_with('[')) {
            self.close();
            self.header.push(cause);
        } else if self.frames.is_empty() {
            if self.errors == Errors::Expected && !line.is_empty() {
                self.errors = Errors::Inside(indent);
            }
            self.header.push(if flat { line } else { piece });
        } else if (flat || indent == 0) && is_header(line) {
            self.close();
            self.header.push(line);
        }
        // Anything else after frames adds nothing (`code: 'X'`, `}`), or goes on with them: gRPC writes
        // "for call at" between the place where the answer came in and the call, which is where the app's frame is.
        true
    }

    fn is_at_start(&self) -> bool {
        self.blocks.is_empty() && self.frames.is_empty()
    }

    fn close(&mut self) {
        let frames = std::mem::take(&mut self.frames);
        let mut lines = std::mem::take(&mut self.header);
        // An uncaught error is printed below the line of code that threw it and a caret.
        let caret = |line: &&str| !line.trim().is_empty() && line.trim().bytes().all(|byte| byte == b'^');
        if let Some(at) = lines.iter().rposition(caret)
            && lines[at + 1..].iter().any(|line| !line.trim().is_empty())
        {
            lines.drain(..=at);
        }
        let is_cause = !self.blocks.is_empty();
        if is_cause && frames.is_empty() {
            // What follows is no message but what else the outer error holds.
            lines.truncate(1);
        }
        let text = lines.join("\n");
        // Without line ends, the caret is still there.
        let below = text.rfind("^ ").map(|at| text[at + 1..].trim_start());
        let below = below.filter(|below| !is_cause && lines.len() == 1 && is_header(below));
        let (kind, message) = header(below.unwrap_or(&text));
        let is_error = !frames.is_empty() || !kind.is_empty() || message.starts_with(['\'', '"']);
        if (is_cause && is_error) || (!is_cause && (!frames.is_empty() || !text.trim().is_empty())) {
            self.blocks.push(Block { kind: kind.into(), message: message.into(), frames });
        }
    }
}

/// What a line says after a mark of a cause: Node's own `[cause]:`, or what libraries write.
fn cause(line: &str) -> Option<&str> {
    const MARKS: [&str; 4] = ["[cause]:", "caused by:", "Caused by:", "Caused By:"];
    MARKS.iter().find_map(|mark| line.strip_prefix(mark)).map(str::trim_start)
}

/// Whether a line after frames begins another error: libraries append the stacks of causes without any mark.
fn is_header(line: &str) -> bool {
    let (kind, _) = header(line);
    kind.ends_with("Error") || kind.ends_with("Exception")
}

/// Type and message of `Type: message`, `Type [CODE]: message`, `[Type: message]`.
fn header(text: &str) -> (&str, &str) {
    let text = text.trim().trim_end_matches('{').trim_end();
    let text = text.strip_prefix("Uncaught ").unwrap_or(text);
    let text = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    if !kind.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$')) {
        return ("", text);
    }
    let rest = rest.strip_prefix(" [").and_then(|code| code.split_once(']')).map_or(rest, |(_, rest)| rest);
    match rest.strip_prefix(':') {
        Some(message) => (kind, message.trim()),
        None if rest.is_empty() => (kind, ""),
        None => ("", text),
    }
}

/// One `at ...`, without space around it; `None` when it names no place.
fn frame(line: &str) -> Option<Frame> {
    let call = line.strip_prefix("at ")?;
    let call = call.trim_end_matches(['{', ',', '}', '\\', ' ']).trim_start();
    let call = call.strip_prefix("async ").unwrap_or(call);
    let whole = call.matches('(').count() == call.matches(')').count();
    let (function, (file, line, column)) = match call.strip_suffix(')').and_then(|call| call.split_once(" (")) {
        // A bracket left open: the end of the line was cut off.
        Some((_, place)) if !whole && place.starts_with("eval at ") => return None,
        None if !whole => return None,
        Some((function, place)) => (function, in_brackets(place)?),
        None => match call.strip_prefix('(').and_then(|call| call.strip_suffix(')')) {
            Some(place) => ("", in_brackets(place)?),
            None => ("", location(call)?),
        },
    };
    let function = function.split_once(" [as ").map_or(function, |(function, _)| function);
    Some(Frame { file: file.into(), line, column, function: function.trim().into(), ..Frame::default() })
}

/// File, line and column of a place.
fn location(place: &str) -> Option<(&str, Option<u32>, Option<u32>)> {
    // Code made by `eval` has no file: the place of the innermost `eval` is where a reader should look.
    if let Some(at) = place.rfind("eval at ") {
        let inner = place[at..].split_once(" (").map_or("", |(_, inner)| inner);
        let inner = inner.split_once("), ").or_else(|| inner.split_once(')')).map_or(inner, |(inner, _)| inner);
        return Some(positioned(inner).unwrap_or(("<anonymous>", None, None)));
    }
    if matches!(place, "native" | "<anonymous>") || place.starts_with("wasm://") {
        return Some((place, None, None));
    }
    if place.starts_with("index ") {
        return Some(("", None, None)); // async Promise.all (index 0)
    }
    positioned(place)
}

/// The place in brackets, which is whole: `/app.js:21` lacks its column where a format holds none, and was not cut off.
fn in_brackets(place: &str) -> Option<(&str, Option<u32>, Option<u32>)> {
    location(place).or_else(|| without_column(place))
}

/// Only of files that nobody but V8 runs.
fn without_column(place: &str) -> Option<(&str, Option<u32>, Option<u32>)> {
    const SCRIPTS: [&str; 8] = [".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"];
    let (file, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    SCRIPTS.iter().any(|script| file.ends_with(script)).then_some((file, Some(line), None))
}

fn positioned(place: &str) -> Option<(&str, Option<u32>, Option<u32>)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (line, column) = (number(line)?, number(column)?);
    let file = file.strip_prefix("file://").map_or(file, |path| {
        // file:///C:/app.js is C:/app.js
        if path.as_bytes().get(2) == Some(&b':') { path.trim_start_matches('/') } else { path }
    });
    // Backtraces of Rust have the same places.
    let foreign = file.ends_with(".rs") || file.ends_with(".c") || file.ends_with(".h");
    (!file.is_empty() && !foreign).then_some((file, Some(line), Some(column)))
}
