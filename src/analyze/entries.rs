//! Where requests enter: the entry points of a trace.

use crate::analyze::failure::{caller, kind_of};
use crate::model::names::Names;
use crate::model::tree::{RootReason, SpanIx, TraceTree};

/// Which spans are entry points, and which lie on the callers' side of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Entries {
    /// The entry points, in the order of the tree.
    pub spans: Vec<SpanIx>,
    inside: Vec<bool>,
}

impl Entries {
    /// Finds the topmost SERVER and CONSUMER spans, and the consumers whose sender does not wait for them; a root with
    /// none of them below is an entry point itself.
    ///
    /// ```text
    /// loadgenerator user_checkout     caller's side
    /// ├─ loadgenerator POST           caller's side
    /// │  └─ frontend POST /cart       entry point
    /// └─ loadgenerator POST           caller's side
    ///    └─ frontend POST /checkout   entry point
    ///       └─ checkout PlaceOrder    inside
    /// ```
    ///
    /// A fragment whose parent is not in the input counts only when the trace has nothing better: what was above it is
    /// unknown, so its top is no place where requests enter.
    #[must_use]
    pub fn of(tree: &TraceTree, names: &Names) -> Self {
        let mut inside = vec![false; tree.len()];
        let mut topmost = Vec::new();
        for ix in tree.indices() {
            let within = caller(tree, ix, names).is_some_and(|above| inside[above.at()]);
            let takes_work = kind_of(tree, ix, names).takes_work();
            if takes_work && !within {
                topmost.push(ix);
            }
            // What runs under a consumer that nobody waits for is inside of that consumer's own entry.
            inside[ix.at()] = takes_work || within;
        }
        let mut whole = Vec::new();
        let mut fragments = Vec::new();
        for &(root, reason) in &tree.roots {
            let below = topmost.partition_point(|&entry| entry < root);
            let end = tree.end[root.at()];
            let mut found: Vec<SpanIx> = topmost[below..].iter().copied().take_while(|entry| entry.0 < end).collect();
            if found.is_empty() {
                found.push(root);
            }
            if reason == RootReason::Orphan { &mut fragments } else { &mut whole }.extend(found);
        }
        Self { spans: if whole.is_empty() { fragments } else { whole }, inside }
    }

    /// Whether the span is an entry point.
    #[must_use]
    pub fn contains(&self, ix: SpanIx) -> bool {
        self.spans.binary_search(&ix).is_ok()
    }

    /// Whether the span lies above every entry point of its branch: a load generator, a browser, a batch job.
    #[must_use]
    pub fn on_callers_side(&self, ix: SpanIx) -> bool {
        !self.inside[ix.at()]
    }
}
