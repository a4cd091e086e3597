//! Whole traces, taken off the shelves one partition at a time.

use crate::assemble::open_traces::{OpenTrace, OpenTraces};
use crate::assemble::packed::Packed;
use crate::assemble::packed_span::take;
use crate::assemble::recent::Recent;
use crate::assemble::shelf::{PARTITIONS, Packs, Shelf, partition_of};
use crate::assemble::spill::SpillFile;
use crate::model::ids::TraceId;
use crate::model::renaming::Renaming;
use std::io;
use std::iter::Enumerate;
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;

/// What one shelf holds of each partition, with the names that it uses.
struct Source {
    names: Renaming,
    spill: Option<Mutex<SpillFile>>,
    /// The shelf itself, when others hold it too: it stays as it is.
    shared: Option<Arc<Shelf>>,
}

/// Everything that was read, in partitions that threads take one by one. Each trace is whole in one of them.
pub struct Partitions {
    sources: Vec<Source>,
    waiting: Mutex<Enumerate<IntoIter<Vec<Packs>>>>,
}

/// Whole traces, some of all that were read.
#[derive(Debug)]
pub struct Partition {
    /// Which partition it is, counted from 0.
    pub number: usize,
    /// The traces.
    pub traces: OpenTraces,
    /// Why a part of what was put on disk could not be read back, if so.
    pub lost: Option<io::Error>,
}

impl Partitions {
    /// The partitions of all shelves, each with what its names are called now.
    #[must_use]
    pub fn new(shelves: Vec<(Shelf, Renaming)>) -> Self {
        let mut waiting: Vec<Vec<Packs>> = (0..PARTITIONS).map(|_| Vec::with_capacity(shelves.len())).collect();
        let mut sources = Vec::with_capacity(shelves.len());
        for (shelf, names) in shelves {
            sources.push(Source { names, spill: shelf.spill.map(Mutex::new), shared: None });
            for (partition, packs) in waiting.iter_mut().zip(shelf.partitions) {
                partition.push(packs);
            }
        }
        Self { sources, waiting: Mutex::new(waiting.into_iter().enumerate()) }
    }

    /// The partitions of shelves that others hold too, and that have nothing on disk: they are read where they are, and stay.
    #[must_use]
    pub fn of_shared(shelves: Vec<(Arc<Shelf>, Renaming)>) -> Self {
        let nothing = |_| shelves.iter().map(|_| Packs::default()).collect();
        let waiting: Vec<Vec<Packs>> = (0..PARTITIONS).map(nothing).collect();
        let source = |(shelf, names)| Source { names, spill: None, shared: Some(shelf) };
        Self {
            sources: shelves.into_iter().map(source).collect(),
            waiting: Mutex::new(waiting.into_iter().enumerate()),
        }
    }

    /// The traces of the next partition that nobody took yet; `None` when all are taken. It is the same partition of the
    /// same number for any number of threads.
    pub fn take_next(&self) -> Option<Partition> {
        let (number, packs) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        let mut traces = OpenTraces::default();
        let lost = self.unpack(number, packs, &mut traces);
        Some(Partition { number, traces, lost })
    }

    /// The one trace with this id, if it was read.
    pub fn take_trace(self, id: TraceId) -> io::Result<Option<OpenTrace>> {
        let packs = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).nth(partition_of(id));
        let mut traces = OpenTraces::default();
        if let Some((number, packs)) = packs {
            // A part of a trace shows what nobody did: where anything is missing, none of it is given.
            self.unpack(number, packs, &mut traces).map_or(Ok(()), Err)?;
        }
        Ok(traces.take(id))
    }

    /// Takes a partition off every shelf. What is behind a part of a shelf that cannot be read back is written after it, and
    /// is lost with it; the other shelves are not. Gives the first error, if there is any.
    fn unpack(&self, number: usize, packs: Vec<Packs>, traces: &mut OpenTraces) -> Option<io::Error> {
        let (mut read_back, mut lost) = (Vec::new(), None);
        for (source, packs) in self.sources.iter().zip(packs) {
            if let Err(error) = source.unpack(number, packs, &mut read_back, traces) {
                lost.get_or_insert(error);
            }
        }
        lost
    }
}

impl Source {
    fn unpack(&self, number: usize, packs: Packs, read_back: &mut Vec<u8>, traces: &mut OpenTraces) -> io::Result<()> {
        let (extents, chunks) = packs.into_parts();
        let mut recent = Recent::default();
        if let Some(spill) = &self.spill {
            for extent in extents {
                spill.lock().unwrap_or_else(PoisonError::into_inner).read(extent, read_back)?;
                unpack(read_back, &self.names, &mut recent, traces)?;
            }
        }
        for chunk in chunks {
            unpack(&chunk, &self.names, &mut recent, traces)?;
        }
        let shared = self.shared.as_ref().and_then(|shelf| shelf.partitions.get(number));
        for chunk in shared.into_iter().flat_map(Packs::chunks) {
            unpack(chunk, &self.names, &mut recent, traces)?;
        }
        Ok(())
    }
}

fn unpack(bytes: &[u8], names: &Renaming, recent: &mut Recent, traces: &mut OpenTraces) -> io::Result<()> {
    let mut packed = Packed::new(bytes);
    while !packed.is_empty() {
        take(&mut packed, names, recent, traces).ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::SpanId;
    use crate::model::names::Names;
    use crate::model::resource::ResourceId;
    use crate::model::span::LogEvent;
    use crate::model::time::Nanos;

    /// A shelf with a log event of this trace and span.
    fn shelf(budget: usize, trace: TraceId, span: u8) -> (Shelf, Renaming) {
        let event = LogEvent {
            trace,
            span: SpanId([span; 8]),
            time: Nanos::default(),
            resource: ResourceId::default(),
            severity: 17,
            body: Box::default(),
            exception: None,
            flag: None,
        };
        let mut shelf = Shelf::new(budget);
        shelf.push_log(&event);
        (shelf, Renaming::base(&mut Names::new()))
    }

    #[test]
    fn what_one_shelf_cannot_read_back_costs_the_others_nothing() {
        let (in_both, whole) = (TraceId([1; 16]), TraceId([2; 16]));
        let mut broken = shelf(0, in_both, 1);
        broken.0.spill = Some(SpillFile::create().expect("a temporary file"));
        let partitions = Partitions::new(vec![broken, shelf(usize::MAX, in_both, 2), shelf(0, whole, 3)]);
        let (mut spans, mut lost) = (Vec::new(), 0);
        while let Some(mut partition) = partitions.take_next() {
            lost += usize::from(partition.lost.is_some());
            let traces = [in_both, whole].into_iter().filter_map(|id| partition.traces.take(id));
            spans.extend(traces.flat_map(|trace| trace.logs).map(|log| log.span.0[0]));
        }
        spans.sort_unstable();
        assert_eq!((spans, lost), (vec![2, 3], 1));
    }
}
