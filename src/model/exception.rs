//! Exceptions as telemetry tells of them.

/// Where an exception was told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExceptionSource {
    /// A span event with `exception.*` attributes.
    SpanEvent,
    /// A log record of severity ERROR or above, joined by trace and span id.
    ErrorLog,
    /// A log record below ERROR: it adds detail to a failure and is no sign of one.
    MildLog,
}

/// One exception as recorded, before anything is parsed. Strings are empty when the record lacks them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Exception {
    /// Where it was told.
    pub source: ExceptionSource,
    /// `exception.type`: a class name, or just a code (the Node SDK writes `err.code`, such as `ECONNREFUSED` or `9`).
    pub kind: Box<str>,
    /// `exception.message`.
    pub message: Box<str>,
    /// `exception.stacktrace`, in the form of the language that wrote it.
    pub stacktrace: Box<str>,
}
