//! How many more of a place's spans show something than the baseline's own drift explains.

use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::{fisher, rate_bound};

/// In a stretch of the baseline with fewer spans than this, a share says nothing.
const STRETCH: u64 = 5;

/// Confidence of the share that is held to show it at least.
const CONFIDENCE: f64 = 0.95;

/// Spans that show something, on both sides.
///
/// ```text
/// baseline, stretch by stretch    2 %  0 %  5 %  1 %  3 %         pooled 2 %, the worst stretch 5 %
/// candidate                       18 of 40: 31 % at least          excess 26 points
/// ```
///
/// A window differs from another one hour later even when nothing was changed: so the candidate is held against the worst
/// stretch of the baseline, and not only against all of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Excess {
    /// Spans of the candidate, and those that show it.
    pub(crate) candidate: Counts,
    /// Spans of the baseline, and those that show it.
    pub(crate) baseline: Counts,
    /// The share that shows it in the worst stretch of the baseline.
    pub(crate) worst: f64,
    /// Stretches of the baseline that could tell.
    pub(crate) stretches: usize,
    /// The share that shows it in the candidate at least, less `worst`.
    pub(crate) share: f64,
    /// The chance of so many if nothing had changed: against all of the baseline (Fisher), and against its worst stretch
    /// (binomial), whichever is greater.
    pub(crate) p: f64,
}

impl Excess {
    /// `None` where the candidate shows it no more often than the baseline's worst stretch. `touched` are spans of the candidate
    /// that a failure touched: nobody knows what they would have shown, so they are held to show nothing.
    ///
    /// ```text
    /// half of all requests call cart, all of these calls fail, and what failed is not looked at
    /// baseline    without a call of cart    100 of 200         half
    /// candidate   without a call of cart    100 of 100         all that are left: but half of 100 and 100 touched
    /// ```
    pub(crate) fn of(
        candidate: Counts,
        touched: u64,
        baseline: Counts,
        stretches: impl Iterator<Item = Counts>,
    ) -> Option<Self> {
        let (mut worst, mut told) = (baseline.rate(), 0);
        for stretch in stretches.filter(|stretch| stretch.trials >= STRETCH) {
            told += 1;
            worst = worst.max(rate_bound::middle(stretch));
        }
        let held = Counts::new(candidate.events, candidate.trials + touched);
        if held.rate() <= worst {
            return None;
        }
        let share = rate_bound::lower(held, CONFIDENCE) - worst;
        if share <= 0.0 {
            return None;
        }
        let drift = if worst > 0.0 { rate_bound::at_least(held, worst) } else { 0.0 };
        let p = fisher::greater(held, baseline).max(drift);
        Some(Self { candidate, baseline, worst, stretches: told, share, p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excess(candidate: (u64, u64), stretches: &[(u64, u64)]) -> Option<Excess> {
        let stretches: Vec<Counts> = stretches.iter().map(|&(events, trials)| Counts::new(events, trials)).collect();
        let (events, trials) = stretches.iter().fold((0, 0), |(e, t), it| (e + it.events, t + it.trials));
        Excess::of(Counts::new(candidate.0, candidate.1), 0, Counts::new(events, trials), stretches.into_iter())
    }

    #[test]
    fn what_is_left_after_failures_is_no_excess() {
        let known = Counts::new(100, 200);
        let of = |touched| Excess::of(Counts::new(100, 100), touched, known, [known].into_iter());
        assert!(of(0).is_some_and(|excess| excess.share > 0.4));
        assert_eq!(of(100), None);
        // What nearly no span of the baseline showed is none of these, however many fail.
        let hardly = Excess::of(Counts::new(100, 100), 100, Counts::new(1, 200), [Counts::new(1, 200)].into_iter());
        let excess = hardly.expect("an excess");
        assert!(excess.share > 0.3 && excess.candidate == Counts::new(100, 100), "{excess:?}");
    }

    #[test]
    fn what_the_baseline_did_in_its_worst_stretch_is_no_excess() {
        assert_eq!(excess((20, 100), &[(0, 100), (30, 100), (0, 100)]), None);
        assert_eq!(excess((0, 100), &[(0, 100)]), None);
        let clear = excess((90, 100), &[(0, 100), (30, 100), (0, 100)]).expect("an excess");
        assert!(clear.share > 0.5 && clear.p < 1e-20, "{clear:?}");
        assert_eq!(clear.stretches, 3);
    }

    #[test]
    fn a_burst_that_is_rare_as_a_whole_still_counts() {
        let steady = excess((12, 100), &[(2, 100), (2, 100), (2, 100)]).expect("an excess");
        assert!(steady.p < 1e-3, "{steady:?}");
        assert_eq!(excess((12, 100), &[(0, 100), (0, 100), (0, 100), (12, 60)]), None);
    }

    #[test]
    fn a_few_spans_say_little() {
        let few = excess((3, 3), &[(0, 40)]).expect("an excess");
        assert!(few.share < 0.4 && few.p > 1e-5, "{few:?}");
        let thin = excess((3, 3), &[(4, 4), (0, 400)]).expect("four spans are no stretch");
        assert_eq!(thin.stretches, 1);
    }
}
