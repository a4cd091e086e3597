//! How long the passing requests of each entry point took, candidate against baseline.

use crate::facts::cause::OperationName;
use crate::facts::quantile::quantile;
use crate::judge::evidence_gate::Objective;
use crate::judge::gate::error_rates::result;
use crate::judge::gate::family::{Family, Outcome, Trial};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::{in_ms, ms, place, rounded, significant};
use crate::judge::policy::Policy;
use crate::judge::rule::Rule;
use crate::judge::statistics::cliffs_delta::cliffs_delta;
use crate::judge::statistics::order_statistic::{self, least_n};
use crate::judge::statistics::{power, quantile_difference};

/// The passing requests of one entry point.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DurationComparison {
    /// Which entry point.
    pub(crate) at: OperationName,
    /// Durations of the candidate, in nanoseconds, sorted.
    pub(crate) candidate: Vec<u64>,
    /// Durations of the baseline, in nanoseconds, sorted.
    pub(crate) baseline: Vec<u64>,
    /// The chance of so much slower a quantile if it had grown by no more than is relevant; `None` when too few passed.
    pub(crate) p: Option<f64>,
}

/// Compares every entry point that has requests on both sides, in the order of their names.
pub(crate) fn durations(sides: &Sides<'_>, policy: &Policy) -> Vec<DurationComparison> {
    let mut comparisons = Vec::new();
    for (name, candidate) in &sides.candidate.entries {
        let Some(baseline) = sides.baseline.entries.get(name) else { continue };
        let sorted = |durations: &[u64]| {
            let mut sorted = durations.to_vec();
            sorted.sort_unstable();
            sorted
        };
        let (candidate, baseline) = (sorted(&candidate.passing), sorted(&baseline.passing));
        let margin = policy.relevant_slowdown_of(quantile(&baseline, policy.quantile));
        let p = (candidate.len().min(baseline.len()) as u64 >= needed(policy))
            .then(|| quantile_difference::p_value(&candidate, &baseline, policy.quantile, margin))
            .flatten();
        comparisons.push(DurationComparison { at: name.clone(), candidate, baseline, p });
    }
    comparisons
}

/// Requests on each side without which a quantile is not judged.
pub(crate) fn needed(policy: &Policy) -> u64 {
    least_n(policy.quantile, 1.0 - policy.confidence)
}

/// `None` when it is not judged.
pub(crate) fn trial(durations: &DurationComparison, policy: &Policy) -> Option<Trial> {
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let baseline = durations.baseline.len() as f64;
    // Even the slowest of the baseline may lie below its true quantile, with this chance.
    let attainable = policy.quantile.powf(baseline);
    // Relevance is in the margin that p is asked for.
    Some(Trial { rule: Rule::Slower, p: durations.p?, attainable, relevant: true })
}

/// The objective; `in_place` is that of its trial, if it was judged.
pub(crate) fn objective(
    durations: &DurationComparison,
    in_place: Option<usize>,
    family: &Family,
    policy: &Policy,
) -> Objective {
    let DurationComparison { at, candidate, baseline, p } = durations;
    let named = format!("p{}", rounded(100.0 * policy.quantile));
    let value = (!candidate.is_empty()).then(|| quantile(candidate, policy.quantile));
    let before = (!baseline.is_empty()).then(|| quantile(baseline, policy.quantile));
    let outcome = in_place.map_or(Outcome::NotShown, |place| family.outcome(place));
    let judged = |number: Option<f64>| in_place.and(number);
    let interval = in_place
        .and_then(|_| quantile_difference::interval(candidate, baseline, policy.quantile, policy.confidence))
        .map(|interval| [in_ms(interval.lower), in_ms(interval.upper)]);
    // What could have been shown lies above what matters anyway.
    let margin = policy.relevant_slowdown_of(before.unwrap_or_default());
    let smallest = power::smallest_quantile_rise(candidate, baseline, policy.quantile, family.share_of_alpha(policy));
    let smallest = judged(smallest).map(|rise| in_ms(rise + margin));
    let words = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), |value| ms(in_ms(value)));
    let both = format!("{}, before {}", words(value), words(before));
    let passing = format!("{} and {} passing requests", candidate.len(), baseline.len());
    let where_it_is = place(at);
    let sentence = match (outcome, in_place, smallest) {
        (Outcome::Rose, ..) => {
            format!("{where_it_is} became slower: {named} of passing requests is {both} ({passing}).")
        }
        (Outcome::Suspected, ..) => format!(
            "{where_it_is} may have become slower: {named} of passing requests is {both} ({passing}). \
             Among so many comparisons that may be chance."
        ),
        (_, None, _) if baseline.is_empty() => {
            format!("{where_it_is}: no request passed in the baseline, so slowness has no measure.")
        }
        (_, None, _) => format!(
            "{where_it_is}: {passing} are too few to judge {named} ({both}); {} on each side would do.",
            needed(policy)
        ),
        (_, Some(_), Some(rise)) => format!(
            "{where_it_is}: {named} of passing requests is {both} ({passing}); a rise of {} or more would have been seen.",
            ms(rise)
        ),
        (_, Some(_), None) => format!(
            "{where_it_is}: {named} of passing requests is {both} ({passing}); too few to be sure of any rise among so \
             many comparisons."
        ),
    };
    Objective {
        name: format!("{named} of {} {}", at.service, at.operation),
        rule: Rule::Slower.code().to_owned(),
        service: at.service.clone(),
        operation: at.operation.clone(),
        result: result(outcome, smallest.is_some(), policy.level(Rule::Slower)).to_owned(),
        value: value.map(in_ms),
        unit: "ms".to_owned(),
        baseline: before.map(in_ms),
        limit: before.map(|before| in_ms(before + margin)),
        n: candidate.len() as u64,
        baseline_n: baseline.len() as u64,
        value_interval: order_statistic::interval(candidate, policy.quantile, policy.confidence)
            .map(|interval| [in_ms(interval.lower), in_ms(interval.upper)]),
        interval,
        p_value: p.map(significant),
        p_adjusted: in_place.and_then(|place| family.adjusted(place)).map(significant),
        effect_size: (!candidate.is_empty() && !baseline.is_empty())
            .then(|| rounded(cliffs_delta(candidate, baseline))),
        smallest_rise: smallest,
        needed: in_place.is_none().then(|| needed(policy)),
        sentence,
    }
}
