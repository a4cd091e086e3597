//! What failing requests have in common and passing ones do not: suspected changes and conditions, with their four counts.

use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_suspect::{Condition, Suspect};
use crate::judge::wording::percent;
use crate::report::html::bar::share;
use crate::report::html::text::{code, name, sentence, unbroken};
use crate::report::numbers::chance;
use maud::{Markup, html};

/// How many of either are shown.
const SHOWN: usize = 10;

/// Whatever is known of what changed, and of which requests fail.
pub(crate) fn contrasts(cause: &RootCause) -> Markup {
    let told = Told::of(cause);
    html! {
        @if !cause.suspects.is_empty() {
            h4 { "Suspected changes" }
            @for suspect in cause.suspects.iter().take(SHOWN) { (of_suspect(suspect, told)) }
            (left_out(cause.suspects.len()))
        }
        @if !cause.conditions.is_empty() {
            h4 { "Only for some requests" }
            @for condition in cause.conditions.iter().take(SHOWN) { (of_condition(condition, told)) }
            (left_out(cause.conditions.len()))
        }
    }
}

fn left_out(all: usize) -> Markup {
    html! { @if all > SHOWN { p.more { (all - SHOWN) " more: see the evidence JSON." } } }
}

/// What kind of change it is, in words.
pub(crate) fn kind(code: &str) -> String {
    match code {
        "feature-flag" => "feature flag".to_owned(),
        known => name(known),
    }
}

/// What is held against what: requests that fail against those that pass, or that show a root cause against those that do not.
#[derive(Clone, Copy, Debug)]
struct Told {
    showing: &'static str,
    others: &'static str,
    share: &'static str,
}

impl Told {
    fn of(cause: &RootCause) -> Self {
        match cause.kind.as_str() {
            "latency" => Self { showing: "slow", others: "not slow", share: "share that is slow" },
            _ if cause.excess.is_some() => {
                Self { showing: "showing it", others: "as usual", share: "share that shows it" }
            }
            _ => Self { showing: "failing", others: "passing", share: "share that fails" },
        }
    }
}

fn of_suspect(suspect: &Suspect, words: Told) -> Markup {
    let how = match suspect.contrast.as_str() {
        "across-windows" => "compared across the two windows",
        "within-candidate" => "compared within the candidate",
        _ => "",
    };
    let told = if suspect.inferred { "found in the telemetry" } else { "announced" };
    html! {
        div.contrast data-find {
            p.contrast-what { (kind(&suspect.kind)) " " (code(&suspect.key)) " = " (code(&suspect.value)) }
            p { (sentence(&suspect.sentence)) }
            (counts(Counts {
                has: &format!("{} = {}", name(&suspect.key), name(&suspect.value)),
                failing: (suspect.failing_with, suspect.failing_without),
                passing: (suspect.passing_with, suspect.passing_without),
            }, words))
            p.note { (told) ", " (how) "; p " (unbroken(&chance(Some(suspect.p_value)))) (also(&suspect.also_keys)) }
        }
    }
}

fn of_condition(condition: &Condition, words: Told) -> Markup {
    html! {
        div.contrast data-find {
            p.contrast-what {
                (code(&condition.key)) " = " (code(&condition.value))
                @if let Some(also) = &condition.and { " and " (code(&also.key)) " = " (code(&also.value)) }
            }
            p { (sentence(&condition.sentence)) }
            (counts(Counts {
                has: &format!("{} = {}", name(&condition.key), name(&condition.value)),
                failing: (condition.failing_with, condition.failing_without),
                passing: (condition.passing_with, condition.passing_without),
            }, words))
            p.note { "p " (unbroken(&chance(Some(condition.p_value)))) (also(&condition.also_keys)) }
        }
    }
}

fn also(keys: &[String]) -> Markup {
    html! { @if !keys.is_empty() { "; falls together with " @for (at, key) in keys.iter().take(SHOWN).enumerate() { @if at > 0 { ", " } (code(key)) } } }
}

/// Requests with and without a value, each pair first those that have it.
struct Counts<'a> {
    has: &'a str,
    failing: (u64, u64),
    passing: (u64, u64),
}

fn counts(Counts { has, failing, passing }: Counts<'_>, words: Told) -> Markup {
    let row = |what: &str, failing: u64, passing: u64| {
        let all = failing.saturating_add(passing);
        html! {
            tr {
                th scope="row" { (what) }
                td.number { (failing) }
                td.number { (passing) }
                td.bar-cell { (share(failing, all, "failing")) }
                td.number { (percent(failing, all)) }
            }
        }
    };
    html! {
        table.counts {
            caption.unseen { "Requests with " (has) " and without" }
            thead { tr { th scope="col" { "requests" } th.number scope="col" { (words.showing) } th.number scope="col" { (words.others) } th.number colspan="2" scope="col" { (words.share) } } }
            tbody {
                (row("with it", failing.0, passing.0))
                (row("without", failing.1, passing.1))
            }
        }
    }
}
