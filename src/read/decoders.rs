//! Who decodes: the thread that reads, and others beside it, one for each further sink.
//!
//! What is on its way between them is bounded by number and by bytes. When there is no room for more, the thread that reads
//! decodes a batch itself, where it lies: no thread ever waits for another while there is work, many long records never lie
//! in memory at once, and there are as many threads as sinks.

use crate::read::batch::{Batch, Piece, Records};
use crate::read::known::Known;
use crate::read::options::ReadOptions;
use crate::read::outlet::Decoders;
use crate::read::pieces::Pieces;
use crate::read::sink::Sink;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

/// How many bytes of batches may be on their way at once.
const ON_THE_WAY: usize = 64 << 20;

/// How many batches wait for each thread beside the one that it is decoding: it must not run out of them while the thread
/// that reads decodes one itself.
const WAITING: usize = 3;

/// The largest memory of a batch that is used again, in bytes: that of a long record is given up.
const SPARE: usize = 4 << 20;

/// Decodes each batch as it comes, on the thread that reads.
pub(crate) struct InPlace<'s, S: Sink> {
    sink: &'s mut S,
    known: Known,
    options: &'s ReadOptions,
    progress: &'s mut dyn FnMut(u64),
    spans: u64,
    pieces: Pieces,
    taken: usize,
}

impl<'s, S: Sink> InPlace<'s, S> {
    /// Decodes into `sink`, and tells `progress` the spans so far.
    pub(crate) fn new(sink: &'s mut S, options: &'s ReadOptions, progress: &'s mut dyn FnMut(u64)) -> Self {
        let (known, pieces) = (Known::default(), Pieces::new(options.max_told));
        Self { sink, known, options, progress, spans: 0, pieces, taken: 0 }
    }

    /// What came of the batches.
    pub(crate) fn finish(self) -> Pieces {
        self.pieces
    }
}

impl<S: Sink> Decoders for InPlace<'_, S> {
    fn has_room(&mut self, _: usize) -> bool {
        false
    }

    fn send(&mut self, batch: Batch) {
        self.decode(batch.records());
    }

    fn decode(&mut self, records: Records<'_>) {
        let piece = records.decode(self.options, self.sink, &mut self.known);
        self.spans += piece.report.spans;
        (self.progress)(self.spans);
        self.remark(records.input, piece);
    }

    fn remark(&mut self, input: usize, piece: Piece) {
        self.pieces.take(self.taken, input, piece);
        self.taken += 1;
    }

    fn spare(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn taken(&self) -> usize {
        self.taken
    }
}

/// What the threads of a [`Crew`] share.
pub(crate) struct Shared {
    batches: Mutex<Receiver<(usize, Batch)>>,
    pieces: Mutex<Pieces>,
    spans: AtomicU64,
    /// Batches that were sent and not decoded yet.
    batches_on_the_way: AtomicUsize,
    bytes_on_the_way: AtomicUsize,
}

impl Shared {
    fn take(&self, place: usize, input: usize, piece: Piece) {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).take(place, input, piece);
    }
}

/// Decodes batches on threads of their own while the next ones are read and decompressed.
pub(crate) struct Crew<'scope, 's, S: Sink> {
    /// That of the thread that reads.
    sink: &'scope mut S,
    known: Known,
    options: &'scope ReadOptions,
    batches: Sender<(usize, Batch)>,
    spares: Receiver<Vec<u8>>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
    shared: &'scope Shared,
    progress: &'s mut dyn FnMut(u64),
    taken: usize,
}

/// The two ends between the thread that reads and those that decode.
pub(crate) fn line(options: &ReadOptions) -> (Sender<(usize, Batch)>, Shared) {
    let (sender, receiver) = channel();
    let shared = Shared {
        batches: Mutex::new(receiver),
        pieces: Mutex::new(Pieces::new(options.max_told)),
        spans: AtomicU64::new(0),
        batches_on_the_way: AtomicUsize::new(0),
        bytes_on_the_way: AtomicUsize::new(0),
    };
    (sender, shared)
}

impl<'scope, 's, S: Sink + Send> Crew<'scope, 's, S> {
    /// Starts a thread for each of `sinks`; into `sink` decodes the thread that reads.
    pub(crate) fn start(
        scope: &'scope Scope<'scope, '_>,
        (sink, sinks): (&'scope mut S, &'scope mut [S]),
        (batches, shared): (Sender<(usize, Batch)>, &'scope Shared),
        options: &'scope ReadOptions,
        progress: &'s mut dyn FnMut(u64),
    ) -> Self {
        let (give_back, spares) = channel();
        let start = |sink| {
            let give_back = give_back.clone();
            scope.spawn(move || work(shared, options, sink, &give_back))
        };
        let threads = sinks.iter_mut().map(start).collect();
        let known = Known::default();
        Self { sink, known, options, batches, spares, threads, shared, progress, taken: 0 }
    }

    /// Waits for the threads. What came of the batches.
    pub(crate) fn finish(self) -> Pieces {
        drop(self.batches);
        for thread in self.threads {
            if let Err(panic) = thread.join() {
                // A bug: end as if it had happened on this thread.
                resume_unwind(panic);
            }
        }
        let mut pieces = self.shared.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut pieces, Pieces::new(self.options.max_told))
    }
}

fn work<S: Sink>(shared: &Shared, options: &ReadOptions, sink: &mut S, give_back: &Sender<Vec<u8>>) {
    let mut known = Known::default();
    let mut bug = None;
    loop {
        // Whoever waits holds the lock; the others wait for it, which comes to the same.
        let next = shared.batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, batch)) = next else { break };
        let bytes = batch.buffer.capacity();
        // After a panic the batches are still taken, so that they do not lie around.
        if bug.is_none() {
            match catch_unwind(AssertUnwindSafe(|| batch.records().decode(options, sink, &mut known))) {
                Ok(piece) => {
                    shared.spans.fetch_add(piece.report.spans, Ordering::Relaxed);
                    shared.take(place, batch.input, piece);
                }
                Err(panic) => bug = Some(panic),
            }
        }
        if bytes <= SPARE {
            // At the end nobody takes it any more.
            let _ = give_back.send(batch.buffer);
        } else {
            drop(batch);
        }
        shared.bytes_on_the_way.fetch_sub(bytes, Ordering::Relaxed);
        shared.batches_on_the_way.fetch_sub(1, Ordering::Relaxed);
    }
    if let Some(panic) = bug {
        resume_unwind(panic);
    }
}

impl<S: Sink + Send> Decoders for Crew<'_, '_, S> {
    fn has_room(&mut self, bytes: usize) -> bool {
        // Only this thread adds to the counts, so that there is no less room when the batch is sent.
        let batches = self.shared.batches_on_the_way.load(Ordering::Relaxed);
        let taken = self.shared.bytes_on_the_way.load(Ordering::Relaxed);
        batches <= self.threads.len() * WAITING && taken.saturating_add(bytes) <= ON_THE_WAY
    }

    fn send(&mut self, batch: Batch) {
        self.shared.batches_on_the_way.fetch_add(1, Ordering::Relaxed);
        self.shared.bytes_on_the_way.fetch_add(batch.buffer.capacity(), Ordering::Relaxed);
        // Cannot fail: the other end is in what is shared.
        let _ = self.batches.send((self.taken, batch));
        self.taken += 1;
        (self.progress)(self.shared.spans.load(Ordering::Relaxed));
    }

    fn decode(&mut self, records: Records<'_>) {
        let piece = records.decode(self.options, self.sink, &mut self.known);
        let spans = self.shared.spans.fetch_add(piece.report.spans, Ordering::Relaxed) + piece.report.spans;
        self.remark(records.input, piece);
        (self.progress)(spans);
    }

    fn remark(&mut self, input: usize, piece: Piece) {
        self.shared.take(self.taken, input, piece);
        self.taken += 1;
    }

    fn spare(&mut self) -> Vec<u8> {
        self.spares.try_recv().unwrap_or_default()
    }

    fn taken(&self) -> usize {
        self.taken
    }
}
