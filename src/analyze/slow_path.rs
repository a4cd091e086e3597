//! Where the time of a call went that its caller gave up on.

use crate::analyze::failure::caller;
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};

/// The way down from a call that waited too long to the span in which the time went, the call first.
///
/// Each step goes to the child that ended last, as long as it took at least half of its parent's time: a child that took
/// less does not explain the wait, and the parent's own work does.
///
/// ```text
/// checkout CLIENT Quote     |=========x           gave up here
/// └─ shipping SERVER Quote   |==================|
///    ├─ shipping cache        |-|
///    └─ shipping carrier        |==============|   the time went here
/// ```
pub(crate) fn slow_path(tree: &TraceTree, call: SpanIx, names: &Names) -> Vec<SpanIx> {
    let mut path = vec![call];
    let mut at = call;
    loop {
        let needed = tree.span(at).time.duration() / 2;
        let slowest = tree
            .children(at)
            .filter(|&child| caller(tree, child, names).is_some() && tree.span(child).time.duration() >= needed.max(1))
            .max_by_key(|&child| (tree.span(child).time.end, std::cmp::Reverse(child)));
        match slowest {
            Some(child) => {
                path.push(child);
                at = child;
            }
            None => return path,
        }
    }
}
