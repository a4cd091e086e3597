//! One result of a SARIF log: a root cause with its way through the services and its stacks, or an objective.

use crate::judge::evidence::{Evidence, Severity};
use crate::judge::evidence_cause::{Frame, RootCause, Step};
use crate::report::concern::{About, Concern, cut};
use crate::report::plain_text::one_line;
use crate::report::sarif_log::{
    ArtifactLocation, CodeFlow, Location, LogicalLocation, PhysicalLocation, Region, ResultProperties, SarifResult,
    Stack, StackFrame, Text, ThreadFlow, ThreadFlowLocation,
};
use crate::report::source_map::SourceMap;
use crate::report::source_path::SourcePath;

/// How many characters of a message are written.
const MESSAGE: usize = 2_000;
/// How many characters of a name are written.
const NAME: usize = 500;
/// How many steps of a way are written, half of them at either end; code scanning takes 10,000 and shows 1,000.
const STEPS: usize = 1_000;
/// How many causes of an exception are written.
const STACKS: usize = 100;

/// The level of a severity.
pub(crate) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    }
}

/// Text as a plain message (3.11.5): on one line, and with brackets escaped, or `[text](uri)` in what telemetry says would
/// be a link. No message has arguments, so that braces stand for themselves.
pub(crate) fn message(text: &str) -> Text {
    let line = one_line(text);
    let line = cut(&line, MESSAGE);
    Text { text: line.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]") }
}

/// The result of a concern under a rule.
pub(crate) fn result(
    concern: &Concern<'_>,
    rule_id: &str,
    rule_index: usize,
    evidence: &Evidence,
    sources: &SourceMap,
) -> SarifResult {
    let cause = if let About::Cause(cause) = concern.about { Some(cause) } else { None };
    let gone = concern.is_gone();
    let (service, operation) = concern.at().unwrap_or(("whyspan", ""));
    let mut location = logical(service, operation);
    location.physical_location = Some(match concern.frame() {
        Some(frame) => physical(frame, sources),
        None => stand_in(service),
    });
    SarifResult {
        rule_id: rule_id.to_owned(),
        rule_index,
        kind: if gone { "pass" } else { "fail" },
        level: if gone { "none" } else { level(concern.severity) },
        message: message(&concern.sentence()),
        locations: vec![location],
        occurrence_count: cause.map(|cause| cause.traces.candidate).filter(|traces| *traces > 0),
        partial_fingerprints: [("whyspanSignature/v2", concern.fingerprint.clone())].into(),
        baseline_state: baseline_state(concern, evidence),
        code_flows: cause.and_then(|cause| code_flow(cause, concern.frame(), sources)).into_iter().collect(),
        stacks: cause.map(|cause| stacks(cause, sources)).unwrap_or_default(),
        properties: ResultProperties {
            findings: concern.findings.iter().map(|finding| finding.code.clone()).collect(),
            effect: cause.and_then(|cause| cause.effect.clone()),
            confidence: cause.map(|cause| cause.confidence.level.as_str()),
            traces: cause.map(traces).unwrap_or_default(),
        },
    }
}

fn traces(cause: &RootCause) -> Vec<String> {
    cause.exemplars.iter().map(|exemplar| exemplar.trace_id.clone()).collect()
}

/// All results of a run have a state or none has (3.27.24): an objective that failed is news.
fn baseline_state(concern: &Concern<'_>, evidence: &Evidence) -> Option<&'static str> {
    evidence.windows.baseline.as_ref()?;
    let About::Cause(cause) = concern.about else { return Some("new") };
    Some(match cause.change.as_deref() {
        Some("same") => "unchanged",
        Some("worse" | "better") => "updated",
        Some("gone") => "absent",
        _ => "new",
    })
}

fn logical(service: &str, operation: &str) -> Location {
    let name = |text: &str| cut(&one_line(text), NAME).into_owned();
    let logical = LogicalLocation {
        name: name(operation),
        fully_qualified_name: format!("{}/{}", name(service), name(operation)),
        kind: "function",
    };
    Location { physical_location: None, logical_locations: vec![logical], message: None }
}

fn physical(frame: &Frame, sources: &SourceMap) -> PhysicalLocation {
    let path = sources.path(&frame.file);
    let line = frame.line.filter(|line| *line > 0);
    // A column says nothing without its line.
    let start_column = line.and(frame.column).filter(|column| *column > 0);
    let region = Region { start_line: line.unwrap_or(1), start_column };
    PhysicalLocation { artifact_location: artifact(&path), region }
}

/// What stands where there is no line of code. Code scanning wants a line of every location.
fn stand_in(service: &str) -> PhysicalLocation {
    let region = Region { start_line: 1, start_column: None };
    PhysicalLocation { artifact_location: artifact(&SourcePath::of_service(service)), region }
}

fn artifact(path: &SourcePath) -> ArtifactLocation {
    ArtifactLocation { uri: path.uri(), uri_base_id: path.base_id() }
}

/// The way from the entry point down to the origin: the evidence has it the other way round.
///
/// ```text
/// evidence   origin, caller, caller of the caller, ... , entry point
/// code flow  entry point [0] > ... > caller of the caller > caller > origin [n], with its line of code
/// ```
fn code_flow(cause: &RootCause, frame: Option<&Frame>, sources: &SourceMap) -> Option<CodeFlow> {
    let steps = cause.propagation.len();
    if steps == 0 {
        return None;
    }
    let cut_out = steps.saturating_sub(STEPS) as u64 + cause.hidden_steps;
    let kept = |place: &usize| steps <= STEPS || *place < STEPS / 2 || *place >= steps - STEPS / 2;
    let locations = (0..steps).rev().filter(kept).map(|place| {
        let step = &cause.propagation[place];
        let mut location = logical(&step.service, &step.operation);
        location.message = Some(message(&words(step)));
        location.physical_location = Some(match frame {
            Some(frame) if place == 0 => physical(frame, sources),
            _ => stand_in(&step.service),
        });
        let importance = if place == 0 || place + 1 == steps { "essential" } else { "important" };
        ThreadFlowLocation { location, nesting_level: steps - 1 - place, importance }
    });
    let locations = locations.collect();
    let hidden = if cut_out > 0 { format!(" {cut_out} steps in the middle are left out.") } else { String::new() };
    let told = format!("The way of the failure, from the entry point down to where it began.{hidden}");
    Some(CodeFlow { message: message(&told), thread_flows: vec![ThreadFlow { locations }] })
}

fn words(step: &Step) -> String {
    let role = match step.role.as_str() {
        "origin" => "the failure began here",
        "propagated" => "failed by the call below",
        "silent" => "let the failure pass without a word",
        "absorbed" => "got over the failure",
        "retried" => "tried again",
        "async" => "asked for it in a message",
        other => other,
    };
    format!("{} of {}: {role}", cut(&step.span_name, NAME), cut(&step.service, NAME))
}

/// A stack for the exception and for each of its causes, outermost first.
fn stacks(cause: &RootCause, sources: &SourceMap) -> Vec<Stack> {
    let Some(exception) = &cause.exception else { return Vec::new() };
    let first = (&exception.kind, &exception.message, &exception.frame);
    let chain = exception.chain.iter().map(|link| (&link.kind, &link.message, &link.frame));
    let stack = |(kind, told, frame): (&Option<String>, &Option<String>, &Option<Frame>)| {
        let kind = kind.as_deref().unwrap_or("exception");
        let frames = frame.iter().map(|frame| {
            let function = frame.function.iter().map(|function| LogicalLocation {
                name: cut(&one_line(function), NAME).into_owned(),
                fully_qualified_name: cut(&one_line(function), NAME).into_owned(),
                kind: "function",
            });
            let location = Location {
                physical_location: Some(physical(frame, sources)),
                logical_locations: function.collect(),
                message: None,
            };
            StackFrame { location }
        });
        let told = format!("{}: {}", cut(kind, NAME), told.as_deref().unwrap_or("(no message)"));
        Stack { message: message(&told), frames: frames.collect() }
    };
    std::iter::once(first).chain(chain).take(STACKS).map(stack).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_link_and_steer_nothing() {
        let text = message("see [here](https://evil.example)\u{1b}[31m\r\n\u{202e} {0} \\[x](1)").text;
        assert!(text.starts_with("see \\[here\\](https"), "{text}");
        assert!(text.ends_with("{0} \\\\\\[x\\](1)"), "{text}");
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text}");
        assert!(message(&"x".repeat(100_000)).text.chars().count() <= MESSAGE + 1);
    }
}
