//! What becomes of a store in time: packed, read by others, thinned.

use crate::http::post;
use crate::requests::{JSON, failing, of_shop};
use crate::server::{Server, printed};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// How many files of a store have this ending.
fn count(store: &Path, ending: &str) -> usize {
    let entries = fs::read_dir(store).expect("the store").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|it| it == ending)).count()
}

/// Packs all that is complete in a store which nobody serves from.
pub(crate) fn pack(store: &Path) {
    let server = Server::start(store, &["--pack-age", "0s"]);
    server.when("/api/v1/status", |status| status["store"]["upkeep_rounds"].as_u64() > Some(0));
    assert!(server.stop().success());
    assert_eq!((count(store, "kept"), count(store, "packed")), (0, 1));
}

/// A request of spans that are well, each a trace of its own that starts in this second.
fn passing(first: u64, count: u64, second: u64) -> Vec<u8> {
    let span = |number: u64| {
        format!(
            r#"{{"traceId":"{number:032x}","spanId":"{number:016x}","name":"GET /cart","kind":2,"startTimeUnixNano":"{second}000000000","endTimeUnixNano":"{second}0{:02}000000","status":{{}}}}"#,
            number % 100
        )
    };
    of_shop(&(first..first + count).map(span).collect::<Vec<_>>().join(","))
}

/// A store of 200 traces that pass and 50 that fail, all of 2026-11-22.
fn store() -> tempfile::TempDir {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    for body in [passing(1, 200, 1_795_305_660), failing(2001, 50)] {
        assert_eq!(post(&server.http, "/v1/traces", &[JSON], &body).status, 200);
    }
    assert!(server.stop().success());
    store
}

const WINDOW: &str = "from=2026-11-22T00:00:00Z&to=2026-11-22T00:30:00Z";

#[test]
fn after_thinning_failures_are_told_and_rates_refused() {
    let store = store();
    let server = Server::start(store.path(), &["--pack-age", "0s", "--keep-raw", "0s", "--quiet", "100ms"]);
    server.when("/api/v1/status", |status| status["store"]["thinned_segments"] == 1);
    assert_eq!((count(store.path(), "kept"), count(store.path(), "thin")), (0, 1));
    for what in ["evidence", "services"] {
        let answer = server.get(&format!("/api/v1/{what}?{WINDOW}"));
        assert_eq!(answer.status, 410, "{}", answer.text());
        assert!(answer.text().contains("windows that begin at 2026-11-22T00:16:01Z or later"), "{}", answer.text());
    }
    let causes = server.get(&format!("/api/v1/root-causes?{WINDOW}")).json();
    let cause = &causes["root_causes"][0];
    assert_eq!((&cause["status"]["message"], &cause["traces"]["candidate"]), (&json!("cart is down"), &json!(50)));
    assert_eq!((&cause["entry_points"][0]["failing"], &cause["entry_points"][0]["total"]), (&json!(50), &Value::Null));
    assert!(causes["thinned"].is_string() && causes["window"].is_null());
    let trace = server.get(&format!("/api/v1/traces/{:032x}", 2001)).json();
    assert!(trace.to_string().contains("cart is down"), "{trace:#}");
    let left = (1..=200).filter(|id| server.get(&format!("/api/v1/traces/{id:032x}")).status == 200).count();
    assert_eq!(left, 6, "three typical and three slow ones");
    let window = json!({ "from": "2026-11-22T00:00:00Z", "to": "2026-11-22T00:10:00Z" });
    let wanted =
        json!({ "baseline": window, "candidate": { "from": "2026-11-22T02:00:00Z", "to": "2026-11-22T03:00:00Z" } });
    let answer = post(&server.http, "/api/v1/validations", &[JSON], wanted.to_string().as_bytes());
    assert_eq!(answer.status, 410, "{}", answer.text());
    let folder = store.path().to_string_lossy().into_owned();
    let (window, later) = ("store:1795305600..1795306200", "store:1795312800..1795316400");
    let gate = |baseline: &str| {
        let output = crate::server::whyspan()
            .args(["gate", "--quiet", "--store", &folder, "--baseline", baseline, "--candidate", later])
            .output()
            .expect("whyspan runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = gate(window);
    assert!(code == Some(2) && told.contains("no longer holds everything"), "{code:?} {told}");
    assert_ne!(gate("store:1795309200..1795312800").0, Some(2), "nothing of that time was thinned");
    let numbers = server.get("/metrics").text();
    assert!(numbers.contains("\nwhyspan_thinned_segments_total 1\n"), "{numbers}");
    assert!(server.stop().success());
    // A file that nobody can trust is no reason to believe that everything is there.
    fs::write(store.path().join("thinned"), "1 2\n").expect("written");
    let (code, told) = gate("store:1795309200..1795312800");
    assert!(code == Some(2) && told.contains("damaged"), "{code:?} {told}");
}

/// Traces of three hours, one of which goes on in the next.
fn fill_hours(server: &Server) {
    let late =
        String::from_utf8(passing(301, 1, 1_795_309_201)).expect("text").replace("\"spanId\":\"0", "\"spanId\":\"f");
    for body in [
        passing(1, 200, 1_795_305_660),
        failing(2001, 50),
        passing(301, 40, 1_795_309_199),
        passing(401, 30, 1_795_312_800),
        late.into_bytes(),
    ] {
        assert_eq!(post(&server.http, "/v1/traces", &[JSON], &body).status, 200);
    }
}

#[test]
fn services_are_told_from_files_of_hours_as_from_requests_and_what_comes_late_is_among_them() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    fill_hours(&server);
    let windows = [
        ("2026-11-22T00:00:00Z", "2026-11-22T03:00:00Z"),
        ("2026-11-22T00:01:30Z", "2026-11-22T02:30:00Z"),
        ("2026-11-21T00:00:00Z", "2026-11-22T01:00:00Z"),
        ("2026-11-22T00:59:59Z", "2026-11-22T01:00:01Z"),
    ];
    let services =
        |server: &Server| windows.map(|(from, to)| server.get(&format!("/api/v1/services?from={from}&to={to}")).json());
    let from_requests = services(&server);
    // A late span has no parent, and counts as a request of its own.
    let requests = |of_windows: &[Value; 4]| of_windows.each_ref().map(|it| it["services"][0]["requests"].as_u64());
    assert_eq!(requests(&from_requests), [Some(321), Some(71), Some(291), Some(41)]);
    assert!(server.stop().success());
    pack(store.path());
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    assert_eq!(services(&server), from_requests);
    assert!(server.stop().success());
    // Whole hours are told without the requests: those that are damaged now are not missed.
    let entries = fs::read_dir(store.path()).expect("the store").map(|entry| entry.expect("an entry").path());
    let packed = entries.into_iter().find(|path| path.extension().is_some_and(|it| it == "packed")).expect("packed");
    let good = fs::read(&packed).expect("read");
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    fs::write(&packed, damaged).expect("written");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let evidence = server.get("/api/v1/evidence?from=2026-11-22T00:00:00Z&to=2026-11-22T03:00:00Z").json();
    assert_eq!(evidence["windows"]["candidate"]["traces"], 0, "the one block of all of them");
    assert_eq!(services(&server)[0], from_requests[0]);
    fs::write(&packed, good).expect("written");
    // What comes of an hour later is told at once.
    assert_eq!(post(&server.http, "/v1/traces", &[JSON], &passing(9001, 5, 1_795_305_700)).status, 200);
    assert_eq!(requests(&services(&server)), [Some(326), Some(76), Some(296), Some(41)]);
    assert!(server.stop().success());
}

#[test]
fn a_packed_store_is_an_input_like_others_and_damage_is_told() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    // Each is longer than a block.
    for body in [passing(1, 6000, 1_795_305_660), passing(10_001, 6000, 1_795_305_661), failing(20_001, 6000)] {
        assert_eq!(post(&server.http, "/v1/traces", &[JSON], &body).status, 200);
    }
    assert!(server.stop().success());
    pack(store.path());
    let file = fs::read_dir(store.path())
        .expect("the store")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "packed"))
        .expect("a packed segment");
    let name = file.to_string_lossy().into_owned();
    let analyse = || -> Value {
        serde_json::from_slice(&printed(&["analyze", "--quiet", "--format=json", &name]).0).expect("evidence")
    };
    assert_eq!(analyse()["windows"]["candidate"]["traces"], 18_000);
    let mut bytes = fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).expect("written");
    let evidence = analyse();
    assert_eq!(evidence["quality"]["defects"][0]["code"], "record-skipped", "{:#}", evidence["quality"]);
    assert_eq!(evidence["windows"]["candidate"]["traces"], 12_000);
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let answer = server.get(&format!("/api/v1/evidence?{WINDOW}")).json();
    assert_eq!(answer["quality"], evidence["quality"]);
    assert!(server.stop().success());
}

#[cfg(feature = "tables")]
#[test]
fn duckdb_finds_the_figures_of_the_evidence_in_the_files_of_hours() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    fill_hours(&server);
    let window = "from=2026-11-22T00:00:00Z&to=2026-11-22T03:00:00Z";
    let evidence = server.get(&format!("/api/v1/evidence?{window}")).json();
    assert!(server.stop().success());
    pack(store.path());
    let facts = store.path().join("facts");
    let files = |table: &str| {
        let names = fs::read_dir(&facts)
            .expect("facts")
            .map(|it| it.expect("an entry").file_name().into_string().expect("text"));
        let mut names: Vec<String> = names.filter(|name| name.starts_with(table)).collect();
        names.sort();
        names
    };
    assert_eq!(files("traces"), [0, 1, 2].map(|hour| format!("traces-2026-11-22T0{hour}.parquet")));
    let packages = [("duckdb", "duckdb>=1.1"), ("pandas", "pandas>=2.2"), ("pyarrow", "pyarrow>=17")];
    let found =
        crate::common::python::answer_of("store_facts.py", "python", &packages, &[facts.as_os_str()], &Value::Null);
    let counts = &evidence["windows"]["candidate"];
    assert_eq!(found["totals"], json!([counts["traces"], counts["spans"], counts["failing_traces"]]));
    assert_eq!(found["spans"], counts["spans"]);
    let service = &evidence["services"][0];
    assert_eq!(found["services"], json!([[service["service"], service["requests"], service["failed"]]]));
    let cause = &evidence["root_causes"][0];
    assert_eq!(found["root_causes"], json!([[cause["signature"], cause["traces"]["candidate"]]]));
}
