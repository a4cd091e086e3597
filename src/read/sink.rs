//! Where readers put what they find.

use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::Nanos;
use crate::read::survey::Survey;

/// Takes spans and log events as they are read, in the order of the input.
pub trait Sink {
    /// The names that the spans and log events refer to.
    fn names(&mut self) -> &mut Names;

    /// Takes one span.
    fn span(&mut self, span: LooseSpan);

    /// Takes one log event.
    fn log(&mut self, log: LogEvent);

    /// Told of when each log record was written, whether it is taken or not, for whoever counts them by several windows.
    fn saw_log(&mut self, _time: Nanos) {}

    /// Where to count what each service sends, with the names that it is counted by, when somebody asks for that.
    fn survey(&mut self) -> Option<(&mut Survey, &Names)> {
        None
    }
}

/// Keeps everything that was read: for small inputs, for tests, and as the simplest possible sink.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The names of all that was read.
    pub names: Names,
    /// The spans, in the order of the input.
    pub spans: Vec<LooseSpan>,
    /// The log events, in the order of the input.
    pub logs: Vec<LogEvent>,
}

impl Sink for Gathered {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        self.spans.push(span);
    }

    fn log(&mut self, log: LogEvent) {
        self.logs.push(log);
    }
}
