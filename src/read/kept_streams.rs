//! What a store holds of a window of time, or of one trace, as bytes to read: what cannot matter is passed by, unread.
//!
//! ```text
//! segments   by the time in their names
//! blocks     by the time in their heads; of one trace, by the index
//! records    of one trace, by its id among their bytes
//! ```
//!
//! Whatever is damaged is handed on as it is: who decodes it tells of it.

use crate::model::ids::TraceId;
use crate::model::time::TimeWindow;
use crate::read::kept_block::BlockHead;
use crate::read::kept_index::blocks_of;
use crate::read::kept_layout::{Layout, MAGIC_BYTES};
use crate::read::kept_record::{HEAD_BYTES, RecordHead, RequestKind};
use crate::read::kept_segments::{Segment, around, overlaps, segments, whole_length};
use memchr::memmem;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// How often the store is listed again because a file went while it was opened: it was sealed, packed, or removed.
const ATTEMPTS: usize = 100;

/// How many bytes of what is damaged are handed on at once.
const PIECE: usize = 64 << 10;

/// Opens what a store holds of the traces that begin in `window`, or of all times; with `trace`, what may hold a part of it.
/// All files are opened before the first is read, so that none goes meanwhile.
///
/// # Errors
///
/// When the folder cannot be listed, or a file in it cannot be opened.
pub fn open_store(
    folder: &Path,
    window: Option<TimeWindow>,
    trace: Option<TraceId>,
) -> io::Result<Vec<(String, Box<dyn Read>)>> {
    let mut attempts = 0;
    'again: loop {
        attempts += 1;
        let all = segments(folder)?;
        let mut streams: Vec<(String, Box<dyn Read>)> = Vec::new();
        for segment in all.iter().filter(|segment| window.is_none_or(|window| segment.may_hold(window))) {
            match KeptStream::open(segment, window, trace) {
                Ok(stream) => streams.push((segment.path.to_string_lossy().into_owned(), Box::new(stream))),
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => continue 'again,
                Err(error) => return Err(error),
            }
        }
        return Ok(streams);
    }
}

/// Which parts are handed on.
enum Chosen {
    All,
    /// Those that tell of this time.
    Within(TimeWindow),
    /// Those that may hold a part of this trace.
    Of(TraceId),
    /// The blocks that start here.
    Blocks(VecDeque<u64>),
}

/// The bytes of a segment, without the parts that cannot matter.
struct KeptStream {
    file: BufReader<File>,
    layout: Option<Layout>,
    chosen: Chosen,
    /// Where the next part starts, and where the last one that is looked at ends.
    at: u64,
    end: u64,
    ready: Vec<u8>,
    handed: usize,
}

impl KeptStream {
    fn open(segment: &Segment, window: Option<TimeWindow>, trace: Option<TraceId>) -> io::Result<Self> {
        let mut file = File::open(&segment.path)?;
        let end = if segment.is_open() { whole_length(&mut file)? } else { file.metadata()?.len() };
        file.seek(SeekFrom::Start(0))?;
        let mut ready = Vec::new();
        file.by_ref().take(MAGIC_BYTES as u64).read_to_end(&mut ready)?;
        let layout = Layout::of(&ready);
        let chosen = match (layout, trace, window) {
            (Some(Layout::Blocks), Some(trace), _) => {
                blocks_of(&segment.path, trace).map_or(Chosen::All, |blocks| Chosen::Blocks(blocks.into()))
            }
            (Some(Layout::Records), Some(trace), _) => Chosen::Of(trace),
            (Some(Layout::Blocks), None, Some(window)) => Chosen::Within(around(window)),
            _ => Chosen::All,
        };
        let (file, at) = (BufReader::with_capacity(PIECE, file), ready.len() as u64);
        Ok(Self { file, layout, chosen, at, end, ready, handed: 0 })
    }

    /// Has the next bytes that matter ready; `false` at the end.
    fn next_part(&mut self) -> io::Result<bool> {
        (self.handed, self.ready) = (0, Vec::new());
        loop {
            let layout = match (self.layout, &mut self.chosen) {
                (None, _) | (_, Chosen::All) => return self.rest(),
                (_, Chosen::Blocks(blocks)) => match blocks.pop_front() {
                    Some(at) => {
                        let step = i64::try_from(at).unwrap_or(i64::MAX);
                        self.file.seek_relative(step.saturating_sub_unsigned(self.at))?;
                        self.at = at;
                        Layout::Blocks
                    }
                    None => return Ok(false),
                },
                (Some(layout), _) => layout,
            };
            let head_bytes = layout.head_bytes();
            let left = self.end.saturating_sub(self.at);
            self.file.by_ref().take(left.min(head_bytes as u64)).read_to_end(&mut self.ready)?;
            let whole = layout.length(&self.ready).map(u64::from);
            let whole = whole.filter(|length| head_bytes as u64 + length <= left);
            let Some(length) = whole else {
                // Damaged, cut off, or the end: whoever reads on finds out.
                self.at += self.ready.len() as u64;
                self.chosen = Chosen::All;
                return if self.ready.is_empty() { self.rest() } else { Ok(true) };
            };
            self.at += head_bytes as u64 + length;
            if self.passes() {
                self.file.seek_relative(i64::try_from(length).unwrap_or(i64::MAX))?;
                self.ready.clear();
                continue;
            }
            self.file.by_ref().take(length).read_to_end(&mut self.ready)?;
            if self.is_of_others() {
                self.ready.clear();
                continue;
            }
            return Ok(true);
        }
    }

    /// Whether the part whose head is ready cannot matter, as far as the head tells.
    fn passes(&self) -> bool {
        match (&self.chosen, BlockHead::parse(&self.ready)) {
            (Chosen::Within(window), Some(BlockHead { time: Some(time), .. })) => !overlaps(*window, time),
            _ => false,
        }
    }

    /// Whether the record that is ready cannot hold a part of the trace. In protobuf an id is 16 bytes as they are; JSON can spell
    /// it in many ways.
    fn is_of_others(&self) -> bool {
        let Chosen::Of(trace) = self.chosen else { return false };
        let Some(head) = RecordHead::parse(&self.ready) else { return false };
        let spells_bytes = matches!(head.kind, RequestKind::TracesProtobuf | RequestKind::LogsProtobuf);
        spells_bytes && memmem::find(&self.ready[HEAD_BYTES..], &trace.0).is_none()
    }

    /// Hands on what is left as it is.
    fn rest(&mut self) -> io::Result<bool> {
        let count = self.end.saturating_sub(self.at).min(PIECE as u64);
        self.file.by_ref().take(count).read_to_end(&mut self.ready)?;
        self.at += self.ready.len() as u64;
        Ok(!self.ready.is_empty())
    }
}

impl Read for KeptStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.ready.len() && !self.next_part()? {
            return Ok(0);
        }
        let count = buffer.len().min(self.ready.len() - self.handed);
        buffer[..count].copy_from_slice(&self.ready[self.handed..self.handed + count]);
        self.handed += count;
        Ok(count)
    }
}
