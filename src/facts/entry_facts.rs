//! What came in at an entry point in a window.

use crate::facts::mix::Mix;
use crate::facts::seen_request::SeenRequests;

/// What came in at one entry point.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntryFacts {
    /// Requests.
    pub total: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Traces that they were in: one trace may bring several requests.
    pub failing_traces: u64,
    /// How long each took that did not fail, in nanoseconds, in no order.
    pub passing: Vec<u64>,
    /// Requests to look at.
    pub seen: SeenRequests,
    /// Messages that its requests put on their way: PRODUCER spans of the traces that begin here.
    pub sent: u64,
    /// It takes messages: a CONSUMER span.
    pub takes_messages: bool,
    /// What the requests asked for, where the attributes that tell it were kept.
    pub mix: Mix,
}

impl EntryFacts {
    /// Adds what came in at the same entry point in another piece.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.total += other.total;
        self.failed += other.failed;
        self.failing_traces += other.failing_traces;
        self.passing.append(&mut other.passing);
        self.seen.merge(other.seen);
        self.sent += other.sent;
        self.takes_messages |= other.takes_messages;
        self.mix.merge(other.mix);
    }
}
