//! Where spans wait until everything is read: on shelves by trace, packed, in memory or beyond a budget on disk.
//!
//! A trace is never closed before the input has ended, so a span may come as late as it likes.
//!
//! ```text
//! thread 1   spans ──pack──> shelf 1   partition 0 | 1 | ... | 255       partition = hash of the trace id
//! thread 2   spans ──pack──> shelf 2   partition 0 | 1 | ... | 255
//!                                                │
//!                             partition 1 of every shelf: whole traces, some 1/256 of all
//! ```

use crate::assemble::packed_span::{put_log, put_span};
use crate::assemble::recent::Recent;
use crate::assemble::spill::{Extent, SpillFile};
use crate::model::ids::TraceId;
use crate::model::lot::lot_of_trace;
use crate::model::span::{LogEvent, LooseSpan};
use std::io;

/// Among how many partitions traces are spread. One at a time is unpacked for each thread.
pub(crate) const PARTITIONS: usize = 256;

/// How many bytes are taken from the allocator at once for a partition.
const CHUNK: usize = 16 << 10;

/// How many bytes the first chunk of a partition takes, so that a small input stays small.
const FIRST_CHUNK: usize = 1 << 10;

/// How many bytes are put on disk in one run, so that no more are read back at once, but for a longer record.
const RUN: usize = 1 << 20;

/// Spans and log events of one partition, packed: the older ones on disk, the others in memory.
#[derive(Debug, Default)]
pub(crate) struct Packs {
    /// The chunk that is written to: it lies where the partition does, as every record asks for it.
    last: Vec<u8>,
    /// What the next record is written after.
    recent: Recent,
    /// The chunks before it.
    full: Vec<Vec<u8>>,
    extents: Vec<Extent>,
}

impl Packs {
    /// The chunk that has room for another record, and what that is written after; `true` for a chunk that was just made. A
    /// long record makes its chunk longer.
    #[inline]
    fn room(&mut self) -> (&mut Vec<u8>, &mut Recent, bool) {
        let is_full = self.last.capacity() == 0 || self.last.len() > CHUNK - FIRST_CHUNK;
        if is_full {
            self.begin_chunk();
        }
        (&mut self.last, &mut self.recent, is_full)
    }

    #[cold]
    fn begin_chunk(&mut self) {
        let is_first = self.last.capacity() == 0 && self.full.is_empty();
        self.end_chunk();
        self.last = Vec::with_capacity(if is_first { FIRST_CHUNK } else { CHUNK });
    }

    /// Puts the chunk that is written to behind those before it.
    fn end_chunk(&mut self) {
        let last = std::mem::take(&mut self.last);
        if !last.is_empty() {
            self.full.push(last);
        }
    }

    /// What is in memory, in the order in which it was written.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.full.iter().chain([&self.last])
    }

    /// What is on disk, and then what is in memory, to be let go one by one.
    pub(crate) fn into_parts(self) -> (Vec<Extent>, impl Iterator<Item = Vec<u8>>) {
        (self.extents, self.full.into_iter().chain([self.last]))
    }
}

/// What one thread has read.
#[derive(Debug)]
pub struct Shelf {
    pub(crate) partitions: Vec<Packs>,
    pub(crate) spill: Option<SpillFile>,
    /// Bytes of memory that the chunks take.
    held: usize,
    budget: usize,
    logs_without_trace: u64,
    failure: Option<io::Error>,
}

impl Shelf {
    /// A shelf that holds about `budget` bytes in memory; what is more goes to disk.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self {
            partitions: (0..PARTITIONS).map(|_| Packs::default()).collect(),
            spill: None,
            held: 0,
            budget,
            logs_without_trace: 0,
            failure: None,
        }
    }

    /// Adds a span.
    pub fn push_span(&mut self, span: &LooseSpan) {
        self.push(span.trace, |out, recent| put_span(out, span, recent));
    }

    /// Adds a log event. An exception or error outside of any trace can explain no request and is only counted.
    pub fn push_log(&mut self, event: &LogEvent) {
        if !event.trace.is_none() {
            self.push(event.trace, |out, recent| put_log(out, event, recent));
        } else if event.flag.is_none() {
            self.logs_without_trace += 1;
        }
    }

    #[inline]
    fn push(&mut self, trace: TraceId, put: impl FnOnce(&mut Vec<u8>, &mut Recent)) {
        let (room, recent, is_new) = self.partitions[partition_of(trace)].room();
        let before = if is_new { 0 } else { room.capacity() };
        put(room, recent);
        if room.len() > CHUNK {
            // A long record took up to twice its size while it was written.
            room.shrink_to_fit();
        }
        self.held = (self.held + room.capacity()).saturating_sub(before);
        if self.held > self.budget {
            self.spill();
        }
    }

    /// How many exception or error records bore no trace id.
    #[must_use]
    pub fn logs_without_trace(&self) -> u64 {
        self.logs_without_trace
    }

    /// How many bytes of memory it takes, about.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }

    /// Why nothing can be put on disk any more, if so: what came since is held in memory, however much it is.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Puts everything on disk. If that fails, nothing is lost but the bound.
    fn spill(&mut self) {
        if let Err(error) = self.try_spill() {
            self.failure = Some(error);
            self.budget = usize::MAX;
        }
    }

    fn try_spill(&mut self) -> io::Result<()> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => none.insert(SpillFile::create()?),
        };
        for packs in &mut self.partitions {
            packs.end_chunk();
            // What is on disk is no longer held, also if the rest of it cannot be written.
            while !packs.full.is_empty() {
                let run = run_of(&packs.full);
                packs.extents.push(spill.append(&packs.full[..run])?);
                packs.full.drain(..run);
            }
            packs.full = Vec::new();
        }
        self.held = 0;
        Ok(())
    }
}

/// How many of the first chunks make a run: one at least.
fn run_of(chunks: &[Vec<u8>]) -> usize {
    let mut bytes = 0;
    let fits = chunks.iter().take_while(|chunk| {
        bytes += chunk.len();
        bytes <= RUN
    });
    fits.count().max(1)
}

/// The partition of a trace: the highest bits of its number, so that traces come in about the order of their numbers.
#[expect(clippy::cast_possible_truncation, reason = "a number below PARTITIONS")]
pub(crate) fn partition_of(trace: TraceId) -> usize {
    (lot_of_trace(trace) >> (u64::BITS - PARTITIONS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::SpanId;
    use crate::model::resource::ResourceId;
    use crate::model::time::Nanos;
    use std::collections::HashSet;

    fn log(length: usize) -> LogEvent {
        LogEvent {
            trace: TraceId([1; 16]),
            span: SpanId([1; 8]),
            time: Nanos::default(),
            resource: ResourceId::default(),
            severity: 17,
            body: "x".repeat(length).into_boxed_str(),
            exception: None,
            flag: None,
        }
    }

    #[test]
    fn no_more_than_a_run_is_read_back_at_once_and_memory_is_what_is_counted() {
        let budget = 8 * RUN;
        let mut shelf = Shelf::new(budget);
        for number in 0..2000 {
            shelf.push_log(&log(10_000 + number));
            let capacity = shelf.partitions.iter().flat_map(Packs::chunks).map(Vec::capacity).sum::<usize>();
            assert!(capacity == shelf.held && capacity <= budget);
        }
        shelf.push_log(&log(2 * RUN));
        shelf.spill();
        let extents: Vec<usize> =
            shelf.partitions.iter().flat_map(|packs| &packs.extents).map(Extent::length).collect();
        assert!(extents.len() > 16, "{extents:?}");
        assert_eq!(extents.iter().filter(|&&length| length > RUN).count(), 1, "one record is longer");
    }

    #[test]
    fn ids_that_count_up_are_spread_over_all_partitions() {
        for shift in [0, 8, 64, 120] {
            let ids = (0..4096_u128).map(|n| TraceId((n << shift).to_be_bytes()));
            let used: HashSet<usize> = ids.map(partition_of).collect();
            let possible = if shift == 120 { 256 } else { PARTITIONS };
            assert!(used.len() * 2 > possible, "{} partitions of ids shifted by {shift}", used.len());
        }
    }
}
