//! The report as a page: as a real browser, a strict parser and hostile telemetry meet it. Needs Chromium and pip.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::python::answer_of;
use common::{capture_of_gate, evidence, fixtures, folders};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use whyspan::capture::compare;
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::policy::Policy;
use whyspan::model::change_event::{ChangeEvent, ChangeKind};
use whyspan::model::time::Nanos;
use whyspan::redact::redactor::Redactor;
use whyspan::report::html::page::{HtmlOptions, render};
use whyspan::report::json;

/// What a typical page may weigh, in bytes.
const TYPICAL: usize = 500_000;

const HOSTILE: &str = "</code></p></style></script><script>window.got=1</script><img src=x onerror=window.got=1>\
    <a href=javascript:window.got=1>x</a>\" onmouseover=\"window.got=1\" '{{x}}' \u{202e}\u{0}\u{1b}[31m\u{fffe}\u{85} -->]]>&lt;&#60;";

fn window(scenario: &Path, side: &str) -> (WindowFacts, InputFacts) {
    capture_of_gate(&["traces", "logs"].map(|signal| scenario.join(format!("{side}.{signal}.jsonl.zst")))).into_facts()
}

fn gate(scenario: &Path) -> Evidence {
    let [baseline, candidate] = ["baseline", "candidate"].map(|side| window(scenario, side));
    compare(&baseline, &candidate, &Policy::default(), vec![a_change()], &Redactor::default())
}

fn a_change() -> ChangeEvent {
    ChangeEvent {
        at: Some(Nanos(1_795_313_190_991_506_432)),
        from: Some("off".to_owned()),
        to: Some("on".to_owned()),
        source: "changes.jsonl".to_owned(),
        ..ChangeEvent::new(ChangeKind::FeatureFlag, "newCheckout")
    }
}

/// Root causes with suspects, conditions and slowness, by hand.
fn by_hand() -> Evidence {
    let text = fs::read_to_string(fixtures().join("pages/suspects-and-latency.json")).expect("the fixture");
    json::from_json(&text).expect("evidence")
}

/// Members that hold words of our own: hostile text in them would make other evidence.
const OURS: [&str; 20] = [
    "schema", "command", "decision", "severity", "kind", "effect", "change", "role", "level", "result", "unit",
    "grade", "outcome", "window", "ref", "metric", "contrast", "start", "policy", "refs",
];

/// The evidence with hostile text before all that telemetry, or whoever wrote the file, can say.
fn hostile(evidence: &Evidence) -> Evidence {
    let mut value = serde_json::to_value(evidence).expect("JSON");
    let mut open = vec![&mut value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                open.extend(fields.iter_mut().filter(|(key, _)| !OURS.contains(&key.as_str())).map(|(_, field)| field));
            }
            Value::String(text) => *text = format!("{HOSTILE}{text}"),
            _ => {}
        }
    }
    serde_json::from_value(value).expect("the evidence again")
}

/// The evidence with far more of everything than a page can show.
fn very_much(evidence: &Evidence) -> Evidence {
    let mut much = evidence.clone();
    let cause = much.root_causes.first().expect("a root cause").clone();
    much.root_causes = vec![cause; 2000];
    for (cause, rank) in much.root_causes.iter_mut().zip(1..) {
        cause.rank = rank;
        cause.entry_points = vec![cause.entry_points[0].clone(); 100];
        cause.propagation = vec![cause.propagation[0].clone(); 200];
        let exception = cause.exception.as_mut().expect("an exception");
        exception.message = Some("long ".repeat(10_000));
        exception.stacktrace = Some("    at f (/app/x.js:1:2)\n".repeat(700));
    }
    much.objectives = vec![much.objectives[0].clone(); 20_000];
    much.entry_points = vec![much.entry_points[0].clone(); 10_000];
    much.services = vec![much.services[0].clone(); 10_000];
    much
}

fn nothing() -> Evidence {
    let nothing = (WindowFacts::default(), InputFacts::default());
    compare(&nothing, &nothing, &Policy::default(), Vec::new(), &Redactor::default())
}

fn name(folder: &Path) -> String {
    folder.file_name().expect("a name").to_string_lossy().into_owned()
}

fn chromium() -> &'static str {
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|it| it.status.success());
    let found = || NAMES.into_iter().find(is_there);
    // Tests ask for it at once, and it can be installed by one at a time only.
    static CHROMIUM: OnceLock<&str> = OnceLock::new();
    CHROMIUM.get_or_init(|| {
        found().unwrap_or_else(|| {
            // On a fresh machine; where this may not be done, the message says what is missing.
            let install = |arguments: &[&str]| {
                Command::new("apt-get").args(["-o", "DPkg::Lock::Timeout=300", "-qq"]).args(arguments).status()
            };
            let _ = install(&["update"]);
            let _ = install(&["install", "-y", "chromium"]);
            found().expect("Chromium: install the package chromium")
        })
    })
}

/// What a real browser says of each page.
fn seen(pages: &BTreeMap<String, String>, words: Option<&str>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, page) in pages {
        fs::write(folder.path().join(format!("{name}.html")), page).expect("the folder can be written to");
    }
    let question: BTreeMap<&String, Value> = pages.keys().map(|name| (name, json!({ "words": words }))).collect();
    let packages = [
        ("playwright", "playwright>=1.50"),
        ("html5lib", "html5lib>=1.1"),
        ("axe_core_python", "axe-core-python>=0.1"),
        ("pypdf", "pypdf>=5"),
    ];
    let arguments = [folder.path().as_os_str(), chromium().as_ref()];
    answer_of("page.py", "browser", &packages, &arguments, &json!(question))
}

fn problems(seen: &Value, name: &str) -> Vec<String> {
    let told = seen[name]["problems"].as_array().expect("a list").iter();
    told.map(|it| it.as_str().unwrap_or_default().to_owned()).collect()
}

fn with_links() -> HtmlOptions {
    let url = "https://jaeger.example/trace/{trace_id}?uiFind={span_id}".parse().expect("an address");
    HtmlOptions { trace_url: Some(url) }
}

#[test]
fn a_real_browser_finds_nothing_wrong() {
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for scenario in folders("scenarios") {
        let page = render(&gate(&scenario), &with_links());
        assert!(page.len() < TYPICAL, "{}: {} bytes", scenario.display(), page.len());
        pages.insert(name(&scenario), page);
    }
    pages.insert("by-hand".to_owned(), render(&by_hand(), &HtmlOptions::default()));
    let seen = seen(&pages, Some("cart"));
    for name in pages.keys() {
        let page = &seen[name];
        assert_eq!(problems(&seen, name), Vec::<String>::new(), "{name}");
        let number = |what: &str| page[what].as_u64().unwrap_or(0);
        assert!(number("axe_rules") > 20 && number("details") > 1 && number("found") > 0, "{name}: {page}");
        let sheets = page["pages"]["A4"].as_u64().unwrap_or(0);
        assert!((4..=20).contains(&sheets), "{name}: {sheets} pages of paper");
    }
}

#[test]
fn hostile_text_shows_and_does_nothing() {
    // By whatever stands in the page of good text, only these.
    let allowed: BTreeSet<&str> = "a article b body br button caption code dd details div dl dt figcaption figure footer g h1 h2 h3 \
        h4 head header html input label li line main meta nav ol output p path pre q rect script section span style summary svg \
        table tbody td text th thead time title tr ul"
        .split_whitespace()
        .collect();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for scenario in ["payment-failure", "email-swallowed"] {
        let evidence = hostile(&gate(&fixtures().join("scenarios").join(scenario)));
        pages.insert(format!("hostile-{scenario}"), render(&evidence, &with_links()));
    }
    pages.insert("hostile-by-hand".to_owned(), render(&hostile(&by_hand()), &with_links()));
    for (name, page) in &pages {
        assert!(page.contains("window.got=1"), "{name}: the text itself must show");
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert!(!page.contains("href=\"javascript:"), "{name}");
        assert!(!page.contains(['\u{202e}', '\u{0}', '\u{1b}', '\u{fffe}', '\u{85}']), "{name}");
    }
    let seen = seen(&pages, None);
    for name in pages.keys() {
        assert_eq!(problems(&seen, name), Vec::<String>::new(), "{name}");
        for element in seen[name]["elements"].as_array().expect("elements") {
            assert!(allowed.contains(element.as_str().unwrap_or_default()), "{name}: {element}");
        }
    }
}

#[test]
fn too_much_of_everything_is_cut_and_nothing_at_all_is_told() {
    let much = render(&very_much(&gate(&fixtures().join("scenarios/payment-failure"))), &HtmlOptions::default());
    assert!(much.len() < 3_000_000, "{} bytes", much.len());
    assert!(much.contains("more rows: see the evidence JSON"));
    let pages = BTreeMap::from([
        ("much".to_owned(), much),
        ("nothing".to_owned(), render(&nothing(), &HtmlOptions::default())),
        (
            "story".to_owned(),
            render(&evidence(&[fixtures().join("stories/redis_down_becomes_404/traces.json")]), &with_links()),
        ),
    ]);
    let seen = seen(&pages, None);
    for name in pages.keys() {
        assert_eq!(problems(&seen, name), Vec::<String>::new(), "{name}");
    }
    assert!(pages["nothing"].contains("Inconclusive"));
}

#[test]
fn the_browser_would_tell() {
    let page = render(&by_hand(), &HtmlOptions::default());
    let broken = |from: &str, to: &str| {
        assert!(page.contains(from), "{from}");
        page.replacen(from, to, 1)
    };
    let pages = BTreeMap::from([
        (
            "wide".to_owned(),
            broken("<p class=\"kicker\">", "<pre class=\"kicker\" style=\"x\">").replacen(
                "<footer>",
                "<footer><svg width=\"3000\" height=\"9\"></svg>",
                1,
            ),
        ),
        (
            "headings".to_owned(),
            broken("<h2 id=\"causes-title\">Root causes</h2>", "<h5 id=\"causes-title\">Root causes</h5>"),
        ),
        ("script".to_owned(), broken("'use strict';", "'use strict'; unknown();")),
        ("paper".to_owned(), broken("<h1 id=", "<p>Root causes</p><h1 id=")),
        ("foreign".to_owned(), broken("<footer>", "<footer><img src=\"https://evil.example/x.png\">")),
        (
            "unnamed".to_owned(),
            broken("<label class=\"unseen\" for=\"search\">Search the report</label>", "")
                .replace("placeholder=\"Search\"", ""),
        ),
    ]);
    let seen = seen(&pages, Some("cart"));
    for (name, sign) in [
        ("wide", "px too wide"),
        ("headings", "heading 1 before 5"),
        ("script", "console:"),
        ("foreign", "console:"),
        ("unnamed", "axe"),
        ("paper", "does not stand alone"),
    ] {
        let problems = problems(&seen, name);
        assert!(problems.iter().any(|problem| problem.contains(sign)), "{name}: {problems:?}");
    }
}

#[test]
fn evidence_that_was_saved_is_rendered_as_ever() {
    for evidence in [by_hand(), nothing()] {
        let saved = json::from_json(&json::to_json(&evidence).expect("JSON")).expect("evidence");
        assert_eq!(render(&saved, &with_links()), render(&evidence, &with_links()));
    }
    for wrong in ["", "{}", "[]", "{\"schema\": \"whyspan.evidence/v9\"}", "{\"schema\": \"whyspan.evidence/v1\"}"] {
        assert!(json::from_json(wrong).is_err(), "{wrong}");
    }
    let other = json::from_json("{\"schema\": \"whyspan.evidence/v9\"}").expect_err("another version").to_string();
    assert!(other.contains("whyspan.evidence/v9"), "{other}");
}

fn run(arguments: &[&str], surroundings: &[(&str, &str)]) -> i32 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyspan"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.envs(surroundings.iter().copied());
    command.output().expect("whyspan runs").status.code().unwrap_or(-1)
}

#[test]
fn the_same_evidence_gives_the_same_bytes_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let inputs = |side: &str| {
        ["traces", "logs"].map(|signal| format!("fixtures/scenarios/payment-failure/{side}.{signal}.jsonl.zst"))
    };
    let [baseline, candidate] = ["baseline", "candidate"].map(inputs);
    let surroundings: [(&str, [(&str, &str); 3]); 3] = [
        ("1", [("TZ", "UTC"), ("LANG", "C"), ("HOME", "/")]),
        ("2", [("TZ", "Asia/Kolkata"), ("LANG", "de_DE.UTF-8"), ("HOME", "/tmp")]),
        ("5", [("TZ", "America/St_Johns"), ("LANG", "tr_TR.UTF-8"), ("HOME", "/nowhere")]),
    ];
    let mut written: Vec<[Vec<u8>; 2]> = Vec::new();
    for (threads, around) in &surroundings {
        let names = ["html", "json"].map(|ending| path(&format!("report-{threads}.{ending}")));
        let mut arguments = vec!["gate", "--quiet", "--threads", threads, "--change", "flag:x=on@2026-11-22T02:06:30Z"];
        for (option, inputs) in [("--baseline", &baseline), ("--candidate", &candidate)] {
            arguments.extend(inputs.iter().flat_map(|input| [option, input]));
        }
        arguments.extend(names.iter().flat_map(|name| ["--report", name]));
        arguments.extend(["--trace-url", "https://jaeger.example/trace/{trace_id}"]);
        assert_eq!(run(&arguments, around), 1);
        written.push(names.map(|name| fs::read(name).expect("the report")));
    }
    assert!(written.windows(2).all(|pair| pair[0] == pair[1]));
    // And from the saved evidence alone.
    let again = path("again.html");
    let saved = path("report-1.json");
    let arguments = ["report", &saved, "--report", &again, "--trace-url", "https://jaeger.example/trace/{trace_id}"];
    assert_eq!(run(&arguments, &[]), 0);
    assert_eq!(fs::read(&again).expect("the report"), written[0][0]);
    let others =
        ["md", "junit.xml", "sarif", "codequality.json", "json"].map(|ending| path(&format!("again.{ending}")));
    let arguments: Vec<&str> =
        ["report", saved.as_str()].into_iter().chain(others.iter().flat_map(|it| ["--report", it])).collect();
    assert_eq!(run(&arguments, &[]), 0);
    assert!(others.iter().map(PathBuf::from).all(|it| it.exists()));
    assert_eq!(fs::read(&others[4]).expect("the evidence"), written[0][1]);
}
