//! Segments that are written anew: many into one that is compressed, or one with what is left of it.
//!
//! ```text
//! 1 2 3 kept  ─► 1-3.unfinished, synced ─► read back ─► 1-3.packed ─► 1, 2, 3 removed
//!                died here: removed at the next start    died here: 1, 2, 3 are passed by, and removed at the next look
//! ```
//!
//! At every moment each record is found once: readers pass by whatever a newer form stands for (`read/kept_segments.rs`).

use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::{Interval, Nanos};
use crate::read::kept_cut::cut_to;
use crate::read::kept_index::{Contents, KeptIndex, contents, index_path};
use crate::read::kept_record::{RecordHead, RequestKind, digest};
use crate::read::kept_records::KeptRecords;
use crate::read::kept_segments::{Form, NANOS_PER_SECOND, Segment, all_segments, rewritten_path};
use crate::read::options::ReadOptions;
use crate::read::otlp_request::RequestReader;
use crate::read::sink::Sink;
use crate::serve::packed_file::{PackedFile, Written};
use crate::serve::whole_file::{UNFINISHED, sync_folder, write_whole};
use hashbrown::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// How many bytes of different names are read before those are forgotten.
const NAMES: usize = 4 << 20;

/// Seconds in an hour.
pub(crate) const HOUR: u64 = 3600;

/// How far the rewriting has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A record is about to be written.
    Record,
    /// The new file is complete, under a name that nobody reads.
    Written,
    /// The new file has its name.
    Named,
    /// One of the old files was removed.
    Removed,
}

/// What is to be written anew.
pub(crate) struct Rewriting<'r> {
    /// The folder of the store.
    pub(crate) folder: &'r Path,
    /// Segments whose numbers follow each other.
    pub(crate) sources: &'r [Segment],
    /// The traces that stay; all when it is `None`.
    pub(crate) wanted: Option<&'r HashSet<TraceId>>,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rewritten {
    /// How many records there are now.
    pub(crate) records: u64,
    /// The number of a segment that is damaged, when nothing was written because of that.
    pub(crate) damaged: Option<u64>,
    /// Whether it was done to its end.
    pub(crate) done: bool,
}

impl Rewriting<'_> {
    /// Does it, as long as `go_on` says so: it is asked at each step. With `despite_damage`, what is damaged is left out; else
    /// nothing is done when anything is.
    pub(crate) fn run(&self, despite_damage: bool, go_on: &mut dyn FnMut(Step) -> bool) -> io::Result<Rewritten> {
        let mut rewritten = Rewritten::default();
        let (Some(first), Some(last)) = (self.sources.first(), self.sources.last()) else { return Ok(rewritten) };
        let numbers = (first.first, last.number);
        let written = self.write(numbers, despite_damage, go_on, &mut rewritten);
        if !matches!(written, Ok(Some(_))) {
            let _ = fs::remove_file(PackedFile::path(self.folder, numbers));
        }
        let Some(written) = written? else { return Ok(rewritten) };
        if !go_on(Step::Written) {
            return Ok(rewritten);
        }
        let form = if self.wanted.is_some() { Form::Thinned } else { Form::Packed };
        let path = rewritten_path(self.folder, numbers, written.time, form);
        fs::rename(&written.path, &path)?;
        sync_folder(self.folder)?;
        if !go_on(Step::Named) {
            return Ok(rewritten);
        }
        // One that is missing is made anew when somebody looks.
        if let Err(error) = write_index(&path, written.index) {
            tracing::warn!("{}: its index cannot be written: {error}", path.display());
        }
        for source in self.sources {
            remove(source)?;
            if !go_on(Step::Removed) {
                return Ok(rewritten);
            }
        }
        rewritten.done = true;
        sync_folder(self.folder)?;
        Ok(rewritten)
    }

    /// Writes all records that stay, and reads them back; `None` when that must not be, or was called off.
    fn write(
        &self,
        numbers: (u64, u64),
        despite_damage: bool,
        go_on: &mut dyn FnMut(Step) -> bool,
        rewritten: &mut Rewritten,
    ) -> io::Result<Option<Written>> {
        let mut file = PackedFile::create(self.folder, numbers)?;
        let (mut places, mut known, mut age) = (Places::new(), HashSet::new(), SystemTime::UNIX_EPOCH);
        for source in self.sources {
            age = age.max(fs::metadata(&source.path)?.modified()?);
            let mut records = KeptRecords::open(&source.path)?;
            while let Some(kept) = records.next_record()? {
                if !go_on(Step::Record) {
                    return Ok(None);
                }
                // One that was kept twice, because its sender was not answered, is one.
                if !known.insert(kept.head.digest) {
                    continue;
                }
                let cut;
                let (head, payload) = match self.wanted {
                    None => (kept.head, kept.payload),
                    Some(wanted) => {
                        let Some(left) = cut_to(kept.head.kind, kept.payload, wanted) else { continue };
                        let length = u32::try_from(left.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
                        cut = left;
                        (RecordHead { length, digest: digest(kept.head.kind, &cut), ..kept.head }, &cut[..])
                    }
                };
                let time = places.read(head.kind, payload);
                file.append(head, payload, time, &places.traces())?;
                places.hours().for_each(|hour| file.add_hour(hour));
                rewritten.records += 1;
            }
            if records.damaged() > 0 {
                if !despite_damage {
                    rewritten.damaged = Some(source.number);
                    return Ok(None);
                }
                let name = source.path.display();
                tracing::warn!("{name}: what is damaged in {} places is given up", records.damaged());
            }
        }
        let written = file.finish(age)?;
        let (mut back, mut count) = (KeptRecords::open(&written.path)?, 0);
        while back.next_record()?.is_some() {
            count += 1;
        }
        if count != rewritten.records || back.damaged() > 0 {
            return Err(io::Error::other("what was written does not come back as it was"));
        }
        Ok(Some(written))
    }
}

/// Removes a segment, and its index.
pub(crate) fn remove(segment: &Segment) -> io::Result<()> {
    match fs::remove_file(index_path(&segment.path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::remove_file(&segment.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what a rewriting left behind that did not come to its end. At a start, before anything is rewritten.
pub(crate) fn clean_up(folder: &Path) -> io::Result<()> {
    remove_replaced(folder)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == UNFINISHED) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes the segments that a newer form stands for.
pub(crate) fn remove_replaced(folder: &Path) -> io::Result<()> {
    all_segments(folder)?.1.iter().try_for_each(remove)
}

/// What the index of a packed segment says of it. One that is missing, or cannot be trusted, is made anew.
pub(crate) fn sure_contents(segment: &Segment) -> io::Result<Contents> {
    if let Some(contents) = contents(&segment.path) {
        return Ok(contents);
    }
    tracing::info!("{}: its index is made anew", segment.path.display());
    let index = index_anew(segment)?;
    let contents = index.contents();
    // On a disk that is full the store is read all the same.
    if let Err(error) = write_index(&segment.path, index) {
        tracing::warn!("{}: its index cannot be written: {error}", segment.path.display());
    }
    Ok(contents)
}

fn write_index(segment: &Path, index: KeptIndex) -> io::Result<()> {
    write_whole(&index_path(segment), &index.to_bytes(fs::metadata(segment)?.len()))
}

/// Makes the index of a packed segment anew.
fn index_anew(segment: &Segment) -> io::Result<KeptIndex> {
    let (mut index, mut places) = (KeptIndex::default(), Places::new());
    let mut records = KeptRecords::open(&segment.path)?;
    while let Some(kept) = records.next_record()? {
        places.read(kept.head.kind, kept.payload);
        places.traces().into_iter().for_each(|trace| index.add(trace, kept.at));
        places.hours().for_each(|hour| index.add_hour(hour));
        index.add_request(kept.head.digest);
    }
    Ok(index)
}

/// Of which traces and hours a request tells.
struct Places {
    reader: RequestReader,
    found: Found,
}

struct Found {
    names: Names,
    traces: HashSet<TraceId>,
    hours: HashSet<u32>,
}

impl Places {
    fn new() -> Self {
        let found = Found { names: Names::with_bound(NAMES), traces: HashSet::new(), hours: HashSet::new() };
        Self { reader: RequestReader::new(ReadOptions::default()), found }
    }

    /// Reads a request, and says when what it tells of starts.
    fn read(&mut self, kind: RequestKind, payload: &[u8]) -> Option<Interval> {
        if self.found.names.beyond_bound() > 0 {
            *self = Self::new();
        }
        self.found.traces.clear();
        self.found.hours.clear();
        // It was decoded before it was kept; of one that cannot be, nothing is found by its traces.
        self.reader.read(kind, payload, &mut self.found).ok()?.time
    }

    fn traces(&self) -> Vec<TraceId> {
        self.found.traces.iter().copied().collect()
    }

    fn hours(&self) -> impl Iterator<Item = u32> {
        self.found.hours.iter().copied()
    }
}

impl Found {
    fn saw(&mut self, trace: TraceId, time: Nanos) {
        if !trace.is_none() {
            self.traces.insert(trace);
        }
        if time.0 > 0 {
            self.hours.insert(u32::try_from(time.0 / NANOS_PER_SECOND / HOUR).unwrap_or(u32::MAX));
        }
    }
}

impl Sink for Found {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        self.saw(span.trace, span.time.start);
    }

    fn log(&mut self, log: LogEvent) {
        self.saw(log.trace, log.time);
    }
}
