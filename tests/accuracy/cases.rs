//! Everything of which it is known what happened: stories, gates, captures, suspects and recorded scenarios.

use crate::common::drawn::Drawn;
use crate::common::gate_of_bytes::gate_of_two;
use crate::common::truth::{Truth, Truths};
use crate::common::{evidence_of_bytes, fixtures, folders};
use crate::hurt::Telemetry;
use serde_json::Value;
use std::fs;
use std::path::Path;
use whyspan::judge::evidence::Evidence;

/// Telemetry of which the truth is known.
pub(crate) struct Case {
    /// Folder and name.
    pub(crate) name: String,
    /// What happened.
    pub(crate) truths: Truths,
    /// The bullets of `docs/accuracy.md` that it is a story of.
    pub(crate) subject: Option<Subject>,
    /// What whyspan is given.
    pub(crate) given: Given,
}

/// What a story is about, and whether in plain or in twisted form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) of: String,
    pub(crate) twisted: bool,
}

/// What whyspan is given.
pub(crate) enum Given {
    /// One capture as OTLP/JSON, which can be hurt.
    Story(Telemetry),
    /// One capture as bytes: traces and logs.
    Capture(Vec<Vec<u8>>),
    /// Two windows and what was announced.
    Gate(Vec<u8>, Vec<u8>, Vec<String>),
}

impl Case {
    pub(crate) fn evidence(&self) -> Evidence {
        match &self.given {
            Given::Story(telemetry) => telemetry.evidence(),
            Given::Capture(bytes) => evidence_of_bytes(&bytes.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            Given::Gate(baseline, candidate, announced) => gate_of_two(baseline, candidate, announced),
        }
    }
}

/// All of them, by folder and name.
pub(crate) fn all() -> Vec<Case> {
    let stories = folders("stories").into_iter().map(|folder| story(&folder));
    let gates = ["gates", "suspects"].into_iter().flat_map(folders).map(|folder| {
        let drawn = drawn(&folder);
        let given = Given::Gate(drawn.window("baseline"), drawn.window("candidate"), drawn.changes.clone());
        Case { name: name(&folder), truths: Truths::of_list(&drawn.truth), subject: None, given }
    });
    let captures = folders("captures").into_iter().map(|folder| {
        let drawn = drawn(&folder);
        let given = Given::Capture(vec![drawn.window("capture")]);
        Case { name: name(&folder), truths: Truths::of_list(&drawn.truth), subject: None, given }
    });
    stories.chain(gates).chain(captures).chain(scenarios()).collect()
}

fn name(folder: &Path) -> String {
    let part = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    format!("{}/{}", part(folder.parent().expect("a folder")), part(folder))
}

fn drawn(folder: &Path) -> Drawn {
    Drawn::parse(&fs::read_to_string(folder.join("story.txt")).expect("a story"))
}

fn story(folder: &Path) -> Case {
    let text = fs::read_to_string(folder.join("STORY.md")).expect("a STORY.md");
    let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).map(|subject| {
        let (of, form) = subject.trim_end_matches('.').split_once(", ").expect("a subject and its form");
        assert!(["plain", "twisted"].contains(&form), "{}: neither plain nor twisted", folder.display());
        Subject { of: of.to_owned(), twisted: form == "twisted" }
    });
    assert!(subject.is_some(), "{} does not say of what it is a story", folder.display());
    Case { name: name(folder), truths: Truths::of_story(&text), subject, given: Given::Story(Telemetry::read(folder)) }
}

/// The captures that were recorded from real services, and their labels.
fn scenarios() -> Vec<Case> {
    let labels = fs::read_to_string(fixtures().join("scenarios/labels.json")).expect("the labels");
    let labels: Vec<Value> = serde_json::from_str(&labels).expect("labels are JSON");
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let texts = |value: &Value, key: &str, also: &str| {
        let more = value.get(also).and_then(Value::as_array).into_iter().flatten();
        text(value, key).into_iter().chain(more.filter_map(Value::as_str).map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut cases = Vec::new();
    for label in labels {
        let scenario = text(&label, "scenario").expect("a name");
        let cause = &label["root_cause"];
        let service = text(cause, "service").unwrap_or_default();
        let observer = text(cause, "observed_from");
        let truth = Truth {
            kinds: texts(cause, "kind", "kind_also_right"),
            service: observer.unwrap_or(service),
            places: texts(cause, "operation", "operation_also_right"),
            ..Truth::default()
        };
        // What callers did wrong by themselves is part of every recording, and of no label.
        let causes = if cause.is_null() { Vec::new() } else { vec![truth] };
        let folder = fixtures().join("scenarios").join(&scenario);
        let files = ["candidate.traces.jsonl.zst", "candidate.logs.jsonl.zst"];
        let given = files.map(|file| fs::read(folder.join(file)).expect("a recording"));
        cases.push(Case {
            name: format!("scenarios/{scenario}"),
            truths: Truths { in_order: true, callers_err: true, causes },
            subject: None,
            given: Given::Capture(given.into()),
        });
    }
    cases
}
