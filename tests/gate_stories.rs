//! Stories of drawn traces: two windows of `fixtures/gates`, and what the gate says of them; one of `fixtures/captures`, and what
//! an analysis says of it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::drawn::Drawn;
use common::folders;
use insta::{Settings, assert_snapshot};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use whyspan::capture::{Capture, compare};
use whyspan::judge::evidence::Evidence;
use whyspan::judge::policy::Policy;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

fn drawn(story: &Path) -> Drawn {
    Drawn::parse(&fs::read_to_string(story.join("story.txt")).expect("a story"))
}

fn gate(story: &Path) -> Evidence {
    let drawn = drawn(story);
    let facts = |window: &str| {
        let mut capture = Capture::new(ReadOptions { request_attributes: true, ..ReadOptions::default() }, None);
        let bytes = drawn.window(window);
        if !bytes.is_empty() {
            capture.read_bytes(window, &bytes);
        }
        assert_eq!(capture.messages(), &[] as &[String], "{}", story.display());
        capture.into_facts()
    };
    compare(&facts("baseline"), &facts("candidate"), &Policy::default(), Vec::new(), &Redactor::default())
}

/// What a reader of the report would see first.
fn told(evidence: &Evidence) -> String {
    let verdict = evidence.verdict.as_ref().expect("a gate decides");
    let mut told = format!("{}\n\n", verdict.summary);
    for reason in &verdict.reasons {
        writeln!(told, "because [{}] {}", reason.code, reason.sentence).expect("written");
    }
    for way in &verdict.settle {
        writeln!(told, "settle: {way}").expect("written");
    }
    for without in &verdict.without {
        writeln!(told, "without {}: {}", without.reference, without.decision).expect("written");
    }
    for finding in evidence.findings.iter().filter(|finding| !verdict.reasons.contains(finding)) {
        writeln!(told, "{:?} [{}] {}", finding.severity, finding.code, finding.sentence).expect("written");
    }
    for cause in &evidence.root_causes {
        let comparison = cause.comparison.as_deref().unwrap_or_default();
        writeln!(told, "cause {} {} {}: {comparison}", cause.rank, cause.kind, cause.operation).expect("written");
        for asked in cause.callee.iter().flat_map(|callee| &callee.statements) {
            writeln!(told, "  asked {} ({} of {})", asked.statement, asked.traces, cause.traces.candidate)
                .expect("written");
        }
    }
    for objective in &evidence.objectives {
        writeln!(told, "{} {}", objective.result, objective.sentence).expect("written");
    }
    told
}

#[test]
fn every_story_is_decided_as_its_name_says() {
    let stories = folders("gates");
    assert!(stories.len() > 20, "the stories are not there");
    let mut wrong = Vec::new();
    for story in stories {
        let name = story.file_name().expect("a name").to_string_lossy().into_owned();
        let evidence = gate(&story);
        let decision = evidence.verdict.as_ref().expect("a gate decides").decision.clone();
        let expected = match &*name {
            _ if name.contains("inconclusive") => "inconclusive",
            _ if name.contains("is_a_reason") || name.contains("are_a_reason") => "no-go",
            "words_that_differ_in_each_failure_still_raise_the_error_rate"
            | "a_consumer_without_messages_is_a_consequence"
            | "a_load_generator_above_the_entry_point_changes_nothing" => "no-go",
            _ => "go",
        };
        let told = told(&evidence);
        if decision != expected {
            wrong.push(format!("{name}: {decision} and not {expected}\n{told}"));
        }
        beside(&story).bind(|| assert_snapshot!("told", told));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_capture_is_told_as_its_story_says() {
    let stories = folders("captures");
    assert!(stories.len() > 5, "the stories are not there");
    for story in stories {
        let mut capture = Capture::new(ReadOptions::default(), None);
        capture.read_bytes("capture", &drawn(&story).window("capture"));
        assert_eq!(capture.messages(), &[] as &[String], "{}", story.display());
        let evidence = capture.into_evidence();
        let mut told = String::new();
        for cause in &evidence.root_causes {
            let level = cause.confidence.level.as_str();
            writeln!(told, "{} {}, {level} confidence: {}", cause.rank, cause.kind, cause.sentence).expect("written");
            for part in cause.latency.iter().flat_map(|latency| &latency.entry_point).flat_map(|entry| &entry.parts) {
                let place = part.operation.as_deref().unwrap_or("others");
                writeln!(told, "  {place} {} {} ms, {}", part.metric, part.rise_ms, part.share).expect("written");
            }
        }
        if told.is_empty() {
            told.push_str("nobody\n");
        }
        beside(&story).bind(|| assert_snapshot!("told", told));
    }
}

/// Snapshots lie in the folder of the story.
fn beside(story: &Path) -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(story);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}
