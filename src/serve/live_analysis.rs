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
use crate::redact::redactor::Redactor;
use crate::serve::live::Due;
use crate::serve::receiver::Receiver;
use hashbrown::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often slices are looked at.
const EVERY: Duration = Duration::from_millis(100);

/// How many slices are copied at a time.
const AT_ONCE: usize = 4;

/// How many signatures are remembered as told.
const TOLD: usize = 10_000;

/// Analyses the traces of a slice.
pub(crate) fn analyse(due: Due) -> WindowFacts {
    let Due { mut names, shelves, .. } = due;
    let without_trace = shelves.iter().map(|(shelf, _)| shelf.logs_without_trace()).sum();
    names.spread_nameless();
    let mut facts = gather(
        &Partitions::new(shelves),
        &names,
        &ExceptionRules::default(),
        1,
        Besides { compares: Compares::Usual, ..Besides::default() },
    )
    .facts;
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
        let (due, lag) = receiver.live().due(receiver.now(), AT_ONCE);
        receiver.counters.lag_ms.store(lag, Ordering::Relaxed);
        if due.is_empty() {
            thread::sleep(EVERY);
        }
        for due in due {
            let (slice, traces) = (due.slice, due.traces);
            let facts = redactor.window(analyse(due));
            tell_news(receiver, &facts, &redactor, &mut told);
            receiver.live().found(slice, facts);
            receiver.counters.analysed.fetch_add(traces, Ordering::Relaxed);
        }
        let mut live = receiver.live();
        live.make_room(receiver.now());
        receiver.counters.live_bytes.store(live.held() as u64, Ordering::Relaxed);
        receiver.counters.open_traces.store(live.traces() as u64, Ordering::Relaxed);
        receiver.counters.late_spans.store(live.late_spans(), Ordering::Relaxed);
    }
}

fn tell_news(receiver: &Receiver, facts: &WindowFacts, redactor: &Redactor, told: &mut HashSet<String>) {
    if facts.causes.keys().all(|signature| told.contains(signature)) {
        return;
    }
    let evidence = redactor.evidence(analysis(facts, &InputFacts::default()));
    for cause in &evidence.root_causes {
        if told.len() >= TOLD {
            told.clear();
        }
        if told.insert(cause.signature.clone()) {
            tell(receiver, cause);
        }
    }
}

fn tell(receiver: &Receiver, cause: &RootCause) {
    tracing::info!("new root cause {}: {} of {}", cause.signature, cause.kind, cause.service);
    if let Ok(text) = serde_json::to_string(cause) {
        // Nobody may be listening.
        let _ = receiver.news.send(Arc::from(text));
    }
}
