//! How often an operation was asked for in a window.

/// How often an operation was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RequestCounts {
    /// Requests.
    pub total: u64,
    /// Of these, those that failed by more than their caller's fault.
    pub failed: u64,
}

impl RequestCounts {
    pub(crate) fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.failed += other.failed;
    }
}
