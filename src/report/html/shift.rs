//! Root causes that are no failures: where the time goes, which course the work takes now, what is asked for more often; and
//! of any root cause when it set in, and which requests were looked at.

use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_shift::{Excess, Part, SlowedEntryPoint};
use crate::judge::evidence_suspect::{Compared, OnsetTold};
use crate::judge::wording::count;
use crate::report::html::bar::{share, thousandths};
use crate::report::html::lists::{Column, few, table};
use crate::report::html::page::Context;
use crate::report::html::quality::time;
use crate::report::html::text::{code, name, sentence};
use crate::report::numbers::{milliseconds, percentage};
use maud::{Markup, html};

/// Entries of each list.
const LISTED: usize = 12;

/// What is different now, of a root cause that is no failure.
pub(crate) fn shift(context: &Context<'_>, cause: &RootCause) -> Markup {
    let entry = cause.latency.as_ref().and_then(|latency| latency.entry_point.as_ref());
    let typical = cause.latency.as_ref().and_then(|latency| latency.typical.as_ref());
    html! {
        @if let Some(excess) = &cause.excess { (of_excess(excess)) }
        @if let Some(entry) = entry { (parts(entry)) }
        @if let Some(typical) = typical {
            p {
                @if cause.change.is_some() { "A trace of the baseline in which it took as long as usual: " } @else { "A trace that took as long as usual: " }
                 (context.trace(&typical.trace_id, &typical.span_id))
            }
        }
        @if let Some(structure) = &cause.structure {
            (steps("No longer done", &structure.missing))
            (steps("Done instead", &structure.added))
        }
        @if let Some(traffic) = &cause.traffic {
            p { (code(&traffic.calls)) " is called " b { (times(traffic.candidate)) } " for each span, before " (times(traffic.baseline)) "." }
        }
    }
}

fn times(number: f64) -> String {
    let text = format!("{number:.2}");
    if text == "1.00" {
        return "once".to_owned();
    }
    format!("{} times", text.trim_end_matches('0').trim_end_matches('.'))
}

fn steps(title: &str, steps: &[String]) -> Markup {
    html! { @if let Some(list) = few(steps, LISTED, "steps", |step| code(step)) { p { (title) ":" } (list) } }
}

fn of_excess(excess: &Excess) -> Markup {
    html! {
        p.note {
            "Of "
            (excess.stretches) @if excess.stretches == 1 { " stretch" } @else { " stretches" } " of time of the baseline the worst had "
            (percentage(excess.worst_stretch)) "; beyond that there are at least " (percentage(excess.share)) " now."
        }
    }
}

/// The rise of an entry point's mean duration, place by place.
fn parts(entry: &SlowedEntryPoint) -> Markup {
    let columns = [
        Column::words("where the time goes"),
        Column::numbers("more for each request"),
        Column::words("share"),
        Column::numbers(""),
    ];
    let row = |part: &Part| {
        html! {
            tr {
                th scope="row" { (place(part)) }
                td.number { (milliseconds(part.rise_ms)) }
                td.bar-cell { (share(thousandths(part.share), 1000, "slower")) }
                td.number { (percentage(part.share)) }
            }
        }
    };
    let rows: Vec<Markup> = entry.parts.iter().take(LISTED).map(row).collect();
    html! {
        h4 { "Where the time of " (code(&entry.operation)) " of " (name(&entry.service)) " goes: " (milliseconds(entry.rise_ms)) " more on average" }
        (table("Where the time goes", &columns, &rows, entry.parts.len().saturating_sub(LISTED)))
    }
}

fn place(part: &Part) -> Markup {
    let (Some(service), Some(operation)) = (&part.service, &part.operation) else {
        return html! { "all other places" };
    };
    html! {
        (code(operation)) " of " (name(service))
        @match (&part.callee, part.metric.as_str()) {
            (Some(callee), _) => { ": on the wire to " (name(callee)) },
            (None, "wire") => ": on the wire",
            _ => ": its own time",
        }
    }
}

/// When it set in.
pub(crate) fn onset(onset: &OnsetTold) -> Markup {
    html! {
        p {
            "It set in " @if onset.at.is_some() { "about " (time(onset.at.as_deref())) } @else { "at a time that is not known" }
            @if onset.earliest.is_some() || onset.latest.is_some() {
                " (between " (time(onset.earliest.as_deref())) " and " (time(onset.latest.as_deref())) ")"
            }
            "."
        }
    }
}

/// Which requests suspects and conditions were looked for in.
pub(crate) fn compared(compared: &Compared) -> Markup {
    let all = compared.failing + compared.passing + compared.baseline_failing + compared.baseline_passing;
    let looked_at = compared.failing_looked_at
        + compared.passing_looked_at
        + compared.baseline_failing_looked_at
        + compared.baseline_passing_looked_at;
    let left_out = few(&compared.left_out, LISTED, "keys", |it| html! { (code(&it.key)) ": " (sentence(&it.reason)) });
    html! {
        p.note {
            "Looked for among " (count(compared.failing, "request")) " in which it began and " (compared.passing)
            " that passed through the same operation; in the baseline " (compared.baseline_failing) " and " (compared.baseline_passing) "."
            @if looked_at < all { " Of these a sample of " (looked_at) " was looked at." }
            @if compared.values_tried > 0 { " " (count(compared.values_tried, "value")) " tried." }
        }
        @if let Some(list) = left_out { details.fold { summary { "Keys that were not tried" } (list) } }
    }
}
