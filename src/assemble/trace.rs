//! Loose spans of one trace, in any order, become a tree.

use crate::assemble::by_id::ById;
use crate::assemble::clock_skew;
use crate::assemble::content_order::by_log_content;
use crate::assemble::lone_parts;
use crate::assemble::met::{Defects, Met};
use crate::assemble::parents::{Parent, open_rings};
use crate::assemble::same_id;
use crate::model::bounds::LOGS_OF_SPAN;
use crate::model::defect::{Defect, DefectCounts};
use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan, SEVERITY_ERROR};
use crate::model::tree::{RootReason, SpanIx, TraceTree};

/// A trace and what was odd about it.
#[derive(Debug)]
pub struct Assembled {
    /// The spans as a tree.
    pub tree: TraceTree,
    /// What was odd.
    pub defects: DefectCounts,
    /// The same defects one by one, but for orphans, which [`TraceTree::roots`] tells, and what is beyond a bound.
    pub met: Vec<Met>,
}

/// Builds the tree of one trace. Any order of `spans` and `logs` gives the same tree. Every span is in it once, but for repeated
/// exports, which are dropped, and parts of a span that were sent late, which are joined to it: what the span says itself, and what
/// cannot be told of a part, is not taken from them. The steps, each of which needs the one before:
///
/// 1. lone parts: give those that tell no process that of the span above them;
/// 2. same ids: drop repeated exports, join what was sent late to its span, tell the halves of a shared id apart;
/// 3. parents: find each span's parent, open rings;
/// 4. clocks: walk from the callers down and move what lies outside its caller's time;
/// 5. order: siblings by start, then one walk depth first;
/// 6. logs: join log events to spans.
///
/// Time is linear in the number of spans but for the sorting of ids and siblings; nothing recurses.
#[must_use]
pub fn assemble(id: TraceId, mut spans: Vec<LooseSpan>, logs: Vec<LogEvent>, names: &Names) -> Assembled {
    let mut defects = Defects::default();
    lone_parts::join(&mut spans, names);
    let (mut spans, server_half) = same_id::settle(spans, names, &mut defects);
    for place in 0..spans.len() {
        let span = &mut spans[place];
        if span.time.end < span.time.start {
            defects.add(Defect::NegativeDuration, span.resource);
            span.time.end = span.time.start;
        }
    }
    let parents = parents(&spans, &server_half, names, &mut defects);
    let mut children = Children::of(&parents);
    align_clocks(&mut spans, &parents, &children, names, &mut defects);
    children.sort(&spans);
    let logs: Vec<_> = logs.into_iter().map(|event| (spans.place_of(event.span), event)).collect();
    let (mut tree, new_place) = depth_first(id, spans, &parents, &children);
    join_logs(&mut tree, logs, &new_place, names, &mut defects);
    let Defects { counts, met } = defects;
    Assembled { tree, defects: counts, met }
}

fn parents(spans: &ById, server_half: &[bool], names: &Names, defects: &mut Defects) -> Vec<Parent> {
    let mut parents = Vec::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let parent = if server_half[place] {
            Ok(place - 1)
        } else if span.parent.is_none() {
            Err(RootReason::Named)
        } else if span.parent == span.id {
            defects.add(Defect::SelfParent, span.resource);
            Err(RootReason::Broken)
        } else {
            same_id::parent_place(spans, server_half, span.parent, span.resource, names).ok_or_else(|| {
                defects.counts.add(Defect::Orphan);
                RootReason::Orphan
            })
        };
        parents.push(parent);
    }
    open_rings(spans, &mut parents, defects);
    parents
}

/// The children of every span in one array: those of span `p` are `list[from[p] .. from[p + 1]]`; roots come last.
struct Children {
    from: Vec<usize>,
    list: Vec<usize>,
}

impl Children {
    fn of(parents: &[Parent]) -> Self {
        let slot = |parent: &Parent| parent.unwrap_or(parents.len());
        let mut from = vec![0; parents.len() + 2];
        for parent in parents {
            from[slot(parent)] += 1;
        }
        for at in 1..from.len() {
            from[at] += from[at - 1];
        }
        // Backwards, so that children end up in the order of their places, and each bound where its children begin.
        let mut list = vec![0; parents.len()];
        for (child, parent) in parents.iter().enumerate().rev() {
            let bound = &mut from[slot(parent)];
            *bound -= 1;
            list[*bound] = child;
        }
        Self { from, list }
    }

    fn under(&self, place: usize) -> &[usize] {
        &self.list[self.from[place]..self.from[place + 1]]
    }

    fn roots(&self) -> &[usize] {
        self.under(self.from.len() - 2)
    }

    /// Siblings by start, then end; places break ties, and they follow the ids and contents.
    fn sort(&mut self, spans: &ById) {
        for bounds in self.from.windows(2) {
            let siblings = &mut self.list[bounds[0]..bounds[1]];
            if siblings.len() > 1 {
                siblings.sort_unstable_by_key(|&place| (spans[place].time.start, spans[place].time.end, place));
            }
        }
    }
}

fn align_clocks(spans: &mut ById, parents: &[Parent], children: &Children, names: &Names, defects: &mut Defects) {
    let mut moved_by = vec![0_i64; spans.len()];
    let mut waiting = children.roots().to_vec();
    while let Some(place) = waiting.pop() {
        if let Ok(above) = parents[place] {
            let (caller, callee) = (&spans[above], &spans[place]);
            moved_by[place] = if clock_skew::may_be_skewed(caller, callee, names) {
                clock_skew::correction(caller, callee, defects)
            } else if clock_skew::same_clock(caller, callee, names) {
                moved_by[above]
            } else {
                0
            };
            spans[place].time = spans[place].time.shifted(moved_by[place]);
        }
        waiting.extend_from_slice(children.under(place));
    }
}

/// The tree, and where in it the span at each place is.
fn depth_first(id: TraceId, spans: ById, parents: &[Parent], children: &Children) -> (TraceTree, Vec<u32>) {
    let count = spans.len();
    let mut order = Vec::with_capacity(count);
    let mut new_place = vec![0_u32; count];
    let mut tree = TraceTree { id, ..TraceTree::default() };
    tree.parent.reserve_exact(count);
    let mut waiting: Vec<usize> = children.roots().iter().rev().copied().collect();
    while let Some(place) = waiting.pop() {
        // A trace of four billion spans does not fit the memory of any machine that this runs on.
        let ix = SpanIx(u32::try_from(order.len()).unwrap_or(u32::MAX));
        new_place[place] = ix.0;
        match parents[place] {
            Ok(above) => tree.parent.push(Some(SpanIx(new_place[above]))),
            Err(reason) => {
                tree.parent.push(None);
                tree.roots.push((ix, reason));
            }
        }
        order.push(place);
        // Written out: `extend` is not inlined across units of code generation, and this is in the way of every span.
        for &child in children.under(place).iter().rev() {
            waiting.push(child);
        }
    }
    tree.end = (1..).take(count).collect();
    for at in (0..count).rev() {
        if let Some(above) = tree.parent[at] {
            tree.end[above.at()] = tree.end[above.at()].max(tree.end[at]);
        }
    }
    tree.spans = spans.in_order(order.into_iter());
    (tree, new_place)
}

/// Joins log events, each with the place of its span, if that is there.
fn join_logs(
    tree: &mut TraceTree,
    logs: Vec<(Option<usize>, LogEvent)>,
    new_place: &[u32],
    names: &Names,
    defects: &mut Defects,
) {
    for (place, event) in logs {
        match place {
            Some(place) => tree.logs.push((SpanIx(new_place[place]), event)),
            None if event.exception.is_some() || event.severity >= SEVERITY_ERROR => {
                defects.add(Defect::LogWithoutSpan, event.resource);
            }
            None => {}
        }
    }
    tree.logs.sort_by(|(place_a, a), (place_b, b)| place_a.cmp(place_b).then_with(|| by_log_content(a, b, names)));
    tree.logs.dedup();
    keep_both_ends(&mut tree.logs, &mut defects.counts);
}

/// Of a span that wrote very many records the first and the last are kept: those between them say nothing new, and
/// everything that a span says is compared with what the spans around it say.
fn keep_both_ends(logs: &mut Vec<(SpanIx, LogEvent)>, defects: &mut DefectCounts) {
    if logs.len() <= LOGS_OF_SPAN {
        return;
    }
    let whole = std::mem::take(logs);
    let mut of_span = Vec::new();
    let mut rest = whole.into_iter().peekable();
    while let Some(first) = rest.next() {
        let ix = first.0;
        of_span.push(first);
        while let Some(next) = rest.next_if(|(place, _)| *place == ix) {
            of_span.push(next);
        }
        let (half, count) = (LOGS_OF_SPAN / 2, of_span.len());
        if count > LOGS_OF_SPAN {
            defects.add_many(Defect::LogsBeyondBound, (count - LOGS_OF_SPAN) as u64);
            of_span.drain(half..count - half);
        }
        logs.append(&mut of_span);
    }
}
