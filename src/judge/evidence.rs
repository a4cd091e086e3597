//! Everything that was found, as data. Every report is a rendering of it; its names and meanings are a public contract.

use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::{Objective, Verdict};
use crate::judge::evidence_pictures::Pictures;
use crate::judge::policy::Policy;
use crate::judge::redaction::Redaction;
use serde::{Deserialize, Serialize};

/// The name and version of this format.
pub const SCHEMA: &str = "whyspan.evidence/v1";

/// All findings of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// `whyspan.evidence/v1`.
    pub schema: String,
    /// The command that was run: `analyze` or `gate`.
    pub command: String,
    /// The decision of a gate; null for `analyze`, which decides nothing.
    pub verdict: Option<Verdict>,
    /// The policy in force; null for `analyze`.
    pub policy: Option<Policy>,
    /// Every judged fact: of a gate those that weigh most first, then in the order of root causes and objectives; then of
    /// the input's quality.
    pub findings: Vec<Finding>,
    /// The windows of time that were looked at.
    pub windows: Windows,
    /// Ranked: for a gate new or worse, same, better, gone; then fatal, absorbed, neither; then by traces; the callers' own
    /// faults last.
    pub root_causes: Vec<RootCause>,
    /// Judged objectives; empty for `analyze`.
    pub objectives: Vec<Objective>,
    /// What was asked of each service, by name.
    pub services: Vec<Service>,
    /// What was asked at each entry point, by service and operation.
    pub entry_points: Vec<EntryPoint>,
    /// Changes that were announced or found; empty for `analyze`.
    pub changes: Vec<Change>,
    /// How far the input can be trusted.
    pub quality: Quality,
    /// What is drawn and not judged.
    #[serde(default)]
    pub pictures: Pictures,
    /// What was taken out before this was written: secrets and personal data.
    pub redaction: Redaction,
}

/// One judged fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// A stable code, such as `fatal-root-cause`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// One plain sentence.
    pub sentence: String,
    /// JSON pointers (RFC 6901) into this evidence.
    pub refs: Vec<String>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Requests failed by it.
    Fail,
    /// Worth a look.
    Warn,
    /// To be known.
    Info,
}

/// The windows of time that were looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// What the candidate is compared with; null for `analyze`.
    pub baseline: Option<Window>,
    /// What is judged.
    pub candidate: Window,
    /// Traces that were left out of both because they start just after the change (`--settle`).
    pub settling: u64,
}

/// One window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Start of the first span, RFC 3339 in UTC; null without spans.
    pub start: Option<String>,
    /// End of the last span, RFC 3339 in UTC; null without spans.
    pub end: Option<String>,
    /// Traces that hold a span.
    pub traces: u64,
    /// Spans, each once.
    pub spans: u64,
    /// Log records, whether they bear on a failure or not; of one capture that is cut in two, all of them.
    pub logs: u64,
    /// Traces of which an entry point failed.
    pub failing_traces: u64,
    /// Services that sent spans of requests.
    pub services: u64,
}

/// What was asked of one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Service name.
    pub service: String,
    /// Requests that it took, and those that it made of its own.
    pub requests: u64,
    /// Of these, those that failed by more than their caller's fault.
    pub failed: u64,
    /// Median duration, milliseconds, linear interpolation.
    pub p50_ms: f64,
    /// 95th percentile of durations, milliseconds.
    pub p95_ms: f64,
    /// 99th percentile of durations, milliseconds.
    pub p99_ms: f64,
}

/// What was asked at one entry point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryPoint {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests.
    pub total: u64,
    /// Of these, those that failed.
    pub failing: u64,
    /// Requests of the baseline; null for `analyze`.
    pub baseline_total: Option<u64>,
    /// Of these, those that failed; null for `analyze`.
    pub baseline_failing: Option<u64>,
    /// Requests to look at: of each window the first that failed and the slowest that passed.
    #[serde(default)]
    pub exemplars: Vec<EntryExemplar>,
}

/// A request at an entry point that one can look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryExemplar {
    /// `candidate` or `baseline`.
    pub window: String,
    /// What it is an example of: `first-failing` or `slowest-passing`.
    pub shows: String,
    /// How long the request took, milliseconds.
    pub duration_ms: f64,
    /// Trace id, 32 hexadecimal digits.
    pub trace_id: String,
    /// Id of the span of the entry point, 16 hexadecimal digits.
    pub span_id: String,
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `feature-flag`, `deployment` or `event`; found in the telemetry also `service`, `dependency`, `operation`.
    pub kind: String,
    /// Flag, what was deployed (most often a service), or the name of the event.
    pub key: String,
    /// Before.
    pub from: Option<String>,
    /// After. The same as `from` when only something else was changed, such as the targeting of a flag: `detail` says what.
    pub to: Option<String>,
    /// When it was announced to happen or to begin, else when it was first seen; RFC 3339.
    pub at: Option<String>,
    /// When it ended, RFC 3339; null for what happens at once.
    pub until: Option<String>,
    /// The service that it touches, in the words of who announced it.
    pub service: Option<String>,
    /// Where it was made, such as `production`.
    pub environment: Option<String>,
    /// Who made it.
    pub actor: Option<String>,
    /// Where more is told of it: an address with http or https.
    pub link: Option<String>,
    /// What else there is to know of it, in a few words.
    pub detail: Option<String>,
    /// `telemetry` or the file that announced it.
    pub source: String,
    /// Whether the telemetry shows it.
    #[serde(default)]
    pub shown: bool,
    /// The last time that the telemetry still shows things as they were, RFC 3339; null when that is not known.
    pub not_before: Option<String>,
    /// The first time that the telemetry shows what is new, RFC 3339; null when that is not known.
    pub seen_first: Option<String>,
    /// Services in which it shows.
    #[serde(default)]
    pub services: Vec<String>,
    /// One plain sentence.
    #[serde(default)]
    pub sentence: String,
}

/// How far the input can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// `A` nothing that matters, `B` minor, `C` conclusions weakened, `D` conclusions not safe.
    pub grade: String,
    /// What was odd.
    pub defects: Vec<Defect>,
}

/// One sort of oddity of the input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// A stable code, such as `orphan`.
    pub code: String,
    /// How often.
    pub count: u64,
    /// What it means and what it costs.
    pub sentence: String,
}
