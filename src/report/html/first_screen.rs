//! The first screen, for whoever decides: what happened, who is hit, why, what changed, what to do, how sure that is, and
//! what is not known. Printed it is the first page, and stands alone.

use crate::judge::evidence::{Change, EntryPoint, Evidence, Finding};
use crate::judge::evidence_cause::RootCause;
use crate::judge::quality::meaning;
use crate::judge::wording::{capitalised, count};
use crate::report::decisive::Decisive;
use crate::report::headline::{headline, word};
use crate::report::hits::hits;
use crate::report::html::action::actions;
use crate::report::html::cause_parts::{fault, frame, place, services_on_the_way, without};
use crate::report::html::contrast::kind;
use crate::report::html::hits::hit;
use crate::report::html::lists::few;
use crate::report::html::page::Context;
use crate::report::html::quality::time;
use crate::report::html::references::references;
use crate::report::html::text::{code, line, name, sentence};
use crate::report::markdown_first_screen::other_reasons;
use crate::report::markdown_hits::missed;
use crate::report::numbers::chance;
use crate::report::other_findings::warnings;
use crate::report::unknown::{Unknown, unknowns};
use maud::{Markup, html};

/// How many root causes, hits and entries of each list the first screen shows; the rest is further down.
const SHOWN: usize = 3;
/// How many characters of the one sentence are shown.
const HEADLINE: usize = 600;
/// How many characters of a message it shows; the whole stands with the root cause.
const SAID: usize = 150;
/// How many entries of its other lists it shows.
const LISTED: usize = 5;

/// The class by which the style sheet picks the one colour of the page. What is unknown never looks like success.
pub(crate) fn accent(evidence: &Evidence) -> &'static str {
    match word(evidence) {
        "Go" => "go",
        "No-go" => "no-go",
        "Analysis" => "analysis",
        _ => "inconclusive",
    }
}

/// The one sentence, without the word.
pub(crate) fn what_happened(evidence: &Evidence) -> String {
    line(&headline(evidence), HEADLINE)
}

/// The whole of it.
pub(crate) fn first_screen(context: &Context<'_>) -> Markup {
    let evidence = context.evidence;
    let decisive = Decisive::of(evidence);
    let rows = [
        ("Who is hit", who(context, &decisive)),
        ("Why", why(evidence, &decisive)),
        ("What changed", what_changed(evidence, &decisive)),
        ("What to do", few(actions(evidence, &decisive), LISTED, "steps", |it| it)),
        ("How sure", how_sure(evidence, &decisive)),
        ("Not known", not_known(evidence, &decisive)),
        ("Also", also(evidence, &decisive)),
    ];
    html! {
        section #summary aria-labelledby="summary-title" {
            p.kicker { (kicker(evidence)) }
            h1 #summary-title {
                span.verdict { (word(evidence)) }
                span.unseen { ": " }
                span.what { (what_happened(evidence)) }
            }
            dl.answers {
                @for (title, answer) in rows.iter().filter_map(|(title, answer)| Some((title, answer.as_ref()?))) {
                    div { dt { (title) } dd { (answer) } }
                }
            }
        }
    }
}

fn not_known(evidence: &Evidence, decisive: &Decisive<'_>) -> Option<Markup> {
    let told = |Unknown { sentence: told, part }: Unknown| {
        html! {
            @match part { Some(part) => a href={ "#" (part) } { (sentence(&told)) }, None => (sentence(&told)) }
        }
    };
    let missed = missed(evidence).map(|missed| html! { "What could have been missed: " (missed) "." });
    few(missed.into_iter().chain(unknowns(evidence, decisive).into_iter().map(told)), LISTED, "points", |it| it)
}

fn kicker(evidence: &Evidence) -> Markup {
    let candidate = &evidence.windows.candidate;
    html! {
        "whyspan " (name(&evidence.command)) " · " (count(candidate.traces, "trace")) " since " (time(candidate.start.as_deref()))
        @if let Some(baseline) = &evidence.windows.baseline {
            ", against " (count(baseline.traces, "trace")) " since " (time(baseline.start.as_deref()))
        }
        " · data quality " a href="#quality" { (name(&evidence.quality.grade)) } ", " (meaning(&evidence.quality.grade))
    }
}

fn who(context: &Context<'_>, decisive: &Decisive<'_>) -> Option<Markup> {
    let evidence = context.evidence;
    let hits = hits(evidence, decisive);
    if hits.is_empty() {
        return match word(evidence) {
            "Go" => Some(html! { p { "Nobody by anything new." } (fails_as_before(evidence)) }),
            "No-go" | "Analysis" => Some(slowed(decisive).unwrap_or_else(|| html! { p { "No entry point." } })),
            _ => None,
        };
    }
    Some(html! {
        div.hits { @for it in hits.iter().take(SHOWN) { div.hit { (hit(context, it)) } } }
        @if hits.len() > SHOWN { p.more { a href="#traffic" { "and " (count((hits.len() - SHOWN) as u64, "more entry point")) } } }
    })
}

/// Where some requests are slow and none fails.
fn slowed(decisive: &Decisive<'_>) -> Option<Markup> {
    let (_, cause) = decisive.causes.first()?;
    let entry = cause.latency.as_ref()?.entry_point.as_ref()?;
    Some(html! {
        p { "Some requests of " (code(&entry.operation)) " of " (name(&entry.service)) ": they are slow, and none fails by it." }
    })
}

/// A go does not say that nothing fails.
fn fails_as_before(evidence: &Evidence) -> Markup {
    let same = |cause: &&RootCause| {
        !cause.client_fault
            && cause.effect.as_deref() == Some("fatal")
            && matches!(cause.change.as_deref(), Some("same" | "better"))
    };
    let number = evidence.root_causes.iter().filter(same).count();
    html! {
        @if number > 0 {
            p { "As before: " a href="#causes" { (count(number as u64, "root cause")) }
                " that the baseline has too, at about the same rate or more often." }
        }
    }
}

fn why(evidence: &Evidence, decisive: &Decisive<'_>) -> Option<Markup> {
    let others = few(
        other_reasons(evidence, decisive),
        LISTED,
        "reasons",
        |reason| html! { (sentence(&reason.sentence)) (references(evidence, reason)) },
    );
    if decisive.causes.is_empty() {
        let slower = decisive.objectives.iter().any(|objective| objective.unit == "ms");
        let why =
            slower.then(|| html! { p { "No fault explains the slowdown: nothing new fails, requests take longer." } });
        return if why.is_some() { why } else { others };
    }
    Some(html! {
        @for (_, cause) in decisive.causes.iter().take(SHOWN) { (of_cause(cause, decisive.causes.len() > 1)) }
        @if decisive.causes.len() > SHOWN {
            p.more { a href="#causes" { "and " (count((decisive.causes.len() - SHOWN) as u64, "more root cause")) } }
        }
        @if let Some(others) = others { (others) }
    })
}

fn of_cause(cause: &RootCause, many: bool) -> Markup {
    html! {
        div.why {
            p.fault {
                @if many { a href={ "#cause-" (cause.rank) } { (cause.rank) "." } " " }
                (fault(cause, SAID))
                @if let Some(frame) = frame(cause) { ", at " (place(frame, false)) } "."
            }
            @if let Some(way) = services_on_the_way(cause) { p.note { "It spreads: " (way) } }
            @if let Some(asker) = cause.async_entry_points.first() {
                p.note { "Asked for in messages by " (asker.requests) " of " (count(asker.total, "request")) " of " (code(&asker.operation)) " of " (name(&asker.service)) "." }
            }
            @if let Some(condition) = cause.conditions.first() { p { "Only for some: " (sentence(&condition.sentence)) } }
        }
    }
}

fn what_changed(evidence: &Evidence, decisive: &Decisive<'_>) -> Option<Markup> {
    evidence.verdict.as_ref()?;
    let suspects: Vec<_> = decisive.causes.iter().filter_map(|(_, cause)| cause.suspects.first()).take(SHOWN).collect();
    let announced = few(&evidence.changes, LISTED, "changes", change);
    Some(html! {
        @for suspect in &suspects { p { b { "Suspected: " } (sentence(&suspect.sentence)) } }
        @match announced {
            Some(announced) => (announced),
            None => p { "No change was announced, and the telemetry shows none." },
        }
    })
}

pub(crate) fn change(change: &Change) -> Markup {
    html! {
        (kind(&change.kind)) " " (code(&change.key))
        @match (&change.from, &change.to) {
            (Some(from), Some(to)) => { " from " (code(from)) " to " (code(to)) },
            (None, Some(to)) => { " to " (code(to)) },
            (Some(from), None) => { ", which was " (code(from)) },
            (None, None) => {},
        }
        @if change.at.is_some() { ", " (time(change.at.as_deref())) }
    }
}

fn how_sure(evidence: &Evidence, decisive: &Decisive<'_>) -> Option<Markup> {
    let many = decisive.causes.len() > 1;
    let sure = few(decisive.causes.iter().take(SHOWN), SHOWN, "", |(at, cause)| {
        let without = without(evidence, *at);
        html! {
            @if many { (cause.rank) ". " }
            b { (capitalised(cause.confidence.level.as_str())) " confidence" } " in the cause"
            @if cause.traces.fatal > 0 { "; it explains " (format!("{:.0} %", 100.0 * cause.share_of_failing)) " of the failing traces" }
            "."
            @if let Some(p) = cause.p_value { " The chance of such a rise, if nothing had changed, is " (in_words(p)) "." }
            @if let Some(without) = without { " " (sentence(&without.sentence)) }
        }
    });
    if sure.is_some() {
        return sure;
    }
    let alpha = evidence.policy.as_ref().map(|policy| policy.alpha)?;
    match word(evidence) {
        "No-go" => Some(
            html! { p { "Of a hundred gates of changes that change nothing, no more than " (chance(Some(alpha * 100.0)).trim_end_matches('0').trim_end_matches('.')) " say no-go by chance." } },
        ),
        "Go" => {
            let requests =
                |count: fn(&EntryPoint) -> u64| evidence.entry_points.iter().map(count).fold(0, u64::saturating_add);
            Some(
                html! { p { "As sure as " (requests(|it| it.total)) " requests against " (requests(|it| it.baseline_total.unwrap_or(0))) " before allow: what could have been missed stands below." } },
            )
        }
        _ => None,
    }
}

/// A chance in words that need no exponent.
fn in_words(p: f64) -> String {
    match p {
        p if p < 1e-9 => format!("less than one in a billion (p {})", chance(Some(p))),
        p if p < 1e-6 => format!("less than one in a million (p {})", chance(Some(p))),
        p if p < 1e-3 => format!("less than one in a thousand (p {})", chance(Some(p))),
        p => chance(Some(p)),
    }
}

/// Warnings, and of an analysis the findings that are no root causes.
fn also(evidence: &Evidence, decisive: &Decisive<'_>) -> Option<Markup> {
    let is_told = |finding: &&Finding| decisive.causes.iter().any(|(_, cause)| cause.sentence == finding.sentence);
    let warnings = warnings(evidence).filter(|finding| !is_told(finding));
    few(warnings, LISTED, "warnings", |finding| html! { (sentence(&finding.sentence)) (references(evidence, finding)) })
}
