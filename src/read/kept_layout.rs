//! The two layouts of a segment: records one behind the other, or blocks of many records that are compressed together.

use crate::read::byte_source::ByteSource;
use crate::read::kept_block::{BLOCK_HEAD_BYTES, BLOCK_MARK, BlockHead, PACKED_MAGIC};
use crate::read::kept_record::{HEAD_BYTES, MARK, RecordHead, SEGMENT_MAGIC};
use memchr::memmem;

/// How many bytes say which layout a segment has.
pub(crate) const MAGIC_BYTES: usize = SEGMENT_MAGIC.len();

/// How a segment is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// As it is written while requests come.
    Records,
    /// As it is written when it is packed.
    Blocks,
}

impl Layout {
    /// The layout of a segment that starts with `head`; `None` when it is no segment.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let all = [Self::Records, Self::Blocks];
        all.into_iter().find(|layout| head.starts_with(layout.magic()))
    }

    /// What such a segment starts with.
    pub(crate) fn magic(self) -> &'static [u8; MAGIC_BYTES] {
        match self {
            Self::Records => SEGMENT_MAGIC,
            Self::Blocks => PACKED_MAGIC,
        }
    }

    /// How many bytes the head of a part (a record, or a block) has.
    pub(crate) fn head_bytes(self) -> usize {
        match self {
            Self::Records => HEAD_BYTES,
            Self::Blocks => BLOCK_HEAD_BYTES,
        }
    }

    /// What a part is called in reports.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Records => "record",
            Self::Blocks => "block",
        }
    }

    /// How many bytes follow the head at the start of `bytes`; `None` when none stands there, or a damaged one.
    pub(crate) fn length(self, bytes: &[u8]) -> Option<u32> {
        match self {
            Self::Records => RecordHead::parse(bytes).map(|head| head.length),
            Self::Blocks => BlockHead::parse(bytes).map(|head| head.length),
        }
    }

    /// How many bytes at the start of `window` are whole parts of at most `limit` bytes, and how many parts that are.
    pub(crate) fn whole_parts(self, window: &[u8], limit: usize) -> (usize, u64) {
        let (mut at, mut count) = (0, 0);
        while let Some(length) = window.get(at..).and_then(|rest| self.length(rest)) {
            let end = at + self.head_bytes() + length as usize;
            if length as usize > limit || end > window.len() {
                break;
            }
            (at, count) = (end, count + 1);
        }
        (at, count)
    }

    /// Passes damaged bytes up to the next head that is whole; `false` if there is none.
    pub(crate) fn find_part(self, source: &mut ByteSource<'_>) -> bool {
        let mark = match self {
            Self::Records => MARK,
            Self::Blocks => BLOCK_MARK,
        };
        source.consume(1);
        loop {
            let window = source.window();
            if let Some(at) = memmem::find(window, &mark) {
                source.consume(at);
                source.fill_to(self.head_bytes());
                if self.length(source.window()).is_some() {
                    return true;
                }
                source.consume(1);
                continue;
            }
            // The start of a mark may stand at the end.
            let count = window.len().saturating_sub(mark.len() - 1);
            source.consume(count);
            if !source.fill() {
                source.consume(usize::MAX);
                return false;
            }
        }
    }
}
