//! What the decision would be without one root cause.

use crate::judge::evidence_gate::Without;
use crate::judge::gate::causes::CausePair;
use crate::judge::gate::decision::{About, Decision, Found};
use crate::judge::gate::rate::RateComparison;
use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::shared_sort::SharedSort;

/// For each root cause that a failing finding is about, the decision if it had not been there: its own findings go, and the
/// requests that failed by it pass.
pub(crate) fn without(
    found: &[Found],
    pairs: &[CausePair<'_>],
    error_rates: &[RateComparison],
    share_of_alpha: f64,
    policy: &Policy,
    rank_of: impl Fn(usize) -> usize,
) -> Vec<Without> {
    let failing = || found.iter().filter(|found| found.level == Level::Fail);
    let mut involved: Vec<usize> = failing()
        .flat_map(|found| &found.about)
        .filter_map(|about| if let About::Cause(pair) = about { Some(*pair) } else { None })
        .collect();
    involved.shared_sort_by_key(|&pair| rank_of(pair));
    involved.dedup();
    let still_there = |finding: &&Found, gone: usize| {
        let causes: Vec<usize> = finding
            .about
            .iter()
            .filter_map(|about| if let About::Cause(pair) = about { Some(*pair) } else { None })
            .collect();
        let still_fails = |about: &About| match about {
            About::Objective(place) => error_rates
                .get(*place)
                .zip(pairs.get(gone))
                .is_none_or(|(rate, gone)| still_fails(rate, gone, share_of_alpha, policy)),
            About::Cause(_) | About::Change(_) => false,
        };
        match (finding.rule, finding.about.first()) {
            (Rule::ErrorRate, Some(About::Objective(_))) if finding.level == Level::Fail => {
                finding.about.iter().any(still_fails)
            }
            _ => causes != [gone],
        }
    };
    involved
        .into_iter()
        .map(|gone| {
            let levels = found.iter().filter(|finding| still_there(finding, gone)).map(|finding| finding.level);
            let decision = Decision::by(levels);
            let sentence = match decision {
                Decision::NoGo => "Without this root cause the gate would still be no-go.".to_owned(),
                other => format!("Without this root cause the gate would be {}.", other.as_str()),
            };
            Without {
                reference: format!("/root_causes/{}", rank_of(gone)),
                decision: decision.as_str().to_owned(),
                sentence,
            }
        })
        .collect()
}

/// Whether the error rate of an entry point would still fail if the requests that failed by a fault had passed.
fn still_fails(rate: &RateComparison, gone: &CausePair<'_>, share_of_alpha: f64, policy: &Policy) -> bool {
    let by_it = gone.candidate.map_or(0, |facts| facts.failed_entries.of(&rate.at));
    let candidate = Counts::new(rate.candidate.events.saturating_sub(by_it), rate.candidate.trials);
    let rest = RateComparison::new(rate.at.clone(), rate.noun, candidate, rate.baseline);
    rest.p <= share_of_alpha && rest.rose_relevantly(policy) && candidate.events >= policy.least_failures
}
