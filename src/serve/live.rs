//! Traces while they come: sorted into slices by the moment of their first span, and forgotten again within a bound of memory.
//!
//! ```text
//!            moment 1      moment 2      moment 3
//! trace a    span  span                  span        all of them in slice 1, which waits for a
//! trace b                  span  span                in slice 2
//!            ──────────────────────────────────────►
//! slice 1    open ... quiet for 10 s ─► analysed ─► a span comes late ─► open again ─► its facts are replaced
//!                                                └► nothing comes for a minute ─► facts join those of their minute
//! ```
//!
//! Requests are decoded in lanes; then the slices are locked for as long as it takes to pack the spans. Analysis holds what came,
//! and what is found is behind a lock of its own, so that no request waits for it.
//!
//! Whatever the memory does not hold any more is still in the store: validations read that, and see traces whole.

use crate::facts::window::WindowFacts;
use crate::model::time::Interval;
use crate::read::kept_record::RequestKind;
use crate::serve::found::Found;
use crate::serve::lanes::Lanes;
use crate::serve::open_slices::{Due, Open, SLICE};
use crate::serve::recent::Recent;
use crate::serve::slice::Slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Facts that nothing can change any more are added up by so many milliseconds.
const MINUTE: u64 = 60_000;

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

/// What a request changes, behind one lock.
struct Held {
    open: Open,
    recent: Recent<Counted>,
}

/// All that live analysis holds.
pub(crate) struct Live {
    lanes: Lanes,
    held: Mutex<Held>,
    found: Mutex<Found>,
    /// How many bytes the slices take, and the facts, about: to be read without a lock.
    of_slices: AtomicUsize,
    of_facts: AtomicUsize,
    quiet: u64,
    window: u64,
    budget: usize,
}

impl Live {
    /// Holds nothing yet. Traces are analysed when nothing came of them for `quiet`, answers look back for `window`, and
    /// about `budget` bytes are held.
    pub(crate) fn new(quiet: Duration, window: Duration, budget: u64) -> Self {
        let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            lanes: Lanes::new(),
            held: Mutex::new(Held { open: Open::default(), recent: Recent::new(REMEMBERED) }),
            found: Mutex::default(),
            of_slices: AtomicUsize::new(0),
            of_facts: AtomicUsize::new(0),
            quiet: milliseconds(quiet),
            window: milliseconds(window),
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what was found, and counts it.
    fn change_found<T>(&self, change: impl FnOnce(&mut Found) -> T) -> T {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = change(&mut found);
        self.of_facts.store(found.held(), Ordering::Relaxed);
        outcome
    }

    /// Whether so much waits that no more can be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.held() > self.budget
    }

    /// How many bytes are held, about.
    pub(crate) fn held(&self) -> usize {
        self.of_slices.load(Ordering::Relaxed) + self.of_facts.load(Ordering::Relaxed) + self.lanes.held()
    }

    /// How many traces are held, and how many spans came after their trace was analysed.
    pub(crate) fn traces_and_late_spans(&self) -> (usize, u64) {
        let held = self.lock();
        (held.open.traces(), held.open.late_spans())
    }

    /// Decodes a request that came at `now` (milliseconds since the start), unless it did before.
    ///
    /// # Errors
    ///
    /// When it cannot be decoded, in words; then nothing of it is held.
    pub(crate) fn take(&self, kind: RequestKind, bytes: &[u8], digest: u128, now: u64) -> Result<Taken, String> {
        let known = |held: &Held| held.recent.get(digest).map(|counted| Taken { counted, told: String::new() });
        if let Some(taken) = known(&self.lock()) {
            return Ok(taken);
        }
        let mut lane = self.lanes.free();
        let report = lane.read(kind, bytes)?;
        let told = report.skipped.first().map(|skipped| skipped.reason.clone()).unwrap_or_default();
        let (spans, logs, rejected, time) = (report.spans, report.logs, report.skipped_total, report.time);
        let counted = Counted { spans, logs, rejected, time };
        let mut held = self.lock();
        if let Some(taken) = known(&held) {
            // It came over two connections at once.
            return Ok(taken);
        }
        held.open.take(&lane.records, &lane.names, now);
        held.recent.put(digest, counted);
        self.of_slices.store(held.open.held(), Ordering::Relaxed);
        drop(held);
        lane.forget();
        Ok(Taken { counted, told })
    }

    /// At most `most` slices that have become quiet, and how long the oldest waited beyond its time in milliseconds. When
    /// memory is short, those that no trace can begin in any more are due before their time.
    pub(crate) fn due(&self, now: u64, most: usize) -> (Vec<Due>, u64) {
        let (quiet, is_short) = (self.quiet, self.held() > self.budget / 4 * 3);
        let waited = |number: u64, slice: &Slice| {
            let changed = slice.changed?;
            let by_quiet = now.checked_sub(slice.last.saturating_add(quiet));
            let by_patience = now.checked_sub(changed.saturating_add(PATIENCE.saturating_mul(quiet)));
            by_quiet.max(by_patience).or((is_short && number < now / SLICE).then_some(0))
        };
        self.lock().open.due(now, most, waited)
    }

    /// Takes up what was found in a slice, in place of what was found before.
    pub(crate) fn found(&self, slice: u64, facts: WindowFacts) {
        self.change_found(|found| found.put(slice, facts));
    }

    /// Lets go of what is older than the window, and of spans that nothing followed for long; when memory is short, of those
    /// that were analysed, the oldest first.
    pub(crate) fn make_room(&self, now: u64) {
        let keep = PATIENCE.saturating_mul(self.quiet).max(MINUTE);
        let is_old = |number: u64, slice: &Slice| slice.last.max(number * SLICE).saturating_add(keep) < now;
        while self.let_go(is_old) {}
        let is_short = || self.held() > self.budget / 2;
        while is_short() && self.let_go(|_, _| true) {}
        self.change_found(|found| found.forget_before(now.saturating_sub(self.window) / MINUTE));
        while is_short() && self.change_found(Found::forget_oldest_of_many) {}
    }

    /// Lets go of the spans of the oldest such slice of which everything was analysed. `false` when there is none.
    fn let_go(&self, pick: impl Fn(u64, &Slice) -> bool) -> bool {
        let mut held = self.lock();
        let Some(number) = held.open.settled(pick) else { return false };
        let slice = held.open.remove(number);
        self.of_slices.store(held.open.held(), Ordering::Relaxed);
        drop(held);
        drop(slice);
        self.change_found(|found| found.settle(number, number * SLICE / MINUTE));
        true
    }

    /// All facts of the window, in pieces that add up.
    pub(crate) fn facts(&self) -> Vec<Arc<WindowFacts>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).facts()
    }
}

#[cfg(test)]
mod tests;
