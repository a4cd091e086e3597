//! Findings besides those that decided.

use crate::judge::evidence::{Evidence, Finding, Severity};
use crate::ordered::set::OrderedSet;

/// Findings that are not among the reasons.
fn other_findings(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    let reasons = evidence.verdict.iter().flat_map(|verdict| &verdict.reasons);
    let reasons: OrderedSet<(&str, &str)> = reasons.map(|it| (it.code.as_str(), it.sentence.as_str())).collect();
    evidence.findings.iter().filter(move |it| !reasons.contains(&(it.code.as_str(), it.sentence.as_str())))
}

/// Findings to be warned of, besides reasons; of an analysis, those that are no root causes.
pub(crate) fn warnings(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    let is_gate = evidence.verdict.is_some();
    other_findings(evidence).filter(move |finding| {
        let is_cause = finding.refs.iter().any(|reference| reference.starts_with("/root_causes/"));
        finding.severity != Severity::Info && (is_gate || !is_cause)
    })
}

/// Findings that no other part of a report tells: root causes and oddities of the input have parts of their own.
pub(crate) fn told_nowhere_else(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    let told = |it: &String| it.starts_with("/quality/") || it.starts_with("/root_causes/");
    other_findings(evidence).filter(move |finding| !finding.refs.iter().any(told))
}
