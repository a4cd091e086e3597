//! What pictures of a window need besides its other facts.

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::calls::{Calls, Counting};
use crate::facts::cause::OperationName;
use crate::facts::passing_traces::{PassingTraces, Picking};
use crate::facts::timeline::Timeline;
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};

/// Facts of one window that are drawn. Those of its pieces, in any order, merge to the same.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PictureFacts {
    /// Who calls whom.
    pub calls: Calls,
    /// Requests and failures over time.
    pub timeline: Timeline,
    /// Requests that passed, to be drawn beside those that failed.
    pub passing: PassingTraces,
}

impl PictureFacts {
    pub(crate) fn merge(&mut self, other: Self) {
        self.calls.merge(other.calls);
        self.timeline.merge(other.timeline);
        self.passing.merge(other.passing);
    }

    /// Gives services, operations and callees other names.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(String) -> String) {
        self.calls.rename(&mut renamed);
        self.passing.rename(|OperationName { service, operation }| OperationName {
            service: renamed(service),
            operation: renamed(operation),
        });
    }
}

/// Gathers them while traces pass.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    calls: Counting,
    timeline: Timeline,
    passing: Picking,
}

impl Drawing {
    /// Adds one trace; `entries` are the spans that count as requests, each with whether it failed.
    pub(crate) fn add(
        &mut self,
        tree: &TraceTree,
        diagnosis: &Diagnosis,
        entries: impl Iterator<Item = (SpanIx, bool)>,
        names: &Names,
    ) {
        self.calls.add(tree, diagnosis, names);
        let is_well = diagnosis.origins.is_empty();
        for (entry, failed) in entries {
            self.timeline.add(tree.span(entry).time.start, failed);
            if is_well && !failed {
                self.passing.offer(tree, diagnosis, entry, names);
            }
        }
    }

    pub(crate) fn finish(self, names: &Names) -> PictureFacts {
        PictureFacts { calls: self.calls.finish(names), timeline: self.timeline, passing: self.passing.finish(names) }
    }
}
