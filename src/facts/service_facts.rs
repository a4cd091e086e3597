//! What was asked of a service in a window.

/// What was asked of one service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceFacts {
    /// SERVER and CONSUMER spans, and roots: one for each request that the service took or made of its own.
    pub requests: u64,
    /// Of these, those that failed by more than their caller's fault.
    pub failed: u64,
    /// How long each took, in nanoseconds, in no order.
    pub durations: Vec<u64>,
}

impl ServiceFacts {
    /// Adds what was asked of it in another piece.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.durations.append(&mut other.durations);
    }
}
