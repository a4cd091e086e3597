//! Whom the decision is about, as small charts and as a headline.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::report::hits::Hit;
use crate::report::html::bar::{ratio, share, thousandths};
use crate::report::html::text::{code, name};
use crate::report::numbers::{interval, judged_quantile, milliseconds, percentage};
use maud::{Markup, html};

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

fn slower(evidence: &Evidence, objective: &Objective) -> Markup {
    let longest = [objective.value, objective.baseline].into_iter().flatten().fold(0.0_f64, f64::max);
    let row = |when: &str, value: Option<f64>, n: u64| {
        html! {
            div.rate {
                span.rate-when { (when) }
                (share(thousandths(value.unwrap_or(0.0) / longest.max(f64::MIN_POSITIVE)), 1000, if when == "now" { "slower" } else { "calm" }))
                span.rate-count { @match value { Some(value) => b { (milliseconds(value)) }, None => "not known" } }
                span.rate-share { "n " (n) }
            }
        }
    };
    html! {
        p.hit-at { (code(&objective.operation)) " of " (name(&objective.service)) }
        p.note { (percentage(judged_quantile(evidence))) " of the passing requests take at most:" }
        div.rates.rates-ms {
            (row("now", objective.value, objective.n))
            (row("before", objective.baseline, objective.baseline_n))
        }
        @if let Some(difference) = difference(evidence, objective) { p.note { (difference) } }
    }
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
                percentage(judged_quantile(evidence)),
                known(objective.baseline),
                others(verb, more)
            )
        }
        Hit::Degraded(_) => return None,
    })
}
