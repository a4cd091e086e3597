//! The exact interval of one rate.
//!
//! Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
//! (1934): all chances that neither half of the allowed error rules out. It never misses more often than it says, and is
//! wider than it had to be for that.
//!
//! ```text
//! lower: the chance by which `events` or more come with probability miss/2
//! upper: the chance by which `events` or fewer come with probability miss/2
//! ```

use crate::judge::statistics::binomial::{rate_for_at_least, rate_for_at_most};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::interval::{Interval, miss};

/// The interval of the rate behind the counts, 0 to 1; all of that without trials.
#[must_use]
pub fn interval(counts: Counts, confidence: f64) -> Interval {
    let counts = counts.held();
    let side = miss(confidence) / 2.0;
    Interval {
        lower: rate_for_at_least(counts.events, counts.trials, side),
        upper: rate_for_at_most(counts.events, counts.trials, side),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rule_of_three_and_its_mirror() {
        // None of 20: the upper limit solves (1 - p)^20 = 0.025.
        let none = interval(Counts::new(0, 20), 0.95);
        assert_eq!(none.lower, 0.0);
        assert!((none.upper - (1.0 - 0.025_f64.powf(0.05))).abs() < 1e-14);
        // None of ten million: the same, in small. No digits are lost near 0.
        let none = interval(Counts::new(0, 10_000_000), 0.95);
        assert!((none.upper / -(0.025_f64.ln() * 1e-7).exp_m1() - 1.0).abs() < 1e-12);
        let all = interval(Counts::new(20, 20), 0.95);
        assert!((all.lower - 0.025_f64.powf(0.05)).abs() < 1e-14 && all.upper == 1.0);
    }

    #[test]
    fn the_table_of_newcombe() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
        for (events, trials, lower, upper) in
            [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (1, 29, 0.0009, 0.1776)]
        {
            let it = interval(Counts::new(events, trials), 0.95);
            assert!((it.lower - lower).abs() < 5e-5 && (it.upper - upper).abs() < 5e-5, "{it:?}");
        }
    }

    proptest! {
        #[test]
        fn it_holds_the_rate(x in any::<u64>(), n in 0u64..100_000, confidence in -0.5..1.5) {
            let counts = Counts::new(x % (n + 1), n);
            let it = interval(counts, confidence);
            prop_assert!(it.holds(counts.rate()) && it.lower >= 0.0 && it.upper <= 1.0);
            let others = interval(Counts::new(counts.others(), n), confidence);
            prop_assert!((others.lower + it.upper - 1.0).abs() < 1e-14);
        }
    }
}
