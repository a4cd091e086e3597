//! Where what comes is put: each span to the slice of its trace.

use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::read::sink::Sink;
use crate::serve::slice::Slice;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// The traces of how long a time share a slice, in milliseconds.
pub(crate) const SLICE: u64 = 1000;

/// What is open: where each trace is, and the slices.
pub(crate) struct Open {
    /// The names that are read with now.
    pub(crate) names: Names,
    /// The number of these names.
    pub(crate) epoch: u64,
    /// The names before them that slices still use.
    pub(crate) older: BTreeMap<u64, Names>,
    /// The slice of each trace.
    pub(crate) places: HashMap<TraceId, u64>,
    /// Where the last span went: the next mostly follows it.
    pub(crate) last: Option<(TraceId, u64)>,
    /// The slices, by the second of their first spans.
    pub(crate) slices: BTreeMap<u64, Slice>,
    /// Milliseconds since the start.
    pub(crate) now: u64,
    /// How many spans came after their trace was analysed.
    pub(crate) late_spans: u64,
}

impl Open {
    fn slice_of(&mut self, trace: TraceId) -> &mut Slice {
        let number = match self.last {
            Some((last, number)) if last == trace => number,
            _ => {
                let current = self.now / SLICE;
                let number = *self.places.entry(trace).or_insert_with(|| {
                    self.slices.entry(current).or_default().traces.push(trace);
                    current
                });
                self.last = Some((trace, number));
                number
            }
        };
        self.slices.entry(number).or_default()
    }
}

impl Sink for Open {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        let (epoch, now) = (self.epoch, self.now);
        let slice = self.slice_of(span.trace);
        slice.push_span(&span, epoch, now);
        let late = u64::from(slice.facts.is_some());
        self.late_spans += late;
    }

    fn log(&mut self, event: LogEvent) {
        let (epoch, now) = (self.epoch, self.now);
        if event.trace.is_none() {
            self.slices.entry(now / SLICE).or_default().push_log(&event, epoch, now);
        } else {
            self.slice_of(event.trace).push_log(&event, epoch, now);
        }
    }
}
