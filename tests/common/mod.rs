//! What several tests share: reading fixtures, and the evidence of inputs.

#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of tests are small")]

pub(crate) mod chance;
pub(crate) mod drawn;
pub(crate) mod drawn_span;
pub(crate) mod gate_of_bytes;
pub(crate) mod made_window;
pub(crate) mod mann_whitney;
pub(crate) mod packed;
pub(crate) mod python;
pub(crate) mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use whyspan::capture::Capture;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_pictures::Pictures;
use whyspan::read::options::ReadOptions;
use whyspan::report::json;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The folders below `fixtures/<name>`, sorted.
pub(crate) fn folders(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join(name)).expect("the folder of fixtures");
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

pub(crate) fn capture(inputs: &[PathBuf]) -> Capture {
    let arguments: Vec<String> = inputs.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read(&arguments);
    capture
}

/// A capture as a gate reads it.
pub(crate) fn capture_of_gate(inputs: &[PathBuf]) -> Capture {
    let arguments: Vec<String> = inputs.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let options = ReadOptions { request_attributes: true, ..ReadOptions::default() };
    let mut capture = Capture::new(options, None);
    capture.read(&arguments);
    capture
}

pub(crate) fn evidence(inputs: &[PathBuf]) -> Evidence {
    capture(inputs).into_evidence()
}

/// The evidence as JSON for review, without what is only drawn: `tests/pictures.rs` holds that against the rest.
pub(crate) fn reviewed(evidence: &Evidence) -> String {
    let undrawn = Evidence { pictures: Pictures::default(), ..evidence.clone() };
    let empty = json::to_json(&Pictures::default()).expect("JSON").trim_end().replace('\n', "\n  ");
    let text = json::to_json(&undrawn).expect("the evidence is JSON");
    let member = format!("  \"pictures\": {empty},\n");
    assert_eq!(text.matches(&member).count(), 1);
    text.replace(&member, "")
}

pub(crate) fn evidence_of_bytes(inputs: &[&[u8]]) -> Evidence {
    let mut capture = Capture::new(ReadOptions::default(), None);
    for (number, bytes) in inputs.iter().enumerate() {
        capture.read_bytes(&format!("input {number}"), bytes);
    }
    capture.into_evidence()
}
