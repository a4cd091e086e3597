//! Files of announcements as a whole. What is read of each format is held in `tests/change_formats.rs`.

use crate::model::change_event::ChangeEvent;
use crate::model::time::Nanos;
use crate::read::change_events::announced::Announced;
use crate::read::change_events::file::{changes_of, read_changes};
use crate::read::change_events::flag_files::{changes_of_flag_files, changes_of_flags};
use serde_json::json;
use std::fs;
use std::path::Path;

#[test]
fn lines_of_both_spellings_are_read_and_others_told() {
    let text = concat!(
        "\u{feff}{\"timeUnixNano\":\"1795313190991506432\",\"type\":\"feature_flag\",\"flag\":\"f\",\"service\":\"s\",\"from\":\"off\",\"to\":\"on\"}\r\n",
        "\n",
        "{\"kind\":\"deployment\",\"key\":\"cart\",\"to\":1.5,\"at\":\"2026-11-22T10:00:00Z\"}\n",
        "{\"kind\":\"weather\",\"key\":\"rain\"}\n",
        "{\"kind\":\"deployment\"}\n",
        "nonsense\n",
        "{\"kind\":\"event\",\"name\":\"load test\",\"at\":null}",
    );
    let announced = changes_of("c.jsonl", text.as_bytes(), &[]);
    let told: Vec<(&str, &str, Option<&str>, Option<&str>)> = announced
        .changes
        .iter()
        .map(|change| (change.kind.as_str(), change.key.as_str(), change.to.as_deref(), change.service.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("feature-flag", "f", Some("on"), Some("s")),
            ("deployment", "cart", Some("1.5"), Some("cart")),
            ("event", "load test", None, None)
        ]
    );
    assert_eq!(announced.changes[0].at, Some(Nanos(1_795_313_190_991_506_432)));
    assert_eq!(announced.changes[1].at, Some(Nanos(1_795_341_600_000_000_000)));
    assert_eq!(announced.messages.len(), 4, "{:?}", announced.messages);
    assert_eq!(announced.messages[0], "c.jsonl: record 3 (line 4): no known change, left out: its kind is \"weather\"");
}

/// Writes a file of so many bytes: blanks between a start and an end, and behind them what is beyond.
fn write_padded(path: &Path, bytes: usize, [start, end, beyond]: [&str; 3]) {
    let mut text = start.as_bytes().to_vec();
    text.resize(bytes - end.len(), b' ');
    text.extend([end, beyond].concat().bytes());
    fs::write(path, text).expect("written");
}

#[test]
fn of_a_file_the_first_64_mebibytes_are_read_and_that_there_is_more_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("changes");
    let event = r#"{"kind":"event","name":"e"}"#;
    for (beyond, told) in [("", 0), (event, 1)] {
        write_padded(&path, 64 << 20, [event, event, beyond]);
        let read = read_changes(&path, &[]).expect("it can be read");
        assert_eq!((read.changes.len(), read.messages.len()), (2, told), "{:?}", read.messages);
        assert!(read.messages.iter().all(|message| message.ends_with("only the first 64 MiB are read")));
    }
}

#[test]
fn of_flags_that_are_cut_off_none_are_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    fs::write(&before, r#"{"flags":{"f":{"variants":{"on":true},"defaultVariant":"on"}}}"#).expect("written");
    for (bytes, is_read) in [(64 << 20, true), ((64 << 20) + 1, false)] {
        write_padded(&after, bytes, [r#"{"flags":{}"#, "}", ""]);
        let removed = changes_of_flag_files(&before, &after).map(|read| read.changes.len());
        assert_eq!(removed.ok(), is_read.then_some(1), "{bytes} bytes");
    }
}

#[test]
fn an_event_of_four_mebibytes_is_read_and_a_longer_one_is_told() {
    for (bytes, changes) in [(4 << 20, 2), ((4 << 20) + 1, 1)] {
        let start = r#"{"kind":"event","name":"e","x":""#;
        let long = format!("{start}{}\"}}\n", "x".repeat(bytes - start.len() - 2));
        let read = changes_of("f", [long.as_str(), r#"{"kind":"event","name":"f"}"#].concat().as_bytes(), &[]);
        assert_eq!(read.changes.len(), changes, "{bytes} bytes");
        let is_told = read.messages.iter().any(|message| message.contains("longer than 4 MiB"));
        assert_eq!(is_told, changes == 1, "{bytes} bytes");
    }
}

#[test]
fn an_event_of_127_levels_is_read_and_a_deeper_one_is_told() {
    for (levels, changes) in [(127, 2), (128, 1)] {
        // The event itself is one of them.
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        let deep = format!(r#"{{"kind":"event","name":"e","x":{open}{close}}}"#);
        let read = changes_of("f", [deep.as_str(), r#"{"kind":"event","name":"f"}"#].join("\n").as_bytes(), &[]);
        assert_eq!(read.changes.len(), changes, "{levels} levels");
        let is_told = read.messages.iter().any(|message| message.contains("recursion limit"));
        assert_eq!(is_told, changes == 1, "{levels} levels: {:?}", read.messages);
    }
}

#[test]
fn texts_of_a_change_of_more_than_a_kibibyte_are_cut_marked_and_counted() {
    let read = |bytes: usize| {
        let (text, link) = ("x".repeat(bytes), format!("https://{}", "x".repeat(bytes - 8)));
        let event = json!({
            "kind": "deployment", "key": text, "from": text, "to": text, "service": text, "environment": text,
            "actor": text, "link": link, "detail": text,
        });
        changes_of("f", event.to_string().as_bytes(), &[])
    };
    let texts = |read: &Announced| -> Vec<String> {
        let ChangeEvent { key, from, to, service, environment, actor, link, detail, .. } = read.changes[0].clone();
        [Some(key), from, to, service, environment, actor, link, detail].into_iter().flatten().collect()
    };
    let (whole, cut) = (read(1024), read(1025));
    assert_eq!(texts(&whole).iter().map(String::len).collect::<Vec<_>>(), [1024; 8]);
    assert_eq!(whole.messages, [""; 0]);
    assert!(texts(&cut).iter().all(|text| text.ends_with("x… [cut]")), "{:?}", texts(&cut));
    assert_eq!(texts(&cut).len(), 8);
    assert_eq!(cut.messages, ["f: texts of a change were cut after 1024 bytes"]);
}

#[test]
fn of_flags_that_differ_ten_thousand_are_read_and_that_there_are_more_is_told() {
    let flags = |many: usize, served: &str| {
        let flag = |number: usize| {
            let variants = r#"{"on":true,"off":false}"#;
            format!(r#""f{number:05}":{{"state":"ENABLED","variants":{variants},"defaultVariant":"{served}"}}"#)
        };
        format!(r#"{{"flags":{{{}}}}}"#, (0..many).map(flag).collect::<Vec<_>>().join(","))
    };
    let read = |many: usize| {
        let (before, after) = (flags(many, "off"), flags(many, "on"));
        changes_of_flags(("b", before.as_bytes()), ("a", after.as_bytes())).expect("both hold flags")
    };
    let (all, first) = (read(10_000), read(10_001));
    assert_eq!((all.changes.len(), all.messages.len()), (10_000, 0), "{:?}", all.messages);
    assert!(first.changes == all.changes, "the first in the order of names");
    assert_eq!(first.messages, ["a: no more than 10000 flags that differ are read"]);
}
