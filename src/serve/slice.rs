//! The traces whose first span came in the same moment, while something may still come of them.

use crate::assemble::shelf::Shelf;
use crate::model::ids::TraceId;
use crate::model::span::{LogEvent, LooseSpan};
use crate::serve::name_set::NameSet;
use std::sync::Arc;

/// About how many bytes a shelf takes before anything is put there.
const EMPTY_SHELF: usize = 24 << 10;

/// About how many bytes it takes to know where a trace is.
const TRACE: usize = 3 * size_of::<TraceId>();

/// Spans and log events, packed, with the names that they were read with.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The names.
    pub(crate) names: Arc<NameSet>,
    /// What came.
    pub(crate) shelf: Arc<Shelf>,
}

/// Traces that are analysed together, and again when something comes late.
///
/// ```text
/// lane 1   names 1   shelf   held by the slice alone: what comes is put there
/// lane 2   names 2   shelf   held by an analysis too: it stays as it is, and what comes of lane 2 begins another
/// ```
#[derive(Debug, Default)]
pub(crate) struct Slice {
    /// What came, for each set of names that it was read with.
    pub(crate) read: Vec<Read>,
    /// Its traces.
    pub(crate) traces: Vec<TraceId>,
    /// When the last span came, in milliseconds since the start.
    pub(crate) last: u64,
    /// Since when there is something that was not analysed.
    pub(crate) changed: Option<u64>,
    /// Whether something of it was analysed.
    pub(crate) is_analysed: bool,
    /// How many bytes it takes, about.
    pub(crate) held: usize,
}

impl Slice {
    /// Takes note of a trace that belongs here.
    pub(crate) fn begin_trace(&mut self, trace: TraceId) {
        self.traces.push(trace);
        self.held += TRACE;
    }

    /// Adds spans that came at `now`, read with these names.
    pub(crate) fn push_spans(&mut self, spans: &[LooseSpan], names: &Arc<NameSet>, now: u64) {
        self.push(names, now, |shelf| spans.iter().for_each(|span| shelf.push_span(span)));
    }

    /// Adds a log event.
    pub(crate) fn push_log(&mut self, event: &LogEvent, names: &Arc<NameSet>, now: u64) {
        self.push(names, now, |shelf| shelf.push_log(event));
    }

    fn push(&mut self, names: &Arc<NameSet>, now: u64, put: impl FnOnce(&mut Shelf)) {
        self.last = now;
        self.changed.get_or_insert(now);
        let of_names = |read: &mut Read| Arc::ptr_eq(&read.names, names) && Arc::get_mut(&mut read.shelf).is_some();
        let place = self.read.iter_mut().position(of_names).unwrap_or_else(|| {
            // What does not fit is on disk already, in the store: the slice as a whole is given up, see `Live::make_room`.
            self.read.push(Read { names: Arc::clone(names), shelf: Arc::new(Shelf::new(usize::MAX)) });
            self.held += EMPTY_SHELF;
            self.read.len() - 1
        });
        // Nobody else holds it, as was just seen.
        if let Some(shelf) = Arc::get_mut(&mut self.read[place].shelf) {
            let before = shelf.held();
            put(shelf);
            self.held += shelf.held().saturating_sub(before);
        }
    }
}
