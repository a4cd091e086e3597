//! Newcombe's hybrid score interval of the difference of two rates.
//!
//! Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
//! Statistics in Medicine 17 (1998), method 10, without continuity correction. Each rate has Wilson's score interval
//! `l..u` (Wilson 1927); the distances from the rates to those limits are put together as the sides of a right angle:
//!
//! ```text
//! lower = d - sqrt((pc - lc)^2 + (ub - pb)^2)        candidate at its least, baseline at its greatest
//! upper = d + sqrt((uc - pc)^2 + (pb - lb)^2)        the other way round
//! ```

use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::interval::{Interval, miss};
use statrs::function::erf::erfc_inv;
use std::f64::consts::SQRT_2;

/// The interval of the candidate's rate minus the baseline's, -1 to 1; all of that when a side has no trials.
#[must_use]
pub fn difference(candidate: Counts, baseline: Counts, confidence: f64) -> Interval {
    let (candidate, baseline) = (candidate.held(), baseline.held());
    if candidate.trials == 0 || baseline.trials == 0 {
        return Interval { lower: -1.0, upper: 1.0 };
    }
    let z = SQRT_2 * erfc_inv(miss(confidence));
    let (pc, pb) = (candidate.rate(), baseline.rate());
    let (c, b) = (score(candidate, z), score(baseline, z));
    let down = (pc - c.lower).hypot(b.upper - pb);
    let up = (c.upper - pc).hypot(pb - b.lower);
    Interval { lower: (pc - pb - down).max(-1.0), upper: (pc - pb + up).min(1.0) }
}

/// Wilson's score interval of a rate: the chances that lie within `z` of their own standard errors of it.
fn score(counts: Counts, z: f64) -> Interval {
    let (events, trials) = (counts.events as f64, counts.trials as f64);
    let square = z * z;
    let root = z * (square + 4.0 * events * (counts.others() as f64 / trials)).sqrt();
    let upper = (2.0 * events + square + root) / (2.0 * (trials + square));
    // The two limits solve one quadratic; their product is known, and dividing keeps digits that a difference would lose.
    let product = events / trials * (events / (trials + square));
    let lower = if events == 0.0 { 0.0 } else { product / upper };
    let rate = counts.rate();
    Interval { lower: lower.min(rate), upper: upper.clamp(rate, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(c: (u64, u64), b: (u64, u64)) -> [f64; 2] {
        let it = difference(Counts::new(c.0, c.1), Counts::new(b.0, b.1), 0.95);
        [it.lower, it.upper].map(|limit| (limit * 1e4).round() / 1e4)
    }

    #[test]
    fn the_table_of_newcombe() {
        // Newcombe 1998, table II, row of method 10: all eight columns.
        assert_eq!(found((56, 70), (48, 80)), [0.0524, 0.3339]);
        assert_eq!(found((9, 10), (3, 10)), [0.1705, 0.8090]);
        assert_eq!(found((6, 7), (2, 7)), [0.0582, 0.8062]);
        assert_eq!(found((5, 56), (0, 29)), [-0.0381, 0.1926]);
        assert_eq!(found((0, 10), (0, 20)), [-0.1611, 0.2775]);
        assert_eq!(found((0, 10), (0, 10)), [-0.2775, 0.2775]);
        assert_eq!(found((10, 10), (0, 20)), [0.6791, 1.0]);
        assert_eq!(found((10, 10), (0, 10)), [0.6075, 1.0]);
    }

    #[test]
    fn without_trials_anything_may_be() {
        assert_eq!(found((0, 0), (3, 5)), [-1.0, 1.0]);
        assert_eq!(found((3, 5), (0, 0)), [-1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn it_holds_the_difference_and_turns_with_the_sides(
            x in any::<u64>(), n in 1u64..1 << 40, y in any::<u64>(), m in 1u64..1 << 40, confidence in -0.5..1.5,
        ) {
            let (a, b) = (Counts::new(x % (n + 1), n), Counts::new(y % (m + 1), m));
            let it = difference(a, b, confidence);
            prop_assert!(it.holds(a.rate() - b.rate()) && it.lower >= -1.0 && it.upper <= 1.0);
            let turned = difference(b, a, confidence);
            prop_assert!((turned.lower + it.upper).abs() < 1e-12 && (turned.upper + it.lower).abs() < 1e-12);
            let wider = difference(a, b, (confidence + 1.0) / 2.0);
            prop_assert!(confidence > 1.0 || (wider.lower <= it.lower && it.upper <= wider.upper));
        }
    }
}
