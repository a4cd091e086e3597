//! Hostile inputs, family by family: each is made here, and read by the real binary by itself and on either side of a good
//! file. Whatever comes: no panic, no more than 1 GiB, exit code 0 or 4, the same counts in every run, and the good file's
//! cause found with its counts. What is lost is told; what is not lost is found. `docs/bounds.md` has the bounds that are held.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod archives;
mod bench;
mod bombs;
#[path = "../common/mod.rs"]
mod common;
mod dialects;
mod ids;
mod input;
mod many;
mod nesting;
mod numbers;
mod otlp;
mod protobuf;
mod sizes;
mod text;
mod times;

/// The tests that the documentation names are there.
#[test]
fn the_documentation_names_tests_that_there_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let document = read("docs/bounds.md");
    let named = document.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"));
    let mut tests = 0;
    for (file, test) in named.filter(|(file, _)| file.chars().all(|c| c.is_ascii_lowercase())) {
        let here = read(&format!("tests/hostile/{file}.rs")) + &read(&format!("tests/serve/{file}.rs"));
        if here.is_empty() {
            let module = read(&format!("src/{file}/{test}.rs")) + &read(&format!("src/{file}/{test}/tests.rs"));
            assert!(module.contains("#[test]"), "docs/bounds.md names {file}::{test}, which has no tests");
        } else {
            assert!(here.contains(&format!("fn {test}()")), "docs/bounds.md names {file}::{test}, which is not there");
        }
        tests += 1;
    }
    assert!(tests > 50, "{tests}");
}
