//! Points in time and intervals, in nanoseconds.

/// Nanoseconds since 1970-01-01T00:00:00 UTC; 0 means "not given".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// Nanoseconds in a millisecond.
    pub const PER_MS: u64 = 1_000_000;

    /// This point moved by `delta` nanoseconds, held within the range of the type.
    #[must_use]
    pub fn shifted(self, delta: i64) -> Self {
        Self(self.0.saturating_add_signed(delta))
    }
}

/// From `start` to `end`, both included. `end` may lie before `start` in broken input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Interval {
    /// When the work began.
    pub start: Nanos,
    /// When the work ended.
    pub end: Nanos,
}

impl Interval {
    /// Length in nanoseconds; 0 when the end lies before the start.
    #[must_use]
    pub fn duration(self) -> u64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// The shortest interval that holds both.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The shortest interval that holds both, where there are any.
    #[must_use]
    pub fn of_both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.joined(other)),
            (one, other) => one.or(other),
        }
    }

    /// The interval moved by `delta` nanoseconds.
    #[must_use]
    pub fn shifted(self, delta: i64) -> Self {
        Self { start: self.start.shifted(delta), end: self.end.shifted(delta) }
    }
}

/// From `from` up to, and without, `to`: windows that follow each other have nothing in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeWindow {
    /// The first moment of it.
    pub from: Nanos,
    /// The first moment after it.
    pub to: Nanos,
}

impl TimeWindow {
    /// Whether `time` lies within.
    #[must_use]
    pub fn holds(self, time: Nanos) -> bool {
        self.from <= time && time < self.to
    }
}
