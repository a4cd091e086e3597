//! Tracebacks of Python, with chains and exception groups.

mod flat;
#[cfg(test)]
mod tests;

use crate::analyze::stack::frame::{Block, Frame, MAX_FRAMES};
use crate::analyze::stack::language::{Fit, is_bracketed};
use crate::shared_sort::SharedSort;

const TRACEBACK: &str = "Traceback (most recent call last):";
const GROUP: &str = "Exception Group Traceback (most recent call last):";
/// What stands between two exceptions of a chain, the earlier of which is printed first.
const CHAINED: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// Nothing but Python begins with its heading.
pub(super) fn detect(text: &str, _flat: bool) -> Fit {
    let start = text.trim_start().trim_start_matches(['+', ' ']);
    if start.starts_with(TRACEBACK) || start.starts_with(GROUP) || frame(start).is_some() {
        return Fit::Begins;
    }
    let heading = text.rfind(TRACEBACK);
    let mut frames = text.rmatch_indices("File \"").map(|(at, _)| at);
    let last = frames.find(|&at| frame(head(&text[at..])).is_some());
    heading.max(last).map_or(Fit::None, Fit::Holds)
}

/// Not the application's: installed packages, the standard library, and code without a file.
pub(super) fn in_app(frame: &Frame) -> bool {
    let file = &*frame.file;
    const NOT: [&str; 4] = ["site-packages", "dist-packages", "/lib/python3", "lib64/python"];
    let windows = file.to_ascii_lowercase();
    let windows = windows.contains("\\lib\\") && windows.contains("python");
    !file.is_empty() && !is_bracketed(file) && !windows && !NOT.iter().any(|part| file.contains(part))
}

/// Reads all exceptions of the chain.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut reader = Reader { boxed: text.contains(GROUP), ..Reader::default() };
    if flat {
        reader.take_flat(text)
    } else {
        text.lines().for_each(|line| reader.take(line))
    }
    reader.into_blocks()
}

#[derive(Default)]
struct Reader {
    /// Whether there may be boxes, which exception groups draw around their exceptions.
    boxed: bool,
    /// Finished exceptions as printed, each with the number of boxes around it.
    done: Vec<(usize, Block)>,
    open: Option<Open>,
    /// Only the first exception of a group is followed: what lies in at least so many boxes is left out.
    skip: Option<usize>,
}

/// The exception that is being read.
struct Open {
    level: usize,
    /// Oldest first, as printed.
    frames: Vec<Frame>,
    /// The last line(s): type and message.
    header: String,
    /// Text before any heading: it counts only if it turns out to be an exception that was never raised.
    tentative: bool,
}

impl Reader {
    /// Takes the next line of a traceback that has its line ends.
    fn take(&mut self, line: &str) {
        let (level, line) = match self.unbox(line) {
            Some(unboxed) if self.skip.is_none_or(|skip| unboxed.0 < skip) => unboxed,
            _ => return,
        };
        self.skip = None;
        let text = line.trim();
        if text == TRACEBACK || text == GROUP {
            self.start(level, false);
        } else if CHAINED.contains(&text) {
            self.chain(level);
        } else if let Some(frame) = frame(text).filter(|_| !self.is_in_message()) {
            self.frame(level, frame);
        } else {
            self.text(level, line);
        }
    }

    /// The number of boxes around a line, and what is in them; `None` for lines that only draw.
    ///
    /// The box of the outermost group begins in column 2, each further one two columns to the right.
    fn unbox<'a>(&mut self, line: &'a str) -> Option<(usize, &'a str)> {
        let inner = line.trim_start_matches(' ');
        let level = ((line.len() - inner.len()) / 2).saturating_sub(1);
        if !self.boxed {
            return Some((0, line));
        }
        match (inner.strip_prefix('|'), inner.strip_prefix("+ "), Rule::of(inner)) {
            (Some(content), _, _) => Some((level, content.strip_prefix(' ').unwrap_or(content))),
            (_, Some(content), _) => Some((level, content)),
            (_, _, Some(rule)) => {
                match rule {
                    // While a box is left out, so are those within it.
                    Rule::First if self.skip.is_none_or(|skip| level < skip) => {
                        self.skip = None;
                        self.start(level + 1, false);
                    }
                    Rule::Next if self.skip.is_none_or(|skip| level < skip) => {
                        self.close();
                        self.skip = Some(level);
                    }
                    _ => {}
                }
                None
            }
            _ => Some((0, line)),
        }
    }

    fn is_tentative(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.tentative)
    }

    fn is_in_message(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.tentative && !open.header.is_empty())
    }

    fn start(&mut self, level: usize, tentative: bool) {
        self.close();
        self.open = Some(Open { level, frames: Vec::new(), header: String::new(), tentative });
    }

    fn frame(&mut self, level: usize, frame: Frame) {
        if self.open.is_none() || self.is_tentative() {
            self.start(level, false); // the heading was cut off
        }
        if let Some(open) = &mut self.open {
            // The innermost frames come last; making room for many at once keeps this linear.
            if open.frames.len() >= 2 * MAX_FRAMES {
                open.frames.drain(..MAX_FRAMES);
            }
            open.frames.push(frame);
        }
    }

    fn text(&mut self, level: usize, line: &str) {
        if self.open.as_ref().is_some_and(|open| open.level != level) {
            self.close();
        }
        if self.open.is_none() {
            self.start(level, true);
        }
        let Some(open) = &mut self.open else { return };
        if open.tentative && line.trim().is_empty() {
            open.header.push('\n');
        } else if open.tentative && open.header.ends_with('\n') {
            // Only the last paragraph before the chain's words can be an exception.
            open.header.clear();
            open.header.push_str(line);
        } else if !open.header.is_empty() {
            open.header.push('\n');
            open.header.push_str(line);
        } else if !line.starts_with([' ', '\t']) {
            // Indented lines below a frame are source code.
            open.header.push_str(line);
        }
    }

    /// Another exception of the chain follows.
    fn chain(&mut self, level: usize) {
        if let Some(open) = self.open.as_mut().filter(|open| open.level == level && !open.header.trim().is_empty()) {
            open.tentative = false;
        }
        self.close();
    }

    fn close(&mut self) {
        let Some(open) = self.open.take().filter(|open| !open.tentative) else { return };
        let (kind, message) = header(&open.header);
        // Process pools quote the traceback of the other process between triple quotes, as an exception's message:
        // the quoted one is the next block.
        let quotes_another = open.frames.is_empty() && message == "\"\"\"";
        let message = message.strip_suffix("\n\"\"\"").unwrap_or(message).trim_end();
        if quotes_another || (open.frames.is_empty() && open.header.is_empty()) {
            return;
        }
        let frames: Vec<Frame> = open.frames.into_iter().rev().take(MAX_FRAMES).collect();
        self.done.push((open.level, Block { kind: kind.into(), message: message.into(), frames }));
    }

    /// Outermost first: the last printed comes first, and a group before what it holds.
    fn into_blocks(mut self) -> Vec<Block> {
        self.close();
        self.done.reverse();
        self.done.shared_sort_by_key(|&(level, _)| level);
        self.done.into_iter().map(|(_, block)| block).collect()
    }
}

/// The lines that exception groups draw.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Rule {
    /// `+-+---------------- 1 ----------------`: the first exception of a group follows.
    First,
    /// `+---------------- 2 ----------------`: another one follows.
    Next,
    /// `+------------------------------------`: the end.
    Last,
}

impl Rule {
    fn of(line: &str) -> Option<Self> {
        Self::measured(line).map(|(rule, _)| rule)
    }

    /// The rule with which a text begins, and its length.
    fn measured(text: &str) -> Option<(Self, usize)> {
        let dashes = |text: &str| text.len() - text.trim_start_matches('-').len();
        let first = text.starts_with("+-+");
        let start = if first { 3 } else { 1 };
        let left = text.strip_prefix("+-").map(|_| dashes(&text[start..])).filter(|&left| left >= 8)? + start;
        let label = text[left..].strip_prefix(' ').and_then(|label| label.split_once(' ')).filter(|(label, rest)| {
            rest.starts_with('-') && label.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
        Some(match label {
            Some((label, rest)) => {
                let rule = if first { Self::First } else { Self::Next };
                (rule, left + label.len() + 2 + dashes(rest))
            }
            None => (Self::Last, left),
        })
    }
}

/// `File "f", line N, in fn`, without space around it.
fn frame(line: &str) -> Option<Frame> {
    let (file, line, rest) = place(line)?;
    let function = rest.strip_prefix(", in ").unwrap_or_default().trim();
    Some(Frame { file: file.into(), line: Some(line), function: function.into(), ..Frame::default() })
}

/// A frame is not longer than this; looking no further keeps a hostile text from being read again and again.
fn head(text: &str) -> &str {
    let end = (0..=text.len().min(2048)).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or_default()]
}

/// File and line, and what follows.
fn place(text: &str) -> Option<(&str, u32, &str)> {
    let (file, rest) = text.strip_prefix("File \"")?.split_once("\", line ")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let line = rest[..digits].parse().ok()?;
    Some((file, line, &rest[digits..]))
}

/// Type and message of `module.Type: message`.
fn header(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    match rest.strip_prefix(':') {
        Some(message) if !kind.is_empty() => (kind, message.trim()),
        None if rest.is_empty() => (kind, ""),
        _ => ("", text),
    }
}

/// Characters of a dotted name; the name of a local class holds `<locals>`.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>')
}
