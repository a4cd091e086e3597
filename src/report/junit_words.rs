//! The numbers behind a sentence, one on a line, for the text of a test case.

use crate::judge::evidence::{Evidence, Finding};
use crate::judge::evidence_cause::{Frame, RootCause};
use crate::judge::evidence_gate::Objective;
use crate::judge::policy::Policy;
use crate::judge::wording::failing_code;
use crate::report::concern::cut;
use std::fmt::Write;

/// How many entry points, exemplars and causes of an exception are told.
const LISTED: usize = 10;
/// How many characters of a stack trace are told.
const STACK: usize = 4_000;
/// How many characters of a message are told.
const MESSAGE: usize = 1_000;

/// Value, baseline, limit, interval and what chance says of an objective.
pub(crate) fn numbers_of_objective(objective: &Objective, policy: Option<&Policy>) -> String {
    let mut text = String::new();
    let show = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), |value| number(value, &objective.unit));
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "candidate: {} ({} requests)", show(objective.value), objective.n);
    let _ = writeln!(text, "baseline: {} ({} requests)", show(objective.baseline), objective.baseline_n);
    if objective.limit.is_some() {
        let _ = writeln!(text, "relevant from: {}", show(objective.limit));
    }
    if let Some([lower, upper]) = objective.interval {
        let confidence = policy.map(|policy| format!(" (confidence {} %)", 100.0 * policy.confidence));
        let [lower, upper] = [lower, upper].map(|bound| number(bound, &objective.unit));
        let _ = writeln!(text, "difference: {lower} to {upper}{}", confidence.unwrap_or_default());
    }
    if let Some(p) = objective.p_value {
        let corrected = objective.p_adjusted.map(|p| format!(", corrected {}", chance(p))).unwrap_or_default();
        let _ = writeln!(text, "chance of such a rise: {}{corrected}", chance(p));
    }
    if let Some(delta) = objective.effect_size {
        let _ = writeln!(text, "Cliff's delta: {delta}");
    }
    if objective.smallest_rise.is_some() {
        let _ = writeln!(text, "smallest rise that would have been seen: {}", show(objective.smallest_rise));
    }
    if let Some(needed) = objective.needed {
        let _ = writeln!(text, "requests needed on each side: {needed}");
    }
    text
}

/// What is known of a root cause: comparison, exception, whom it hit, the way it took, how sure.
pub(crate) fn numbers_of_cause(evidence: &Evidence, place: usize, cause: &RootCause, findings: &[&Finding]) -> String {
    let mut text = String::new();
    let mut tell = |name: &str, words: &str| {
        let _ = writeln!(text, "{name}: {words}");
    };
    for finding in findings.iter().skip(1).take(LISTED) {
        tell("also", &finding.sentence);
    }
    if let Some(comparison) = &cause.comparison {
        tell("comparison", comparison);
    }
    let pointer = format!("/root_causes/{place}");
    let without = evidence.verdict.iter().flat_map(|verdict| &verdict.without);
    if let Some(without) = without.into_iter().find(|without| without.reference == pointer) {
        tell("without it", &without.sentence);
    }
    for suspect in &cause.suspects {
        tell("suspect", &suspect.sentence);
    }
    for condition in &cause.conditions {
        tell("only for some", &condition.sentence);
    }
    if let Some(p) = cause.p_value {
        tell("chance of such a rise", &chance(p));
    }
    if let Some(exception) = &cause.exception {
        tell("exception", &told(exception.name().as_deref(), exception.message.as_deref(), exception.frame.as_ref()));
        for link in exception.chain.iter().take(LISTED) {
            tell("caused by", &told(link.kind.as_deref(), link.message.as_deref(), link.frame.as_ref()));
        }
    } else if let Some(message) = &cause.status.message {
        tell("message", &cut(message, MESSAGE));
    }
    if let Some(code) = failing_code(cause.status.grpc, cause.status.http) {
        tell("answer", &code);
    }
    for hit in cause.entry_points.iter().take(LISTED) {
        tell("fails", &format!("{} of {} requests at {} of {}", hit.failing, hit.total, hit.operation, hit.service));
    }
    for hit in cause.degraded_entry_points.iter().take(LISTED) {
        tell(
            "degrades",
            &format!("{} of {} requests at {} of {}", hit.absorbed, hit.total, hit.operation, hit.service),
        );
    }
    let steps = cause.propagation.iter().rev().map(|step| format!("{} {}", step.service, step.operation));
    tell("way, from the entry point down", &steps.collect::<Vec<_>>().join(" > "));
    tell("speaks for it", &cause.confidence.speaks_for.join("; "));
    if !cause.confidence.against.is_empty() {
        tell("speaks against it", &cause.confidence.against.join("; "));
    }
    let traces: Vec<&str> = cause.exemplars.iter().map(|exemplar| exemplar.trace_id.as_str()).collect();
    tell("traces", &traces.join(" "));
    if let Some(stack) = cause.exception.as_ref().and_then(|exception| exception.stacktrace.as_deref()) {
        tell("stack trace", &format!("\n{}", cut(stack, STACK)));
    }
    text
}

fn told(kind: Option<&str>, message: Option<&str>, frame: Option<&Frame>) -> String {
    let place = frame.map(|frame| {
        let numbers = [frame.line, frame.column].into_iter().flatten().map(|number| format!(":{number}"));
        format!(" at {}{}", frame.file, numbers.collect::<String>())
    });
    let message = cut(message.unwrap_or("(no message)"), MESSAGE);
    format!("{}: {message}{}", kind.unwrap_or("exception"), place.unwrap_or_default())
}

/// A value in its unit: ratios in percent.
fn number(value: f64, unit: &str) -> String {
    match unit {
        "ratio" => format!("{:.1} %", 100.0 * value),
        _ => format!("{value} {unit}"),
    }
}

/// A chance may be very small.
fn chance(p: f64) -> String {
    if p != 0.0 && p < 1e-4 { format!("{p:e}") } else { format!("{p}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([number(0.958_907, "ratio"), number(-12.5, "ms")], ["95.9 %", "-12.5 ms"]);
        assert_eq!([chance(9.55e-77), chance(0.7783), chance(0.0)], ["9.55e-77", "0.7783", "0"]);
    }
}
