//! Who asked for work that was done in another trace: a message is taken by a consumer whose trace begins anew, and a span link is
//! all that leads back.
//!
//! ```text
//! trace 1   POST /order of shop
//!           └─ orders publish            ◄──── link ────┐
//! trace 2                                  orders process of accounting     fails by a cause
//!                                          └─ INSERT                         asked for by one request of POST /order
//! ```

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::bottom::Bottom;
use crate::facts::cause::OperationName;
use crate::facts::entry_counts::EntryCounts;
use crate::facts::sample::spelt_out;
use crate::facts::shared_names::SharedNames;
use crate::model::ids::TraceId;
use crate::model::lot::lot_of_trace;
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::set::OrderedSet;
use hashbrown::HashMap;
use std::sync::Arc;

/// How many traces that sent messages are kept, an even sample of more.
pub const ASKERS: usize = 1 << 17;

/// How many linked traces of one root cause are kept, an even sample of more.
pub const LINKED: usize = 1 << 12;

/// Over how many links a failure is followed back.
const HOPS: usize = 8;

/// A trace in which a message was sent; `N` is how operations are named.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Asker<N> {
    trace: TraceId,
    /// Its entry point.
    entry: N,
    /// The trace that its own work was asked for in.
    asked_by: Option<TraceId>,
}

/// Traces of a window in which messages were sent.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Askers {
    traces: Bottom<Asker<Arc<OperationName>>>,
}

impl Askers {
    /// Adds those of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        self.traces.merge(other.traces, ASKERS);
    }

    /// Gives services and operations other names.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        let mut shared = SharedNames::new(|entry: &Arc<OperationName>| renamed((**entry).clone()));
        let traces = std::mem::take(&mut self.traces);
        self.traces = traces.map(|asker| Asker { entry: shared.of(asker.entry), ..asker });
    }

    /// The entry points whose requests asked for the work of these traces, over several links, too.
    pub(crate) fn of<'t>(&self, linked: impl Iterator<Item = impl Iterator<Item = &'t TraceId>>) -> Vec<EntryCounts> {
        let by_trace: HashMap<TraceId, &Asker<_>> = self.traces.iter().map(|asker| (asker.trace, asker)).collect();
        let counted = |linked: &mut dyn Iterator<Item = &TraceId>| {
            let mut counts = EntryCounts::default();
            // A batch may link to a request more than once, and two consumers to the same one.
            let linked: OrderedSet<TraceId> = linked.copied().collect();
            for trace in linked {
                let mut next = Some(trace);
                for _ in 0..HOPS {
                    let Some(asker) = next.and_then(|trace| by_trace.get(&trace)) else { break };
                    counts.add((*asker.entry).clone(), 1);
                    next = asker.asked_by;
                }
            }
            counts
        };
        linked.map(|mut linked| counted(&mut linked)).collect()
    }
}

/// Gathers them while traces pass.
#[derive(Debug, Default)]
pub(crate) struct AskerGathering {
    traces: Bottom<Asker<OpId>>,
}

impl AskerGathering {
    /// Adds a trace in which a message was sent.
    pub(crate) fn add(&mut self, tree: &TraceTree, diagnosis: &Diagnosis) {
        let Some(entry) = diagnosis.entries.spans.first().copied().or_else(|| tree.indices().next()) else { return };
        let lot = lot_of_trace(tree.id);
        if self.traces.wants(lot) {
            let asked_by = linked(tree, &[entry]).next();
            self.traces.take(lot, Asker { trace: tree.id, entry: tree.span(entry).operation, asked_by }, ASKERS);
        }
    }

    /// Those that are kept, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Askers {
        let mut shared = SharedNames::new(|&entry: &OpId| spelt_out(names, entry));
        let traces =
            self.traces.map(|Asker { trace, entry, asked_by }| Asker { trace, entry: shared.of(entry), asked_by });
        Askers { traces }
    }
}

/// Other traces that these spans link to.
pub(crate) fn linked<'t>(tree: &'t TraceTree, spans: &'t [SpanIx]) -> impl Iterator<Item = TraceId> + 't {
    let details = spans.iter().filter_map(|&ix| tree.span(ix).detail.as_ref());
    details.flat_map(|detail| &detail.links).map(|link| link.trace).filter(|&trace| trace != tree.id)
}
