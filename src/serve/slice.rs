//! The traces whose first span came in the same second, while something may still come of them.

use crate::assemble::shelf::Shelf;
use crate::facts::window::WindowFacts;
use crate::model::ids::TraceId;
use crate::model::span::{LogEvent, LooseSpan};
use std::sync::Arc;

/// Traces that are analysed together, and again when something comes late.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    /// What came, packed, for each set of names that it was read with.
    pub(crate) shelves: Vec<(u64, Shelf)>,
    /// Its traces.
    pub(crate) traces: Vec<TraceId>,
    /// When the last span came, in milliseconds since the start.
    pub(crate) last: u64,
    /// Since when there is something that was not analysed.
    pub(crate) changed: Option<u64>,
    /// What the last analysis found.
    pub(crate) facts: Option<Arc<WindowFacts>>,
}

impl Slice {
    /// Adds a span that came at `now`, read with the names of this `epoch`.
    pub(crate) fn push_span(&mut self, span: &LooseSpan, epoch: u64, now: u64) {
        self.touch(now);
        self.shelf(epoch).push_span(span);
    }

    /// Adds a log event.
    pub(crate) fn push_log(&mut self, event: &LogEvent, epoch: u64, now: u64) {
        self.touch(now);
        self.shelf(epoch).push_log(event);
    }

    fn touch(&mut self, now: u64) {
        self.last = now;
        self.changed.get_or_insert(now);
    }

    fn shelf(&mut self, epoch: u64) -> &mut Shelf {
        if self.shelves.last().is_none_or(|(of, _)| *of != epoch) {
            // What does not fit is on disk already, in the store: the slice as a whole is given up, see `Live::make_room`.
            self.shelves.push((epoch, Shelf::new(usize::MAX)));
        }
        let last = self.shelves.len() - 1;
        &mut self.shelves[last].1
    }

    /// How many bytes it takes, about.
    pub(crate) fn held(&self) -> usize {
        let shelves: usize = self.shelves.iter().map(|(_, shelf)| shelf.held()).sum();
        shelves + size_of_val(&*self.traces) * 3
    }
}

/// About how many bytes facts take: what grows with the number of requests is counted.
pub(crate) fn weight(facts: &WindowFacts) -> usize {
    let services = facts.services.values().map(|service| service.durations.len()).sum::<usize>();
    let entries = facts.entries.values().map(|entry| entry.passing.len()).sum::<usize>();
    let causes = facts.causes.values().map(|cause| cause.sample.bytes + 1024).sum::<usize>();
    (services + entries) * size_of::<u64>() + causes + 16 * 1024
}
