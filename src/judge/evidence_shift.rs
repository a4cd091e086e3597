//! What the evidence says of root causes that are no failures: their part of the public contract.

use crate::judge::evidence_cause::Exemplar;
use serde::{Deserialize, Serialize};

/// How a latency cause shows. Times are those of the place that shows it most, and of the spans that were looked at there:
/// all, or an even sample of some hundred. For `analyze`, which has no baseline, slow requests stand in for the candidate and
/// the others for the baseline, and times are those of a request at that place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// `self_time`: the work itself; or `wire`: a call's time beside the work of its callee (network, proxy, queue, connection
    /// pool).
    pub metric: String,
    /// Median in the baseline, milliseconds.
    pub baseline_p50_ms: f64,
    /// Median in the candidate, milliseconds.
    pub candidate_p50_ms: f64,
    /// 95th percentile in the baseline, milliseconds.
    pub baseline_p95_ms: f64,
    /// 95th percentile in the candidate, milliseconds.
    pub candidate_p95_ms: f64,
    /// What takes longer than this there counts as slow, milliseconds.
    pub slower_than_ms: f64,
    /// Requests for the operation that take longer than this count as slow, milliseconds; null where requests for it as a
    /// whole did not become slower.
    pub slow_request_ms: Option<f64>,
    /// Part of the slowdown of `entry_point` that it explains, 0 to 1.
    pub explains: f64,
    /// The entry point of whose slowdown it explains most; null when it explains none.
    pub entry_point: Option<SlowedEntryPoint>,
    /// A trace of the baseline in which the place took as long as it usually does, to lay beside the `exemplars`.
    pub typical: Option<Exemplar>,
}

/// An entry point that became slower, and where the time went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlowedEntryPoint {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Rise of the mean duration of its passing requests, milliseconds.
    pub rise_ms: f64,
    /// The rise by place, the largest first; what is left is in the last one. The shares add up to 1.
    pub parts: Vec<Part>,
}

/// A part of the rise of an entry point's mean duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The service in which the time is spent; of a wire the one that calls. Null for all other places together.
    pub service: Option<String>,
    /// The operation of the span in which it is spent; null for all other places together.
    pub operation: Option<String>,
    /// Of a wire, the service that answers; else null.
    pub callee: Option<String>,
    /// `self_time` or `wire`.
    pub metric: String,
    /// Milliseconds more for each request; below 0 when it became faster.
    pub rise_ms: f64,
    /// Part of the whole rise, below 0 when it became faster.
    pub share: f64,
}

/// How many more spans show a shift than the baseline's own drift explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Excess {
    /// Spans of the candidate that show it.
    pub showing: u64,
    /// Spans of the candidate that were looked at: all at that place, or an even sample.
    pub spans: u64,
    /// Spans of the baseline that show it.
    pub baseline_showing: u64,
    /// Spans of the baseline that were looked at.
    pub baseline_spans: u64,
    /// The share that shows it in the worst stretch of time of the baseline, 0 to 1.
    pub worst_stretch: f64,
    /// Into how many stretches of time the baseline's spans fall.
    pub stretches: u64,
    /// The share that shows it in the candidate at least (95 % one-sided), less `worst_stretch`: what ranks shifts.
    pub share: f64,
}

/// Which course the work takes now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Structure {
    /// What the usual course did and the other one does not.
    pub missing: Vec<String>,
    /// What the other course does and the usual one did not.
    pub added: Vec<String>,
}

/// Calls that became more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// What is called.
    pub calls: String,
    /// How often for each span in the baseline.
    pub baseline: f64,
    /// How often for each span in the candidate.
    pub candidate: f64,
}
