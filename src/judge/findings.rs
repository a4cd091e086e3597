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
    for message in &input.messages {
        findings.push(Finding {
            code: "input-skipped".to_owned(),
            severity: Severity::Warn,
            sentence: message.clone(),
            refs: Vec::new(),
        });
    }
    if input.metrics > 0 {
        findings.push(Finding {
            code: "metrics-skipped".to_owned(),
            severity: Severity::Info,
            sentence: format!("{} in the input: only traces and logs are analysed.", count(input.metrics, "metric")),
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
