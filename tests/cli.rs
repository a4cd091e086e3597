//! The binary as a user meets it: output, warnings and exit codes, on good input and bad.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::fixtures;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn whyspan(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whyspan")).args(arguments).stdin(Stdio::null()).output().expect("whyspan runs")
}

fn whyspan_on(stdin: &[u8], arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_whyspan"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("whyspan runs");
    child.stdin.take().expect("a pipe").write_all(stdin).expect("whyspan reads its input");
    child.wait_with_output().expect("whyspan ends")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&out(output)).expect("the evidence is JSON")
}

fn story(name: &str) -> String {
    fixtures().join("stories").join(name).join("traces.json").to_string_lossy().into_owned()
}

/// A folder of its own for one test, empty at the start.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn file(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file for the test");
    path.to_string_lossy().into_owned()
}

#[test]
fn the_demo_needs_nothing_and_names_the_cause() {
    let output = whyspan(&["demo"]);
    assert_eq!(output.status.code(), Some(0));
    let report = out(&output);
    for words in ["paymentservice", "PaymentService Fail Feature Flag Enabled", "charge.js:21", "125 of 125 requests"] {
        assert!(report.contains(words), "the demo does not say {words}");
    }
    assert!(report.lines().all(|line| line.chars().count() <= 80), "a line is wider than 80 columns");
    assert!(!report.contains('\u{1b}'), "colours in a pipe");
}

#[test]
fn colours_come_when_asked_for_and_never_with_no_color() {
    assert!(out(&whyspan(&["demo", "--color", "always"])).contains("\u{1b}["));
    let quiet = Command::new(env!("CARGO_BIN_EXE_whyspan")).arg("demo").env("NO_COLOR", "1").output().expect("it runs");
    assert!(!out(&quiet).contains('\u{1b}'));
}

#[test]
fn standard_input_gives_the_same_evidence_as_the_file() {
    let path = story("two_causes_in_one_trace");
    let from_file = json(&whyspan(&["analyze", &path, "--format", "json"]));
    let bytes = fs::read(&path).expect("the story");
    let from_stdin = json(&whyspan_on(&bytes, &["analyze", "-", "--format", "json"]));
    assert_eq!(from_file, from_stdin);
    assert_eq!(from_file["root_causes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_report_file_holds_the_same_bytes_as_standard_output() {
    let folder = scratch("report_file");
    let report = folder.join("causes.json").to_string_lossy().into_owned();
    let output = whyspan(&["analyze", &story("clock_skew_is_corrected"), "--format", "json", "--report", &report]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read(&report).expect("the report"), output.stdout);
    let unwritable = whyspan(&["analyze", &story("clock_skew_is_corrected"), "--report", "/no/such/folder/x.json"]);
    assert_eq!(unwritable.status.code(), Some(2));
    assert!(err(&unwritable).contains("cannot be written"), "{}", err(&unwritable));
    let unknown = whyspan(&["demo", "--report", "causes.docx"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_trace_is_shown_as_a_tree_with_roles() {
    let id = "8cf5b85eed47d66778f01bfaa4242f37";
    let output = whyspan(&["trace", id, &story("sibling_failure_cancels_the_rest")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("cancelled") && out(&output).contains("origin"), "{}", out(&output));
    let wrong = whyspan(&["trace", "xyz", &story("sibling_failure_cancels_the_rest")]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("32 hexadecimal digits"));
    let absent = whyspan(&["trace", &"0".repeat(31).replace('0', "1"), "x"]);
    assert_eq!(absent.status.code(), Some(2));
    let other = whyspan(&["trace", &"1".repeat(32), &story("sibling_failure_cancels_the_rest")]);
    assert_eq!(other.status.code(), Some(4));
    assert!(err(&other).contains("no trace"));
}

#[test]
fn spans_that_cannot_go_to_disk_are_kept_and_it_is_told_that_memory_has_no_bound() {
    let folder = scratch("no-room");
    let text = "x".repeat(60 << 10);
    let span = |id: u32| {
        format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{id:032x}","spanId":"{id:016x}","name":"work","kind":2,"startTimeUnixNano":"1795300000000000000","endTimeUnixNano":"1795300000000000001","status":{{"code":2,"message":"{text}"}}}}]}}]}}]}}"#
        )
    };
    let lines: Vec<String> = (1..=400).map(span).collect();
    let input = file(&folder, "traces.jsonl", lines.join("\n").as_bytes());
    let output = |place: &Path| {
        let arguments = ["analyze", &input, "--format", "json", "--memory", "32MiB", "--threads", "1"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_whyspan"));
        command.args(arguments).env("TMPDIR", place).stdin(Stdio::null()).output().expect("whyspan runs")
    };
    let (full, well) = (output(&folder.join("none")), output(&folder));
    assert_eq!((full.status.code(), well.status.code()), (Some(0), Some(0)));
    let told = "spans that wait cannot be put on disk: No such file or directory";
    assert_eq!(err(&full).matches(told).count(), 1, "{}", err(&full));
    assert!(err(&full).contains("beyond --memory") && err(&full).contains("TMPDIR"), "{}", err(&full));
    assert!(!err(&well).contains("on disk"), "{}", err(&well));
    let (full, well) = (json(&full), json(&well));
    let findings = full["findings"].as_array().expect("findings");
    assert_eq!(findings.iter().filter(|it| it["sentence"].as_str().is_some_and(|it| it.contains(told))).count(), 1);
    assert_eq!(full["root_causes"], well["root_causes"], "nothing is lost");
    assert_eq!(well["windows"]["candidate"]["spans"], 400);
}

#[test]
fn every_evidence_is_valid_by_the_printed_schema() {
    let schema = json(&whyspan(&["schema"]));
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let mut checked = 0;
    for kind in ["stories", "scenarios"] {
        for folder in common::folders(kind) {
            let evidence = json(&whyspan(&["analyze", &folder.to_string_lossy(), "--format", "json", "--quiet"]));
            let errors: Vec<String> = validator.iter_errors(&evidence).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", folder.display());
            checked += 1;
        }
    }
    assert!(checked >= 40, "only {checked} were checked");
    let mut broken = json(&whyspan(&["demo", "--format", "json"]));
    broken["root_causes"][0]["rank"] = Value::from("first");
    assert!(!validator.is_valid(&broken), "the schema accepts anything");
}

#[test]
fn help_completions_and_man_page_are_there() {
    let help = out(&whyspan(&["--help"]));
    assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
    assert!(out(&whyspan(&["completions", "bash"])).contains("_whyspan"));
    assert!(out(&whyspan(&["man"])).contains(".TH whyspan"));
    assert_eq!(whyspan(&["analyse"]).status.code(), Some(2));
    assert_eq!(whyspan(&["analyze"]).status.code(), Some(2));
}

/// Each bad input alone ends with its code and a message; beside a good one the good one is analysed all the same.
#[test]
fn bad_input_is_told_and_costs_nothing_beside_it() {
    let folder = scratch("bad_input");
    let good = fs::read(story("retry_absorbs_unavailable")).expect("the story");
    let good = file(&folder, "good.json", &good);
    let zstd = fs::read(fixtures().join("scenarios/healthy/candidate.traces.jsonl.zst")).expect("the scenario");
    let noise: Vec<u8> = (0..4096_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2] | 0x80).collect();
    let empty_folder = folder.join("empty");
    fs::create_dir_all(&empty_folder).expect("an empty folder");
    let missing = folder.join("missing.json").to_string_lossy().into_owned();
    let whole = fs::read(&good).expect("the good file");
    let bad = [
        (file(&folder, "truncated.json", &whole[..80]), "truncated.json"),
        (file(&folder, "wrong.gz", &[&[0x1f, 0x8b, 8, 0][..], &noise].concat()), "gzip"),
        (file(&folder, "cut.zst", &zstd[..40]), "zstd"),
        (file(&folder, "length.pb", &[&[0xff, 0xff, 0xff, 0xff, 0x0a][..], &[0; 64]].concat()), "length.pb"),
        (file(&folder, "binary.bin", &noise), "not telemetry"),
        (file(&folder, "empty.json", b""), "empty"),
        (empty_folder.to_string_lossy().into_owned(), "no files"),
        (missing, "no such file"),
    ];
    for (path, words) in &bad {
        let alone = whyspan(&["analyze", path]);
        assert_eq!(alone.status.code(), Some(4), "{path}: {}", err(&alone));
        assert!(err(&alone).contains(words), "{path} is not told by {words}: {}", err(&alone));
        let beside = whyspan(&["analyze", path, &good, "--format", "json"]);
        assert_eq!(beside.status.code(), Some(0), "{path}: {}", err(&beside));
        let evidence = json(&beside);
        assert_eq!(evidence["windows"]["candidate"]["spans"], 4, "{path}");
        assert_eq!(evidence["root_causes"][0]["effect"], "absorbed", "{path}");
        let told =
            evidence["findings"].as_array().expect("findings").iter().any(|finding| finding["code"] == "input-skipped");
        assert!(told, "{path}: the evidence does not tell of the skipped part");
    }
}

#[test]
fn a_truncated_last_line_is_told_and_the_rest_is_read() {
    let folder = scratch("truncated_line");
    let line = fs::read_to_string(story("client_fault_is_information")).expect("the story").replace('\n', "");
    let lines = format!("{line}\n{}", &line[..line.len() / 2]);
    let path = file(&folder, "lines.jsonl", lines.as_bytes());
    let output = whyspan(&["analyze", &path, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(err(&output).contains("line 2"), "{}", err(&output));
    assert_eq!(json(&output)["windows"]["candidate"]["spans"], 5);
}

#[test]
fn the_doctor_tells_what_the_telemetry_lacks() {
    let case = fixtures().join("telemetry/callers_that_nobody_instruments").to_string_lossy().into_owned();
    let output = whyspan(&["doctor", &format!("{case}/*.json")]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let report = out(&output);
    for words in ["Grade C", "caller-missing", "nobody in the input calls it", "-> Instrument the callers"] {
        assert!(report.contains(words), "the report does not say {words}: {report}");
    }
    assert!(report.lines().all(|line| line.chars().count() <= 80), "a line is wider than 80 columns");
    assert!(!report.contains('\u{1b}'), "colours in a pipe");
    let colourful = whyspan(&["doctor", &format!("{case}/*.json"), "--color", "always"]);
    assert!(out(&colourful).contains("\u{1b}["));
    let checkup = json(&whyspan(&["doctor", &format!("{case}/*.json"), "--format", "json", "--threads", "2"]));
    assert_eq!(checkup["schema"], "whyspan.doctor/v1");
    assert_eq!(checkup["findings"][0]["services"][1]["service"], "mailer");
}

#[test]
fn the_doctor_cannot_look_at_nothing() {
    let folder = scratch("doctor_nothing");
    let notes = file(&folder, "notes.txt", b"no telemetry");
    let output = whyspan(&["doctor", &notes, "--format", "json"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(err(&output).contains("not telemetry") && err(&output).contains("no span could be read"));
    assert_eq!(json(&output)["findings"][0]["code"], "not-telemetry");
    let quiet = whyspan(&["doctor", &notes, "--quiet"]);
    assert_eq!(quiet.status.code(), Some(4));
    assert!(!err(&quiet).contains("warning"), "{}", err(&quiet));
    assert_eq!(whyspan(&["doctor"]).status.code(), Some(2));
    let help = out(&whyspan(&["doctor", "--help"]));
    assert!(help.contains("Examples:") && help.contains("docs/doctor.md"), "{help}");
}

#[test]
fn control_codes_in_telemetry_never_reach_the_terminal() {
    let hostile = fs::read_to_string(story("exception_only_in_a_log")).expect("the story");
    let hostile =
        hostile.replace("shop.Cart", "shop\\u001b]0;owned\\u0007.Cart").replace("13 INTERNAL", "\\u001b[2J\\u202e13");
    let output = whyspan_on(hostile.as_bytes(), &["analyze", "-", "--color", "always"]);
    assert_eq!(output.status.code(), Some(0));
    let report = out(&output);
    assert!(report.contains("owned"), "the hostile name is gone: {report}");
    for code in ["\u{1b}]", "\u{1b}[2J", "\u{7}", "\u{202e}"] {
        assert!(!report.contains(code), "{code:?} reached the terminal");
    }
}

#[test]
fn kept_attributes_are_shown_with_the_trace() {
    let scenario = fixtures().join("scenarios/payment-failure/candidate.traces.jsonl.zst");
    let output = whyspan(&[
        "trace",
        "31c819d59db8d05ff6273d61c369fd35",
        &scenario.to_string_lossy(),
        "--keep-attribute",
        "app.user.*",
    ]);
    assert!(out(&output).contains("app.user.currency = USD"), "{}", out(&output));
}

/// The signatures of a story's root causes, by rank.
fn signatures(inputs: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["analyze", "--quiet", "--format", "json"].iter().chain(inputs).copied().collect();
    let causes = json(&whyspan(&arguments))["root_causes"].clone();
    let causes = causes.as_array().expect("root causes").iter();
    causes.map(|cause| cause["signature"].as_str().expect("a signature").to_owned()).collect()
}

#[test]
fn explain_says_in_what_two_faults_differ() {
    let input = story("one_message_thrown_at_two_places");
    let found = signatures(&[&input]);
    let [one, other] = &found[..] else { panic!("two faults: {found:?}") };
    let told = whyspan(&["explain", "--quiet", one, other, &input]);
    assert_eq!(told.status.code(), Some(0));
    let text = out(&told);
    assert!(text.contains(&format!("{one} and {other}: two faults, of the same family")), "{text}");
    assert!(text.contains("frames: ") && !text.contains("message: "), "{text}");

    // Saved evidence says the same, and so do the first digits, and one of two without the other.
    let evidence = file(
        &scratch("explain"),
        "evidence.json",
        &whyspan(&["analyze", "--quiet", "--format", "json", &input]).stdout,
    );
    assert_eq!(out(&whyspan(&["explain", one, other, &evidence])), text);
    assert_eq!(out(&whyspan(&["explain", &one[..9], &other[..9], &evidence])), text);
    assert!(out(&whyspan(&["explain", one, &evidence])).contains("of the same family"));

    let unknown = whyspan(&["explain", "v2:0000000000000000", &evidence]);
    assert_eq!(unknown.status.code(), Some(4));
    assert!(
        err(&unknown).contains("no root cause of the input has the signature v2:0000000000000000"),
        "{}",
        err(&unknown)
    );
    assert_eq!(whyspan(&["explain", &input, &evidence]).status.code(), Some(2));
    assert_eq!(whyspan(&["explain", one]).status.code(), Some(2));
}

#[test]
fn rules_of_the_user_merge_split_and_say_whose_code_it_is() {
    let folder = scratch("exception_rules");
    let rules = |name: &str, text: &str| file(&folder, name, text.as_bytes());
    let two = story("one_message_thrown_at_two_places");
    let merge = rules("merge.toml", "[[signature]]\nmatches = 'is locked'\nmerge_as = 'locked'");
    assert_eq!(signatures(&[&two, "--exceptions", &merge]).len(), 1);
    let split = rules("split.toml", "[[signature]]\nmatches = 'cart ([0-9]+)'\nsplit = true");
    assert_eq!(signatures(&[&two, "--exceptions", &split]).len(), 3);

    let foreign = rules("foreign.toml", "[[in_app]]\nprefix = 'com.shop.Cart.'\nin_app = false");
    let frames = |rules: &str| {
        let evidence = json(&whyspan(&["analyze", "--quiet", "--format", "json", "--exceptions", rules, &two]));
        evidence["root_causes"][0]["exception"]["frame"].clone()
    };
    assert_eq!(frames(&merge)["function"], "com.shop.Cart.add");
    assert_eq!(frames(&foreign), Value::Null);

    let broken = rules("broken.toml", "[[in_app]]\nin_app = true");
    let told = whyspan(&["analyze", "--exceptions", &broken, &two]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("either prefix or regex"), "{}", err(&told));
}

#[test]
fn a_report_is_never_written_over_what_is_read() {
    let folder = scratch("report-over-input");
    let telemetry = fs::read(story("propagated_over_three_services")).expect("a story");
    let input = file(&folder, "same.json", &telemetry);
    let linked = folder.join("linked.json");
    fs::hard_link(&input, &linked).expect("a second name");
    let other = format!("{}/./same.json", folder.display());
    let inside = folder.to_string_lossy().into_owned();
    for (input, report) in
        [(&input, &input), (&input, &other), (&input, &linked.to_string_lossy().into_owned()), (&inside, &input)]
    {
        let ran = whyspan(&["analyze", input, "--report", report]);
        assert_eq!(ran.status.code(), Some(2), "{}", err(&ran));
        assert!(err(&ran).contains("is an input; name another file for the report"), "{}", err(&ran));
        assert_eq!(fs::read(folder.join("same.json")).expect("the input"), telemetry);
    }
    let evidence = folder.join("evidence.json").to_string_lossy().into_owned();
    assert_eq!(whyspan(&["analyze", &input, "--report", &evidence]).status.code(), Some(0));
    let ran = whyspan(&["analyze", &input, "--report", &evidence]);
    assert_eq!(ran.status.code(), Some(0), "an earlier report is no input: {}", err(&ran));
    let ran = whyspan(&["analyze", &inside, "--report", &evidence]);
    assert_eq!(ran.status.code(), Some(0), "nor where it is found beside the input: {}", err(&ran));
    let stdin = Command::new(env!("CARGO_BIN_EXE_whyspan"))
        .args(["analyze", "-", "--report", &input])
        .stdin(fs::File::open(&input).expect("the input"))
        .output()
        .expect("it runs");
    if cfg!(target_os = "linux") {
        assert_eq!(stdin.status.code(), Some(2), "{}", err(&stdin));
        assert_eq!(fs::read(&input).expect("the input"), telemetry);
    }
    assert_eq!(whyspan(&["report", &evidence, "--report", &evidence]).status.code(), Some(2));
    let rules = file(&folder, "rules.json", b"");
    assert_eq!(whyspan(&["analyze", &input, "--exceptions", &rules, "--report", &rules]).status.code(), Some(2));
    let ran =
        whyspan(&["gate", "--baseline", &input, "--candidate", &input, "--changes", &evidence, "--report", &evidence]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(err(&ran).contains("is an input"), "{}", err(&ran));
}

#[test]
fn settings_and_evidence_have_a_bound() {
    let folder = scratch("long-settings");
    let long = file(&folder, "long.toml", &vec![b'#'; (1 << 20) + 1]);
    let input = story("propagated_over_three_services");
    for arguments in [
        ["gate", "--baseline", &input, "--candidate", &input, "--policy", &long],
        ["gate", "--baseline", &input, "--candidate", &input, "--exceptions", &long],
    ] {
        let ran = whyspan(&arguments);
        assert_eq!(ran.status.code(), Some(2), "{}", err(&ran));
        assert!(err(&ran).contains("more than 1 MiB"), "{}", err(&ran));
    }
    let evidence = folder.join("evidence.json");
    let blanks = fs::File::create(&evidence).expect("a file");
    blanks.set_len((256 << 20) + 1).expect("a file of holes");
    let ran = whyspan(&["report", &evidence.to_string_lossy()]);
    assert_eq!(ran.status.code(), Some(2), "{}", err(&ran));
    assert!(err(&ran).contains("more than 256 MiB"), "{}", err(&ran));
}

#[test]
fn nothing_hostile_in_a_message_reaches_the_terminal_or_the_job() {
    let folder = scratch("hostile-messages");
    let hostile = file(&folder, "hostile.toml", b"x = 1\n\x1b[2J \xe2\x80\xae\n::error::y\n");
    let evidence = file(&folder, "e.json", b"{\"schema\": \"\\u001b[2J\\n::add-mask::x\"}");
    let input = story("propagated_over_three_services");
    for arguments in [
        &["gate", "--baseline", &input, "--candidate", &input, "--policy", &hostile][..],
        &["gate", "--baseline", &input, "--candidate", &input, "--exceptions", &hostile],
        &["report", &evidence],
        &["analyze", &input, "--format", "\u{1b}[2J\n::error::x"],
    ] {
        let ran = whyspan(arguments);
        let told = err(&ran);
        assert_eq!(ran.status.code(), Some(2), "{told}");
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told}");
        assert!(told.lines().all(|line| !line.trim_start().starts_with("::")), "{told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_named() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let ran = Command::new(env!("CARGO_BIN_EXE_whyspan")).arg("demo").stdout(full).output().expect("whyspan runs");
    assert_eq!(ran.status.code(), Some(2));
    assert!(err(&ran).contains("standard output cannot be written: "), "{}", err(&ran));
}
