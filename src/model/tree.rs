//! One trace as a tree: spans depth first, with their parents and the ends of their subtrees as columns.

use crate::model::exception::Exception;
use crate::model::ids::TraceId;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::Nanos;

/// A span's place in its tree, depth first: a parent always comes before its children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpanIx(pub u32);

impl SpanIx {
    /// As an index into the columns of the tree.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Why a span has no parent in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RootReason {
    /// It says that it is a root.
    Named,
    /// Its parent is not in the input.
    Orphan,
    /// It named itself, or stood in a ring that was opened here.
    Broken,
}

/// One trace. The subtree of span `i` is exactly the spans `i .. end[i]`.
///
/// ```text
/// frontend            spans   0 frontend   parent -   end 5
/// ├─ cart                     1 cart              0       3
/// │  └─ redis                 2 redis             1       3
/// └─ checkout                 3 checkout          0       5
///    └─ payment               4 payment           3       5
/// ```
///
/// So a walk from the callers down is a loop forwards, and a walk from the callees up is a loop backwards: no
/// recursion, however deep the trace. A broken trace has several roots, one after the other.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TraceTree {
    /// The id that all its spans bear.
    pub id: TraceId,
    /// The spans, depth first; siblings by start time, then by end, id and name.
    pub spans: Vec<LooseSpan>,
    /// The parent of each span; `None` for a root.
    pub parent: Vec<Option<SpanIx>>,
    /// One past the last span of each span's subtree.
    pub end: Vec<u32>,
    /// The roots, in order, and why they are roots.
    pub roots: Vec<(SpanIx, RootReason)>,
    /// The log events of the trace that were joined to a span, ordered by span, then time.
    pub logs: Vec<(SpanIx, LogEvent)>,
}

impl TraceTree {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// When the trace began, by the first of its spans that tells its time.
    #[must_use]
    pub fn start(&self) -> Option<Nanos> {
        self.spans.iter().map(|span| span.time.start).filter(|start| start.0 != 0).min()
    }

    /// All places, callers before callees.
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = SpanIx> + use<> {
        (0..u32::try_from(self.spans.len()).unwrap_or(u32::MAX)).map(SpanIx)
    }

    /// The span at a place.
    #[must_use]
    pub fn span(&self, ix: SpanIx) -> &LooseSpan {
        &self.spans[ix.at()]
    }

    /// The parent of the span at a place.
    #[must_use]
    pub fn parent_of(&self, ix: SpanIx) -> Option<SpanIx> {
        self.parent[ix.at()]
    }

    /// The children of a span, in order of their start. Steps from subtree to subtree, so it touches only children.
    pub fn children(&self, ix: SpanIx) -> impl Iterator<Item = SpanIx> + '_ {
        let stop = self.end[ix.at()];
        let mut next = ix.0 + 1;
        std::iter::from_fn(move || {
            (next < stop).then(|| {
                let child = SpanIx(next);
                next = self.end[child.at()];
                child
            })
        })
    }

    /// The span's ancestors, nearest first, without itself.
    pub fn ancestors(&self, ix: SpanIx) -> impl Iterator<Item = SpanIx> + '_ {
        std::iter::successors(self.parent_of(ix), |&above| self.parent_of(above))
    }

    /// The log events written in a span.
    pub fn logs_of(&self, ix: SpanIx) -> impl Iterator<Item = &LogEvent> + '_ {
        let from = self.logs.partition_point(|(place, _)| *place < ix);
        self.logs[from..].iter().take_while(move |(place, _)| *place == ix).map(|(_, event)| event)
    }

    /// The exceptions told of a span, by its own events first, then by log records.
    #[inline]
    pub fn exceptions_of(&self, ix: SpanIx) -> impl Iterator<Item = &Exception> + '_ {
        let own = self.span(ix).detail.iter().flat_map(|detail| &detail.exceptions);
        own.chain(self.logs_of(ix).filter_map(|event| event.exception.as_deref()))
    }
}
