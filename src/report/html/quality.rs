//! How far the telemetry can be trusted, what each oddity costs, and what was taken out of the page.

use crate::judge::evidence::{Evidence, Window};
use crate::judge::quality::meaning;
use crate::judge::wording::{count, percent};
use crate::report::html::lists::{Column, table};
use crate::report::html::text::{code, name, sentence};
use maud::{Markup, html};

/// Rows of a table.
const ROWS: usize = 100;

/// Grade, windows, oddities, redaction.
pub(crate) fn quality(evidence: &Evidence) -> Markup {
    let quality = &evidence.quality;
    let rows: Vec<Markup> = quality
        .defects
        .iter()
        .take(ROWS)
        .map(|defect| html! {
            tr data-find { th scope="row" { (code(&defect.code)) } td.number { (defect.count) } td.wide { (sentence(&defect.sentence)) } }
        })
        .collect();
    let columns =
        [Column::words("oddity"), Column::numbers("how often"), Column::words("what it means and what it costs")];
    html! {
        section #quality aria-labelledby="quality-title" {
            h2 #quality-title { "Telemetry" }
            (windows(evidence))
            p { "Data quality " b { (name(&quality.grade)) } ": " (meaning(&quality.grade)) "."
                @if quality.grade != "A" { " " code { "whyspan doctor" } " tells of each service what is missing, and what to do." } }
            @if !rows.is_empty() { (table("What was odd in the input", &columns, &rows, quality.defects.len().saturating_sub(ROWS))) }
            (redaction(evidence))
        }
    }
}

fn windows(evidence: &Evidence) -> Markup {
    let columns = [
        Column::words("window"),
        Column::words("from"),
        Column::words("to"),
        Column::numbers("traces"),
        Column::numbers("failing"),
        Column::numbers("spans"),
        Column::numbers("log records"),
        Column::numbers("services"),
    ];
    let row = |title: &str, window: &Window| {
        html! {
            tr {
                th scope="row" { (title) }
                td { (time(window.start.as_deref())) }
                td { (time(window.end.as_deref())) }
                td.number { (window.traces) }
                td.number { (window.failing_traces) " (" (percent(window.failing_traces, window.traces)) ")" }
                td.number { (window.spans) }
                td.number { (window.logs) }
                td.number { (window.services) }
            }
        }
    };
    let mut rows = vec![row(
        if evidence.windows.baseline.is_some() { "candidate" } else { "capture" },
        &evidence.windows.candidate,
    )];
    rows.extend(evidence.windows.baseline.as_ref().map(|window| row("baseline", window)));
    html! {
        (table("What was looked at", &columns, &rows, 0))
        @if evidence.windows.settling > 0 {
            p.note { (count(evidence.windows.settling, "trace")) " that started just after the change were left out." }
        }
    }
}

fn redaction(evidence: &Evidence) -> Markup {
    let redaction = &evidence.redaction;
    html! {
        p.note {
            @match redaction.sentence() {
                Some(told) => { (told) " In the place of each value stands its class and a number; equal values have equal numbers." }
                None if redaction.classes.is_empty() => "Nothing was redacted: redaction was off.",
                None => "No secret or personal value of the classes that are looked for was found.",
            }
        }
        @if !redaction.classes.is_empty() {
            p.note { "Looked for: " (redaction.classes.iter().take(ROWS).map(|class| name(class)).collect::<Vec<_>>().join(", ")) ". Names of persons, and secrets without a known shape or a telling name, are not found: look before you share." }
        }
    }
}

/// `2026-11-22 02:06:39 UTC`, of a time in RFC 3339.
pub(crate) fn time(time: Option<&str>) -> Markup {
    match time {
        None => html! { "–" },
        Some(time) => {
            let second = time.get(..19).map_or_else(|| name(time), |second| name(&second.replace('T', " ")));
            html! { time { (second) " UTC" } }
        }
    }
}
