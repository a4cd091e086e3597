//! The tables of the Markdown report. They are HTML: in a table of Markdown parsers disagree on a backslash before a pipe.

use crate::judge::evidence::{Defect, EntryPoint, Finding, Service, Severity};
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::percent;
use crate::report::markdown_cause::{NAME, SENTENCE};
use crate::report::markdown_text::Medium::Html;
use crate::report::numbers::{chance, interval, milliseconds, smallest_rise, value};
use std::fmt;

/// Where a table ends.
pub(crate) const END: &str = "</table>\n";

/// The start of a table with these columns.
pub(crate) fn start(columns: &[&str]) -> String {
    format!("<table>\n<tr><th>{}</th></tr>\n", columns.join("</th><th>"))
}

fn row(cells: &[String]) -> Result<String, fmt::Error> {
    Ok(format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>")))
}

pub(crate) const OBJECTIVES: [&str; 9] = [
    "result",
    "what was judged",
    "value",
    "before",
    "relevant from",
    "requests (before)",
    "interval of the difference",
    "p (corrected)",
    "smallest rise that could have been seen",
];

pub(crate) fn objective(objective: &Objective) -> Result<String, fmt::Error> {
    let result = match objective.result.as_str() {
        known @ ("pass" | "warn" | "info") => known.to_owned(),
        "fail" => "<strong>fail</strong>".to_owned(),
        "not-judged" => "not judged".to_owned(),
        other => Html.words(other, NAME),
    };
    let p = match objective.p_adjusted {
        Some(adjusted) => format!("{} ({})", chance(objective.p_value), chance(Some(adjusted))),
        None => chance(objective.p_value),
    };
    row(&[
        result,
        Html.words(&objective.sentence, SENTENCE),
        value(objective.value, objective),
        value(objective.baseline, objective),
        value(objective.limit, objective),
        format!("{} ({})", objective.n, objective.baseline_n),
        interval(objective).unwrap_or_else(|| "–".to_owned()),
        p,
        smallest_rise(objective),
    ])
}

pub(crate) const ENTRY_POINTS: [&str; 4] = ["service", "operation", "failed", "failed before"];

pub(crate) fn entry_point(entry: &EntryPoint) -> Result<String, fmt::Error> {
    let rate = |failing: u64, total: u64| format!("{failing} of {total} ({})", percent(failing, total));
    row(&[
        Html.code(&entry.service, NAME),
        Html.code(&entry.operation, NAME),
        rate(entry.failing, entry.total),
        match (entry.baseline_failing, entry.baseline_total) {
            (Some(failing), Some(total)) => rate(failing, total),
            _ => "–".to_owned(),
        },
    ])
}

pub(crate) const SERVICES: [&str; 6] = ["service", "requests", "failed", "p50", "p95", "p99"];

pub(crate) fn service(service: &Service) -> Result<String, fmt::Error> {
    row(&[
        Html.code(&service.service, NAME),
        service.requests.to_string(),
        service.failed.to_string(),
        milliseconds(service.p50_ms),
        milliseconds(service.p95_ms),
        milliseconds(service.p99_ms),
    ])
}

pub(crate) const FINDINGS: [&str; 3] = ["severity", "code", "what was found"];

pub(crate) fn finding(finding: &Finding) -> Result<String, fmt::Error> {
    let severity = match finding.severity {
        Severity::Fail => "fail",
        Severity::Warn => "warn",
        Severity::Info => "info",
    };
    row(&[severity.to_owned(), Html.code(&finding.code, NAME), Html.words(&finding.sentence, SENTENCE)])
}

pub(crate) const DEFECTS: [&str; 3] = ["code", "how often", "what it means"];

pub(crate) fn defect(defect: &Defect) -> Result<String, fmt::Error> {
    row(&[Html.code(&defect.code, NAME), defect.count.to_string(), Html.words(&defect.sentence, SENTENCE)])
}

pub(crate) const CAUSES: [&str; 6] =
    ["rank", "what it is", "root cause", "against the baseline", "confidence", "a trace"];
