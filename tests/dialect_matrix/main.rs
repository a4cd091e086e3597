//! The same captures in every dialect: equal evidence, but for what a dialect cannot carry.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod jaeger;
mod loss;
mod otlp_bytes;
mod otlp_json;
mod rows;
mod rows_foreign;
mod seeds;
mod spans;
mod telemetry;
mod xray;
mod xray_loss;
mod xray_stack;
mod zipkin;

use common::packed::framed;
use compare::{differences, explained, pattern};
use loss::Loss;
use rows::{Dialect, Files};
use rows_foreign::{JAEGER_ROWS, XRAY_ROWS, ZIPKIN_ROWS};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use telemetry::{Telemetry, metrics};
use whyspan::judge::evidence::Evidence;

/// What dialects are made of, and what must come out.
struct Capture {
    name: String,
    telemetry: Telemetry,
    evidence: Value,
    spans: BTreeSet<String>,
}

impl Capture {
    fn new(name: &str, telemetry: Telemetry) -> Self {
        let plain = (rows::FILE_EXPORTER[0].write)(&telemetry);
        Self { name: name.to_owned(), evidence: evidence(&plain), spans: spans::read(&plain), telemetry }
    }

    /// The capture without what is lost.
    fn without(&self, losses: &[Loss]) -> Self {
        let mut telemetry = self.telemetry.clone();
        losses.iter().for_each(|loss| (loss.lose)(&mut telemetry));
        Self::new(&self.name, telemetry)
    }
}

/// Recorded captures of different sorts: an exception that fails every order; a data store that is sometimes away, with
/// failures that reach the user, failures that are absorbed, client faults, messages and links. Of the traces only some
/// are taken, so that the matrix takes seconds.
static RECORDED: LazyLock<Vec<Capture>> = LazyLock::new(|| {
    const FEW: &[char] = &['0', '1', '2'];
    const FEWER: &[char] = &['7'];
    let payment = Telemetry::recorded("payment-failure", |id, failed| id.ends_with(if failed { FEW } else { FEWER }));
    let cart = Telemetry::recorded("cart-failure", |id, failed| failed || id.ends_with(FEWER));
    vec![Capture::new("payment-failure", payment), Capture::new("cart-failure", cart)]
});

/// All stories, for what the recorded captures do not hold.
static STORIES: LazyLock<Vec<Capture>> = LazyLock::new(|| {
    let folders = common::folders("stories").into_iter();
    let names = folders.map(|folder| folder.file_name().expect("a folder").to_string_lossy().into_owned());
    names.map(|name| Capture::new(&name, Telemetry::story(&name))).collect()
});

fn evidence(files: &Files) -> Value {
    let bytes: Vec<&[u8]> = files.iter().map(|(_, bytes)| &bytes[..]).collect();
    without_pictures(&common::evidence_of_bytes(&bytes))
}

/// Pictures repeat spans with their times; the spans of both sides are held against each other by themselves.
fn without_pictures(evidence: &Evidence) -> Value {
    let mut evidence = serde_json::to_value(evidence).expect("evidence is JSON");
    evidence.as_object_mut().expect("an object").remove("pictures");
    evidence
}

/// Holds the evidence of each dialect, and the spans below it, against those of OTLP that holds what the dialect can carry.
/// Says where the evidence of each then differs from that of OTLP.
fn compare<'c>(
    dialects: impl Iterator<Item = &'static Dialect>,
    captures: impl Iterator<Item = &'c Capture> + Clone,
) -> Vec<BTreeSet<String>> {
    let (mut lost, mut carried): (Option<&[Loss]>, Vec<Capture>) = (None, Vec::new());
    let (mut wrong, mut costs) = (String::new(), Vec::new());
    for dialect in dialects {
        // Rows that lose the same stand together.
        if lost.is_none_or(|lost| !std::ptr::eq(lost, dialect.losses)) {
            (lost, carried) = (Some(dialect.losses), captures.clone().map(|one| one.without(dialect.losses)).collect());
        }
        let mut places = BTreeSet::new();
        for (capture, carried) in captures.clone().zip(&carried) {
            wrong += &mistakes(dialect, capture, carried);
            let found = differences(&capture.evidence, &carried.evidence);
            places.extend(found.iter().map(|(place, ..)| pattern(place)));
        }
        costs.push(places);
    }
    assert!(wrong.is_empty(), "{wrong}");
    costs
}

/// What of a dialect's evidence or spans is not as it must be.
fn mistakes(dialect: &Dialect, capture: &Capture, carried: &Capture) -> String {
    let files = (dialect.write)(&capture.telemetry);
    let head = format!("{} of {}:\n", dialect.name, capture.name);
    let found = differences(&carried.evidence, &evidence(&files));
    if !found.is_empty() {
        return head + &explained(&found);
    }
    let differ = spans::differences(&carried.spans, &spans::read(&files));
    if differ.is_empty() { differ } else { head + &differ }
}

fn check(dialects: &'static [Dialect]) {
    let costs = compare(dialects.iter(), RECORDED.iter());
    let mut wrong = String::new();
    for (dialect, costs) in dialects.iter().zip(costs) {
        let told: BTreeSet<String> = dialect.costs.concat().into_iter().map(str::to_owned).collect();
        let more =
            costs.difference(&told).map(|place| format!("{}: {place}, which its row does not say\n", dialect.name));
        let less = told.difference(&costs).map(|place| format!("{}: not {place}, as its row says\n", dialect.name));
        wrong.extend(more.chain(less));
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each writer by itself: how its spans are arranged makes no difference.
fn check_stories(dialects: &'static [Dialect], without: &[&str]) {
    let stories = STORIES.iter().filter(|story| !without.contains(&story.name.as_str()));
    compare(dialects.iter().filter(|dialect| dialect.stories), stories);
}

/// What dialects could lose must be there.
#[test]
fn the_captures_hold_everything_that_can_be_lost() {
    let count = |wanted: fn(&Value) -> bool| {
        let causes = RECORDED.iter().flat_map(|capture| telemetry::list(&capture.evidence["root_causes"]));
        causes.filter(|cause| wanted(cause)).count()
    };
    assert_eq!(count(|cause| cause["effect"] == "fatal"), RECORDED.len());
    assert!(count(|cause| cause["client_fault"] == true) > 0);
    assert!(count(|cause| cause["exception"]["frame"].is_object() && cause["status"]["message"].is_string()) > 0);
    assert!(count(|cause| cause["degraded_entry_points"][0].is_object() && cause["peer"].is_string()) > 0);
    for capture in &*RECORDED {
        assert!(capture.evidence["windows"]["candidate"]["logs"].as_u64() > Some(10), "{}", capture.name);
        assert!(capture.telemetry.told().len() > 500, "{}", capture.name);
    }
    let told = RECORDED[1].telemetry.told();
    assert!(["producer", "consumer", "internal"].iter().all(|kind| told.iter().any(|told| told.kind() == *kind)));
    assert!(told.iter().any(|told| !told.links().is_empty()));
}

#[test]
fn what_the_file_exporter_writes() {
    check(rows::FILE_EXPORTER);
}

#[test]
fn arrangements() {
    check(rows::ARRANGEMENTS);
}

#[test]
fn spellings() {
    check(rows::SPELLINGS);
}

#[test]
fn answers_of_query_services() {
    check(rows::ANSWERS);
}

#[test]
fn jaeger_json() {
    check(JAEGER_ROWS);
    check_stories(JAEGER_ROWS, &[]);
}

#[test]
fn zipkin_json() {
    check(ZIPKIN_ROWS);
    // Tags that number more than ten links come in the order of their names.
    check_stories(ZIPKIN_ROWS, &["consumer_of_forty_messages_fails"]);
}

#[test]
fn xray_documents() {
    check(XRAY_ROWS);
    // Halves of a call never share an id there.
    check_stories(XRAY_ROWS, &["zipkin_shares_the_id_of_a_call"]);
}

/// Rotated files and answers for one trace each lie in folders; names say nothing.
#[test]
fn folders_are_read_as_one_capture() {
    for dialect in rows::FILE_EXPORTER.iter().chain(JAEGER_ROWS) {
        let files = (dialect.write)(&RECORDED[0].telemetry);
        if files.len() == 1 {
            continue;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dialect-matrix").join(dialect.name.replace(' ', "-"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the test");
        for (name, bytes) in &files {
            fs::write(folder.join(name), bytes).expect("a file for the test");
        }
        let found = without_pictures(&common::evidence(&[folder]));
        let differences = differences(&RECORDED[0].without(dialect.losses).evidence, &found);
        assert!(differences.is_empty(), "{}:\n{}", dialect.name, explained(&differences));
    }
}

/// What metrics add to the evidence is one finding.
#[test]
fn mixed_signals_in_one_file() {
    for capture in &*RECORDED {
        let mixed = Telemetry { metrics: vec![metrics(1), metrics(2)], ..capture.telemetry.clone() };
        let framed = otlp_bytes::messages(&mixed).iter().flat_map(|message| framed(message)).collect();
        for bytes in [rows::in_turns(&mixed).concat().into_bytes(), framed] {
            let mut found = evidence(&vec![("mixed".to_owned(), bytes)]);
            let findings = found["findings"].as_array_mut().expect("findings");
            let metrics: Vec<Value> = findings.extract_if(.., |finding| finding["code"] == "metrics-skipped").collect();
            assert!(metrics.len() == 1 && metrics[0]["sentence"].to_string().contains("2 metrics"), "{metrics:?}");
            let differences = differences(&capture.evidence, &found);
            assert!(differences.is_empty(), "{}:\n{}", capture.name, explained(&differences));
        }
    }
}

/// What was exported twice is told, and counted once; only log records are counted as they come.
#[test]
fn duplicates() {
    for capture in &*RECORDED {
        let lines = otlp_bytes::lines(&capture.telemetry);
        let mut wanted = capture.evidence.clone();
        let logs = &mut wanted["windows"]["candidate"]["logs"];
        *logs = json!(2 * logs.as_u64().expect("a count"));
        check_duplicates(capture, wanted, &vec![("first".to_owned(), lines.clone()), ("again".to_owned(), lines)]);
        let traces = jaeger::traces(&capture.telemetry, jaeger::Age::Now);
        let answer = jaeger::answer(&[&traces[..], &traces[..]].concat());
        let wanted = capture.without(JAEGER_ROWS[0].losses).evidence;
        check_duplicates(capture, wanted, &vec![("answer".to_owned(), answer.into_bytes())]);
    }
}

fn check_duplicates(capture: &Capture, mut wanted: Value, files: &Files) {
    let spans = capture.telemetry.told().len();
    let sentence = format!("{spans} repeated exports of the same span: one copy was kept.");
    wanted["quality"]["grade"] = "B".into();
    wanted["quality"]["defects"] = json!([{"code": "duplicate-span", "count": spans, "sentence": sentence}]);
    let findings = wanted["findings"].as_array_mut().expect("findings");
    let refs = ["/quality/defects/0"];
    findings.push(json!({"code": "duplicate-span", "severity": "info", "sentence": sentence, "refs": refs}));
    let differences = differences(&wanted, &evidence(files));
    assert!(differences.is_empty(), "{}:\n{}", capture.name, explained(&differences));
}

/// Every dialect, and every loss of it, is in the documentation.
#[test]
fn the_documentation_names_every_dialect() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let document = fs::read_to_string(path).expect("the documentation");
    for dialect in rows::all() {
        let row = document.lines().find(|line| line.starts_with('|') && line.contains(dialect.name));
        let row = row.unwrap_or_else(|| panic!("docs/formats.md has no row for: {}", dialect.name));
        for loss in dialect.losses {
            assert!(
                row.contains(loss.words),
                "{} loses {}, and docs/formats.md does not say so",
                dialect.name,
                loss.words
            );
        }
        assert!(!dialect.losses.is_empty() || row.contains("| nothing |"), "{} loses nothing", dialect.name);
    }
}
