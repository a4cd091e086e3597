//! Whatever happens: what was acknowledged is there again, once.

use crate::common::chance::Chance;
use crate::http::{connect, exchange, request};
use crate::requests::{PROTOBUF, failing, to_protobuf};
use crate::server::{Server, printed};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How many spans a request has.
const SPANS: u64 = 50;

/// Sends requests until it is told to stop, or is cut off, and says the first span of each that was acknowledged. What was not
/// is sent first the next time, as a client would.
fn load(address: &str, next: &mut u64, stop: &AtomicBool) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    // It may have been killed before anybody came.
    let Ok(mut stream) = TcpStream::connect(address) else { return acknowledged };
    while !stop.load(Ordering::Relaxed) {
        let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(*next, SPANS)));
        match exchange(&mut stream, &bytes) {
            Some(answer) if answer.status == 200 => {
                acknowledged.push(*next);
                *next += SPANS;
            }
            Some(answer) => assert!(matches!(answer.status, 429 | 503), "{}", answer.text()),
            None => break,
        }
    }
    acknowledged
}

/// How many spans a store holds, and how many of these are told to be there more than once.
pub(crate) fn held(store: &Path) -> (u64, u64) {
    let files: Vec<String> = fs::read_dir(store)
        .expect("the store")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "kept" || ending == "packed"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let arguments: Vec<String> =
        ["analyze", "--quiet", "--format=json"].map(str::to_owned).into_iter().chain(files).collect();
    let evidence: Value = serde_json::from_slice(&printed(&arguments).0).expect("evidence");
    let defects = evidence["quality"]["defects"].as_array().expect("defects");
    let repeated = defects.iter().find(|defect| defect["code"] == "duplicate-span");
    assert!(defects.iter().all(|defect| defect["code"] == "duplicate-span"), "{defects:?}");
    let spans = evidence["windows"]["candidate"]["spans"].as_u64().expect("a number");
    (spans, repeated.map_or(0, |defect| defect["count"].as_u64().expect("a number")))
}

fn rounds(count: u64, seed: u64) {
    const CLIENTS: u64 = 3;
    let store = tempfile::tempdir().expect("a folder");
    let mut chance = Chance::new(seed);
    let mut next: Vec<u64> = (0..CLIENTS).map(|client| 1 + client * 1_000_000_000).collect();
    let mut acknowledged = BTreeSet::new();
    for round in 0..count {
        let sync = *chance.one_of(&["each", "interval", "off"]);
        // What the rounds before left is packed while it is loaded, and killed.
        let pack = *chance.one_of(&["0s", "1h"]);
        let arguments = ["--sync", sync, "--segment-bytes", "256KiB", "--quiet", "100ms", "--pack-age", pack];
        let server = Server::start(store.path(), &arguments);
        let stop = AtomicBool::new(false);
        let lasts = Duration::from_millis(chance.between(5, 150) as u64);
        let address = server.http.clone();
        thread::scope(|scope| {
            let clients: Vec<_> = next.iter_mut().map(|next| scope.spawn(|| load(&address, next, &stop))).collect();
            thread::sleep(lasts);
            server.kill();
            stop.store(true, Ordering::Relaxed);
            for client in clients {
                acknowledged.extend(client.join().expect("a client"));
            }
        });
        assert!(!acknowledged.is_empty() || round < 3, "no request was acknowledged in {round} rounds");
    }
    // What was not acknowledged is sent again, and then everything is there once.
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let mut stream = connect(&server.http);
    for next in &next {
        let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(*next, SPANS)));
        assert_eq!(exchange(&mut stream, &bytes).expect("an answer").status, 200);
        acknowledged.insert(*next);
    }
    assert!(server.stop().success());
    let (spans, repeated) = held(store.path());
    assert_eq!((spans, repeated), (acknowledged.len() as u64 * SPANS, 0));
}

#[test]
fn nothing_that_was_acknowledged_is_lost_or_doubled_by_a_kill() {
    rounds(6, 1);
}

#[test]
#[ignore = "takes minutes: the hundred rounds that are told of in docs/serve.md"]
fn a_hundred_kills() {
    rounds(100, 2);
}

#[test]
fn after_a_kill_the_live_window_is_there_again() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(1, SPANS)));
    assert_eq!(exchange(&mut connect(&server.http), &bytes).expect("an answer").status, 200);
    server.kill();
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let causes = server.when("/api/v1/root-causes", |value| value["window"]["traces"] == SPANS);
    assert_eq!(causes["root_causes"][0]["traces"]["candidate"], SPANS);
    // The same request again is known.
    assert_eq!(exchange(&mut connect(&server.http), &bytes).expect("an answer").status, 200);
    assert_eq!(server.get("/api/v1/status").json()["received"]["repeated_requests"], 1);
    assert!(server.stop().success());
    assert_eq!(held(store.path()), (SPANS, 0));
}

#[test]
fn a_segment_that_was_cut_off_or_damaged_is_told_and_the_rest_is_read() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let mut stream = connect(&server.http);
    for number in 0..4 {
        let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(1 + number * SPANS, SPANS)));
        assert_eq!(exchange(&mut stream, &bytes).expect("an answer").status, 200);
    }
    server.kill();
    let open = fs::read_dir(store.path())
        .expect("the store")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "open"))
        .expect("a segment");
    let mut bytes = fs::read(&open).expect("read");
    let (damaged, end) = (bytes.len() / 4 + 300, bytes.len() - 10);
    bytes[damaged] ^= 1;
    fs::write(&open, &bytes[..end]).expect("written");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    assert!(server.told().contains("1 records are damaged"), "{}", server.told());
    assert!(server.told().contains("not written to their end"), "{}", server.told());
    server.when("/api/v1/root-causes", |value| value["window"]["traces"] == 2 * SPANS);
    let evidence = server.get("/api/v1/evidence?from=1795305000&to=1795306000").json();
    assert_eq!(evidence["windows"]["candidate"]["spans"], 2 * SPANS);
    assert_eq!(evidence["quality"]["defects"][0]["code"], "record-skipped", "{:#}", evidence["quality"]);
}

/// A file system with room for little, if this user may make one.
fn small_disk(folder: &Path) -> bool {
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(folder)
        .stderr(std::process::Stdio::null())
        .status();
    mounted.is_ok_and(|status| status.success())
}

#[test]
#[expect(clippy::print_stdout, reason = "where it cannot be run, that is told")]
fn a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    if !small_disk(&disk) {
        println!("not run: only root may make a small disk");
        return;
    }
    let filler = disk.join("filler");
    fs::write(&filler, vec![0; 1 << 20]).expect("written");
    let server = Server::start(&disk, &["--segment-bytes", "64KiB", "--quiet", "100ms"]);
    let mut stream = connect(&server.http);
    let (mut next, mut refused) = (0, 0);
    while refused < 5 {
        let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(1 + next * SPANS, SPANS)));
        let answer = exchange(&mut stream, &bytes).expect("an answer");
        match answer.status {
            200 => next += 1,
            503 => {
                assert_eq!(answer.header("retry-after"), Some("1"));
                refused += 1;
            }
            _ => panic!("{}", answer.text()),
        }
    }
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(server.get("/api/v1/status").json()["state"], "store-failing");
    fs::remove_file(&filler).expect("removed");
    let bytes = request("POST", "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(1 + next * SPANS, SPANS)));
    assert_eq!(exchange(&mut stream, &bytes).expect("an answer").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
    let stopped = server.stop().success();
    let counts = held(&disk);
    let unmounted = std::process::Command::new("umount").arg(&disk).status().is_ok_and(|status| status.success());
    assert!(stopped && unmounted);
    assert_eq!(counts, ((next + 1) * SPANS, 0));
}

#[test]
fn a_stop_ends_what_is_on_its_way_and_exits_well() {
    let store = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(store.path(), &["--sync", "off"]);
    let (stop, address) = (AtomicBool::new(false), server.http.clone());
    let mut next = 1;
    let acknowledged = thread::scope(|scope| {
        let client = scope.spawn(|| load(&address, &mut next, &stop));
        thread::sleep(Duration::from_millis(200));
        server.ask_to_stop();
        let status = server.wait();
        stop.store(true, Ordering::Relaxed);
        assert!(status.success(), "{status}");
        client.join().expect("a client")
    });
    assert!(!acknowledged.is_empty());
    let (spans, repeated) = held(store.path());
    assert!(spans >= acknowledged.len() as u64 * SPANS && repeated == 0);
    assert!(
        fs::read_dir(store.path())
            .expect("the store")
            .all(|entry| { entry.expect("an entry").path().extension().is_none_or(|ending| ending == "kept") })
    );
}
