//! Fisher's exact test: are the events of two groups dealt unevenly beyond chance?
//!
//! Given how many events there were in both groups together, the number in one of them is hypergeometric if the rates are
//! the same (Fisher, *The Design of Experiments*, 1935). The probabilities of the tables that speak against that are
//! summed one by one; no approximation is involved at any count.
//!
//! ```text
//!              failed   passed
//! candidate      3        1        P(3 or 4 of the 4 events here) = (16 + 1) / 70 = 0.2429   one-sided
//! baseline       1        3        tables not more likely than this one: (16 + 1 + 16 + 1) / 70 = 0.4857
//! ```

use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::hypergeometric::Hypergeometric;
use crate::judge::statistics::tail::Counted;
use crate::judge::statistics::turning_point::first_that;

/// Two probabilities are the same when their logarithms differ by less: several times the error of the computation, and
/// far below what separates two that are not the same.
const TIE: f64 = 1e-11;

/// The chance that the candidate gets this many of all the events, or more, when both rates are the same: the one-sided p
/// for "the candidate's rate is greater". From 0 (only when it is too small for a double) to 1; 1 without trials.
#[must_use]
pub fn greater(candidate: Counts, baseline: Counts) -> f64 {
    Hypergeometric::new(candidate, baseline).at_least(candidate.held().events)
}

/// The chance of all ways to deal the events that are not more likely than this one, when both rates are the same.
///
/// The definition of R's `fisher.test` and SciPy's `fisher_exact`; which of the groups comes first does not matter. From 0
/// (only when it is too small for a double) to 1; 1 without trials.
#[must_use]
pub fn two_sided(a: Counts, b: Counts) -> f64 {
    let dealt = Hypergeometric::new(a, b);
    let (seen, mode) = (a.events.clamp(dealt.first(), dealt.last()), dealt.mode());
    let limit = dealt.ln_mass(seen) + TIE;
    if dealt.ln_mass(mode) <= limit {
        return 1.0;
    }
    let unlikely = |x: u64| dealt.ln_mass(x) <= limit;
    let both = if seen < mode {
        let other = first_that(mode + 1, dealt.last() + 1, unlikely);
        dealt.downward(seen) + if other <= dealt.last() { dealt.upward(other) } else { 0.0 }
    } else {
        let likely = first_that(dealt.first(), mode, |x| !unlikely(x));
        dealt.upward(seen) + if likely > dealt.first() { dealt.downward(likely - 1) } else { 0.0 }
    };
    both.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(events: u64, trials: u64) -> Counts {
        Counts::new(events, trials)
    }

    fn close(found: f64, wanted: f64) {
        assert!((found / wanted - 1.0).abs() < 1e-12, "{found} is not {wanted}");
    }

    /// The mass of every way to deal, from Pascal's triangle: right for small counts, and nothing like the product's way.
    fn masses(a: Counts, b: Counts) -> Vec<f64> {
        let choose = |n: u64, k: u64| (0..k).fold(1.0, |so_far, i| so_far * (n - i) as f64 / (i + 1) as f64);
        let events = a.events + b.events;
        let ways = |x: u64| {
            let fits = x <= a.trials && x <= events && events - x <= b.trials;
            if fits { choose(a.trials, x) * choose(b.trials, events - x) } else { 0.0 }
        };
        (0..=events).map(|x| ways(x) / choose(a.trials + b.trials, events)).collect()
    }

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher 1935, chapter 2: all eight cups right, and six of eight.
        close(greater(counts(4, 4), counts(0, 4)), 1.0 / 70.0);
        close(greater(counts(3, 4), counts(1, 4)), 17.0 / 70.0);
        close(two_sided(counts(3, 4), counts(1, 4)), 34.0 / 70.0);
    }

    #[test]
    fn the_example_of_scipy() {
        // Whales and sharks in the documentation of scipy.stats.fisher_exact.
        close(two_sided(counts(8, 10), counts(1, 6)), 0.034_965_034_965_034_96);
        close(two_sided(counts(6, 8), counts(2, 7)), 0.131_934_731_934_731_93);
    }

    #[test]
    fn nothing_to_compare_is_no_difference() {
        for (a, b) in [((0, 0), (3, 5)), ((3, 5), (0, 0)), ((0, 5), (0, 7)), ((5, 5), (7, 7)), ((0, 0), (0, 0))] {
            let (a, b) = (counts(a.0, a.1), counts(b.0, b.1));
            assert_eq!((greater(a, b), two_sided(a, b)), (1.0, 1.0));
        }
    }

    #[test]
    fn no_count_is_too_large() {
        let most = Counts { events: u64::MAX, trials: u64::MAX };
        let none = Counts { events: 0, trials: u64::MAX };
        assert_eq!((greater(most, none), two_sided(most, none), greater(none, most)), (0.0, 0.0, 1.0));
        assert_eq!(greater(most, most), 1.0);
        let broken = Counts { events: 9, trials: 3 };
        assert!((0.0..=1.0).contains(&greater(broken, none)) && (0.0..=1.0).contains(&two_sided(broken, broken)));
    }

    proptest! {
        #[test]
        fn small_counts_are_those_of_the_definition(n in 0u64..40, m in 0u64..40, x in 0u64..40, y in 0u64..40) {
            let (a, b) = (counts(x, n), counts(y, m));
            let masses = masses(a, b);
            let seen = masses[usize::try_from(a.events).unwrap()];
            let above: f64 = masses.iter().skip(usize::try_from(a.events).unwrap()).sum();
            let unlikely: f64 = masses.iter().filter(|mass| **mass <= seen * (1.0 + 1e-9)).sum();
            prop_assert!((greater(a, b) - above).abs() <= 1e-12 * above);
            prop_assert!((two_sided(a, b) - unlikely).abs() <= 1e-12 * unlikely);
        }

        #[test]
        fn p_is_a_probability_and_order_does_not_matter(x in any::<u64>(), n in 0u64..1 << 24, y in any::<u64>(), m in 0u64..1 << 24) {
            let (a, b) = (counts(x % (n + 1), n), counts(y % (m + 1), m));
            let p = two_sided(a, b);
            prop_assert!((0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&greater(a, b)));
            prop_assert!((two_sided(b, a) - p).abs() <= 1e-9 * p);
            // What did not happen is dealt just as unevenly.
            let (not_a, not_b) = (counts(a.others(), n), counts(b.others(), m));
            prop_assert!((two_sided(not_a, not_b) - p).abs() <= 1e-9 * p);
            prop_assert!((greater(not_b, not_a) - greater(a, b)).abs() <= 1e-9 * greater(a, b));
            // Both one-sided tests hold the observed table.
            prop_assert!(greater(a, b) + greater(b, a) >= 1.0 - 1e-9);
        }

        #[test]
        fn more_failures_of_the_candidate_speak_more(n in 1u64..5000, x in 0u64..5000, m in 0u64..5000, y in 0u64..5000) {
            let baseline = counts(y, m);
            let (fewer, more) = (counts(x % n, n), counts(x % n + 1, n));
            prop_assert!(greater(more, baseline) <= greater(fewer, baseline) * (1.0 + 1e-12));
            // More failures of the baseline speak less.
            let worse = counts(y.min(m) + 1, m.max(1));
            prop_assert!(m == 0 || greater(fewer, worse) >= greater(fewer, baseline) * (1.0 - 1e-12));
        }
    }
}
