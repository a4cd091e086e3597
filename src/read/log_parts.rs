//! One log record while it is read: the same for JSON and protobuf.

use crate::model::exception::ExceptionSource;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::span::{LogEvent, SEVERITY_ERROR};
use crate::model::time::Nanos;
use crate::read::attributes::{Attributes, Value};
use crate::read::codes;
use crate::read::resource_parts::ResourceParts;
use crate::read::span_events;
use crate::read::text::{MESSAGE_BYTES, capped};
use std::borrow::Cow;

/// The fields of one log record, collected in whatever order they come. Reused from record to record.
#[derive(Debug)]
pub(crate) struct LogParts<'a> {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    /// The last id field that holds something that is no id, with what it holds, quoted.
    pub(crate) wrong_id: Option<(&'static str, String)>,
    pub(crate) time: Nanos,
    pub(crate) observed: Nanos,
    pub(crate) severity_number: u8,
    pub(crate) severity_text: Cow<'a, str>,
    pub(crate) body: Value<'a>,
    pub(crate) attributes: Attributes<'a>,
    /// W3C trace flags in the lowest 8 bits.
    pub(crate) trace_flags: u32,
}

impl Default for LogParts<'_> {
    fn default() -> Self {
        Self {
            trace: TraceId::NONE,
            span: SpanId::NONE,
            wrong_id: None,
            time: Nanos::default(),
            observed: Nanos::default(),
            severity_number: 0,
            severity_text: Cow::Borrowed(""),
            body: Value::Empty,
            attributes: Attributes::default(),
            trace_flags: 0,
        }
    }
}

impl LogParts<'_> {
    /// Makes room for the next record.
    pub(crate) fn clear(&mut self) {
        self.trace = TraceId::NONE;
        self.span = SpanId::NONE;
        self.wrong_id = None;
        self.time = Nanos::default();
        self.observed = Nanos::default();
        self.severity_number = 0;
        self.severity_text = Cow::Borrowed("");
        self.body = Value::Empty;
        self.attributes.clear();
        self.trace_flags = 0;
    }

    /// The severity number, 0 when neither it nor a known word is given.
    pub(crate) fn severity(&self) -> u8 {
        match self.severity_number {
            0 => codes::severity(&self.severity_text),
            number => number,
        }
    }

    /// When it was written, else when it was observed.
    pub(crate) fn best_time(&self) -> Nanos {
        if self.time.0 == 0 { self.observed } else { self.time }
    }

    /// Whether it tells of an exception in any of the known ways.
    pub(crate) fn tells_exception(&self) -> bool {
        self.attributes.tells_exception() || span_events::tells_dotnet_exception(&self.attributes)
    }

    /// The event, when the record matters to a trace.
    pub(crate) fn finish(&mut self, resource: &ResourceParts, names: &mut Names) -> Option<LogEvent> {
        let severity = self.severity();
        let failed = severity >= SEVERITY_ERROR;
        let source = if failed { ExceptionSource::ErrorLog } else { ExceptionSource::MildLog };
        let exception = span_events::exception(&self.attributes, source)
            .or_else(|| span_events::dotnet_exception(&self.attributes, source));
        let flag = span_events::flag(&self.attributes, names);
        if !failed && exception.is_none() && flag.is_none() {
            return None;
        }
        Some(LogEvent {
            trace: self.trace,
            span: self.span,
            time: self.best_time(),
            resource: resource.id,
            severity,
            body: if failed { capped(&self.body.text(MESSAGE_BYTES), MESSAGE_BYTES) } else { Box::default() },
            exception: exception.map(Box::new),
            flag,
        })
    }
}
