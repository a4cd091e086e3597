//! Findings: what a reader should know, in the order in which it matters.

use crate::facts::input::InputFacts;
use crate::judge::evidence::{Finding, Quality, Severity};
use crate::judge::evidence_cause::RootCause;
use crate::judge::wording::count;

/// The findings of an analysis: root causes first, then what the input lacks.
#[must_use]
pub fn findings(causes: &[RootCause], quality: &Quality, input: &InputFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, cause) in causes.iter().enumerate() {
        let (code, severity) = match cause.effect.as_deref() {
            _ if cause.client_fault => ("client-fault", Severity::Info),
            Some("fatal") => ("fatal-root-cause", Severity::Fail),
            Some(_) => ("absorbed-root-cause", Severity::Warn),
            None => ("unnoticed-root-cause", Severity::Warn),
        };
        findings.push(Finding {
            code: code.to_owned(),
            severity,
            sentence: cause.sentence.clone(),
            refs: vec![format!("/root_causes/{place}")],
        });
    }
    findings.extend(of_input(quality, input, None));
    findings
}

/// What the input lacks; `other` is that of the other window, if it is not the same.
pub(crate) fn of_input(quality: &Quality, input: &InputFacts, other: Option<&InputFacts>) -> Vec<Finding> {
    let other = other.filter(|other| !std::ptr::eq(*other, input));
    let mut findings = Vec::new();
    for message in other.into_iter().chain([input]).flat_map(|input| &input.messages) {
        findings.push(Finding {
            code: "input-skipped".to_owned(),
            severity: Severity::Warn,
            sentence: message.clone(),
            refs: Vec::new(),
        });
    }
    let metrics = input.metrics + other.map_or(0, |other| other.metrics);
    if metrics > 0 {
        findings.push(Finding {
            code: "metrics-skipped".to_owned(),
            severity: Severity::Info,
            sentence: format!("{} in the input: only traces and logs are analysed.", count(metrics, "metric")),
            refs: Vec::new(),
        });
    }
    for (place, defect) in quality.defects.iter().enumerate() {
        findings.push(Finding {
            code: defect.code.clone(),
            severity: Severity::Info,
            sentence: defect.sentence.clone(),
            refs: vec![format!("/quality/defects/{place}")],
        });
    }
    findings
}
