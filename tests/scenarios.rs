//! Recorded captures of a shop under known faults, held against the truth in `fixtures/scenarios/labels.json`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{evidence, fixtures, folders, reviewed};
use insta::{Settings, assert_snapshot};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::{Level, RootCause};

fn labels() -> Vec<Value> {
    let text = fs::read_to_string(fixtures().join("scenarios/labels.json")).expect("the labels");
    serde_json::from_str(&text).expect("labels are JSON")
}

fn inputs(scenario: &Path, traces: &str) -> Vec<PathBuf> {
    vec![scenario.join(traces), scenario.join("candidate.logs.jsonl.zst")]
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn texts<'v>(value: &'v Value, key: &str, also: &str) -> Vec<&'v str> {
    let more = value.get(also).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    text(value, key).into_iter().chain(more).collect()
}

/// What SDKs put before a gRPC method is no part of an operation's name.
fn bare(operation: &str) -> &str {
    operation.trim_start_matches("grpc.").trim_start_matches('/')
}

fn check_root_cause(scenario: &str, label: &Value, cause: &RootCause) {
    assert!(!cause.client_fault, "{scenario}: rank 1 is a client fault");
    let kinds = texts(label, "kind", "kind_also_right");
    assert!(kinds.contains(&cause.kind.as_str()), "{scenario}: kind {} is none of {kinds:?}", cause.kind);
    let service = text(label, "service").expect("a service");
    match text(label, "observed_from") {
        Some(observer) => {
            assert_eq!(cause.service, observer, "{scenario}");
            let peer = cause.peer.as_deref().unwrap_or_default().to_lowercase();
            assert!(peer.contains(service), "{scenario}: peer {peer} does not name {service}");
        }
        None => assert_eq!(cause.service, service, "{scenario}"),
    }
    let operations = texts(label, "operation", "operation_also_right");
    let named = |operation: &&str| [bare(&cause.operation), bare(&cause.span_name)].contains(&bare(operation));
    assert!(operations.iter().any(named), "{scenario}: {} is none of {operations:?}", cause.operation);
    let exception = cause.exception.as_ref().expect("an exception");
    assert_eq!(exception.kind.as_deref(), text(label, "exception_type"), "{scenario}");
    let message = exception.message.as_deref().expect("a message");
    assert!(message.contains(text(label, "message").expect("a message")), "{scenario}: {message}");
    let frame = exception.frame.as_ref().expect("an in-app frame");
    let place = format!("{}:{}", frame.file, frame.line.expect("a line"));
    assert_eq!(Some(place.as_str()), text(label, "top_in_app_frame"), "{scenario}");
    let function = frame.function.as_deref().expect("a function");
    assert!(function.ends_with(text(label, "function").expect("a function")), "{scenario}: {function}");
}

fn check_entry_points(scenario: &str, label: &Value, evidence: &Evidence) {
    for (operation, counts) in label["facts"]["entries"].as_object().expect("entries") {
        let found = evidence.entry_points.iter().find(|entry| entry.operation == *operation);
        let found = found.unwrap_or_else(|| panic!("{scenario}: entry point {operation} was not found"));
        assert_eq!(Some(found.total), counts["total"].as_u64(), "{scenario} {operation}");
        assert_eq!(Some(found.failing), counts["failed"].as_u64(), "{scenario} {operation}");
    }
}

/// By itself a capture tells which requests were slow and where their time went, not that it was a change.
fn check_slow_requests(scenario: &str, truth: &Value, evidence: &Evidence) {
    let (first, others) = evidence.root_causes.split_first().expect("a root cause");
    assert_eq!(text(truth, "kind"), Some(first.kind.as_str()), "{scenario}");
    assert_eq!(text(truth, "service"), Some(first.service.as_str()), "{scenario}");
    let operation = text(truth, "operation").map(|operation| operation.trim_start_matches("grpc."));
    assert_eq!(operation, Some(first.operation.as_str()), "{scenario}");
    assert_eq!(first.confidence.level, Level::Low, "{scenario}");
    assert!(first.latency.as_ref().is_some_and(|latency| latency.explains > 0.9), "{scenario}: most of the time");
    assert!(others.iter().all(|cause| cause.client_fault), "{scenario}: a second root cause was named");
}

#[test]
fn rank_one_is_the_labelled_root_cause() {
    let labels = labels();
    assert_eq!(labels.len(), folders("scenarios").len());
    for label in labels {
        let scenario = text(&label, "scenario").expect("a name");
        let evidence = evidence(&inputs(&fixtures().join("scenarios").join(scenario), "candidate.traces.jsonl.zst"));
        let window = &evidence.windows.candidate;
        assert_eq!(Some(window.traces), label["facts"]["traces"].as_u64(), "{scenario}");
        assert_eq!(Some(window.spans), label["facts"]["spans"].as_u64(), "{scenario}");
        let failing = label["facts"]["traces_with_a_failed_entry"].as_u64();
        assert_eq!(Some(window.failing_traces), failing, "{scenario}");
        check_entry_points(scenario, &label, &evidence);
        let truth = &label["root_cause"];
        if truth.is_null() {
            let all_clients = evidence.root_causes.iter().all(|cause| cause.client_fault);
            assert!(all_clients && !evidence.root_causes.is_empty(), "{scenario}: only client faults were expected");
            continue;
        }
        if text(truth, "kind") == Some("latency") {
            check_slow_requests(scenario, truth, &evidence);
            continue;
        }
        let first = &evidence.root_causes[0];
        check_root_cause(scenario, truth, first);
        assert_eq!(Some(first.traces.candidate), label["facts"]["traces_with_root_cause"].as_u64(), "{scenario}");
        let hit: Vec<&str> = first.entry_points.iter().map(|entry| entry.operation.as_str()).collect();
        let affected: Vec<&str> = texts(&label, "", "entry_points_affected");
        assert_eq!(hit, affected, "{scenario}");
        let effect = if affected.is_empty() { "absorbed" } else { "fatal" };
        assert_eq!(first.effect.as_deref(), Some(effect), "{scenario}");
        let others = evidence.root_causes[1..].iter().filter(|cause| !cause.client_fault).count();
        assert_eq!(others, 0, "{scenario}: a second root cause was named");
    }
}

#[test]
fn the_evidence_of_every_scenario_is_as_reviewed() {
    for scenario in folders("scenarios") {
        let evidence = evidence(&inputs(&scenario, "candidate.traces.jsonl.zst"));
        let text = reviewed(&evidence);
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(&scenario);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!("evidence", text));
    }
}

#[test]
fn protobuf_gives_the_same_evidence_as_json() {
    let scenario = fixtures().join("scenarios/payment-failure");
    let from_json = evidence(&inputs(&scenario, "candidate.traces.jsonl.zst"));
    let from_protobuf = evidence(&inputs(&scenario, "candidate.traces.pb.zst"));
    assert_eq!(from_json, from_protobuf);
}
