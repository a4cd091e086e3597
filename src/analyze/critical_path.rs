//! Which spans a request waited for: the path that would have to be shorter for the request to be.

use crate::analyze::callee_clock::into_call;
use crate::analyze::failure::caller;
use crate::model::names::Names;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};

/// The time that a request spent in each span of its critical path, in nanoseconds: the parts add up to its duration.
///
/// From the end of the request backwards: whatever ended last before a moment is what was waited for until then; where no
/// child ran, the span itself worked.
///
/// ```text
/// frontend     |===---------==--------=|      on the path: what is drawn with =
/// ├─ ads          |======|                    ends earlier than catalog, which was waited for: not on the path
/// ├─ catalog      |=========|
/// └─ checkout                  |======|
///    ├─ mail                      |--------|  goes on after its parent: only what lies within could be waited for
///    └─ payment                |==|
/// ```
///
/// Rules as published for Jaeger ("critical path", 2023) and CRISP (Zhang and others, USENIX ATC 2022), but for three
/// things: a child that goes on after its parent is held to its parent's time and stays, rather than being left out; one that
/// seems to begin before its parent is held likewise, and a callee whose clock is ahead or behind is moved into its call with
/// all below it; and a consumer is left out only where nobody waits for it. Of two that end at the same moment the later in the
/// tree is taken.
///
/// Starts in whole milliseconds, as SDKs for Node make them, put the next of two calls before the end of the first:
///
/// ```text
/// as it was      |--- catalog 400.4 ms ---||- currency -|
/// as it is told  |--- catalog 400.4 ms ---|               currency began within the millisecond in which catalog ended, and is
///                                        |- currency -|   told to begin at its start: catalog was waited for all the same
/// ```
///
/// Linear in the number of spans but for sorting siblings by their ends.
pub(crate) fn critical_path(tree: &TraceTree, request: SpanIx, names: &Names, mut spent: impl FnMut(SpanIx, u64)) {
    let time = tree.span(request).time;
    // Spans on the path, each with by how much its clock is put right and with the time in which it was waited for.
    let mut open: Vec<(SpanIx, i64, Nanos, Nanos)> = vec![(request, 0, time.start, time.end)];
    let mut children: Vec<(Nanos, SpanIx, i64)> = Vec::new();
    while let Some((ix, moved, from, to)) = open.pop() {
        children.clear();
        children.extend(tree.children(ix).filter(|&child| caller(tree, child, names).is_some()).map(|child| {
            let moved = moved.saturating_add(into_call(tree, ix, child, names));
            (tree.span(child).time.end.shifted(moved).min(to), child, moved)
        }));
        children.sort_unstable();
        let (mut own, mut until, mut grain) = (0, to, 0);
        for &(end, child, moved) in children.iter().rev() {
            let told = tree.span(child).time.start;
            let start = told.shifted(moved).max(from);
            let end = if end > until && end.0 - until.0 < grain { until } else { end };
            // What ends after the moment that is looked at ran beside something that was waited for longer.
            if end <= until && start < end {
                own += until.0 - end.0;
                (until, grain) = (start, grain_of(told));
                open.push((child, moved, start, end));
            }
        }
        own += until.0.saturating_sub(from.0);
        if own > 0 {
            spent(ix, own);
        }
    }
}

/// How many nanoseconds a clock may have left out that tells this time.
fn grain_of(told: Nanos) -> u64 {
    [Nanos::PER_MS, 1_000].into_iter().find(|&grain| told.0.is_multiple_of(grain)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;
    use crate::ordered::map::OrderedMap;

    /// What was spent in each span of the path of the first span, by name.
    fn path(drawing: &str) -> String {
        let (tree, names) = drawn(drawing);
        let mut spent: OrderedMap<SpanIx, u64> = OrderedMap::new();
        critical_path(&tree, SpanIx(0), &names, |ix, time| *spent.entry(ix).or_default() += time);
        let total: u64 = spent.values().sum();
        assert_eq!(total, tree.span(SpanIx(0)).time.duration(), "parts add up");
        let name = |ix: SpanIx| names.text(tree.span(ix).name);
        spent.iter().map(|(&ix, time)| format!("{} {time}", name(ix))).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn one_after_the_other() {
        assert_eq!(path("a server 0..100\n b client 10..40\n c client 50..90"), "a 30, b 30, c 40");
    }

    #[test]
    fn of_what_runs_side_by_side_the_last_counts() {
        assert_eq!(path("a server 0..100\n b client 10..40\n c client 10..90"), "a 20, c 80");
        assert_eq!(path("a server 0..100\n b client 0..20\n c client 20..50\n d client 50..100"), "b 20, c 30, d 50");
        // b still ran when c began, so that it is not what c waited for.
        assert_eq!(path("a server 0..100\n b client 0..30\n c client 20..50\n d client 50..100"), "a 20, c 30, d 50");
    }

    #[test]
    fn starts_in_whole_milliseconds_hide_no_child() {
        // The drawing begins at 1,000 ns.
        let drawing = "a server 0..410000001\n b client 999000..401399000\n c client 400999000..404299000";
        assert_eq!(path(drawing), "a 6700001, b 400000000, c 3300000");
        // A clock that tells more says that c did not wait for b.
        let drawing = "a server 0..410000001\n b client 999000..401399000\n c client 400999001..404299000";
        assert_eq!(path(drawing), "a 406700002, c 3299999");
    }

    #[test]
    fn a_child_that_outlives_its_parent_counts_within() {
        assert_eq!(path("a server 0..100\n b internal 80..300"), "a 80, b 20");
        assert_eq!(path("a server 0..100\n b server 10..60\n  c internal 30..200"), "a 50, b 20, c 30");
    }

    #[test]
    fn a_child_that_seems_to_begin_early_counts_within() {
        assert_eq!(path("a server 5..100\n b client 0..40"), "a 60, b 35");
    }

    #[test]
    fn a_callee_whose_clock_is_ahead_is_moved_with_all_below_it() {
        let drawing = "a client 0..100\n b@far server 30..120\n  c@far client 40..110\n   d@farther server 90..130";
        assert_eq!(path(drawing), "a 10, b 20, c 30, d 40");
    }

    #[test]
    fn consumers_that_nobody_waits_for_do_not_count() {
        assert_eq!(path("a server 0..50\n p producer 10..20\n  c consumer 30..90"), "a 40, p 10");
    }

    #[test]
    fn spans_outside_or_without_time_do_not_count() {
        assert_eq!(path("a server 0..50\n b client 60..70\n c client 20..20"), "a 50");
        assert_eq!(path("a server 9..9\n b client 9..9"), "");
    }

    #[test]
    fn a_deep_chain_is_walked_without_recursion() {
        let drawing: Vec<String> =
            (0..3_000_usize).map(|depth| format!("{}s internal {depth}..9000", " ".repeat(depth))).collect();
        let (tree, names) = drawn(&drawing.join("\n"));
        let mut total = 0;
        critical_path(&tree, SpanIx(0), &names, |_, time| total += time);
        assert_eq!(total, 9_000);
    }
}
