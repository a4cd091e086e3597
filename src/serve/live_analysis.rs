//! The thread that analyses traces which have become quiet, and tells of root causes that were not there before.

use crate::analyze::exception_rules::ExceptionRules;
use crate::assemble::partitions::Partitions;
use crate::facts::all_traces::{Besides, gather};
use crate::facts::compares::Compares;
use crate::facts::input::InputFacts;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::analysis;
use crate::judge::evidence_cause::RootCause;
use crate::model::defect::Defect;
use crate::model::names::Names;
use crate::model::renaming::Renaming;
use crate::redact::redactor::Redactor;
use crate::serve::open_slices::Due;
use crate::serve::receiver::Receiver;
use crate::serve::slice::Read;
use hashbrown::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often slices are looked at.
const EVERY: Duration = Duration::from_millis(50);

/// How many slices are taken at a time.
const AT_ONCE: usize = 4;

/// How many signatures are remembered as told.
const TOLD: usize = 10_000;

/// Analyses the traces of a slice.
pub(crate) fn analyse(due: Due, rules: &ExceptionRules) -> WindowFacts {
    let mut names = Names::new();
    // The ids of nothing come first, and from now on all names are stored.
    let _ = Renaming::base(&mut names);
    let without_trace = due.read.iter().map(|read| read.shelf.logs_without_trace()).sum();
    let shelves = due.read.into_iter().map(|Read { names: of_shelf, shelf }| {
        let renaming = Renaming::adopt(&mut names, &of_shelf.names());
        (shelf, renaming)
    });
    let partitions = Partitions::of_shared(shelves.collect());
    names.spread_nameless();
    let besides = Besides { compares: Compares::Usual, ..Besides::default() };
    let mut facts = gather(&partitions, &names, rules, 1, besides).facts;
    facts.defects.add_many(Defect::LogWithoutTrace, without_trace);
    facts.defects.add_many(Defect::NamesBeyondBound, names.beyond_bound());
    facts
}

/// Starts the thread; it ends when the receiver stops.
pub(crate) fn start(receiver: Arc<Receiver>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("analysis".to_owned()).spawn(move || run(&receiver))
}

fn run(receiver: &Receiver) {
    let (redactor, mut told) = (Redactor::default(), HashSet::new());
    while !receiver.has_stopped() {
        let (due, lag) = receiver.live.due(receiver.now(), AT_ONCE);
        receiver.counters.lag_ms.store(lag, Ordering::Relaxed);
        if due.is_empty() {
            thread::sleep(EVERY);
        }
        for due in due {
            let (slice, traces) = (due.slice, due.traces);
            let facts = redactor.window(analyse(due, &receiver.settings.exceptions));
            let news = news(&facts, &redactor, &mut told);
            receiver.live.found(slice, facts);
            // Whoever hears of a root cause can ask for it.
            news.iter().for_each(|cause| tell(receiver, cause));
            receiver.counters.analysed.fetch_add(traces, Ordering::Relaxed);
        }
        receiver.live.make_room(receiver.now());
        let (traces, late_spans) = receiver.live.traces_and_late_spans();
        receiver.counters.live_bytes.store(receiver.live.held() as u64, Ordering::Relaxed);
        receiver.counters.open_traces.store(traces as u64, Ordering::Relaxed);
        receiver.counters.late_spans.store(late_spans, Ordering::Relaxed);
    }
}

/// The root causes that were not there before.
fn news(facts: &WindowFacts, redactor: &Redactor, told: &mut HashSet<String>) -> Vec<RootCause> {
    if facts.causes.keys().all(|signature| told.contains(signature)) {
        return Vec::new();
    }
    let mut causes = redactor.evidence(analysis(facts, &InputFacts::default())).root_causes;
    causes.retain(|cause| {
        if told.len() >= TOLD {
            told.clear();
        }
        told.insert(cause.signature.clone())
    });
    // Those that are one with others are told by the key of one of them.
    told.extend(facts.causes.keys().cloned());
    causes
}

fn tell(receiver: &Receiver, cause: &RootCause) {
    tracing::info!("new root cause {}: {} of {}", cause.signature, cause.kind, cause.service);
    if let Ok(text) = serde_json::to_string(cause) {
        // Nobody may be listening.
        let _ = receiver.news.send(Arc::from(text));
    }
}
