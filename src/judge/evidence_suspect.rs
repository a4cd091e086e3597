//! What may have caused a root cause, as evidence: when it began, suspects, conditions.

use serde::{Deserialize, Serialize};

/// When a fault set in, by the requests of both windows in the order of their times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnsetTold {
    /// The last request that may still lie before it, RFC 3339 in UTC.
    pub earliest: Option<String>,
    /// The first request behind the likeliest moment, RFC 3339 in UTC.
    pub at: Option<String>,
    /// The last moment at which it may have set in, at a confidence of 95 %, RFC 3339 in UTC.
    pub latest: Option<String>,
}

/// The requests through the operation in which a fault began. Of very many a sample is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// Requests of the candidate in which it began.
    pub failing: u64,
    /// Requests of the candidate that passed through the same operation.
    pub passing: u64,
    /// Requests of the baseline in which it began.
    pub baseline_failing: u64,
    /// Requests of the baseline that passed through the same operation.
    pub baseline_passing: u64,
    /// Of `failing`, those that were looked at.
    pub failing_looked_at: u64,
    /// Of `passing`, those that were looked at.
    pub passing_looked_at: u64,
    /// Of `baseline_failing`, those that were looked at.
    pub baseline_failing_looked_at: u64,
    /// Of `baseline_passing`, those that were looked at.
    pub baseline_passing_looked_at: u64,
    /// Different values that were tried as conditions; those that have the same requests count once.
    pub values_tried: u64,
    /// Keys that were not tried, and why.
    pub left_out: Vec<LeftOut>,
}

/// An attribute key whose values were not tried as conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Attribute key.
    pub key: String,
    /// Why not, in plain words.
    pub reason: String,
}

/// A second value that makes a condition sharper: the counts of the condition are those of requests that have both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Conjunct {
    /// Flag or attribute key.
    pub key: String,
    /// Variant or value.
    pub value: String,
    /// Failing requests that have the first value, whether or not they have this one.
    pub failing_with_first: u64,
    /// Passing requests that have the first value.
    pub passing_with_first: u64,
    /// Failing requests that have this value, whether or not they have the first one.
    pub failing_with_second: u64,
    /// Passing requests that have this value.
    pub passing_with_second: u64,
}

/// Something that changed and may have caused a fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspect {
    /// `feature-flag`, `deployment`, `attribute` or `event`.
    pub kind: String,
    /// Flag, service or attribute key.
    pub key: String,
    /// Variant, version or value.
    pub value: String,
    /// What it was before; null when not known.
    pub from: Option<String>,
    /// Keys whose values fall together with this one.
    pub also_keys: Vec<String>,
    /// `across-windows` or `within-candidate`.
    pub contrast: String,
    /// Failing requests that have it.
    pub failing_with: u64,
    /// Failing requests that do not.
    pub failing_without: u64,
    /// Passing requests that have it.
    pub passing_with: u64,
    /// Passing requests that do not.
    pub passing_without: u64,
    /// Chance of a contrast at least as strong if there were none.
    pub p_value: f64,
    /// The same, corrected for the number of changes and values tried (Benjamini and Hochberg 1995).
    #[serde(default)]
    pub p_adjusted: f64,
    /// How much larger the share of failing requests is with it, -1 to 1.
    #[serde(default)]
    pub rate_difference: f64,
    /// Newcombe's interval of that difference, at the policy's confidence.
    #[serde(default)]
    pub interval: [f64; 2],
    /// Calls between the service where the fault began and the one where the change was made; null when not known.
    pub distance: Option<u64>,
    /// Nobody announced it: found in the telemetry.
    pub inferred: bool,
    /// What speaks for it: contrast, place, time.
    #[serde(rename = "for", default)]
    pub speaks_for: Vec<String>,
    /// What speaks against it.
    #[serde(default)]
    pub against: Vec<String>,
    /// One plain sentence.
    pub sentence: String,
}

/// An attribute value that tells failing from passing requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Attribute key.
    pub key: String,
    /// Attribute value.
    pub value: String,
    /// The service whose process has it; null for attributes of spans.
    pub service: Option<String>,
    /// Keys whose values fall together with this one.
    pub also_keys: Vec<String>,
    /// Failing requests that have it.
    pub failing_with: u64,
    /// Failing requests that do not.
    pub failing_without: u64,
    /// Passing requests that have it.
    pub passing_with: u64,
    /// Passing requests that do not.
    pub passing_without: u64,
    /// Chance of a contrast at least as strong if there were none.
    pub p_value: f64,
    /// The same, corrected for the number of values tried (Benjamini and Hochberg 1995).
    #[serde(default)]
    pub p_adjusted: f64,
    /// How much larger the share of failing requests is with it, -1 to 1.
    #[serde(default)]
    pub rate_difference: f64,
    /// Newcombe's interval of that difference, at the policy's confidence.
    #[serde(default)]
    pub interval: [f64; 2],
    /// The value with which it explains clearly more; null when there is none.
    pub and: Option<Conjunct>,
    /// One plain sentence.
    pub sentence: String,
}
