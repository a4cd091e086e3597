//! The evidence as JUnit XML, as GitLab, Jenkins, Azure and GitHub actions read it.

use crate::judge::evidence::{Evidence, Severity};
use crate::judge::evidence_gate::Objective;
use crate::report::concern::{OBJECTIVES, ROOT_CAUSES, concerns, deciding, key, objective_of, places};
use crate::report::junit_case::{Case, Outcome, line, lines};
use crate::report::junit_words::{numbers_of_cause, numbers_of_objective};
use crate::report::rule_words::rule_words;
use crate::shared_sort::SharedSort;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// How many test cases of a suite are written.
const CASES: usize = 2_000;

/// How many characters of what is worth a look are written.
const WARNINGS: usize = 20_000;

/// Renders JUnit XML: a suite of objectives, one of root causes that are new or worse, and one of reasons that are about
/// neither. Of an analysis, which compares nothing, all root causes but the callers' own faults are told.
///
/// | the evidence says | test case | because |
/// | --- | --- | --- |
/// | `fail` | `failure` | every reader counts it as failed |
/// | a reason that left the gate undecided | `error` | `skipped` would be green in all three: Jenkins' build stays stable, GitLab's list and Azure's rate leave it out; an `error` counts as failed, and says that it is none of the product's |
/// | `not-judged`, when the gate decided nevertheless | `skipped` | every gate has rare entry points: red for each would make nobody look |
/// | `warn`, `info` | passed, with the sentence in `system-out` | a change may go in spite of them |
///
/// GitLab shows the text of a failure and not its `message`, so that the text begins with the same sentence.
///
/// # Errors
///
/// Never in practice: writing to memory cannot fail.
pub fn render(evidence: &Evidence) -> io::Result<String> {
    let mut suites = vec![
        ("objectives", objectives(evidence)),
        ("root causes", root_causes(evidence)),
        ("data", reasons_of_data(evidence)),
    ];
    suites.retain(|(_, cases)| !cases.is_empty());
    if suites.is_empty() {
        suites.push(("root causes", vec![nothing_found(evidence)]));
    }
    write(evidence, suites)
}

fn objectives(evidence: &Evidence) -> Vec<Case> {
    let deciding = deciding(evidence);
    let mut undecided = vec![false; evidence.objectives.len()];
    for finding in &evidence.findings {
        let undecides = deciding.contains(&key(finding)) && finding.severity != Severity::Fail;
        if undecides && objective_of(evidence, finding).is_some() {
            let place = places(finding, OBJECTIVES).next();
            if let Some(flag) = place.and_then(|place| undecided.get_mut(place)) {
                *flag = true;
            }
        }
    }
    let case = |(objective, undecided): (&Objective, bool)| {
        let text = numbers_of_objective(objective, evidence.policy.as_ref());
        let sentence = objective.sentence.as_str();
        let outcome = match objective.result.as_str() {
            "fail" => Outcome::failed(&objective.rule, sentence, &text),
            _ if undecided => Outcome::undecided(&objective.rule, sentence, &text),
            "not-judged" => Outcome::Skipped(line(sentence)),
            _ => Outcome::Passed,
        };
        let told =
            if matches!(outcome, Outcome::Passed) { lines(&format!("{sentence}\n{text}")) } else { String::new() };
        Case { class: format!("whyspan.{}", line(&objective.rule)), name: line(&objective.name), outcome, told }
    };
    evidence.objectives.iter().zip(undecided).map(case).collect()
}

fn root_causes(evidence: &Evidence) -> Vec<Case> {
    let mut cases = Vec::new();
    let concerns = concerns(evidence);
    for (place, (cause, concern)) in evidence.root_causes.iter().zip(&concerns).enumerate() {
        let is_news = matches!(cause.change.as_deref(), None | Some("new" | "worse")) && !cause.client_fault;
        if !is_news && concern.severity == Severity::Info && !concern.decides {
            continue;
        }
        let text = numbers_of_cause(evidence, place, cause, &concern.findings);
        let sentence = concern.sentence();
        let outcome = match concern.severity {
            Severity::Fail => Outcome::failed(concern.code(), &sentence, &text),
            _ if concern.decides => Outcome::undecided(concern.code(), &sentence, &text),
            _ => Outcome::Passed,
        };
        let told =
            if matches!(outcome, Outcome::Passed) { lines(&format!("{sentence}\n{text}")) } else { String::new() };
        let name = format!("{} at {} of {} ({})", cause.kind, cause.operation, cause.service, cause.signature);
        cases.push(Case { class: "whyspan.root-cause".to_owned(), name: line(&name), outcome, told });
    }
    cases
}

/// Reasons that have no case of their own: about a window, the input, or several objectives at once.
fn reasons_of_data(evidence: &Evidence) -> Vec<Case> {
    let reasons = evidence.verdict.iter().flat_map(|verdict| &verdict.reasons);
    let about_neither = reasons.filter(|reason| {
        places(reason, ROOT_CAUSES).all(|place| place >= evidence.root_causes.len())
            && objective_of(evidence, reason).is_none()
    });
    let mut cases = Vec::new();
    for (place, reason) in about_neither.enumerate() {
        let words = rule_words(&reason.code);
        let text = format!("{}\n{}", words.what, words.advice);
        let outcome = match reason.severity {
            Severity::Fail => Outcome::failed(&reason.code, &reason.sentence, &text),
            _ => Outcome::undecided(&reason.code, &reason.sentence, &text),
        };
        // Names must differ, or GitLab shows one of them.
        let name = format!("{} {}", reason.code, place + 1);
        cases.push(Case { class: "whyspan.data".to_owned(), name: line(&name), outcome, told: String::new() });
    }
    cases
}

/// Readers take a file without a test case for one that went wrong.
fn nothing_found(evidence: &Evidence) -> Case {
    let (outcome, told) = if evidence.windows.candidate.spans == 0 {
        let sentence = "No span was found in the input: nothing can be said.";
        (Outcome::undecided("candidate-empty", sentence, ""), String::new())
    } else {
        (Outcome::Passed, "No root cause was found, and nothing was compared.".to_owned())
    };
    Case { class: "whyspan.root-cause".to_owned(), name: "root causes".to_owned(), outcome, told }
}

/// What is worth a look and has no case: one sentence on a line.
fn warnings(evidence: &Evidence) -> String {
    let deciding = deciding(evidence);
    let told = evidence.findings.iter().filter(|finding| {
        finding.severity == Severity::Warn
            && !deciding.contains(&key(finding))
            && places(finding, ROOT_CAUSES).next().is_none()
            && objective_of(evidence, finding).is_none()
    });
    let told: Vec<String> =
        told.map(|finding| format!("{}: {}", line(&finding.code), line(&finding.sentence))).collect();
    told.join("\n").chars().take(WARNINGS).collect()
}

fn write(evidence: &Evidence, suites: Vec<(&'static str, Vec<Case>)>) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = || suites.iter().flat_map(|(_, cases)| cases.iter().take(CASES));
    let count = |is: fn(&Case) -> bool| all().filter(|case| is(case)).count().to_string();
    // No `skipped` here: the schema that Jenkins publishes has none at this place.
    let element = writer.create_element("testsuites").with_attributes([
        ("name", format!("whyspan {}", line(&evidence.command)).as_str()),
        ("tests", count(|_| true).as_str()),
        ("failures", count(Case::is_failure).as_str()),
        ("errors", count(Case::is_error).as_str()),
    ]);
    element.write_inner_content(|writer| {
        for (place, (name, cases)) in suites.into_iter().enumerate() {
            write_suite(writer, evidence, name, cases, place == 0)?;
        }
        Ok(())
    })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn write_suite(
    writer: &mut Writer<Vec<u8>>,
    evidence: &Evidence,
    name: &str,
    mut cases: Vec<Case>,
    is_first: bool,
) -> io::Result<()> {
    let hidden = cases.len().saturating_sub(CASES);
    if hidden > 0 {
        // Whatever is left out, it is nothing that failed as long as there is something that passed.
        cases.shared_sort_by_key(|case| !(case.is_failure() || case.is_error()));
        cases.truncate(CASES);
    }
    let count = |is: fn(&Case) -> bool| cases.iter().filter(|case| is(case)).count().to_string();
    let element = writer.create_element("testsuite").with_attributes([
        ("name", format!("whyspan {name}").as_str()),
        ("tests", cases.len().to_string().as_str()),
        ("failures", count(Case::is_failure).as_str()),
        ("errors", count(Case::is_error).as_str()),
        ("skipped", count(Case::is_skipped).as_str()),
    ]);
    element.write_inner_content(|writer| {
        if is_first {
            write_properties(writer, evidence)?;
        }
        for case in &cases {
            case.write(writer)?;
        }
        let mut told = if is_first { warnings(evidence) } else { String::new() };
        if hidden > 0 {
            told = format!("{hidden} more cases were left out; the evidence (*.json) has all.\n{told}");
        }
        if !told.is_empty() {
            writer.create_element("system-out").write_text_content(BytesText::new(&told))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_properties(writer: &mut Writer<Vec<u8>>, evidence: &Evidence) -> io::Result<()> {
    let mut properties = vec![("schema", line(&evidence.schema)), ("quality", line(&evidence.quality.grade))];
    if let Some(verdict) = &evidence.verdict {
        properties.push(("decision", line(&verdict.decision)));
        properties.push(("summary", line(&verdict.summary)));
        properties.extend(verdict.settle.iter().map(|way| ("what would settle it", line(way))));
    }
    writer.create_element("properties").write_inner_content(|writer| {
        for (name, value) in &properties {
            let property = writer.create_element("property");
            property.with_attributes([("name", *name), ("value", value.as_str())]).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}
