//! What the pictures of a report are drawn from: its part of the public contract.

use serde::{Deserialize, Serialize};

/// Facts that are drawn and not judged. All lists are cut to what a page can show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pictures {
    /// Traces to look at: of the first root causes one that shows it, and one beside it that passed as usual.
    pub traces: Vec<TracePicture>,
    /// Who calls whom: those with failures, then those with most calls.
    pub calls: Vec<Call>,
    /// Pairs of caller and callee that are not in `calls`.
    pub hidden_calls: u64,
    /// Requests and failures over time; null without requests.
    pub timeline: Option<Timeline>,
    /// How durations of passing requests are spread: entry points with failures first, then those with most requests.
    pub durations: Vec<Durations>,
}

/// A trace to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TracePicture {
    /// JSON pointer (RFC 6901) to the root cause that it belongs to.
    #[serde(rename = "ref")]
    pub reference: String,
    /// `failing`: it began in it; `shifted`: a request that passed and shows a root cause that is no failure; `passing`: another
    /// request at the same entry point that passed.
    pub outcome: String,
    /// `baseline` or `candidate`.
    pub window: String,
    /// Trace id, 32 hexadecimal digits.
    pub trace_id: String,
    /// Service of the entry point.
    pub service: String,
    /// Operation of the entry point.
    pub operation: String,
    /// Start of the first span that is drawn, RFC 3339; null when no span tells its time.
    pub start: Option<String>,
    /// How long the entry point took, milliseconds.
    pub duration_ms: f64,
    /// Spans, depth first, 60 at most: the way of the failure, and what lies around it.
    pub spans: Vec<SpanPicture>,
    /// Spans of the trace that are not drawn.
    pub hidden_spans: u64,
}

/// A span to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpanPicture {
    /// Span id, 16 hexadecimal digits.
    pub span_id: String,
    /// How many drawn spans it lies below.
    pub depth: u32,
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// `server`, `client`, `producer`, `consumer`, `internal` or `unspecified`.
    pub kind: String,
    /// `healthy`, `origin`, `propagated`, `silent`, `absorbed`, `retried`, `cancelled`; `shifted` of the span that is slower, takes
    /// another course or calls more often.
    pub role: String,
    /// Start, milliseconds after the first drawn span.
    pub start_ms: f64,
    /// Duration, milliseconds.
    pub duration_ms: f64,
    /// Spans below it that are not drawn, without those below a drawn one.
    pub hidden: u64,
}

/// Calls from one service to another, or to somebody without spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The service that calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// Whether the callee has spans of its own in either window.
    pub has_spans: bool,
    /// Calls of the candidate.
    pub calls: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Calls of the baseline; null for `analyze`.
    pub baseline_calls: Option<u64>,
    /// Of these, those that failed; null for `analyze`.
    pub baseline_failed: Option<u64>,
}

/// Requests and failures over time, at all entry points together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// Start of the first step, RFC 3339.
    pub start: String,
    /// Width of a step, milliseconds.
    pub step_ms: u64,
    /// Steps of the baseline that hold a request; empty for `analyze`.
    pub baseline: Vec<Moment>,
    /// Steps of the candidate that hold a request.
    pub candidate: Vec<Moment>,
    /// When changes were made.
    pub changes: Vec<Mark>,
}

/// Requests that began within one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Milliseconds after the start of the timeline.
    pub after_ms: u64,
    /// Requests.
    pub requests: u64,
    /// Of these, those that failed.
    pub failing: u64,
}

/// A change on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// JSON pointer (RFC 6901) to the change.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Milliseconds after the start of the timeline; negative before it.
    pub after_ms: i64,
}

/// How the durations of the passing requests of one entry point are spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Durations {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Classes of durations that hold a request, four to each doubling, shortest first.
    pub classes: Vec<DurationClass>,
}

/// Requests of about the same duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DurationClass {
    /// From this duration on, milliseconds.
    pub from_ms: f64,
    /// Up to and without this one, milliseconds.
    pub to_ms: f64,
    /// Passing requests of the baseline; null for `analyze`.
    pub baseline: Option<u64>,
    /// Passing requests of the candidate.
    pub candidate: u64,
}
