//! Who calls whom, drawn from left to right: callers before callees, failures in red.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_pictures::Call;
use crate::judge::wording::count;
use crate::report::html::bar::short;
use crate::report::html::blast_radius::{Reach, blast_radius};
use crate::report::html::graph_layout::{Layout, NODE, Placed, STEP};
use crate::report::html::lists::{Column, table};
use crate::report::html::text::{line, name};
use maud::{Markup, html};

/// How many characters of a name are drawn.
const NAME: usize = 24;

/// The drawing and its table; nothing where nobody calls anybody.
pub(crate) fn service_graph(evidence: &Evidence) -> Option<Markup> {
    let calls = &evidence.pictures.calls;
    if calls.is_empty() {
        return None;
    }
    let layout = Layout::of(calls);
    let reach = Reach::of(evidence);
    Some(html! {
        section #graph aria-labelledby="graph-title" {
            h2 #graph-title { "Service graph" }
            p.intro { (reach.in_words()) (blast_radius(evidence)) " Each box says how often it is called; dashed boxes have no spans of their own." }
            div.scroll role="region" aria-label="Service graph" tabindex="0" { (drawn(&layout, &reach)) }
            @if layout.hidden > 0 { p.more { (layout.hidden) " more services: see the table." } }
            details.fold {
                summary { h3 { "Calls, as a table (" (calls.len()) ")" } }
                (as_table(evidence))
            }
        }
    })
}

fn drawn(layout: &Layout<'_>, reach: &Reach<'_>) -> Markup {
    let size = format!("0 0 {} {}", short(layout.width), short(layout.height));
    html! {
        svg.graph viewBox=(size) width=(short(layout.width)) height=(short(layout.height)) role="img" aria-label={ "Service graph. " (reach.in_words()) " The table below has every call." } {
            // Failing calls last, so that nothing lies over them.
            @for (from, to, call) in layout.lines.iter().filter(|(.., call)| call.failed == 0) { (arrow(layout, *from, *to, call)) }
            @for (from, to, call) in layout.lines.iter().filter(|(.., call)| call.failed > 0) { (arrow(layout, *from, *to, call)) }
            @for it in &layout.boxes { (node(it, reach)) }
            @for (from, to, call) in layout.lines.iter().filter(|(.., call)| call.failed > 0) { (failures(layout, *from, *to, call)) }
        }
    }
}

fn node(it: &Placed<'_>, reach: &Reach<'_>) -> Markup {
    let kind = match it.name {
        name if reach.origins.contains(name) => "node-origin",
        name if reach.reached.contains(name) => "node-reached",
        _ => "node-well",
    };
    html! {
        g class={ (kind) @if !it.has_spans { " node-outside" } } {
            title { (name(it.name)) }
            rect x=(short(it.x)) y=(short(it.y)) width=(short(NODE.0)) height=(short(NODE.1)) rx="4" {}
            @let counts = counts(it);
            text x=(short(it.x + NODE.0 / 2.0)) y=(short(it.y + if counts.is_some() { 18.0 } else { NODE.1 / 2.0 + 4.5 })) text-anchor="middle" { (line(it.name, NAME)) }
            @if let Some(counts) = counts {
                text.node-calls x=(short(it.x + NODE.0 / 2.0)) y=(short(it.y + 33.0)) text-anchor="middle" { (counts) }
            }
        }
    }
}

/// How often a service is called; nothing of one that nobody calls in either window.
fn counts(it: &Placed<'_>) -> Option<String> {
    match (it.calls, it.failed, it.before) {
        (0, _, 0) => None,
        (0, ..) => Some("not called any more".to_owned()),
        (calls, 0, _) => Some(count(calls, "call")),
        (calls, failed, _) => Some(format!("{}, {failed} failed", count(calls, "call"))),
    }
}

/// From where to where a call is drawn: to the right, or back around.
fn ends(layout: &Layout<'_>, from: usize, to: usize) -> Option<[(f64, f64); 4]> {
    let (from, to) = (layout.boxes.get(from)?, layout.boxes.get(to)?);
    let middle = |it: &Placed<'_>| it.y + NODE.1 / 2.0;
    let (start, end) = ((from.x + NODE.0, middle(from)), (to.x, middle(to)));
    let bend = if end.0 > start.0 { (end.0 - start.0) / 2.0 } else { STEP.0 / 2.0 };
    Some([start, (start.0 + bend, start.1), (end.0 - bend, end.1), end])
}

fn arrow(layout: &Layout<'_>, from: usize, to: usize, call: &Call) -> Markup {
    let Some([a, b, c, d]) = ends(layout, from, to) else { return html! {} };
    let at = |(x, y): (f64, f64)| format!("{} {}", short(x), short(y));
    let kind = match (call.failed, call.calls) {
        (0, 0) => "call-gone",
        (0, _) => "call-well",
        _ => "call-failing",
    };
    html! {
        g class=(kind) {
            title { (told(call)) }
            path d={ "M" (at(a)) "C" (at(b)) " " (at(c)) " " (at(d)) } {}
            path.head d={ "M" (at(d)) "L" (at((d.0 - 7.0, d.1 - 4.0))) "L" (at((d.0 - 7.0, d.1 + 4.0))) "Z" } {}
        }
    }
}

fn failures(layout: &Layout<'_>, from: usize, to: usize, call: &Call) -> Markup {
    let Some([a, .., d]) = ends(layout, from, to) else { return html! {} };
    html! {
        text.call-failures x=(short(f64::midpoint(a.0, d.0))) y=(short(f64::midpoint(a.1, d.1) - 5.0)) text-anchor="middle" { (call.failed) "/" (call.calls) }
    }
}

fn told(call: &Call) -> String {
    let before = match (call.baseline_failed, call.baseline_calls) {
        (Some(failed), Some(calls)) => format!(", before {failed} of {calls}"),
        _ => String::new(),
    };
    format!("{} calls {}: {} of {} calls failed{before}", name(&call.from), name(&call.to), call.failed, call.calls)
}

fn as_table(evidence: &Evidence) -> Markup {
    let is_gate = evidence.windows.baseline.is_some();
    let mut columns =
        vec![Column::words("from"), Column::words("to"), Column::numbers("calls"), Column::numbers("failed")];
    if is_gate {
        columns.extend([Column::numbers("calls before"), Column::numbers("failed before")]);
    }
    let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let row = |call: &Call| {
        html! {
            tr data-find {
                th scope="row" { (name(&call.from)) }
                td { (name(&call.to)) @if !call.has_spans { span.of { " (no spans)" } } }
                td.number { (call.calls) }
                td.number { (call.failed) }
                @if is_gate {
                    td.number { (number(call.baseline_calls)) }
                    td.number { (number(call.baseline_failed)) }
                }
            }
        }
    };
    let rows: Vec<Markup> = evidence.pictures.calls.iter().map(row).collect();
    let hidden = usize::try_from(evidence.pictures.hidden_calls).unwrap_or(usize::MAX);
    html! { (table("Calls between services", &columns, &rows, hidden)) }
}
