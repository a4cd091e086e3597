//! Each kind of root cause in words of its own on the page, as stories bring it about.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::drawn::Drawn;
use common::gate_of_bytes::gate_of_two;
use common::{evidence, evidence_of_bytes, folders};
use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;
use whyspan::report::html::page::{HtmlOptions, render};
use whyspan::report::markdown::{JOB_SUMMARY, MarkdownOptions};
use whyspan::report::{markdown, terminal};

/// A story with its evidence and its page.
struct Told {
    story: String,
    evidence: Evidence,
    page: String,
}

/// Every story, looked at once for all tests.
static STORIES: LazyLock<Vec<Told>> = LazyLock::new(|| {
    let told = |(story, evidence): (String, Evidence)| {
        let page = render(&evidence, &HtmlOptions::default());
        Told { story, evidence, page }
    };
    stories().into_iter().map(told).collect()
});

/// Every story with its evidence.
fn stories() -> Vec<(String, Evidence)> {
    let gates = folders("gates").into_iter().map(|story| {
        let drawn = Drawn::parse(&fs::read_to_string(story.join("story.txt")).expect("a story"));
        (story, gate_of_two(&drawn.window("baseline"), &drawn.window("candidate"), &[]))
    });
    let captures = folders("stories").into_iter().map(|story| {
        let inputs = ["traces.json", "logs.json"].map(|file| story.join(file)).into_iter().filter(|it| it.exists());
        let evidence = evidence(&inputs.collect::<Vec<_>>());
        (story, evidence)
    });
    gates.chain(captures).map(|(story, evidence)| (story.display().to_string(), evidence)).collect()
}

/// The kind, with the two of `latency` apart.
fn kind(cause: &RootCause) -> &str {
    match &cause.latency {
        Some(latency) if latency.metric == "wire" => "wire",
        Some(_) if cause.peer.is_some() => "slow call",
        _ => &cause.kind,
    }
}

/// What the page must say of a kind: what is wrong, and what that means.
fn words(kind: &str) -> [&[&'static str]; 2] {
    match kind {
        "exception" => [&[" throws "], &["An exception began here"]],
        "error-status" => [&[" fails in ", ", answers with "], &["A span ended as failed, and told no exception."]],
        "unreachable" => {
            [&[" cannot reach ", ", or a proxy before it, with an error in "], &["A call did not reach its callee"]]
        }
        "dependency" => [&[" with "], &["A database, cache, broker or third party answered with an error."]],
        "timeout" => [&[" waits too long for ", " that its caller gives up"], &["A caller gave up while the callee"]],
        "log-error" => [&[" logs ", "ERROR records", "exceptions"], &["An exception was logged"]],
        "latency" => [&[" became slower in "], &["the time goes into the work of this operation itself"]],
        "slow call" => [&[", became slower"], &["the time goes into calls to somebody who has no spans here"]],
        "wire" => [&["the time on the wire before it"], &["in the network, a proxy, a queue or a pool"]],
        "structure" => [&["No longer done", "Done instead"], &["The work takes another course than before"]],
        "traffic" => [&[" is called ", "messages wait"], &["An operation makes more calls for each request"]],
        other => panic!("a kind without words: {other}"),
    }
}

#[test]
fn every_kind_is_explained_in_words_of_its_own() {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for Told { story, evidence, page } in &*STORIES {
        // What is gone, and the callers' own faults, stand in a table in one sentence.
        let in_full = evidence.root_causes.iter().filter(|it| !it.client_fault && it.change.as_deref() != Some("gone"));
        for cause in in_full {
            for words in words(kind(cause)) {
                assert!(words.iter().any(|it| page.contains(it)), "{story}: {} without {words:?}", kind(cause));
            }
            seen.insert(kind(cause).to_owned());
        }
    }
    let all = [
        "dependency",
        "error-status",
        "exception",
        "latency",
        "log-error",
        "slow call",
        "structure",
        "timeout",
        "traffic",
        "unreachable",
        "wire",
    ];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// The terminal, the page and the Markdown of one piece of evidence.
fn reports(evidence: &Evidence) -> [String; 3] {
    let text = terminal::render(evidence, 2000).expect("a string takes everything");
    let markdown = markdown::render(evidence, &MarkdownOptions { most_bytes: JOB_SUMMARY }).expect("text");
    [anstream::adapter::strip_str(&text).to_string(), render(evidence, &HtmlOptions::default()), markdown]
}

#[test]
fn a_call_that_was_answered_with_503_is_told_as_answered_in_every_report() {
    let mut seen = 0;
    for Told { story, evidence, .. } in STORIES.iter() {
        for cause in evidence.root_causes.iter().filter(|cause| cause.answered_for) {
            seen += 1;
            assert!(cause.sentence.contains("a proxy before it"), "{story}: {}", cause.sentence);
            for report in reports(evidence) {
                assert!(report.contains("a proxy before it"), "{story}: {report}");
                assert!(!report.contains("cannot reach"), "{story}: {report}");
            }
        }
    }
    assert!(seen > 1, "there are stories of that");
}

/// What one trace shows does not decide: a callee that was not reached in any of them cannot be reached.
#[test]
fn a_callee_that_is_answered_for_in_some_traces_only_cannot_be_reached() {
    let call = |name: &str, answer: &str| {
        format!(
            "== trace {name}\nweb | GET / | server | 0..90 | error\n  \
             web | GET | client | 5..80 | error | server.address=stock | {answer}\n"
        )
    };
    let traces = [
        call("answered", "http.response.status_code=503"),
        call("refused", "exception=ConnectionError: connection refused"),
    ];
    for (copies, answered) in [([3, 0], true), ([3, 1], false), ([1, 3], false)] {
        let candidate = format!("== candidate\n{} answered\n{} refused\n", copies[0], copies[1]);
        let drawn = Drawn::parse(&[&*traces.concat(), &candidate].concat());
        let evidence = evidence_of_bytes(&[&drawn.window("candidate")]);
        let [cause] = &evidence.root_causes[..] else { panic!("one root cause: {:?}", evidence.root_causes) };
        assert_eq!((cause.kind.as_str(), cause.answered_for), ("unreachable", answered), "{copies:?}");
        let told = format!("(in {} of {} traces)", copies[0], copies[0] + copies[1]);
        let words =
            if answered { "is answered with HTTP 503 by stock or a proxy before it" } else { "cannot reach stock" };
        assert!(cause.sentence.contains(words), "{copies:?}: {}", cause.sentence);
        assert_eq!(cause.sentence.contains(&told), !answered, "{copies:?}: {}", cause.sentence);
    }
}

#[test]
fn what_was_called_and_asked_is_told_in_every_report() {
    let (mut statements, mut names) = (0, 0);
    for Told { story, evidence, page } in STORIES.iter().filter(|it| it.evidence.verdict.is_none()) {
        let text = terminal::render(evidence, 2000).expect("a string takes everything");
        let text = anstream::adapter::strip_str(&text).to_string();
        let markdown = markdown::render(evidence, &MarkdownOptions { most_bytes: JOB_SUMMARY }).expect("text");
        for cause in evidence.root_causes.iter().filter(|cause| !cause.client_fault) {
            let told: Vec<&str> =
                cause.callee.iter().flat_map(|it| &it.statements).take(3).map(|it| it.statement.as_str()).collect();
            let called: Vec<&str> = cause.also_called_as.iter().map(String::as_str).collect();
            (statements, names) = (statements + told.len(), names + called.len());
            for part in told.into_iter().chain(called) {
                let escaped =
                    part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
                assert!(page.contains(&escaped), "{story}: {part} is not on the page");
                assert!(text.contains(part), "{story}: {part} is not in the text");
                assert!(markdown.contains(part), "{story}: {part} is not in Markdown");
            }
        }
    }
    assert!(statements >= 10 && names >= 1, "{statements} statements, {names} names");
}

#[test]
fn what_is_no_failure_is_drawn_beside_a_request_of_before() {
    let (mut shifts, mut drawn) = (0, BTreeSet::new());
    for Told { story, evidence, page } in &*STORIES {
        for (place, cause) in evidence.root_causes.iter().enumerate() {
            let is_shift = cause.latency.is_some() || cause.structure.is_some() || cause.traffic.is_some();
            shifts += usize::from(is_shift);
            let reference = format!("/root_causes/{place}");
            let traces: Vec<_> = evidence.pictures.traces.iter().filter(|it| it.reference == reference).collect();
            let Some(shifted) = traces.iter().find(|trace| trace.outcome == "shifted") else { continue };
            assert!(is_shift, "{story}");
            drawn.insert(kind(cause).to_owned());
            let spans: Vec<_> = shifted.spans.iter().filter(|span| span.role == "shifted").collect();
            assert_eq!(spans.len(), 1, "{story}");
            if let Some(latency) = &cause.latency {
                assert!(spans[0].duration_ms > latency.slower_than_ms, "{story}");
            }
            assert_eq!(
                traces.get(1).map(|it| (it.outcome.as_str(), it.window.as_str())),
                Some(("passing", "baseline"))
            );
            assert!(page.contains("A request that shows it beside one of before"), "{story}");
        }
    }
    assert!(shifts > 10, "{shifts} shifts");
    assert_eq!(
        drawn.iter().map(String::as_str).collect::<Vec<_>>(),
        ["latency", "slow call", "structure", "traffic", "wire"]
    );
}

/// Roles on the way of a failure and in drawn requests, and what the page calls them.
const ROLES: [(&str, &str); 8] = [
    ("origin", "it began here"),
    ("propagated", "passed it on"),
    ("silent", "passed it on, unmarked"),
    ("absorbed", "got over it"),
    ("retried", "tried again"),
    ("cancelled", "called off"),
    ("async", "asked for it in a message"),
    ("shifted", "it shows here"),
];

#[test]
fn every_way_that_a_failure_takes_is_told_in_words() {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let (mut repeated, mut met_by_several) = (0, 0);
    for Told { story, evidence, page } in &*STORIES {
        let in_full = evidence.root_causes.iter().filter(|it| !it.client_fault && it.change.as_deref() != Some("gone"));
        for cause in in_full {
            // Of what is no failure no way is drawn.
            for step in cause.propagation.iter().filter(|_| cause.grouping.is_some()) {
                let Some((role, words)) = ROLES.iter().find(|(role, _)| *role == step.role) else { continue };
                assert!(page.contains(words), "{story}: {role} without `{words}`");
                seen.insert(role);
            }
            if let Some(attempts) = cause.attempts {
                assert!(page.contains(&format!("The call was made {attempts} times in turn")), "{story}");
                repeated += 1;
            }
            if !cause.began_at.is_empty() {
                assert!(page.matches(" met it in ").count() >= cause.began_at.len(), "{story}");
                met_by_several += 1;
            }
        }
        let drawn = evidence.pictures.traces.iter().flat_map(|trace| &trace.spans);
        for span in drawn.filter(|span| ["cancelled", "shifted"].contains(&span.role.as_str())) {
            let (role, words) = ROLES.iter().find(|(role, _)| *role == span.role).expect("a role with words");
            assert!(page.contains(words), "{story}: {role} without `{words}`");
            seen.insert(role);
        }
    }
    assert_eq!(seen, ROLES.iter().map(|(role, _)| *role).collect());
    assert!(repeated > 1 && met_by_several > 1, "{repeated} repeated calls, {met_by_several} callees without anybody");
}
