//! Announced changes: what is read of each format, and that nothing breaks the reader.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;
#[path = "fuzz_targets/mod.rs"]
mod targets;

use common::fixtures;
use proptest::prelude::*;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use whyspan::model::change_event::ChangeEvent;
use whyspan::model::time::Nanos;
use whyspan::read::change_events::announced::Announced;
use whyspan::read::change_events::field_mapping::FieldMapping;
use whyspan::read::change_events::file::changes_of;
use whyspan::read::change_events::flag_files::{changes_of_flag_files, changes_of_flags};

fn fixture(name: &str) -> PathBuf {
    fixtures().join("changes").join(name)
}

fn bytes_of(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).expect("a fixture")
}

fn read(name: &str, mappings: &[&str]) -> Announced {
    let mappings: Vec<FieldMapping> = mappings.iter().map(|text| text.parse().expect("a mapping")).collect();
    changes_of(name, &bytes_of(name), &mappings)
}

fn spelled_time(time: Nanos) -> Option<String> {
    jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok().map(|time| time.to_string())
}

/// Every change with what is known of it, in the order of the file; then the messages.
fn spelled(read: &Announced) -> String {
    let mut out = String::new();
    for event in &read.changes {
        let values = format!("{} -> {}", event.from.as_deref().unwrap_or("?"), event.to.as_deref().unwrap_or("?"));
        let _ = writeln!(out, "{} {}: {values}", event.kind.as_str(), event.key);
        let more = [
            ("at", event.at.and_then(spelled_time)),
            ("until", event.until.and_then(spelled_time)),
            ("service", event.service.clone()),
            ("environment", event.environment.clone()),
            ("actor", event.actor.clone()),
            ("link", event.link.clone()),
            ("detail", event.detail.clone()),
        ];
        for (name, text) in more.into_iter().filter_map(|(name, text)| Some((name, text?))) {
            let _ = writeln!(out, "    {name}: {text}");
        }
    }
    read.messages.iter().for_each(|message| out.push_str(&format!("! {message}\n")));
    out
}

#[test]
fn our_own_lines() {
    insta::assert_snapshot!(spelled(&read("own.jsonl", &[])));
}

#[test]
fn cloud_events_around_events_of_every_sort() {
    insta::assert_snapshot!(spelled(&read("cloud-events.json", &[])));
}

#[test]
fn cd_events_of_services_and_environments() {
    insta::assert_snapshot!(spelled(&read("cd-events.jsonl", &[])));
}

#[test]
fn events_of_dynatrace() {
    insta::assert_snapshot!(spelled(&read("dynatrace.jsonl", &[])));
}

#[test]
fn deployments_of_github() {
    insta::assert_snapshot!(spelled(&read("github.jsonl", &[])));
}

#[test]
fn flags_of_launch_darkly() {
    insta::assert_snapshot!(spelled(&read("launch-darkly.jsonl", &[])));
}

#[test]
fn flags_of_flagsmith() {
    insta::assert_snapshot!(spelled(&read("flagsmith.jsonl", &[])));
}

#[test]
fn flags_of_unleash() {
    insta::assert_snapshot!(spelled(&read("unleash.jsonl", &[])));
}

#[test]
fn notifications_by_a_mapping_of_the_user() {
    let application = "key=app.metadata.name,service=app.metadata.name,to=app.status.sync.revision,\
                       at=app.status.operationState.finishedAt,environment=app.spec.destination.namespace,\
                       when=app.status.operationState.phase:Succeeded";
    let rollout = "kind=deployment,key=rollout,to=image,at=time,detail=phase,environment='production'";
    insta::assert_snapshot!(spelled(&read("argo.jsonl", &[application, rollout])));
}

#[test]
fn two_files_of_flags() {
    let (before, after) = (fixture("flags-before.json"), fixture("flags-after.json"));
    let mut read = changes_of_flag_files(&before, &after).expect("both hold flags");
    assert!(read.changes.iter().all(|change| change.source.ends_with("flags-after.json")), "{:?}", read.changes);
    insta::assert_snapshot!(spelled(&read));
    let same = changes_of_flag_files(&before, &before).expect("both hold flags");
    assert_eq!(same.changes, []);
    assert!(same.messages[0].contains("no flag differs"), "{:?}", same.messages);
    // The same flags as an array.
    let text = fs::read_to_string(&after).expect("a fixture");
    let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let flags = document["flags"].as_object().expect("an object").clone().into_iter().map(|(key, mut flag)| {
        flag["key"] = key.into();
        flag
    });
    document["flags"] = flags.collect::<Vec<_>>().into();
    let array = changes_of_flags(("b", &bytes_of("flags-before.json")), ("a", document.to_string().as_bytes()));
    read.changes.iter_mut().for_each(|change| change.source = "a".to_owned());
    assert_eq!(array.expect("both hold flags").changes, read.changes);
}

#[test]
fn files_that_hold_no_flags_say_what_is_expected() {
    let good = bytes_of("flags-before.json");
    for wrong in
        ["", "[]", "{}", "{\"flags\":1}", "{\"flags\":{\"f\":1}}", "{\"flags\":[{\"state\":\"ENABLED\"}]}", "flags:\n"]
    {
        for pair in [(wrong.as_bytes(), &good[..]), (&good[..], wrong.as_bytes())] {
            let told = changes_of_flags(("before", pair.0), ("after", pair.1)).expect_err("no flags").to_string();
            assert!(told.contains("--flags takes two files"), "{wrong}: {told}");
        }
    }
    let among_changes = changes_of("f", &good, &[]);
    assert!(among_changes.messages[0].contains("give two with --flags"), "{:?}", among_changes.messages);
}

/// Every format in one file, as lines, arrays and over lines.
#[test]
fn formats_may_be_mixed() {
    let names =
        ["own.jsonl", "cd-events.jsonl", "github.jsonl", "cloud-events.json", "unleash.jsonl", "flagsmith.jsonl"];
    let apart: Vec<ChangeEvent> = names.iter().flat_map(|name| read(name, &[]).changes).collect();
    assert!(apart.len() > 15);
    let mut mixed = bytes_of(names[0]);
    for name in &names[1..] {
        mixed.extend(bytes_of(name));
    }
    let mixed = changes_of("mixed", &mixed, &[]).changes;
    let without_source = |mut change: ChangeEvent| {
        change.source.clear();
        change
    };
    let without = |changes: Vec<ChangeEvent>| changes.into_iter().map(without_source).collect::<Vec<_>>();
    assert_eq!(without(mixed), without(apart));
}

#[test]
fn what_is_beyond_a_bound_is_told() {
    let told = |text: &str| changes_of("f", text.as_bytes(), &[]);
    let many = told(&"{\"kind\":\"event\",\"name\":\"e\"}\n".repeat(10_002));
    assert_eq!(many.changes.len(), 10_000);
    assert!(many.messages[0].contains("record 10001 (line 10001): left out, and all after it"), "{:?}", many.messages);
    let long = told(&format!("{{\"kind\":\"event\",\"name\":\"{}\"}}", "ä".repeat(5000)));
    assert!(long.changes[0].key.len() < 1050 && long.changes[0].key.ends_with("… [cut]"));
    assert!(long.messages[0].contains("texts of a change were cut"), "{:?}", long.messages);
    let deep = told(&format!(
        "{{\"kind\":\"event\",\"name\":\"e\",\"x\":{}1{}}}\n{{\"kind\":\"event\",\"name\":\"f\"}}",
        "[".repeat(500),
        "]".repeat(500)
    ));
    assert_eq!(deep.changes.len(), 1);
    assert!(deep.messages[0].contains("recursion limit"), "{:?}", deep.messages);
    let huge = told(&format!("{{\"x\":\"{}\"}}\n{{\"kind\":\"event\",\"name\":\"f\"}}", "x".repeat(5 << 20)));
    assert_eq!(huge.changes.len(), 1);
    assert!(huge.messages[0].contains("longer than 4 MiB"), "{:?}", huge.messages);
    let envelope = |inner: &str| {
        format!("{{\"specversion\":\"1.0\",\"type\":\"t\",\"source\":\"s\",\"id\":\"1\",\"data\":{inner}}}")
    };
    let event = "{\"kind\":\"event\",\"name\":\"e\"}".to_owned();
    assert_eq!(told(&(0..4).fold(event.clone(), |inner, _| envelope(&inner))).changes.len(), 1);
    assert!(told(&(0..5).fold(event, |inner, _| envelope(&inner))).messages[0].contains("around each other"));
    let nothing = told(&"[\n".repeat(1 << 20));
    assert_eq!((nothing.changes.len(), nothing.messages), (0, vec!["f: it holds no event".to_owned()]));
    let broken = told(&"nonsense\n".repeat(100));
    assert_eq!(broken.messages.len(), 22, "twenty, how many more, and what is understood");
}

/// All fixtures, to be broken.
fn all_fixtures() -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(fixtures().join("changes"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a fixture")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_breaks_the_reader(which in 0_usize..100, cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, any::<u8>()), 0..6)) {
        let all = all_fixtures();
        let mut bytes = all[which % all.len()].clone();
        for (at, length, byte) in cuts {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + length);
            bytes.splice(at..end, [byte]);
        }
        targets::run("changes", &bytes);
    }

    #[test]
    fn garbage_is_told(text in "[\\[\\]{}\",: \n\\\\a0-9kindtype.-]{0,200}") {
        targets::run("changes", text.as_bytes());
    }

    /// Every member of every event replaced by something else.
    #[test]
    fn members_of_other_types_are_no_panic(which in 0_usize..1000, member in 0_usize..1000, other in 0_usize..8) {
        let all = all_fixtures();
        let text = String::from_utf8(all[which % all.len()].clone()).expect("text");
        let lines: Vec<serde_json::Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        prop_assume!(!lines.is_empty());
        let mut event = lines[which % lines.len()].clone();
        let others = ["null", "true", "-1", "1e300", "\"\"", "[]", "{}", "\"x\""];
        let mut members = Vec::new();
        let mut open = vec![String::new()];
        while let Some(pointer) = open.pop() {
            let below: Vec<String> = match event.pointer(&pointer) {
                Some(serde_json::Value::Object(object)) => {
                    object.keys().map(|key| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
                }
                Some(serde_json::Value::Array(list)) => (0..list.len()).map(|at| format!("{pointer}/{at}")).collect(),
                _ => Vec::new(),
            };
            open.extend(below.clone());
            members.extend(below);
        }
        prop_assume!(!members.is_empty());
        let at = members[member % members.len()].clone();
        *event.pointer_mut(&at).expect("a member") = serde_json::from_str(others[other]).expect("JSON");
        targets::run("changes", event.to_string().as_bytes());
    }
}

/// Seeds of the fuzzer: every line of every fixture, whole files, and pieces of them.
#[test]
#[ignore = "writes seeds for fuzz/run"]
fn seeds_are_written() {
    let folder = fixtures().join("../fuzz/corpus/changes");
    fs::create_dir_all(&folder).expect("a folder");
    for (number, bytes) in all_fixtures().into_iter().enumerate() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (line, content) in text.lines().enumerate() {
            fs::write(folder.join(format!("seed-{number}-{line}")), content).expect("a seed");
        }
        fs::write(folder.join(format!("seed-{number}")), bytes).expect("a seed");
    }
}
