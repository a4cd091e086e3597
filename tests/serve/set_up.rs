//! Settings, and what is refused before anything is served.

use crate::requests::failing;
use crate::server::{Server, whyspan};
use std::fs;

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = whyspan().args(arguments).output().expect("whyspan runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn settings_are_checked_before_anything_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("whyspan.toml");
    fs::write(&file, "http = \"127.0.0.1:0\"\nsync = \"interval\"\nkeep_age = \"2d\"\n").expect("written");
    let file = file.to_string_lossy().into_owned();
    assert_eq!(run(&["serve", "--check", "--config", &file]), (Some(0), "the settings are fine\n".to_owned()));
    let (code, told) = run(&["serve", "--check", "--config", &file, "--http", "0.0.0.0:4318"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("there is no token") && told.contains("--insecure"), "{told}");
    assert_eq!(run(&["serve", "--check", "--http", "0.0.0.0:4318", "--insecure"]).0, Some(0));
    let (code, told) = run(&["serve", "--check", "--sync", "often"]);
    assert!(code == Some(2) && told.contains("--sync") && told.contains("each, interval, off"), "{told}");
    fs::write(folder.path().join("wrong.toml"), "colour = \"red\"\n").expect("written");
    let wrong = folder.path().join("wrong.toml").to_string_lossy().into_owned();
    let (code, told) = run(&["serve", "--check", "--config", &wrong]);
    assert!(code == Some(2) && told.contains("colour: there is no such setting"), "{told}");
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("whyspan.toml");
    // Each value is wrong where it must not count.
    fs::write(&file, "quiet = \"1s\"\nwindow = \"1h\"\ngrace = \"2s\"\n").expect("written");
    let arguments = ["--config", &file.to_string_lossy(), "--window", "30m"];
    let environment = [("WHYSPAN_WINDOW", "2h"), ("WHYSPAN_QUIET", "100ms")];
    let server = Server::start_with(&folder.path().join("store"), &arguments, &environment);
    assert_eq!(server.get("/api/v1/status").json()["live"]["window_seconds"], 1800);
    assert!(server.stop().success());
}

#[test]
fn a_store_serves_one_process_at_a_time() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let path = store.path().to_string_lossy().into_owned();
    let (code, told) = run(&["serve", "--store", &path, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
    assert!(code == Some(2) && told.contains("another whyspan serves"), "{told}");
    let (code, told) = run(&["serve", "--store", "/proc/nowhere", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
    assert!(code == Some(2) && told.contains("the store cannot be opened"), "{told}");
    let other = tempfile::tempdir().expect("a folder");
    let path = other.path().to_string_lossy().into_owned();
    let (code, told) = run(&["serve", "--store", &path, "--grpc", &server.grpc, "--http", "127.0.0.1:0"]);
    assert!(code == Some(2) && told.contains("cannot be listened at"), "{told}");
    assert!(server.stop().success());
    let answer = Server::start(store.path(), &[]);
    assert_eq!(answer.get("/readyz").text(), "ready\n");
}

#[test]
fn what_is_too_much_is_kept_no_longer() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--segment-bytes", "64KiB"]);
    for number in 0..20 {
        let body = failing(1 + number * 200, 200);
        let answer = crate::http::post(&server.http, "/v1/traces", &[crate::requests::JSON], &body);
        assert_eq!(answer.status, 200);
    }
    assert!(server.stop().success());
    let count = || fs::read_dir(store.path()).expect("the store").count();
    let before = count();
    // Looked at when it starts, too.
    let server = Server::start(store.path(), &["--keep-bytes", "200KiB"]);
    let status = server.when("/api/v1/status", |status| status["store"]["bytes"].as_u64() > Some(0));
    assert!(status["store"]["removed_segments"].as_u64() > Some(0), "{status:#}");
    assert!(status["store"]["bytes"].as_u64().is_some_and(|bytes| bytes > 0 && bytes <= 200 << 10), "{status:#}");
    assert!(server.stop().success());
    assert!(count() < before);
}
