//! What is drawn says the same as what is judged: counts of pictures add up to those of the evidence, in whatever pieces and
//! order the traces came.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{capture_of_gate, evidence, evidence_of_bytes, fixtures, folders};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use whyspan::capture::{Capture, compare};
use whyspan::facts::exemplar_trace::SPANS;
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;
use whyspan::judge::evidence_pictures::{Moment, TracePicture};
use whyspan::judge::policy::Policy;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

fn window(scenario: &Path, side: &str) -> (WindowFacts, InputFacts) {
    capture_of_gate(&["traces", "logs"].map(|signal| scenario.join(format!("{side}.{signal}.jsonl.zst")))).into_facts()
}

fn gate(scenario: &Path) -> Evidence {
    let [baseline, candidate] = ["baseline", "candidate"].map(|side| window(scenario, side));
    compare(&baseline, &candidate, &Policy::default(), Vec::new(), &Redactor::default())
}

fn sums(moments: &[Moment]) -> (u64, u64) {
    (moments.iter().map(|it| it.requests).sum(), moments.iter().map(|it| it.failing).sum())
}

#[test]
fn the_timeline_has_every_request() {
    for scenario in folders("scenarios") {
        let evidence = gate(&scenario);
        let timeline = evidence.pictures.timeline.as_ref().expect("a timeline");
        let total = |count: fn(&whyspan::judge::evidence::EntryPoint) -> u64| {
            evidence.entry_points.iter().map(count).sum::<u64>()
        };
        assert_eq!(sums(&timeline.candidate), (total(|it| it.total), total(|it| it.failing)), "{}", scenario.display());
        // Entry points that are gone are in the baseline alone.
        let (requests, failing) = sums(&timeline.baseline);
        assert!(
            requests >= total(|it| it.baseline_total.unwrap_or(0))
                && failing >= total(|it| it.baseline_failing.unwrap_or(0))
        );
    }
}

#[test]
fn durations_are_those_of_the_requests_that_passed() {
    for scenario in folders("scenarios") {
        let evidence = gate(&scenario);
        assert!(!evidence.pictures.durations.is_empty());
        let entries: BTreeMap<(&str, &str), _> =
            evidence.entry_points.iter().map(|it| ((it.service.as_str(), it.operation.as_str()), it)).collect();
        for durations in &evidence.pictures.durations {
            let entry = entries[&(durations.service.as_str(), durations.operation.as_str())];
            let now: u64 = durations.classes.iter().map(|class| class.candidate).sum();
            let before: Option<u64> = durations.classes.iter().map(|class| class.baseline).sum();
            assert_eq!(now, entry.total - entry.failing);
            assert_eq!(before, entry.baseline_total.zip(entry.baseline_failing).map(|(all, failing)| all - failing));
            assert!(durations.classes.is_sorted_by(|a, b| a.to_ms <= b.from_ms));
        }
    }
}

fn check_trace(trace: &TracePicture) {
    assert!(!trace.spans.is_empty() && trace.spans.len() <= SPANS);
    let hidden: u64 = trace.spans.iter().map(|span| span.hidden).sum();
    assert!(hidden <= trace.hidden_spans, "spans below others are among all that are hidden");
    for pair in trace.spans.windows(2) {
        assert!(pair[1].depth <= pair[0].depth + 1, "depth first");
    }
}

#[test]
fn traces_show_the_root_causes_that_they_are_of() {
    for scenario in folders("scenarios") {
        let evidence = gate(&scenario);
        let traces = &evidence.pictures.traces;
        for trace in traces {
            check_trace(trace);
            let place: usize = trace.reference.trim_start_matches("/root_causes/").parse().expect("a place");
            let cause = &evidence.root_causes[place];
            let origins: Vec<_> = trace.spans.iter().filter(|span| span.role == "origin").collect();
            if trace.outcome == "failing" {
                let exemplar = &cause.exemplars[0];
                assert_eq!(trace.trace_id, exemplar.trace_id);
                assert!(origins.iter().any(|span| span.span_id == exemplar.span_id), "{}", trace.trace_id);
                let way: BTreeSet<&str> = cause.propagation.iter().map(|step| step.operation.as_str()).collect();
                let drawn: BTreeSet<&str> = trace.spans.iter().map(|span| span.operation.as_str()).collect();
                assert!(way.is_subset(&drawn));
            } else {
                assert_eq!(origins.len(), 0, "{}", trace.trace_id);
            }
        }
        // What is slower or takes another course fails in no trace.
        let fails = |cause: &&RootCause| !matches!(cause.kind.as_str(), "latency" | "structure" | "traffic");
        let ours = evidence.root_causes.iter().filter(|cause| !cause.client_fault && cause.traces.candidate > 0);
        let faults = ours.filter(fails).count();
        assert_eq!(traces.iter().filter(|trace| trace.outcome == "failing").count(), faults.min(6));
    }
    let payment = gate(&fixtures().join("scenarios/payment-failure"));
    let passing = payment.pictures.traces.iter().find(|trace| trace.outcome == "passing").expect("a passing trace");
    assert_eq!((passing.window.as_str(), passing.operation.as_str()), ("baseline", "POST /api/checkout"));
}

#[test]
fn calls_lead_to_where_the_failures_began() {
    let failing = |scenario: &str| {
        let evidence = gate(&fixtures().join("scenarios").join(scenario));
        let calls = evidence.pictures.calls.into_iter().filter(|call| call.failed > 0);
        calls.map(|call| (call.from, call.to, call.failed, call.calls)).collect::<Vec<_>>()
    };
    let call = |from: &str, to: &str, failed, calls| (from.to_owned(), to.to_owned(), failed, calls);
    let payment = failing("payment-failure");
    for expected in [call("checkoutservice", "paymentservice", 125, 125), call("frontend", "checkoutservice", 125, 125)]
    {
        assert!(payment.contains(&expected), "{payment:?}");
    }
    // The callee is gone: it is known by the calls of the baseline.
    let unreachable = failing("payment-unreachable");
    assert!(unreachable.contains(&call("checkoutservice", "paymentservice", 127, 127)), "{unreachable:?}");
}

#[test]
fn a_long_trace_is_cut_to_what_matters() {
    for story in folders("stories") {
        let inputs: Vec<_> =
            ["traces.json", "logs.json"].map(|file| story.join(file)).into_iter().filter(|it| it.exists()).collect();
        evidence(&inputs).pictures.traces.iter().for_each(check_trace);
    }
    // 20,000 spans, and a failure 3,000 calls deep.
    let span = |number: u32, parent: u32, status: u32| {
        let parent = if parent == 0 { String::new() } else { format!("{parent:016x}") };
        format!(
            r#"{{"traceId":"0000000000000000000000000000000a","spanId":"{number:016x}","parentSpanId":"{parent}","name":"s{number}","kind":2,"startTimeUnixNano":"{}","endTimeUnixNano":"{}","status":{{"code":{status}}}}}"#,
            1_795_313_190_000_000_000_u64 + u64::from(number) * 1000,
            1_795_313_190_900_000_000_u64 - u64::from(number) * 1000,
        )
    };
    let deep = (1..=3000).map(|number| span(number, number - 1, 2));
    let wide = (3001..=20_000).map(|number| span(number, number % 2990 + 1, 0));
    let spans = deep.chain(wide).collect::<Vec<_>>().join(",");
    let dump = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"a"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    );
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read_bytes("dump", dump.as_bytes());
    let evidence = capture.into_evidence();
    let trace = &evidence.pictures.traces[0];
    check_trace(trace);
    assert_eq!((trace.spans.len(), trace.hidden_spans), (SPANS, 20_000 - SPANS as u64));
    assert_eq!(trace.spans.iter().filter(|span| span.role == "origin").count(), 1);
    assert_eq!(trace.spans[0].operation, "s1");
}

/// A span of a service of its own in a trace: a root, or below the span of a number. Its status is a code of OTLP.
fn span(service: &str, trace: usize, number: usize, parent: Option<usize>, status: u32) -> String {
    let parent = parent.map(|number| format!("{number:016x}")).unwrap_or_default();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}}]}},"scopeSpans":[{{"spans":[{{"traceId":"{trace:032x}","spanId":"{number:016x}","parentSpanId":"{parent}","name":"work","kind":2,"startTimeUnixNano":"1795313190000000000","endTimeUnixNano":"1795313190900000000","status":{{"code":{status}}}}}]}}]}}]}}"#
    )
}

#[test]
fn of_many_root_causes_the_first_six_have_pictures() {
    for causes in [6, 7] {
        let spans: Vec<String> = (1..=causes).map(|cause| span(&format!("part-{cause}"), cause, 1, None, 2)).collect();
        let evidence = evidence_of_bytes(&[spans.join("\n").as_bytes()]);
        assert_eq!(evidence.root_causes.len(), causes);
        let drawn: Vec<&str> = evidence.pictures.traces.iter().map(|trace| trace.reference.as_str()).collect();
        let first: Vec<String> = (0..6).map(|place| format!("/root_causes/{place}")).collect();
        assert_eq!(drawn, first, "of {causes}");
    }
}

#[test]
fn of_many_pairs_of_caller_and_callee_the_evidence_has_120_and_says_how_many_more_there_are() {
    for (callees, hidden) in [(120, 0), (121, 1)] {
        let callee = |number: usize| {
            // The last one fails.
            let status = if number == callees { 2 } else { 0 };
            span(&format!("callee-{number:03}"), 1, number + 1, Some(1), status)
        };
        let spans: Vec<String> = [span("shop", 1, 1, None, 0)].into_iter().chain((1..=callees).map(callee)).collect();
        let pictures = evidence_of_bytes(&[spans.join("\n").as_bytes()]).pictures;
        assert_eq!((pictures.calls.len(), pictures.hidden_calls), (120, hidden), "of {callees}");
        assert_eq!((pictures.calls[0].to.clone(), pictures.calls[0].failed), (format!("callee-{callees}"), 1));
        assert_eq!(pictures.calls[119].to, "callee-119", "of {callees}");
    }
}

#[test]
fn of_many_entry_points_twelve_have_a_distribution_those_with_most_requests_first() {
    for entries in [12, 13] {
        let of = |entry: usize, trace: usize| span(&format!("entry-{entry:02}"), trace, 1, None, 0);
        let spans: Vec<String> = (1..=entries).map(|entry| of(entry, entry)).chain([of(entries, 99)]).collect();
        let durations = evidence_of_bytes(&[spans.join("\n").as_bytes()]).pictures.durations;
        let drawn: Vec<String> = durations.into_iter().map(|it| it.service).collect();
        let expected: Vec<String> =
            [entries].into_iter().chain(1..=11).map(|entry| format!("entry-{entry:02}")).collect();
        assert_eq!(drawn, expected, "of {entries}");
    }
}

#[test]
fn pieces_in_any_order_draw_the_same() {
    let scenario = fixtures().join("scenarios/email-swallowed");
    let inputs = ["traces", "logs"].map(|signal| scenario.join(format!("candidate.{signal}.jsonl.zst")));
    let names = inputs.map(|path| path.to_string_lossy().into_owned());
    let pictures = |threads: usize, reversed: bool| {
        let mut names = names.to_vec();
        if reversed {
            names.reverse();
        }
        let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, 64 << 20);
        capture.read(&names);
        capture.into_evidence().pictures
    };
    let first = pictures(1, false);
    assert!(!first.traces.is_empty() && first.calls.len() > 5);
    for (threads, reversed) in [(1, true), (2, false), (3, true), (7, false)] {
        assert_eq!(pictures(threads, reversed), first, "{threads} threads");
    }
}
