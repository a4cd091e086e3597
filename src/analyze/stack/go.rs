//! Stacks of Go: panics and dumps of goroutines, and what `%+v` of pkg/errors prints.

use crate::analyze::stack::frame::{Block, Frame, MAX_FRAMES};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::place::{has_folder, is_in, number};
use crate::shared_sort::SharedSort;

const GOROUTINE: &str = "goroutine ";
const PANIC: &str = "panic: ";
const FATAL: &str = "fatal error: ";

/// Modules that are libraries wherever their code lies.
const LIBRARIES: &[&str] = &["go.opentelemetry.io/", "google.golang.org/", "golang.org/x/", "github.com/pkg/errors"];

/// Packages of the standard library, by the first part of their paths.
const STANDARD: &[&str] = &[
    "archive",
    "bufio",
    "bytes",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "hash",
    "html",
    "image",
    "internal",
    "io",
    "log",
    "math",
    "mime",
    "net",
    "os",
    "panic",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
];

/// A dump begins as nothing else does; else a file of Go with its offset, or below its function, is proof.
pub(super) fn detect(text: &str, _flat: bool) -> Fit {
    let start = text.trim_start();
    let begins = start.starts_with(PANIC) || start.starts_with(FATAL) || dump(start).is_some_and(|(at, _)| at == 0);
    let places = Places::of(text);
    match places.last() {
        Some(_) if begins => Fit::Begins,
        Some(place) => Fit::Holds(place.at),
        None => Fit::None,
    }
}

/// Not the application's: the runtime and the standard library, modules that were downloaded or vendored.
pub(super) fn in_app(frame: &Frame) -> bool {
    let standard = is_in(&frame.file, &["/usr/lib/go", "/usr/local/go/src/", "$GOROOT/"])
        || STANDARD.contains(&frame.function.split(['/', '.']).next().unwrap_or_default());
    // Built with -trimpath, a file of a module has its version in its path.
    let modules = frame.file.contains("/pkg/mod/") || frame.file.contains("@v") || has_folder(&frame.file, "vendor");
    !standard && !modules && !is_in(&frame.function, LIBRARIES) && !frame.file.is_empty()
}

/// Reads the failure of the goroutine that is told first.
pub(super) fn parse(text: &str, _flat: bool) -> Vec<Block> {
    match dump(text) {
        Some((at, length)) => of_dump(&text[..at], &text[at + length..]),
        None => of_wrapped(text),
    }
}

/// Where a dump of a goroutine begins, and the length of its heading `goroutine 1 [running]:`.
fn dump(text: &str) -> Option<(usize, usize)> {
    text.match_indices(GOROUTINE).find_map(|(at, _)| {
        let rest = &text[at + GOROUTINE.len()..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&digits| digits > 0)?;
        let state = rest[digits..].strip_prefix(" [")?;
        let end = state.get(..state.floor_char_boundary(200))?.find("]:")?;
        Some((at, GOROUTINE.len() + digits + " [".len() + end + "]:".len()))
    })
}

/// A dump, from the top of the stack:
///
/// ```text
///   debug.Stack, the function that recovered          of no panic
///   panic
///   what panicked last                                the exception
///   panic
///   what panicked first, and was recovered            its cause
/// ```
///
/// A program that died by its last panic has no `panic` above it.
fn of_dump(head: &str, dump_text: &str) -> Vec<Block> {
    let end = dump(dump_text).map_or(dump_text.len(), |(at, _)| at);
    let frames = frames(&dump_text[..end]);
    let mut told = panics(head);
    let died = !told.is_empty();
    let mut starts: Vec<usize> =
        frames.iter().enumerate().filter(|(_, it)| is_panic(it)).map(|(at, _)| at + 1).collect();
    if died || starts.is_empty() {
        starts.insert(0, 0);
    }
    if told.is_empty() {
        told.push(("", ""));
    }
    let links = told.iter().rev().zip(starts.into_iter().map(Some).chain(std::iter::repeat(None)));
    links
        .map(|(&(kind, message), start)| {
            let frames = start.and_then(|start| frames.get(start..)).unwrap_or_default();
            Block {
                kind: kind.into(),
                message: message.into(),
                frames: frames.iter().take(MAX_FRAMES).cloned().collect(),
            }
        })
        .collect()
}

fn is_panic(frame: &Frame) -> bool {
    matches!(&*frame.function, "panic" | "runtime.gopanic")
}

/// How many panics of one death are told.
const PANICS: usize = 16;

/// Kind and message of each panic, in the order in which they are printed: the first panic first.
fn panics(head: &str) -> Vec<(&str, &str)> {
    let starts_word = |at: usize| at == 0 || head[..at].ends_with(char::is_whitespace);
    let found = head.match_indices(PANIC).chain(head.match_indices(FATAL)).filter(|(at, _)| starts_word(*at));
    let mut found: Vec<(usize, &str)> = found.collect();
    found.shared_sort();
    found.truncate(PANICS);
    let ends = found.iter().skip(1).map(|(at, _)| *at).chain([head.len()]);
    let told = found.iter().zip(ends).map(|((at, mark), end)| {
        let message = &head[at + mark.len()..end];
        let message = message.split_once("[signal ").map_or(message, |(message, _)| message).trim();
        let message = ["[recovered]", "[recovered, repanicked]"]
            .into_iter()
            .find_map(|recovered| message.strip_suffix(recovered))
            .unwrap_or(message);
        (mark.trim_end_matches(": "), message.trim_end())
    });
    told.collect()
}

fn frames(text: &str) -> Vec<Frame> {
    let mut from = 0;
    let places = Places::of(text);
    let read = places.map(|place| {
        let before = &text[from..place.at];
        from = place.end;
        Frame {
            file: place.file.into(),
            line: Some(place.line),
            function: function(before).0.into(),
            ..Frame::default()
        }
    });
    // Twice as many, so that what panicked below a long recovery is found.
    read.take(2 * MAX_FRAMES).collect()
}

/// The function in front of a place, without its arguments, and where it begins.
///
/// ```text
///   wrapped text  shop/cart.(*Cart).Add(0x1, {0xc000, 0x3})  /srv/cart.go:12 +0x1d
///                 └────── function ───┘└──── arguments ────┘
/// ```
fn function(before: &str) -> (&str, usize) {
    let text = before.trim_end();
    let call = if text.ends_with(')') { &text[..open_bracket(text)] } else { text };
    let call = call.rsplit_once(" in goroutine").map_or(call, |(call, _)| call);
    // Not one behind a white space: some have more bytes than one.
    let start = call.trim_end_matches(|c: char| !c.is_whitespace()).len();
    (&call[start..], start)
}

/// Where the bracket opens that the text closes with.
fn open_bracket(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().rev().take(1024) {
        match byte {
            b')' => depth += 1,
            b'(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// What `%+v` of pkg/errors prints, innermost first: a message, then the stack of where it was wrapped.
///
/// ```text
///   unexpected EOF            the root, without a stack
///   read store                wraps it
///   shop/cart.read
///       /srv/cart.go:31
///   load cart 17              wraps that
///   shop/cart.Traced
///       /srv/cart.go:28
/// ```
fn of_wrapped(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut from = 0;
    for place in Places::of(text) {
        let before = &text[from..place.at];
        let (function, start) = function(before);
        let words = before[..start].trim();
        from = place.end;
        let frame =
            Frame { file: place.file.into(), line: Some(place.line), function: function.into(), ..Frame::default() };
        let links = words.lines().filter(|line| !line.trim().is_empty());
        blocks.extend(links.map(|line| Block { message: line.trim().into(), ..Block::default() }));
        if blocks.is_empty() {
            blocks.push(Block::default());
        }
        // An error that was given a stack twice tells it twice, and the second has no message of its own.
        if let Some(block) = blocks.last_mut().filter(|block| block.frames.len() < MAX_FRAMES && !is_whole(block)) {
            block.frames.push(frame);
        }
    }
    blocks.reverse();
    blocks
}

/// Whether the stack reached the start of its goroutine.
fn is_whole(block: &Block) -> bool {
    block.frames.last().is_some_and(|frame| &*frame.function == "runtime.goexit")
}

/// `/srv/cart.go:12`, with its offset if it has one.
struct Place<'a> {
    at: usize,
    end: usize,
    file: &'a str,
    line: u32,
}

/// The places of a text, in its order.
struct Places<'a> {
    text: &'a str,
    /// Behind the place before.
    from: usize,
    /// How far colons were looked at.
    colon: usize,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, from: 0, colon: 0 }
    }
}

impl<'a> Iterator for Places<'a> {
    type Item = Place<'a>;

    fn next(&mut self) -> Option<Place<'a>> {
        loop {
            let name_end = self.colon + self.text[self.colon..].find(':')? + 1;
            self.colon = name_end;
            let named = &self.text[self.from..name_end - 1];
            if !named.ends_with(".go") && !named.ends_with(".s") {
                continue;
            }
            let start = self.from + named.rfind(['\t', '\n', ' ']).map_or(0, |at| at + 1);
            let digits =
                self.text[name_end..].find(|c: char| !c.is_ascii_digit()).unwrap_or(self.text.len() - name_end);
            let end = name_end + digits;
            let line = number(&self.text[name_end..end]);
            (self.from, self.colon) = (end, end);
            let own_word = start > 0 || self.text[start..].starts_with(['/', '\\']);
            if let Some(line) = line.filter(|_| own_word && ends_place(&self.text[end..])) {
                let offset = self.text[end..].strip_prefix(" +0x");
                let length =
                    offset.map_or(0, |hex| 4 + hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len()));
                (self.from, self.colon) = (end + length, end + length);
                return Some(Place { at: start, end: end + length, file: &self.text[start..name_end - 1], line });
            }
        }
    }
}

/// Nothing but space, an offset or the end follows a place of a stack: `cart.go:12: no such file` is a message.
fn ends_place(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(char::is_whitespace)
}

/// The text behind the last `: ` of a message that `fmt.Errorf` wrapped: what failed first. Its own type says nothing.
pub(in crate::analyze) fn innermost<'a>(kind: &str, message: &'a str) -> Option<&'a str> {
    const WRAPPERS: [&str; 4] = ["*fmt.wrapError", "*errors.withMessage", "*errors.withStack", "*fmt.wrapErrors"];
    let (_, root) = message.rsplit_once(": ").filter(|_| WRAPPERS.contains(&kind))?;
    Some(root.trim()).filter(|root| !root.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_a_place_is_no_stack() {
        assert_eq!(detect("cart.go:12: no such item", false), Fit::None);
        assert_eq!(detect("cart.go:12", false), Fit::None, "the text of an error, cut off");
        assert_eq!(detect("open cart.go:12", false), Fit::Holds(5));
    }

    #[test]
    fn a_dump_begins_with_its_heading() {
        let heading = "goroutine 17 [chan receive, 4 minutes]:";
        assert_eq!(dump(&format!("x {heading}\nmain.main()")), Some((2, heading.len())));
        for other in ["goroutine [running]:", "goroutine 17 running:", "goroutine 17 [running"] {
            assert_eq!(dump(other), None, "{other}");
        }
    }

    #[test]
    fn arguments_are_no_part_of_a_function() {
        let (name, _) = function("a b: shop/cart.(*Cart).Add(0x1, {0xc000, 0x3})\n\t");
        assert_eq!(name, "shop/cart.(*Cart).Add");
        assert_eq!(function("created by net/http.(*Server).Serve in goroutine 1 ").0, "net/http.(*Server).Serve");
        assert_eq!(function("a\u{85}main.add(0x1)"), ("main.add", 3), "a white space of two bytes");
    }

    #[test]
    fn what_was_wrapped_is_the_root() {
        assert_eq!(innermost("*fmt.wrapError", "a: b: c"), Some("c"));
        assert_eq!(innermost("*net.OpError", "a: b: c"), None);
        assert_eq!(innermost("*fmt.wrapError", "c"), None);
    }
}
