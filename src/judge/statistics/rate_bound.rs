//! What a count says at least of the rate behind it.

use crate::judge::statistics::binomial::{Binomial, rate_for_at_least};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::tail::Counted;

/// The chance of at least as many events if each trial has this `rate` (binomial).
#[must_use]
pub fn at_least(counts: Counts, rate: f64) -> f64 {
    let counts = counts.held();
    Binomial::new(counts.trials, rate).at_least(counts.events)
}

/// The rate that lies behind the counts at least, with this one-sided confidence (Clopper and Pearson 1934).
#[must_use]
pub fn lower(counts: Counts, confidence: f64) -> f64 {
    let counts = counts.held();
    rate_for_at_least(counts.events, counts.trials, 1.0 - confidence)
}

/// The rate that lies behind the counts as likely above as below: [`lower`] with confidence a half, to three digits
/// (Kerman, "A closed-form approximation for the median of the beta distribution", 2011).
#[must_use]
pub fn middle(counts: Counts) -> f64 {
    if counts.events == 0 {
        return 0.0;
    }
    ((counts.events as f64 - 1.0 / 3.0) / (counts.trials as f64 + 1.0 / 3.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_few_say_little() {
        // x^3 = 0.05 and x^9 = 0.05.
        assert!((lower(Counts::new(3, 3), 0.95) - 0.05_f64.powf(1.0 / 3.0)).abs() < 1e-12);
        assert!((lower(Counts::new(9, 9), 0.95) - 0.05_f64.powf(1.0 / 9.0)).abs() < 1e-12);
        assert_eq!(lower(Counts::new(0, 9), 0.95), 0.0);
        assert!((at_least(Counts::new(3, 3), 0.5) - 0.125).abs() < 1e-15);
    }

    #[test]
    fn the_middle_is_nearly_that_of_the_definition() {
        for (events, trials) in [(1, 10), (5, 10), (10, 10), (3, 400), (200, 400)] {
            let counts = Counts::new(events, trials);
            let exact = lower(counts, 0.5);
            assert!((middle(counts) - exact).abs() < 0.003 + 0.01 * exact, "{events} of {trials}");
        }
        assert_eq!(middle(Counts::new(0, 10)), 0.0);
    }
}
