//! How often something happened among how many times that it could have.

/// `events` among `trials`, such as failed requests among all requests of a window.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Counts {
    /// How often it happened; never more than `trials`.
    pub events: u64,
    /// How often it could have happened.
    pub trials: u64,
}

impl Counts {
    /// More trials than any window has. Larger numbers are scaled down to this, so that no sum of this folder takes
    /// longer than some milliseconds whatever the input claims.
    pub const MOST_TRIALS: u64 = 1 << 36;

    /// `events` among `trials`; events beyond the trials are not counted. Beyond [`Counts::MOST_TRIALS`] both are scaled
    /// down, which keeps the rate.
    #[must_use]
    pub fn new(events: u64, trials: u64) -> Self {
        let shift = (u64::BITS - trials.leading_zeros()).saturating_sub(Self::MOST_TRIALS.trailing_zeros());
        let (events, trials) = (events.min(trials) >> shift, trials >> shift);
        Self { events, trials }
    }

    /// These counts as [`Counts::new`] gives them, however they were made.
    pub(super) fn held(self) -> Self {
        Self::new(self.events, self.trials)
    }

    /// Events for each trial, 0 to 1; 0 without trials.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.events as f64 / self.trials as f64 }
    }

    /// How often it could have happened and did not.
    #[must_use]
    pub fn others(self) -> u64 {
        self.trials.saturating_sub(self.events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_never_exceed_trials() {
        assert_eq!(Counts::new(7, 5), Counts { events: 5, trials: 5 });
        assert_eq!(Counts::new(3, 0), Counts::default());
        assert_eq!((Counts::new(3, 12).rate(), Counts::new(0, 0).rate()), (0.25, 0.0));
        assert_eq!(Counts::new(3, 12).others(), 9);
    }

    #[test]
    fn more_than_any_window_has_is_scaled_down() {
        let below = Counts::new(5, Counts::MOST_TRIALS - 1);
        assert_eq!((below.events, below.trials), (5, Counts::MOST_TRIALS - 1));
        let beyond = Counts::new(u64::MAX / 4, u64::MAX);
        assert!(beyond.trials < Counts::MOST_TRIALS);
        assert!((beyond.rate() - 0.25).abs() < 1e-9);
    }
}
