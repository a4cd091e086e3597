//! Traces while they come: sorted into slices by the second of their first span, and forgotten again within a bound of memory.
//!
//! ```text
//!            second 1      second 2      second 3
//! trace a    span  span                  span        all of them in slice 1, which waits for a
//! trace b                  span  span                in slice 2
//!            ──────────────────────────────────────►
//! slice 1    open ... quiet for 10 s ─► analysed ─► a span comes late ─► open again ─► its facts are replaced
//!                                                └► nothing comes for a minute ─► facts join those of their minute
//! ```
//!
//! Whatever the memory does not hold any more is still in the store: validations read that, and see traces whole.

use crate::assemble::shelf::Shelf;
use crate::facts::window::WindowFacts;
use crate::model::names::Names;
use crate::model::renaming::Renaming;
use crate::model::time::Interval;
use crate::read::kept_record::RequestKind;
use crate::read::options::ReadOptions;
use crate::read::otlp_request::RequestReader;
use crate::serve::open_slices::{Open, SLICE};
use crate::serve::recent::Recent;
use crate::serve::slice::{Slice, weight};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Facts that nothing can change any more are added up by so many milliseconds.
const MINUTE: u64 = 60_000;

/// How many bytes of different names are read before the next set of names is begun, so that those of long ago are forgotten.
const NAMES: usize = 16 << 20;

/// A trace of which something comes all the time is looked at after so many times the quiet time.
const PATIENCE: u64 = 6;

/// How many requests are remembered, so that they are not decoded twice.
const REMEMBERED: usize = 1 << 16;

/// What was taken of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// How much it was: the same when it is sent again.
    pub(crate) counted: Counted,
    /// Why the first of what was rejected cannot be used.
    pub(crate) told: String,
}

/// How much a request holds. One that could not be kept, and is sent again, must be kept with its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Spans.
    pub(crate) spans: u64,
    /// Log records, whether they matter or not.
    pub(crate) logs: u64,
    /// Records that cannot be used.
    pub(crate) rejected: u64,
    /// When what it tells of started.
    pub(crate) time: Option<Interval>,
}

/// Spans and log events that are to be analysed together, with names that are only theirs.
pub(crate) struct Due {
    /// The slice.
    pub(crate) slice: u64,
    /// The names.
    pub(crate) names: Names,
    /// What came.
    pub(crate) shelves: Vec<(Shelf, Renaming)>,
    /// How many traces there are.
    pub(crate) traces: u64,
}

/// All that live analysis holds.
pub(crate) struct Live {
    reader: RequestReader,
    open: Open,
    recent: Recent<Counted>,
    /// Facts that nothing changes any more, by minute since the start.
    minutes: BTreeMap<u64, Arc<WindowFacts>>,
    quiet: u64,
    window: u64,
    budget: usize,
    /// How many bytes there are, about; counted anew now and then.
    held: usize,
}

impl Live {
    /// Holds nothing yet. Traces are analysed when nothing came of them for `quiet`, answers look back for `window`, and
    /// about `budget` bytes are held.
    pub(crate) fn new(quiet: Duration, window: Duration, budget: u64) -> Self {
        let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let open = Open {
            names: Names::with_bound(NAMES),
            epoch: 0,
            older: BTreeMap::new(),
            places: HashMap::new(),
            last: None,
            slices: BTreeMap::new(),
            now: 0,
            late_spans: 0,
        };
        Self {
            reader: RequestReader::new(ReadOptions::default()),
            open,
            recent: Recent::new(REMEMBERED),
            minutes: BTreeMap::new(),
            quiet: milliseconds(quiet),
            window: milliseconds(window),
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            held: 0,
        }
    }

    /// Whether so much waits that no more can be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.held > self.budget
    }

    /// How many bytes are held, about.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// How many traces are held.
    pub(crate) fn traces(&self) -> usize {
        self.open.places.len()
    }

    /// How many spans came after their trace was analysed.
    pub(crate) fn late_spans(&self) -> u64 {
        self.open.late_spans
    }

    /// Decodes a request that came at `now` (milliseconds since the start), unless it did before.
    ///
    /// # Errors
    ///
    /// When it cannot be decoded, in words; then nothing of it is held.
    pub(crate) fn take(&mut self, kind: RequestKind, bytes: &[u8], digest: u128, now: u64) -> Result<Taken, String> {
        if let Some(counted) = self.recent.get(digest) {
            return Ok(Taken { counted, told: String::new() });
        }
        self.open.now = self.open.now.max(now);
        if self.open.names.beyond_bound() > 0 {
            self.begin_names();
        }
        let report = self.reader.read(kind, bytes, &mut self.open)?;
        self.held += bytes.len() / 8;
        let told = report.skipped.first().map(|skipped| skipped.reason.clone()).unwrap_or_default();
        let (spans, logs, rejected, time) = (report.spans, report.logs, report.skipped_total, report.time);
        let counted = Counted { spans, logs, rejected, time };
        self.recent.put(digest, counted);
        Ok(Taken { counted, told })
    }

    /// Begins another set of names; what the reader remembers is of the old one.
    fn begin_names(&mut self) {
        let open = &mut self.open;
        let old = std::mem::replace(&mut open.names, Names::with_bound(NAMES));
        open.older.insert(open.epoch, old);
        open.epoch += 1;
        self.reader = RequestReader::new(ReadOptions::default());
    }

    /// At most `most` slices that have become quiet, and how long the oldest waited beyond its time in milliseconds. When
    /// memory is short, those that changed first are due before their time.
    pub(crate) fn due(&mut self, now: u64, most: usize) -> (Vec<Due>, u64) {
        self.open.now = self.open.now.max(now);
        let (quiet, is_full) = (self.quiet, self.held > self.budget / 4 * 3);
        let waited = |slice: &Slice| {
            let changed = slice.changed?;
            let by_quiet = now.checked_sub(slice.last.saturating_add(quiet));
            let by_patience = now.checked_sub(changed.saturating_add(PATIENCE.saturating_mul(quiet)));
            by_quiet.max(by_patience).or(is_full.then_some(0))
        };
        let ready = self.open.slices.iter().filter_map(|(&number, slice)| Some((number, waited(slice)?)));
        let ready: Vec<(u64, u64)> = ready.collect();
        let lag = ready.iter().map(|&(_, waited)| waited).max().unwrap_or_default();
        let due = ready.iter().take(most).filter_map(|&(number, _)| self.copy(number)).collect();
        (due, lag)
    }

    fn copy(&mut self, number: u64) -> Option<Due> {
        let Open { slices, names, epoch, older, .. } = &mut self.open;
        let slice = slices.get_mut(&number)?;
        slice.changed = None;
        let mut all = Names::new();
        // The ids of nothing come first, and from now on all names are stored.
        let _ = Renaming::base(&mut all);
        let mut shelves = Vec::with_capacity(slice.shelves.len());
        for (of, shelf) in &slice.shelves {
            let of_shelf = if of == epoch { Some(&*names) } else { older.get(of) };
            shelves.push((shelf.copy()?, Renaming::adopt(&mut all, of_shelf?)));
        }
        Some(Due { slice: number, names: all, shelves, traces: slice.traces.len() as u64 })
    }

    /// Takes up what was found in a slice, in place of what was found before.
    pub(crate) fn found(&mut self, slice: u64, facts: WindowFacts) {
        if let Some(slice) = self.open.slices.get_mut(&slice) {
            slice.facts = Some(Arc::new(facts));
        }
    }

    /// Lets go of what is older than the window, and of spans that nothing followed for long; when memory is short, of those
    /// that were analysed, the oldest first.
    pub(crate) fn make_room(&mut self, now: u64) {
        let keep = PATIENCE.saturating_mul(self.quiet).max(MINUTE);
        let settled = |slice: &Slice| slice.changed.is_none() && slice.facts.is_some();
        let old: Vec<u64> = self
            .open
            .slices
            .iter()
            .filter(|(number, slice)| settled(slice) && slice.last.max(*number * SLICE).saturating_add(keep) < now)
            .map(|(&number, _)| number)
            .collect();
        old.into_iter().for_each(|number| self.let_go(number));
        self.count();
        while self.held > self.budget / 2
            && let Some(number) = self.open.slices.iter().find(|(_, slice)| settled(slice)).map(|(&number, _)| number)
        {
            self.let_go(number);
            self.count();
        }
        let oldest = now.saturating_sub(self.window) / MINUTE;
        self.minutes.retain(|&minute, _| minute >= oldest);
        while self.held > self.budget / 2 && self.minutes.len() > 1 {
            self.minutes.pop_first();
            self.count();
        }
    }

    /// Forgets the spans of a slice: what comes of its traces from now on begins them anew.
    fn let_go(&mut self, number: u64) {
        let Some(slice) = self.open.slices.remove(&number) else { return };
        self.open.last = None;
        for trace in &slice.traces {
            self.open.places.remove(trace);
        }
        if let Some(facts) = slice.facts {
            let of_minute = self.minutes.entry(number * SLICE / MINUTE).or_default();
            let facts = Arc::unwrap_or_clone(facts);
            Arc::make_mut(of_minute).merge(facts);
        }
    }

    /// Counts what is held, without the names that nothing uses any more.
    fn count(&mut self) {
        let used: HashSet<u64> =
            self.open.slices.values().flat_map(|slice| &slice.shelves).map(|&(of, _)| of).collect();
        self.open.older.retain(|epoch, _| used.contains(epoch));
        let slices = self.open.slices.values();
        let of_slice = |slice: &Slice| slice.held() + slice.facts.as_ref().map_or(0, |facts| weight(facts));
        let minutes: usize = self.minutes.values().map(|facts| weight(facts)).sum();
        // A set of names was full when the next was begun, and its tables take as much again.
        let names = self.open.older.len() * NAMES * 2;
        self.held = slices.map(of_slice).sum::<usize>() + minutes + names;
    }

    /// All facts of the window, in pieces that add up.
    pub(crate) fn facts(&self) -> Vec<Arc<WindowFacts>> {
        let slices = self.open.slices.values().filter_map(|slice| slice.facts.clone());
        self.minutes.values().cloned().chain(slices).collect()
    }
}

#[cfg(test)]
mod tests;
