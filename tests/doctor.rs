//! `whyspan doctor`: each case is a folder of telemetry that lacks something, and what must be said of it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{fixtures, folders};
use insta::{Settings, assert_snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use whyspan::capture::Capture;
use whyspan::facts::input::InputFacts;
use whyspan::facts::telemetry::TelemetryFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::checkup::Checkup;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::examination::examine;
use whyspan::judge::lack::Lack;
use whyspan::model::defect::Defect;
use whyspan::read::options::ReadOptions;
use whyspan::report::{json, terminal_checkup};

fn capture(inputs: &[(&str, &[u8])]) -> Capture {
    let mut capture = Capture::new(ReadOptions { survey: true, ..ReadOptions::default() }, None);
    for (name, bytes) in inputs {
        capture.read_bytes(name, bytes);
    }
    capture
}

fn checkup(inputs: &[(&str, &[u8])]) -> Checkup {
    capture(inputs).into_checkup()
}

/// The inputs of a folder with their names, in their order.
fn inputs_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_input =
        |path: &PathBuf| path.extension().is_some_and(|ending| !["md", "snap"].iter().any(|it| ending == *it));
    let mut paths: Vec<PathBuf> = entries.filter(is_input).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read(path).expect("an input"))).collect()
}

fn borrowed(inputs: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    inputs.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

fn snapshots_beside(folder: &Path) -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// The report in a pipe: 80 columns, no colours.
fn plain_report(checkup: &Checkup) -> String {
    let text = terminal_checkup::render(checkup, 80).expect("a string takes everything");
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(line.chars().count() <= 80, "wider than 80 columns: {line}");
    }
    plain
}

fn codes(checkup: &Checkup) -> BTreeSet<&str> {
    checkup.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn every_case_is_told_as_reviewed() {
    let cases = folders("telemetry");
    assert!(cases.len() >= 13, "only {} cases were found", cases.len());
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for case in cases {
        assert!(case.join("STORY.md").exists(), "{} does not say what it is about", case.display());
        let inputs = inputs_of(&case);
        let checkup = checkup(&borrowed(&inputs));
        seen.extend(codes(&checkup).into_iter().map(str::to_owned));
        let text = json::to_json(&checkup).expect("JSON");
        snapshots_beside(&case).bind(|| {
            assert_snapshot!("report", plain_report(&checkup));
            assert_snapshot!("checkup", text);
        });
    }
    for lack in Lack::ALL {
        let shown = seen.contains(lack.code()) || BEYOND_BOUND.contains(&lack);
        assert!(shown, "no case shows {}", lack.code());
    }
}

/// What only an input of gigabytes shows.
const BEYOND_BOUND: [Lack; 4] =
    [Lack::SpansBeyondBound, Lack::TextsBeyondBound, Lack::LogsBeyondBound, Lack::NamesBeyondBound];

#[test]
fn what_did_not_fit_is_told() {
    let mut facts = WindowFacts::default();
    let defects =
        [Defect::SpansBeyondBound, Defect::TextsBeyondBound, Defect::LogsBeyondBound, Defect::NamesBeyondBound];
    defects.into_iter().for_each(|defect| facts.defects.add_many(defect, 7));
    let checkup = examine(&facts, &TelemetryFacts::default(), &InputFacts::default());
    for lack in BEYOND_BOUND {
        let finding = checkup.findings.iter().find(|finding| finding.code == lack.code()).expect("told");
        assert_eq!(finding.count, 7);
        assert!(finding.sentence.starts_with("7 "), "{}", finding.sentence);
    }
}

#[test]
fn the_recorded_shop_lacks_little() {
    for scenario in folders("scenarios") {
        let inputs = ["candidate.logs.jsonl.zst", "candidate.traces.jsonl.zst"]
            .map(|name| (name.to_owned(), fs::read(scenario.join(name)).expect("the scenario")));
        let checkup = checkup(&borrowed(&inputs));
        snapshots_beside(&scenario).bind(|| assert_snapshot!("doctor", plain_report(&checkup)));
    }
}

#[test]
fn the_grade_and_the_counts_are_those_of_the_evidence() {
    for case in folders("telemetry").into_iter().chain(folders("scenarios")) {
        let inputs = inputs_of(&case);
        let checkup = checkup(&borrowed(&inputs));
        let evidence: Evidence = capture(&borrowed(&inputs)).into_evidence();
        assert_eq!(checkup.grade, evidence.quality.grade, "{}", case.display());
        assert_eq!(checkup.window, evidence.windows.candidate, "{}", case.display());
        let count = |code: &str| checkup.findings.iter().filter(|it| it.code == code).map(|it| it.count).sum::<u64>();
        for defect in &evidence.quality.defects {
            let told = match defect.code.as_str() {
                "orphan" => count("caller-missing") + count("parent-missing"),
                // Of failures, not of telemetry.
                "called-off" | "callers-own-failure" | "origins-not-described" | "causes-beyond-bound" => continue,
                // The doctor counts spans that did not fail too.
                "dropped-events" => count("dropped-events").min(defect.count),
                code => count(code),
            };
            assert_eq!(told, defect.count, "{} in {}", defect.code, case.display());
        }
        for finding in &checkup.findings {
            let by_service: u64 = finding.services.iter().map(|concerned| concerned.count).sum();
            assert!(finding.services.is_empty() || by_service == finding.count, "{finding:?}");
            assert!(finding.of.is_none_or(|of| finding.count <= of), "{finding:?}");
        }
    }
}

#[test]
fn every_code_is_described_in_the_words_of_the_report() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.md");
    let page = fs::read_to_string(page).expect("the page");
    let rows: Vec<&str> = page.lines().filter(|line| line.ends_with("|") && line.matches(" | ").count() == 3).collect();
    let described: Vec<&str> = rows.iter().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    let known: Vec<&str> = Lack::ALL.iter().map(|lack| lack.code()).collect();
    assert_eq!(described, known, "docs/doctor.md does not list the codes in their order");
    for lack in Lack::ALL {
        let words = format!("| {} | {} |", lack.weakens(), lack.advice());
        assert!(
            rows.iter().any(|row| row.ends_with(&words)),
            "docs/doctor.md says otherwise of {}: {words}",
            lack.code()
        );
    }
}

/// One capture in pieces, shuffled and packed anew, is told of as the whole.
#[test]
fn packing_does_not_matter() {
    let folder = fixtures().join("scenarios/email-swallowed");
    let lines = |name: &str| {
        let bytes = zstd::decode_all(&fs::read(folder.join(name)).expect("the scenario")[..]).expect("zstd");
        String::from_utf8(bytes).expect("UTF-8").lines().map(str::to_owned).collect::<Vec<String>>()
    };
    let (traces, logs) = (lines("candidate.traces.jsonl.zst"), lines("candidate.logs.jsonl.zst"));
    let whole = [("traces", traces.join("\n")), ("logs", logs.join("\n"))];
    let whole = checkup(&whole.each_ref().map(|(name, text)| (*name, text.as_bytes())));
    assert!(whole.services.len() > 10 && whole.services.iter().any(|service| service.logs.without_trace > 0));
    let mut pieces = vec![Vec::new(); 7];
    for (place, line) in traces.iter().chain(&logs).enumerate() {
        pieces[place * 5 % 7].push(line.as_str());
    }
    let pieces: Vec<String> =
        pieces.iter().rev().map(|piece| piece.iter().rev().copied().collect::<Vec<_>>().join("\n")).collect();
    let pieces: Vec<(&str, &[u8])> = pieces.iter().map(|piece| ("piece", piece.as_bytes())).collect();
    let packed = checkup(&pieces);
    let without_inputs = |checkup: Checkup| Checkup { inputs: Vec::new(), ..checkup };
    assert_eq!(without_inputs(packed), without_inputs(whole));
}

#[test]
fn protobuf_and_json_are_told_alike() {
    let folder = fixtures().join("scenarios/payment-failure");
    let of = |name: &str| checkup(&[("input", &fs::read(folder.join(name)).expect("the scenario")[..])]);
    let (from_json, from_protobuf) = (of("candidate.traces.jsonl.zst"), of("candidate.traces.pb.zst"));
    let flagged: u64 = from_json.services.iter().map(|service| service.sampling.flagged).sum();
    assert_eq!(flagged, from_json.window.spans, "the recorded spans all bear flags");
    let without_inputs = |checkup: Checkup| Checkup { inputs: Vec::new(), ..checkup };
    assert_eq!(without_inputs(from_json), without_inputs(from_protobuf));
}

#[test]
fn jaeger_and_zipkin_tell_of_limits_and_sampling_as_far_as_they_can() {
    let jaeger = r#"{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"GET /cart","flags":3,
        "startTime":1790000000000000,"duration":5,"processID":"p1","tags":[
            {"key":"span.kind","value":"server"},
            {"key":"sampler.type","value":"probabilistic"},{"key":"sampler.param","value":0.25},
            {"key":"otel.dropped_events_count","value":3},{"key":"otel.dropped_attributes_count","value":"2"}]},
        {"traceID":"1","spanID":"3","operationName":"read","startTime":1790000000000000,"duration":5,"processID":"p1",
         "references":[{"refType":"CHILD_OF","traceID":"1","spanID":"2"}],
         "tags":[{"key":"w3c.tracestate","value":"ot=th:c"}]}],
        "processes":{"p1":{"serviceName":"cart","tags":[{"key":"telemetry.sdk.language","value":"go"}]}}}]}"#;
    let zipkin = r#"[{"traceId":"1","id":"2","name":"get","kind":"SERVER","timestamp":1790000000000000,"duration":5,
        "localEndpoint":{"serviceName":"cart"},
        "tags":{"otel.dropped_events_count":"3","otel.dropped_attributes_count":"2","SampleRate":"4"}}]"#;
    for (dialect, told, flagged) in [(jaeger, 2, 1), (zipkin, 1, 0)] {
        let checkup = checkup(&[("input", dialect.as_bytes())]);
        let [service] = &checkup.services[..] else { panic!("{checkup:?}") };
        assert_eq!(service.sampling.told, told, "{checkup:?}");
        assert_eq!(service.sampling.stand_for, Some(4 * told));
        // Jaeger's second flag is its own and does not mean that the id is random.
        assert_eq!((service.sampling.flagged, service.sampling.random), (flagged, 0));
        for (code, sentence) in [("dropped-events", "lost 3 events"), ("dropped-attributes", "lost 2 attributes")] {
            let finding = checkup.findings.iter().find(|finding| finding.code == code).expect("told");
            assert!(finding.sentence.contains(sentence), "{}", finding.sentence);
        }
    }
    assert_eq!(checkup(&[("input", jaeger.as_bytes())]).services[0].languages, ["go"]);
}

/// Everything in telemetry is hostile text, names of services above all.
#[test]
fn control_codes_never_reach_the_terminal() {
    let case = fixtures().join("telemetry/callers_that_nobody_instruments/traces.json");
    let hostile = fs::read_to_string(case).expect("the case");
    let hostile = hostile.replace("\"mailer\"", "\"mail\\u001b]0;owned\\u0007\\u202eer\"");
    let checkup = checkup(&[("in\u{1b}[2Jput", hostile.as_bytes())]);
    let text = terminal_checkup::render(&checkup, 120).expect("a string takes everything");
    assert!(text.contains("owned"), "the hostile name is gone: {text}");
    for code in ["\u{1b}]", "\u{1b}[2J", "\u{7}", "\u{202e}"] {
        assert!(!text.contains(code), "{code:?} reached the terminal");
    }
}

#[test]
fn no_telemetry_is_told_plainly() {
    let checkup = checkup(&[("empty", b"")]);
    assert_eq!((checkup.grade.as_str(), checkup.window.spans), ("D", 0));
    assert!(plain_report(&checkup).starts_with("No span was found in the input: nothing can be said."));
    assert_eq!(codes(&checkup), BTreeSet::from(["input-broken"]));
}
