//! The failures of each entry point, candidate against baseline.

use crate::facts::cause::OperationName;
use crate::facts::entry_facts::EntryFacts;
use crate::judge::evidence_gate::Objective;
use crate::judge::gate::family::{Family, Outcome, Trial};
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::{place, rounded, significant};
use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::{clopper_pearson, newcombe, power};

/// Compares every entry point that has requests on both sides, in the order of their names.
pub(crate) fn error_rates(sides: &Sides<'_>) -> Vec<RateComparison> {
    let compared = |(name, candidate): (&OperationName, &EntryFacts)| {
        let baseline = sides.baseline.entries.get(name)?;
        Some(RateComparison::new(
            name.clone(),
            "request",
            Counts::new(candidate.failed, candidate.total),
            Counts::new(baseline.failed, baseline.total),
        ))
    };
    sides.candidate.entries.iter().filter_map(compared).collect()
}

pub(crate) fn trial(rate: &RateComparison, sides: &Sides<'_>, policy: &Policy) -> Trial {
    // Several requests of one trace that failed are one occasion.
    let traces = sides.candidate.entries.get(&rate.at).map_or(0, |entry| entry.failing_traces);
    Trial {
        rule: Rule::ErrorRate,
        p: rate.p,
        // Had every request failed, instead of as many as did.
        attainable: all_failing(rate),
        relevant: rate.rose_relevantly(policy) && traces >= policy.least_failures,
    }
}

/// The p that it would have had if every request of the candidate had failed.
fn all_failing(rate: &RateComparison) -> f64 {
    let all = Counts::new(rate.candidate.trials, rate.candidate.trials);
    RateComparison::new(rate.at.clone(), rate.noun, all, rate.baseline).p
}

pub(crate) fn objective(rate: &RateComparison, in_place: usize, family: &Family, policy: &Policy) -> Objective {
    let OperationName { service, operation } = &rate.at;
    let outcome = family.outcome(in_place);
    let interval = newcombe::difference(rate.candidate, rate.baseline, policy.confidence);
    let own = clopper_pearson::interval(rate.candidate, policy.confidence);
    let smallest =
        power::smallest_rate_rise(rate.baseline, rate.candidate.trials, family.share_of_alpha(policy), policy.power);
    let where_it_is = place(&rate.at);
    let sentence = match outcome {
        Outcome::Rose => format!("More requests of {where_it_is} fail: {}.", rate.words()),
        Outcome::Suspected => {
            format!(
                "More requests of {where_it_is} fail: {}. Among so many comparisons that may be chance.",
                rate.words()
            )
        }
        Outcome::NotShown => {
            let seen = match smallest {
                Some(rise) => {
                    let least = rate.baseline.rate() + rise;
                    format!("a rise to {} or more would have been seen", percentage(least))
                }
                None if rate.baseline.events > 0 => "no rise above that could have been seen".to_owned(),
                None => "too few to see any rise".to_owned(),
            };
            format!("{where_it_is} fails {}; {seen}.", rate.words())
        }
    };
    Objective {
        name: format!("error rate of {service} {operation}"),
        rule: Rule::ErrorRate.code().to_owned(),
        service: service.clone(),
        operation: operation.clone(),
        result: result(outcome, smallest.is_some(), policy.level(Rule::ErrorRate)).to_owned(),
        value: Some(rounded(rate.candidate.rate())),
        unit: "ratio".to_owned(),
        baseline: Some(rounded(rate.baseline.rate())),
        limit: Some(rounded((rate.baseline.rate() + policy.relevant_error_rate).min(1.0))),
        n: rate.candidate.trials,
        baseline_n: rate.baseline.trials,
        value_interval: Some([rounded(own.lower), rounded(own.upper)]),
        interval: Some([rounded(interval.lower), rounded(interval.upper)]),
        p_value: Some(significant(rate.p)),
        p_adjusted: family.adjusted(in_place).map(significant),
        effect_size: None,
        smallest_rise: smallest.map(rounded),
        needed: None,
        sentence,
    }
}

/// The word for what came of an objective.
pub(crate) fn result(outcome: Outcome, judged: bool, level: Level) -> &'static str {
    match (outcome, level) {
        (Outcome::Rose, Level::Fail) => "fail",
        (Outcome::Rose, Level::Inconclusive | Level::Warn) | (Outcome::Suspected, _) => "warn",
        (Outcome::Rose, Level::Info) => "info",
        (Outcome::NotShown, _) if !judged => "not-judged",
        (Outcome::NotShown, _) => "pass",
    }
}

/// `5.1 %` of a share, 0 to 1.
fn percentage(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
