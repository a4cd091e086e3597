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
use crate::read::kept_record::{HEAD_BYTES, RecordHead};
use crate::read::kept_segments::{Form, Segment, around, overlaps, segments, whole_length};
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
    each_opened(folder, |segments| {
        let wanted = segments.iter().filter(|segment| window.is_none_or(|window| segment.may_hold(window)));
        let opened = wanted.map(|segment| {
            let chosen = match (trace, window) {
                (Some(trace), _) => Chosen::of_trace(segment, trace),
                (None, Some(window)) => Chosen::Within(around(window)),
                (None, None) => Chosen::All,
            };
            Ok(named(segment, KeptStream::open(segment, chosen)?))
        });
        opened.collect()
    })
}

/// What a store holds of two windows: of the one alone, of the other alone, and of both. What may be of any time is of both.
pub struct OfBoth {
    /// Of the first alone.
    pub first: Vec<(String, Box<dyn Read>)>,
    /// Of the second alone.
    pub second: Vec<(String, Box<dyn Read>)>,
    /// Of both.
    pub both: Vec<(String, Box<dyn Read>)>,
}

/// Opens what a store holds of the traces that begin in the one or the other window; `None` when no segment may hold any of both.
/// Each block is in one of the streams, unless something before it is damaged: then what is behind is in several.
///
/// # Errors
///
/// When the folder cannot be listed, or a file in it cannot be opened.
pub fn open_store_of_both(folder: &Path, first: TimeWindow, second: TimeWindow) -> io::Result<Option<OfBoth>> {
    each_opened(folder, |segments| {
        let may_hold_both = |segment: &Segment| segment.may_hold(first) && segment.may_hold(second);
        if !segments.iter().any(may_hold_both) {
            return Ok(None);
        }
        let mut streams = OfBoth { first: Vec::new(), second: Vec::new(), both: Vec::new() };
        let (of_first, of_second) = (around(first), around(second));
        for segment in segments {
            let put = |list: &mut Vec<(String, Box<dyn Read>)>, chosen: Chosen| {
                list.push(named(segment, KeptStream::open(segment, chosen)?));
                io::Result::Ok(())
            };
            match (segment.may_hold(first), segment.may_hold(second)) {
                (true, true) if matches!(segment.form, Form::Packed | Form::Thinned) => {
                    put(&mut streams.first, Chosen::Only { within: of_first, without: of_second })?;
                    put(&mut streams.second, Chosen::Only { within: of_second, without: of_first })?;
                    put(&mut streams.both, Chosen::WithinBoth(of_first, of_second))?;
                }
                (true, true) => put(&mut streams.both, Chosen::All)?,
                (true, false) => put(&mut streams.first, Chosen::Within(of_first))?,
                (false, true) => put(&mut streams.second, Chosen::Within(of_second))?,
                (false, false) => {}
            }
        }
        Ok(Some(streams))
    })
}

/// Lists a store and opens files of it, again as long as one goes meanwhile.
fn each_opened<T>(folder: &Path, open: impl Fn(&[Segment]) -> io::Result<T>) -> io::Result<T> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match open(&segments(folder)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => {}
            opened => return opened,
        }
    }
}

fn named(segment: &Segment, stream: KeptStream) -> (String, Box<dyn Read>) {
    (segment.path.to_string_lossy().into_owned(), Box::new(stream))
}

/// Which parts are handed on.
enum Chosen {
    All,
    /// Those that tell of this time.
    Within(TimeWindow),
    /// Those that tell of the one time, and surely not of the other.
    Only {
        within: TimeWindow,
        without: TimeWindow,
    },
    /// Those that tell of both times, or do not say of which.
    WithinBoth(TimeWindow, TimeWindow),
    /// Those that may hold a part of this trace.
    Of(TraceId),
    /// The blocks that start here.
    Blocks(VecDeque<u64>),
}

impl Chosen {
    /// What may hold a part of a trace. A segment of records is looked through; of blocks the index knows, if it can be trusted.
    fn of_trace(segment: &Segment, trace: TraceId) -> Self {
        blocks_of(&segment.path, trace).map_or(Self::Of(trace), |blocks| Self::Blocks(blocks.into()))
    }
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
    fn open(segment: &Segment, chosen: Chosen) -> io::Result<Self> {
        let mut file = File::open(&segment.path)?;
        let end = if segment.is_open() { whole_length(&mut file)? } else { file.metadata()?.len() };
        file.seek(SeekFrom::Start(0))?;
        let mut ready = Vec::new();
        file.by_ref().take(MAGIC_BYTES as u64).read_to_end(&mut ready)?;
        let layout = Layout::of(&ready);
        // Only blocks tell of a time, and only records are looked through for a trace.
        let chosen = match (layout, chosen) {
            (Some(Layout::Blocks), Chosen::Of(_)) => Chosen::All,
            (Some(Layout::Records), chosen @ Chosen::Of(_)) | (Some(Layout::Blocks), chosen) => chosen,
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
        let Some(BlockHead { time, .. }) = BlockHead::parse(&self.ready) else { return false };
        match (&self.chosen, time) {
            (Chosen::Within(window), Some(time)) => !overlaps(*window, time),
            (Chosen::Only { within, without }, Some(time)) => !overlaps(*within, time) || overlaps(*without, time),
            (Chosen::Only { .. }, None) => true,
            (Chosen::WithinBoth(one, other), Some(time)) => !overlaps(*one, time) || !overlaps(*other, time),
            _ => false,
        }
    }

    /// Whether the record that is ready cannot hold a part of the trace. In protobuf an id is 16 bytes as they are; JSON can spell
    /// it in many ways.
    fn is_of_others(&self) -> bool {
        let Chosen::Of(trace) = self.chosen else { return false };
        let Some(head) = RecordHead::parse(&self.ready) else { return false };
        let spells_bytes = !head.kind.is_json();
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
