//! Whom the decision is about, as small charts.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::report::hits::Hit;
use crate::report::html::bar::{share, thousandths};
use crate::report::html::page::Context;
use crate::report::html::seen_requests::{About, seen_requests};
use crate::report::html::text::{code, name};
use crate::report::numbers::{interval, judged_quantile, milliseconds, percentage};
use maud::{Markup, html};

/// One hit as a small chart: the requests now, and before.
pub(crate) fn hit(context: &Context<'_>, hit: &Hit<'_>) -> Markup {
    let evidence = context.evidence;
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
            (to_look_at(context, &entry.service, &entry.operation, About::Failures))
        },
        Hit::Slower(objective) => html! {
            (slower(evidence, objective))
            (to_look_at(context, &objective.service, &objective.operation, About::Durations))
        },
        Hit::Degraded(hit) => html! {
            p.hit-at { (code(&hit.operation)) " of " (name(&hit.service)) }
            p { "No request fails by it: " (hit.absorbed) " of " (count(hit.total, "request")) " ("
                (percent(hit.absorbed, hit.total)) ") went on without what failed." }
        },
    }
}

fn to_look_at(context: &Context<'_>, service: &str, operation: &str, about: About) -> Markup {
    html! { @if let Some(seen) = seen_requests(context, service, operation, about) { p.note.look-at { "To look at: " (seen) } } }
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
