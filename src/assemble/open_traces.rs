//! Spans and log events, sorted by trace.

use crate::model::bounds::{SPANS_OF_TRACE, TEXT_OF_TRACE};
use crate::model::defect::{Defect, DefectCounts};
use crate::model::ids::TraceId;
use crate::model::span::{Detail, LogEvent, LooseSpan};
use hashbrown::HashMap;

/// For how many spans a trace has room when the first comes: few traces have less, and growing moves all that there are.
const SPANS_EXPECTED: usize = 8;

/// What has arrived of one trace.
#[derive(Debug, Default)]
pub struct OpenTrace {
    /// Its spans, in the order of arrival.
    pub spans: Vec<LooseSpan>,
    /// Its log events, in the order of arrival.
    pub logs: Vec<LogEvent>,
    /// What was left out of it so that it fits into memory.
    pub left_out: DefectCounts,
    /// Bytes of messages and stack traces so far.
    text: usize,
}

impl OpenTrace {
    #[inline(always)]
    fn add_span(&mut self, fill: impl FnOnce(&mut LooseSpan)) {
        if self.spans.len() >= SPANS_OF_TRACE {
            return self.left_out.add(Defect::SpansBeyondBound);
        }
        if self.spans.is_empty() {
            self.spans.reserve(SPANS_EXPECTED);
        }
        // Makes room first, and then the span in it, where `push` would move one that was made before.
        self.spans.resize_with(self.spans.len() + 1, LooseSpan::default);
        if let Some(span) = self.spans.last_mut() {
            fill(span);
            if span.detail.is_some() || !span.attributes.is_empty() {
                self.bound_text_of_last();
            }
        }
    }

    fn bound_text_of_last(&mut self) {
        let Some(span) = self.spans.last_mut() else { return };
        let text = text_of_span(span);
        self.text += text;
        if text > 0 && self.text > TEXT_OF_TRACE {
            if let Some(detail) = &mut span.detail {
                **detail = Detail { dropped_events: detail.dropped_events, ..Detail::default() };
            }
            span.attributes = Box::default();
            self.left_out.add(Defect::TextsBeyondBound);
        }
    }

    fn push_log(&mut self, event: LogEvent) {
        self.text += text_of_log(&event);
        if self.text > TEXT_OF_TRACE {
            return self.left_out.add(Defect::TextsBeyondBound);
        }
        self.logs.push(event);
    }
}

/// About how many bytes a span takes beside itself.
fn text_of_span(span: &LooseSpan) -> usize {
    let kept = span.attributes.iter().map(|(_, value)| value.bytes_held()).sum::<usize>();
    size_of_val(&*span.attributes) + kept + span.detail.as_ref().map_or(0, |detail| text_of_detail(detail))
}

/// About how many bytes a detail takes.
fn text_of_detail(detail: &Detail) -> usize {
    let told = detail.exceptions.iter().map(|it| it.kind.len() + it.message.len() + it.stacktrace.len());
    let lists = size_of_val(&*detail.exceptions)
        + size_of_val(&*detail.links)
        + size_of_val(&*detail.flags)
        + size_of_val(&*detail.told);
    let own = detail.status_message.len() + detail.error_text.len() + detail.error_type.len();
    own + lists + told.sum::<usize>()
}

/// About how many bytes a log event takes.
fn text_of_log(event: &LogEvent) -> usize {
    let told = event.exception.as_ref().map(|it| it.kind.len() + it.message.len() + it.stacktrace.len());
    size_of_val(event) + event.body.len() + told.unwrap_or_default()
}

/// Sorts what arrives by trace.
#[derive(Debug, Default)]
pub struct OpenTraces {
    traces: Vec<(TraceId, OpenTrace)>,
    /// Where in `traces` each is.
    places: HashMap<TraceId, usize>,
    /// Where the one is that something was added to last: what comes next mostly belongs to it, too.
    last: usize,
}

impl OpenTraces {
    /// Adds a span to its trace.
    pub fn push_span(&mut self, span: LooseSpan) {
        self.add_span(span.trace, |place| *place = span);
    }

    /// Adds a span to its trace: an empty one, which `fill` makes what it is to be. One that was just put together elsewhere can
    /// only be moved when all its parts are written, and the core waits for that.
    #[inline(always)]
    pub(crate) fn add_span(&mut self, trace: TraceId, fill: impl FnOnce(&mut LooseSpan)) {
        self.trace(trace).add_span(fill);
    }

    /// Adds a log event to its trace.
    pub fn push_log(&mut self, event: LogEvent) {
        self.trace(event.trace).push_log(event);
    }

    #[inline]
    fn trace(&mut self, id: TraceId) -> &mut OpenTrace {
        if self.traces.get(self.last).is_none_or(|&(last, _)| last != id) {
            self.last = *self.places.entry(id).or_insert(self.traces.len());
            if self.last == self.traces.len() {
                self.traces.push((id, OpenTrace::default()));
            }
        }
        &mut self.traces[self.last].1
    }

    /// Takes out the trace with this id.
    pub fn take(&mut self, id: TraceId) -> Option<OpenTrace> {
        self.places.remove(&id).map(|place| std::mem::take(&mut self.traces[place].1))
    }

    /// Hands out every trace in the order of the ids, so that what follows does not depend on the input's order.
    pub fn drain(&mut self) -> impl Iterator<Item = (TraceId, OpenTrace)> + use<> {
        let Self { mut traces, .. } = std::mem::take(self);
        traces.sort_unstable_by_key(|&(id, _)| id);
        traces.into_iter()
    }
}
