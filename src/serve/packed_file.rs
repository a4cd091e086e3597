//! A packed segment while it is written: records are gathered into blocks, and an index is made of them.

use crate::model::ids::TraceId;
use crate::model::time::Interval;
use crate::read::kept_block::{BLOCK_BYTES, BlockHead, PACKED_MAGIC};
use crate::read::kept_index::KeptIndex;
use crate::read::kept_record::{HEAD_BYTES, RecordHead};
use crate::serve::whole_file::UNFINISHED;
use hashbrown::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A packed segment that is being written, under a name that no reader looks at.
pub(crate) struct PackedFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// Where the next block starts.
    at: u64,
    records: Vec<u8>,
    count: u32,
    of_block: Option<Interval>,
    traces: HashSet<TraceId>,
    time: Option<Interval>,
    index: KeptIndex,
}

/// What was written.
pub(crate) struct Written {
    /// Where.
    pub(crate) path: PathBuf,
    /// When what it tells of starts.
    pub(crate) time: Option<Interval>,
    /// Where its traces are.
    pub(crate) index: KeptIndex,
}

impl PackedFile {
    /// Where it is that is made of the segments with these numbers.
    pub(crate) fn path(folder: &Path, (first, last): (u64, u64)) -> PathBuf {
        folder.join(format!("{first:010}-{last:010}.{UNFINISHED}"))
    }

    /// An empty one, made of the segments with these numbers.
    pub(crate) fn create(folder: &Path, numbers: (u64, u64)) -> io::Result<Self> {
        let path = Self::path(folder, numbers);
        let mut file = BufWriter::new(File::create(&path)?);
        if let Err(error) = file.write_all(PACKED_MAGIC) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self {
            path,
            file,
            at: PACKED_MAGIC.len() as u64,
            records: Vec::with_capacity(BLOCK_BYTES),
            count: 0,
            of_block: None,
            traces: HashSet::new(),
            time: None,
            index: KeptIndex::default(),
        })
    }

    /// Adds a record; `time` is when what it tells of starts, `traces` are those that it holds a part of.
    pub(crate) fn append(
        &mut self,
        head: RecordHead,
        payload: &[u8],
        time: Option<Interval>,
        traces: &[TraceId],
    ) -> io::Result<()> {
        if !self.records.is_empty() && self.records.len() + HEAD_BYTES + payload.len() > BLOCK_BYTES {
            self.end_block()?;
        }
        self.records.extend_from_slice(&head.to_bytes());
        self.records.extend_from_slice(payload);
        self.count += 1;
        self.of_block = Interval::of_both(self.of_block, time);
        self.traces.extend(traces);
        self.index.add_request(head.digest);
        Ok(())
    }

    /// Takes note that a span starts in this hour since 1970.
    pub(crate) fn add_hour(&mut self, hour: u32) {
        self.index.add_hour(hour);
    }

    fn end_block(&mut self) -> io::Result<()> {
        let (head, packed) = BlockHead::pack(&self.records, self.count, self.of_block)?;
        let bytes = head.to_bytes();
        self.file.write_all(&bytes)?;
        self.file.write_all(&packed)?;
        self.traces.drain().for_each(|trace| self.index.add(trace, self.at));
        self.at += (bytes.len() + packed.len()) as u64;
        self.time = Interval::of_both(self.time, self.of_block.take());
        self.records.clear();
        self.count = 0;
        Ok(())
    }

    /// Ends it, and makes sure that it outlives a loss of power. It is as old as what it was made of.
    pub(crate) fn finish(mut self, written: SystemTime) -> io::Result<Written> {
        if self.count > 0 {
            self.end_block()?;
        }
        self.file.flush()?;
        let file = self.file.get_ref();
        file.set_modified(written)?;
        file.sync_all()?;
        Ok(Written { path: self.path, time: self.time, index: self.index })
    }
}
