//! `whyspan gate` as a pipeline meets it: exit codes, arguments, output.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::fixtures;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn gate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whyspan"))
        .arg("gate")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("whyspan runs")
}

fn traces(scenario: &str, side: &str) -> String {
    fixtures().join(format!("scenarios/{scenario}/{side}.traces.jsonl.zst")).to_string_lossy().into_owned()
}

fn scratch(name: &str, content: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("a file for the test");
    path.to_string_lossy().into_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

#[test]
fn the_exit_code_is_the_decision() {
    let of = |scenario: &str| {
        let (before, after) = (traces(scenario, "baseline"), traces(scenario, "candidate"));
        gate(&["--baseline", &before, "--candidate", &after])
    };
    let go = of("healthy");
    assert_eq!(go.status.code(), Some(0), "{}", out(&go));
    assert!(out(&go).starts_with("Go: "), "{}", out(&go));
    let no_go = of("payment-failure");
    assert_eq!(no_go.status.code(), Some(1));
    let report = out(&no_go);
    for words in [
        "No-go: ",
        "charge.js:21",
        "125 of 125 requests",
        "before 0 of 132",
        "root cause 1 the gate would be go",
        "alpha = 0.01",
    ] {
        assert!(report.contains(words), "the report does not say {words}: {report}");
    }
    assert!(report.lines().all(|line| line.chars().count() <= 80), "a line is wider than 80 columns");
}

#[test]
fn no_data_is_never_go() {
    let (there, missing) = (traces("healthy", "candidate"), "not-there.jsonl");
    for arguments in [["--baseline", missing, "--candidate", &there], ["--baseline", &there, "--candidate", missing]] {
        let output = gate(&arguments);
        assert_eq!(output.status.code(), Some(3), "{}", out(&output));
        assert!(out(&output).starts_with("Inconclusive: "), "{}", out(&output));
        let go = gate(&[&arguments[..], &["--inconclusive-as", "go"]].concat());
        assert_eq!(go.status.code(), Some(0));
        assert!(out(&go).starts_with("Inconclusive: "), "the report still says so");
        let no_go = gate(&[&arguments[..], &["--inconclusive-as", "no-go"]].concat());
        assert_eq!(no_go.status.code(), Some(1));
    }
    let neither = gate(&["--baseline", missing, "--candidate", missing]);
    assert_eq!(neither.status.code(), Some(4), "{}", err(&neither));
}

#[test]
fn a_broken_file_beside_good_ones_leaves_it_open_unless_something_fails() {
    let broken = scratch("gate-broken.jsonl", "{\"resourceSpans\":[");
    let of = |scenario: &str| {
        let (before, after) = (traces(scenario, "baseline"), traces(scenario, "candidate"));
        gate(&["--baseline", &before, "--candidate", &after, "--candidate", "not-there", "--candidate", &broken])
    };
    let open = of("healthy");
    assert_eq!(open.status.code(), Some(3), "{}", out(&open));
    assert!(out(&open).contains("input-broken"), "{}", out(&open));
    assert_eq!(of("payment-failure").status.code(), Some(1), "a no-go stands without the file");
}

#[test]
fn wrong_use_says_what_to_do() {
    let there = traces("healthy", "candidate");
    let sides = ["--baseline", &there, "--candidate", &there];
    let policy = scratch("gate-policy.toml", "alhpa = 0.1\n");
    for (more, words) in [
        (&["--rule", "slow=warn"][..], "there is no rule \"slow\""),
        (&["--rule", "slower=maybe"], "fail, inconclusive, warn or info"),
        (&["--rule", "candidate-empty=info"], "no data is never"),
        (&["--set", "alpha=7"], "between 0.000000001 and 0.5"),
        (&["--policy", &policy], "alhpa"),
        (&["--policy", "no-such-policy.toml"], "cannot be read"),
        (&["--change", "pigeon:x=y"], "flag:NAME=VARIANT@TIME"),
        (&["--changes", "no-such-changes.jsonl"], "no-such-changes.jsonl: the changes cannot be read"),
        (&["--flags", &policy], "--flags before.json --flags after.json"),
        (&["--flags", &policy, "--flags", &policy], "gate-policy.toml: no flags of flagd"),
        (&["--flags", &policy, "--flags", "no-such-flags.json"], "no-such-flags.json"),
        (&["--changes", &policy, "--change-fields", "to=a"], "where the key is"),
        (&["--change-fields", "key=a"], "--changes"),
        (&["--report", "report.docx"], "the ending decides the format"),
    ] {
        let output = gate(&[&sides[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{more:?}: {}", err(&output));
    }
    for wrong in [&["--baseline", &there][..], &[&there], &["--change-at", "soon", &there], &[]] {
        assert_eq!(gate(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_policy_changes_the_decision_and_is_printed() {
    let (before, after) = (traces("catalog-slow", "baseline"), traces("catalog-slow", "candidate"));
    let sides = ["--baseline", &before, "--candidate", &after];
    assert_eq!(gate(&sides).status.code(), Some(1));
    let warned = gate(&[&sides[..], &["--rule", "slower=warn"]].concat());
    assert_eq!(warned.status.code(), Some(0));
    assert!(out(&warned).contains("warn: slower"), "{}", out(&warned));
    let policy = scratch("gate-lenient.toml", "relevant_slowdown_ms = 1000\n");
    let lenient = gate(&[&sides[..], &["--policy", &policy, "--format", "json"]].concat());
    assert_eq!(lenient.status.code(), Some(0));
    let evidence: Value = serde_json::from_str(&out(&lenient)).expect("the evidence is JSON");
    assert_eq!(evidence["policy"]["relevant_slowdown_ms"], 1000.0);
    assert_eq!(evidence["policy"]["rules"]["slower"], "fail");
}

#[test]
fn one_capture_is_cut_at_the_change() {
    let (before, after) = (traces("payment-failure", "baseline"), traces("payment-failure", "candidate"));
    let at = "2026-11-22T02:06:30.991506432Z";
    let cut = gate(&[&after, &before, "--change-at", at, "--format", "json"]);
    assert_eq!(cut.status.code(), Some(1), "{}", err(&cut));
    let cut: Value = serde_json::from_str(&out(&cut)).expect("JSON");
    let apart = gate(&["--baseline", &before, "--candidate", &after, "--format", "json"]);
    let apart: Value = serde_json::from_str(&out(&apart)).expect("JSON");
    assert_eq!(cut["root_causes"], apart["root_causes"]);
    assert_eq!(cut["objectives"], apart["objectives"]);
    let settled = gate(&[&before, &after, "--change-at", at, "--settle", "10s", "--format", "json"]);
    let settled: Value = serde_json::from_str(&out(&settled)).expect("JSON");
    let left_out = settled["windows"]["settling"].as_u64().expect("a number");
    let traces = |evidence: &Value| evidence["windows"]["candidate"]["traces"].as_u64().expect("a number");
    assert!(left_out > 0);
    assert_eq!(traces(&settled) + left_out, traces(&apart));
}

#[test]
fn changes_are_listed_in_the_order_of_their_times() {
    let (before, after) = (traces("healthy", "baseline"), traces("healthy", "candidate"));
    let file = fixtures().join("scenarios/healthy/changes.jsonl").to_string_lossy().into_owned();
    let unknown = scratch("gate-changes.jsonl", "{\"kind\":\"weather\",\"key\":\"rain\"}\n");
    let output = gate(&[
        "--baseline",
        &before,
        "--candidate",
        &after,
        "--changes",
        &file,
        "--changes",
        &unknown,
        "--change",
        "deployment:cart=1.5@2026-11-22T02:00:00Z",
        "--change",
        "event:holiday",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(err(&output).contains("gate-changes.jsonl: record 1 (line 1): no known change"), "{}", err(&output));
    let evidence: Value = serde_json::from_str(&out(&output)).expect("JSON");
    let keys: Vec<&str> =
        evidence["changes"].as_array().expect("a list").iter().filter_map(|change| change["key"].as_str()).collect();
    assert_eq!(keys, ["cart", "frontendBanner", "holiday"]);
}

#[test]
fn changes_of_every_sort_are_listed_with_what_is_known_of_them() {
    let (before, after) = (traces("healthy", "baseline"), traces("healthy", "candidate"));
    let sides = ["--baseline", &before, "--candidate", &after];
    let file = |name: &str| fixtures().join(name).to_string_lossy().into_owned();
    let flags = ["plain", "sale"].map(|variant| {
        let flag =
            serde_json::json!({"state": "ENABLED", "variants": {"plain": 1, "sale": 2}, "defaultVariant": variant});
        let document = serde_json::json!({"flags": {"frontendBanner": flag}});
        scratch(&format!("gate-flags-{variant}.json"), &document.to_string())
    });
    let (argo, webhooks) = (file("changes/argo.jsonl"), file("changes/launch-darkly.jsonl"));
    let more = ["--flags", &flags[0], "--flags", &flags[1], "--changes", &argo, "--changes", &webhooks];
    let fields =
        ["--change-fields", "key=app.metadata.name,to=app.status.sync.revision,when=app.status.sync.status:Synced"];
    let json = gate(&[&sides[..], &more, &fields, &["--format", "json"]].concat());
    assert_eq!(json.status.code(), Some(0), "{}", err(&json));
    let evidence: Value = serde_json::from_str(&out(&json)).expect("JSON");
    let changes = evidence["changes"].as_array().expect("a list");
    let keys: Vec<&str> = changes.iter().filter_map(|change| change["key"].as_str()).collect();
    // The webhooks came in another order; the mapping names no time, and a difference of files has none.
    assert_eq!(keys, ["checkout-v2", "checkout-v2", "banner", "example-test", "frontendBanner", "cart"]);
    assert_eq!((&changes[0]["from"], &changes[0]["to"]), (&"off".into(), &"on".into()));
    assert_eq!((&changes[4]["from"], &changes[4]["to"]), (&"plain".into(), &"sale".into()));
    assert_eq!((&changes[0]["environment"], &changes[0]["service"]), (&"production".into(), &Value::Null));
    // Who made a change is told without the address.
    let actor = changes[0]["actor"].as_str().expect("an actor");
    assert!(actor.starts_with('[') && !actor.contains('@'), "{actor}");
    assert!(!out(&json).contains("kim@example.com") && !err(&json).contains("kim@example.com"));
    for format in ["text", "markdown"] {
        let report = gate(&[&sides[..], &more, &fields, &["--format", format]].concat());
        let report = out(&report).split_whitespace().collect::<Vec<_>>().join(" ").replace(['`', '*'], "");
        for words in ["banner", "plain to sale", "turned on the flag", "production", "Kim Doe"] {
            assert!(report.contains(words), "{format}: {words}: {report}");
        }
    }
    assert!(err(&json).contains("what is understood: "), "{}", err(&json));
    let quiet = gate(&[&sides[..], &more, &fields, &["--quiet"]].concat());
    assert!(!err(&quiet).contains("what is understood: "), "{}", err(&quiet));
}

#[test]
fn threads_and_memory_change_nothing() {
    let (before, after) = (traces("cart-failure", "baseline"), traces("cart-failure", "candidate"));
    let sides = ["--baseline", &before, "--candidate", &after, "--format", "json"];
    let plain = out(&gate(&[&sides[..], &["--threads", "1"]].concat()));
    for more in [&["--threads", "2"][..], &["--threads", "3", "--memory", "32MiB"]] {
        assert_eq!(out(&gate(&[&sides[..], more].concat())), plain, "{more:?}");
    }
}
