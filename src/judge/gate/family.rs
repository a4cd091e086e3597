//! All comparisons that could fail a gate, corrected for how many they are.

use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::holm;

/// One comparison.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Trial {
    /// The rule that it may give a finding of.
    pub(crate) rule: Rule,
    /// The chance of a rise as large if nothing had changed.
    pub(crate) p: f64,
    /// The least that `p` could have been, whatever the candidate did.
    pub(crate) attainable: f64,
    /// The rise matters, and rests on as many failures as the policy asks for.
    pub(crate) relevant: bool,
}

/// What came of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It rose: relevantly, and significantly among all reasons together.
    Rose,
    /// It rose relevantly, and by itself significantly; among so many comparisons that may be chance.
    Suspected,
    /// It did not rise, or nobody can tell.
    NotShown,
}

/// Comparisons with what they are worth among the others.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Family {
    outcomes: Vec<(Option<f64>, Outcome)>,
    size: usize,
}

impl Family {
    /// Corrects those that can fail the gate by this policy (Holm 1979). Those that could not have been significant
    /// whatever the candidate did take no part, and cost the others nothing.
    pub(crate) fn of(trials: &[Trial], policy: &Policy) -> Self {
        let takes_part = |trial: &Trial| policy.level(trial.rule) == Level::Fail && trial.attainable <= policy.alpha;
        let family: Vec<f64> = trials.iter().filter(|trial| takes_part(trial)).map(|trial| trial.p).collect();
        let mut adjusted = holm::adjusted(&family).into_iter();
        let outcome = |trial: &Trial| {
            let corrected = if takes_part(trial) { adjusted.next() } else { None };
            // Without a part in the family nothing fails, and there is nothing to correct for.
            let decides = corrected.unwrap_or(if policy.level(trial.rule) == Level::Fail { 1.0 } else { trial.p });
            // What is too small a sample to fail the gate may still be worth a look.
            let suspicious = if corrected.is_some() { policy.alpha } else { 1.0 - policy.confidence };
            let outcome = match trial.relevant {
                true if decides <= policy.alpha => Outcome::Rose,
                true if trial.p <= suspicious => Outcome::Suspected,
                _ => Outcome::NotShown,
            };
            (corrected, outcome)
        };
        Self { outcomes: trials.iter().map(outcome).collect(), size: family.len() }
    }

    /// What came of the trial in this place.
    pub(crate) fn outcome(&self, place: usize) -> Outcome {
        self.outcomes.get(place).map_or(Outcome::NotShown, |&(_, outcome)| outcome)
    }

    /// Its corrected p; `None` for one that took no part.
    pub(crate) fn adjusted(&self, place: usize) -> Option<f64> {
        self.outcomes.get(place).and_then(|&(adjusted, _)| adjusted)
    }

    /// The p that is enough whatever the others are: alpha shared by all.
    pub(crate) fn share_of_alpha(&self, policy: &Policy) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        let size = self.size.max(1) as f64;
        policy.alpha / size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(rule: Rule, p: f64) -> Trial {
        Trial { rule, p, attainable: 0.0, relevant: true }
    }

    #[test]
    fn one_of_many_must_be_clearer_than_one_alone() {
        let policy = Policy::default();
        let alone = Family::of(&[trial(Rule::ErrorRate, 0.005)], &policy);
        assert_eq!(alone.outcome(0), Outcome::Rose);
        let among: Vec<Trial> = std::iter::once(0.005).chain([0.5; 9]).map(|p| trial(Rule::ErrorRate, p)).collect();
        let family = Family::of(&among, &policy);
        assert_eq!((family.outcome(0), family.outcome(1)), (Outcome::Suspected, Outcome::NotShown));
        assert!((family.share_of_alpha(&policy) - 0.001).abs() < 1e-15);
    }

    #[test]
    fn what_could_not_fail_the_gate_costs_nothing() {
        let hopeless = Trial { attainable: 0.3, ..trial(Rule::NewRootCause, 0.3) };
        let warning = trial(Rule::Retries, 0.004);
        let mut trials = vec![trial(Rule::ErrorRate, 0.008), warning];
        trials.extend([hopeless; 50]);
        let family = Family::of(&trials, &Policy::default());
        assert_eq!(family.outcome(0), Outcome::Rose);
        assert_eq!((family.adjusted(1), family.outcome(1)), (None, Outcome::Rose));
        assert_eq!((family.adjusted(2), family.outcome(2)), (None, Outcome::NotShown));
    }

    #[test]
    fn too_small_a_sample_may_be_suspicious() {
        let few = Trial { attainable: 0.014, ..trial(Rule::ErrorRate, 0.014) };
        assert_eq!(Family::of(&[few], &Policy::default()).outcome(0), Outcome::Suspected);
        let fewer = Trial { attainable: 0.1, ..trial(Rule::ErrorRate, 0.1) };
        assert_eq!(Family::of(&[fewer], &Policy::default()).outcome(0), Outcome::NotShown);
    }

    #[test]
    fn what_does_not_matter_never_rises() {
        let slight = Trial { relevant: false, ..trial(Rule::Slower, 1e-12) };
        assert_eq!(Family::of(&[slight], &Policy::default()).outcome(0), Outcome::NotShown);
    }
}
