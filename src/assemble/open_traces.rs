//! Spans and log events, sorted by trace.

use crate::model::ids::TraceId;
use crate::model::span::{LogEvent, LooseSpan};
use hashbrown::HashMap;

/// What has arrived of one trace.
#[derive(Debug, Default)]
pub struct OpenTrace {
    /// Its spans, in the order of arrival.
    pub spans: Vec<LooseSpan>,
    /// Its log events, in the order of arrival.
    pub logs: Vec<LogEvent>,
}

/// Sorts what arrives by trace.
#[derive(Debug, Default)]
pub struct OpenTraces {
    traces: HashMap<TraceId, OpenTrace>,
}

impl OpenTraces {
    /// Adds a span to its trace.
    pub fn push_span(&mut self, span: LooseSpan) {
        self.traces.entry(span.trace).or_default().spans.push(span);
    }

    /// Adds a log event to its trace.
    pub fn push_log(&mut self, event: LogEvent) {
        self.traces.entry(event.trace).or_default().logs.push(event);
    }

    /// Takes out the trace with this id.
    pub fn take(&mut self, id: TraceId) -> Option<OpenTrace> {
        self.traces.remove(&id)
    }

    /// Hands out every trace in the order of the ids, so that what follows does not depend on the input's order.
    pub fn drain(&mut self) -> impl Iterator<Item = (TraceId, OpenTrace)> + use<> {
        let mut traces: Vec<_> = std::mem::take(&mut self.traces).into_iter().collect();
        traces.sort_unstable_by_key(|&(id, _)| id);
        traces.into_iter()
    }
}
