//! What must hold of every gate, whatever the windows: drawn traces at random, and made windows of any size.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::drawn::Drawn;
use common::made_window::{MadeWindow, operation};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::fmt::Write;
use whyspan::capture::{Capture, compare};
use whyspan::facts::input::InputFacts;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::analysis::analysis;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::policy::Policy;
use whyspan::judge::rule::Rule;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;
use whyspan::report::json;

/// Some traces that are alike: where they enter, whom that asks, how it ends, how long it takes.
#[derive(Clone, Debug)]
struct Sort {
    entry: usize,
    callee: usize,
    ending: usize,
    milliseconds: u64,
    copies: usize,
}

const ENTRIES: [(&str, &str); 3] =
    [("frontend", "GET /home"), ("frontend", "POST /checkout"), ("admin", "GET /orders")];

const CALLEES: [&str; 3] = ["cart", "payment", "mailer"];

/// How the callee answers, what the caller sees of that, and how the entry point ends.
const ENDINGS: [(&str, &str, &str); 8] = [
    ("", "", ""),
    (" | error | exception=CardError: declined", " | error", " | error"),
    (" | error | exception=Timeout: gave up on {n}", " | error", " | error"),
    (" | error | exception=CardError: declined", " | error", ""),
    (" | error | log=KeyError: order", " | error", ""),
    (" | log=KeyError: order", "", ""),
    (" | error | http.response.status_code=404", " | error | http.response.status_code=404", ""),
    ("", " | error | exception=ParseError: bad answer", " | error"),
];

fn sort() -> impl Strategy<Value = Sort> {
    let copies = select(vec![1, 1, 2, 3, 10, 40, 80]);
    (0..ENTRIES.len(), 0..CALLEES.len(), 0..ENDINGS.len(), select(vec![20, 40, 400]), copies)
        .prop_map(|(entry, callee, ending, milliseconds, copies)| Sort { entry, callee, ending, milliseconds, copies })
}

/// From nothing to some hundreds of traces.
fn sorts() -> impl Strategy<Value = Vec<Sort>> {
    prop::collection::vec(sort(), 0..6)
}

/// The documents of a window, one for each span or record.
fn documents(sorts: &[Sort]) -> Vec<Vec<u8>> {
    let (mut traces, mut window) = (String::new(), String::from("== candidate\n"));
    for (number, Sort { entry, callee, ending, milliseconds, copies }) in sorts.iter().enumerate() {
        let ((service, name), callee) = (ENTRIES[*entry], CALLEES[*callee]);
        let (answer, seen, end) = ENDINGS[*ending];
        let (end_ms, called_ms, done_ms) = (milliseconds + 10, milliseconds + 6, milliseconds + 4);
        write!(
            traces,
            "== trace {number}\n{service} | {name} | server | 0..{end_ms}{end}\n  \
             {service} | call {callee} | client | 2..{called_ms}{seen}\n    \
             {callee} | work | server | 4..{done_ms}{answer}\n"
        )
        .expect("written");
        writeln!(window, "{copies} {number}").expect("written");
    }
    let drawn = Drawn::parse(&format!("{traces}{window}"));
    let bytes = drawn.window("candidate");
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn facts_of(inputs: &[Vec<u8>]) -> (WindowFacts, InputFacts) {
    let mut capture = Capture::new(ReadOptions::default(), None);
    for (number, bytes) in inputs.iter().filter(|bytes| !bytes.is_empty()).enumerate() {
        capture.read_bytes(&format!("input {number}"), &bytes[..]);
    }
    assert_eq!(capture.messages(), &[] as &[String]);
    capture.into_facts()
}

fn facts(sorts: &[Sort]) -> (WindowFacts, InputFacts) {
    facts_of(&[documents(sorts).join(&b'\n')])
}

fn gate(baseline: &(WindowFacts, InputFacts), candidate: &(WindowFacts, InputFacts)) -> Evidence {
    compare(baseline, candidate, &Policy::default(), Vec::new(), &Redactor::default())
}

fn decision(evidence: &Evidence) -> &str {
    &evidence.verdict.as_ref().expect("a gate decides").decision
}

fn changes(evidence: &Evidence) -> BTreeMap<&str, &str> {
    let change = |cause: &'_ whyspan::judge::evidence_cause::RootCause| cause.change.clone();
    assert!(evidence.root_causes.iter().all(|cause| change(cause).is_some()));
    // What is no failure is held against the drift of the baseline alone, so that it has no reverse.
    evidence
        .root_causes
        .iter()
        .filter(|cause| cause.excess.is_none())
        .map(|cause| (cause.signature.as_str(), cause.change.as_deref().unwrap_or_default()))
        .collect()
}

fn reverse(change: &str) -> &str {
    match change {
        "new" => "gone",
        "gone" => "new",
        "worse" => "better",
        "better" => "worse",
        other => other,
    }
}

fn has(evidence: &Evidence, rule: Rule) -> bool {
    evidence.findings.iter().any(|finding| finding.code == rule.code())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_is_worse_than_itself(sorts in sorts()) {
        let window = facts(&sorts);
        let evidence = gate(&window, &window.clone());
        prop_assert_ne!(decision(&evidence), "no-go");
        prop_assert!(changes(&evidence).values().all(|change| *change == "same"));
        if sorts.is_empty() {
            prop_assert_eq!(decision(&evidence), "inconclusive");
        }
    }

    #[test]
    fn sides_exchanged_are_changes_reversed(before in sorts(), after in sorts()) {
        let (before, after) = (facts(&before), facts(&after));
        let (there, back) = (gate(&before, &after), gate(&after, &before));
        let reversed: BTreeMap<&str, &str> =
            changes(&there).into_iter().map(|(signature, change)| (signature, reverse(change))).collect();
        prop_assert_eq!(reversed, changes(&back));
    }

    #[test]
    fn neither_order_nor_number_of_inputs_matters(
        before in sorts(),
        after in sorts(),
        pieces in 1..7_usize,
        seed in any::<u64>(),
    ) {
        let whole = gate(&facts(&before), &facts(&after));
        let cut = |sorts: &[Sort]| {
            let mut chance = common::chance::Chance::new(seed);
            let mut inputs = vec![Vec::new(); pieces];
            for document in documents(sorts) {
                let lines: &mut Vec<Vec<u8>> = &mut inputs[chance.below(pieces)];
                let place = chance.below(lines.len() + 1);
                lines.insert(place, document);
            }
            facts_of(&inputs.into_iter().map(|lines| lines.join(&b'\n')).collect::<Vec<_>>())
        };
        let cut = gate(&cut(&before), &cut(&after));
        prop_assert_eq!(json::to_json(&whole).expect("JSON"), json::to_json(&cut).expect("JSON"));
    }

    /// However many spans of it fail, and however it ends.
    #[test]
    fn a_single_failing_trace_is_never_a_no_go(entry in 0..3_usize, first in 1..8_usize, second in 1..8_usize, well in 0..60_usize) {
        let (service, name) = ENTRIES[entry];
        let branch = |number: usize, ending: usize| {
            let ((answer, seen, _), callee) = (ENDINGS[ending], CALLEES[number]);
            let (from, to) = (number * 20, number * 20 + 16);
            format!(
                "  {service} | call {callee} | client | {from}..{to}{seen}\n    \
                 {callee} | work | server | {from}..{to}{answer}\n",
            )
        };
        // Two calls of the same operation fail, in different words, beside another one.
        let again = branch(0, second).replace("CardError", "PaperError").replace("KeyError", "ValueError");
        let end = ENDINGS[first].2;
        let story = format!(
            "== trace ill\n{service} | {name} | server | 0..90{end}\n{}{again}{}\
             == trace well\n{service} | {name} | server | 0..90\n{}\
             == baseline\n3000 well\n== candidate\n{well} well\n1 ill\n",
            branch(0, first), branch(1, second), branch(0, 0),
        );
        let drawn = Drawn::parse(&story);
        let evidence = gate(&facts_of(&[drawn.window("baseline")]), &facts_of(&[drawn.window("candidate")]));
        prop_assert_ne!(decision(&evidence), "no-go", "{:?}", evidence.verdict);
    }
}

/// One trace may bring several requests to one entry point: a message that is delivered to many.
#[test]
fn many_failing_requests_of_one_trace_are_never_a_no_go() {
    let story = "
== trace well
relay | topic publish | producer | 0..5
  stock | topic process | consumer | 10..20
== trace ill
relay | topic publish | producer | 0..5
  stock | topic process | consumer | 10..20 | error | exception=KeyError: order
  stock | topic process | consumer | 11..21 | error | exception=KeyError: order
  stock | topic process | consumer | 12..22 | error | exception=KeyError: order
== baseline
1000 well
== candidate
5 well
1 ill
== again
5 well
2 ill
";
    let drawn = Drawn::parse(story);
    let [baseline, once, again] = ["baseline", "candidate", "again"].map(|window| facts_of(&[drawn.window(window)]));
    let entry = once.0.entries.get(&operation("stock", "topic process")).expect("the consumer is an entry point");
    assert_eq!((entry.total, entry.failed, entry.failing_traces), (8, 3, 1));
    assert_eq!(decision(&gate(&baseline, &once)), "go");
    assert_eq!(decision(&gate(&baseline, &again)), "no-go");
}

/// How long each request of a made window takes, in nanoseconds.
const DURATION: u64 = 40_000_000;

fn passing(window: &mut MadeWindow, service: &str, name: &str, requests: usize) {
    window.passing(&operation(service, name), vec![DURATION; requests]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_single_failure_is_never_a_no_go_against_any_baseline(
        before in select(vec![0, 1, 10, 1_000, 100_000]),
        after in select(vec![0, 1, 5, 100, 100_000]),
        elsewhere in 0..200_usize,
    ) {
        let (mut baseline, mut candidate) = (MadeWindow::default(), MadeWindow::default());
        passing(&mut baseline, "shop", "POST /checkout", before);
        passing(&mut candidate, "shop", "POST /checkout", after);
        for window in [&mut baseline, &mut candidate] {
            passing(window, "shop", "GET /home", elsewhere);
        }
        candidate.failing(&operation("shop", "POST /checkout"), "v1:once", 1);
        let evidence = gate(&baseline.into_facts(), &candidate.into_facts());
        prop_assert_ne!(decision(&evidence), "no-go", "{:?}", evidence.verdict);
        if before > 0 {
            prop_assert!(has(&evidence, Rule::RareRootCause) || has(&evidence, Rule::NewRootCause));
        }
    }

    #[test]
    fn a_side_without_spans_is_told_and_never_a_go(requests in 1..500_usize) {
        let mut window = MadeWindow::default();
        passing(&mut window, "shop", "GET /home", requests);
        let (full, empty) = (window.into_facts(), MadeWindow::default().into_facts());
        let missing = gate(&empty, &full);
        prop_assert!(decision(&missing) == "inconclusive" && has(&missing, Rule::BaselineEmpty));
        let dead = gate(&full, &empty);
        prop_assert!(decision(&dead) == "inconclusive" && has(&dead, Rule::CandidateEmpty));
        prop_assert!(!dead.verdict.expect("a verdict").settle.is_empty());
    }

    #[test]
    fn an_entry_point_without_requests_has_vanished_or_no_data(
        before in 1..300_usize,
        elsewhere in 200..2_000_usize,
    ) {
        let (mut baseline, mut candidate) = (MadeWindow::default(), MadeWindow::default());
        for window in [&mut baseline, &mut candidate] {
            passing(window, "shop", "GET /home", elsewhere);
        }
        passing(&mut baseline, "shop", "POST /checkout", before);
        let evidence = gate(&baseline.into_facts(), &candidate.into_facts());
        // The chance that none of as many falls into the second window of the same length is some (1/2)^before.
        match before {
            1..=4 => prop_assert!(has(&evidence, Rule::EntryPointWithoutData) && decision(&evidence) == "go"),
            10.. => prop_assert!(has(&evidence, Rule::EntryPointVanished) && decision(&evidence) == "inconclusive"),
            _ => prop_assert!(has(&evidence, Rule::EntryPointWithoutData) != has(&evidence, Rule::EntryPointVanished)),
        }
        prop_assert!(!has(&evidence, Rule::BaselineEmpty) && !has(&evidence, Rule::CandidateEmpty));
    }
}

/// How an entry point is called that is one of too many.
const NOT_TOLD_APART: (&str, &str) = ("(one of too many names)", "(one of too many names)");

/// A window with so many requests at an entry point that is told apart, and so many at those that are not.
fn not_told_apart(apart: usize, together: usize) -> MadeWindow {
    let mut window = MadeWindow::default();
    passing(&mut window, "shop", "GET /home", apart);
    passing(&mut window, NOT_TOLD_APART.0, NOT_TOLD_APART.1, together);
    window
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// An entry point fails that is not told apart from others, which are new, or many, and well.
    #[test]
    fn failures_hidden_among_entry_points_that_are_not_told_apart_are_never_a_go(
        apart in select(vec![0, 100, 3_000, 100_000]),
        beside_before in select(vec![0, 100, 10_000, 100_000]),
        beside_after in select(vec![0, 100, 10_000, 100_000]),
        hidden in 10..3_000_usize,
    ) {
        let baseline = not_told_apart(apart, beside_before + hidden);
        let mut candidate = not_told_apart(apart, beside_after);
        candidate.failing(&operation(NOT_TOLD_APART.0, NOT_TOLD_APART.1), "v1:hidden", hidden as u64);
        let evidence = gate(&baseline.into_facts(), &candidate.into_facts());
        prop_assert_ne!(decision(&evidence), "go", "{:?}", evidence.verdict);
        prop_assert!(has(&evidence, Rule::EntryPointsBeyondBound));
    }
}

/// What fails them is another fault than before, and they fail no more by all faults together.
#[test]
fn a_new_fault_hidden_among_entry_points_that_are_not_told_apart_is_no_go_ahead() {
    let together = operation(NOT_TOLD_APART.0, NOT_TOLD_APART.1);
    let with = |fault: &str| {
        let mut window = not_told_apart(100_000, 50_000);
        window.failing(&together, fault, 200);
        window.into_facts()
    };
    let evidence = gate(&with("v1:old"), &with("v1:new"));
    assert_eq!(decision(&evidence), "inconclusive");
    let reasons = evidence.verdict.expect("a gate decides").reasons;
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].code, Rule::EntryPointsBeyondBound.code());
    let place = reasons[0].refs[0].strip_prefix("/root_causes/").and_then(|place| place.parse::<usize>().ok());
    assert_eq!(evidence.root_causes[place.expect("it refers to the fault")].signature, "v1:new");
    let same = gate(&with("v1:old"), &with("v1:old"));
    assert_eq!(decision(&same), "go");
    assert!(has(&same, Rule::EntryPointsBeyondBound), "that they are not looked at is told");
}

#[test]
fn where_most_requests_are_at_entry_points_that_are_not_told_apart_nothing_can_be_decided() {
    for (together, decided) in [(900, "go"), (1_100, "inconclusive")] {
        let (one, other) = (not_told_apart(1_000, 900).into_facts(), not_told_apart(1_000, together).into_facts());
        assert_eq!(decision(&gate(&one, &other)), decided, "{together} now");
        assert_eq!(decision(&gate(&other, &one)), decided, "{together} before");
    }
    let settle = |window: &(WindowFacts, InputFacts)| gate(window, window).verdict.expect("a gate decides").settle;
    let settle = settle(&not_told_apart(10, 1_000).into_facts());
    assert!(settle.iter().any(|way| way.contains("http.route")), "{settle:?}");
}

/// A fault that fails all requests of one entry point, and a small part of a very large one, where that is clearer.
#[test]
fn a_rise_that_matters_is_not_outshone_by_a_clearer_one_that_does_not() {
    let (mut baseline, mut candidate) = (MadeWindow::default(), MadeWindow::default());
    for (window, small) in [(&mut baseline, 20), (&mut candidate, 0)] {
        passing(window, "shop", "GET /home", 200_000);
        passing(window, "shop", "POST /checkout", small);
    }
    candidate.failing(&operation("shop", "GET /home"), "v1:both", 1_000);
    candidate.failing(&operation("shop", "POST /checkout"), "v1:both", 20);
    let evidence = gate(&baseline.into_facts(), &candidate.into_facts());
    assert!(has(&evidence, Rule::NewRootCause), "{:?}", evidence.findings);
}

/// Rare requests of very many entry points, and one of which all fail now.
#[test]
fn of_very_many_comparisons_those_that_decide_have_their_objectives() {
    let (mut baseline, mut candidate) = (MadeWindow::default(), MadeWindow::default());
    for number in 0..6000 {
        for window in [&mut baseline, &mut candidate] {
            passing(window, "shop", &format!("GET /{number:04}"), 1);
        }
    }
    passing(&mut baseline, "shop", "POST /checkout", 100);
    candidate.failing(&operation("shop", "POST /checkout"), "v1:gone", 100);
    let evidence = gate(&baseline.into_facts(), &candidate.into_facts());
    assert_eq!(decision(&evidence), "no-go");
    assert_eq!(evidence.objectives.len(), 10_000);
    let left_out = evidence.quality.defects.iter().find(|defect| defect.code == "objectives-not-listed");
    assert_eq!(left_out.map(|defect| defect.count), Some(2_002));
    let rose = evidence.findings.iter().find(|finding| finding.code == Rule::ErrorRate.code()).expect("it rose");
    let place = rose.refs[0].strip_prefix("/objectives/").and_then(|place| place.parse::<usize>().ok());
    let objective = &evidence.objectives[place.expect("it refers to its objective")];
    assert_eq!((objective.operation.as_str(), objective.result.as_str()), ("POST /checkout", "fail"));
    let few = evidence.findings.iter().find(|finding| finding.code == Rule::TooFewRequests.code()).expect("some do");
    assert_eq!(few.refs.len(), 100);
    assert!(few.sentence.ends_with(" No more than 100 of the 6000 are referred to."), "{}", few.sentence);
}

/// Of each root cause a thousand may be kept, which nobody could write down for two thousand root causes.
#[test]
fn of_the_entry_points_of_very_many_root_causes_those_of_the_first_are_listed() {
    let mut window = MadeWindow::default();
    let entries: Vec<_> = (0..1000).map(|number| operation("shop", &format!("GET /{number}"))).collect();
    for cause in 0..120 {
        for (number, entry) in entries.iter().enumerate() {
            window.failing(entry, &format!("v1:{cause:03}"), if number == 0 { 2 } else { 1 });
        }
    }
    let window = window.into_facts();
    for evidence in [analysis(&window.0, &window.1), gate(&window, &window)] {
        let listed: Vec<usize> = evidence.root_causes.iter().map(|cause| cause.entry_points.len()).collect();
        assert_eq!((listed.len(), listed[0], listed[119]), (120, 1000, 1));
        assert!(listed.iter().sum::<usize>() > 50_000, "{listed:?}");
        assert!(evidence.root_causes.iter().all(|cause| cause.entry_points[0].failing == 2));
        let failing = evidence.root_causes.iter().flat_map(|cause| &cause.entry_points).map(|hit| hit.failing);
        let left_out = evidence.quality.defects.iter().find(|defect| defect.code == "entry-point-not-listed");
        assert_eq!(failing.sum::<u64>() + left_out.map_or(0, |defect| defect.count), 120 * 1001);
        assert!(json::to_json(&evidence).expect("JSON").len() < 128 << 20);
    }
}
