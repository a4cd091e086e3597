//! Who decodes: the thread that reads, or others beside it, one for each sink.

use crate::read::batch::{Batch, Piece};
use crate::read::options::ReadOptions;
use crate::read::outlet::Decoders;
use crate::read::sink::Sink;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

/// Decodes each batch as it comes, on the thread that reads.
pub(crate) struct InPlace<'s, S: Sink> {
    sink: &'s mut S,
    options: &'s ReadOptions,
    progress: &'s mut dyn FnMut(u64),
    spans: u64,
    spare: Vec<u8>,
    pieces: Vec<Piece>,
}

impl<'s, S: Sink> InPlace<'s, S> {
    /// Decodes into `sink`, and tells `progress` the spans so far.
    pub(crate) fn new(sink: &'s mut S, options: &'s ReadOptions, progress: &'s mut dyn FnMut(u64)) -> Self {
        Self { sink, options, progress, spans: 0, spare: Vec::new(), pieces: Vec::new() }
    }

    /// What came of the batches, in their order.
    pub(crate) fn finish(self) -> Vec<Piece> {
        self.pieces
    }
}

impl<S: Sink> Decoders for InPlace<'_, S> {
    fn decode(&mut self, batch: Batch) {
        let piece = batch.decode(self.options, self.sink);
        self.spans += piece.report.spans;
        (self.progress)(self.spans);
        self.pieces.push(piece);
        self.spare = batch.buffer;
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
    (sender, Shared { batches: Mutex::new(receiver), spans: AtomicU64::new(0) })
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
                Err(panic) => std::panic::resume_unwind(panic),
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
    loop {
        // Whoever waits holds the lock; the others wait for it, which comes to the same.
        let next = shared.batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, batch)) = next else { return pieces };
        let piece = batch.decode(options, sink);
        shared.spans.fetch_add(piece.report.spans, Ordering::Relaxed);
        pieces.push((place, piece));
        // At the end nobody takes it any more.
        let _ = give_back.send(batch.buffer);
    }
}

impl Decoders for Crew<'_, '_> {
    fn decode(&mut self, batch: Batch) {
        // Fails only when every thread has panicked, which `finish` tells.
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
