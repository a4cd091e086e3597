//! Attempts of one call that all failed the same way are one failure, and are counted.

use crate::analyze::explanation::call;
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::{message, texts};
use crate::assemble::clock_skew::TOLERANCE_NS;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};
use crate::shared_sort::SharedSort;
use hashbrown::HashMap;

/// Leaves out the origins of attempts that failed like the one that decided: what their caller tells of the failure, it
/// tells of the last of them, so by their own few words they would look like another fault.
///
/// ```text
/// reviews AskAssistant    ERROR  RateLimitError
/// ├─ reviews POST         ERROR  429               left out
/// ├─ reviews POST         ERROR  429               left out
/// └─ reviews POST         ERROR  429               stands for all three
/// ```
///
/// `from` holds for each span the child that explains its failure.
pub(crate) fn join(tree: &TraceTree, from: &[Option<SpanIx>], origins: &mut Vec<Origin>) {
    if !origins.iter().any(|origin| matches!(origin.ending, Ending::Superseded(_))) {
        return;
    }
    // Where the failure that a span passes on began, and how many steps below it.
    let begun_at: HashMap<SpanIx, (SpanIx, usize)> = origins
        .iter()
        .flat_map(|origin| origin.path.iter().enumerate().map(|(steps, &at)| (at, (origin.span, steps))))
        .collect();
    origins.retain(|origin| {
        let Ending::Superseded(above) = origin.ending else { return true };
        let (Some((&attempt, below)), Some(decisive)) = (origin.path.split_last(), from[above.at()]) else {
            return true;
        };
        let Some(&(begun, steps)) = begun_at.get(&decisive) else { return true };
        // Where a line of the application is known, the signature tells by itself whether it is the same fault.
        let has_line = origin.exception.as_ref().is_some_and(|told| !told.in_app.is_empty());
        let alike = below.len() == steps
            && call(tree.span(attempt)) == call(tree.span(decisive))
            && failed_alike(tree, origin.span, begun);
        has_line || !alike
    });
}

/// Among how many children of one span attempts are counted.
const COUNTED: usize = 1000;

/// How often in turn a call on the way up was made and failed: 1 when it was not repeated.
///
/// `carries` tells which spans failed or pass a failure on. Calls side by side are no attempts of each other.
pub(crate) fn count(tree: &TraceTree, carries: &[bool], path: &[SpanIx]) -> u32 {
    let attempts = |&attempt: &SpanIx| {
        let Some(above) = tree.parent_of(attempt).filter(|_| carries[attempt.at()]) else { return 1 };
        let wanted = call(tree.span(attempt));
        let mut failed: Vec<SpanIx> = tree
            .children(above)
            .take(COUNTED)
            .filter(|&child| carries[child.at()] && call(tree.span(child)) == wanted)
            .collect();
        failed.shared_sort_by_key(|&child| (tree.span(child).time.start, child));
        let (mut count, mut end) = (0, Nanos::default());
        for child in failed {
            let time = tree.span(child).time;
            if time.start.0.saturating_add(TOLERANCE_NS) >= end.0 {
                count += 1;
            }
            end = end.max(time.end);
        }
        count
    };
    path.iter().map(attempts).max().unwrap_or(1).max(1)
}

/// Whether both spans do the same, and tell of their failure in the same codes and words.
fn failed_alike(tree: &TraceTree, one: SpanIx, other: SpanIx) -> bool {
    let said = |ix| {
        let kind = tree.exceptions_of(ix).last().map(|exception| &*exception.kind);
        (kind, texts::first_text(tree, ix).map(|text| message::clean(message::core(text))))
    };
    let (first, second) = (tree.span(one), tree.span(other));
    call(first) == call(second) && first.codes == second.codes && said(one) == said(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;

    /// The count for the last span, when all that are named in `well` did not fail.
    fn counted(lines: &str, well: &[usize]) -> u32 {
        let (tree, _) = drawn(lines);
        let carries: Vec<bool> = (0..tree.len()).map(|at| !well.contains(&at)).collect();
        let last = tree.indices().last().expect("a span");
        count(&tree, &carries, &[last])
    }

    #[test]
    fn calls_in_turn_are_attempts() {
        let three = "a server 0..900000000\n b client 0..100000000\n b client 200000000..300000000\n b client 400000000..500000000";
        assert_eq!(counted(three, &[]), 3);
        assert_eq!(counted(three, &[2]), 2, "one went well");
        assert_eq!(counted(three, &[3]), 1, "the last one is not on the way of a failure");
    }

    #[test]
    fn other_calls_and_calls_side_by_side_are_none() {
        let other = "a server 0..900000000\n c client 0..100000000\n b client 200000000..300000000";
        assert_eq!(counted(other, &[]), 1);
        let at_once = "a server 0..900000000\n b client 0..100000000\n b client 10000000..110000000\n b client 20000000..90000000";
        assert_eq!(counted(at_once, &[]), 1);
        assert_eq!(counted("a server 0..900000000", &[]), 1);
    }
}
