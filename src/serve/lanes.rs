//! Where requests are decoded: as many at once as there are cores, each by itself.
//!
//! ```text
//! request ─► lane 1: reader, names 1 ─► spans ─┐
//! request ─► lane 2: reader, names 2 ─► spans ─┼─► slices, under a lock that is held for as long as packing takes
//! request ─► lane 3: reader, names 3 ─► spans ─┘
//! ```
//!
//! A lane is taken for one request. Which one does not matter: names are made one before traces are analysed, and no answer
//! depends on the order of spans.

use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::read::file_report::FileReport;
use crate::read::kept_record::RequestKind;
use crate::read::options::ReadOptions;
use crate::read::otlp_request::RequestReader;
use crate::read::sink::Sink;
use crate::serve::name_set::NameSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

/// How many bytes of different names all lanes read before each begins another set, so that those of long ago are forgotten.
const NAMES: usize = 16 << 20;

/// How many records a lane keeps room for.
const ROOM: usize = 4096;

/// What was decoded of one request, and goes to the slices next.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The spans, in the order of the request.
    pub(crate) spans: Vec<LooseSpan>,
    /// The log events, in the order of the request.
    pub(crate) logs: Vec<LogEvent>,
}

impl Records {
    fn clear(&mut self) {
        self.spans.clear();
        self.logs.clear();
        // A long request takes its room with it.
        self.spans.shrink_to(ROOM);
        self.logs.shrink_to(ROOM);
    }
}

/// One reader with its names.
#[derive(Debug)]
pub(crate) struct Lane {
    reader: RequestReader,
    /// The names that it reads with now.
    pub(crate) names: Arc<NameSet>,
    /// What was decoded last.
    pub(crate) records: Records,
    bound: usize,
    sets: Arc<AtomicUsize>,
}

impl Lane {
    fn new(bound: usize, sets: &Arc<AtomicUsize>) -> Self {
        Self {
            reader: RequestReader::new(ReadOptions::default()),
            names: NameSet::new(bound, sets),
            records: Records::default(),
            bound,
            sets: Arc::clone(sets),
        }
    }

    /// Decodes a request: its spans and log events are then among the records.
    ///
    /// # Errors
    ///
    /// When it cannot be decoded, in words: then nothing of it is among the records.
    pub(crate) fn read(&mut self, kind: RequestKind, bytes: &[u8]) -> Result<FileReport, String> {
        self.forget();
        if self.names.names().beyond_bound() > 0 {
            self.begin_names();
        }
        let mut names = self.names.names();
        self.reader.read(kind, bytes, &mut Decoded { names: &mut names, records: &mut self.records })
    }

    /// Lets go of what was decoded last.
    pub(crate) fn forget(&mut self) {
        self.records.clear();
    }

    /// Begins another set of names; what the reader remembers is of the old one.
    pub(crate) fn begin_names(&mut self) {
        self.names = NameSet::new(self.bound, &self.sets);
        self.reader = RequestReader::new(ReadOptions::default());
    }
}

/// Takes what is decoded.
struct Decoded<'l> {
    names: &'l mut Names,
    records: &'l mut Records,
}

impl Sink for Decoded<'_> {
    fn names(&mut self) -> &mut Names {
        self.names
    }

    fn span(&mut self, span: LooseSpan) {
        self.records.spans.push(span);
    }

    fn log(&mut self, event: LogEvent) {
        self.records.logs.push(event);
    }
}

/// All lanes.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: Vec<Mutex<Lane>>,
    bound: usize,
    sets: Arc<AtomicUsize>,
}

impl Lanes {
    /// A lane for each core, and one more: a long request holds one for long.
    pub(crate) fn new() -> Self {
        let count = thread::available_parallelism().map_or(1, usize::from) + 1;
        let (bound, sets) = (NAMES / count, Arc::new(AtomicUsize::new(0)));
        let lanes = (0..count).map(|_| Mutex::new(Lane::new(bound, &sets))).collect();
        Self { lanes, bound, sets }
    }

    /// A lane that nobody uses, and whose names nobody looks up: an analysis does, and may be made to wait meanwhile. When there is
    /// none, the first that is free again.
    pub(crate) fn free(&self) -> MutexGuard<'_, Lane> {
        for lane in &self.lanes {
            let free = match lane.try_lock() {
                Ok(free) => free,
                Err(TryLockError::Poisoned(free)) => free.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            if !free.names.is_looked_up() {
                return free;
            }
        }
        self.lanes[0].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins other sets of names in all lanes.
    #[cfg(test)]
    pub(crate) fn begin_names(&self) {
        self.lanes.iter().for_each(|lane| lane.lock().unwrap_or_else(PoisonError::into_inner).begin_names());
    }

    /// How many bytes the sets of names take that are not read with any more, about: each was full when the next was begun,
    /// and its tables take as much again.
    pub(crate) fn held(&self) -> usize {
        self.sets.load(Ordering::Relaxed).saturating_sub(self.lanes.len()) * self.bound * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_whose_names_are_looked_up_is_passed_by() {
        let lanes = Lanes::new();
        let names = |lane: &Lane| Arc::clone(&lane.names);
        let first = names(&lanes.free());
        assert!(Arc::ptr_eq(&first, &names(&lanes.free())));
        let looked_up = first.names();
        assert!(!Arc::ptr_eq(&first, &names(&lanes.free())));
        drop(looked_up);
        assert!(Arc::ptr_eq(&first, &names(&lanes.free())));
    }
}
