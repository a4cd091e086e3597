//! How often something happened at one operation, candidate against baseline.

use crate::facts::cause::OperationName;
use crate::judge::policy::Policy;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::wording::percent;

/// Counts of both sides, and how surprising they are.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RateComparison {
    /// Where it was counted.
    pub(crate) at: OperationName,
    /// What it is a part of, such as `request`.
    pub(crate) noun: &'static str,
    /// The candidate's counts.
    pub(crate) candidate: Counts,
    /// The baseline's counts.
    pub(crate) baseline: Counts,
    /// The chance of so many in the candidate if nothing had changed (Fisher, one-sided).
    pub(crate) p: f64,
}

impl RateComparison {
    pub(crate) fn new(at: OperationName, noun: &'static str, candidate: Counts, baseline: Counts) -> Self {
        let p = fisher::greater(candidate, baseline);
        Self { at, noun, candidate, baseline, p }
    }

    /// The least `p` that this many events could have had, however they fall: below it nothing can be found, so that a
    /// comparison that never gets there need not be corrected for (Tarone, "A modified Bonferroni method for discrete
    /// data", Biometrics 46, 1990).
    pub(crate) fn attainable(&self) -> f64 {
        let events = self.candidate.events + self.baseline.events;
        let candidate = Counts::new(events, self.candidate.trials);
        fisher::greater(candidate, Counts::new(events - candidate.events, self.baseline.trials))
    }

    /// Whether the rate rose by as much as matters.
    pub(crate) fn rose_relevantly(&self, policy: &Policy) -> bool {
        let rise = self.candidate.rate() - self.baseline.rate();
        // A rounding error decides nothing.
        rise > 0.0 && rise >= policy.relevant_error_rate - 1e-12
    }

    /// The same with the sides exchanged.
    pub(crate) fn reversed(&self) -> Self {
        Self::new(self.at.clone(), self.noun, self.baseline, self.candidate)
    }

    /// Whether by itself it rose, significantly and relevantly.
    pub(crate) fn rose(&self, policy: &Policy) -> bool {
        self.p <= policy.alpha && self.rose_relevantly(policy)
    }

    /// `125 of 125 requests (100 %), before 0 of 132 (0 %)`.
    pub(crate) fn words(&self) -> String {
        let Self { candidate, baseline, noun, .. } = self;
        let plural = if candidate.trials == 1 { "" } else { "s" };
        format!(
            "{} of {} {noun}{plural} ({}), before {} of {} ({})",
            candidate.events,
            candidate.trials,
            percent(candidate.events, candidate.trials),
            baseline.events,
            baseline.trials,
            percent(baseline.events, baseline.trials),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(candidate: (u64, u64), baseline: (u64, u64)) -> RateComparison {
        let at = OperationName { service: "shop".to_owned(), operation: "GET /".to_owned() };
        RateComparison::new(at, "request", Counts::new(candidate.0, candidate.1), Counts::new(baseline.0, baseline.1))
    }

    #[test]
    fn a_single_failure_can_never_be_found() {
        let single = comparison((1, 100), (0, 100));
        assert!(single.p > 0.49 && single.attainable() > 0.49);
        let many = comparison((5, 100), (5, 100));
        assert!(many.p > 0.5 && many.attainable() < 0.001, "ten could all have fallen into the candidate");
    }

    #[test]
    fn significance_and_relevance_are_both_asked_for() {
        let policy = Policy::default();
        assert!(comparison((20, 100), (0, 100)).rose(&policy));
        assert!(!comparison((500, 100_000), (300, 100_000)).rose(&policy), "significant, and half a per mille");
        assert!(!comparison((3, 100), (0, 100)).rose(&policy), "three percent, and chance");
        assert!(comparison((0, 100), (20, 100)).reversed().rose(&policy));
    }

    #[test]
    fn counts_are_told_with_their_denominators() {
        assert_eq!(comparison((125, 125), (0, 132)).words(), "125 of 125 requests (100 %), before 0 of 132 (0 %)");
    }
}
