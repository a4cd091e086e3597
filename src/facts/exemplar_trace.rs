//! What is kept of a trace to draw it: the way of the failure and what lies around it, never all of a long trace.
//!
//! ```text
//! entry point        kept: on the way
//! ├─ cart            kept: below a span on the way, as long as there is room, longest first
//! │  └─ 400 spans    counted at the span that they lie below
//! └─ payment         kept: on the way
//! ```

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::cause::OperationName;
use crate::facts::sample::spelt_out;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::set::OrderedSet;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many spans of a trace are kept.
pub const SPANS: usize = 60;
/// How many spans of either end of the way are kept before all others.
const ENDS: usize = 20;
/// How many spans above the entry point are kept: they are the caller's.
const ABOVE: usize = 8;

/// One span of a drawn trace; `N` is how operations are named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawnSpan<N> {
    /// Its id.
    pub id: SpanId,
    /// How many kept spans it lies below.
    pub depth: u32,
    /// Service and operation.
    pub at: N,
    /// Kind, such as `server`.
    pub kind: &'static str,
    /// Role, such as `origin`.
    pub role: &'static str,
    /// Start, nanoseconds after the first kept span.
    pub start: u64,
    /// Duration, nanoseconds.
    pub duration: u64,
    /// Spans below it that are not kept, without those below a kept one.
    pub hidden: u64,
}

/// A trace to be drawn, with names as whole words.
pub type DrawnTrace = Drawn<OperationName>;

/// A trace to be drawn; `N` is how operations are named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn<N> {
    /// Its id.
    pub trace: TraceId,
    /// Start of the first kept span.
    pub start: Nanos,
    /// Service and operation of the entry point.
    pub entry: N,
    /// How long the entry point took, nanoseconds.
    pub duration: u64,
    /// The kept spans, depth first.
    pub spans: Vec<DrawnSpan<N>>,
    /// Spans that are not kept.
    pub hidden: u64,
}

impl Drawn<OpId> {
    /// What is kept of a trace. `way` leads from the origin up to the entry point, or is the entry point alone.
    #[must_use]
    pub fn of(tree: &TraceTree, diagnosis: &Diagnosis, way: &[SpanIx], names: &Names) -> Option<Self> {
        let entry = *way.last()?;
        let kept = kept(tree, diagnosis, way, entry);
        let start = kept.iter().map(|&ix| tree.span(ix).time.start).filter(|start| start.0 != 0).min();
        let start = start.unwrap_or_default();
        let mut above: Vec<(SpanIx, usize)> = Vec::new();
        let mut spans: Vec<DrawnSpan<OpId>> = Vec::with_capacity(kept.len());
        for &ix in &kept {
            while above.last().is_some_and(|(top, _)| tree.end[top.at()] <= ix.0) {
                above.pop();
            }
            let size = u64::from(tree.end[ix.at()] - ix.0);
            // What lies below a kept span is counted there, not here.
            if let Some(nearest) = above.last().and_then(|&(_, place)| spans.get_mut(place)) {
                nearest.hidden -= size;
            }
            let span = tree.span(ix);
            let is_origin = way.first() == Some(&ix) && diagnosis.origins.iter().any(|origin| origin.span == ix);
            let depth = u32::try_from(above.len()).unwrap_or(u32::MAX);
            above.push((ix, spans.len()));
            spans.push(DrawnSpan {
                id: span.id,
                depth,
                at: span.operation,
                kind: names.operation_of(span.operation).kind.as_str(),
                role: if is_origin { "origin" } else { diagnosis.role(ix).as_str() },
                start: span.time.start.0.saturating_sub(start.0),
                duration: span.time.duration(),
                hidden: size - 1,
            });
        }
        Some(Self {
            trace: tree.id,
            start,
            entry: tree.span(entry).operation,
            duration: tree.span(entry).time.duration(),
            hidden: (tree.len() - kept.len()) as u64,
            spans,
        })
    }

    /// The same with names as whole words.
    #[must_use]
    pub fn spelt_out(self, names: &Names) -> DrawnTrace {
        let Self { trace, start, entry, duration, spans, hidden } = self;
        let span = |DrawnSpan { id, depth, at, kind, role, start, duration, hidden }| DrawnSpan {
            at: spelt_out(names, at),
            id,
            depth,
            kind,
            role,
            start,
            duration,
            hidden,
        };
        let spans = spans.into_iter().map(span).collect();
        Drawn { trace, start, entry: spelt_out(names, entry), duration, spans, hidden }
    }
}

impl DrawnTrace {
    /// About how many bytes it takes.
    #[must_use]
    pub(crate) fn bytes(&self) -> usize {
        let words = |at: &OperationName| at.service.len() + at.operation.len();
        let spans = self.spans.iter().map(|span| size_of::<DrawnSpan<OperationName>>() + words(&span.at));
        size_of::<Self>() + words(&self.entry) + spans.sum::<usize>()
    }

    /// Gives services and operations other names.
    pub fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        let empty = || OperationName { service: String::new(), operation: String::new() };
        for at in self.spans.iter_mut().map(|span| &mut span.at).chain([&mut self.entry]) {
            *at = renamed(std::mem::replace(at, empty()));
        }
    }
}

/// Both ends of the way, what lies above it, and then what lies below kept spans: what failed first, then what took longest.
fn kept(tree: &TraceTree, diagnosis: &Diagnosis, way: &[SpanIx], entry: SpanIx) -> OrderedSet<SpanIx> {
    let ends = way.iter().take(ENDS).chain(way.iter().rev().take(ENDS)).copied();
    let mut kept: OrderedSet<SpanIx> = ends.chain(tree.ancestors(entry).take(ABOVE)).collect();
    let weight = |ix: SpanIx| (diagnosis.carries(ix), tree.span(ix).time.duration(), Reverse(ix));
    let mut next: BinaryHeap<(bool, u64, Reverse<SpanIx>)> = BinaryHeap::new();
    for &ix in kept.iter().filter(|&&ix| ix >= entry) {
        next.extend(tree.children(ix).filter(|child| !kept.contains(child)).map(weight));
    }
    while kept.len() < SPANS
        && let Some((.., Reverse(ix))) = next.pop()
    {
        // A hidden part of the way may lead to a kept one.
        next.extend(tree.children(ix).filter(|child| !kept.contains(child)).map(weight));
        kept.insert(ix);
    }
    kept
}
