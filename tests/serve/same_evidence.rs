//! A capture that was sent gives the same evidence, byte for byte, as the same capture in a file.

use crate::clients::send_over_grpc;
use crate::common::chance::Chance;
use crate::common::folders;
use crate::common::packed::zstd;
use crate::http::{connect, exchange, request};
use crate::requests::{JSON, PROTOBUF, Sent, requests_of};
use crate::server::{Server, printed};
use crate::store::pack;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

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
    // By the request, so that one that is sent again is sent in the same bytes.
    for sent in requests {
        let bytes = match sent.json.len() % 3 {
            0 => request("POST", sent.path(), &[JSON], &sent.json),
            1 => request("POST", sent.path(), &[PROTOBUF], &sent.protobuf),
            _ => request("POST", sent.path(), &[PROTOBUF, ("content-encoding", "zstd")], &zstd(&sent.protobuf)),
        };
        let answer = exchange(&mut stream, &bytes).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// Sends a scenario, and holds the evidence of the store against that of the files, `from_files` with its exit code.
fn same_as_file(
    scenario: &Path,
    send: impl Fn(&Server, &[Sent]),
    seed: u64,
    (from_files, code): &(Vec<u8>, Option<i32>),
) -> (Server, TempDir) {
    let (baseline, candidate) = windows(&serde_json::from_slice(from_files).expect("evidence"));
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "200ms", "--segment-bytes", "4MiB"]);
    let requests = shuffled(scenario, seed);
    // What comes after the pause is late for most traces.
    let (early, late) = requests.split_at(requests.len() / 2);
    send(&server, early);
    thread::sleep(Duration::from_millis(500));
    send(&server, late);
    let (from_store, code_of_store) = gate_of_store(store.path(), &baseline, &candidate);
    assert_eq!(code_of_store, *code, "{}", scenario.display());
    assert!(from_store == *from_files, "{}: the evidence of the store differs", scenario.display());
    (server, store)
}

fn gate_of_store(store: &Path, baseline: &str, candidate: &str) -> (Vec<u8>, Option<i32>) {
    let folder = store.to_string_lossy().into_owned();
    printed(&["gate", "--format=json", "--quiet", "--store", &folder, "--baseline", baseline, "--candidate", candidate])
}

/// The same store, after all of it was packed.
fn packed_is_same_as_file(store: &Path, from_files: &(Vec<u8>, Option<i32>), scenario: &Path) {
    pack(store);
    let (baseline, candidate) = windows(&serde_json::from_slice(&from_files.0).expect("evidence"));
    let from_store = gate_of_store(store, &baseline, &candidate);
    assert!(from_store == *from_files, "{}: the evidence of the packed store differs", scenario.display());
}

/// What was found live, with all that came late, is what is found in the files.
fn live_is_same_as_file(server: &Server, scenario: &Path) {
    let all = ["baseline", "candidate"].map(|side| files(scenario, side)).concat();
    let arguments = ["analyze", "--format=json", "--quiet"].map(str::to_owned);
    let files = all.iter().map(|file| file.to_string_lossy().into_owned());
    let from_files: Value =
        serde_json::from_slice(&printed(&arguments.into_iter().chain(files).collect::<Vec<_>>()).0).expect("evidence");
    let live = server.when("/api/v1/evidence", |live| {
        live["windows"]["candidate"]["spans"] == from_files["windows"]["candidate"]["spans"]
            && live["quality"]["grade"] == from_files["quality"]["grade"]
    });
    for part in ["root_causes", "services", "entry_points", "quality", "pictures"] {
        assert!(live[part] == from_files[part], "{}: live {part} differ", scenario.display());
    }
}

fn check(scenarios: &[PathBuf]) {
    for (seed, scenario) in scenarios.iter().enumerate() {
        let from_files = printed(&gate_of_files(scenario));
        let (server, store) = same_as_file(scenario, send_over_grpc, seed as u64, &from_files);
        live_is_same_as_file(&server, scenario);
        assert!(server.stop().success());
        packed_is_same_as_file(store.path(), &from_files, scenario);
        let (server, _store) = same_as_file(scenario, send_over_http, 100 + seed as u64, &from_files);
        assert!(server.stop().success());
    }
}

#[test]
fn what_is_sent_gives_the_evidence_of_the_file() {
    check(&folders("scenarios")[..3]);
}

#[test]
fn what_is_sent_gives_the_evidence_of_the_file_in_the_other_scenarios() {
    check(&folders("scenarios")[3..]);
}
