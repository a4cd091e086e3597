//! What a sample could have shown, and how large one would have to be.
//!
//! "No difference was found" means little when none could have been: so every comparison says what it could have seen. All
//! of it is computed; no sample is drawn.

use crate::judge::statistics::binomial::rate_for_at_least;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher::greater;
use crate::judge::statistics::quantile_difference::reach;
use crate::judge::statistics::turning_point::first_that;

/// The most requests a side that are thought of when asking how many would settle a question.
const MOST_REQUESTS: u64 = 1 << 30;

/// The least true rate of a candidate of this many trials that [`greater`] finds significant at `alpha`, against this
/// baseline, with a chance of `power` or more. None when no outcome would be: too few trials, or a baseline that hardly
/// can be exceeded.
///
/// ```text
/// least significant count x*:  greater(x* of n, baseline) <= alpha < greater(x*-1 of n, baseline)
/// least rate:                  P(x* or more of n come at that rate) = power
/// ```
#[must_use]
pub fn smallest_rate(baseline: Counts, candidate_trials: u64, alpha: f64, power: f64) -> Option<f64> {
    let trials = Counts::new(0, candidate_trials).trials;
    let significant = |events: u64| is_significant(Counts { events, trials }, baseline, alpha);
    let least = first_that(0, trials + 1, significant);
    (least <= trials).then(|| rate_for_at_least(least, trials, power))
}

/// How far [`smallest_rate`] lies above the baseline's observed rate, 0 to 1 (0.01 is one percentage point).
#[must_use]
pub fn smallest_rate_rise(baseline: Counts, candidate_trials: u64, alpha: f64, power: f64) -> Option<f64> {
    Some((smallest_rate(baseline, candidate_trials, alpha, power)? - baseline.rate()).max(0.0))
}

/// With how many requests on each side the observed rates would be significant at `alpha` in the sense of [`greater`].
///
/// The candidate's events are rounded down and the baseline's up, so that the number does not promise too much. None
/// when the candidate's rate is not greater, or when a billion requests would not do.
#[must_use]
pub fn requests_to_settle(candidate: Counts, baseline: Counts, alpha: f64) -> Option<u64> {
    let (candidate, baseline) = (candidate.held(), baseline.held());
    if candidate.trials == 0 || baseline.trials == 0 || candidate.rate() <= baseline.rate() {
        return None;
    }
    let scaled = |counts: Counts, n: u64, round_up: u128| {
        let events = u128::from(counts.events) * u128::from(n) + round_up * u128::from(counts.trials.saturating_sub(1));
        Counts::new(u64::try_from(events / u128::from(counts.trials)).unwrap_or(u64::MAX), n)
    };
    let settled = |n: u64| is_significant(scaled(candidate, n, 0), scaled(baseline, n, 1), alpha);
    let mut enough = 1;
    while !settled(enough) {
        enough *= 2;
        if enough > MOST_REQUESTS {
            return None;
        }
    }
    Some(first_that(enough / 2 + 1, enough, settled))
}

/// The least rise of the quantile `q` that could have been significant at `alpha`, in nanoseconds: how far the lower bound
/// of [`quantile_difference`] lies below the difference. None when a sample is too small for its bound;
/// [`least_n`] says how many durations would do.
///
/// [`quantile_difference`]: crate::judge::statistics::quantile_difference
/// [`least_n`]: crate::judge::statistics::order_statistic::least_n
#[must_use]
pub fn smallest_quantile_rise(candidate: &[u64], baseline: &[u64], q: f64, alpha: f64) -> Option<f64> {
    reach(candidate, baseline, q, alpha)
}

/// Whether the test speaks at this alpha; never at an alpha of nothing, below which a p may still have underflowed.
fn is_significant(candidate: Counts, baseline: Counts, alpha: f64) -> bool {
    alpha > 0.0 && greater(candidate, baseline) <= alpha
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::statistics::binomial::Binomial;
    use crate::judge::statistics::tail::Counted;
    use proptest::prelude::*;

    #[test]
    fn none_of_a_hundred_before() {
        // Five of 100 against none of 100 has p = 0.0295, four has 0.0606: the rate by which five come four times of five.
        let baseline = Counts::new(0, 100);
        let rise = smallest_rate_rise(baseline, 100, 0.05, 0.8).unwrap();
        assert!((Binomial::new(100, rise).at_least(5) - 0.8).abs() < 1e-9);
        assert!((rise - 0.0663).abs() < 1e-3, "{rise}");
    }

    #[test]
    fn what_nothing_could_show_is_none() {
        assert_eq!(smallest_rate_rise(Counts::new(0, 4), 4, 0.01, 0.8), None);
        assert_eq!(smallest_rate_rise(Counts::new(100, 100), 100, 0.01, 0.8), None);
        assert_eq!(smallest_rate_rise(Counts::default(), 100, 0.01, 0.8), None);
        assert_eq!(requests_to_settle(Counts::new(1, 10), Counts::new(1, 10), 0.01), None);
        assert_eq!(requests_to_settle(Counts::new(1, 10), Counts::new(0, 0), 0.01), None);
        assert_eq!(requests_to_settle(Counts::new(1, 10), Counts::new(0, 10), 0.0), None);
        assert_eq!(smallest_quantile_rise(&[1; 58], &[1; 58], 0.95, 0.05), None);
    }

    #[test]
    fn a_rise_of_a_quantile_beyond_the_smallest_is_seen() {
        let baseline: Vec<u64> = (1..=300).collect();
        let reach = smallest_quantile_rise(&baseline, &baseline, 0.95, 0.01).unwrap();
        for (shift, seen) in [(reach + 1.0, true), (reach - 1.0, false)] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some nanoseconds")]
            let candidate: Vec<u64> = baseline.iter().map(|ns| ns + shift as u64).collect();
            let bound = crate::judge::statistics::quantile_difference::lower_bound(&candidate, &baseline, 0.95, 0.01);
            assert_eq!(bound.unwrap() > 0.0, seen);
        }
    }

    proptest! {
        #[test]
        fn the_smallest_rate_has_the_power_asked_for(y in 0u64..50, m in 50u64..2000, n in 50u64..2000) {
            let baseline = Counts::new(y, m);
            if let Some(rate) = smallest_rate(baseline, n, 0.01, 0.8) {
                let power_at = |rate: f64| -> f64 {
                    let drawn = Binomial::new(n, rate);
                    let seen = (0..=n).filter(|x| greater(Counts::new(*x, n), baseline) <= 0.01);
                    seen.map(|x| drawn.ln_mass(x).exp()).sum()
                };
                prop_assert!((power_at(rate) - 0.8).abs() < 1e-9);
            }
        }

        #[test]
        fn what_settles_is_significant(x in 1u64..100, y in 0u64..100, n in 100u64..1000, m in 100u64..1000) {
            let (candidate, baseline) = (Counts::new(x, n), Counts::new(y, m));
            if let Some(enough) = requests_to_settle(candidate, baseline, 0.01) {
                let at = |rate: f64| rate * enough as f64;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of requests")]
                let (more, less) = (at(candidate.rate()).ceil() as u64, at(baseline.rate()).floor() as u64);
                prop_assert!(greater(Counts::new(more, enough), Counts::new(less, enough)) <= 0.01);
            } else {
                prop_assert!(candidate.rate() - baseline.rate() < 1e-3);
            }
        }
    }
}
