//! Recorded captures of a shop before and after a change, judged, and held against the truth in `fixtures/scenarios/labels.json`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{capture_of_gate, fixtures, folders, reviewed};
use insta::{Settings, assert_snapshot};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::capture::compare;
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::policy::Policy;
use whyspan::model::change_event::ChangeEvent;
use whyspan::read::change_events::file::read_changes;
use whyspan::redact::redactor::Redactor;

fn labels() -> Vec<Value> {
    let text = fs::read_to_string(fixtures().join("scenarios/labels.json")).expect("the labels");
    serde_json::from_str(&text).expect("labels are JSON")
}

fn window(scenario: &Path, side: &str) -> (WindowFacts, InputFacts) {
    let inputs = ["traces", "logs"].map(|signal| scenario.join(format!("{side}.{signal}.jsonl.zst")));
    let there: Vec<PathBuf> = inputs.into_iter().filter(|path| path.exists()).collect();
    capture_of_gate(&there).into_facts()
}

fn gate(scenario: &str, baseline: &str, candidate: &str) -> Evidence {
    gate_with(scenario, baseline, candidate, Vec::new())
}

fn announced(scenario: &str) -> Vec<ChangeEvent> {
    let read = read_changes(&fixtures().join("scenarios").join(scenario).join("changes.jsonl"), &[]).expect("changes");
    assert_eq!(read.messages, Vec::<String>::new(), "{scenario}");
    read.changes
}

fn gate_with(scenario: &str, baseline: &str, candidate: &str, changes: Vec<ChangeEvent>) -> Evidence {
    let folder = fixtures().join("scenarios").join(scenario);
    compare(&window(&folder, baseline), &window(&folder, candidate), &Policy::default(), changes, &Redactor::default())
}

fn decision(evidence: &Evidence) -> &str {
    &evidence.verdict.as_ref().expect("a gate decides").decision
}

#[test]
fn every_scenario_is_decided_as_labelled() {
    for label in labels() {
        let scenario = label["scenario"].as_str().expect("a name");
        let evidence = gate(scenario, "baseline", "candidate");
        assert_eq!(Some(decision(&evidence)), label["verdict"].as_str(), "{scenario}");
        let verdict = evidence.verdict.as_ref().expect("a verdict");
        let truth = &label["root_cause"];
        let Some(message) = truth["message"].as_str() else {
            let is_slow = truth["kind"] == "latency";
            let causes = evidence.root_causes.iter().filter(|cause| !cause.client_fault);
            assert_eq!(causes.count(), usize::from(is_slow), "{scenario}: nothing failed");
            if is_slow {
                assert!(verdict.reasons.iter().all(|reason| reason.code == "slower"), "{scenario}: {verdict:?}");
                assert!(!verdict.reasons.is_empty(), "{scenario}");
                let first = &evidence.root_causes[0];
                assert_eq!(
                    (Some(&*first.kind), Some(&*first.service)),
                    (truth["kind"].as_str(), truth["service"].as_str())
                );
                let named = |key: &str| truth[key].as_str().is_some_and(|name| name.contains(&*first.operation));
                assert!(named("operation") || named("operation_also_right"), "{scenario}: {}", first.operation);
                assert!(verdict.reasons.iter().all(|reason| reason.refs.contains(&"/root_causes/0".to_owned())));
                let latency = first.latency.as_ref().expect("how it shows");
                assert!(latency.explains > 0.5 && latency.typical.is_some(), "{scenario}: {latency:?}");
                let parts = &latency.entry_point.as_ref().expect("the entry point that is slower").parts;
                let sum: f64 = parts.iter().map(|part| part.share).sum();
                assert!((sum - 1.0).abs() < 1e-4, "{scenario}: the shares add up to {sum}");
            }
            continue;
        };
        let first = &evidence.root_causes[0];
        let told = first.exception.as_ref().and_then(|exception| exception.message.as_deref()).unwrap_or_default();
        assert!(told.contains(message), "{scenario}: rank 1 says {told}");
        assert_eq!((first.change.as_deref(), first.traces.baseline), (Some("new"), Some(0)), "{scenario}");
        // Whatever decided is about that root cause, or about requests that failed by it.
        let without: Vec<&str> = verdict.without.iter().map(|without| without.decision.as_str()).collect();
        assert_eq!(without, ["go"], "{scenario}: without its root cause the change could go");
        assert_eq!(verdict.without[0].reference, "/root_causes/0", "{scenario}");
    }
}

#[test]
fn the_labelled_flag_is_the_first_suspect_whether_or_not_it_was_announced() {
    let mut named = 0;
    for label in labels() {
        let scenario = label["scenario"].as_str().expect("a name");
        for is_announced in [false, true] {
            let changes = if is_announced { announced(scenario) } else { Vec::new() };
            let evidence = gate_with(scenario, "baseline", "candidate", changes);
            let flag = label["flag"]["key"].as_str();
            let cause = evidence.root_causes.first().filter(|_| label["verdict"] == "no-go");
            let suspects: Vec<_> = cause.iter().flat_map(|cause| &cause.suspects).collect();
            let first = suspects.first().map(|it| (it.kind.as_str(), it.key.as_str(), it.value.as_str(), it.inferred));
            let variant = label["flag"]["variant"].as_str().unwrap_or_default();
            if let (Some(flag), Some(_)) = (flag, cause) {
                assert_eq!(first, Some(("feature-flag", flag, variant, !is_announced)), "{scenario}");
                let action = &evidence.verdict.as_ref().expect("a verdict").actions[0];
                assert_eq!((action.kind.as_str(), action.reference.as_str()), ("roll-back-flag", "/root_causes/0"));
                named += 1;
            }
            if let Some(flag) = flag {
                let told = evidence.changes.iter().find(|change| change.key == flag).expect("the change is told");
                assert_eq!((told.to.as_deref(), told.shown), (Some(variant), true), "{scenario}");
            }
            match (scenario, is_announced) {
                // A process that is gone shows in nothing that it sends: only who announced it knows why.
                ("payment-unreachable", false) => assert_eq!(first, None),
                ("payment-unreachable", true) => {
                    assert_eq!(first, Some(("deployment", "paymentservice", "0 replicas", false)));
                }
                ("catalog-slow", _) => {
                    let condition = cause.and_then(|cause| cause.conditions.first()).expect("a condition");
                    assert_eq!(condition.key, "app.product.id", "slow for one product");
                }
                ("healthy", _) => {
                    assert_eq!(evidence.changes.iter().filter(|change| change.key == "frontendBanner").count(), 1);
                    assert!(evidence.root_causes.iter().all(|cause| cause.suspects.is_empty()));
                }
                _ => {}
            }
        }
    }
    assert_eq!(named, 8, "four scenarios, each with and without announcement");
}

#[test]
fn taking_a_change_back_is_a_go() {
    for label in labels() {
        let scenario = label["scenario"].as_str().expect("a name");
        let back = gate(scenario, "candidate", "baseline");
        assert_eq!(decision(&back), "go", "{scenario}");
        let changes =
            back.root_causes.iter().filter(|cause| !cause.client_fault).filter_map(|cause| cause.change.as_deref());
        assert!(changes.clone().all(|change| change == "gone"), "{scenario}: {:?}", changes.collect::<Vec<_>>());
    }
}

#[test]
fn a_capture_against_itself_is_a_go() {
    for label in labels() {
        let scenario = label["scenario"].as_str().expect("a name");
        for side in ["baseline", "candidate"] {
            let evidence = gate(scenario, side, side);
            // What fails always on both sides leaves no room for a rise, and nothing is worse than before.
            assert_eq!(decision(&evidence), "go", "{scenario} {side}");
            let same = evidence.root_causes.iter().all(|cause| cause.change.as_deref() == Some("same"));
            assert!(same, "{scenario} {side}");
        }
    }
}

#[test]
fn mails_that_nobody_gets_are_a_reason_although_no_entry_point_fails() {
    let evidence = gate("email-swallowed", "baseline", "candidate");
    let verdict = evidence.verdict.expect("a verdict");
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["absorbed-failure"]);
    assert!(verdict.summary.contains("195 of 195 requests (100 %), before 0 of 177"), "{}", verdict.summary);
}

#[test]
fn consumers_without_messages_are_a_consequence_of_their_senders_failures() {
    for scenario in ["payment-failure", "payment-unreachable"] {
        let evidence = gate(scenario, "baseline", "candidate");
        let vanished = evidence.findings.iter().find(|finding| finding.code == "entry-point-vanished");
        let sentence = &vanished.expect("the consumer of orders is missed").sentence;
        assert!(sentence.contains("a consequence of the failures of POST /api/checkout of frontend"), "{sentence}");
        let decided = evidence.verdict.expect("a verdict").reasons;
        assert!(decided.iter().all(|reason| reason.code != "entry-point-vanished"), "{scenario}");
    }
}

#[test]
fn the_evidence_of_every_gate_is_as_reviewed() {
    for scenario in folders("scenarios") {
        let name = scenario.file_name().expect("a name").to_string_lossy().into_owned();
        let text = reviewed(&gate(&name, "baseline", "candidate"));
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(&scenario);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!("gate", text));
    }
}
