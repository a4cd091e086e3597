//! The code quality report of GitLab: a list of issues that a merge request shows beside its diff.

use crate::judge::evidence::{Evidence, Severity};
use crate::report::concern::{About, Concern, concerns, cut};
use crate::report::json::to_json;
use crate::report::plain_text::one_line;
use crate::report::source_map::SourceMap;
use crate::report::source_path::SourcePath;
use crate::shared_sort::SharedSort;
use serde::Serialize;

/// How many issues are written, those that weigh most.
const ISSUES: usize = 5_000;
/// How many characters of a description are written.
const DESCRIPTION: usize = 1_000;

/// One issue, with the fields that GitLab reads.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Renders an issue for each root cause that the candidate has, and for each failing, warning or deciding finding that is
/// about none. GitLab compares the report with that of the target branch by fingerprints, and drops all but one issue of
/// the same fingerprint: none is given twice.
///
/// GitLab shows no issue without a path. Where no stack trace tells one it is `telemetry/<service>`, line 1: it names whom
/// to ask, stays the same from run to run, and is no file, so that nothing is shown beside code that has no part in it.
/// What is about the whole input stands at `telemetry/whyspan`.
///
/// | severity | when |
/// | --- | --- |
/// | `blocker` | it failed the gate, and requests of entry points |
/// | `critical` | it failed the gate |
/// | `major` | it left the gate undecided, or is worth a look |
/// | `info` | it was there before, or is the callers' own fault |
///
/// # Errors
///
/// Only when a value cannot be JSON, which the types rule out; passed on rather than hidden.
pub fn render(evidence: &Evidence, sources: &SourceMap) -> serde_json::Result<String> {
    let mut concerns = concerns(evidence);
    concerns.retain(|concern| !concern.is_gone());
    if concerns.len() > ISSUES {
        concerns.shared_sort_by_key(|concern| concern.severity);
        concerns.truncate(ISSUES);
    }
    let issues: Vec<Issue> = concerns.iter().map(|concern| issue(concern, sources)).collect();
    to_json(&issues)
}

fn issue(concern: &Concern<'_>, sources: &SourceMap) -> Issue {
    let (check_name, fatal) = match concern.about {
        About::Cause(cause) => (cause.kind.as_str(), cause.effect.as_deref() == Some("fatal")),
        _ => (concern.code(), false),
    };
    let (path, line) = match concern.frame() {
        Some(frame) => (sources.path(&frame.file), frame.line.unwrap_or(1).max(1)),
        None => (SourcePath::of_service(concern.at().map_or("whyspan", |(service, _)| service)), 1),
    };
    Issue {
        description: one_line(&cut(&concern.sentence(), DESCRIPTION)).into_owned(),
        check_name: one_line(check_name).into_owned(),
        fingerprint: concern.fingerprint.clone(),
        severity: match concern.severity {
            Severity::Fail if fatal => "blocker",
            Severity::Fail => "critical",
            Severity::Warn => "major",
            Severity::Info if concern.decides => "major",
            Severity::Info => "info",
        },
        location: Location { path: path.as_str().to_owned(), lines: Lines { begin: line } },
    }
}
