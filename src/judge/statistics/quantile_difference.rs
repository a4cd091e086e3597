//! The difference of a quantile between two samples of durations, with bounds that assume no shape of distribution.
//!
//! MOVER, the method of variance estimates recovery (Zou and Donner, "Construction of confidence limits about effect
//! measures", Statistics in Medicine 27, 2008): the distances from each quantile to its own bound are put together as the
//! sides of a right angle, as Newcombe does with rates. The bounds are those of [`order_statistic`]; the quantiles are
//! interpolated like all that whyspan shows.
//!
//! ```text
//! baseline     ──────qb──────ub            ub: what its true quantile hardly exceeds
//! candidate              lc──────────qc    lc: what its true quantile is hardly below
//!
//! lower = (qc - qb) - sqrt((qc - lc)^2 + (ub - qb)^2)
//! ```
//!
//! # Where this is not safe, and what is done there
//!
//! The right angle takes the two distances for those of one smooth distribution. Where a few percent of the requests form
//! a mode of their own, far away and just above the quantile, the candidate's quantile may jump over the gap by chance,
//! its bound stays below, and the long distance swallows the short one:
//!
//! ```text
//! baseline     ─qb─ub                       .     .
//! candidate         lc ──────────────── gap ──────────qc        lower comes to lc - qb: the error of qb is lost
//! ```
//!
//! Simulated with two windows of one distribution (20,000 to 40,000 pairs a case, p95, 60 to 3,000 durations a side, equal
//! and unequal), the share of false alarms at alpha 0.05, 0.01 and 0.001 was at most 0.042, 0.0086 and 0.0005 for
//! lognormal, Pareto, uniform and whole-millisecond durations; but with 2.5 to 4 % of far outliers it came to 0.050, 0.013
//! and 0.0021, whatever the number of durations.
//! So where the candidate's distance is more than five times the baseline's, both bounds are taken at half of
//! alpha and their errors are added instead (Bonferroni), which holds for every distribution:
//!
//! ```text
//! lower = lc - ub        each at alpha / 2
//! ```
//!
//! With it no case was above its alpha by more than the error of the simulation, and of the rises by half that were found
//! in lognormal samples of 300 to 1,000 not one in fifty was lost. `tests/statistics_coverage.rs` repeats the simulation in
//! small.
//!
//! [`order_statistic`]: crate::judge::statistics::order_statistic

use crate::facts::quantile::quantile;
use crate::judge::statistics::interval::{Interval, miss};
use crate::judge::statistics::order_statistic::{
    GREATEST_ALPHA, error_of_lower, error_of_upper, least_n, lower_bound as least, upper_bound as greatest,
};
use crate::judge::statistics::turning_point::first_that;

/// How many times longer the candidate's distance has to be than the baseline's for the errors to be added.
const LOPSIDED: f64 = 5.0;

/// The error at which the two distances are compared with each other: one for all, so that the bound never falls while
/// `alpha` rises.
const SHAPE_ALPHA: f64 = 0.05;

/// Below this many durations on a side, by the error at which a bound can be formed, nothing is said about a quantile.
const SMALL_SAMPLE_ALPHA: f64 = 0.05;

/// What the candidate's quantile less the baseline's lies below with a chance of about `alpha`, in nanoseconds; none when a
/// sample is too small for its bound.
#[must_use]
pub fn lower_bound(candidate: &[u64], baseline: &[u64], q: f64, alpha: f64) -> Option<f64> {
    Some(difference(candidate, baseline, q) - reach(candidate, baseline, q, alpha)?)
}

/// What the candidate's quantile less the baseline's lies above with a chance of about `alpha`, in nanoseconds; none when a
/// sample is too small for its bound.
#[must_use]
pub fn upper_bound(candidate: &[u64], baseline: &[u64], q: f64, alpha: f64) -> Option<f64> {
    Some(-lower_bound(baseline, candidate, q, alpha)?)
}

/// Both bounds, each with half of the error, in nanoseconds; none when a sample is too small for one of them.
#[must_use]
pub fn interval(candidate: &[u64], baseline: &[u64], q: f64, confidence: f64) -> Option<Interval> {
    let side = miss(confidence) / 2.0;
    let lower = lower_bound(candidate, baseline, q, side)?;
    Some(Interval { lower, upper: upper_bound(candidate, baseline, q, side)? })
}

/// The least `alpha` at which the lower bound exceeds `margin` nanoseconds: the one-sided p for "the candidate's quantile
/// is greater by more than the margin". For any `alpha` below 1, `p <= alpha` holds just where `lower_bound(alpha) > margin`
/// does.
///
/// 1 when no `alpha` up to one half shows it; none when either side has fewer durations than a bound at 5 % needs. It is
/// never less than the error of the widest bound: 0.046 for 60 durations of the p95, whatever they are.
#[must_use]
pub fn p_value(candidate: &[u64], baseline: &[u64], q: f64, margin: f64) -> Option<f64> {
    let needed = least_n(q, SMALL_SAMPLE_ALPHA);
    let (ours, theirs) = (candidate.len() as u64, baseline.len() as u64);
    if ours.min(theirs) < needed {
        return None;
    }
    let shown = |alpha: f64| lower_bound(candidate, baseline, q, alpha).is_some_and(|bound| bound > margin);
    if !shown(GREATEST_ALPHA) {
        return Some(1.0);
    }
    // The bound is a staircase in alpha: it moves only where one of the two ranks does, and only up.
    let shares = if is_lopsided(candidate, baseline, q) { 2.0 } else { 1.0 };
    let by_candidate = |rank: u64| error_of_lower(ours, q, rank) * shares;
    let by_baseline = |rank: u64| error_of_upper(theirs, q, rank) * shares;
    let enough = |alpha: f64| alpha >= GREATEST_ALPHA || shown(alpha);
    let of_candidate = by_candidate(first_that(1, ours, |rank| enough(by_candidate(rank))));
    let tight = first_that(1, theirs + 1, |rank| !enough(by_baseline(rank)));
    let of_baseline = if tight > 1 { by_baseline(tight - 1) } else { GREATEST_ALPHA };
    Some(of_candidate.min(of_baseline).min(GREATEST_ALPHA))
}

/// The candidate's quantile less the baseline's, in nanoseconds.
fn difference(candidate: &[u64], baseline: &[u64], q: f64) -> f64 {
    quantile(candidate, q) - quantile(baseline, q)
}

/// How far the lower bound lies below the difference, in nanoseconds.
pub(super) fn reach(candidate: &[u64], baseline: &[u64], q: f64, alpha: f64) -> Option<f64> {
    let alpha = if alpha > GREATEST_ALPHA { GREATEST_ALPHA } else { alpha };
    if is_lopsided(candidate, baseline, q) {
        let (down, up) = distances(candidate, baseline, q, alpha / 2.0)?;
        return Some(down + up);
    }
    let (down, up) = distances(candidate, baseline, q, alpha)?;
    Some((down * down + up * up).sqrt())
}

/// From the candidate's quantile down to its lower bound, and from the baseline's up to its upper bound, in nanoseconds.
fn distances(candidate: &[u64], baseline: &[u64], q: f64, alpha: f64) -> Option<(f64, f64)> {
    // An interpolated quantile may lie a little beyond a bound of large error; that is no distance.
    let down = (quantile(candidate, q) - least(candidate, q, alpha)? as f64).max(0.0);
    let up = (greatest(baseline, q, alpha)? as f64 - quantile(baseline, q)).max(0.0);
    Some((down, up))
}

/// Whether the candidate's distance would swallow the baseline's; so it is also taken to be where there is no telling.
fn is_lopsided(candidate: &[u64], baseline: &[u64], q: f64) -> bool {
    distances(candidate, baseline, q, SHAPE_ALPHA).is_none_or(|(down, up)| down > LOPSIDED * up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_hundred_against_one_hundred() {
        let baseline: Vec<u64> = (1..=100).collect();
        let candidate: Vec<u64> = (21..=120).collect();
        // p95 is 115.05 and 95.05, lc the 91st, 111, and ub the 99th, 99: 20 - sqrt(4.05^2 + 3.95^2).
        let bound = lower_bound(&candidate, &baseline, 0.95, 0.05).unwrap();
        assert!((bound - (20.0 - 4.05_f64.hypot(3.95))).abs() < 1e-12);
        // uc the 99th, 119, and lb the 91st, 91.
        let bound = upper_bound(&candidate, &baseline, 0.95, 0.05).unwrap();
        assert!((bound - (20.0 + 3.95_f64.hypot(4.05))).abs() < 1e-12);
        assert!(interval(&candidate, &baseline, 0.95, 0.90).unwrap().holds(20.0));
    }

    #[test]
    fn beyond_a_gap_both_errors_count() {
        let baseline: Vec<u64> = (1..=100).collect();
        // Six of a hundred are far away: p95 is among them, the 91st is not.
        let candidate: Vec<u64> = (21..=114).chain(1001..=1006).collect();
        assert!(is_lopsided(&candidate, &baseline, 0.95));
        // At 0.025 a side, the 90th and the hundredth.
        assert_eq!(lower_bound(&candidate, &baseline, 0.95, 0.05), Some(110.0 - 100.0));
        let p = p_value(&candidate, &baseline, 0.95, 0.0).unwrap();
        assert!(p <= 0.05 && p == 2.0 * error_of_upper(100, 0.95, 100), "{p}");
    }

    #[test]
    fn too_few_say_nothing() {
        let (few, enough): (Vec<u64>, Vec<u64>) = ((1..=58).collect(), (1..=59).collect());
        assert_eq!(p_value(&few, &enough, 0.95, 0.0), None);
        assert_eq!(p_value(&enough, &few, 0.95, 0.0), None);
        assert_eq!(p_value(&[], &[], 0.95, 0.0), None);
        assert!(p_value(&enough, &enough, 0.95, 0.0).is_some());
        assert_eq!(lower_bound(&enough, &few, 0.95, 0.05), None);
        assert_eq!(p_value(&enough, &enough, 1.0, 0.0), None);
    }

    #[test]
    fn the_same_sample_twice_differs_in_nothing() {
        let sorted: Vec<u64> = (1..=500).map(|n| n * n).collect();
        for q in [0.5, 0.9, 0.95, 0.99] {
            assert!(p_value(&sorted, &sorted, q, 0.0).unwrap_or(1.0) >= 0.3, "{q}");
        }
        assert_eq!(p_value(&[7; 500], &[7; 500], 0.95, 0.0), Some(1.0));
    }

    fn sorted(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(0u64..400, size).prop_map(|mut sample| {
            sample.sort_unstable();
            sample
        })
    }

    proptest! {
        #[test]
        fn p_agrees_with_the_bound_at_every_alpha(
            candidate in sorted(59..300), baseline in sorted(59..300), shift in 0u64..300, margin in -50.0..100.0,
            q in 0.5..0.95, alpha in 0.0001..0.6,
            far in 0usize..20,
        ) {
            let begin = candidate.len() - far;
            let shifted = candidate.iter().enumerate();
            let candidate: Vec<u64> =
                shifted.map(|(at, ns)| ns + shift + if at >= begin { 9000 } else { 0 }).collect();
            let p = p_value(&candidate, &baseline, q, margin).unwrap();
            prop_assert!(p > 0.0 && p <= 1.0);
            let shown = |alpha| lower_bound(&candidate, &baseline, q, alpha).is_some_and(|bound| bound > margin);
            for alpha in [alpha, alpha / 10.0, 0.05, 0.01, 0.001, p.min(0.99), p * (1.0 - 1e-9)] {
                prop_assert_eq!(p <= alpha, shown(alpha), "p {} alpha {}", p, alpha);
            }
        }

        #[test]
        fn a_greater_margin_has_a_greater_p(candidate in sorted(60..200), baseline in sorted(60..200), margin in -200.0..200.0) {
            let p = |margin| p_value(&candidate, &baseline, 0.9, margin).unwrap();
            prop_assert!(p(margin) <= p(margin + 10.0));
            let bound = |alpha| lower_bound(&candidate, &baseline, 0.9, alpha).unwrap();
            prop_assert!(bound(0.02) <= bound(0.05) && bound(0.05) <= bound(0.4));
            let it = interval(&candidate, &baseline, 0.9, 0.95).unwrap();
            prop_assert!(it.holds(quantile(&candidate, 0.9) - quantile(&baseline, 0.9)));
        }
    }
}
