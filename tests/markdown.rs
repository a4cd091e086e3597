//! The Markdown report: what it says of recorded captures, how long it may be, and that no text of telemetry becomes markup.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{fixtures, folders, python};
use insta::{Settings, assert_snapshot};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use whyspan::judge::evidence::Evidence;
use whyspan::report::markdown::{COMMENT, JOB_SUMMARY, MARKER, MarkdownOptions, render};

/// The reviewed evidence of a scenario: `gate` or `evidence`.
fn reviewed(scenario: &str, snapshot: &str) -> Value {
    let path = fixtures().join("scenarios").join(scenario).join(format!("{snapshot}.snap"));
    let text = fs::read_to_string(path).expect("a snapshot");
    let json = text.splitn(3, "---\n").nth(2).expect("a snapshot has a head");
    serde_json::from_str(json).expect("evidence is JSON")
}

fn report(evidence: &Value, most_bytes: usize) -> String {
    let evidence = Evidence::deserialize(evidence).expect("evidence");
    render(&evidence, &MarkdownOptions { most_bytes }).expect("text")
}

#[test]
fn the_report_of_every_scenario_is_as_reviewed() {
    for scenario in folders("scenarios") {
        let name = scenario.file_name().expect("a name").to_string_lossy().into_owned();
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(&scenario);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!("gate.md", report(&reviewed(&name, "gate"), COMMENT)));
    }
}

#[test]
fn the_first_screen_says_what_somebody_had_to_find_by_hand() {
    let report = report(&reviewed("payment-failure", "gate"), COMMENT);
    let (first, folded) = report.split_once("<details>").expect("the rest is folded");
    for said in [
        "No-go",
        "125 of 125 requests of `POST /api/checkout` of `frontend` fail (100 %), before 0 of 132 (0 %)",
        "`paymentservice` throws `Error`: `PaymentService Fail Feature Flag Enabled`",
        "`/usr/src/shop/payment/charge.js:21:11` (`module.exports.charge`)",
        "`paymentservice` → `checkoutservice` → `frontend`",
        "Without this root cause the gate would be go.",
        "100 % of the failing traces",
    ] {
        assert!(first.contains(said), "{said} is not said in {first}");
    }
    assert!(folded.contains("at async Object.chargeServiceHandler [as Charge] (/usr/src/shop/payment/index.js:12:22)"));
    assert!(folded.contains("31c819d59db8d05ff6273d61c369fd35"));
}

#[test]
fn an_analysis_has_no_verdict_and_no_policy() {
    let report = report(&reviewed("payment-failure", "evidence"), COMMENT);
    assert!(report.starts_with(&format!("{MARKER}\n\n## 1 root cause · whyspan analysis\n")), "{report}");
    assert!(report.contains("125 of 125 requests of `POST /api/checkout` of `frontend` fail (100 %)"), "{report}");
    assert!(!report.contains("Policy") && !report.contains("o-go"), "{report}");
}

#[test]
fn no_data_never_looks_like_success() {
    let mut evidence = reviewed("healthy", "evidence");
    evidence["windows"]["candidate"]["spans"] = json!(0);
    evidence["root_causes"] = json!([]);
    assert!(report(&evidence, COMMENT).contains("## 🟡 No data"));
    let mut gate = reviewed("healthy", "gate");
    gate["verdict"]["decision"] = json!("inconclusive");
    gate["verdict"]["summary"] = json!("Inconclusive: the candidate holds no span.");
    gate["verdict"]["settle"] = json!(["Record a candidate.", "Look at the exporter."]);
    let report = report(&gate, COMMENT);
    assert!(report.contains("## 🟡 Inconclusive · whyspan gate\n\nThe candidate holds no span.\n"), "{report}");
    assert!(report.contains("**What would settle it:**\n  - Record a candidate.\n  - Look at"), "{report}");
}

#[test]
fn a_policy_that_is_not_the_built_in_one_says_so() {
    let mut gate = reviewed("healthy", "gate");
    gate["policy"]["alpha"] = json!(0.05);
    gate["policy"]["rules"]["slower"] = json!("warn");
    let report = report(&gate, COMMENT);
    for said in ["not the built-in one", "`alpha`: 0.05 (built in: 0.01)", "`slower` (built in: fail)"] {
        assert!(report.contains(said), "{said} is not said in {report}");
    }
}

/// Evidence of 2,000 root causes with stack traces of 16 KiB, and of 10,000 services, objectives and more.
fn huge() -> Value {
    let mut evidence = reviewed("payment-failure", "gate");
    let line = "    at <anonymous> & `module` (/usr/src/shop/payment/charge.js:21:11)\n";
    let mut cause = evidence["root_causes"][0].clone();
    cause["exception"]["stacktrace"] = json!(line.repeat(16_384 / line.len()));
    let repeated = |value: &Value, times: usize| Value::Array(vec![value.clone(); times]);
    evidence["root_causes"] = repeated(&cause, 2000);
    for (place, cause) in evidence["root_causes"].as_array_mut().expect("root causes").iter_mut().enumerate() {
        cause["rank"] = json!(place + 1);
        if place < 20 {
            cause["propagation"] = repeated(&cause["propagation"][1], 1000);
            cause["entry_points"] = repeated(&cause["entry_points"][0], 1000);
            cause["confidence"]["for"] = repeated(&cause["confidence"]["for"][0], 1000);
        }
    }
    for list in ["services", "entry_points", "objectives"] {
        evidence[list] = repeated(&evidence[list][0], 10_000);
    }
    let reason = evidence["verdict"]["reasons"][0].clone();
    let reasons: Vec<Value> = (0..2000)
        .map(|place| {
            let mut reason = reason.clone();
            reason["refs"] = json!([format!("/root_causes/{place}")]);
            reason
        })
        .collect();
    evidence["findings"] = json!(reasons);
    evidence["verdict"]["reasons"] = json!(reasons);
    evidence["quality"]["defects"] = repeated(&json!({ "code": "orphan", "count": 1, "sentence": "x" }), 10_000);
    evidence["changes"] = repeated(
        &json!({ "kind": "event", "key": "k", "from": null, "to": "v", "at": null, "source": "telemetry" }),
        10_000,
    );
    evidence
}

/// Every tag is closed, in its order. Of HTML are the lines that start with a tag; in all others `<` is within code.
fn assert_whole(report: &str) {
    let mut open: Vec<&str> = Vec::new();
    let html = report.lines().filter(|line| line.starts_with('<') && *line != MARKER);
    for tag in html.flat_map(|line| line.split('<').skip(1)) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        match tag.strip_prefix('/') {
            Some(closing) => assert_eq!(open.pop(), Some(closing), "{report}"),
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?} left open in {report}");
}

#[test]
fn a_report_of_any_evidence_fits_and_says_what_it_leaves_out() {
    let evidence = Evidence::deserialize(huge()).expect("evidence");
    for most_bytes in [16_384, 20_000, 33_333, COMMENT, 150_000, JOB_SUMMARY] {
        let report = render(&evidence, &MarkdownOptions { most_bytes }).expect("text");
        assert!(report.len() <= most_bytes, "{} of {most_bytes}", report.len());
        assert_whole(&report);
        assert!(report.contains("Policy in force") && report.contains("## 🔴 No-go"));
        assert!(report.contains("`new-root-cause`") && report.contains("`alpha`: 0.01"));
        let told = report.matches("<summary>Root cause ").count();
        let rows = report.split("<summary>Other root causes").nth(1).expect("there are others");
        let rows = rows.split("</details>").next().expect("it is closed");
        let others = rows.matches("<tr><td>").count();
        assert!(rows.contains(&format!("{} more root causes: see the evidence JSON.", 2000 - told - others)), "{rows}");
        for left_out in ["services", "entry points", "objectives", "oddities"] {
            assert!(report.contains(&format!(" more {left_out}: see the evidence JSON.")), "{left_out} {report}");
        }
        if most_bytes >= COMMENT {
            assert!(told >= 3 && report.contains("of the stack trace: see the evidence JSON."), "{told}");
        }
    }
}

/// Texts that would like to be more than texts.
const HOSTILE: [&str; 34] = [
    "<script>alert(1)</script>",
    "</details></summary></table></td></code></pre>",
    "<!-- whyspan:report -->",
    "--> <b>bold</b> <!--",
    "<img src=x onerror=alert(1)>",
    "![image](https://example.com/a.png)",
    "[click](javascript:alert(1))",
    "](javascript:alert(1))",
    "[ref]: https://example.com \"title\"",
    "https://example.com/path?a=b&c=d",
    "see www.example.com, or example.com",
    "mail user@example.com or mailto:a@b.co",
    "@octocat please merge @org/team",
    "fixes #123 and owner/repo#45, GH-12 or !7 ~bug %\"1.0\" &3",
    "commit deadbeefcafe 0123456789abcdef0123456789abcdef01234567 1234567",
    ":tada: :+1:",
    "a | b \\| c \\\\| d",
    "`",
    "``` ` `` ````",
    "\\` \\",
    "~~~ ~~gone~~",
    "**bold** _it_ __x__ *y*",
    "# heading",
    "> [!WARNING]",
    "- [ ] task",
    "1. one",
    "2) two",
    "--- === ***",
    "[^1] $x^2$ $`a`$ $$",
    "&lt;b&gt; &amp; &#64;x &#x60;",
    "<https://example.com> <a@b.co>",
    "'\"><svg/onload=alert(1)>",
    "x`y``z @a`b#1`c",
    "]]> <?php ?> <!DOCTYPE x> <![CDATA[",
];

/// All texts of the evidence that could be telemetry become one text.
fn with_texts(value: &mut Value, text: &str) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                // Words of ours that the type of the evidence fixes, or by which a report chooses its own words.
                let ours =
                    ["schema", "command", "decision", "severity", "level", "policy", "refs", "ref", "unit", "result"];
                let ours = [&ours[..], &["kind", "effect", "change", "role", "grade", "start", "end"]].concat();
                // The kind of an exception is called type, the kind of a change is free.
                if !ours.contains(&key.as_str()) {
                    with_texts(value, text);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| with_texts(item, text)),
        Value::String(string) => text.clone_into(string),
        _ => {}
    }
}

/// Evidence in which every part of the report has something to say.
fn full(scenario: &str) -> Value {
    let mut evidence = reviewed(scenario, "gate");
    evidence["changes"] =
        json!([{ "kind": "event", "key": "k", "from": "a", "to": "b", "at": "now", "source": "telemetry" }]);
    evidence["quality"]["defects"] = json!([{ "code": "orphan", "count": 1, "sentence": "x" }]);
    evidence["verdict"]["settle"] = json!(["x", "y"]);
    evidence["findings"].as_array_mut().expect("findings").extend([
        json!({ "code": "retries", "severity": "warn", "sentence": "x", "refs": [] }),
        json!({ "code": "traffic", "severity": "info", "sentence": "y", "refs": [] }),
    ]);
    let counts = json!({ "also_keys": [], "failing_with": 1, "failing_without": 2, "passing_with": 3,
        "passing_without": 4, "p_value": 0.1, "key": "k", "value": "v", "sentence": "x" });
    let mut suspect = counts.clone();
    suspect["kind"] = json!("feature-flag");
    suspect["contrast"] = json!("across-windows");
    suspect["inferred"] = json!(true);
    let causes = evidence["root_causes"].as_array_mut().expect("root causes");
    for cause in causes {
        cause["suspects"] = json!([suspect]);
        cause["conditions"] = json!([counts]);
        cause["confidence"]["against"] = json!(["x"]);
        cause["confidence"]["level"] = json!("low");
        cause["degraded_entry_points"] = json!([{ "service": "a", "operation": "b", "absorbed": 1, "total": 2 }]);
        let chain = json!([{ "type": "T", "message": "m", "frame": { "file": "f", "line": 1, "column": null,
            "function": "g" } }]);
        let frame = json!({ "file": "f", "line": 1, "column": 2, "function": "g" });
        cause["exception"] =
            json!({ "type": "T", "message": "m", "stacktrace": "a\n\nb", "frame": frame, "chain": chain });
    }
    evidence
}

/// A report in which a text is everywhere, beside one in which a harmless word is.
fn question(scenario: &str, kind: &str, text: &str) -> Value {
    let mut evidence = full(scenario);
    for cause in evidence["root_causes"].as_array_mut().expect("root causes") {
        cause["kind"] = json!(kind);
    }
    let mut plain = evidence.clone();
    with_texts(&mut evidence, text);
    with_texts(&mut plain, "word");
    // Each of these is said of something else.
    let (name, sentence) = (format!("{text}0"), format!("a {text} b"));
    evidence["root_causes"][0]["service"] = json!(name);
    evidence["root_causes"][0]["sentence"] = json!(sentence);
    evidence["root_causes"][0]["exception"]["stacktrace"] =
        json!(format!("{text}\n\n{text}\n```\n</pre>\n    {text}2"));
    plain["root_causes"][0]["exception"]["stacktrace"] = json!("word");
    let in_full = [name, sentence, format!("{text} ``` </pre> {text}2")];
    let mut told = vec![text];
    // Of a caller's own fault there is a row and no more; names are cut at 120 characters.
    if evidence["root_causes"][0]["client_fault"] == json!(false) {
        let most = if text.len() < 120 { 0 } else { 1 };
        told.extend(in_full[most..].iter().map(String::as_str));
    }
    json!({ "markdown": report(&evidence, JOB_SUMMARY), "plain": report(&plain, JOB_SUMMARY), "texts": told })
}

fn complaints(reports: &[Value]) -> Vec<String> {
    let packages = [
        ("cmarkgfm", "cmarkgfm>=2024.11"),
        ("comrak", "comrak>=0.0.16"),
        ("markdown_it", "markdown-it-py>=3"),
        ("linkify_it", "linkify-it-py>=2"),
    ];
    let answer = python::answer_of("markdown.py", "python-markdown", &packages, &[], &json!({ "reports": reports }));
    serde_json::from_value(answer).expect("a list of complaints")
}

#[test]
fn no_text_becomes_markup_a_link_or_a_mention() {
    let mut reports = Vec::new();
    for text in HOSTILE {
        reports.push(question("payment-failure", "exception", text));
    }
    for kind in ["unreachable", "dependency", "error-status", "timeout", "log-error", "latency", "other"] {
        reports.push(question("cart-failure", kind, &HOSTILE.join(" ")[..110]));
    }
    // Each beside each other, so that what opens meets what closes.
    for (at, text) in HOSTILE.iter().enumerate() {
        let next = HOSTILE[(at * 7 + 3) % HOSTILE.len()];
        reports.push(question("email-swallowed", "exception", &format!("{text}{next}")));
        reports.push(question("payment-unreachable", "error-status", &format!("{next} {text}")));
        reports.push(question("catalog-slow", "error-status", &format!("{text} {next}")));
    }
    assert_eq!(complaints(&reports), Vec::<String>::new());
}

#[test]
fn the_parsers_do_complain() {
    let bad =
        |markdown: &str| json!({ "markdown": format!("{MARKER}\n\n{markdown}\n"), "plain": MARKER, "texts": ["<b>"] });
    for (markdown, complaint) in [
        ("<b>x</b>", "a tag <b>"),
        ("&#64;name", "mention '@n'"),
        ("a&#64;b.co", "a tag <a>"),
        ("*x*", "a tag <em>"),
        ("`x` #12", "reference '#1'"),
        ("<details>", "left open"),
        ("<!-- x -->", "comments"),
        ("x", "not shown as it is: '<b>'"),
        ("x", "the structure is another one"),
    ] {
        let told = complaints(&[bad(markdown)]);
        assert!(told.iter().any(|told| told.contains(complaint)), "{markdown}: {told:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_leaves_the_report_whole_and_within_its_bounds(
        parts in prop::collection::vec(select([
            "`", "``", "<", ">", "&", "\n", "\r", "\0", "\u{1b}[2J", "\u{202e}", "\u{200b}", "|", "\\", "a", "漢", "<!--", "-->",
            "</details>", "</pre>", " ", "\t", "\u{e0041}", "@", "#1", "deadbeef",
        ].to_vec()), 0..4000),
        most_bytes in 0..90_000_usize,
    ) {
        let mut evidence = full("cart-failure");
        with_texts(&mut evidence, &parts.concat());
        let text = report(&evidence, most_bytes);
        prop_assert!(text.len() <= most_bytes.max(16_384));
        assert_whole(&text);
        prop_assert!(text.starts_with(MARKER) && text.matches("<!--").count() >= 1);
        let steers = |character: char| {
            character.is_control() && !matches!(character, '\n' | '\t')
                || matches!(character, '\u{202e}' | '\u{200b}' | '\u{e0041}')
        };
        let harmless = !text.chars().any(steers);
        prop_assert!(harmless);
        prop_assert!(text.contains("Policy in force"));
    }
}
