//! How it was judged, so that each number of the page can be computed again.

use crate::judge::evidence::Evidence;
use crate::judge::policy::Policy;
use crate::judge::rule::Level;
use crate::report::html::lists::{Column, table};
use crate::report::html::text::code;
use maud::{Markup, html};

/// The method of every number, and the policy in force.
pub(crate) fn method(evidence: &Evidence) -> Markup {
    html! {
        section #method aria-labelledby="method-title" {
            h2 #method-title { "Method" }
            dl.method {
                @if evidence.policy.is_some() { (of_gates()) }
                div { dt { "Root causes" } dd {
                    "Each failing span is either explained by a failing span below it, or is an origin. Origins that agree in service, "
                    "operation, exception and own lines of code are one root cause. A trace counts once for each." } }
                div { dt { "Fatal, absorbed" } dd {
                    "Fatal: the failure reached the request that came in from outside. Absorbed: on its way a span stayed well, or a later attempt of the same call went well." } }
                div { dt { "Durations" } dd { "Quantiles are exact, interpolated linearly between ranks. Traces start and end with their spans; clocks that disagree are corrected where parents and children show it." } }
                div { dt { "Data quality" } dd { "A: nothing odd. B: minor oddities. C: more than 5 % of the spans lack their parent, an input was cut off, or failing spans lost events. D: no spans, or more than 30 % without parent." } }
            }
            @if let Some(policy) = &evidence.policy { (in_force(policy)) }
            p.note {
                "Every number of this page is in the evidence JSON (schema " (code(&evidence.schema)) "): "
                code { "--report evidence.json" } " writes it beside this page, " code { "whyspan schema" } " describes it, and "
                code { "whyspan report evidence.json --report page.html" } " renders this page from it, byte for byte."
            }
        }
    }
}

fn of_gates() -> Markup {
    html! {
        div { dt { "Shares of failing requests" } dd {
            "Fisher’s exact test on raw counts, one-sided: the chance that as many failures or more fall to the candidate, if both windows fail alike. "
            "The interval of the difference is Newcombe’s (1998, method 10), that of one rate Clopper and Pearson’s." } }
        div { dt { "Durations, compared" } dd {
            "Of passing requests only. The bounds of a quantile are order statistics; the difference is bounded by MOVER (Zou and Donner 2008). With fewer requests than have a bound nothing is judged." } }
        div { dt { "Many comparisons" } dd {
            "All that could fail the gate are one family, corrected by Holm (1979). A rise counts only if it is significant and relevant too." } }
        div { dt { "Smallest rise seen" } dd {
            "The least true rise that would have been found with the power of the policy, given these numbers of requests. “Nothing found” is worth as much as this is small." } }
        div { dt { "The decision" } dd {
            "No-go when a rule at level “fail” has a finding; inconclusive when one at level “inconclusive” has; else go. No data is never a go." } }
    }
}

fn in_force(policy: &Policy) -> Markup {
    let built_in = Policy::default();
    let which = if *policy == built_in { "built in" } else { "not the built-in one" };
    let numbers: Vec<Markup> = policy
        .numbers()
        .zip(built_in.numbers())
        .map(|((name, number), (_, usual))| html! {
            tr { th scope="row" { (code(name)) } td.number { (number) } td { @if number != usual { "built in: " (usual) } @else { "as built in" } } }
        })
        .collect();
    let rules: Vec<Markup> = [
        (Level::Fail, "no-go when found"),
        (Level::Inconclusive, "nothing can be decided when found"),
        (Level::Warn, "told, and the change may go"),
        (Level::Info, "for information"),
    ]
    .into_iter()
    .map(|(level, means)| html! {
        tr {
            th scope="row" { (level.as_str()) span.reason { (means) } }
            td.wide { @for (at, rule) in policy.rules.iter().filter(|(_, set)| **set == level).map(|(rule, _)| *rule).enumerate() {
                @if at > 0 { ", " } (code(rule.code()))
                @if built_in.level(rule) != level { " (built in: " (built_in.level(rule).as_str()) ")" }
            } }
        }
    })
    .collect();
    html! {
        h3 { "Policy in force (" (which) ")" }
        div.side-by-side {
            div { (table("Numbers of the policy", &[Column::words("number"), Column::numbers("value"), Column::words("")], &numbers, 0)) }
            div { (table("Rules of the policy", &[Column::words("level"), Column::words("rules")], &rules, 0)) }
        }
    }
}
