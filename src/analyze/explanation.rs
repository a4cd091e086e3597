//! Does a failing child explain its parent's failure, and which of several does?

use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::failure::{gave_up, kind_of, was_cancelled};
use crate::analyze::kind::{callee_is_well, callee_outlives};
use crate::analyze::{codes, message, texts};
use crate::assemble::clock_skew::TOLERANCE_NS;
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::{Codes, LooseSpan};
use crate::model::span_kind::SpanKind;
use crate::model::target::TargetId;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};
use crate::shared_sort::SharedSort;
use hashbrown::HashMap;
use std::cell::LazyCell;

/// The children of one span that matter to its failure.
pub(crate) struct Children {
    /// Failing children whose failure may reach the parent, in order of their start.
    pub(crate) failing: Vec<SpanIx>,
    /// Failing children that were cut short because a sibling had failed, with that sibling.
    pub(crate) cancelled: Vec<(SpanIx, SpanIx)>,
    last_good_start: Nanos,
    good_of_call: HashMap<(OpId, TargetId), GoodAttempts>,
}

/// What is known of the attempts of one call that went well.
struct GoodAttempts {
    first_end: Nanos,
    last_start: Nanos,
    last: SpanIx,
}

impl Children {
    /// Looks over the children of `parent`; `carries` tells which of them failed or pass a failure on. Linear in the
    /// number of children.
    pub(crate) fn of(tree: &TraceTree, names: &Names, parent: SpanIx, carries: impl Fn(SpanIx) -> bool) -> Self {
        let mut children = Self {
            failing: tree.children(parent).filter(|&child| carries(child)).collect(),
            cancelled: Vec::new(),
            last_good_start: Nanos::default(),
            good_of_call: HashMap::new(),
        };
        if children.failing.is_empty() {
            return children;
        }
        for child in tree.children(parent).filter(|&child| !carries(child)) {
            let span = tree.span(child);
            let time = span.time;
            children.last_good_start = children.last_good_start.max(time.start);
            let attempts = children.good_of_call.entry(call(span)).or_insert(GoodAttempts {
                first_end: time.end,
                last_start: time.start,
                last: child,
            });
            attempts.first_end = attempts.first_end.min(time.end);
            (attempts.last_start, attempts.last) = (attempts.last_start, attempts.last).max((time.start, child));
        }
        children.set_cancelled_apart(tree, names, parent);
        children
    }

    /// A call that says it was called off fell with a sibling that says otherwise and was running at the time. So did one that
    /// was left behind when that sibling had failed, whatever its client made of it (see [`was_left_behind`]).
    fn set_cancelled_apart(&mut self, tree: &TraceTree, names: &Names, parent: SpanIx) {
        if self.failing.len() < 2 {
            return;
        }
        let time = |ix: SpanIx| tree.span(ix).time;
        let called_off: Vec<bool> = self.failing.iter().map(|&child| was_cancelled(tree, child)).collect();
        let left_behind: Vec<bool> =
            self.failing.iter().map(|&child| was_left_behind(tree, names, parent, child)).collect();
        let fell = called_off.iter().zip(&left_behind);
        let real = self.failing.iter().zip(fell).filter(|&(_, (&off, &left))| !off && !left).map(|(&child, _)| child);
        let Some(first) = real.min_by_key(|&child| (time(child).end, child)) else { return };
        let mut left = Vec::with_capacity(self.failing.len());
        for (child, (off, behind)) in self.failing.drain(..).zip(called_off.into_iter().zip(left_behind)) {
            let by_its_word = off && time(first).start.0 <= time(child).end.0.saturating_add(TOLERANCE_NS);
            if by_its_word || (behind && time(first).end <= time(child).end) {
                self.cancelled.push((child, first));
            } else {
                left.push(child);
            }
        }
        self.failing = left;
    }

    /// The later attempt of the same call that went well, if there is one.
    ///
    /// A call that had gone well before it failed is one of a row (a loop over items), not the first try of anything; and
    /// two attempts that were answered by different operations were different calls.
    pub(crate) fn good_attempt_after(&self, tree: &TraceTree, attempt: SpanIx) -> Option<SpanIx> {
        let span = tree.span(attempt);
        let good = self.good_of_call.get(&call(span))?;
        let after = good.last_start.0.saturating_add(TOLERANCE_NS) >= span.time.end.0;
        let before = good.first_end <= span.time.start;
        let answered_by = |ix| tree.children(ix).next().map(|callee| tree.span(callee).operation);
        let same = match (answered_by(attempt), answered_by(good.last)) {
            (Some(first), Some(second)) => first == second,
            _ => true,
        };
        (after && !before && same).then_some(good.last)
    }

    /// Whether the parent began other work that went well after this child had failed.
    fn work_went_on_after(&self, tree: &TraceTree, child: SpanIx) -> bool {
        self.last_good_start > tree.span(child).time.end
    }

    /// Whether the last failure among the children was followed by other work that went well.
    pub(crate) fn got_over_the_last(&self, tree: &TraceTree) -> bool {
        self.failing.last().is_some_and(|&last| self.work_went_on_after(tree, last))
    }
}

/// Whether nobody waited any more for a call that its callee answered well, or was still working on: it ended later than
/// its parent, and without an answer. A client that is closed fails its open calls in words of its own.
///
/// ```text
/// agg GET /all            |==========|
/// ├─ agg GET -> fx          |----x              failed, and all of it with it
/// └─ agg GET -> stock       |----------x        "Connector is closed."
///    └─ stock GET              |------|         200
/// ```
fn was_left_behind(tree: &TraceTree, names: &Names, parent: SpanIx, child: SpanIx) -> bool {
    let (above, call) = (tree.span(parent), tree.span(child));
    let unanswered = call.codes.grpc.is_none() && call.codes.http.is_none();
    let is_call = || kind_of(tree, child, names) == SpanKind::Client;
    call.time.end > above.time.end && unanswered && is_call() && {
        callee_is_well(tree, child, names) || callee_outlives(tree, child, names)
    }
}

/// Whether both carry the same code of failure, and one that is not said of everything (500, UNKNOWN, INTERNAL).
fn same_telling_code(above: Codes, below: Codes) -> bool {
    let grpc = above.grpc.is_some_and(|code| !matches!(code, 0 | 2 | 13)) && above.grpc == below.grpc;
    let http = above.http.is_some_and(|code| code >= 400 && code != 500) && above.http == below.http;
    grpc || http
}

/// Whether `text` tells of the code that a call was answered with, by number or as not found.
fn names_the_answer(text: &str, call: &LooseSpan) -> bool {
    let number = call.codes.http.map(|code| code.to_string());
    number.is_some_and(|number| text.contains(&number)) || text.to_ascii_lowercase().contains("not found")
}

/// How much earlier or later work may have begun than it tells: the SDK of Node rounds starts to whole milliseconds, and not
/// ends. Where starts are exact, what began a moment after an end is a consequence of it.
fn vagueness(start: Nanos) -> u64 {
    if start.0.is_multiple_of(Nanos::PER_MS) { TOLERANCE_NS } else { 0 }
}

/// What makes two calls of one parent attempts of the same: the operation and whom it goes to.
pub(crate) fn call(span: &LooseSpan) -> (OpId, TargetId) {
    (span.operation, span.target)
}

/// How many bytes of a stack trace are searched for what another span says.
const STACK_COMPARED: usize = 64 << 10;

/// How many failing children of one span are compared with it by what they say.
const HEARD: usize = 64;

/// Whether the failing child at `place` among `count` is compared with its parent by what it says: of a very long row only
/// the first and the last are, since a parent that says much would be read anew for each of a hundred thousand.
pub(crate) fn is_heard(place: usize, count: usize) -> bool {
    place < HEARD / 2 || count - place <= HEARD / 2
}

/// Weighs whether failures of children explain failures of parents.
pub(crate) struct Weighing<'t> {
    pub(crate) tree: &'t TraceTree,
    pub(crate) names: &'t Names,
    pub(crate) rules: &'t ExceptionRules,
    /// For each span, itself or the nearest failing span above it that says something about its failure.
    pub(crate) said_above: Vec<Option<SpanIx>>,
}

impl Weighing<'_> {
    /// The child that explains why `parent` failed; `None` when every failing child was tolerated, or there is none.
    ///
    /// A parent rarely fails by itself after one of its calls failed, so a failing child explains it unless there is proof
    /// to the contrary: the child ended after the parent had given up, or the parent threw something else (see
    /// [`Self::threw_something_else`]). Of several, the one with the most signs for it; of equals the one that decided: the
    /// first to fail, and if that was an attempt of a call that was tried again in turn, the last attempt.
    ///
    /// ```text
    /// attempts in turn     |--a--x  |--a--x           the second
    /// calls in turn        |--a--x  |--undo a--x      a
    /// calls side by side   |--a--------x              b
    ///                      |--b--x
    /// ```
    pub(crate) fn choose(&self, parent: SpanIx, children: &Children, said_below: &[Option<SpanIx>]) -> Option<SpanIx> {
        let mut best: Option<i32> = None;
        let mut equals: Vec<SpanIx> = Vec::new();
        // Asked once: a parent may say much, and have a hundred thousand children.
        let gave_up = LazyCell::new(|| gave_up(self.tree, parent));
        for (place, &child) in children.failing.iter().enumerate() {
            let child_says = said_below[child.at()].filter(|_| is_heard(place, children.failing.len()));
            let outlived = self.outlived(parent, child);
            if self.began_after(parent, child) || (outlived && *gave_up) {
                continue;
            }
            let weight = self.weight(parent, child, children, child_says);
            if best.is_none_or(|best| weight > best) {
                best = Some(weight);
                equals.clear();
            }
            if best == Some(weight) {
                equals.push(child);
            }
        }
        let chosen = self.decisive(equals)?;
        (!self.threw_something_else(parent, chosen, said_below[chosen.at()])).then_some(chosen)
    }

    /// Of children that weigh the same, the one whose failure decided.
    pub(crate) fn decisive(&self, mut children: Vec<SpanIx>) -> Option<SpanIx> {
        let span = |ix: SpanIx| self.tree.span(ix);
        children.shared_sort_by_key(|&child| (span(child).time.end, child));
        let mut decisive = *children.first()?;
        for &later in &children[1..] {
            let in_turn = span(later).time.start.0.saturating_add(TOLERANCE_NS) >= span(decisive).time.end.0;
            if in_turn && call(span(later)) == call(span(decisive)) {
                decisive = later;
            }
        }
        Some(decisive)
    }

    /// Whether `child` began after `parent` had ended, as far as its start is told.
    fn began_after(&self, parent: SpanIx, child: SpanIx) -> bool {
        let start = self.tree.span(child).time.start;
        start.0 > self.tree.span(parent).time.end.0.saturating_add(vagueness(start))
    }

    /// Whether `child` ended after `parent`.
    fn outlived(&self, parent: SpanIx, child: SpanIx) -> bool {
        self.tree.span(child).time.end.0 > self.tree.span(parent).time.end.0.saturating_add(TOLERANCE_NS)
    }

    /// How well the failure of `child` explains that of `parent`, to rank children.
    fn weight(&self, parent: SpanIx, child: SpanIx, children: &Children, child_says: Option<SpanIx>) -> i32 {
        let (above, below) = (self.tree.span(parent), self.tree.span(child));
        let mut weight = 0;
        let same_call = self.is_same_call(parent, child);
        if same_call {
            weight += 3;
        }
        weight += i32::from(same_telling_code(above.codes, below.codes));
        let speaker = self.said_above[parent.at()];
        let repeats = speaker.zip(child_says).is_some_and(|(outer, inner)| self.repeats(outer, inner));
        let own_words = speaker.is_some() && child_says.is_some() && !repeats;
        if repeats {
            // Of two that are repeated alike, the one after which no other work was begun.
            weight += if children.work_went_on_after(self.tree, child) { 5 } else { 6 };
        } else if children.work_went_on_after(self.tree, child) {
            // It went on to other work, the more telling when it then told of something else.
            weight -= if own_words { 4 } else { 1 };
        }
        if children.good_attempt_after(self.tree, child).is_some() {
            weight -= 4;
        }
        if self.outlived(parent, child) && !same_call {
            weight -= 2;
        }
        weight
    }

    fn is_same_call(&self, parent: SpanIx, child: SpanIx) -> bool {
        kind_of(self.tree, parent, self.names) == SpanKind::Client
            && kind_of(self.tree, child, self.names) == SpanKind::Server
    }

    /// Whether `parent` threw an exception of its own that has nothing to do with the failure of `child`: other words, a
    /// line of the application on top, and a child that was no reason to fail, as it told its caller of a wrong argument
    /// or an unknown thing, or failed long before.
    fn threw_something_else(&self, parent: SpanIx, child: SpanIx, child_says: Option<SpanIx>) -> bool {
        let (above, below) = (self.tree.span(parent), self.tree.span(child));
        let after = above.time.end.0.saturating_sub(below.time.end.0);
        if !codes::blame_the_caller(below.codes) && after <= above.time.duration() / 10 * 8 {
            return false;
        }
        let about_it = match child_says {
            Some(inner) => self.repeats(parent, inner),
            None => texts::texts(self.tree, parent).any(|text| names_the_answer(text, below)),
        };
        !about_it && self.threw_in_app(parent)
    }

    /// Whether a span threw an exception with a line of the application on top.
    fn threw_in_app(&self, ix: SpanIx) -> bool {
        self.tree.exceptions_of(ix).any(|exception| {
            let stack = self.rules.parse(&exception.stacktrace);
            stack.is_some_and(|stack| {
                stack.blocks.first().and_then(|block| block.frames.first()).is_some_and(|frame| frame.in_app)
            })
        })
    }

    /// Whether what `outer` says repeats or wraps what `inner` says, be it in a cause further down its stack trace.
    pub(crate) fn repeats(&self, outer: SpanIx, inner: SpanIx) -> bool {
        let Some(told) = texts::first_text(self.tree, inner) else { return false };
        let stacks =
            || self.tree.exceptions_of(outer).map(|exception| texts::early(&exception.stacktrace, STACK_COMPARED));
        texts::texts(self.tree, outer).any(|text| message::related(text, told))
            || stacks().any(|stack| message::wraps(stack, told))
    }

    /// Whether `relay` only tells again of the failure of its sibling `told`, which ended before it began, as far as clocks
    /// can tell: an error handler, a log statement.
    pub(crate) fn is_relay_of(&self, relay: SpanIx, told: SpanIx, told_says: Option<SpanIx>) -> bool {
        let time = |ix: SpanIx| self.tree.span(ix).time;
        matches!(kind_of(self.tree, relay, self.names), SpanKind::Internal | SpanKind::Unspecified)
            && time(told).end.0 <= time(relay).start.0.saturating_add(TOLERANCE_NS)
            && (time(told).start <= time(relay).start || vagueness(time(relay).start) > 0)
            && call(self.tree.span(relay)) != call(self.tree.span(told))
            && told_says.is_some_and(|said| self.repeats(relay, said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_very_long_row_both_ends_are_heard() {
        for place in [0, HEARD / 2 - 1, 1000 - HEARD / 2, 999] {
            assert!(is_heard(place, 1000), "{place}");
        }
        for place in [HEARD / 2, 500, 999 - HEARD / 2] {
            assert!(!is_heard(place, 1000), "{place}");
        }
        assert!((0..HEARD).all(|place| is_heard(place, HEARD)));
    }
}
