//! How long it takes from the arrival of a span to its root cause on the API.

use crate::http::{connect, exchange, request};
use crate::numbered::Numbered;
use crate::requests::PROTOBUF;
use crate::server::Server;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// When the traces of all requests begin, in nanoseconds since 1970.
const BEGIN: u64 = 1_795_305_600_000_000_000;

/// How many spans a request of the load has.
const SPANS: u64 = 512;

/// How many failures a second are waited for.
const PROBES: u64 = 5;

/// Sends `count` requests, one every `every`.
fn send(server: &Server, count: u64, every: Duration, body: impl Fn(u64) -> Vec<u8>, sent: impl Fn(u64)) {
    let (mut stream, began) = (connect(&server.http), Instant::now());
    for number in 0..count {
        let body = body(number);
        let wait = every * u32::try_from(number).expect("few");
        thread::sleep(wait.saturating_sub(began.elapsed()));
        sent(number);
        let answer = exchange(&mut stream, &request("POST", "/v1/traces", &[PROTOBUF], &body)).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// How long each of some failures took, from before it was sent until it was an event and among the root causes, while so many
/// healthy spans a second come.
fn latencies(quiet: &str, spans_a_second: u64, seconds: u64) -> Vec<Duration> {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", quiet]);
    let load = Numbered::new(SPANS, BEGIN, r#""name":"GET /cart","status":{}"#);
    let probe = |number: u64| {
        let rest = format!(r#""name":"probe {}","status":{{"code":2,"message":"is lost"}}"#, in_letters(number));
        // Ids that the load does not come to.
        Numbered::new(1, BEGIN, &rest).request((1 << 60) + number)
    };
    let mut stream = connect(&server.http);
    stream.write_all(&request("GET", "/api/v1/events", &[], b"")).expect("sent");
    let (told, began) = (Mutex::new(BTreeMap::new()), Instant::now());
    let requests = spans_a_second * seconds / SPANS;
    let every = Duration::from_secs(seconds) / u32::try_from(requests).expect("few");
    let probes = PROBES * seconds;
    let note = |number| _ = told.lock().expect("a lock").insert(in_letters(number), began.elapsed());
    thread::scope(|scope| {
        scope.spawn(|| send(&server, requests, every, |number| load.request(number), |_| {}));
        scope.spawn(|| send(&server, probes, Duration::from_secs(1) / PROBES as u32, probe, note));
        let events = BufReader::new(stream).lines().map_while(Result::ok);
        let causes = events.filter_map(|line| Some(line.strip_prefix("data: ")?.to_owned()));
        let waits = causes.take(probes as usize).map(|cause| {
            let cause: Value = serde_json::from_str(&cause).expect("JSON");
            let name = cause["operation"].as_str().expect("a name").to_owned();
            let number = name.trim_start_matches("probe ");
            let wait = began.elapsed().saturating_sub(told.lock().expect("a lock")[number]);
            // Now and then, so that asking does not keep from listening.
            if number.ends_with('a') {
                let known = server.get("/api/v1/root-causes").json();
                let known = known["root_causes"].as_array().expect("a list").iter().any(|it| it["operation"] == *name);
                assert!(known, "{name} is told and not known");
            }
            wait
        });
        waits.collect()
    })
}

/// A number in letters: digits in names are taken for what varies.
fn in_letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

#[test]
fn every_failure_is_told_when_it_is_quiet_and_can_then_be_asked_for() {
    let waits = latencies("300ms", 5_000, 2);
    assert_eq!(waits.len() as u64, PROBES * 2);
    assert!(waits.iter().all(|wait| *wait >= Duration::from_millis(300)), "{waits:?}");
}

#[test]
#[ignore = "takes minutes: the figures that are told of in docs/serve.md"]
#[expect(clippy::print_stdout, reason = "it is run for what it prints")]
fn failures_among_twenty_thousand_spans_a_second() {
    let mut waits = latencies("2s", 20_000, 60);
    waits.sort_unstable();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    println!("{} failures, quiet 2s: p50 {:?}, p99 {:?}, most {:?}", waits.len(), at(50), at(99), at(100));
}
