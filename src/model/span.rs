//! Spans and log records as readers hand them on: still without a tree.

use crate::model::attribute_value::AttributeValue;
use crate::model::exception::Exception;
use crate::model::ids::{SpanId, TraceId};
use crate::model::operation::OpId;
use crate::model::resource::ResourceId;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::time::{Interval, Nanos};

/// The status that the instrumentation set (`Status.code` of the OTLP trace proto).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Status {
    /// Nobody said anything. Not the same as [`Status::Ok`]: an unset span may let a failure pass.
    #[default]
    Unset,
    /// The application vouches for success; every sign of failure on the span is silenced.
    Ok,
    /// Marked as failed.
    Error,
}

impl Status {
    /// The status of an OTLP enum value; unknown values are [`Status::Unset`].
    #[must_use]
    pub fn from_otlp(value: u64) -> Self {
        match value {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }
}

/// The answer codes that a span carries as attributes, numbers or digit strings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Codes {
    /// gRPC status code, 0 to 16: `rpc.grpc.status_code`, `rpc.response.status_code` or `rpc.status_code`.
    pub grpc: Option<u8>,
    /// HTTP status code: `http.response.status_code` or `http.status_code`.
    pub http: Option<u16>,
}

/// One flag evaluation: which variant a request was given.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FlagEvaluation {
    /// `feature_flag.key`.
    pub key: Sym,
    /// `feature_flag.result.variant`, else the value as text.
    pub variant: Sym,
}

/// A reference to a span of another trace (or of the same one).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Link {
    /// The trace that is referred to.
    pub trace: TraceId,
    /// The span that is referred to.
    pub span: SpanId,
}

/// What a call asks of a database, as its attributes tell. Names, and never a value: see [`Detail::asked`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Asked {
    /// `db.operation.name`, else `db.query.summary`.
    pub operation: Sym,
    /// `db.collection.name`: a table, a collection.
    pub collection: Sym,
    /// `db.query.text` without its values.
    pub statement: Sym,
}

/// From how long on a call of a database tells what it asked for though it went well, in nanoseconds: with less it is no
/// relevant slowdown by the policy that is built in, and nobody gives up waiting for it.
pub const SLOW_CALL_NS: u64 = 10_000_000;

/// How many different steps of the work are kept of the events of one span. Loops tell the same again and again.
pub const TOLD_OF_SPAN: usize = 64;

/// What only few spans carry, kept apart so that a healthy span stays small.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Detail {
    /// `status.message`.
    pub status_message: Box<str>,
    /// The text of an error that is told outside the standard exception event: `grpc.error_message`, or the name of an
    /// attribute-less event on a failed span.
    pub error_text: Box<str>,
    /// `error.type`, or `grpc.error_name`.
    pub error_type: Box<str>,
    /// What was asked of a database, of calls that failed or took [`SLOW_CALL_NS`] and more.
    pub asked: Option<Asked>,
    /// Exceptions told by span events, in the order of the record.
    pub exceptions: Vec<Exception>,
    /// Span links.
    pub links: Vec<Link>,
    /// Flag evaluations told by span events or by the span's own attributes.
    pub flags: Vec<FlagEvaluation>,
    /// What other span events and log records written as span events tell of the way that the work took, each once and in
    /// the order of the record: see [`TOLD_OF_SPAN`].
    pub told: Vec<Sym>,
    /// `dropped_events_count`: events, and with them perhaps exceptions, that the SDK threw away.
    pub dropped_events: u32,
}

impl Detail {
    /// Whether there is nothing in it, so that it need not be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One span as a reader gives it: names interned, only what later stages ask for, no tree yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LooseSpan {
    /// The trace it belongs to.
    pub trace: TraceId,
    /// Its own id.
    pub id: SpanId,
    /// The span that it says it runs under; [`SpanId::NONE`] for a root.
    pub parent: SpanId,
    /// From start to end.
    pub time: Interval,
    /// Service, name and kind.
    pub operation: OpId,
    /// The span's own name, as written.
    pub name: Sym,
    /// The process that sent it.
    pub resource: ResourceId,
    /// Whom it calls, for CLIENT and PRODUCER spans.
    pub target: TargetId,
    /// Answer codes.
    pub codes: Codes,
    /// The status that was set.
    pub status: Status,
    /// What only few spans carry.
    pub detail: Option<Box<Detail>>,
    /// Attributes that were asked for, by key.
    pub attributes: Box<[(Sym, AttributeValue)]>,
}

/// One log record that matters to a trace: it tells of an exception, or is ERROR or worse, or evaluates a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEvent {
    /// The trace it was written in; [`TraceId::NONE`] when it was written outside of any.
    pub trace: TraceId,
    /// The span it was written in.
    pub span: SpanId,
    /// When it was written, else when it was observed.
    pub time: Nanos,
    /// The process that wrote it.
    pub resource: ResourceId,
    /// `severity_number` of the OTLP logs proto, 1 to 24; 17 and above is ERROR or FATAL; 0 when not given.
    pub severity: u8,
    /// The body as text, for records of severity ERROR or above.
    pub body: Box<str>,
    /// The exception that it tells of.
    pub exception: Option<Box<Exception>>,
    /// The flag evaluation that it tells of.
    pub flag: Option<FlagEvaluation>,
}

/// The first severity number that means ERROR.
pub const SEVERITY_ERROR: u8 = 17;
