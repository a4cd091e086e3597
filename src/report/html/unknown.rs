//! What the evidence does not say, for those who would take its silence for an answer.

use crate::judge::evidence::Evidence;
use crate::judge::wording::count;
use crate::report::html::text::sentence;
use crate::report::markdown_hits::{Decisive, missed};
use maud::{Markup, html};

/// Points against root causes that the first screen tells.
const AGAINST: usize = 2;
/// Oddities of the input that it tells.
const ODDITIES: usize = 2;

/// All of it, what weighs most first.
pub(crate) fn unknowns(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<Markup> {
    let mut unknowns = Vec::new();
    let causes = || decisive.causes.iter().map(|(_, cause)| *cause);
    if evidence.verdict.is_some() && !decisive.causes.is_empty() && causes().all(|cause| cause.suspects.is_empty()) {
        unknowns.push(html! { "Which change caused it: nothing in the evidence tells failing from passing requests by a change." });
    }
    let slower = decisive.objectives.iter().any(|objective| objective.unit == "ms");
    if slower && !causes().any(|cause| cause.kind == "latency") {
        unknowns.push(html! { "Where the time goes below the entry points." });
    }
    for point in causes().flat_map(|cause| &cause.confidence.against).take(AGAINST) {
        unknowns.push(html! { "Against the cause: " (sentence(point)) "." });
    }
    if let Some(missed) = missed(evidence) {
        unknowns.push(html! { "What could have been missed: " (missed) "." });
    } else {
        unknowns.extend(unjudged(evidence));
    }
    for defect in evidence.quality.defects.iter().filter(|_| evidence.quality.grade != "A").take(ODDITIES) {
        unknowns.push(html! { (sentence(&defect.sentence)) });
    }
    let more = evidence.quality.defects.len().saturating_sub(ODDITIES);
    if evidence.quality.grade != "A" && more > 0 {
        unknowns.push(html! { a href="#quality" { (count(more as u64, "more oddity").replace("odditys", "oddities")) " of the telemetry" } });
    }
    if evidence.verdict.is_none() {
        unknowns.push(html! { "Whether any of it is new: there is no baseline to compare with." });
    }
    unknowns
}

/// Entry points whose slowness could not be judged, beside a decision that something else made.
fn unjudged(evidence: &Evidence) -> Option<Markup> {
    let durations = || evidence.objectives.iter().filter(|objective| objective.unit == "ms");
    let unjudged = durations().filter(|objective| objective.result == "not-judged").count();
    let all = durations().count();
    (unjudged > 0).then(|| html! {
        "Whether " a href="#objectives" { (unjudged) " of " (count(all as u64, "entry point")) } " became slower: too few passing requests to judge it."
    })
}
