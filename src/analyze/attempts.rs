//! Attempts of one call that all failed the same way are one failure.

use crate::analyze::explanation::call;
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::{message, texts};
use crate::model::tree::{SpanIx, TraceTree};
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

/// Whether both spans do the same, and tell of their failure in the same codes and words.
fn failed_alike(tree: &TraceTree, one: SpanIx, other: SpanIx) -> bool {
    let said = |ix| {
        let kind = tree.exceptions_of(ix).last().map(|exception| &*exception.kind);
        (kind, texts::first_text(tree, ix).map(|text| message::clean(message::core(text))))
    };
    let (first, second) = (tree.span(one), tree.span(other));
    call(first) == call(second) && first.codes == second.codes && said(one) == said(other)
}
