//! Root causes of real traces under injected faults, held against the truth: a study that needs a folder of cases.
//!
//! ```sh
//! WHYSPAN_FAULTS=.../public-faults cargo test --release --test fault_study -- --ignored --nocapture
//! ```
//!
//! The folder holds `labels.json` with `cases` (case, system, fault_type, injected_service, baseline, candidate) and the captures
//! that it names. `docs/causes-of-slowness.md` has the tables.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "the tables are the result")]
#![allow(clippy::cast_precision_loss, reason = "some tens of cases")]

mod common;

use common::capture_of_gate;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use whyspan::capture::{Capture, compare};
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::Level;
use whyspan::judge::policy::Policy;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

type Window = (WindowFacts, InputFacts);

fn folder() -> PathBuf {
    PathBuf::from(std::env::var("WHYSPAN_FAULTS").expect("WHYSPAN_FAULTS names the folder of cases"))
}

fn labels(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("labels.json")).expect("labels.json");
    let labels: Value = serde_json::from_str(&text).expect("labels are JSON");
    labels["cases"].as_array().expect("cases").clone()
}

fn text<'v>(case: &'v Value, key: &str) -> &'v str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {case}"))
}

fn judged(baseline: &Window, candidate: &Window) -> Evidence {
    compare(baseline, candidate, &Policy::default(), Vec::new(), &Redactor::default())
}

/// The services that are blamed, best first, each once: the peer where nobody was reached.
fn blamed(evidence: &Evidence) -> Vec<String> {
    let mut services: Vec<String> = Vec::new();
    for cause in &evidence.root_causes {
        let service = match (&*cause.kind, &cause.peer) {
            ("unreachable", Some(peer)) => peer,
            _ => &cause.service,
        };
        if !services.contains(service) {
            services.push(service.clone());
        }
    }
    services
}

#[test]
#[ignore = "needs a folder of cases, named by WHYSPAN_FAULTS"]
fn the_injected_service_is_ranked() {
    let folder = folder();
    let mut baselines: HashMap<String, Window> = HashMap::new();
    let mut groups: BTreeMap<String, Vec<Option<usize>>> = BTreeMap::new();
    for case in labels(&folder) {
        let baseline = baselines
            .entry(text(&case, "baseline").to_owned())
            .or_insert_with_key(|file| capture_of_gate(&[folder.join(file)]).into_facts());
        let candidate = capture_of_gate(&[folder.join(text(&case, "candidate"))]).into_facts();
        let evidence = judged(baseline, &candidate);
        let injected = text(&case, "injected_service");
        let rank = blamed(&evidence).iter().position(|service| service == injected).map(|place| place + 1);
        let first = evidence.root_causes.first();
        println!(
            "{:18} {:15} {:30} rank {:4}  first: {} {} ({})",
            text(&case, "case"),
            text(&case, "fault_type"),
            injected,
            rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string()),
            first.map_or("", |cause| &cause.kind),
            first.map_or("", |cause| &cause.service),
            first.map_or("", |cause| match cause.confidence.level {
                Level::High => "high",
                Level::Medium => "medium",
                Level::Low => "low",
            }),
        );
        let (system, fault) = (text(&case, "system"), text(&case, "fault_type"));
        for group in ["all".to_owned(), system.to_owned(), format!("{system} / {fault}")] {
            groups.entry(group).or_default().push(rank);
        }
    }
    println!("\n{:38} {:>3} {:>6} {:>6}", "group", "n", "AC@1", "AC@3");
    let among = |ranks: &[Option<usize>], first: usize| {
        ranks.iter().flatten().filter(|&&rank| rank <= first).count() as f64 / ranks.len() as f64
    };
    for (group, ranks) in &groups {
        println!("{group:38} {:3} {:6.3} {:6.3}", ranks.len(), among(ranks, 1), among(ranks, 3));
    }
    assert!(among(&groups["all"], 1) >= 0.85, "accuracy fell");
}

/// The spans of chosen traces of a capture, by request line.
fn of_traces(file: &Path, is_chosen: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    for mut line in lines(file) {
        for resource in line["resourceSpans"].as_array_mut().into_iter().flatten() {
            for scope in resource["scopeSpans"].as_array_mut().into_iter().flatten() {
                if let Some(spans) = scope["spans"].as_array_mut() {
                    spans.retain(|span| span["traceId"].as_str().is_some_and(&is_chosen));
                }
            }
        }
        serde_json::to_writer(&mut out, &line).expect("written");
        out.push(b'\n');
    }
    out
}

fn lines(file: &Path) -> impl Iterator<Item = Value> {
    let bytes = zstd::decode_all(fs::File::open(file).expect("the capture")).expect("zstd");
    let lines: Vec<Value> =
        bytes.lines().map(|line| serde_json::from_str(&line.expect("text")).expect("JSON")).collect();
    lines.into_iter()
}

/// The traces of a capture in the order of their starts.
fn traces(file: &Path) -> Vec<String> {
    let mut starts: HashMap<String, u64> = HashMap::new();
    for line in lines(file) {
        for resource in line["resourceSpans"].as_array().into_iter().flatten() {
            for scope in resource["scopeSpans"].as_array().into_iter().flatten() {
                for span in scope["spans"].as_array().into_iter().flatten() {
                    let start = text(span, "startTimeUnixNano").parse().expect("a time");
                    let known = starts.entry(text(span, "traceId").to_owned()).or_insert(start);
                    *known = start.min(*known);
                }
            }
        }
    }
    let mut traces: Vec<(u64, String)> = starts.into_iter().map(|(trace, start)| (start, trace)).collect();
    traces.sort();
    traces.into_iter().map(|(_, trace)| trace).collect()
}

#[test]
#[ignore = "needs a folder of cases, named by WHYSPAN_FAULTS"]
fn a_baseline_against_itself_names_nobody_with_confidence() {
    let folder = folder();
    let baselines: BTreeSet<String> = labels(&folder).iter().map(|case| text(case, "baseline").to_owned()).collect();
    let mut named = Vec::new();
    for baseline in baselines {
        let file = folder.join(&baseline);
        let traces = traces(&file);
        let place: HashMap<&str, usize> = traces.iter().enumerate().map(|(at, trace)| (trace.as_str(), at)).collect();
        let half = traces.len() / 2;
        let facts = |chosen: &dyn Fn(usize) -> bool| {
            let bytes = of_traces(&file, |trace| place.get(trace).is_some_and(|&at| chosen(at)));
            let mut capture = Capture::new(ReadOptions { request_attributes: true, ..ReadOptions::default() }, None);
            capture.read_bytes("half", &bytes);
            capture.into_facts()
        };
        let halves =
            [facts(&|at| at < half), facts(&|at| at >= half), facts(&|at| at % 2 == 0), facts(&|at| at % 2 == 1)];
        for (what, before, after) in [("later", 0, 1), ("earlier", 1, 0), ("odd", 2, 3), ("even", 3, 2)]
            .map(|(what, b, a)| (what, &halves[b], &halves[a]))
        {
            let evidence = judged(before, after);
            for cause in evidence.root_causes.iter().filter(|cause| cause.excess.is_some()) {
                let told = format!("{baseline} {what}: {:?} {}", cause.confidence.level, cause.sentence);
                println!("{told}");
                if cause.confidence.level != Level::Low {
                    named.push(told);
                }
            }
        }
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}
