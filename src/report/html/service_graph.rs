//! Who calls whom, drawn from left to right: callers before callees, failures in red.
//!
//! ```text
//! layer 0      1               2                 what calls back is drawn, too, but decides no layer
//! frontend ──► checkout ══125══► payment         double: calls that fail, with how many
//!          └─► cart ────────────► redis
//! ```

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_pictures::Call;
use crate::report::html::bar::short;
use crate::report::html::lists::{Column, table};
use crate::report::html::text::{line, name};
use maud::{Markup, html};
use petgraph::algo::{greedy_feedback_arc_set, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use petgraph::{Direction, Graph};
use std::collections::{BTreeMap, BTreeSet};

/// How many services are drawn; the table has them all.
const SERVICES: usize = 36;
/// How often the order within layers is looked at again, so that fewer lines cross.
const SWEEPS: usize = 6;
/// How many characters of a name are drawn.
const NAME: usize = 24;

const NODE: (f64, f64) = (166.0, 30.0);
const STEP: (f64, f64) = (226.0, 46.0);
const MARGIN: f64 = 6.0;

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
            p.intro { (reach.in_words()) " Dashed boxes have no spans of their own." }
            div.scroll role="region" aria-label="Service graph" tabindex="0" { (drawn(&layout, &reach)) }
            @if layout.hidden > 0 { p.more { (layout.hidden) " more services: see the table." } }
            details.fold {
                summary { h3 { "Calls, as a table (" (calls.len()) ")" } }
                (as_table(evidence))
            }
        }
    })
}

/// Which services a failure began in, and which it reached.
struct Reach<'e> {
    origins: BTreeSet<&'e str>,
    reached: BTreeSet<&'e str>,
}

impl<'e> Reach<'e> {
    fn of(evidence: &'e Evidence) -> Self {
        let is_ours = |cause: &&RootCause| {
            !cause.client_fault && !matches!(cause.change.as_deref(), Some("gone" | "same" | "better"))
        };
        let causes = || evidence.root_causes.iter().filter(is_ours);
        let origins: BTreeSet<&str> = causes().map(|cause| cause.peer.as_deref().unwrap_or(&cause.service)).collect();
        let way = causes().flat_map(|cause| cause.propagation.iter().map(|step| step.service.as_str()));
        let entries = causes().flat_map(|cause| cause.entry_points.iter().map(|hit| hit.service.as_str()));
        let reached = way.chain(entries).filter(|service| !origins.contains(service)).collect();
        Self { origins, reached }
    }

    fn in_words(&self) -> String {
        let list = |services: &BTreeSet<&str>| {
            services.iter().take(6).map(|service| name(service)).collect::<Vec<_>>().join(", ")
        };
        match (self.origins.len(), self.reached.len()) {
            (0, _) => "No failure that is new or worse began anywhere.".to_owned(),
            (_, 0) => format!("It began in {} and reached no other service.", list(&self.origins)),
            _ => format!("It began in {} and reached {}.", list(&self.origins), list(&self.reached)),
        }
    }
}

/// A service on the drawing.
struct Placed<'c> {
    name: &'c str,
    has_spans: bool,
    x: f64,
    y: f64,
}

struct Layout<'c> {
    boxes: Vec<Placed<'c>>,
    /// Calls with the places of caller and callee.
    lines: Vec<(usize, usize, &'c Call)>,
    width: f64,
    height: f64,
    hidden: usize,
}

impl<'c> Layout<'c> {
    fn of(calls: &'c [Call]) -> Self {
        let (graph, hidden) = graph(calls);
        let layer = layers(&graph);
        let ordered = ordered(&graph, &layer);
        let tallest = ordered.iter().map(Vec::len).max().unwrap_or(0);
        let mut place = vec![(0.0, 0.0); graph.node_count()];
        for (column, nodes) in ordered.iter().enumerate() {
            let free = units(tallest - nodes.len()) * STEP.1 / 2.0;
            for (row, node) in nodes.iter().enumerate() {
                place[node.index()] = (MARGIN + units(column) * STEP.0, MARGIN + free + units(row) * STEP.1);
            }
        }
        let boxes = graph.node_indices().map(|node| {
            let ((name, has_spans), (x, y)) = (graph[node], place[node.index()]);
            Placed { name, has_spans, x, y }
        });
        Self {
            boxes: boxes.collect(),
            lines: graph.edge_references().map(|it| (it.source().index(), it.target().index(), *it.weight())).collect(),
            width: units(ordered.len().max(1) - 1) * STEP.0 + NODE.0 + 2.0 * MARGIN,
            height: units(tallest.max(1) - 1) * STEP.1 + NODE.1 + 2.0 * MARGIN,
            hidden,
        }
    }
}

/// A number of rows or columns, to reckon with.
fn units(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

type Services<'c> = DiGraph<(&'c str, bool), &'c Call>;

/// The services of the foremost calls, and how many there are besides.
fn graph(calls: &[Call]) -> (Services<'_>, usize) {
    let mut graph: Services<'_> = Graph::new();
    let mut known: BTreeMap<&str, NodeIndex> = BTreeMap::new();
    let mut hidden: BTreeSet<&str> = BTreeSet::new();
    for call in calls {
        let node = |service: &str| known.get(service).copied();
        let fits =
            known.len() + usize::from(node(&call.from).is_none()) + usize::from(node(&call.to).is_none()) <= SERVICES;
        if !fits {
            hidden.extend([call.from.as_str(), call.to.as_str()]);
            continue;
        }
        let from = *known.entry(&call.from).or_insert_with(|| graph.add_node((&call.from, true)));
        let to = *known.entry(&call.to).or_insert_with(|| graph.add_node((&call.to, call.has_spans)));
        graph.add_edge(from, to, call);
    }
    // Whoever calls has spans.
    for call in calls {
        if let Some(&node) = known.get(call.from.as_str()) {
            graph[node].1 = true;
        }
    }
    let hidden = hidden.iter().filter(|service| !known.contains_key(*service)).count();
    (graph, hidden)
}

/// The longest way to each service from one that nobody calls, without the calls that close a ring.
fn layers(graph: &Services<'_>) -> Vec<usize> {
    let closing: BTreeSet<_> = greedy_feedback_arc_set(graph).map(|edge| edge.id()).collect();
    let open = graph.filter_map(|_, node| Some(*node), |edge, _| (!closing.contains(&edge)).then_some(()));
    let mut layer = vec![0; graph.node_count()];
    // Without rings there is an order; were there none, all would stand in one layer.
    for node in toposort(&open, None).unwrap_or_default() {
        for callee in open.neighbors(node) {
            layer[callee.index()] = layer[callee.index()].max(layer[node.index()] + 1);
        }
    }
    layer
}

/// The services of each layer, each near those that it calls and is called by.
fn ordered(graph: &Services<'_>, layer: &[usize]) -> Vec<Vec<NodeIndex>> {
    let mut columns = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
    for node in graph.node_indices() {
        columns[layer[node.index()]].push(node);
    }
    let mut row = vec![0.0; graph.node_count()];
    for column in &mut columns {
        column.sort_by_key(|node| graph[*node].0);
        settle(column, &mut row);
    }
    for sweep in 0..SWEEPS {
        let direction = if sweep % 2 == 0 { Direction::Incoming } else { Direction::Outgoing };
        let mut order: Vec<usize> = (0..columns.len()).collect();
        if direction == Direction::Outgoing {
            order.reverse();
        }
        for column in order {
            let mean = |node: &NodeIndex| {
                let near: Vec<f64> = graph.neighbors_directed(*node, direction).map(|it| row[it.index()]).collect();
                if near.is_empty() { row[node.index()] } else { near.iter().sum::<f64>() / units(near.len()) }
            };
            let mut keyed: Vec<(f64, NodeIndex)> = columns[column].iter().map(|node| (mean(node), *node)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| graph[a.1].0.cmp(graph[b.1].0)));
            columns[column] = keyed.into_iter().map(|(_, node)| node).collect();
            settle(&columns[column], &mut row);
        }
    }
    columns
}

/// Rows as seen from the middle of the layer, as they are drawn.
fn settle(column: &[NodeIndex], row: &mut [f64]) {
    for (at, node) in column.iter().enumerate() {
        row[node.index()] = units(at) - units(column.len()) / 2.0;
    }
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
            text x=(short(it.x + NODE.0 / 2.0)) y=(short(it.y + NODE.1 / 2.0 + 4.5)) text-anchor="middle" { (line(it.name, NAME)) }
        }
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
