//! The evidence does not depend on how many threads read, nor on how little memory they get along with.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::fixtures;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::capture::{Capture, compare};
use whyspan::facts::request_sample::REQUESTS_OF_GROUP;
use whyspan::judge::policy::Policy;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;
use whyspan::report::json;

/// A recorded capture with damage in the middle of it: what is told of the damage must not depend on threads either.
fn damaged(folder: &Path) -> PathBuf {
    let traces = fs::read(fixtures().join("scenarios/cart-failure/candidate.traces.jsonl.zst")).expect("a capture");
    let traces = zstd::decode_all(&traces[..]).expect("a whole capture");
    let mut lines: Vec<&[u8]> = traces.split(|&byte| byte == b'\n').collect();
    for (number, rubbish) in
        ["{\"resourceSpans\":[{]}", "", "rubbish", "{\"resourceSpans\":[{\"scopeSpans\":["].iter().enumerate()
    {
        lines.insert(lines.len() * (number + 1) / 6, rubbish.as_bytes());
    }
    let path = folder.join("damaged.jsonl");
    fs::write(&path, lines.join(&b'\n')).expect("written");
    path
}

fn evidence(inputs: &[String], threads: usize, memory: u64) -> String {
    let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, memory);
    capture.read(inputs);
    json::to_json(&capture.into_evidence()).expect("the evidence is JSON")
}

#[test]
fn threads_and_memory_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = |name: &str| fixtures().join("scenarios").join(name).to_string_lossy().into_owned();
    let inputs = [
        recorded("payment-failure"),
        damaged(folder.path()).to_string_lossy().into_owned(),
        folder.path().join("not there").to_string_lossy().into_owned(),
        recorded("email-swallowed/candidate.traces.jsonl.zst"),
    ];
    let plain = evidence(&inputs, 1, 1 << 40);
    assert!(plain.contains("damaged.jsonl: line "), "the damage is told: {plain}");
    for threads in [1, 2, 3, 8] {
        // Next to nothing: whatever is read goes to disk at once.
        for memory in [0, 1 << 18, 1 << 40] {
            assert!(evidence(&inputs, threads, memory) == plain, "{threads} threads, {memory} bytes");
        }
    }
}

/// What a gate says, each side read by so many threads.
fn gate(baseline: &[String], candidate: &[String], threads: usize, memory: u64) -> String {
    let side = |inputs: &[String]| {
        let options = ReadOptions { request_attributes: true, ..ReadOptions::default() };
        let mut capture = Capture::with_threads(options, None, threads, memory);
        capture.read(inputs);
        capture.into_facts()
    };
    let redactor = Redactor::default();
    let evidence = compare(&side(baseline), &side(candidate), &Policy::default(), Vec::new(), &redactor);
    json::to_json(&evidence).expect("the evidence is JSON")
}

#[test]
fn suspects_and_conditions_are_the_same_whatever_they_get() {
    let recorded = |name: &str| vec![fixtures().join("scenarios").join(name).to_string_lossy().into_owned()];
    let (before, after) =
        (recorded("cart-failure/baseline.traces.jsonl.zst"), recorded("cart-failure/candidate.traces.jsonl.zst"));
    let plain = gate(&before, &after, 1, 1 << 40);
    assert!(plain.contains("\"suspects\": [\n        {") && plain.contains("\"conditions\": [\n        {"), "{plain}");
    for threads in [2, 3, 8] {
        for memory in [0, 1 << 40] {
            assert!(gate(&before, &after, threads, memory) == plain, "{threads} threads, {memory} bytes");
        }
    }
}

/// So many traces of one request each, every one of another user.
fn of_many_users(traces: u32) -> Vec<u8> {
    let mut lines = Vec::new();
    for first in (0..traces).step_by(500) {
        let span = |number: u32| {
            format!(
                r#"{{"traceId":"{:032x}","spanId":"{:016x}","name":"GET /","kind":2,"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[{{"key":"user.id","value":{{"stringValue":"user {number}"}}}}]}}"#,
                u128::from(number) + 1,
                u64::from(number) + 1,
                1_795_313_190_000_000_000 + u64::from(number) * 1000,
                1_795_313_190_000_500_000 + u64::from(number) * 1000,
            )
        };
        let spans: Vec<String> = (first..traces.min(first + 500)).map(span).collect();
        lines.extend_from_slice(
            format!(
                r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
                spans.join(",")
            )
            .as_bytes(),
        );
        lines.push(b'\n');
    }
    lines
}

#[test]
fn ids_in_attributes_cost_no_more_than_the_sample_of_requests() {
    let traces = 3 * u32::try_from(REQUESTS_OF_GROUP).expect("some thousands");
    let capture = of_many_users(traces);
    let facts = |threads: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("users.jsonl");
        fs::write(&path, &capture).expect("written");
        let options = ReadOptions { request_attributes: true, ..ReadOptions::default() };
        let mut capture = Capture::with_threads(options, None, threads, 1 << 30);
        capture.read(&[path.to_string_lossy().into_owned()]);
        capture.into_facts().0.requests
    };
    let requests = facts(1);
    let drawn = requests.passing.values().next().expect("an operation");
    assert_eq!((drawn.seen, drawn.rows.len()), (traces.into(), REQUESTS_OF_GROUP));
    // Each request that is kept has a user of its own, and all share their service.
    assert_eq!(requests.properties.len(), REQUESTS_OF_GROUP + 1);
    assert_eq!(facts(3), requests);
}

#[test]
fn the_doctor_says_the_same_whatever_it_gets() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixture = |name: &str| fixtures().join(name).to_string_lossy().into_owned();
    let inputs = [
        fixture("scenarios/email-swallowed"),
        damaged(folder.path()).to_string_lossy().into_owned(),
        fixture("telemetry/*/*.json"),
    ];
    let options = ReadOptions { survey: true, ..ReadOptions::default() };
    let checkup = |threads, memory| {
        let mut capture = Capture::with_threads(options.clone(), None, threads, memory);
        capture.read(&inputs);
        json::to_json(&capture.into_checkup()).expect("JSON")
    };
    let plain = checkup(1, 1 << 40);
    for code in
        ["record-skipped", "clock-skew-corrected", "sampled-unevenly", "log-of-unsampled-trace", "dropped-links"]
    {
        assert!(plain.contains(code), "{code} is not told: {plain}");
    }
    for (threads, memory) in [(2, 1 << 40), (3, 1 << 18), (8, 0), (1, 0)] {
        assert!(checkup(threads, memory) == plain, "{threads} threads, {memory} bytes");
    }
}

#[test]
fn one_trace_is_found_on_disk() {
    let inputs = [fixtures().join("scenarios/payment-failure").to_string_lossy().into_owned()];
    let mut shown = Vec::new();
    for (threads, memory) in [(1, 1 << 40), (3, 1 << 40), (1, 0), (3, 1 << 18)] {
        let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, memory);
        capture.read(&inputs);
        let evidence = evidence(&inputs, 1, 1 << 40);
        let start = evidence.find("\"trace_id\": \"").expect("an exemplar") + 13;
        let id = whyspan::model::ids::TraceId::from_hex(&evidence.as_bytes()[start..start + 32]).expect("an id");
        let trace = capture.into_trace(id).expect("the disk is well").expect("the trace is there");
        shown.push(json::to_json(&trace).expect("JSON"));
    }
    assert!(shown[0].contains("charge"));
    assert!(shown.iter().all(|trace| *trace == shown[0]));
}
