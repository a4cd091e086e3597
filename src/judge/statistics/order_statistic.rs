//! Bounds of a quantile that hold for every distribution of durations.
//!
//! How many of n durations lie below the true quantile is binomial, whatever the durations are distributed like. So the
//! r-th smallest of them is a bound of the quantile, with an error that is a binomial tail (Wilks 1948; Conover,
//! *Practical Nonparametric Statistics*). Ties make the bounds safer, never less so.
//!
//! ```text
//! n = 100, q = 0.95         rank  1 ........ 91 .. 95 .. 99 100
//!                                            │            │
//!           the true p95 lies below the 91st │            │ above the 99th
//!           in at most 2.8 % of samples ─────┘            └───── in at most 3.7 %
//! ```

use crate::judge::statistics::binomial::Binomial;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::interval::{Interval, miss};
use crate::judge::statistics::tail::Counted;
use crate::judge::statistics::turning_point::first_that;

/// No error above this is worked with: a lower bound beyond the middle of what is likely bounds nothing.
pub(super) const GREATEST_ALPHA: f64 = 0.5;

/// A number that the quantile `q` of what was sampled lies below with a chance of `alpha` at most, in the unit of the
/// sample; none when the sample is too small for it. `alpha` above one half is taken as one half.
#[must_use]
pub fn lower_bound(sorted: &[u64], q: f64, alpha: f64) -> Option<u64> {
    let rank = lower_rank(sorted.len() as u64, q, alpha)?;
    sorted.get(usize::try_from(rank).ok()?.checked_sub(1)?).copied()
}

/// A number that the quantile `q` of what was sampled lies above with a chance of `alpha` at most, in the unit of the
/// sample; none when the sample is too small for it: see [`least_n`].
#[must_use]
pub fn upper_bound(sorted: &[u64], q: f64, alpha: f64) -> Option<u64> {
    let rank = upper_rank(sorted.len() as u64, q, alpha)?;
    sorted.get(usize::try_from(rank).ok()?.checked_sub(1)?).copied()
}

/// Both bounds, each with half of the error; none when the sample is too small for one of them.
#[must_use]
pub fn interval(sorted: &[u64], q: f64, confidence: f64) -> Option<Interval> {
    let side = miss(confidence) / 2.0;
    let (lower, upper) = (lower_bound(sorted, q, side)?, upper_bound(sorted, q, side)?);
    Some(Interval { lower: lower as f64, upper: upper as f64 })
}

/// The least size of a sample that has both bounds of the quantile `q`, each with the error `alpha`: 59 for the p95 at 5 %.
/// `u64::MAX` when no size does: at the ends of the distribution, or without any error.
#[must_use]
pub fn least_n(q: f64, alpha: f64) -> u64 {
    // The widest bounds are the least and the greatest of the sample, with the errors (1-q)^n and q^n.
    let wider = if q > 0.5 { q } else { 1.0 - q };
    let about = usable(alpha).unwrap_or(0.0).ln() / wider.ln();
    if !(0.0..Counts::MOST_TRIALS as f64).contains(&about) {
        return u64::MAX;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and the most trials")]
    let about = about as u64;
    let has_both = |n| lower_rank(n, q, alpha).is_some() && upper_rank(n, q, alpha).is_some();
    first_that(about.saturating_sub(1).max(1), about + 2, has_both)
}

/// The greatest rank, from 1, of a lower bound.
pub(super) fn lower_rank(n: u64, q: f64, alpha: f64) -> Option<u64> {
    let alpha = usable(alpha)?;
    let rank = first_that(0, n, |rank| error_of_lower(n, q, rank + 1) > alpha);
    (rank > 0).then_some(rank)
}

/// The least rank, from 1, of an upper bound.
pub(super) fn upper_rank(n: u64, q: f64, alpha: f64) -> Option<u64> {
    let alpha = usable(alpha)?;
    let rank = first_that(1, n + 1, |rank| error_of_upper(n, q, rank) <= alpha);
    (rank <= n).then_some(rank)
}

/// How often the quantile `q` lies below the number of this rank: fewer than `rank` of the sample lie below the quantile.
pub(super) fn error_of_lower(n: u64, q: f64, rank: u64) -> f64 {
    Binomial::new(n, q).at_most(rank.saturating_sub(1))
}

/// How often the quantile `q` lies above the number of this rank: `rank` or more of the sample lie below the quantile.
pub(super) fn error_of_upper(n: u64, q: f64, rank: u64) -> f64 {
    Binomial::new(n, q).at_least(rank)
}

/// The error to work with; none when there is none to allow.
fn usable(alpha: f64) -> Option<f64> {
    (alpha > 0.0).then_some(alpha.min(GREATEST_ALPHA))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_drawn_example() {
        assert_eq!((lower_rank(100, 0.95, 0.05), upper_rank(100, 0.95, 0.05)), (Some(91), Some(99)));
        assert!((error_of_lower(100, 0.95, 91) - 0.028_188).abs() < 1e-6);
        assert!((error_of_upper(100, 0.95, 99) - 0.037_081).abs() < 1e-6);
        let sorted: Vec<u64> = (1..=100).collect();
        assert_eq!((lower_bound(&sorted, 0.95, 0.05), upper_bound(&sorted, 0.95, 0.05)), (Some(91), Some(99)));
        assert_eq!(interval(&sorted, 0.95, 0.90), Some(Interval { lower: 91.0, upper: 99.0 }));
    }

    #[test]
    fn ranks_of_the_textbook() {
        // Conover's table of the median's interval: of ten, the second to the ninth at 95 % (error 0.0107 a side).
        assert_eq!((lower_rank(10, 0.5, 0.025), upper_rank(10, 0.5, 0.025)), (Some(2), Some(9)));
        assert!((error_of_upper(10, 0.5, 9) - 11.0 / 1024.0).abs() < 1e-15);
    }

    #[test]
    fn the_least_samples_are_those_of_wilks() {
        // Wilks's formula: 59 for 95/95, 299 for 99/95, 90 for 95/99.
        assert_eq!([least_n(0.95, 0.05), least_n(0.99, 0.05), least_n(0.95, 0.01)], [59, 299, 90]);
        assert_eq!([least_n(0.05, 0.05), least_n(0.5, 0.05)], [59, 5]);
        for (q, alpha) in [(0.0, 0.05), (1.0, 0.05), (0.95, 0.0), (f64::NAN, 0.05), (0.5, f64::NAN), (1.0, -1.0)] {
            assert_eq!(least_n(q, alpha), u64::MAX, "{q} {alpha}");
        }
    }

    proptest! {
        #[test]
        fn bounds_are_as_tight_as_their_error_allows(n in 0u64..3000, q in 0.0..1.0, alpha in 0.0..0.5) {
            let rank = lower_rank(n, q, alpha).unwrap_or(0);
            prop_assert!(rank == 0 || error_of_lower(n, q, rank) <= alpha);
            prop_assert!(rank == n || error_of_lower(n, q, rank + 1) > alpha);
            let rank = upper_rank(n, q, alpha).unwrap_or(n + 1);
            prop_assert!(rank > n || error_of_upper(n, q, rank) <= alpha);
            prop_assert!(rank == 1 || n == 0 || error_of_upper(n, q, rank - 1) > alpha);
        }

        #[test]
        fn the_least_sample_has_both_bounds_and_one_less_has_not(q in 0.001..0.999, alpha in 1e-12..0.5) {
            let n = least_n(q, alpha);
            let both = |n| lower_rank(n, q, alpha).is_some() && upper_rank(n, q, alpha).is_some();
            prop_assert!(both(n) && (n == 1 || !both(n - 1)));
        }
    }
}
