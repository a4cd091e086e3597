//! Questions and their answers.

use crate::http::{connect, post, request};
use crate::requests::{JSON, failing, of_shop};
use crate::server::Server;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};

/// A request of spans that are well, each a trace of its own that starts in this second.
fn passing(first: u64, count: u64, second: u64) -> Vec<u8> {
    let span = |number: u64| {
        format!(
            r#"{{"traceId":"{number:032x}","spanId":"{number:016x}","name":"GET /cart","kind":2,"startTimeUnixNano":"{second}000000000","endTimeUnixNano":"{second}050000000","status":{{}}}}"#
        )
    };
    of_shop(&(first..first + count).map(span).collect::<Vec<_>>().join(","))
}

fn send(server: &Server, body: &[u8]) {
    assert_eq!(post(&server.http, "/v1/traces", &[JSON], body).status, 200);
}

#[test]
fn two_windows_are_judged_and_the_evidence_stays() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    send(&server, &passing(1, 200, 1_795_305_000));
    send(&server, &passing(1001, 100, 1_795_305_600));
    send(&server, &failing(2001, 100));
    let change = json!({ "kind": "deployment", "key": "shop", "to": "2.0", "at": "2026-11-22T00:00:00Z" });
    let change = post(&server.http, "/api/v1/changes", &[JSON], change.to_string().as_bytes());
    assert_eq!((change.status, change.json()), (201, json!({ "changes": 1 })));
    let wanted = json!({
        "baseline": { "from": "2026-11-21T23:00:00Z", "to": "2026-11-21T23:59:00Z" },
        "candidate": { "from": "2026-11-21T23:59:00Z", "to": "2026-11-22T00:30:00Z" },
    });
    let answer = post(&server.http, "/api/v1/validations", &[JSON], wanted.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let place = answer.header("location").expect("a place").to_owned();
    let short = answer.json();
    assert_eq!((&short["decision"], &short["windows"]["baseline"]["spans"]), (&json!("no-go"), &json!(200)));
    assert_eq!(short["windows"]["candidate"]["spans"], 200);
    let evidence = server.get(&place).json();
    assert_eq!(evidence["schema"], "whyspan.evidence/v1");
    assert_eq!(evidence["root_causes"][0]["status"]["message"], "cart is down");
    assert_eq!(evidence["changes"][0]["key"], "shop");
    let formats = [
        ("html", "<!DOCTYPE html>"),
        ("markdown", "no-go"),
        ("text", "NO-GO"),
        ("junit", "<testsuite"),
        ("sarif", "\"2.1.0\""),
        ("gitlab", "fingerprint"),
        ("json", "whyspan.evidence/v1"),
    ];
    for (format, holds) in formats {
        let answer = server.get(&format!("{place}?format={format}"));
        assert!(
            answer.status == 200 && answer.text().to_lowercase().contains(&holds.to_lowercase()),
            "{format}: {}",
            answer.text()
        );
    }
    assert_eq!(server.get(&format!("{place}?format=pdf")).status, 400);
    // It outlives the server.
    assert!(server.stop().success());
    let server = Server::start(store.path(), &[]);
    let list = server.get("/api/v1/validations").json();
    assert_eq!(list["validations"][0], short);
    assert_eq!(server.get("/api/v1/changes").json()["changes"][0]["to"], "2.0");
    for wrong in ["/api/v1/validations/..%2Flock", "/api/v1/validations/0000000000000000", "/api/v1/validations/x"] {
        assert_eq!(server.get(wrong).status, 404, "{wrong}");
    }
}

#[test]
fn what_was_before_a_change_is_judged_against_what_is_since() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    send(&server, &passing(1, 100, 1_795_305_000));
    send(&server, &failing(2001, 100));
    let wanted = json!({ "change_at": "2026-11-21T23:59:00Z", "before": "1h", "policy": "alpha = 0.001\n" });
    let answer = post(&server.http, "/api/v1/validations", &[JSON], wanted.to_string().as_bytes());
    let now = jiff::Timestamp::now().to_string();
    if now.as_str() > "2026-11-22T00:01:00Z" {
        assert_eq!((answer.status, &answer.json()["decision"]), (201, &json!("no-go")), "{}", answer.text());
    } else {
        assert_eq!(answer.status, 400, "the change lies in the future");
    }
    for wrong in [
        json!({}),
        json!({ "baseline": { "from": "2026-11-21T23:00:00Z" } }),
        json!({ "change_at": "soon" }),
        json!({ "change_at": "2026-11-21T23:59:00Z", "policy": "alpha = \"much\"" }),
        json!({ "change_at": "2026-11-21T23:59:00Z", "colour": "red" }),
    ] {
        let answer = post(&server.http, "/api/v1/validations", &[JSON], wrong.to_string().as_bytes());
        assert!(answer.status == 400 && answer.json()["error"].is_string(), "{wrong}: {}", answer.text());
    }
    let none = post(&server.http, "/api/v1/changes", &[JSON], b"{\"colour\":\"red\"}");
    assert!(none.status == 400 && none.json()["error"].is_string());
}

#[test]
fn the_body_of_a_question_has_no_more_than_four_mebibytes() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let mut body = br#"{"kind":"event","name":"load test"}"#.to_vec();
    body.resize(4 << 20, b' ');
    let answer = post(&server.http, "/api/v1/changes", &[JSON], &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    body.push(b' ');
    let answer = post(&server.http, "/api/v1/changes", &[JSON], &body);
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("longer than the limit of 4194304 bytes"), "{}", answer.text());
    assert_eq!(server.get("/api/v1/changes").json()["changes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn windows_traces_and_services_are_asked_for() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    send(&server, &passing(1, 10, 1_795_305_000));
    send(&server, &failing(2001, 5));
    let of = |path: &str| server.get(path).json();
    let whole = of("/api/v1/evidence?from=1795300000&to=1795310000");
    assert_eq!(whole["windows"]["candidate"]["traces"], 15);
    let before = of("/api/v1/root-causes?from=2026-11-21T23:00:00Z&to=2026-11-21T23:55:00Z");
    assert_eq!((&before["window"]["traces"], &before["root_causes"]), (&json!(10), &json!([])));
    let services = of("/api/v1/services?from=1795300000&to=1795310000");
    assert_eq!((&services["services"][0]["service"], &services["services"][0]["failed"]), (&json!("shop"), &json!(5)));
    let trace = of(&format!("/api/v1/traces/{:032x}", 2001));
    assert!(trace.to_string().contains("cart is down"), "{trace:#}");
    assert_eq!(server.get(&format!("/api/v1/traces/{:032x}", 9)).status, 200);
    for (path, status) in [
        (format!("/api/v1/traces/{:032x}", 99), 404),
        ("/api/v1/traces/xyz".to_owned(), 400),
        ("/api/v1/evidence?from=1".to_owned(), 400),
        ("/api/v1/evidence?from=1795310000&to=1795300000".to_owned(), 400),
        ("/api/v1/evidence?colour=red".to_owned(), 400),
        ("/api/v1/nothing".to_owned(), 404),
    ] {
        assert_eq!(server.get(&path).status, status, "{path}");
    }
    server.when("/api/v1/root-causes", |live| live["window"]["traces"] == 15);
    let page = server.get("/");
    assert!(page.text().contains("cart is down") && page.header("content-security-policy").is_some());
    let numbers = server.get("/metrics").text();
    assert!(numbers.contains("\nwhyspan_received_spans_total 15\n"), "{numbers}");
}

#[test]
fn a_new_root_cause_is_told_to_whoever_listens() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let mut stream = connect(&server.http);
    stream.write_all(&request("GET", "/api/v1/events", &[], b"")).expect("sent");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("HTTP/1.1 200 OK"));
    assert!(lines.any(|line| line.is_empty()), "the end of the head");
    send(&server, &failing(1, 3));
    let event = lines.find(|line| line.starts_with("event:")).expect("an event");
    assert_eq!(event, "event: root-cause");
    let data = lines.next().expect("its data");
    let cause: Value = serde_json::from_str(data.trim_start_matches("data: ")).expect("JSON");
    assert_eq!((&cause["service"], &cause["status"]["message"]), (&json!("shop"), &json!("cart is down")));
    // Whoever listens does not keep it from ending.
    assert!(server.stop().success());
    assert_eq!(lines.find(|line| line.starts_with("event:")), None);
}

#[test]
fn rules_about_exceptions_hold_live_and_for_windows_and_validations() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[signature]]\nmatches = 'cart is down|till is shut'\nmerge_as = 'shop is closed'\n")
        .expect("written");
    let rules = rules.to_string_lossy().into_owned();
    let closed = String::from_utf8(failing(101, 3)).expect("text").replace("cart is down", "till is shut");
    let causes = |arguments: &[&str], store: &str| {
        let server = Server::start(&folder.path().join(store), &[&["--quiet", "100ms"], arguments].concat());
        send(&server, &passing(1001, 5, 1_795_305_000));
        send(&server, &failing(1, 4));
        send(&server, closed.as_bytes());
        let live = server.when("/api/v1/root-causes", |live| live["window"]["traces"] == 12);
        let window = server.get("/api/v1/root-causes?from=1795305000&to=1795306000").json();
        let wanted = json!({
            "baseline": { "from": "1795304000", "to": "1795305300" },
            "candidate": { "from": "1795305300", "to": "1795306000" },
        });
        let judged = post(&server.http, "/api/v1/validations", &[JSON], wanted.to_string().as_bytes());
        let judged = server.get(judged.header("location").expect("a place")).json();
        assert!(server.stop().success());
        [live, window, judged].map(|told| told["root_causes"].as_array().expect("a list").len())
    };
    assert_eq!(causes(&[], "without"), [2, 2, 2]);
    assert_eq!(causes(&["--exceptions", &rules], "with"), [1, 1, 1]);
    let wrong = folder.path().join("none.toml").to_string_lossy().into_owned();
    let output = crate::server::whyspan().args(["serve", "--check", "--exceptions", &wrong]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn hostile_names_are_escaped_on_the_page() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "100ms"]);
    let body = String::from_utf8(failing(1, 2)).expect("text");
    send(&server, body.replace("cart is down", "<script>alert(1)</script>").as_bytes());
    server.when("/api/v1/root-causes", |live| live["window"]["traces"] == 2);
    let page = server.get("/").text();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn every_path_of_the_openapi_document_is_answered() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() >= 14, "{}", paths.len());
    for (path, methods) in paths {
        for (method, told) in methods.as_object().expect("methods") {
            let concrete = path.replace("{id}", "0000000000000000");
            let answer = if method == "get" {
                if path.ends_with("/events") {
                    continue;
                }
                server.get(&concrete)
            } else {
                post(&server.http, &concrete, &[JSON], b"[")
            };
            let responses = told["responses"].as_object().expect("responses");
            assert!(
                responses.contains_key(&answer.status.to_string()),
                "{method} {path}: {} is not told",
                answer.status
            );
        }
    }
}

#[test]
fn answers_are_those_of_the_openapi_document_whatever_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("store"), &["--quiet", "100ms"]);
    send(&server, &failing(1, 3));
    let document = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/openapi.json");
    let question = json!({ "document": document, "url": format!("http://{}", server.http), "cwd": folder.path() });
    let packages = [("schemathesis", "schemathesis>=4")];
    let found =
        crate::common::python::answer_of("schemathesis_run.py", "python-schemathesis", &packages, &[], &question);
    assert_eq!(found["passed"], true, "{}", found["output"].as_str().unwrap_or_default());
    assert!(server.stop().success());
}
