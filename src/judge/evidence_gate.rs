//! What a gate adds to the evidence: its decision, and the objectives that were judged.

use crate::judge::evidence::Finding;
use serde::{Deserialize, Serialize};

/// A gate's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// `go`, `no-go` or `inconclusive`.
    pub decision: String,
    /// One plain sentence.
    pub summary: String,
    /// The findings that decided.
    pub reasons: Vec<Finding>,
    /// What would settle it, when it is inconclusive: one sentence for each way.
    pub settle: Vec<String>,
    /// What to do about a no-go, the most urgent first: which flag to set back, which version to roll back, where to look.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// What the decision would be without each root cause that had a part in it.
    pub without: Vec<Without>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// `roll-back-flag`, `roll-back-deployment`, `undo-change` or `look-at`.
    pub kind: String,
    /// One plain sentence.
    pub sentence: String,
    /// JSON pointer (RFC 6901) to the root cause that asks for it.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// What the decision would be if one root cause had not been there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Without {
    /// JSON pointer (RFC 6901) to the root cause.
    #[serde(rename = "ref")]
    pub reference: String,
    /// `go`, `no-go` or `inconclusive`.
    pub decision: String,
    /// One plain sentence.
    pub sentence: String,
}

/// A judged objective: one measure of one operation, candidate against baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Name, such as `error rate of frontend POST /api/checkout`.
    pub name: String,
    /// Code of the rule that it is judged by.
    pub rule: String,
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// `pass`, `warn`, `fail`, `info` or `not-judged`.
    pub result: String,
    /// The candidate's value; null without requests to form it from.
    pub value: Option<f64>,
    /// Unit of the value: `ratio` (0 to 1) or `ms`.
    pub unit: String,
    /// The baseline's value; null without requests to form it from.
    pub baseline: Option<f64>,
    /// From which value on a significant difference is relevant.
    pub limit: Option<f64>,
    /// Requests of the candidate that the value was formed from.
    pub n: u64,
    /// Requests of the baseline that its value was formed from.
    pub baseline_n: u64,
    /// Interval of the candidate's value by itself at the policy's confidence: Clopper and Pearson's for rates, by order
    /// statistics for quantiles.
    pub value_interval: Option<[f64; 2]>,
    /// Interval of the difference, candidate less baseline, in the unit of the value, at the policy's confidence.
    pub interval: Option<[f64; 2]>,
    /// The chance of a rise at least as large if nothing had changed, one-sided.
    pub p_value: Option<f64>,
    /// The same, corrected for the number of reasons that could fail this gate (Holm 1979); null for what could not.
    pub p_adjusted: Option<f64>,
    /// Cliff's delta, -1 to 1: how often a request of the candidate took longer than one of the baseline, less how often
    /// it was faster. Reported, never a condition. Null for rates.
    pub effect_size: Option<f64>,
    /// The smallest rise above the baseline that this sample could have shown, in the unit of the value.
    pub smallest_rise: Option<f64>,
    /// Requests on each side that would do, when too few were there to judge it.
    pub needed: Option<u64>,
    /// One plain sentence.
    pub sentence: String,
}
