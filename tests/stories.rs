//! Each story is a folder: what it is about, spans and log records as OTLP/JSON, the roles and the evidence they must give.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{capture, evidence, folders, reviewed};
use insta::{Settings, assert_snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::model::ids::TraceId;
use whyspan::report::{terminal, trace_tree};

fn inputs(story: &Path) -> Vec<PathBuf> {
    ["traces.json", "logs.json"].map(|file| story.join(file)).into_iter().filter(|path| path.exists()).collect()
}

/// The ids of the traces of a story, in the order of the file.
fn trace_ids(story: &Path) -> Vec<TraceId> {
    let text = fs::read_to_string(story.join("traces.json")).expect("the traces of the story");
    let mut ids: Vec<TraceId> = Vec::new();
    for part in text.split("\"traceId\": \"").skip(1) {
        let id = TraceId::from_hex(&part.as_bytes()[..32]).expect("a trace id");
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn snapshots_beside(story: &Path) -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(story);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn every_story_gives_its_roles_and_its_evidence() {
    let stories = folders("stories");
    assert!(stories.len() >= 175, "only {} stories were found", stories.len());
    for story in stories {
        assert!(story.join("STORY.md").exists(), "{} does not say what it is about", story.display());
        let inputs = inputs(&story);
        let mut roles = String::new();
        for id in trace_ids(&story) {
            // A link may name a trace of which the story has no span.
            let trace = capture(&inputs).into_trace(id).expect("nothing is on disk");
            let Some(trace) = trace else { continue };
            let text = trace_tree::render(&trace, 120).expect("a string takes everything");
            roles += &anstream::adapter::strip_str(&text).to_string();
        }
        assert!(!roles.is_empty(), "{} has no trace", story.display());
        let evidence = evidence(&inputs);
        assert_eq!(evidence.findings.iter().filter(|finding| finding.code == "input-skipped").count(), 0);
        let text = reviewed(&evidence);
        snapshots_beside(&story).bind(|| {
            assert_snapshot!("roles", roles);
            assert_snapshot!("evidence", text);
        });
    }
}

/// `docs/demo-faults.md` tells which story proves what of the OpenTelemetry demo: it names all of them, and no others.
#[test]
fn the_table_of_demo_faults_names_every_story_of_the_demo() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo-faults.md");
    let page = fs::read_to_string(page).expect("the table of demo faults");
    let quoted = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let named: BTreeSet<&str> = quoted.filter(|name| name.starts_with("demo")).collect();
    let stories = [folders("stories"), folders("gates")].concat();
    let names = stories.iter().filter_map(|story| story.file_name()?.to_str());
    let existing: BTreeSet<&str> = names.filter(|name| name.starts_with("demo")).collect();
    assert_eq!(named, existing);
}

/// The report of a few stories whole, so that a change of its looks is seen in review.
#[test]
fn reports_read_well() {
    for name in ["retry_absorbs_unavailable", "two_causes_in_one_trace", "client_fault_is_information"] {
        let story = common::fixtures().join("stories").join(name);
        let text = terminal::render(&evidence(&inputs(&story)), 80).expect("a string takes everything");
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "a line of {name} is wider than 80 columns");
        snapshots_beside(&story).bind(|| assert_snapshot!("report", plain));
    }
}
