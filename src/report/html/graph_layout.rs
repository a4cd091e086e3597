//! Where the boxes of the service graph stand.
//!
//! ```text
//! layer 0      1               2                 what calls back is drawn, too, but decides no layer
//! frontend ──► checkout ══125══► payment         double: calls that fail, with how many
//!          └─► cart ────────────► redis
//! ```

use crate::judge::evidence_pictures::Call;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;
use petgraph::algo::{greedy_feedback_arc_set, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use petgraph::{Direction, Graph};

/// How many services are drawn; the table has them all.
const SERVICES: usize = 36;
/// How often the order within layers is looked at again, so that fewer lines cross.
const SWEEPS: usize = 6;

/// Width and height of a box.
pub(crate) const NODE: (f64, f64) = (166.0, 42.0);
/// From box to box, to the right and down.
pub(crate) const STEP: (f64, f64) = (236.0, 56.0);
const MARGIN: f64 = 6.0;

/// A service on the drawing.
pub(crate) struct Placed<'c> {
    pub(crate) name: &'c str,
    pub(crate) has_spans: bool,
    /// How often it is called.
    pub(crate) calls: u64,
    /// Of these, how often in vain.
    pub(crate) failed: u64,
    /// How often it was called in the baseline.
    pub(crate) before: u64,
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// Boxes and lines, in units of the drawing.
pub(crate) struct Layout<'c> {
    pub(crate) boxes: Vec<Placed<'c>>,
    /// Calls with the places of caller and callee.
    pub(crate) lines: Vec<(usize, usize, &'c Call)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) hidden: usize,
}

impl<'c> Layout<'c> {
    pub(crate) fn of(calls: &'c [Call]) -> Self {
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
            let to_it = || graph.edges_directed(node, Direction::Incoming).map(|edge| *edge.weight());
            let sum = |number: fn(&Call) -> u64| to_it().map(number).fold(0, u64::saturating_add);
            Placed {
                name,
                has_spans,
                calls: sum(|call| call.calls),
                failed: sum(|call| call.failed),
                before: sum(|call| call.baseline_calls.unwrap_or(0)),
                x,
                y,
            }
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
    let mut known: OrderedMap<&str, NodeIndex> = OrderedMap::new();
    let mut hidden: OrderedSet<&str> = OrderedSet::new();
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
    let closing: OrderedSet<_> = greedy_feedback_arc_set(graph).map(|edge| edge.id()).collect();
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
        column.shared_sort_by_key(|node| graph[*node].0);
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
            keyed.shared_sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| graph[a.1].0.cmp(graph[b.1].0)));
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
