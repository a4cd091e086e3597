//! A shift as evidence.

use crate::facts::course::ActKind;
use crate::facts::profile::Seen;
use crate::facts::quantile::quantile;
use crate::facts::statements::Statements;
use crate::judge::callee_evidence::callee_told;
use crate::judge::evidence_cause::{CalleeTold, Exemplar, RootCause, Status, Step, Traces};
use crate::judge::evidence_shift::{Excess, Latency, Structure, Traffic};
use crate::judge::gate::contributions::{metric, split};
use crate::judge::gate::shift::{Shift, ShiftKind, Shown};
use crate::judge::gate::shift_words::{confidence, counted, what, words};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::gate::slowdown::slowdown;
use crate::judge::gate::words::{in_ms, rounded, significant};
use crate::judge::policy::Policy;
use crate::judge::wording::capitalised;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// How many traces are named that show it.
const EXEMPLARS: usize = 5;

/// The root cause of a shift.
pub(crate) fn spelt_out(
    rank: u64,
    shift: &Shift<'_>,
    pairs: &[SitePair<'_>],
    sides: &Sides<'_>,
    policy: &Policy,
) -> RootCause {
    let pair = &pairs[shift.place];
    let site = pair.site;
    let excess = &shift.excess;
    let change = if excess.baseline.events == 0 { "new" } else { "worse" };
    let counts = counted(excess);
    let showing = showing(shift, pair);
    let complaint = match (&shift.shown, shift.kind) {
        (Shown::Course(course), ShiftKind::LogError) => {
            course.added.iter().find(|act| act.kind == ActKind::Complains).map(|act| act.what.clone())
        }
        _ => None,
    };
    RootCause {
        rank,
        signature: shift.signature.clone(),
        grouping: None,
        kind: shift.kind.as_str().to_owned(),
        service: shift.at.service.clone(),
        operation: shift.at.operation.clone(),
        span_name: site.operation.clone(),
        began_at: Vec::new(),
        peer: if shift.kind == ShiftKind::Latency { site.peer.clone() } else { None },
        called_as: None,
        also_called_as: Vec::new(),
        answered_for: false,
        callee: callee(&showing),
        effect: None,
        client_fault: false,
        change: Some(change.to_owned()),
        comparison: Some(format!("{}: {counts}.", if change == "new" { "New" } else { "Worse" })),
        p_value: Some(significant(shift.p)),
        sentence: format!("{}: {counts}.", capital(&what(shift, site))),
        exception: None,
        status: Status { message: complaint, grpc: None, http: None },
        attempts: None,
        traces: Traces {
            baseline: Some(excess.baseline.events),
            candidate: excess.candidate.events,
            fatal: 0,
            absorbed: 0,
        },
        share_of_failing: 0.0,
        entry_points: Vec::new(),
        degraded_entry_points: Vec::new(),
        async_entry_points: Vec::new(),
        propagation: vec![Step {
            service: shift.at.service.clone(),
            operation: shift.at.operation.clone(),
            span_name: site.operation.clone(),
            role: "origin".to_owned(),
        }],
        hidden_steps: 0,
        confidence: confidence(shift),
        latency: latency(shift, pairs, sides, policy),
        excess: Some(Excess {
            showing: excess.candidate.events,
            spans: excess.candidate.trials,
            baseline_showing: excess.baseline.events,
            baseline_spans: excess.baseline.trials,
            worst_stretch: rounded(excess.worst),
            stretches: excess.stretches as u64,
            share: rounded(excess.share),
        }),
        structure: match &shift.shown {
            Shown::Course(course) => Some(Structure {
                missing: course.missing.iter().map(|act| words(act)).collect(),
                added: course.added.iter().map(|act| words(act)).collect(),
            }),
            _ => None,
        },
        traffic: match &shift.shown {
            Shown::Calls(calls) => Some(Traffic {
                calls: words(calls.act),
                baseline: rounded(calls.baseline),
                candidate: rounded(calls.candidate),
            }),
            _ => None,
        },
        onset: None,
        compared: None,
        suspects: Vec::new(),
        conditions: Vec::new(),
        exemplars: showing.iter().take(EXEMPLARS).map(|seen| exemplar(seen)).collect(),
    }
}

/// Spans of the candidate that show it: the slowest come first, or the ones with most calls, else the first.
fn showing<'f>(shift: &Shift<'_>, pair: &SitePair<'f>) -> Vec<&'f Seen> {
    let mut showing: Vec<&'f Seen> = match &shift.shown {
        Shown::Slower(slower) => pair.candidate.iter().copied().filter(|seen| seen.time > slower.longer_than).collect(),
        Shown::Course(course) => {
            let taken = pair.candidate.iter().zip(&course.taken_by).filter(|(_, taken)| **taken);
            taken.map(|(seen, _)| *seen).collect()
        }
        Shown::Calls(calls) => {
            let more = |seen: &&Seen| f64::from(seen.course.times(calls.act)) > calls.more_than;
            pair.candidate.iter().copied().filter(more).collect()
        }
    };
    showing.shared_sort_by_key(|seen| match &shift.shown {
        Shown::Slower(_) => (Reverse(seen.time), seen.start, seen.trace, seen.span),
        Shown::Course(_) => (Reverse(0), seen.start, seen.trace, seen.span),
        Shown::Calls(calls) => (Reverse(seen.course.times(calls.act).into()), seen.start, seen.trace, seen.span),
    });
    showing
}

/// Whom the first of them called, and what all of them asked.
fn callee(showing: &[&Seen]) -> Option<CalleeTold> {
    let mut asked = Statements::default();
    let called = showing.iter().filter_map(|seen| seen.called.as_deref());
    called.for_each(|called| asked.add(&called.statement, 1));
    callee_told(showing.first()?.called.as_deref()?, &asked)
}

fn exemplar(seen: &Seen) -> Exemplar {
    Exemplar { trace_id: seen.trace.to_string(), span_id: seen.span.to_string() }
}

fn latency(shift: &Shift<'_>, pairs: &[SitePair<'_>], sides: &Sides<'_>, policy: &Policy) -> Option<Latency> {
    let (ShiftKind::Latency, Shown::Slower(slower)) = (shift.kind, &shift.shown) else { return None };
    let pair = &pairs[shift.place];
    let median = quantile(&slower.baseline, 0.5);
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of spans lie far below 2^53, 104 days")]
    let far = |seen: &&&Seen| (seen.time as f64 - median).abs();
    let typical = pair.baseline.iter().min_by(|one, other| {
        far(one)
            .total_cmp(&far(other))
            .then_with(|| (one.start, one.trace, one.span).cmp(&(other.start, other.trace, other.span)))
    });
    let in_ms_of = |times: &[u64], share: f64| in_ms(quantile(times, share));
    let own = |pair: &&SitePair<'_>| pair.site.request() == shift.at && pair.site.operation == shift.at.operation;
    let whole = pairs.iter().filter(|pair| pair.site.callee.is_none()).find(own);
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of spans lie far below 2^53, 104 days")]
    let as_ms = |nanoseconds: u64| in_ms(nanoseconds as f64);
    Some(Latency {
        metric: metric(pair.site.callee.is_some()).to_owned(),
        baseline_p50_ms: in_ms_of(&slower.baseline, 0.5),
        candidate_p50_ms: in_ms_of(&slower.candidate, 0.5),
        baseline_p95_ms: in_ms_of(&slower.baseline, 0.95),
        candidate_p95_ms: in_ms_of(&slower.candidate, 0.95),
        slower_than_ms: as_ms(slower.longer_than),
        slow_request_ms: whole
            .and_then(|pair| slowdown(pair, policy, |seen| seen.duration))
            .map(|slower| as_ms(slower.longer_than)),
        explains: rounded(shift.explains.as_ref().map_or(0.0, |(_, share)| *share)),
        entry_point: shift.explains.as_ref().and_then(|(entry, _)| Some(split(entry, sides)?.told(entry))),
        typical: typical.map(|seen| exemplar(seen)),
    })
}

/// With a capital, unless it begins with the name of an operation, which keeps its letters.
fn capital(text: &str) -> String {
    let ours = ["calls ", "messages "];
    if !ours.iter().any(|word| text.starts_with(word)) {
        return text.to_owned();
    }
    capitalised(text)
}
