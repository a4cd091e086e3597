//! What one thread has read.

use crate::assemble::shelf::Shelf;
use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::{Nanos, TimeWindow};
use crate::read::kept_segments::around;
use crate::read::sink::Sink;
use crate::read::survey::Survey;

/// What one thread has read: the spans, and the names that they use.
pub(super) struct Reader {
    pub(super) names: Names,
    /// The spans.
    pub(super) shelf: Shelf,
    /// Counts of what was read, when somebody asked for them.
    pub(super) survey: Option<Survey>,
    /// The one trace that is held, when no other is asked for.
    pub(super) only: Option<TraceId>,
    /// The window that is looked at, when it is not all time.
    pub(super) window: Option<TimeWindow>,
}

/// Whether what happened at this time may belong to a trace that is looked at: the same however a store is cut into segments.
fn looks_at(window: Option<TimeWindow>, time: Nanos) -> bool {
    time.0 == 0 || window.is_none_or(|window| around(window).holds(time))
}

/// Puts a span onto the shelf of who looks at this window.
pub(super) fn put_span(shelf: &mut Shelf, window: Option<TimeWindow>, span: &LooseSpan) {
    if looks_at(window, span.time.start) {
        shelf.push_span(span);
    }
}

/// Puts a log event onto the shelf of who looks at this window. What belongs to no trace belongs to the time at which it was
/// written.
pub(super) fn put_log(shelf: &mut Shelf, window: Option<TimeWindow>, event: &LogEvent) {
    let within = match event.trace.is_none() {
        true => window.is_none_or(|window| window.holds(event.time)),
        false => looks_at(window, event.time),
    };
    if within {
        shelf.push_log(event);
    }
}

impl Reader {
    fn holds(&self, trace: TraceId) -> bool {
        self.only.is_none_or(|only| only == trace)
    }
}

impl Sink for Reader {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        if self.holds(span.trace) {
            put_span(&mut self.shelf, self.window, &span);
        }
    }

    fn log(&mut self, event: LogEvent) {
        if self.holds(event.trace) {
            put_log(&mut self.shelf, self.window, &event);
        }
    }

    fn survey(&mut self) -> Option<(&mut Survey, &Names)> {
        Some((self.survey.as_mut()?, &self.names))
    }
}
