//! The import table of ARCHITECTURE.md, held: who may import whom, and which outside crate is known where.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// A stage, the stages it may import from, and the outside crates that only it and others that name them may use.
const STAGES: [(&str, &[&str], &[&str]); 13] = [
    ("shared_sort.rs", &[], &[]),
    ("ordered", &[], &["serde"]),
    ("model", &[], &["hashbrown"]),
    (
        "read",
        &["model"],
        &[
            "flate2",
            "glob",
            "hashbrown",
            "jiff",
            "memchr",
            "safe_arch",
            "serde_json",
            "tar",
            "tempfile",
            "thiserror",
            "twox_hash",
            "zip",
            "zstd",
        ],
    ),
    ("assemble", &["model"], &["hashbrown", "tempfile"]),
    ("analyze", &["model", "assemble"], &["hashbrown", "regex", "sha2"]),
    ("facts", &["model", "assemble", "analyze"], &["hashbrown", "polars", "serde"]),
    ("judge", &["model", "analyze", "facts"], &["jiff", "serde", "statrs", "thiserror", "toml"]),
    ("redact", &["model", "analyze", "facts", "judge"], &["regex", "serde", "serde_json"]),
    (
        "report",
        &["facts", "judge"],
        &[
            "anstyle",
            "base64",
            "comfy_table",
            "maud",
            "percent_encoding",
            "petgraph",
            "quick_xml",
            "serde",
            "serde_json",
            "sha2",
            "textwrap",
            "thiserror",
            "unicode_width",
        ],
    ),
    (
        "serve",
        &["model", "read", "assemble", "analyze", "facts", "judge", "redact", "report", "capture"],
        &[
            "axum",
            "bytes",
            "flate2",
            "hashbrown",
            "http_body_util",
            "hyper",
            "hyper_util",
            "maud",
            "rustix",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "tokio",
            "tokio_rustls",
            "tokio_stream",
            "tonic",
            "twox_hash",
        ],
    ),
    ("capture", &["model", "read", "assemble", "facts"], &[]),
    ("capture.rs", &["model", "read", "assemble", "analyze", "facts", "judge", "redact"], &[]),
];

/// They lie below every stage, as the standard library does, and each may import them.
const BELOW_ALL: [&str; 2] = ["shared_sort", "ordered"];

/// Paths that start with these are neither ours nor an outside crate.
const LANGUAGE: [&str; 5] = ["std", "core", "self", "super", "Self"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(at: &Path) -> Vec<PathBuf> {
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(at).expect("a folder of sources") {
        files.extend(rust_files(&entry.expect("an entry").path()));
    }
    let is_test = |file: &Path| file.ends_with("tests.rs") || file.ends_with("samples.rs");
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs") && !is_test(file));
    files
}

/// The code of a file up to its tests, without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first step of every path after `crate::`, such as `model` in `crate::model::names`.
fn stages_used(code: &str) -> Vec<&str> {
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
        .collect()
}

/// The outside crates named in `use` lines.
fn crates_used(code: &str) -> Vec<&str> {
    let uses = code.lines().filter_map(|line| line.trim_start().strip_prefix("use "));
    let first = uses.map(|path| path.split([':', ';', ' ', '{']).next().unwrap_or(""));
    first.filter(|name| *name != "crate" && !LANGUAGE.contains(name)).collect()
}

#[test]
fn every_stage_imports_only_what_the_table_allows() {
    for (stage, may_import, may_use) in STAGES {
        let files = rust_files(&source().join(stage));
        assert!(!files.is_empty(), "stage {stage} has no files: is the table still true?");
        for file in files {
            let code = code(&file);
            let here = stage.trim_end_matches(".rs");
            for used in stages_used(&code) {
                let allowed = used == here || BELOW_ALL.contains(&used) || may_import.contains(&used);
                assert!(allowed, "{}: {stage} must not import from {used}", file.display());
            }
            for used in crates_used(&code) {
                assert!(may_use.contains(&used), "{}: {stage} must not know the crate {used}", file.display());
            }
        }
    }
}

#[test]
fn the_table_knows_every_stage() {
    for entry in fs::read_dir(source()).expect("the sources") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let known = STAGES.iter().any(|(stage, ..)| *stage == name) || ["bin", "lib.rs"].contains(&name.as_str());
        assert!(known, "src/{name} is not in the table of stages");
    }
}

#[test]
fn module_files_hold_no_logic() {
    for file in rust_files(&source()).iter().filter(|file| file.ends_with("mod.rs")) {
        let code = code(file);
        for word in ["fn ", "impl ", "struct ", "enum ", "pub use "] {
            assert!(!code.contains(word), "{} holds `{word}`", file.display());
        }
    }
}

#[test]
fn the_table_can_be_broken() {
    let code = "use crate::judge::evidence::Evidence;\nuse polars::prelude::*;\nlet x = crate::read::sink::Sink;";
    assert_eq!(stages_used(code), ["judge", "read"]);
    assert_eq!(crates_used(code), ["polars"]);
}
