//! Root causes, for the engineer: each with its way, its exception, what it is tied to, and how sure that is.

use crate::judge::evidence_cause::{
    BeganAt, EntryPointAsync, EntryPointDegraded, EntryPointHit, RootCause, StatementTold,
};
use crate::judge::wording::{count, percent};
use crate::report::callee_words::{STATEMENTS, called_as, other_statements, share, told};
use crate::report::effect_words::effect;
use crate::report::html::cause_parts::{fault, meaning, slowness, without};
use crate::report::html::contrast::contrasts;
use crate::report::html::exception::exception;
use crate::report::html::lists::{Column, few, table};
use crate::report::html::page::Context;
use crate::report::html::path::path;
use crate::report::html::shift::{compared, onset, shift};
use crate::report::html::text::{MESSAGE, code, line, name, sentence, unbroken};
use crate::report::html::waterfall::waterfalls;
use crate::report::numbers::chance;
use maud::{Markup, html};

/// Root causes that come in full.
const IN_FULL: usize = 20;
/// Of these, those that are open when the page opens.
const OPEN: usize = 3;
/// Rows of the table of the others.
const ROWS: usize = 200;
/// How many characters of a statement are shown: all that it ever has.
const STATEMENT: usize = 1024;
/// Entries of each list of a root cause.
const LISTED: usize = 10;

/// All root causes of the system; what is gone, and callers' own faults, come as a table.
pub(crate) fn root_causes(context: &Context<'_>) -> Markup {
    let evidence = context.evidence;
    let is_ours = |cause: &&RootCause| !cause.client_fault && cause.change.as_deref() != Some("gone");
    let ours: Vec<(usize, &RootCause)> =
        evidence.root_causes.iter().enumerate().filter(|(_, cause)| is_ours(cause)).collect();
    let (full, more) = ours.split_at(ours.len().min(IN_FULL));
    let mut rest: Vec<&RootCause> = more.iter().map(|(_, cause)| *cause).collect();
    rest.extend(evidence.root_causes.iter().filter(|cause| !is_ours(cause)));
    html! {
        section #causes aria-labelledby="causes-title" {
            h2 #causes-title { "Root causes" }
            @if full.is_empty() { p { "None: no request failed by a fault of the system." } }
            @for (at, (place, cause)) in full.iter().enumerate() { (in_full(context, *place, cause, at < OPEN)) }
            @if !rest.is_empty() { (others(context, &rest)) }
        }
    }
}

fn standing(cause: &RootCause) -> Markup {
    html! {
        @if let Some(change) = &cause.change { span class={ "tag tag-" (tag(change)) } { (name(change)) } " " }
        span.tag { (effect(cause)) } " "
        span.tag { (cause.confidence.level.as_str()) " confidence" }
    }
}

/// A word for the style sheet: only what it knows.
fn tag(change: &str) -> &'static str {
    match change {
        "new" | "worse" => "bad",
        "gone" | "better" => "good",
        _ => "plain",
    }
}

fn in_full(context: &Context<'_>, place: usize, cause: &RootCause, open: bool) -> Markup {
    html! {
        article.cause #{ "cause-" (cause.rank) } data-find aria-labelledby={ "cause-" (cause.rank) "-title" } {
            details.cause-fold open[open] {
                summary {
                    h3 #{ "cause-" (cause.rank) "-title" } {
                        span.rank { (cause.rank) } " "
                        @if let Some(peer) = &cause.peer { (name(peer)) ", seen by " }
                        (name(&cause.service)) " " (code(&cause.operation))
                    }
                    p.tags { (standing(cause)) }
                }
                p.lede { (fault(cause, MESSAGE)) "." }
                p.note { b { (name(&cause.kind)) } ": " (meaning(cause)) }
                @if let Some(comparison) = &cause.comparison {
                    p { (sentence(comparison)) @if let Some(p) = cause.p_value { " The chance of that if nothing had changed: " (unbroken(&chance(Some(p)))) "." } }
                }
                @if cause.kind != "latency" { @if let Some(slower) = slowness(cause) { p { (slower) "." } } }
                @if let Some(without) = without(context.evidence, place) { p { (sentence(&without.sentence)) } }
                @if let Some(path) = path(cause) { h4 { "How it spread" } (path) }
                @if let Some(traces) = waterfalls(context, place) { (traces) }
                @if cause.exception.is_some() || cause.status.message.is_some() { h4 { "What it says" } }
                (exception(cause))
                @if let Some(called) = called(cause) { h4 { "Whom it called" } (called) }
                (shift(context, cause))
                @if let Some(it) = &cause.onset { h4 { "Since when" } (onset(it)) }
                (contrasts(cause))
                @if let Some(it) = &cause.compared { (compared(it)) }
                h4 { "Whom it reached" }
                (reach(cause))
                h4 { "How sure" }
                (confidence(cause))
                (seen_in(context, cause))
            }
        }
    }
}

fn reach(cause: &RootCause) -> Markup {
    let traces = &cause.traces;
    let at = |service: &str, operation: &str| html! { (code(operation)) " of " (name(service)) };
    let began = few(&cause.began_at, LISTED, "operations", |began: &BeganAt| {
        html! { (at(&began.service, &began.operation)) " met it in " (count(began.traces, "trace")) }
    });
    let failed = few(&cause.entry_points, LISTED, "entry points", |hit: &EntryPointHit| {
        html! {
            (at(&hit.service, &hit.operation)) ": " (hit.failing) " of " (count(hit.total, "request")) " failed (" (percent(hit.failing, hit.total)) ")"
        }
    });
    let degraded = few(&cause.degraded_entry_points, LISTED, "entry points", |hit: &EntryPointDegraded| {
        html! {
            (at(&hit.service, &hit.operation)) ": " (hit.absorbed) " of " (count(hit.total, "request")) " got over it (" (percent(hit.absorbed, hit.total)) ")"
        }
    });
    let asked = few(&cause.async_entry_points, LISTED, "entry points", |hit: &EntryPointAsync| {
        html! {
            (at(&hit.service, &hit.operation)) ": " (hit.requests) " of " (count(hit.total, "request")) " asked for it in a message (async)"
        }
    });
    html! {
        p {
            @let looked_at = if cause.excess.is_some() { "sampled span" } else { "trace" };
            "Seen in " (count(traces.candidate, looked_at))
            @if let Some(before) = traces.baseline { " (before: " (before) ")" }
            @if cause.excess.is_some() { "; no request failed by it" }
            @else { ": " (traces.fatal) " failed by it, in " (traces.absorbed) " it was absorbed" }
            @if traces.fatal > 0 { "; it explains " (format!("{:.0} %", 100.0 * cause.share_of_failing)) " of the failing traces" }
            "."
            @if let Some(attempts) = cause.attempts {
                " The call was made " (attempts) " times in turn, and failed each time."
            }
        }
        @if let Some(list) = began { (list) }
        @if let Some(list) = failed { (list) }
        @if let Some(list) = degraded { (list) }
        @if let Some(list) = asked { (list) }
    }
}

/// Whom the call went to, by which names, and what it asked.
fn called(cause: &RootCause) -> Option<Markup> {
    let (names, callee) = (called_as(cause), cause.callee.as_ref());
    let told = callee.map(told).unwrap_or_default();
    let statements = callee.map(|callee| callee.statements.as_slice()).unwrap_or_default();
    let statements = few(statements.iter().take(STATEMENTS), STATEMENTS, "statements", |told: &StatementTold| {
        html! { code { (line(&told.statement, STATEMENT)) } " (" (share(cause, told)) ")" }
    });
    (!names.is_empty() || !told.is_empty() || statements.is_some()).then(|| {
        html! {
            @if !told.is_empty() {
                p { "The call went to " @for (place, (what, text)) in told.iter().enumerate() {
                    @if place > 0 { ", " } (what) " " (code(text))
                } "." }
            }
            @if !names.is_empty() {
                p { "Calls name it " @for (place, name) in names.iter().enumerate() {
                    @if place > 0 { ", " } (code(name))
                } "." }
            }
            @if let Some(list) = statements {
                p { "It asked, with " code { "?" } " in place of each value:" }
                (list)
                @if let Some(others) = callee.and_then(other_statements) { p.more { "And " (others) ": see the evidence JSON." } }
            }
        }
    })
}

fn confidence(cause: &RootCause) -> Markup {
    let points = |title: &str, kind: &str, points: &[String]| {
        html! {
            div class={ "points points-" (kind) } {
                p.points-title { (title) }
                @match few(points, LISTED, "points", |point: &String| html! { (sentence(point)) }) {
                    Some(list) => (list),
                    None => p { "Nothing." },
                }
            }
        }
    };
    html! {
        p { "Confidence is " b { (cause.confidence.level.as_str()) } "." }
        div.for-and-against {
            (points("What speaks for it", "for", &cause.confidence.speaks_for))
            (points("What speaks against it", "against", &cause.confidence.against))
        }
    }
}

fn seen_in(context: &Context<'_>, cause: &RootCause) -> Markup {
    html! {
        @if let Some(list) = few(&cause.exemplars, LISTED, "traces", |it| context.trace(&it.trace_id, &it.span_id)) {
            h4 { "Traces that show it" }
            div.traces { (list) }
        }
        p.note { "Signature " (code(&cause.signature)) ": the same fault has the same one in every run." }
    }
}

fn others(context: &Context<'_>, causes: &[&RootCause]) -> Markup {
    let columns = [
        Column::numbers("rank"),
        Column::words("what it is"),
        Column::words("root cause"),
        Column::words("against the baseline"),
        Column::numbers("traces"),
        Column::words("a trace"),
    ];
    let row = |cause: &&RootCause| {
        html! {
            tr #{ "cause-" (cause.rank) } data-find {
                td.number { (cause.rank) }
                td { (effect(cause)) @if let Some(change) = &cause.change { ", " (name(change)) } }
                td.wide { (sentence(&cause.sentence)) }
                td.wide { @match &cause.comparison { Some(comparison) => (sentence(comparison)), None => "–" } }
                td.number { (cause.traces.candidate) }
                td { @match cause.exemplars.first() { Some(it) => (context.trace(&it.trace_id, &it.span_id)), None => "–" } }
            }
        }
    };
    let rows: Vec<Markup> = causes.iter().take(ROWS).map(row).collect();
    html! {
        details.fold open[causes.len() <= LISTED] {
            summary { h3 { "Callers’ own faults, and what else was seen (" (causes.len()) ")" } }
            (table("Other root causes", &columns, &rows, causes.len().saturating_sub(ROWS)))
        }
    }
}
