//! Whom the decision is about: entry points whose requests fail, became slower, or were touched.

use crate::judge::evidence::{EntryPoint, Evidence};
use crate::judge::evidence_cause::EntryPointDegraded;
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::report::html::bar::{ratio, share};
use crate::report::html::text::{code, name};
use crate::report::markdown_hits::Decisive;
use crate::report::markdown_numbers::{interval, milliseconds, percentage};
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One entry point, and what happened to its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hit<'e> {
    /// Requests fail; with the objective of its error rate, if there is one.
    Fails(&'e EntryPoint, Option<&'e Objective>),
    /// Requests that pass take longer.
    Slower(&'e Objective),
    /// Requests went on without what failed.
    Degraded(&'e EntryPointDegraded),
}

/// All of them: what fails first, most failures first.
pub(crate) fn hits<'e>(evidence: &'e Evidence, decisive: &Decisive<'e>) -> Vec<Hit<'e>> {
    let causes = || decisive.causes.iter().map(|(_, cause)| *cause);
    let rates = || evidence.objectives.iter().filter(|objective| objective.unit == "ratio");
    let by_entry: BTreeMap<(&str, &str), &Objective> =
        rates().map(|rate| ((rate.service.as_str(), rate.operation.as_str()), rate)).collect();
    let of_causes =
        causes().flat_map(|cause| &cause.entry_points).map(|hit| (hit.service.as_str(), hit.operation.as_str()));
    let decided = decisive.objectives.iter().filter(|objective| objective.unit == "ratio");
    let failing: BTreeSet<(&str, &str)> =
        of_causes.chain(decided.map(|rate| (rate.service.as_str(), rate.operation.as_str()))).collect();
    let key = |entry: &'e EntryPoint| (entry.service.as_str(), entry.operation.as_str());
    let mut entries: Vec<&EntryPoint> =
        evidence.entry_points.iter().filter(|entry| failing.contains(&key(entry))).collect();
    entries.sort_by_key(|entry| Reverse(entry.failing));
    let fails = entries.into_iter().map(|entry| Hit::Fails(entry, by_entry.get(&key(entry)).copied()));
    let slower = decisive.objectives.iter().filter(|objective| objective.unit == "ms").map(|it| Hit::Slower(it));
    let mut seen = BTreeSet::new();
    let degraded = causes().flat_map(|cause| &cause.degraded_entry_points).filter(|hit| {
        let key = (hit.service.as_str(), hit.operation.as_str());
        !failing.contains(&key) && seen.insert(key)
    });
    fails.chain(slower).chain(degraded.map(Hit::Degraded)).collect()
}

/// One hit as a small chart: the requests now, and before.
pub(crate) fn hit(evidence: &Evidence, hit: &Hit<'_>) -> Markup {
    match *hit {
        Hit::Fails(entry, rate) => html! {
            p.hit-at { (code(&entry.operation)) " of " (name(&entry.service)) }
            div.rates {
                (rate_row("now", entry.failing, entry.total, "fail"))
                @if let (Some(failing), Some(total)) = (entry.baseline_failing, entry.baseline_total) {
                    (rate_row("before", failing, total, "failed"))
                }
            }
            @if let Some(difference) = rate.and_then(|rate| difference(evidence, rate)) { p.note { (difference) } }
        },
        Hit::Slower(objective) => slower(evidence, objective),
        Hit::Degraded(hit) => html! {
            p.hit-at { (code(&hit.operation)) " of " (name(&hit.service)) }
            p { "No request fails by it: " (hit.absorbed) " of " (count(hit.total, "request")) " ("
                (percent(hit.absorbed, hit.total)) ") went on without what failed." }
        },
    }
}

fn rate_row(when: &str, part: u64, whole: u64, verb: &str) -> Markup {
    html! {
        div.rate {
            span.rate-when { (when) }
            (share(part, whole, "failing"))
            span.rate-count { b { (part) } " of " (whole) " " (verb) }
            span.rate-share { (percent(part, whole)) }
        }
    }
}

/// Which quantile of durations is judged.
fn quantile(evidence: &Evidence) -> f64 {
    evidence.policy.as_ref().map_or(0.95, |policy| policy.quantile)
}

fn slower(evidence: &Evidence, objective: &Objective) -> Markup {
    let longest = [objective.value, objective.baseline].into_iter().flatten().fold(0.0_f64, f64::max);
    let row = |when: &str, value: Option<f64>, n: u64| {
        html! {
            div.rate {
                span.rate-when { (when) }
                (share(thousandths(value, longest), 1000, if when == "now" { "slower" } else { "calm" }))
                span.rate-count { @match value { Some(value) => b { (milliseconds(value)) }, None => "not known" } }
                span.rate-share { "n " (n) }
            }
        }
    };
    html! {
        p.hit-at { (code(&objective.operation)) " of " (name(&objective.service)) }
        p.note { (percentage(quantile(evidence))) " of the passing requests take at most:" }
        div.rates.rates-ms {
            (row("now", objective.value, objective.n))
            (row("before", objective.baseline, objective.baseline_n))
        }
        @if let Some(difference) = difference(evidence, objective) { p.note { (difference) } }
    }
}

/// A value as a part of the longest, in thousandths.
fn thousandths(value: Option<f64>, longest: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1000")]
    let part = (1000.0 * value.unwrap_or(0.0) / longest.max(f64::MIN_POSITIVE)).clamp(0.0, 1000.0) as u64;
    part
}

fn difference(evidence: &Evidence, objective: &Objective) -> Option<String> {
    let confidence = evidence.policy.as_ref().map(|policy| percentage(policy.confidence))?;
    Some(format!("The difference is {} ({confidence} confidence).", interval(objective)?))
}

/// The hit that weighs most, as the end of a headline.
pub(crate) fn headline(evidence: &Evidence, hits: &[Hit<'_>]) -> Option<String> {
    let others = |noun: &str, more: usize| match more {
        0 => String::new(),
        more => format!(" {} {noun} too.", count(more as u64, "more entry point")),
    };
    let more = hits.len().saturating_sub(1);
    Some(match hits.first()? {
        Hit::Fails(entry, _) => {
            let operation = name(&entry.operation);
            let before = match (entry.baseline_failing, entry.baseline_total) {
                (Some(failing), Some(total)) if total > 0 => format!(", before {failing} of {total}"),
                (Some(_), Some(_)) => ", before it was not asked".to_owned(),
                _ => String::new(),
            };
            let requests = if entry.failing == entry.total && entry.total > 1 {
                format!("Every request of {operation} fails: {} of {}{before}.", entry.failing, entry.total)
            } else {
                let verb = if entry.total == 1 { "fails" } else { "fail" };
                let share = if ratio(entry.failing, entry.total) > 0.0 {
                    percent(entry.failing, entry.total)
                } else {
                    "0 %".to_owned()
                };
                format!(
                    "{} of {} of {operation} {verb} ({share}){before}.",
                    entry.failing,
                    count(entry.total, "request")
                )
            };
            let failing = hits.iter().filter(|hit| matches!(hit, Hit::Fails(..))).count().saturating_sub(1);
            requests + &others(if failing == 1 { "fails" } else { "fail" }, failing)
        }
        Hit::Slower(objective) => {
            let known = |value: Option<f64>| value.map_or_else(|| "an unknown time".to_owned(), milliseconds);
            let verb = if more == 1 { "is slower" } else { "are slower" };
            format!(
                "{} became slower: {} for {} of its requests, before {}.{}",
                name(&objective.operation),
                known(objective.value),
                percentage(quantile(evidence)),
                known(objective.baseline),
                others(verb, more)
            )
        }
        Hit::Degraded(_) => return None,
    })
}
