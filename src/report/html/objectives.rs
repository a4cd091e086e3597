//! What was judged: each objective with its value, what it was before, its limit, and how sure the difference is.

use crate::judge::evidence_gate::Objective;
use crate::report::html::distributions::quantile_name;
use crate::report::html::interval_plot::{Axis, plot};
use crate::report::html::lists::{Column, table};
use crate::report::html::page::Context;
use crate::report::html::references::objective_part;
use crate::report::html::seen_requests::{About, seen_requests};
use crate::report::html::text::{code, name, sentence};
use crate::report::numbers::{chance, interval, objectives_in_short, smallest_rise, value};
use crate::shared_sort::SharedSort;
use maud::{Markup, html};

/// Rows of each table.
const ROWS: usize = 500;

/// Both sorts of objectives; nothing for an analysis.
pub(crate) fn objectives(context: &Context<'_>) -> Option<Markup> {
    let evidence = context.evidence;
    if evidence.objectives.is_empty() {
        return None;
    }
    let of = |is_of: &dyn Fn(&str) -> bool| -> Vec<(usize, &Objective)> {
        let mut all: Vec<_> = evidence.objectives.iter().enumerate().filter(|(_, it)| is_of(&it.unit)).collect();
        all.shared_sort_by_key(|(_, it)| weight(&it.result));
        all
    };
    Some(html! {
        section #objectives aria-labelledby="objectives-title" {
            h2 #objectives-title { "Objectives" }
            p.intro { (objectives_in_short(evidence)) ". Drawn is the interval of the difference, candidate less baseline: the solid line is "
                "no difference, the dashed one where a rise becomes relevant. Only what lies right of both, corrected for the "
                "number of comparisons, fails a gate. Distances are drawn by their roots, so that small ones are seen, too." }
            (part(context, "Share of requests that fail", &of(&|unit| unit == "ratio")))
            (part(context, &format!("Duration of passing requests, {}", quantile_name(evidence)), &of(&|unit| unit == "ms")))
            (part(context, "Others", &of(&|unit| !["ratio", "ms"].contains(&unit))))
        }
    })
}

/// What weighs most comes first.
fn weight(result: &str) -> usize {
    ["fail", "warn", "not-judged", "info", "pass"].iter().position(|known| *known == result).unwrap_or(0)
}

fn part(context: &Context<'_>, title: &str, objectives: &[(usize, &Objective)]) -> Markup {
    if objectives.is_empty() {
        return html! {};
    }
    let columns = [
        Column::words("result"),
        Column::words("entry point"),
        Column::numbers("now"),
        Column::numbers("before"),
        Column::numbers("limit"),
        Column::numbers("n (before)"),
        Column::words("difference"),
        Column::words(if title.starts_with("Share") { "interval, points" } else { "interval, ms" }),
        Column::numbers("p, corrected"),
        Column::numbers(if title.starts_with("Share") { "could be seen, points" } else { "could be seen" }),
    ];
    let axis = Axis::of(objectives.iter().map(|&(_, it)| it));
    let rows: Vec<Markup> = objectives.iter().take(ROWS).map(|&(place, it)| row(context, place, it, axis)).collect();
    html! {
        h3 { (title) }
        (table(title, &columns, &rows, objectives.len().saturating_sub(ROWS)))
    }
}

fn row(context: &Context<'_>, place: usize, objective: &Objective, axis: Option<Axis>) -> Markup {
    let (class, result) = match objective.result.as_str() {
        "fail" => ("result-fail", "fail".to_owned()),
        "warn" => ("result-warn", "warn".to_owned()),
        "pass" => ("result-pass", "pass".to_owned()),
        "not-judged" => ("result-none", "not judged".to_owned()),
        "info" => ("result-none", "info".to_owned()),
        other => ("result-none", name(other)),
    };
    let about = if objective.unit == "ratio" { About::Failures } else { About::Durations };
    html! {
        tr #(objective_part(place)) data-find {
            td class={ "result " (class) } { (result) }
            th scope="row" {
                (code(&objective.operation)) " " span.of { "of " (name(&objective.service)) }
                @if let Some(reason) = reason(objective) { span.reason { (reason) } }
                @if let Some(seen) = seen_requests(context, &objective.service, &objective.operation, about) { (seen) }
            }
            td.number { (value(objective.value, objective)) }
            td.number { (value(objective.baseline, objective)) }
            td.number { (value(objective.limit, objective)) }
            td.number { (objective.n) " (" (objective.baseline_n) ")" }
            td.plot-cell { (plot(objective, axis)) }
            td.interval { (interval(objective).map_or_else(|| "–".to_owned(), without_unit)) }
            td.number { (chance(objective.p_adjusted.or(objective.p_value))) }
            td.number { (without_unit(smallest_rise(objective))) }
        }
    }
}

/// The unit stands in the head of the column.
fn without_unit(text: String) -> String {
    text.trim_end_matches(" percentage points").trim_end_matches(" ms").to_owned()
}

/// Why it is as it is, where the numbers of the row do not say it.
fn reason(objective: &Objective) -> Option<String> {
    match (objective.result.as_str(), objective.needed) {
        ("pass" | "fail", _) => None,
        ("not-judged", Some(needed)) => Some(format!("too few to judge; {needed} on each side would do")),
        ("not-judged", None) if objective.sentence.contains("too few to be sure of any rise") => {
            Some("too few to be sure of any rise among so many comparisons".to_owned())
        }
        _ => Some(sentence(&objective.sentence)),
    }
}
