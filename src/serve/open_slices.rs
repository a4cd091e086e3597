//! Where what comes is put: each span to the slice of its trace.

use crate::model::ids::TraceId;
use crate::model::span::LooseSpan;
use crate::serve::lanes::Records;
use crate::serve::name_set::NameSet;
use crate::serve::places::Places;
use crate::serve::slice::{Read, Slice};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The traces of how long a time share a slice, in milliseconds.
pub(crate) const SLICE: u64 = 500;

/// Spans and log events that are to be analysed together, each with names that are only theirs.
pub(crate) struct Due {
    /// The slice.
    pub(crate) slice: u64,
    /// What came, with its names.
    pub(crate) read: Vec<Read>,
    /// How many traces there are.
    pub(crate) traces: u64,
}

/// What is open: where each trace is, and the slices.
#[derive(Debug, Default)]
pub(crate) struct Open {
    /// The slice of each trace.
    places: Places,
    /// The slices, by the moment of their first spans.
    slices: BTreeMap<u64, Slice>,
    /// Milliseconds since the start.
    now: u64,
    /// How many spans came after their trace was analysed.
    late_spans: u64,
    /// How many bytes all slices take, about.
    held: usize,
}

impl Open {
    /// How many bytes all slices take, about.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// How many traces there are.
    pub(crate) fn traces(&self) -> usize {
        self.places.count()
    }

    /// How many spans came after their trace was analysed.
    pub(crate) fn late_spans(&self) -> u64 {
        self.late_spans
    }

    /// Takes the records of a request that came at `now` (milliseconds since the start), read with these names.
    pub(crate) fn take(&mut self, records: &Records, names: &Arc<NameSet>, now: u64) {
        self.now = self.now.max(now);
        let now = self.now;
        let mut spans = &records.spans[..];
        while let Some(first) = spans.first() {
            let number = self.place(first.trace);
            let (group, rest) = spans.split_at(self.group(spans, number));
            self.in_slice(number, |slice| slice.push_spans(group, names, now));
            if self.slices.get(&number).is_some_and(|slice| slice.is_analysed) {
                self.late_spans += group.len() as u64;
            }
            spans = rest;
        }
        for event in &records.logs {
            let number = if event.trace.is_none() { now / SLICE } else { self.place(event.trace) };
            self.in_slice(number, |slice| slice.push_log(event, names, now));
        }
    }

    /// How many of the spans, from the first on, belong to the slice of the first.
    fn group(&mut self, spans: &[LooseSpan], number: u64) -> usize {
        let mut last = spans.first().map(|span| span.trace);
        let belongs = |span: &&LooseSpan| {
            // Spans of a trace mostly stand together.
            let is_here = last == Some(span.trace) || self.place(span.trace) == number;
            last = Some(span.trace);
            is_here
        };
        spans.iter().take_while(belongs).count()
    }

    /// The slice of a trace, which begins here unless it is known.
    fn place(&mut self, trace: TraceId) -> u64 {
        let current = self.now / SLICE;
        let (slices, held) = (&mut self.slices, &mut self.held);
        self.places.of(trace, || {
            let slice = slices.entry(current).or_default();
            let before = slice.held;
            slice.begin_trace(trace);
            *held += slice.held - before;
            current
        })
    }

    fn in_slice(&mut self, number: u64, work: impl FnOnce(&mut Slice)) {
        let slice = self.slices.entry(number).or_default();
        let before = slice.held;
        work(slice);
        self.held = (self.held + slice.held).saturating_sub(before);
    }

    /// At most `most` slices that waited their time, as `waited` says in milliseconds, and how long the one waited that did so
    /// longest.
    pub(crate) fn due(
        &mut self,
        now: u64,
        most: usize,
        waited: impl Fn(u64, &Slice) -> Option<u64>,
    ) -> (Vec<Due>, u64) {
        self.now = self.now.max(now);
        let ready = self.slices.iter().filter_map(|(&number, slice)| Some((number, waited(number, slice)?)));
        let ready: Vec<(u64, u64)> = ready.collect();
        let longest = ready.iter().map(|&(_, waited)| waited).max().unwrap_or_default();
        let due = ready.iter().take(most).filter_map(|&(number, _)| {
            let slice = self.slices.get_mut(&number)?;
            slice.changed = None;
            slice.is_analysed = true;
            Some(Due { slice: number, read: slice.read.clone(), traces: slice.traces.len() as u64 })
        });
        (due.collect(), longest)
    }

    /// The oldest slice of which everything was analysed, and of which `pick` says so.
    pub(crate) fn settled(&self, pick: impl Fn(u64, &Slice) -> bool) -> Option<u64> {
        let settled = |slice: &Slice| slice.is_analysed && slice.changed.is_none();
        let mut found = self.slices.iter().filter(|&(&number, slice)| settled(slice) && pick(number, slice));
        found.next().map(|(&number, _)| number)
    }

    /// Forgets the spans of a slice: what comes of its traces from now on begins them anew. What it held is handed over, to be
    /// dropped where nobody waits.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Slice> {
        let slice = self.slices.remove(&number)?;
        for trace in &slice.traces {
            self.places.remove(*trace);
        }
        self.held = self.held.saturating_sub(slice.held);
        Some(slice)
    }
}
