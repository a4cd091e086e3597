//! What to do next, most urgent first. It says no more than the evidence does: a change is named as the cause only where
//! failing and passing requests were told apart by it.

use crate::judge::evidence::{Change, Evidence, Severity};
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Action;
use crate::report::decisive::Decisive;
use crate::report::html::cause_parts::{frame, kind_words, place};
use crate::report::html::contrast::kind;
use crate::report::html::text::{code, sentence};
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
    let told = evidence.verdict.iter().flat_map(|verdict| &verdict.actions);
    let undo: Vec<&Action> = told.filter(|action| action.kind != "look-at").take(CAUSES).collect();
    actions.extend(undo.iter().map(|action| html! { b { (sentence(&action.sentence)) } }));
    if decision == Some("no-go") && undo.is_empty() {
        actions.push(roll_back(&evidence.changes));
    }
    actions.extend(
        decisive
            .causes
            .iter()
            .take(CAUSES)
            .map(|(place, cause)| look_at(cause, is_shifted_drawn(evidence, *place), decisive.causes.len() > 1)),
    );
    if decisive.causes.is_empty() && decisive.objectives.iter().any(|objective| objective.unit == "ms") {
        actions.push(html! { "Compare a slow trace with one of the baseline, to see where its time goes." });
    }
    actions
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

/// Whether a request that shows it stands beside one of before.
fn is_shifted_drawn(evidence: &Evidence, place: usize) -> bool {
    let reference = format!("/root_causes/{place}");
    let mut traces = evidence.pictures.traces.iter().filter(|trace| trace.reference == reference);
    traces.next().is_some_and(|trace| trace.outcome == "shifted") && traces.next().is_some()
}

fn look_at(cause: &RootCause, is_drawn: bool, many: bool) -> Markup {
    html! {
        @if many { a href={ "#cause-" (cause.rank) } { "Root cause " (cause.rank) } ": " }
        // Who cannot reach somebody, or waits for somebody, is seldom the one to mend it.
        @match frame(cause).filter(|_| !matches!(cause.kind.as_str(), "unreachable" | "dependency" | "timeout")) {
            Some(frame) => { "Start at " (place(frame, false)) " of " (code(&cause.service)) "." },
            None => { (kind_words(cause).advice) @if is_drawn { " " a href={ "#cause-" (cause.rank) } { "Both are drawn below" } "." } },
        }
    }
}
