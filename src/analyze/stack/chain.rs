//! Puts exceptions together from what is printed one line after the other.

use crate::analyze::stack::frame::{Block, Frame, MAX_BLOCKS, MAX_FRAMES};
use std::borrow::Cow;

/// Splits what stands before the frames into type and message.
pub(super) type Header = for<'t> fn(&'t str) -> (&'t str, Cow<'t, str>);

/// The exceptions of a chain in the order in which they are printed, each with its message before its frames.
pub(super) struct Chain<'a> {
    header: Header,
    done: Vec<Block>,
    lines: Vec<&'a str>,
    frames: Vec<Frame>,
    /// The first frame came with the first line of the message, which goes on below it.
    in_message: bool,
}

impl<'a> Chain<'a> {
    /// A chain that holds nothing; `header` splits the text before the frames into type and message.
    pub(super) fn new(header: Header) -> Self {
        Self { header, done: Vec::new(), lines: Vec::new(), frames: Vec::new(), in_message: false }
    }

    /// Begins another exception with the first line of its message.
    pub(super) fn start(&mut self, line: &'a str) {
        self.close();
        self.lines.push(line);
    }

    /// A further line of the message. After frames there is none: what stands there adds nothing.
    pub(super) fn text(&mut self, line: &'a str) {
        if self.frames.is_empty() || self.in_message {
            self.lines.push(line);
        }
    }

    /// The next call, innermost first. Those beyond [`MAX_FRAMES`] are left out.
    pub(super) fn frame(&mut self, frame: Frame) {
        self.in_message = false;
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame);
        }
    }

    /// The innermost call, which is printed before the message.
    pub(super) fn own_frame(&mut self, frame: Frame) {
        self.frame(frame);
        self.in_message = true;
    }

    /// The outermost `count` calls are those of the exception before, which are not printed again.
    pub(super) fn elided(&mut self, count: usize) {
        // The middle of a longer chain is not shown.
        if let Some(before) = self.done.last().filter(|_| self.done.len() <= MAX_BLOCKS) {
            let common = &before.frames[before.frames.len().saturating_sub(count)..];
            let room = MAX_FRAMES.saturating_sub(self.frames.len());
            self.frames.extend(common.iter().take(room).cloned());
        }
    }

    /// Whether the exception that is being read has calls.
    pub(super) fn has_frames(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether nothing was read.
    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty() && self.frames.is_empty() && self.lines.iter().all(|line| line.trim().is_empty())
    }

    fn close(&mut self) {
        self.in_message = false;
        let text = std::mem::take(&mut self.lines).join("\n");
        let (kind, message) = (self.header)(text.trim());
        let block =
            Block { kind: kind.into(), message: message.trim().into(), frames: std::mem::take(&mut self.frames) };
        if block != Block::default() {
            self.done.push(block);
        }
    }

    /// The exceptions, as printed.
    pub(super) fn finish(mut self) -> Vec<Block> {
        self.close();
        self.done
    }
}

/// [`typed`] of what stands before the frames.
pub(super) fn typed_header(text: &str) -> (&str, Cow<'_, str>) {
    let (kind, message) = typed(text);
    (kind, Cow::Borrowed(message))
}

/// Type and message of `package.Type: message`; all is message when it does not begin with a name.
pub(super) fn typed(text: &str) -> (&str, &str) {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '`' | '+');
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    match rest.strip_prefix(':') {
        Some(message) if kind.starts_with(|c: char| c.is_alphabetic() || c == '_') => (kind, message.trim()),
        None if rest.is_empty() && !kind.ends_with('.') => (kind, ""),
        _ => ("", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_look_like_anything() {
        assert_eq!(typed("a.B: c: d"), ("a.B", "c: d"));
        assert_eq!(typed("a.B"), ("a.B", ""));
        assert_eq!(typed("nothing: here"), ("nothing", "here"));
        assert_eq!(typed("no name here: x"), ("", "no name here: x"));
        assert_eq!(typed(": x"), ("", ": x"));
    }

    #[test]
    fn calls_that_are_not_printed_again_are_those_of_the_exception_before() {
        let frame = |name: &str| Frame { function: name.into(), ..Frame::default() };
        let mut chain = Chain::new(typed_header);
        chain.start("A: outer");
        ["a", "b", "c"].into_iter().for_each(|name| chain.frame(frame(name)));
        chain.start("B: inner");
        chain.frame(frame("x"));
        chain.elided(2);
        let blocks = chain.finish();
        let names: Vec<&str> = blocks[1].frames.iter().map(|frame| &*frame.function).collect();
        assert_eq!(names, ["x", "b", "c"]);
    }
}
