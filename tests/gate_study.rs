//! How often the gate alarms where nothing changed, and misses what did: by simulation, beside a plain threshold and a test over
//! time buckets. `docs/gate-study.md` has the tables of the long runs, which are ignored in ordinary ones.
//!
//! ```sh
//! cargo test --test gate_study -- --include-ignored --nocapture
//! ```

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, reason = "durations lie far below 2^64 nanoseconds")]
#![allow(clippy::print_stdout, reason = "the tables are the result")]

mod common;

use common::chance::Chance;
use common::made_window::{MadeWindow, operation};
use common::mann_whitney::mann_whitney;
use common::{capture, fixtures};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::BufRead;
use std::thread;
use whyspan::capture::{Capture, compare};
use whyspan::facts::input::InputFacts;
use whyspan::facts::quantile::quantile;
use whyspan::facts::window::WindowFacts;
use whyspan::judge::evidence::{Evidence, Severity};
use whyspan::judge::policy::Policy;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

/// Into how many stretches of time the test over buckets cuts a window.
const BUCKETS: usize = 20;

/// Its alpha: Kayenta's confidence is 0.98.
const ALPHA_OF_BUCKETS: f64 = 0.02;

/// The candidate's error rate that a plain threshold allows.
const THRESHOLD: f64 = 0.01;

/// The candidate's p95 that a plain threshold allows, in nanoseconds: a little above that of the durations as drawn.
const THRESHOLD_P95: f64 = 100e6;

fn decision(evidence: &Evidence) -> &str {
    &evidence.verdict.as_ref().expect("a gate decides").decision
}

/// The documents of one side of a capture, one for each trace: its spans, and its log records.
fn documents(scenario: &str, side: &str) -> BTreeMap<String, [Value; 2]> {
    let mut documents: BTreeMap<String, [Value; 2]> = BTreeMap::new();
    let signals =
        [("traces", "resourceSpans", "scopeSpans", "spans"), ("logs", "resourceLogs", "scopeLogs", "logRecords")];
    for (which, (signal, of_resources, of_scopes, records)) in signals.into_iter().enumerate() {
        let path = fixtures().join(format!("scenarios/{scenario}/{side}.{signal}.jsonl.zst"));
        let bytes = zstd::decode_all(fs::File::open(path).expect("the capture")).expect("zstd");
        for line in bytes.lines() {
            let line: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
            for resource in line[of_resources].as_array().into_iter().flatten() {
                for scope in resource[of_scopes].as_array().into_iter().flatten() {
                    for record in scope[records].as_array().into_iter().flatten() {
                        let Some(trace) = record["traceId"].as_str().filter(|id| !id.is_empty()) else { continue };
                        let alone = json!({
                            "resource": resource["resource"],
                            of_scopes: [{"scope": scope["scope"], records: [record]}],
                        });
                        let empty = || [json!({"resourceSpans": []}), json!({"resourceLogs": []})];
                        let document = &mut documents.entry(trace.to_owned()).or_insert_with(empty)[which];
                        document[of_resources].as_array_mut().expect("a list").push(alone);
                    }
                }
            }
        }
    }
    documents
}

/// The facts of each trace of one side by itself.
fn traces_of(scenario: &str, side: &str) -> Vec<WindowFacts> {
    let facts = |[spans, logs]: [Value; 2]| {
        let mut capture = Capture::new(ReadOptions::default(), None);
        for (name, document) in [("spans", spans), ("logs", logs)] {
            capture.read_bytes(name, document.to_string().as_bytes());
        }
        assert_eq!(capture.messages(), &[] as &[String]);
        capture.into_facts().0
    };
    documents(scenario, side).into_values().map(facts).collect()
}

fn merged<'t>(traces: impl Iterator<Item = &'t WindowFacts>) -> (WindowFacts, InputFacts) {
    let mut pieces: Vec<WindowFacts> = traces.cloned().collect();
    // In pairs: one after the other, each would be merged into nearly all.
    while pieces.len() > 1 {
        let mut rest = pieces.into_iter();
        pieces = Vec::with_capacity(rest.len().div_ceil(2));
        while let Some(mut one) = rest.next() {
            rest.next().into_iter().for_each(|other| one.merge(other));
            pieces.push(one);
        }
    }
    (pieces.pop().unwrap_or_default(), InputFacts::default())
}

/// What came of many gates.
#[derive(Default)]
struct Tally {
    decisions: BTreeMap<String, u64>,
    reasons: BTreeMap<String, u64>,
    warnings: BTreeMap<String, u64>,
    warned: u64,
}

impl Tally {
    /// Counts each code once a gate.
    fn add(&mut self, evidence: &Evidence) {
        *self.decisions.entry(decision(evidence).to_owned()).or_default() += 1;
        let reasons = &evidence.verdict.as_ref().expect("a gate decides").reasons;
        let warnings =
            evidence.findings.iter().filter(|found| found.severity == Severity::Warn && !reasons.contains(found));
        let codes = |findings: Vec<&str>, counts: &mut BTreeMap<String, u64>| {
            let (mut codes, any) = (findings.clone(), !findings.is_empty());
            codes.sort_unstable();
            codes.dedup();
            codes.into_iter().for_each(|code| *counts.entry(code.to_owned()).or_default() += 1);
            any
        };
        codes(reasons.iter().map(|found| &*found.code).collect(), &mut self.reasons);
        let warned = codes(warnings.map(|found| &*found.code).collect(), &mut self.warnings);
        self.warned += u64::from(warned && decision(evidence) != "no-go");
    }

    fn of(&self, decision: &str) -> u64 {
        self.decisions.get(decision).copied().unwrap_or(0)
    }
}

/// What windows are drawn from: traces of recorded captures, of both sides together.
const POOLS: [(&str, &[&str]); 2] =
    [("healthy", &["healthy"]), ("with failures", &["cart-failure", "email-swallowed", "payment-failure"])];

/// The sizes of windows that are drawn, in traces: baseline and candidate.
const SIZES: [(usize, usize); 3] = [(736, 736), (1200, 300), (100, 100)];

/// Gates over windows that are drawn, trace by trace and with replacement, from one pool: nothing changed between them.
fn false_alarms(repetitions: u64) -> (String, Vec<Tally>) {
    let mut table = String::from(
        "| drawn from | traces: baseline, candidate | gates | go | no-go | inconclusive | reasons | warnings |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n",
    );
    let words = |codes: &BTreeMap<String, u64>| {
        let words: Vec<String> = codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    let of_pool = |(name, scenarios): (&str, &[&str])| {
        let sides = scenarios.iter().flat_map(|scenario| ["baseline", "candidate"].map(|side| (*scenario, side)));
        let pool: Vec<WindowFacts> = sides.flat_map(|(scenario, side)| traces_of(scenario, side)).collect();
        SIZES.map(|(before, after)| {
            let mut tally = Tally::default();
            for repetition in 0..repetitions {
                let mut chance = Chance::new(repetition * 10_007 + after as u64);
                let mut drawn = |size: usize| merged((0..size).map(|_| &pool[chance.below(pool.len())]));
                let (baseline, candidate) = (drawn(before), drawn(after));
                tally.add(&compare(&baseline, &candidate, &Policy::default(), Vec::new(), &Redactor::default()));
            }
            let (go, no_go, open) = (tally.of("go"), tally.of("no-go"), tally.of("inconclusive"));
            let (reasons, warnings) = (words(&tally.reasons), words(&tally.warnings));
            let row = format!(
                "| {name} | {before}, {after} | {repetitions} | {go} | {no_go} | {open} | {reasons} | {warnings} |\n"
            );
            (row, tally)
        })
    };
    let of_pool = &of_pool;
    let rows = thread::scope(|scope| {
        let pools = POOLS.map(|pool| scope.spawn(move || of_pool(pool)));
        pools.map(|pool| pool.join().expect("no thread broke"))
    });
    let (rows, tallies): (Vec<String>, Vec<Tally>) = rows.into_iter().flatten().unzip();
    table.extend(rows);
    (table, tallies)
}

fn at_most_one_in_a_hundred_is_false(repetitions: u64) -> String {
    let (table, tallies) = false_alarms(repetitions);
    println!("{table}");
    for tally in tallies {
        assert!(100 * tally.of("no-go") <= repetitions, "{table}");
    }
    table
}

#[test]
fn facts_of_single_traces_add_up_to_those_of_the_capture() {
    let gate =
        |baseline, candidate| compare(&baseline, &candidate, &Policy::default(), Vec::new(), &Redactor::default());
    let whole = |side: &str| {
        let paths =
            ["traces", "logs"].map(|signal| fixtures().join(format!("scenarios/healthy/{side}.{signal}.jsonl.zst")));
        capture(&paths).into_facts()
    };
    let pieces = |side: &str| merged(traces_of("healthy", side).iter());
    let (whole, pieces) = (gate(whole("baseline"), whole("candidate")), gate(pieces("baseline"), pieces("candidate")));
    assert!(!whole.objectives.is_empty() && !whole.root_causes.is_empty());
    assert_eq!(whole.objectives, pieces.objectives);
    assert_eq!(whole.root_causes, pieces.root_causes);
    assert_eq!((whole.verdict, whole.findings), (pieces.verdict, pieces.findings));
}

#[test]
fn windows_of_one_healthy_capture_are_seldom_a_no_go() {
    at_most_one_in_a_hundred_is_false(100);
}

#[test]
#[ignore = "takes a minute or more; its table is that of docs/gate-study.md"]
fn windows_of_one_healthy_capture_are_seldom_a_no_go_in_a_thousand() {
    let table = at_most_one_in_a_hundred_is_false(1000);
    is_documented(&table);
}

/// What is done to the requests of one entry point.
#[derive(Clone, Copy)]
enum Harm {
    /// Nothing.
    None,
    /// This share of the candidate's fails by a new fault.
    Failures(f64),
    /// As many, all of them in one of twenty stretches of time.
    Burst(f64),
    /// This share fails on both sides, by the same fault.
    FailuresOnBothSides(f64),
    /// Each takes longer by so many nanoseconds.
    Later(f64),
    /// Each takes so many times as long.
    Longer(f64),
    /// This share takes longer by so many nanoseconds.
    SomeLater(f64, f64),
}

impl Harm {
    fn fails(self, is_candidate: bool, bucket: usize, chance: &mut Chance) -> bool {
        match self {
            Self::Failures(share) => is_candidate && chance.happens(share),
            Self::Burst(share) => is_candidate && bucket == 7 && chance.happens(share * BUCKETS as f64),
            Self::FailuresOnBothSides(share) => chance.happens(share),
            _ => false,
        }
    }

    fn duration(self, undisturbed: f64, is_candidate: bool, chance: &mut Chance) -> f64 {
        match self {
            Self::Later(by) if is_candidate => undisturbed + by,
            Self::Longer(times) if is_candidate => undisturbed * times,
            Self::SomeLater(share, by) if is_candidate && chance.happens(share) => undisturbed + by,
            _ => undisturbed,
        }
    }
}

/// The requests of one window at the entry point that is looked at.
struct Requests {
    /// Failed and all requests of each stretch of time.
    buckets: [(u64, u64); BUCKETS],
    /// Durations of those that passed, of each stretch of time.
    passing: Vec<Vec<u64>>,
    failed: u64,
}

impl Requests {
    fn draw(harm: Harm, is_candidate: bool, requests: usize, chance: &mut Chance) -> Self {
        let mut drawn = Self { buckets: [(0, 0); BUCKETS], passing: vec![Vec::new(); BUCKETS], failed: 0 };
        for _ in 0..requests {
            let bucket = chance.below(BUCKETS);
            let undisturbed = chance.lognormal(40e6, 0.5);
            let duration = harm.duration(undisturbed, is_candidate, chance);
            let failed = harm.fails(is_candidate, bucket, chance);
            drawn.buckets[bucket].0 += u64::from(failed);
            drawn.buckets[bucket].1 += 1;
            drawn.failed += u64::from(failed);
            if !failed {
                drawn.passing[bucket].push(duration as u64);
            }
        }
        drawn
    }

    /// Of each stretch of time that has requests.
    fn error_rates(&self) -> Vec<f64> {
        let there = self.buckets.iter().filter(|(_, requests)| *requests > 0);
        there.map(|&(failed, requests)| failed as f64 / requests as f64).collect()
    }

    /// Of each stretch of time in which a request passed.
    fn p95s(&self) -> Vec<f64> {
        self.passing.iter().filter(|durations| !durations.is_empty()).map(|durations| p95(durations.clone())).collect()
    }

    fn window(&self, requests: usize, chance: &mut Chance) -> (WindowFacts, InputFacts) {
        let mut window = MadeWindow::default();
        let checkout = operation("shop", "POST /checkout");
        window.passing(&checkout, self.passing.concat());
        window.failing(&checkout, "v1:fault", self.failed);
        // The others are well; they are compared, too, and the gate has to allow for that.
        for other in ["GET /cart", "GET /home", "GET /product"] {
            let durations = (0..requests).map(|_| chance.lognormal(40e6, 0.5) as u64).collect();
            window.passing(&operation("shop", other), durations);
        }
        window.into_facts()
    }
}

fn p95(mut durations: Vec<u64>) -> f64 {
    durations.sort_unstable();
    quantile(&durations, 0.95)
}

/// How often each detector alarmed.
#[derive(Default)]
struct Alarms {
    gate: u64,
    /// Warnings of gates that are no no-go.
    gate_warns: u64,
    threshold: u64,
    buckets: u64,
}

fn alarms(harm: Harm, requests: usize, repetitions: u64) -> Alarms {
    let is_about_time = matches!(harm, Harm::Later(_) | Harm::Longer(_) | Harm::SomeLater(..));
    let mut tally = Tally::default();
    let mut alarms = Alarms::default();
    for repetition in 0..repetitions {
        let mut chance = Chance::new(repetition * 10_007 + requests as u64);
        let baseline = Requests::draw(harm, false, requests, &mut chance);
        let candidate = Requests::draw(harm, true, requests, &mut chance);
        let windows = (baseline.window(requests, &mut chance), candidate.window(requests, &mut chance));
        tally.add(&compare(&windows.0, &windows.1, &Policy::default(), Vec::new(), &Redactor::default()));
        let (above, numbers) = if is_about_time {
            (p95(candidate.passing.concat()) > THRESHOLD_P95, [candidate.p95s(), baseline.p95s()])
        } else {
            let rate = candidate.failed as f64 / requests as f64;
            (rate > THRESHOLD, [candidate.error_rates(), baseline.error_rates()])
        };
        let (p, rose) = mann_whitney(&numbers[0], &numbers[1]);
        alarms.threshold += u64::from(above);
        alarms.buckets += u64::from(rose && p <= ALPHA_OF_BUCKETS);
    }
    alarms.gate = tally.of("no-go");
    alarms.gate_warns = tally.warned;
    assert_eq!(tally.of("inconclusive"), 0, "there are requests enough");
    alarms
}

const REQUESTS: [usize; 3] = [50, 500, 5000];

/// Rows of a table, and how often each detector alarmed, by the row and its number of requests.
fn study(rows: &[(&str, Harm)], repetitions: u64) -> (String, Vec<(usize, usize, Alarms)>) {
    let mut table = String::from(
        "| what is done to the candidate | requests a side | gate: no-go | gate: warns only | threshold | test over buckets |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut all = Vec::new();
    let share = |count: u64| format!("{:.1} %", 100.0 * count as f64 / repetitions as f64);
    for (row, (name, harm)) in rows.iter().enumerate() {
        for requests in REQUESTS {
            let found = alarms(*harm, requests, repetitions);
            let Alarms { gate, gate_warns, threshold, buckets } = &found;
            let numbers = [gate, gate_warns, threshold, buckets].map(|count| share(*count)).join(" | ");
            writeln!(table, "| {name} | {requests} | {numbers} |").expect("written");
            all.push((row, requests, found));
        }
    }
    (table, all)
}

fn nothing_changed(repetitions: u64) -> String {
    let rows = [("nothing", Harm::None), ("1 % fail on both sides", Harm::FailuresOnBothSides(0.01))];
    let (table, all) = study(&rows, repetitions);
    println!("{table}");
    assert!(all.iter().all(|(.., alarms)| 100 * alarms.gate <= repetitions), "{table}");
    table
}

fn failures(repetitions: u64) -> String {
    let rows = [
        ("0.5 % fail", Harm::Failures(0.005)),
        ("1 % fail", Harm::Failures(0.01)),
        ("2 % fail", Harm::Failures(0.02)),
        ("5 % fail", Harm::Failures(0.05)),
        ("5 % fail, all in a twentieth of the time", Harm::Burst(0.05)),
        ("20 % fail", Harm::Failures(0.2)),
    ];
    let (table, all) = study(&rows, repetitions);
    println!("{table}");
    for (row, requests, alarms) in all {
        // 20 % of 500, and 5 % of 500 however they are spread over the time, cannot be overlooked.
        if row >= 3 && requests >= 500 {
            assert_eq!(alarms.gate, repetitions, "{table}");
        }
    }
    table
}

fn slowness(repetitions: u64) -> String {
    let rows = [
        ("each 10 ms later, which is not more than what matters", Harm::Later(10e6)),
        ("each 50 % longer", Harm::Longer(1.5)),
        ("10 % of them 400 ms later", Harm::SomeLater(0.1, 400e6)),
    ];
    let (table, all) = study(&rows, repetitions);
    println!("{table}");
    for (row, requests, alarms) in all {
        match (row, requests) {
            (0, _) => assert!(100 * alarms.gate <= repetitions, "{table}"),
            (_, 5000) => assert_eq!(alarms.gate, repetitions, "{table}"),
            _ => {}
        }
    }
    table
}

/// Of three hundred entry points with seven requests each, now and then one has none in the second window.
#[test]
fn rare_entry_points_are_seldom_taken_for_vanished() {
    let names: Vec<_> = (0..300).map(|number| operation("shop", &format!("GET /page/{number}"))).collect();
    let mut tally = Tally::default();
    for repetition in 0..100 {
        let mut chance = Chance::new(repetition);
        let mut window = || {
            let mut window = MadeWindow::default();
            (0..2100).for_each(|_| window.passing(&names[chance.below(names.len())], vec![40_000_000]));
            window.into_facts()
        };
        tally.add(&compare(&window(), &window(), &Policy::default(), Vec::new(), &Redactor::default()));
    }
    let times = |codes: &BTreeMap<String, u64>, code: &str| codes.get(code).copied().unwrap_or(0);
    assert!(times(&tally.reasons, "entry-point-vanished") <= 1, "{:?}", tally.reasons);
    assert!(times(&tally.warnings, "entry-point-without-data") > 5, "{:?}", tally.warnings);
}

fn is_documented(table: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gate-study.md");
    let page = fs::read_to_string(path).expect("docs/gate-study.md");
    assert!(page.contains(table), "docs/gate-study.md should have this table:\n{table}");
}

#[test]
fn an_unchanged_entry_point_is_seldom_a_no_go() {
    nothing_changed(100);
}

#[test]
fn failures_are_found_that_can_be_told_from_chance() {
    failures(100);
}

#[test]
fn slowness_is_found_that_can_be_told_from_chance() {
    slowness(100);
}

#[test]
#[ignore = "takes minutes; its tables are those of docs/gate-study.md"]
fn a_thousand_of_each_are_as_documented() {
    for table in [nothing_changed(1000), failures(1000), slowness(1000)] {
        is_documented(&table);
    }
}

/// The numbers of `scipy.stats.mannwhitneyu(a, b, method="asymptotic")`.
#[test]
fn the_test_over_buckets_is_the_textbooks() {
    let (p, rose) = mann_whitney(&[1.1, 2.2, 3.3, 4.4, 5.5, 6.6], &[2.0, 3.0, 7.0, 8.0, 9.0, 10.0]);
    assert!(!rose && (p - 0.173_485_468).abs() < 1e-6, "{p}");
    let (p, rose) = mann_whitney(&[0.0, 0.0, 0.0, 5.0, 6.0, 7.0, 8.0], &[0.0; 7]);
    assert!(rose && (p - 0.030_721_232).abs() < 1e-6, "{p}");
    assert_eq!(mann_whitney(&[1.0; 5], &[1.0; 5]).0, 1.0);
}
