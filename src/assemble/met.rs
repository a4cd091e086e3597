//! Defects of one trace, with the processes in whose spans they were met.

use crate::model::defect::{Defect, DefectCounts};
use crate::model::resource::ResourceId;

/// One defect and where it was met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Met {
    /// The sort.
    pub defect: Defect,
    /// The process that sent the span or record.
    pub at: ResourceId,
    /// The process that called it, where two clocks disagree.
    pub caller: ResourceId,
    /// By how many nanoseconds the span was moved to lie within its caller's time, or would have had to be.
    pub by: i64,
}

/// Counts defects, and notes where they were met.
#[derive(Debug, Default)]
pub(crate) struct Defects {
    pub(crate) counts: DefectCounts,
    pub(crate) met: Vec<Met>,
}

impl Defects {
    /// Notes a defect of a span or record that this process sent.
    pub(crate) fn add(&mut self, defect: Defect, at: ResourceId) {
        self.add_between(defect, at, ResourceId::default(), 0);
    }

    /// Notes that the clocks of a callee and its caller disagree.
    pub(crate) fn add_between(&mut self, defect: Defect, at: ResourceId, caller: ResourceId, by: i64) {
        self.counts.add(defect);
        self.met.push(Met { defect, at, caller, by });
    }
}
