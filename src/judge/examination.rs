//! From the facts of a capture's telemetry to what `whyspan doctor` says.

use crate::facts::input::{InputFacts, InputFile};
use crate::facts::telemetry::{ServiceTelemetry, TelemetryFacts};
use crate::facts::window::WindowFacts;
use crate::judge::analysis::{rfc3339, window};
use crate::judge::checkup::{Checkup, Finding, Input, Logs, SCHEMA, Service, Traces};
use crate::judge::evidence::Severity;
use crate::judge::examined::Examined;
use crate::judge::lack::Lack;
use crate::judge::quality::{grade, meaning, quality};
use crate::judge::redaction::Redaction;
use crate::judge::services::{LISTED, foremost};
use crate::judge::wording::count;
use crate::judge::{lacks_of_calls, lacks_of_input, lacks_of_logs, lacks_of_sampling, lacks_of_spans, lacks_of_traces};
use crate::model::defect::Defect;
use crate::shared_sort::SharedSort;

/// Looks at everything. The grade is that of the evidence, formed from the same facts.
#[must_use]
pub fn examine(facts: &WindowFacts, telemetry: &TelemetryFacts, input: &InputFacts) -> Checkup {
    let quality = quality(facts, input);
    let findings = findings(&Examined { window: facts, telemetry, input, quality: &quality });
    let traces = telemetry.traces;
    Checkup {
        schema: SCHEMA.to_owned(),
        command: "doctor".to_owned(),
        summary: summary(&quality.grade, facts, &findings),
        grade: quality.grade,
        window: window(facts, input),
        metrics: input.metrics,
        traces: Traces {
            with_root: traces.all - traces.without_root,
            without_root: traces.without_root,
            with_error: traces.with_error,
            without_span: traces.without_span,
        },
        inputs: input.files.iter().take(LISTED).map(of_input).collect(),
        messages: input.messages.clone(),
        services: foremost(&telemetry.services, |facts| (facts.spans, facts.sent.logs.records))
            .into_iter()
            .map(|(name, facts)| of_service(name, facts))
            .collect(),
        findings,
        redaction: Redaction::default(),
    }
}

/// What matters most first; else in the order of the codes.
fn findings(examined: &Examined<'_>) -> Vec<Finding> {
    let looks = [
        lacks_of_input::find,
        lacks_of_traces::find,
        lacks_of_calls::find,
        lacks_of_spans::find,
        lacks_of_logs::find,
        lacks_of_sampling::find,
    ];
    let mut found: Vec<Finding> = looks.into_iter().flat_map(|look| look(examined)).flatten().collect();
    let place = |finding: &Finding| Lack::ALL.iter().position(|lack| lack.code() == finding.code);
    found.shared_sort_by_key(|finding| (finding.severity, place(finding)));
    found
}

fn summary(grade: &str, facts: &WindowFacts, findings: &[Finding]) -> String {
    if facts.spans == 0 {
        return "No span was found in the input: nothing can be said.".to_owned();
    }
    let matter = findings.iter().filter(|finding| finding.severity != Severity::Info).count();
    let rest = findings.len() - matter;
    let lacking = match (matter, rest) {
        (0, 0) => "nothing is lacking".to_owned(),
        (0, rest) => format!("nothing is lacking that costs conclusions, and {} to be known", are(rest, "thing")),
        (matter, 0) => format!("{} lacking that {}", are(matter, "thing"), costs(matter)),
        (matter, rest) => {
            let verb = if rest == 1 { "is" } else { "are" };
            format!("{} lacking that {}, and {rest} more {verb} to be known", are(matter, "thing"), costs(matter))
        }
    };
    format!("Grade {grade}, {}; {lacking}.", meaning(grade))
}

fn are(number: usize, noun: &str) -> String {
    format!("{} {}", count(number as u64, noun), if number == 1 { "is" } else { "are" })
}

fn costs(number: usize) -> &'static str {
    if number == 1 { "costs conclusions" } else { "cost conclusions" }
}

fn of_input(file: &InputFile) -> Input {
    Input {
        name: file.name.clone(),
        format: file.format.map(str::to_owned),
        compression: file.compression.iter().map(|&name| name.to_owned()).collect(),
        bytes: file.bytes,
        spans: file.spans,
        logs: file.logs,
        metrics: file.metrics,
        skipped: file.skipped,
        mended: file.mended,
        whole: !file.broken,
    }
}

fn of_service(name: &str, facts: &ServiceTelemetry) -> Service {
    let logs = &facts.sent.logs;
    let odd = facts.defects.iter().next().is_some() || facts.orphans() > 0;
    let broken = facts.defects.count(Defect::DroppedEvents) > 0;
    Service {
        service: name.to_owned(),
        grade: (facts.spans > 0).then(|| grade(facts.spans, facts.orphans(), broken, odd).to_owned()),
        languages: facts.sent.languages.iter().map(|(language, _)| language.to_owned()).collect(),
        versions: facts.versions.iter().map(|(version, _)| version.to_owned()).collect(),
        instances: facts.instances.len() as u64,
        start: facts.time.and_then(|time| rfc3339(time.start)),
        end: facts.time.and_then(|time| rfc3339(time.end)),
        traces: facts.traces,
        spans: facts.spans,
        requests: facts.requests,
        orphans: facts.orphans(),
        exceptions: facts.exceptions,
        logs: Logs {
            records: logs.records,
            with_trace: logs.in_traces,
            without_trace: logs.records - logs.in_traces,
            errors: logs.errors,
        },
        sampling: lacks_of_sampling::told(&facts.sent.sampling),
    }
}
