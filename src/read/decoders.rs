//! Who decodes: the thread that reads, or others beside it, one for each sink.
//!
//! What is on its way between them is bounded by number and by bytes: a long record waits until the others are done, so
//! that many long ones never lie in memory at once.

use crate::read::batch::{Batch, Piece};
use crate::read::options::ReadOptions;
use crate::read::outlet::Decoders;
use crate::read::sink::Sink;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

/// How many bytes of batches may be on their way at once, unless a single one has more.
const ON_THE_WAY: usize = 64 << 20;

/// The largest memory of a batch that is used again, in bytes: that of a long record is given up.
const SPARE: usize = 4 << 20;

/// Decodes each batch as it comes, on the thread that reads.
pub(crate) struct InPlace<'s, S: Sink> {
    sink: &'s mut S,
    options: &'s ReadOptions,
    progress: &'s mut dyn FnMut(u64),
    spans: u64,
    spare: Vec<u8>,
    pieces: Vec<Piece>,
    described: AtomicUsize,
}

impl<'s, S: Sink> InPlace<'s, S> {
    /// Decodes into `sink`, and tells `progress` the spans so far.
    pub(crate) fn new(sink: &'s mut S, options: &'s ReadOptions, progress: &'s mut dyn FnMut(u64)) -> Self {
        Self {
            sink,
            options,
            progress,
            spans: 0,
            spare: Vec::new(),
            pieces: Vec::new(),
            described: AtomicUsize::new(0),
        }
    }

    /// What came of the batches, in their order.
    pub(crate) fn finish(self) -> Vec<Piece> {
        self.pieces
    }
}

impl<S: Sink> Decoders for InPlace<'_, S> {
    fn decode(&mut self, batch: Batch) {
        let mut piece = batch.decode(self.options, self.sink);
        piece.be_brief(&self.described);
        self.spans += piece.report.spans;
        (self.progress)(self.spans);
        self.pieces.push(piece);
        if batch.buffer.capacity() <= SPARE {
            self.spare = batch.buffer;
        }
    }

    fn remark(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    fn spare(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    fn taken(&self) -> usize {
        self.pieces.len()
    }
}

/// What the threads of a [`Crew`] share.
pub(crate) struct Shared {
    batches: Mutex<Receiver<(usize, Batch)>>,
    spans: AtomicU64,
    described: AtomicUsize,
    on_the_way: Mutex<usize>,
    arrived: Condvar,
}

impl Shared {
    /// Waits until there is room for a batch of this many bytes.
    fn depart(&self, bytes: usize) {
        let mut taken = self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken > 0 && *taken + bytes > ON_THE_WAY {
            taken = self.arrived.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += bytes;
    }

    fn arrive(&self, bytes: usize) {
        *self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
        self.arrived.notify_one();
    }
}

/// Decodes batches on threads of their own while the next ones are read and decompressed.
pub(crate) struct Crew<'scope, 's> {
    batches: SyncSender<(usize, Batch)>,
    spares: Receiver<Vec<u8>>,
    threads: Vec<ScopedJoinHandle<'scope, Vec<(usize, Piece)>>>,
    shared: &'scope Shared,
    progress: &'s mut dyn FnMut(u64),
    remarks: Vec<(usize, Piece)>,
    taken: usize,
}

/// The two ends between the thread that reads and those that decode.
pub(crate) fn line(threads: usize) -> (SyncSender<(usize, Batch)>, Shared) {
    let (sender, receiver) = sync_channel(threads);
    let shared = Shared {
        batches: Mutex::new(receiver),
        spans: AtomicU64::new(0),
        described: AtomicUsize::new(0),
        on_the_way: Mutex::new(0),
        arrived: Condvar::new(),
    };
    (sender, shared)
}

impl<'scope, 's> Crew<'scope, 's> {
    /// Starts a thread for each sink.
    pub(crate) fn start<S: Sink + Send>(
        scope: &'scope Scope<'scope, '_>,
        sinks: &'scope mut [S],
        (batches, shared): (SyncSender<(usize, Batch)>, &'scope Shared),
        options: &'scope ReadOptions,
        progress: &'s mut dyn FnMut(u64),
    ) -> Self {
        let (give_back, spares) = channel();
        let start = |sink| {
            let give_back = give_back.clone();
            scope.spawn(move || work(shared, options, sink, &give_back))
        };
        let threads = sinks.iter_mut().map(start).collect();
        Self { batches, spares, threads, shared, progress, remarks: Vec::new(), taken: 0 }
    }

    /// Waits for the threads. What came of the batches, in their order.
    pub(crate) fn finish(self) -> Vec<Piece> {
        drop(self.batches);
        let mut pieces = self.remarks;
        for thread in self.threads {
            match thread.join() {
                Ok(of_thread) => pieces.extend(of_thread),
                // A bug: end as if it had happened on this thread.
                Err(panic) => resume_unwind(panic),
            }
        }
        pieces.sort_unstable_by_key(|&(place, _)| place);
        pieces.into_iter().map(|(_, piece)| piece).collect()
    }
}

fn work<S: Sink>(
    shared: &Shared,
    options: &ReadOptions,
    sink: &mut S,
    give_back: &Sender<Vec<u8>>,
) -> Vec<(usize, Piece)> {
    let mut pieces = Vec::new();
    let mut bug = None;
    loop {
        // Whoever waits holds the lock; the others wait for it, which comes to the same.
        let next = shared.batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, batch)) = next else { break };
        let bytes = batch.buffer.capacity();
        // After a panic the batches are still taken, as nobody else may be left to take them.
        if bug.is_none() {
            match catch_unwind(AssertUnwindSafe(|| batch.decode(options, sink))) {
                Ok(mut piece) => {
                    piece.be_brief(&shared.described);
                    shared.spans.fetch_add(piece.report.spans, Ordering::Relaxed);
                    pieces.push((place, piece));
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
        shared.arrive(bytes);
    }
    match bug {
        None => pieces,
        Some(panic) => resume_unwind(panic),
    }
}

impl Decoders for Crew<'_, '_> {
    fn decode(&mut self, batch: Batch) {
        self.shared.depart(batch.buffer.capacity());
        // Cannot fail: the other end is in what is shared.
        let _ = self.batches.send((self.taken, batch));
        self.taken += 1;
        (self.progress)(self.shared.spans.load(Ordering::Relaxed));
    }

    fn remark(&mut self, piece: Piece) {
        self.remarks.push((self.taken, piece));
        self.taken += 1;
    }

    fn spare(&mut self) -> Vec<u8> {
        self.spares.try_recv().unwrap_or_default()
    }

    fn taken(&self) -> usize {
        self.taken
    }
}
