//! One capture cut into two windows at the time of a change.

use crate::model::time::Nanos;

/// Where a capture is cut. A trace belongs to the window in which its first span starts.
///
/// ```text
///            at      at + settle
/// ───────────┼┄┄┄┄┄┄┄┄┄┄┄┼──────────────►  start of the trace
///  baseline    left out     candidate
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    /// When the change was made.
    pub at: Nanos,
    /// How long after it traces are left out, in nanoseconds: caches are cold and old instances drain.
    pub settle: u64,
}

/// A window of a capture that is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Before the change.
    Baseline,
    /// Just after it.
    LeftOut,
    /// After it.
    Candidate,
}

impl Split {
    /// Where a trace belongs that starts then.
    #[must_use]
    pub fn side(self, start: Nanos) -> Side {
        if start < self.at {
            Side::Baseline
        } else if start.0 < self.at.0.saturating_add(self.settle) {
            Side::LeftOut
        } else {
            Side::Candidate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_with_the_change_is_no_baseline() {
        let split = Split { at: Nanos(100), settle: 10 };
        assert_eq!(
            [99, 100, 109, 110].map(|start| split.side(Nanos(start))),
            [Side::Baseline, Side::LeftOut, Side::LeftOut, Side::Candidate]
        );
        assert_eq!(Split { settle: 0, ..split }.side(Nanos(100)), Side::Candidate);
        assert_eq!(Split { settle: u64::MAX, ..split }.side(Nanos(u64::MAX - 1)), Side::LeftOut);
    }
}
