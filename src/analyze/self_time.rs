//! How long a span worked by itself, rather than waiting for what it had asked for.

use crate::analyze::callee_clock::into_call;
use crate::analyze::failure::{caller, kind_of};
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};

/// Nanoseconds of a span in which none of its children ran that it waits for.
///
/// ```text
/// checkout       |=====------==----------=====|     own: the parts drawn as =
/// ├─ cart              |----|                       children may overlap: time is covered once
/// ├─ quote                |---|
/// ├─ payment                    |--------|
/// └─ send mail                               |------------|   outlives its parent: what lies within counts
/// ```
///
/// Consumers that nobody waits for cover nothing. A child that seems to begin before its parent, as starts in whole
/// milliseconds make it, covers what lies within; a callee whose clock is ahead or behind covers as much as it took.
#[must_use]
pub fn self_time(tree: &TraceTree, ix: SpanIx, names: &Names) -> u64 {
    let time = tree.span(ix).time;
    let (mut covered, mut up_to) = (0, time.start);
    // Siblings come in order of their start, so that what is covered grows from left to right: a call has one callee, which
    // alone may be moved.
    for child in tree.children(ix).filter(|&child| caller(tree, child, names).is_some()) {
        let child = tree.span(child).time.shifted(into_call(tree, ix, child, names));
        let (from, to) = (child.start.max(up_to), child.end.min(time.end));
        if to > from {
            covered += to.0 - from.0;
            up_to = to;
        }
    }
    time.duration().saturating_sub(covered)
}

/// The span of the callee right below a call, if the input has it: the first that takes work.
///
/// The call's own time is then what the wire took: network, proxies, queues and connection pools on both sides.
#[must_use]
pub fn callee(tree: &TraceTree, call: SpanIx, names: &Names) -> Option<SpanIx> {
    if !kind_of(tree, call, names).gives_work() {
        return None;
    }
    tree.children(call).find(|&child| kind_of(tree, child, names).takes_work())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;

    fn own(drawing: &str) -> Vec<u64> {
        let (tree, names) = drawn(drawing);
        tree.indices().map(|ix| self_time(&tree, ix, &names)).collect()
    }

    #[test]
    fn children_one_after_the_other_leave_the_rest() {
        assert_eq!(own("a server 0..100\n b client 10..30\n c client 50..80"), [50, 20, 30]);
    }

    #[test]
    fn time_that_children_share_is_covered_once() {
        assert_eq!(own("a server 0..100\n b client 10..60\n c client 20..40\n d client 50..90"), [20, 50, 20, 40]);
    }

    #[test]
    fn what_lies_outside_of_the_parent_covers_nothing() {
        // A start in whole milliseconds, and a child that goes on after the answer.
        assert_eq!(own("a server 5..100\n b client 0..30\n c internal 90..200"), [60, 30, 110]);
        assert_eq!(own("a server 0..10\n b client 20..30"), [10, 10]);
    }

    #[test]
    fn a_callee_whose_clock_is_ahead_covers_as_much_as_it_took() {
        assert_eq!(own("a client 0..100\n b@far server 30..120"), [10, 90]);
        assert_eq!(own("a client 0..100\n b server 30..120"), [30, 90], "by the same clock it did go on");
        assert_eq!(own("a client 0..100\n b@far server 30..400"), [30, 370], "its caller had given up");
    }

    #[test]
    fn nobody_waits_for_a_consumer() {
        let spans = "a producer 0..10\n b consumer 2..90\na2 server 0..100\n p producer 10..20\n  b consumer 30..90";
        assert_eq!(own(spans), [10, 88, 90, 10, 60]);
    }

    #[test]
    fn a_span_without_time_has_none_of_its_own() {
        assert_eq!(own("a server 7..7\n b client 7..7"), [0, 0]);
    }

    #[test]
    fn the_callee_of_a_call_is_what_takes_its_work() {
        let (tree, names) = drawn("a client 0..9\n b internal 1..2\n c server 2..8\nd internal 0..9\n e server 1..2");
        let callees: Vec<Option<u32>> = tree.indices().map(|ix| callee(&tree, ix, &names).map(|it| it.0)).collect();
        assert_eq!(callees, [Some(2), None, None, None, None]);
    }
}
