//! Suspects and conditions of each root cause, as evidence.

use crate::analyze::kind::CauseKind;
use crate::facts::cause::OperationName;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::rfc3339;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_suspect::{Compared, Condition, OnsetTold, Suspect};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::{rounded, significant};
use crate::judge::policy::Policy;
use crate::judge::suspects::changes::Changed;
use crate::judge::suspects::conditions::{self, Conditions, Found};
use crate::judge::suspects::contrast::Contrast;
use crate::judge::suspects::distance::Neighbours;
use crate::judge::suspects::looked_at::OfWindow;
use crate::judge::suspects::onset::{Onset, onset};
use crate::judge::suspects::suspicion::{Nearest, Scene, Suspicion, What, Where, suspicions};
use crate::judge::wording::{capitalised, count, percent};
use crate::model::time::Nanos;

/// How many root causes, the first ones, are looked at.
const CAUSES: usize = 50;

/// Looks for suspects and conditions of the first root causes of a gate.
pub(crate) fn fill<'f>(causes: &mut [RootCause], sides: &Sides<'f>, changes: &'f [Changed], policy: &Policy) {
    let neighbours = Neighbours::of([&sides.baseline.running, &sides.candidate.running]);
    for cause in causes.iter_mut().take(CAUSES) {
        let at = OperationName { service: cause.service.clone(), operation: cause.operation.clone() };
        // Of requests that passed there none were kept.
        if !sides.keep_requests_for(&at) {
            continue;
        }
        let window = |facts: &'f WindowFacts| match slow_requests(cause) {
            Some(longer_than) => OfWindow::of_slow(&facts.requests, &at, longer_than),
            None => OfWindow::of(&facts.requests, &cause.signature, &at),
        };
        let (baseline, candidate) = (window(sides.baseline), window(sides.candidate));
        if candidate.failing.is_empty() {
            continue;
        }
        let is_new = matches!(cause.change.as_deref(), Some("new" | "worse"));
        let from: Vec<&str> = std::iter::once(cause.service.as_str()).chain(cause.peer.as_deref()).collect();
        let distances = neighbours.distances(from);
        let onset = if is_new { onset(&baseline, &candidate) } else { None };
        let unanswered = [CauseKind::Unreachable, CauseKind::Dependency, CauseKind::Timeout];
        let nobody_answers = unanswered.into_iter().any(|kind| cause.kind == kind.as_str());
        let scene =
            Scene { baseline: &baseline, candidate: &candidate, changes, distances: &distances, onset, nobody_answers };
        let suspected = if is_new { suspicions(&scene) } else { Vec::new() };
        let separate = conditions::conditions(&baseline, &candidate);
        let conditions = separate.found.iter().map(|found| condition(found, befell(cause), policy)).collect();
        let suspects = suspected.iter().map(|it| suspect(it, befell(cause), onset, policy)).collect();
        cause.compared = Some(compared(&baseline, &candidate, separate));
        cause.onset = onset.map(told_onset);
        (cause.suspects, cause.conditions) = (suspects, conditions);
    }
}

/// From how many nanoseconds on requests for the operation of a latency cause are slow.
fn slow_requests(cause: &RootCause) -> Option<u64> {
    let ms = cause.latency.as_ref()?.slow_request_ms?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration, saturating")]
    let ns = (ms * 1e6) as u64;
    Some(ns)
}

/// What befell requests by a root cause.
fn befell(cause: &RootCause) -> &'static str {
    if cause.kind == "latency" { "were slow" } else { "failed" }
}

fn compared(baseline: &OfWindow<'_>, candidate: &OfWindow<'_>, conditions: Conditions<'_>) -> Compared {
    Compared {
        failing: candidate.failed,
        passing: candidate.passed,
        baseline_failing: baseline.failed,
        baseline_passing: baseline.passed,
        failing_looked_at: candidate.failing.len() as u64,
        passing_looked_at: candidate.passing.len() as u64,
        baseline_failing_looked_at: baseline.failing.len() as u64,
        baseline_passing_looked_at: baseline.passing.len() as u64,
        values_tried: conditions.tried,
        left_out: conditions.left_out,
    }
}

fn told_onset(onset: Onset) -> OnsetTold {
    OnsetTold { earliest: rfc3339(onset.earliest), at: rfc3339(onset.at), latest: rfc3339(onset.latest) }
}

fn condition(found: &Found<'_>, befell: &str, policy: &Policy) -> Condition {
    let Contrast { failing_with, failing_without, passing_with, passing_without } = found.contrast;
    let (difference, interval) = found.contrast.difference(policy.confidence);
    let of =
        if found.property.of.service.is_empty() { String::new() } else { format!(" of {}", found.property.of.service) };
    let (and, alone) = match &found.and {
        Some(and) => (
            format!(" and {} = {}", and.key, and.value),
            format!(
                " By themselves: {} of those with the first {befell}, {} of those with the second.",
                percent(and.failing_with_first, and.failing_with_first + and.passing_with_first),
                percent(and.failing_with_second, and.failing_with_second + and.passing_with_second),
            ),
        ),
        None => (String::new(), String::new()),
    };
    Condition {
        key: found.property.of.key.clone(),
        value: found.property.value.clone(),
        service: (!found.property.of.service.is_empty()).then(|| found.property.of.service.clone()),
        also_keys: found.also.iter().map(|property| property.of.key.clone()).collect(),
        failing_with,
        failing_without,
        passing_with,
        passing_without,
        p_value: significant(found.p),
        p_adjusted: significant(found.p_adjusted),
        rate_difference: rounded(difference),
        interval: [rounded(interval.lower), rounded(interval.upper)],
        and: found.and.clone(),
        sentence: format!(
            "With {}{of} = {}{and}, {}; without, {}.{alone}",
            found.property.of.key,
            found.property.value,
            befell_of(befell, failing_with, passing_with),
            befell_of(befell, failing_without, passing_without)
        ),
    }
}

fn befell_of(befell: &str, failing: u64, passing: u64) -> String {
    format!("{failing} of {} {befell}", count(failing + passing, "request"))
}

fn suspect(suspicion: &Suspicion<'_>, befell: &str, onset: Option<Onset>, policy: &Policy) -> Suspect {
    let Contrast { failing_with, failing_without, passing_with, passing_without } = suspicion.contrast;
    let (difference, interval) = suspicion.contrast.difference(policy.confidence);
    let mut also_keys: Vec<String> = suspicion.also.iter().map(|property| property.of.key.clone()).collect();
    also_keys.dedup();
    let named = named(suspicion);
    let (mut speaks_for, mut against) = (Vec::new(), Vec::new());
    speaks_for.push(format!(
        "{}: with it {}, without it {}",
        match suspicion.place {
            Where::WithinCandidate => "inside the candidate",
            Where::AcrossWindows => "across the windows",
        },
        befell_of(befell, failing_with, passing_with),
        befell_of(befell, failing_without, passing_without)
    ));
    if suspicion.place == Where::AcrossWindows {
        against.push(
            "all requests of the candidate that could have it have it, so that only the windows can be compared"
                .to_owned(),
        );
    }
    of_place(suspicion, &mut speaks_for, &mut against);
    of_time(suspicion, onset, &mut speaks_for, &mut against);
    let sentence = format!(
        "{}: with it {}, without it {}.{}",
        named.sentence,
        befell_of(befell, failing_with, passing_with),
        befell_of(befell, failing_without, passing_without),
        speaks_for.get(1).map_or_else(String::new, |more| format!(" {}.", capitalised(more)))
    );
    Suspect {
        kind: named.kind.to_owned(),
        key: named.key,
        value: named.value,
        from: named.from,
        also_keys,
        contrast: suspicion.place.as_str().to_owned(),
        failing_with,
        failing_without,
        passing_with,
        passing_without,
        p_value: significant(suspicion.p),
        p_adjusted: significant(suspicion.p_adjusted),
        rate_difference: rounded(difference),
        interval: [rounded(interval.lower), rounded(interval.upper)],
        distance: suspicion.nearest.map(|nearest| nearest.calls),
        inferred: named.inferred,
        speaks_for,
        against,
        sentence,
    }
}

/// What a suspect is called.
struct Named {
    kind: &'static str,
    key: String,
    value: String,
    from: Option<String>,
    inferred: bool,
    sentence: String,
}

fn named(suspicion: &Suspicion<'_>) -> Named {
    match suspicion.what {
        What::Change(change) => {
            let value = change.to.clone().unwrap_or_default();
            let before = change.from.as_deref().map(|from| format!(" (before: {from})")).unwrap_or_default();
            let sentence = match (change.sort.as_str(), value.as_str()) {
                ("feature-flag", _) => format!("Flag {} = {value}{before}", change.key),
                ("deployment", _) => format!("{} {value}{before}", change.key),
                (_, "") => format!("Announced: {}", change.key),
                _ => format!("Announced: {} {value}", change.key),
            };
            let inferred = change.announced.is_none();
            Named {
                kind: change.sort.as_str(),
                key: change.key.clone(),
                value,
                from: change.from.clone(),
                inferred,
                sentence,
            }
        }
        What::Attribute(property) => Named {
            kind: "attribute",
            key: property.of.key.clone(),
            value: property.value.clone(),
            from: None,
            inferred: true,
            sentence: format!("{} = {}, which no request of the baseline had", property.of.key, property.value),
        },
    }
}

fn of_place(suspicion: &Suspicion<'_>, speaks_for: &mut Vec<String>, against: &mut Vec<String>) {
    let What::Change(change) = suspicion.what else { return };
    match suspicion.nearest {
        Some(Nearest { calls: 0, service }) => speaks_for.push(format!("it is in {service}, where the fault began")),
        Some(Nearest { calls: 1, service }) => {
            speaks_for.push(format!("it is in {service}, one call from where the fault began"));
        }
        Some(Nearest { calls, service }) => {
            against.push(format!("it is in {service}, {calls} calls from where the fault began"));
        }
        None => against.push("nothing tells where it was made".to_owned()),
    }
    if change.shown.is_none() {
        against.push("it was announced, and nothing in the telemetry shows it".to_owned());
    }
}

fn of_time(suspicion: &Suspicion<'_>, onset: Option<Onset>, speaks_for: &mut Vec<String>, against: &mut Vec<String>) {
    let What::Change(change) = suspicion.what else { return };
    let announced = change.announced.as_ref().and_then(|event| event.at);
    let seen = change.shown.as_ref().and_then(|shown| shown.latest);
    let Some(onset) = onset else {
        against.push("when the fault set in cannot be told".to_owned());
        return;
    };
    if let Some(at) = announced {
        if at <= onset.at {
            speaks_for.push(format!("it was announced {} before the first failures", span_of(at, onset.at)));
        } else {
            against.push(format!("it was announced {} after the first failures", span_of(onset.at, at)));
        }
    }
    if let Some(seen) = seen {
        if seen <= onset.at {
            speaks_for.push(format!("it was first seen {} before the first failures", span_of(seen, onset.at)));
        } else {
            speaks_for.push(format!("it was first seen {} after the first failures", span_of(onset.at, seen)));
        }
    }
}

/// A length of time in words: `12 ms`, `3.1 s`, `4 min`.
fn span_of(from: Nanos, to: Nanos) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let seconds = to.0.saturating_sub(from.0) as f64 / 1e9;
    match seconds {
        small if small < 0.001 => "less than 1 ms".to_owned(),
        small if small < 1.0 => format!("{:.0} ms", small * 1e3),
        short if short < 120.0 => format!("{short:.1} s"),
        long if long < 7200.0 => format!("{:.0} min", long / 60.0),
        longer => format!("{:.0} h", longer / 3600.0),
    }
}
