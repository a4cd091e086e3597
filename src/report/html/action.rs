//! What to do next, most urgent first. It says no more than the evidence does: a change is named as the cause only where
//! failing and passing requests were told apart by it.

use crate::judge::evidence::{Change, Evidence, Severity};
use crate::judge::evidence_cause::{RootCause, Suspect};
use crate::report::html::cause_parts::{frame, place};
use crate::report::html::contrast::kind;
use crate::report::html::text::{code, sentence};
use crate::report::markdown_hits::Decisive;
use crate::report::rule_words::rule_words;
use maud::{Markup, html};

/// How many root causes get advice of their own.
const CAUSES: usize = 3;
/// How many announced changes are named.
const CHANGES: usize = 3;

/// The steps that the evidence supports.
pub(crate) fn actions(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<Markup> {
    let mut actions = Vec::new();
    let decision = evidence.verdict.as_ref().map(|verdict| verdict.decision.as_str());
    match decision {
        Some("go") if evidence.findings.iter().any(|finding| finding.severity == Severity::Warn) => {
            actions.push(html! { "Nothing stands against the change. Look at the warnings below." });
        }
        Some("go") => actions.push(html! { "Nothing: the change may go." }),
        Some("inconclusive") => {
            let ways = evidence.verdict.iter().flat_map(|verdict| &verdict.settle);
            actions.extend(ways.map(|way| html! { (sentence(way)) }));
        }
        _ => {}
    }
    if decision == Some("go") {
        return actions;
    }
    let causes = || decisive.causes.iter().take(CAUSES).map(|(_, cause)| *cause);
    let suspects: Vec<&Suspect> = causes().filter_map(|cause| cause.suspects.first()).collect();
    let mut told: Vec<(&str, &str)> = Vec::new();
    for suspect in &suspects {
        if !told.contains(&(&suspect.kind, &suspect.key)) {
            told.push((&suspect.kind, &suspect.key));
            actions.push(undo(suspect, evidence));
        }
    }
    if decision == Some("no-go") && suspects.is_empty() {
        actions.push(roll_back(&evidence.changes));
    }
    actions.extend(causes().map(|cause| look_at(cause, decisive.causes.len() > 1)));
    if decisive.causes.is_empty() && decisive.objectives.iter().any(|objective| objective.unit == "ms") {
        actions.push(html! { "Compare a slow trace with one of the baseline, to see where its time goes." });
    }
    actions
}

fn undo(suspect: &Suspect, evidence: &Evidence) -> Markup {
    let known = evidence.changes.iter().find(|change| change.kind == suspect.kind && change.key == suspect.key);
    let before = known.and_then(|change| change.from.as_deref());
    let key = code(&suspect.key);
    match (suspect.kind.as_str(), before) {
        ("feature-flag", Some(before)) => html! { b { "Set feature flag " (key) " back to " (code(before)) "." } },
        ("feature-flag", None) => {
            html! { b { "Turn feature flag " (key) " back; it is " (code(&suspect.value)) " now." } }
        }
        ("deployment", Some(before)) => {
            html! { b { "Roll " (key) " back from " (code(&suspect.value)) " to " (code(before)) "." } }
        }
        ("deployment", None) => html! { b { "Roll " (key) " back from " (code(&suspect.value)) "." } },
        ("event", _) => html! { b { "Undo what " (key) " did." } },
        _ => html! { "Look at what is different where " (key) " is " (code(&suspect.value)) "." },
    }
}

/// Without a suspect: what was announced is what can be taken back.
fn roll_back(changes: &[Change]) -> Markup {
    if changes.is_empty() {
        return html! { b { "Keep the change back." } };
    }
    html! {
        b { "Take the change back" }
        ": "
        @for (at, change) in changes.iter().take(CHANGES).enumerate() {
            @if at > 0 { ", " }
            (kind(&change.kind)) " " (code(&change.key))
            @if let Some(from) = &change.from { " to " (code(from)) }
        }
        @if changes.len() > CHANGES { " and " (changes.len() - CHANGES) " more" }
        "."
    }
}

fn look_at(cause: &RootCause, many: bool) -> Markup {
    html! {
        @if many { a href={ "#cause-" (cause.rank) } { "Root cause " (cause.rank) } ": " }
        @match frame(cause) {
            Some(frame) => { "Start at " (place(frame, false)) " of " (code(&cause.service)) "." },
            None => (rule_words(&cause.kind).advice),
        }
    }
}
