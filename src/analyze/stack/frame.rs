//! What a stack trace says, whatever the language.

/// One call.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Frame {
    /// The file as the language names it, without `file://`; empty when the stack names none.
    pub file: Box<str>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1, where the language tells it.
    pub column: Option<u32>,
    /// The function as the language names it, with its class or module where the stack tells that; empty when it is not
    /// known.
    pub function: Box<str>,
    /// What ships the code, where the stack tells that: jar or module of Java, application of Elixir, library of C++;
    /// else empty.
    pub package: Box<str>,
    /// Whether this is the application's own code, not a library's or the runtime's.
    pub in_app: bool,
}

/// One exception of a chain.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Block {
    /// The type as the stack shows it; empty when it shows none.
    pub kind: Box<str>,
    /// The message; empty when there is none.
    pub message: Box<str>,
    /// The calls, innermost first in every language.
    pub frames: Vec<Frame>,
}

impl Block {
    /// The innermost frame of the application's own code: where a reader should look.
    #[must_use]
    pub fn top_in_app(&self) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.in_app)
    }
}

/// A whole stack trace.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stack {
    /// Name of the language, as in the table.
    pub language: &'static str,
    /// The exception that escaped, then its causes; the root cause last. Never empty.
    pub blocks: Vec<Block>,
}

/// More frames of one exception than these are left out, the outermost first: deep recursion tells nothing new.
pub const MAX_FRAMES: usize = 500;

/// More exceptions of one chain than these are left out, from its middle: both ends matter.
pub const MAX_BLOCKS: usize = 32;

/// Leaves out the middle of a chain that is too long.
pub(super) fn cap_blocks(blocks: &mut Vec<Block>) {
    if blocks.len() > MAX_BLOCKS {
        let tail = blocks.len() - MAX_BLOCKS / 2;
        blocks.drain(MAX_BLOCKS / 2..tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_chain_keeps_both_ends() {
        let named = |n: usize| Block { kind: n.to_string().into(), ..Block::default() };
        let mut blocks: Vec<Block> = (0..100).map(named).collect();
        cap_blocks(&mut blocks);
        assert_eq!(blocks.len(), MAX_BLOCKS);
        assert_eq!((&*blocks[0].kind, &*blocks[15].kind), ("0", "15"));
        assert_eq!((&*blocks[16].kind, &*blocks[31].kind), ("84", "99"));
    }
}
