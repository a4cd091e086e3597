//! Who keeps requests on disk: one thread that writes whatever waits, makes it safe once for all of it, and then answers.
//!
//! ```text
//! request 1 ─┐                                                             ┌─► kept
//! request 2 ─┼─► queue ─► write 1, write 2, write 3 ─► one fsync for all ──┼─► kept
//! request 3 ─┘            (what waits meanwhile is the next group)         └─► kept
//! ```
//!
//! A request that was kept before, by its digest, is not written again. When the disk refuses, what was written of the group is
//! taken back and every sender of it is told to come again: the next group tries again.

use crate::model::time::Interval;
use crate::read::kept_record::{RecordHead, RequestKind};
use crate::serve::counters::Counters;
use crate::serve::recent::Recent;
use crate::serve::sealing::Sealing;
use crate::serve::segment_file::SegmentFile;
use crate::serve::settings::Sync;
use bytes::Bytes;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// How many requests may wait to be written.
const WAITING: usize = 1024;

/// How many requests are written before those that wait for their answer get it.
const GROUP: usize = 256;

/// How long nothing may come before the writer looks at what time brings: syncing, sealing.
const IDLE: Duration = Duration::from_millis(100);

/// How many requests are remembered, so that they are not kept twice.
pub(crate) const REMEMBERED: usize = 1 << 16;

/// A request to keep.
pub(crate) struct ToKeep {
    /// What it is.
    pub(crate) kind: RequestKind,
    /// Its bytes.
    pub(crate) payload: Bytes,
    /// Their digest.
    pub(crate) digest: u128,
    /// When what it tells of started.
    pub(crate) time: Option<Interval>,
    /// Who waits.
    pub(crate) answer: oneshot::Sender<Result<(), String>>,
}

/// Why a request cannot even wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// Too many wait.
    Full,
    /// Nothing is kept any more.
    Ended,
}

/// The segment that is being written, and the time of what it tells of so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct BeingWritten {
    number: u64,
    time: Option<Interval>,
}

impl BeingWritten {
    /// The time of what the segment of this number tells of; `None` when it tells of nothing, or is another.
    pub(crate) fn of_segment(self, number: u64) -> Option<Interval> {
        self.time.filter(|_| self.number == number)
    }

    /// Whether the segment of this number is an earlier one: still there under its first name, it could not be completed.
    pub(crate) fn began_after(self, number: u64) -> bool {
        number < self.number
    }
}

/// Where and how requests are kept.
#[derive(Clone, Debug)]
pub(crate) struct Keeping {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// When what is written is made safe from a loss of power.
    pub(crate) sync: Sync,
    /// The longest that it is unsafe under [`Sync::Interval`].
    pub(crate) interval: Duration,
    /// A segment is sealed when it has as many bytes.
    pub(crate) segment_bytes: u64,
    /// A segment is sealed when it is as old.
    pub(crate) segment_age: Duration,
}

/// The way to the thread that keeps requests.
pub(crate) struct Keeper {
    queue: SyncSender<ToKeep>,
}

impl Keeper {
    /// Starts the thread. It ends, and seals its segment, when the keeper is dropped.
    pub(crate) fn start(
        keeping: Keeping,
        next_number: u64,
        recent: Recent<()>,
        counters: Arc<Counters>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let (queue, waiting) = sync_channel(WAITING);
        let sealing = Sealing::start(Arc::clone(&counters))?;
        let writer = Writer { keeping, next_number, recent, counters, sealing, segment: None, unsafe_since: None };
        let thread = thread::Builder::new().name("keeper".to_owned()).spawn(move || writer.run(&waiting))?;
        Ok((Self { queue }, thread))
    }

    /// Hands a request over.
    pub(crate) fn keep(&self, request: ToKeep) -> Result<(), Refused> {
        self.queue.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Ended,
        })
    }
}

struct Writer {
    keeping: Keeping,
    next_number: u64,
    recent: Recent<()>,
    counters: Arc<Counters>,
    sealing: Sealing,
    segment: Option<SegmentFile>,
    /// Since when something is written that a loss of power would take.
    unsafe_since: Option<Instant>,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<ToKeep>) {
        loop {
            match waiting.recv_timeout(IDLE) {
                Ok(first) => {
                    let mut group = vec![first];
                    while group.len() < GROUP
                        && let Ok(next) = waiting.try_recv()
                    {
                        group.push(next);
                    }
                    self.group(group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look_at_time();
        }
        self.seal();
    }

    /// Writes what waits, and answers all of it alike.
    fn group(&mut self, group: Vec<ToKeep>) {
        let whole = self.segment.as_ref().map(SegmentFile::length);
        match self.write(&group) {
            Ok(()) => {
                for request in group {
                    self.recent.put(request.digest, ());
                    // Whoever gave up waiting will ask again, and find it kept.
                    let _ = request.answer.send(Ok(()));
                }
                self.counters.disk_is_fine();
            }
            Err(error) => {
                let told = format!("the store cannot be written to: {error}");
                self.counters.disk_is_failing(&told);
                self.take_back(whole);
                for request in group {
                    let _ = request.answer.send(Err(told.clone()));
                }
            }
        }
    }

    fn write(&mut self, group: &[ToKeep]) -> io::Result<()> {
        let mut written: Vec<u128> = Vec::with_capacity(group.len());
        for request in group {
            if self.recent.get(request.digest).is_some() || written.contains(&request.digest) {
                self.counters.repeated.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let length = u32::try_from(request.payload.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let head = RecordHead { kind: request.kind, length, received: now(), digest: request.digest };
            let segment = match &mut self.segment {
                Some(segment) => segment,
                none => {
                    let created = SegmentFile::create(&self.keeping.folder, self.next_number)?;
                    self.next_number += 1;
                    none.insert(created)
                }
            };
            segment.append(head, &request.payload, request.time)?;
            let being_written = BeingWritten { number: segment.number(), time: segment.time() };
            *self.counters.being_written.lock().unwrap_or_else(PoisonError::into_inner) = being_written;
            written.push(request.digest);
            self.counters.kept_bytes.fetch_add(u64::from(length), Ordering::Relaxed);
        }
        if written.is_empty() {
            return Ok(());
        }
        match (self.keeping.sync, &mut self.segment) {
            (Sync::Each, Some(segment)) => segment.sync()?,
            (Sync::Interval, _) => self.unsafe_since = self.unsafe_since.or_else(|| Some(Instant::now())),
            _ => {}
        }
        Ok(())
    }

    /// Takes back what a failed group left behind the first `whole` bytes.
    fn take_back(&mut self, whole: Option<u64>) {
        let Some(segment) = &mut self.segment else { return };
        match whole {
            Some(length) if segment.take_back(length).is_ok() => {}
            // A segment that this group began, or one that cannot even be cut: the next group begins another. Whatever
            // stands at its end was acknowledged to nobody, and comes again with the same digest.
            _ => {
                let _ = segment.seal();
                self.segment = None;
            }
        }
    }

    fn look_at_time(&mut self) {
        let Some(segment) = &mut self.segment else { return };
        if self.unsafe_since.is_some_and(|since| since.elapsed() >= self.keeping.interval) {
            if let Err(error) = segment.sync() {
                self.counters.disk_is_failing(&format!("the store cannot be synced: {error}"));
            }
            self.unsafe_since = None;
        }
        let (length, age) = (segment.length(), segment.began().elapsed());
        if length >= self.keeping.segment_bytes || age >= self.keeping.segment_age {
            self.seal();
        }
    }

    fn seal(&mut self) {
        if let Some(segment) = self.segment.take() {
            self.unsafe_since = None;
            self.sealing.seal(segment);
        }
    }
}

/// Nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Keeping {
    /// All in one segment, which is written when the system sees fit.
    pub(crate) fn in_one_segment(folder: PathBuf) -> Self {
        let (interval, segment_age) = (Duration::ZERO, Duration::MAX);
        Self { folder, sync: Sync::Off, interval, segment_bytes: u64::MAX, segment_age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn to_keep(digest: u128) -> (ToKeep, oneshot::Receiver<Result<(), String>>) {
        let (answer, kept) = oneshot::channel();
        let payload = Bytes::from_static(b"{}");
        (ToKeep { kind: RequestKind::TracesJson, payload, digest, time: None, answer }, kept)
    }

    #[test]
    fn more_requests_than_may_wait_are_refused_until_the_disk_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let counters = Arc::new(Counters::default());
        let keeping = Keeping::in_one_segment(folder.path().to_owned());
        let (keeper, writer) =
            Keeper::start(keeping, 1, Recent::new(REMEMBERED), Arc::clone(&counters)).expect("it starts");
        // The writer waits for this before it has written its first group, as it would for a slow disk.
        let slow_disk = counters.being_written.lock().expect("a lock");
        let (first, kept) = to_keep(0);
        let mut answers = vec![kept];
        assert_eq!(keeper.keep(first), Ok(()));
        // From here on the group is complete, and what comes waits.
        while fs::read_dir(folder.path()).expect("a folder").next().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        for digest in 1..=1024 {
            let (request, kept) = to_keep(digest);
            assert_eq!(keeper.keep(request), Ok(()), "{digest}");
            answers.push(kept);
        }
        assert_eq!(keeper.keep(to_keep(1025).0), Err(Refused::Full));
        drop(slow_disk);
        for kept in answers {
            assert_eq!(kept.blocking_recv(), Ok(Ok(())));
        }
        assert_eq!(keeper.keep(to_keep(1025).0), Ok(()));
        drop(keeper);
        writer.join().expect("it ends");
    }
}
