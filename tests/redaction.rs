//! Secrets that are planted wherever telemetry can carry them: none may be found in any byte that is written.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::fixtures;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use whyspan::capture::Capture;
use whyspan::facts::rows::{RowStore, Rows};
use whyspan::facts::tables::TableError;
use whyspan::model::names::Names;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;
use whyspan::redact::rules::Rules;

const TRACE: &str = "5b8efff798038103d269b633813fc60c";

fn secrets() -> BTreeMap<String, String> {
    let text = fs::read_to_string(fixtures().join("secrets/secrets.json")).expect("the secrets");
    let parts: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).expect("parts");
    parts.into_iter().map(|(name, parts)| (name, parts.concat())).collect()
}

/// A file of the fixture with the secrets in it.
fn with_secrets(name: &str, secrets: &BTreeMap<String, String>) -> String {
    let mut text = fs::read_to_string(fixtures().join("secrets").join(name)).expect("a file of the fixture");
    for (name, secret) in secrets {
        text = text.replace(&format!("{{{{{name}}}}}"), secret);
    }
    assert!(!text.contains("{{"), "{name} names a secret that is not there");
    text
}

/// The telemetry in a folder of its own; one file is named after a secret, and one is no telemetry and begins with one.
fn planted(name: &str, secrets: &BTreeMap<String, String>) -> (PathBuf, Vec<String>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    let named = format!("dump-of-{}.json", secrets["email_in_a_file"]);
    let mut inputs = Vec::new();
    for (name, content) in [
        (named.as_str(), with_secrets("traces.json", secrets)),
        ("logs.json", with_secrets("logs.json", secrets)),
        ("notes.txt", format!("{} is the token", secrets["github"])),
        ("changes.jsonl", with_secrets("changes.jsonl", secrets)),
    ] {
        fs::write(folder.join(name), content).expect("a file for the test");
        if name != "changes.jsonl" {
            inputs.push(folder.join(name).to_string_lossy().into_owned());
        }
    }
    (folder, inputs)
}

/// Everything that the binary writes, by what was asked of it.
fn written(name: &str, secrets: &BTreeMap<String, String>, more: &[&str]) -> Vec<(String, String)> {
    let (folder, inputs) = planted(name, secrets);
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let report = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let names =
        ["report.html", "report.json", "report.md", "report.junit.xml", "report.sarif", "report.codequality.json"];
    let reports = names.map(report);
    let all_reports: Vec<&str> = reports.iter().flat_map(|path| ["--report", path]).collect();
    let changes = folder.join("changes.jsonl").to_string_lossy().into_owned();
    let missing = format!("missing-{}", secrets["email_in_a_file"]);
    let gate = [&["gate", "--baseline", inputs[1], "--candidate", inputs[0], "--changes", &changes][..]].concat();
    let split = ["gate", "--change-at", "2026-09-21T14:13:20.5Z", "--changes", &changes];
    let kept = ["--keep-attribute", "app.*", "--keep-attribute", "http.*", "--keep-attribute", "url.*"];
    let trace = [&["trace", TRACE][..], &inputs, &kept, &["--keep-attribute", "db.*"]].concat();
    let commands: Vec<Vec<&str>> = vec![
        [&["analyze"][..], &all_reports, &inputs].concat(),
        [&["analyze", "--format", "json"][..], &inputs].concat(),
        vec!["analyze", inputs[2], &missing],
        trace.clone(),
        [&trace[..], &["--format", "json"]].concat(),
        [&["doctor"][..], &inputs].concat(),
        [&["doctor", "--format", "json"][..], &inputs].concat(),
        gate.clone(),
        [&gate[..], &["--format", "json"], &all_reports].concat(),
        [&gate[..], &["--format", "markdown", "--annotations", "github"]].concat(),
        [&split[..], &inputs].concat(),
        [&split[..], &["--format", "json"], &inputs].concat(),
    ];
    let mut written = Vec::new();
    for command in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_whyspan"))
            .args(&command)
            .args(more)
            .stdin(Stdio::null())
            .output()
            .expect("whyspan runs");
        assert!(matches!(output.status.code(), Some(0 | 1 | 3 | 4)), "{command:?}: {:?}", output.status);
        let asked = format!("{} {}", command[0], if command.contains(&"json") { "json" } else { "text" });
        written.push((format!("{asked}, standard output"), String::from_utf8(output.stdout).expect("UTF-8")));
        written.push((format!("{asked}, standard error"), String::from_utf8(output.stderr).expect("UTF-8")));
        for report in &reports {
            if let Ok(text) = fs::read_to_string(report) {
                written.push((format!("{asked}, report"), text));
                fs::remove_file(report).expect("the report");
            }
        }
    }
    written
}

/// A text as it can be searched: lines that were wrapped are joined, and so is what JSON escapes.
fn squeezed(text: &str) -> String {
    text.replace("\\n", "").chars().filter(|c| !c.is_whitespace() && *c != '\\').collect()
}

/// A secret and its halves: a text that was cut must not show a part of it either.
fn pieces(secret: &str) -> [String; 3] {
    let plain = squeezed(secret);
    let middle = plain.len() / 2;
    [plain[..middle].to_owned(), plain[middle..].to_owned(), plain]
}

#[test]
fn no_planted_secret_is_found_in_anything_that_is_written() {
    let secrets = secrets();
    let written = written("redacted", &secrets, &[]);
    assert!(written.len() >= 34, "{}", written.len());
    let mut leaks = Vec::new();
    for (place, text) in &written {
        let plain = squeezed(text);
        for (name, secret) in &secrets {
            if pieces(secret).iter().any(|piece| plain.contains(piece.as_str())) {
                leaks.push(format!("{name} in {place}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    let told = written.iter().filter(|(_, text)| text.contains("[email#1]")).count();
    assert!(told > 6, "placeholders stand in {told} outputs only");
}

/// What stands in a statement of a database: gone when the span is read, and so not even shown where nothing is taken out.
const OF_A_STATEMENT: &str = "sql_without_a_shape";

/// The same search finds them all where nothing is taken out: so it can fail.
#[test]
fn every_planted_secret_is_found_where_nothing_is_taken_out() {
    let secrets = secrets();
    let written = written("not_redacted", &secrets, &["--redact", "off"]);
    let all: Vec<String> = written.iter().map(|(_, text)| squeezed(text)).collect();
    for (name, secret) in &secrets {
        let plain = squeezed(secret);
        let is_shown = all.iter().any(|text| text.contains(&plain));
        assert!(is_shown || name == OF_A_STATEMENT, "{name} reaches no output: the fixture proves nothing of it");
        assert!(!is_shown || name != OF_A_STATEMENT, "{name} was kept");
    }
    let shape = squeezed("INSERT INTO payers (name, note, age) VALUES (?)");
    assert!(all.iter().any(|text| text.contains(&shape)), "the statement itself is told");
    for (place, text) in &written {
        assert!(!text.contains("Redacted:"), "{place}");
    }
}

#[test]
fn what_was_taken_out_is_counted_and_told() {
    let secrets = secrets();
    let (_, inputs) = planted("counted", &secrets);
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read(&inputs);
    let evidence = capture.into_evidence();
    let text = serde_json::to_string(&evidence).expect("JSON");
    assert!(evidence.redaction.counts.len() >= 9, "{:?}", evidence.redaction);
    for told in &evidence.redaction.counts {
        let places = text.matches(&format!("[{}#", told.class)).count() as u64;
        // A placeholder that a sentence cut is none of them.
        assert!(told.count <= places && told.count > 0 && told.values <= told.count, "{told:?} of {places}");
    }
    let report = whyspan::report::terminal::render(&evidence, 200).expect("a string takes everything");
    let last = report.lines().last().expect("a line");
    assert!(report.contains("Redacted: ") && last.contains('.'), "{last}");
}

#[test]
fn all_formats_of_a_run_show_the_same_ordinals() {
    let secrets = secrets();
    let (folder, inputs) = planted("formats", &secrets);
    let report = folder.join("report.json").to_string_lossy().into_owned();
    let run = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_whyspan"))
            .args(["analyze", "--format", "json", "--report", &report, "--threads", threads])
            .args(&inputs)
            .output()
            .expect("whyspan runs");
        assert_eq!(fs::read(&report).expect("the report"), output.stdout);
        output.stdout
    };
    assert_eq!(run("1"), run("4"));
}

#[test]
fn classes_can_be_left_and_asked_for() {
    let secrets = secrets();
    let (_, inputs) = planted("classes", &secrets);
    let run = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_whyspan"))
            .args(["analyze", "--format", "json"])
            .args(more)
            .args(&inputs)
            .output()
            .expect("whyspan runs");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("UTF-8"),
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    };
    let (_, without_emails, _) = run(&["--no-redact", "email"]);
    assert!(without_emails.contains(&secrets["email"]) && !without_emails.contains(&secrets["card"]));
    let (_, emails_only, _) = run(&["--redact", "off", "--redact", "email"]);
    assert!(!emails_only.contains(&secrets["email"]) && emails_only.contains(&secrets["card"]));
    let (_, own, _) = run(&["--redact-pattern", "rather long (wait)"]);
    assert!(own.contains("rather long [custom#1] for the bank"), "{own}");
    let (code, _, told) = run(&["--redact-pattern", "("]);
    assert_eq!(code, Some(2));
    assert!(told.contains("unclosed group"), "{told}");
    let (code, _, told) = run(&["--redact", "mail"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("url-query"), "{told}");
}

/// Keeps every text that reaches the tables.
#[derive(Default)]
struct Texts(Mutex<Vec<String>>);

impl RowStore for Texts {
    fn add(&self, _: usize, rows: Rows, _: &Names) -> Result<(), TableError> {
        let exceptions = rows.spans.into_iter().filter_map(|row| row.exception).map(String::from);
        self.0.lock().expect("no thread has failed").extend(exceptions);
        Ok(())
    }

    fn finish(&self, names: &Names) -> Result<(), TableError> {
        self.0.lock().expect("no thread has failed").extend(names.texts().map(str::to_owned));
        Ok(())
    }
}

#[test]
fn tables_hold_no_planted_secret_either() {
    let secrets = secrets();
    let (_, inputs) = planted("tables", &secrets);
    let texts = |rules: Rules| {
        let mut capture = Capture::new(ReadOptions::default(), None).redacting(Redactor::new(rules));
        capture.read(&inputs);
        let store = Texts::default();
        capture.into_evidence_and_rows(&store).expect("rows");
        let texts = store.0.into_inner().expect("no thread has failed");
        squeezed(&texts.join("\n"))
    };
    let (redacted, open) = (texts(Rules::default()), texts(Rules::none()));
    let found = |text: &str| secrets.values().filter(|secret| text.contains(&squeezed(secret))).count();
    assert_eq!(found(&redacted), 0, "{redacted}");
    assert!(found(&open) >= 6, "{open}");
}

/// What the fixtures say is worth reading because nothing in it was taken for a secret.
#[test]
fn stories_and_scenarios_keep_their_words() {
    let mut changed = Vec::new();
    for kind in ["stories", "scenarios"] {
        for folder in common::folders(kind) {
            let files = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
            let telemetry = |path: &PathBuf| {
                let name = path.to_string_lossy();
                name.ends_with(".zst") || (name.ends_with(".json") && !name.contains("labels"))
            };
            let evidence = common::evidence(&files.filter(telemetry).collect::<Vec<_>>());
            for told in &evidence.redaction.counts {
                changed.push(format!("{}: {}", folder.file_name().expect("a name").to_string_lossy(), told.class));
            }
        }
    }
    // The query of a URL in a message of a client, and values that a database quotes.
    let known = ["url_with_timeout_param_refused: url-query", "values_in_parentheses_make_other_faults: sql-literal"];
    assert_eq!(changed, known);
}

#[test]
fn the_page_describes_every_class() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/redaction.md")).expect("the page");
    for class in whyspan::redact::class::Class::ALL {
        assert!(page.contains(&format!("| `{class}` |")), "docs/redaction.md does not describe {class}");
    }
}

#[test]
fn json_of_a_trace_tells_too() {
    let secrets = secrets();
    let written = written("trace", &secrets, &[]);
    let (_, text) = written.iter().find(|(place, _)| place == "trace json, standard output").expect("a trace");
    let trace: Value = serde_json::from_str(text).expect("JSON");
    let told: Vec<&str> =
        trace["redacted"].as_array().expect("counts").iter().filter_map(|it| it[0].as_str()).collect();
    for class in ["card", "token", "key", "email", "authorization", "cookie", "password", "url-query", "sql-literal"] {
        assert!(told.contains(&class), "{class} is not told: {told:?}");
    }
}

/// Seeds of the fuzzer: what a secret stands in.
#[test]
#[ignore = "writes seeds for fuzz/run"]
fn seeds_are_written() {
    let folder = fixtures().join("../fuzz/corpus/texts");
    fs::create_dir_all(&folder).expect("a folder");
    let secrets = secrets();
    for name in ["traces.json", "logs.json", "changes.jsonl"] {
        for (number, line) in with_secrets(name, &secrets).lines().enumerate() {
            fs::write(folder.join(format!("{name}-{number}")), line).expect("a seed");
        }
    }
}
