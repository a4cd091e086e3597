//! A capture that was sent gives the same evidence, byte for byte, as the same capture in a file.

use crate::clients::send_over_grpc;
use crate::common::chance::Chance;
use crate::common::{fixtures, folders};
use crate::http::{connect, exchange, request};
use crate::requests::{JSON, PROTOBUF, Sent, requests_of};
use crate::server::{Server, printed};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The files of one side of a scenario.
fn files(scenario: &Path, side: &str) -> Vec<PathBuf> {
    let all = ["traces", "logs"].map(|signal| scenario.join(format!("{side}.{signal}.jsonl.zst")));
    all.into_iter().filter(|path| path.exists()).collect()
}

/// The arguments of a gate over files.
fn gate_of_files(scenario: &Path) -> Vec<String> {
    let mut arguments = vec!["gate".to_owned(), "--format=json".to_owned(), "--quiet".to_owned()];
    for side in ["baseline", "candidate"] {
        for file in files(scenario, side) {
            arguments.extend([format!("--{side}"), file.to_string_lossy().into_owned()]);
        }
    }
    arguments
}

/// The windows of two sides that do not overlap, as `store:FROM..TO`: they meet halfway between.
fn windows(evidence: &Value) -> (String, String) {
    let time = |side: &str, end: &str| {
        let text = evidence["windows"][side][end].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time").as_second()
    };
    let (ends, begins) = (time("baseline", "end"), time("candidate", "start"));
    assert!(ends < begins, "the sides overlap");
    let middle = i64::midpoint(ends, begins);
    let (first, last) = (time("baseline", "start") - 600, time("candidate", "end") + 600);
    (format!("store:{first}..{middle}"), format!("store:{middle}..{last}"))
}

/// All requests of a scenario in another order, every fifth of them twice.
fn shuffled(scenario: &Path, seed: u64) -> Vec<Sent> {
    let of_side = |side| files(scenario, side).into_iter().flat_map(|file| requests_of(&file)).collect::<Vec<_>>();
    let mut all = of_side("baseline");
    all.extend(of_side("candidate"));
    let again: Vec<Sent> = all.iter().step_by(5).cloned().collect();
    all.extend(again);
    let mut chance = Chance::new(seed);
    for place in (1..all.len()).rev() {
        all.swap(place, chance.below(place + 1));
    }
    all
}

fn send_over_http(server: &Server, requests: &[Sent]) {
    let mut stream = connect(&server.http);
    for (number, sent) in requests.iter().enumerate() {
        let zstd = || zstd::encode_all(&sent.protobuf[..], 1).expect("packed");
        let bytes = match number % 3 {
            0 => request("POST", sent.path(), &[JSON], &sent.json),
            1 => request("POST", sent.path(), &[PROTOBUF], &sent.protobuf),
            _ => request("POST", sent.path(), &[PROTOBUF, ("content-encoding", "zstd")], &zstd()),
        };
        let answer = exchange(&mut stream, &bytes).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

fn same_as_file(scenario: &str, send: impl Fn(&Server, &[Sent]), seed: u64) {
    let scenario = fixtures().join("scenarios").join(scenario);
    let (from_files, code) = printed(&gate_of_files(&scenario));
    let (baseline, candidate) = windows(&serde_json::from_slice(&from_files).expect("evidence"));
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "200ms", "--segment-bytes", "4MiB"]);
    let requests = shuffled(&scenario, seed);
    // What comes after the pause is late for most traces.
    let (early, late) = requests.split_at(requests.len() / 2);
    send(&server, early);
    thread::sleep(Duration::from_millis(700));
    send(&server, late);
    let folder = store.path().to_string_lossy().into_owned();
    let of_store = ["gate", "--format=json", "--quiet", "--store", &folder, "--baseline", &baseline, "--candidate", &candidate];
    // While the last segment is still being written, and after the end.
    assert!(printed(&of_store) == (from_files.clone(), code), "{}: the evidence of the store differs", scenario.display());
    assert!(server.stop().success());
    assert!(printed(&of_store) == (from_files, code), "{}: the evidence of the store differs", scenario.display());
}

#[test]
fn what_is_sent_over_grpc_gives_the_evidence_of_the_file() {
    for (seed, scenario) in folders("scenarios").iter().enumerate() {
        let name = scenario.file_name().expect("a name").to_string_lossy();
        same_as_file(&name, send_over_grpc, seed as u64);
    }
}

#[test]
fn what_is_sent_over_http_gives_the_evidence_of_the_file() {
    for (seed, scenario) in folders("scenarios").iter().enumerate() {
        let name = scenario.file_name().expect("a name").to_string_lossy();
        same_as_file(&name, send_over_http, 100 + seed as u64);
    }
}
