//! The records of a segment one by one, whatever its layout: for whoever writes them anew.

use crate::read::byte_source::ByteSource;
use crate::read::kept_block::{BLOCK_HEAD_BYTES, BlockHead};
use crate::read::kept_layout::{Layout, MAGIC_BYTES};
use crate::read::kept_record::{HEAD_BYTES, RecordHead, split_record};
use std::fs::File;
use std::io;
use std::path::Path;

/// A record.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'k> {
    /// What it says of itself.
    pub head: RecordHead,
    /// The request.
    pub payload: &'k [u8],
    /// Where the block that holds it starts in the file, or where the record does.
    pub at: u64,
}

/// The records of a segment, in their order. What is damaged is counted and passed by.
pub struct KeptRecords {
    source: ByteSource<'static>,
    layout: Layout,
    /// How many bytes at the start of the window were handed out.
    used: usize,
    /// The records of the current block, where it starts, and how much of it was handed out.
    block: (Vec<u8>, u64, usize),
    damaged: u64,
}

impl KeptRecords {
    /// Begins to read a segment.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut source = ByteSource::new(Box::new(File::open(path)?));
        source.fill_to(MAGIC_BYTES);
        if let Some(failure) = source.take_failure() {
            return Err(failure);
        }
        // Even the first bytes may be damaged: the name says what should stand there.
        let is_packed = path.extension().is_some_and(|ending| ending != "kept" && ending != "open");
        let (layout, damaged) = match (Layout::of(source.window()), is_packed) {
            (Some(layout), _) => (layout, 0),
            (None, true) => (Layout::Blocks, 1),
            (None, false) => (Layout::Records, 1),
        };
        source.consume(MAGIC_BYTES);
        Ok(Self { source, layout, used: 0, block: (Vec::new(), 0, 0), damaged })
    }

    /// How many places are damaged, so far.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the file cannot be read on.
    pub fn next_record(&mut self) -> io::Result<Option<Kept<'_>>> {
        match self.layout {
            Layout::Records => self.next_of_records(),
            Layout::Blocks => self.next_of_blocks(),
        }
    }

    fn next_of_records(&mut self) -> io::Result<Option<Kept<'_>>> {
        while let Some(length) = self.next_part()? {
            self.used = HEAD_BYTES + length;
            // It was parsed to tell the length.
            let Some(head) = RecordHead::parse(self.source.window()) else { continue };
            if head.fits(&self.source.window()[HEAD_BYTES..self.used]) {
                let at = self.source.offset();
                let payload = &self.source.window()[HEAD_BYTES..self.used];
                return Ok(Some(Kept { head, payload, at }));
            }
            self.damaged += 1;
        }
        Ok(None)
    }

    fn next_of_blocks(&mut self) -> io::Result<Option<Kept<'_>>> {
        loop {
            let (records, _, used) = &self.block;
            let from = *used;
            let left = records.get(from..).unwrap_or_default();
            let Some((head, payload, rest)) = split_record(left) else {
                self.damaged += u64::from(!left.is_empty());
                if self.next_block()? {
                    continue;
                }
                return Ok(None);
            };
            let fits = head.fits(payload);
            self.block.2 = records.len() - rest.len();
            if fits {
                let (records, at, used) = &self.block;
                return Ok(Some(Kept { head, payload: &records[from + HEAD_BYTES..*used], at: *at }));
            }
            self.damaged += 1;
        }
    }

    /// Unpacks the next block that is whole.
    fn next_block(&mut self) -> io::Result<bool> {
        self.block = (Vec::new(), 0, 0);
        while let Some(length) = self.next_part()? {
            self.used = BLOCK_HEAD_BYTES + length;
            let window = self.source.window();
            let packed = &window[BLOCK_HEAD_BYTES..self.used];
            match BlockHead::parse(window).map(|head| head.unpack(packed, u32::MAX as usize)) {
                Some(Ok(records)) => {
                    self.block = (records, self.source.offset(), 0);
                    return Ok(true);
                }
                _ => self.damaged += 1,
            }
        }
        Ok(false)
    }

    /// Has the next part whose head is whole at the start of the window, to its end; how many bytes follow the head.
    fn next_part(&mut self) -> io::Result<Option<usize>> {
        self.source.consume(std::mem::take(&mut self.used));
        loop {
            self.source.fill_to(self.layout.head_bytes());
            let whole = match self.layout.length(self.source.window()) {
                Some(length) => {
                    let length = length as usize;
                    self.source.fill_to(self.layout.head_bytes() + length).then_some(length)
                }
                None => None,
            };
            if let Some(failure) = self.source.take_failure() {
                return Err(failure);
            }
            if whole.is_some() || self.source.window().is_empty() {
                return Ok(whole);
            }
            self.damaged += 1;
            if !self.layout.find_part(&mut self.source) {
                return Ok(None);
            }
        }
    }
}
