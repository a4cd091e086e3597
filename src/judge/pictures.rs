//! Facts that are drawn, cut to what a page can show.

use crate::facts::calls::{CallCounts, Callee};
use crate::facts::cause::OperationName;
use crate::facts::entry_facts::EntryFacts;
use crate::facts::exemplar_trace::DrawnTrace;
use crate::facts::quantile::quantile;
use crate::facts::spread::{class_of, start_of};
use crate::facts::timeline;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::rfc3339;
use crate::judge::evidence::Change;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_pictures::{
    Call, DurationClass, Durations, Mark, Moment, Pictures, SpanPicture, Timeline, TracePicture,
};
use crate::judge::shifted_trace::shifted_trace;
use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// Root causes that have traces to look at.
const CAUSES: usize = 6;
/// Pairs of caller and callee.
const CALLS: usize = 120;
/// Entry points whose durations are drawn.
const ENTRIES: usize = 12;

/// The pictures of a candidate, beside a baseline if there is one.
pub(crate) fn pictures(
    candidate: &WindowFacts,
    baseline: Option<&WindowFacts>,
    root_causes: &[RootCause],
    changes: &[Change],
) -> Pictures {
    let mut calls = calls(candidate, baseline);
    calls.shared_sort_by_key(|call| Reverse((call.failed, call.calls, call.baseline_calls)));
    let hidden = calls.len().saturating_sub(CALLS);
    calls.truncate(CALLS);
    Pictures {
        traces: traces(candidate, baseline, root_causes),
        calls,
        hidden_calls: hidden as u64,
        timeline: timeline(candidate, baseline, changes),
        durations: durations(candidate, baseline),
    }
}

fn traces(candidate: &WindowFacts, baseline: Option<&WindowFacts>, root_causes: &[RootCause]) -> Vec<TracePicture> {
    let mut traces = Vec::new();
    let ours = root_causes.iter().enumerate().filter(|(_, cause)| !cause.client_fault);
    for (place, cause) in ours.take_while(|(place, _)| *place < CAUSES) {
        let reference = format!("/root_causes/{place}");
        let failing = candidate.causes.get(&cause.signature).and_then(|facts| facts.sample.picture.as_ref());
        if let Some(failing) = failing {
            traces.push(trace(failing, &reference, "failing", "candidate"));
            // A request of the same time shows best what differs; where all fail, one from before.
            let windows = [("candidate", Some(candidate)), ("baseline", baseline)];
            let entry = entry_hit(cause).unwrap_or_else(|| failing.entry.clone());
            let passing = windows.into_iter().find_map(|(name, facts)| Some((name, passing(facts?, &entry)?)));
            traces.extend(passing.map(|(window, passing)| trace(passing, &reference, "passing", window)));
        } else if let Some((shifted, span)) = shifted_trace(candidate, baseline, cause) {
            let mut picture = trace(shifted, &reference, "shifted", "candidate");
            if let Some(span) = picture.spans.get_mut(span) {
                "shifted".clone_into(&mut span.role);
            }
            traces.push(picture);
            let usual = baseline.and_then(|facts| passing(facts, &shifted.entry));
            traces.extend(usual.map(|usual| trace(usual, &reference, "passing", "baseline")));
        }
    }
    traces
}

fn entry_hit(cause: &RootCause) -> Option<OperationName> {
    let failed = cause.entry_points.first().map(|hit| (&hit.service, &hit.operation));
    let hit = failed.or_else(|| cause.degraded_entry_points.first().map(|hit| (&hit.service, &hit.operation)));
    hit.map(|(service, operation)| OperationName { service: service.clone(), operation: operation.clone() })
}

/// A request that passed, and took about as long as most.
fn passing<'f>(facts: &'f WindowFacts, entry: &OperationName) -> Option<&'f DrawnTrace> {
    let mut durations = facts.entries.get(entry)?.passing.clone();
    durations.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a median of such numbers")]
    let typical = quantile(&durations, 0.5) as u64;
    facts.pictures.passing.nearest(entry, typical)
}

fn trace(drawn: &DrawnTrace, reference: &str, outcome: &str, window: &str) -> TracePicture {
    TracePicture {
        reference: reference.to_owned(),
        outcome: outcome.to_owned(),
        window: window.to_owned(),
        trace_id: drawn.trace.to_string(),
        service: drawn.entry.service.clone(),
        operation: drawn.entry.operation.clone(),
        start: Some(drawn.start).filter(|start| start.0 != 0).and_then(rfc3339),
        duration_ms: in_ms(drawn.duration),
        spans: drawn
            .spans
            .iter()
            .map(|span| SpanPicture {
                span_id: span.id.to_string(),
                depth: span.depth,
                service: span.at.service.clone(),
                operation: span.at.operation.clone(),
                kind: span.kind.to_owned(),
                role: span.role.to_owned(),
                start_ms: in_ms(span.start),
                duration_ms: in_ms(span.duration),
                hidden: span.hidden,
            })
            .collect(),
        hidden_spans: drawn.hidden,
    }
}

/// Milliseconds to three places.
pub(crate) fn in_ms(nanoseconds: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "durations are shown to a microsecond")]
    let microseconds = nanoseconds as f64 / 1e3;
    microseconds.round() / 1e3
}

/// Calls by caller and callee. A callee that is known by what calls name becomes the service that answers such calls.
fn calls(candidate: &WindowFacts, baseline: Option<&WindowFacts>) -> Vec<Call> {
    let answers = |peer: &str| {
        let before = || baseline.and_then(|facts| facts.who_answers(peer));
        candidate.who_answers(peer).or_else(before).map(|(service, _)| service.to_owned())
    };
    let mut pairs: OrderedMap<(String, String, bool), [CallCounts; 2]> = OrderedMap::new();
    for (side, facts) in [Some(candidate), baseline].into_iter().enumerate() {
        for (caller, callee, counts) in facts.iter().flat_map(|facts| facts.pictures.calls.iter()) {
            let (callee, has_spans) = match callee {
                Callee::Service(service) => (service.clone(), true),
                Callee::Named(name) => answers(name).map_or_else(|| (name.clone(), false), |service| (service, true)),
            };
            let sides = pairs.entry((caller.to_owned(), callee, has_spans)).or_default();
            sides[side].calls += counts.calls;
            sides[side].failed += counts.failed;
        }
    }
    let call = |((from, to, has_spans), [now, before]): ((String, String, bool), [CallCounts; 2])| Call {
        from,
        to,
        has_spans,
        calls: now.calls,
        failed: now.failed,
        baseline_calls: baseline.map(|_| before.calls),
        baseline_failed: baseline.map(|_| before.failed),
    };
    pairs.into_iter().map(call).collect()
}

fn timeline(candidate: &WindowFacts, baseline: Option<&WindowFacts>, changes: &[Change]) -> Option<Timeline> {
    let now = &candidate.pictures.timeline;
    let nothing = timeline::Timeline::default();
    let before = baseline.map_or(&nothing, |facts| &facts.pictures.timeline);
    // Both in the same steps.
    let (now, before) = (now.as_coarse_as(before), before.as_coarse_as(now));
    let start = before.moments().chain(now.moments()).map(|(at, _)| at).min()?;
    let moments = |timeline: &timeline::Timeline| {
        let moment = |(at, moment): (Nanos, timeline::Moment)| Moment {
            after_ms: (at.0 - start.0) / Nanos::PER_MS,
            requests: moment.requests,
            failing: moment.failed,
        };
        timeline.moments().map(moment).collect()
    };
    let mark = |(place, change): (usize, &Change)| {
        let at: jiff::Timestamp = change.at.as_deref()?.parse().ok()?;
        let after = (at.as_nanosecond() - i128::from(start.0)) / i128::from(Nanos::PER_MS);
        Some(Mark { reference: format!("/changes/{place}"), after_ms: i64::try_from(after).ok()? })
    };
    Some(Timeline {
        start: rfc3339(start)?,
        step_ms: now.step().max(before.step()) / Nanos::PER_MS,
        baseline: moments(&before),
        candidate: moments(&now),
        changes: changes.iter().enumerate().filter_map(mark).collect(),
    })
}

fn durations(candidate: &WindowFacts, baseline: Option<&WindowFacts>) -> Vec<Durations> {
    let mut entries: Vec<(&OperationName, &EntryFacts)> = candidate.entries.iter().collect();
    entries.shared_sort_by_key(|(_, entry)| Reverse((entry.failed, entry.total)));
    let of = |(name, entry): (&OperationName, &EntryFacts)| {
        let before = baseline.map(|facts| facts.entries.get(name).map_or(&[][..], |entry| &entry.passing[..]));
        let mut classes: OrderedMap<u32, [u64; 2]> = OrderedMap::new();
        for (side, durations) in [&entry.passing[..], before.unwrap_or_default()].into_iter().enumerate() {
            for &duration in durations {
                classes.entry(class_of(duration)).or_default()[side] += 1;
            }
        }
        let class = |(class, [now, then]): (u32, [u64; 2])| DurationClass {
            from_ms: in_ms(start_of(class)),
            to_ms: in_ms(start_of(class + 1)),
            baseline: before.map(|_| then),
            candidate: now,
        };
        Durations {
            service: name.service.clone(),
            operation: name.operation.clone(),
            classes: classes.into_iter().map(class).collect(),
        }
    };
    entries.into_iter().map(of).filter(|it| !it.classes.is_empty()).take(ENTRIES).collect()
}
