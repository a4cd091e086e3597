//! Does a failing child explain its parent's failure, and which of several does?

use crate::analyze::failure::{kind_of, was_cancelled};
use crate::analyze::{message, texts};
use crate::assemble::clock_skew::TOLERANCE_NS;
use crate::model::names::{Names, OpId, SpanKind, TargetId};
use crate::model::span::LooseSpan;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;

/// The children of one span that matter to its failure.
pub(crate) struct Children {
    /// Failing children whose failure may reach the parent, in order of their start.
    pub(crate) failing: Vec<SpanIx>,
    /// Failing children that were cut short because a sibling had failed, with that sibling.
    pub(crate) cancelled: Vec<(SpanIx, SpanIx)>,
    last_good_start: Nanos,
    last_good_of_call: HashMap<(OpId, TargetId), (Nanos, SpanIx)>,
}

impl Children {
    /// Looks over the children of `parent`; `carries` tells which of them failed or pass a failure on. Linear in the
    /// number of children.
    pub(crate) fn of(tree: &TraceTree, parent: SpanIx, carries: impl Fn(SpanIx) -> bool) -> Self {
        let mut children = Self {
            failing: tree.children(parent).filter(|&child| carries(child)).collect(),
            cancelled: Vec::new(),
            last_good_start: Nanos::default(),
            last_good_of_call: HashMap::new(),
        };
        if children.failing.is_empty() {
            return children;
        }
        for child in tree.children(parent).filter(|&child| !carries(child)) {
            let span = tree.span(child);
            children.last_good_start = children.last_good_start.max(span.time.start);
            let last = children.last_good_of_call.entry(call(span)).or_insert((span.time.start, child));
            *last = (*last).max((span.time.start, child));
        }
        children.set_cancelled_apart(tree);
        children
    }

    /// A call that says it was called off, while a sibling that says otherwise had failed before, fell with it.
    fn set_cancelled_apart(&mut self, tree: &TraceTree) {
        if self.failing.len() < 2 {
            return;
        }
        let end = |ix: SpanIx| tree.span(ix).time.end;
        let called_off: Vec<bool> = self.failing.iter().map(|&child| was_cancelled(tree, child)).collect();
        let real = self.failing.iter().zip(&called_off).filter(|&(_, &off)| !off).map(|(&child, _)| child);
        let Some(first) = real.min_by_key(|&child| (end(child), child)) else { return };
        let mut left = Vec::with_capacity(self.failing.len());
        for (child, off) in self.failing.drain(..).zip(called_off) {
            if off && end(first).0 <= end(child).0.saturating_add(TOLERANCE_NS) {
                self.cancelled.push((child, first));
            } else {
                left.push(child);
            }
        }
        self.failing = left;
    }

    /// The later attempt of the same call that went well, if there is one.
    pub(crate) fn good_attempt_after(&self, tree: &TraceTree, attempt: SpanIx) -> Option<SpanIx> {
        let span = tree.span(attempt);
        let &(start, by) = self.last_good_of_call.get(&call(span))?;
        (start.0.saturating_add(TOLERANCE_NS) >= span.time.end.0).then_some(by)
    }

    /// Whether the parent began other work that went well after this child had failed.
    pub(crate) fn work_went_on_after(&self, tree: &TraceTree, child: SpanIx) -> bool {
        self.last_good_start > tree.span(child).time.end
    }
}

fn call(span: &LooseSpan) -> (OpId, TargetId) {
    (span.operation, span.target)
}

/// Weighs whether failures of children explain failures of parents.
pub(crate) struct Weighing<'t> {
    pub(crate) tree: &'t TraceTree,
    pub(crate) names: &'t Names,
    /// For each span, itself or the nearest failing span above it that says something about its failure.
    pub(crate) said_above: Vec<Option<SpanIx>>,
}

impl Weighing<'_> {
    /// The child that explains why `parent` failed; `None` when every failing child was tolerated.
    ///
    /// Of several that explain it equally well, the one that decided: of attempts in turn the last, of calls side by
    /// side the first to fail.
    ///
    /// ```text
    /// in turn       |--a--x  |--b--x         b
    /// side by side  |--a--------x            b
    ///               |--b--x
    /// ```
    pub(crate) fn choose(&self, parent: SpanIx, children: &Children, said_below: &[Option<SpanIx>]) -> Option<SpanIx> {
        let weights: Vec<(SpanIx, i32)> = children
            .failing
            .iter()
            .map(|&child| (child, self.weight(parent, child, children, said_below[child.at()])))
            .collect();
        let best = weights.iter().map(|&(_, weight)| weight).max().filter(|&weight| weight > 0)?;
        let equals = weights.into_iter().filter(|&(_, weight)| weight == best).map(|(child, _)| child).collect();
        self.decisive(equals)
    }

    /// Of children that weigh the same, the one whose failure decided.
    pub(crate) fn decisive(&self, mut children: Vec<SpanIx>) -> Option<SpanIx> {
        let time = |ix: SpanIx| self.tree.span(ix).time;
        children.sort_by_key(|&child| (time(child).end, child));
        let mut first = children.pop()?;
        let mut cluster_start = time(first).start;
        while let Some(earlier) = children.pop() {
            if time(earlier).end.0 <= cluster_start.0.saturating_add(TOLERANCE_NS) {
                break;
            }
            cluster_start = cluster_start.min(time(earlier).start);
            first = earlier;
        }
        Some(first)
    }

    /// How well the failure of `child` explains that of `parent`: positive if it does.
    fn weight(&self, parent: SpanIx, child: SpanIx, children: &Children, child_says: Option<SpanIx>) -> i32 {
        let (above, below) = (self.tree.span(parent), self.tree.span(child));
        let mut weight = 1;
        let same_call = kind_of(self.tree, parent, self.names) == SpanKind::Client
            && kind_of(self.tree, child, self.names) == SpanKind::Server;
        if same_call {
            weight += 3;
        }
        let same_code = (above.codes.grpc.is_some_and(|code| code != 0) && above.codes.grpc == below.codes.grpc)
            || (above.codes.http.is_some_and(|code| code >= 400) && above.codes.http == below.codes.http);
        weight += i32::from(same_code);
        let speaker = self.said_above[parent.at()];
        let repeats = speaker.zip(child_says).is_some_and(|(outer, inner)| self.repeats(outer, inner));
        let own_words = speaker.is_some() && child_says.is_some() && !repeats;
        let went_on = children.work_went_on_after(self.tree, child);
        if repeats {
            weight += 6;
        } else if own_words && went_on {
            // It told of something else after it had gone on to other work: the child's failure was tolerated.
            weight -= 4;
        } else if went_on {
            weight -= 1;
        }
        if children.good_attempt_after(self.tree, child).is_some() {
            weight -= 4;
        }
        let outlived = below.time.end.0 > above.time.end.0.saturating_add(TOLERANCE_NS);
        if below.time.start > above.time.end {
            weight -= 8;
        } else if outlived && !same_call {
            weight -= 2;
        }
        weight
    }

    /// Whether what `outer` says repeats or wraps what `inner` says.
    pub(crate) fn repeats(&self, outer: SpanIx, inner: SpanIx) -> bool {
        let Some(told) = texts::first_text(self.tree, inner) else { return false };
        texts::texts(self.tree, outer).any(|text| message::wraps(text, told))
            || self
                .tree
                .exceptions_of(outer)
                .any(|exception| exception.message.trim().is_empty() && message::wraps(&exception.stacktrace, told))
    }
}
