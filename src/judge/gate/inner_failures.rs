//! Failures that no entry point shows: an operation fails and its callers get over it, calls need another attempt, a service
//! gets over a failing call, an exception is only logged.
//!
//! They are compared by operation and not by signature: what counts is that an operation newly fails, in whatever words.

use crate::facts::cause::{CauseFacts, EffectRank, OperationName};
use crate::judge::gate::causes::{CausePair, Sort, requests_for};
use crate::judge::gate::family::Trial;
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::rule::Rule;
use crate::judge::statistics::counts::Counts;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;

/// All failures of one sort at one operation.
#[derive(Clone, Debug)]
pub(crate) struct InnerFailures {
    /// How they ended.
    pub(crate) sort: Sort,
    /// Traces with such a failure, of the requests for the operation.
    pub(crate) rate: RateComparison,
    /// The faults among them that the candidate has, by their place in the list of pairs, the most frequent first.
    pub(crate) pairs: Vec<usize>,
    /// Different traces of the candidate that are known to hold such a failure: one that holds several is no more than one.
    pub(crate) traces: u64,
}

impl InnerFailures {
    /// The rule that it is judged by.
    pub(crate) fn rule(&self) -> Rule {
        self.sort.rule()
    }

    pub(crate) fn trial(&self, policy: &Policy) -> Trial {
        let enough = self.traces >= policy.least_failures;
        Trial {
            rule: self.rule(),
            p: self.rate.p,
            attainable: self.rate.attainable(),
            relevant: enough && self.rate.rose_relevantly(policy),
        }
    }
}

/// Gathers such failures by sort and operation, and compares those that have requests on both sides.
pub(crate) fn inner_failures(pairs: &[CausePair<'_>], sides: &Sides<'_>) -> Vec<InnerFailures> {
    let mut by_operation: OrderedMap<(Sort, &OperationName), Vec<usize>> = OrderedMap::new();
    for (place, pair) in pairs.iter().enumerate() {
        // Of what began where requests have no number of their own there is nothing to compare (`not_told_apart.rs`).
        if !pair.began_where_requests_are_counted(sides) {
            continue;
        }
        if let (Some(sort), Some(facts)) = (pair.sort(sides), pair.facts()) {
            by_operation.entry((sort, &facts.sample.at)).or_default().push(place);
        }
    }
    let compared = |((sort, at), places): ((Sort, &OperationName), Vec<usize>)| {
        let faults = places.iter().flat_map(|&place| [pairs[place].candidate, pairs[place].baseline]).flatten();
        let (requests, before, noun) = requests_for(sides, faults);
        let events = |of: fn(&CausePair<'_>) -> Option<u64>| places.iter().filter_map(|&place| of(&pairs[place])).sum();
        // A trace may hold several of them: no more than all requests failed.
        let candidate = Counts::new(events(|pair| pair.candidate.map(unnoticed)), requests);
        let baseline = Counts::new(events(|pair| pair.baseline.map(unnoticed)), before);
        let mut there: Vec<usize> = places.into_iter().filter(|&place| pairs[place].candidate.is_some()).collect();
        there.shared_sort_by_key(|&place| std::cmp::Reverse(pairs[place].candidate.map(unnoticed)));
        let traces = different_traces(there.iter().filter_map(|&place| pairs[place].candidate));
        let rate = RateComparison::new(at.clone(), noun, candidate, baseline);
        (candidate.trials > 0 && baseline.trials > 0).then_some(InnerFailures { sort, rate, pairs: there, traces })
    };
    by_operation.into_iter().filter_map(compared).collect()
}

/// In how many different traces faults failed no entry point, as far as is known: those of the most frequent of them, or all
/// that are kept as exemplars. Less than the truth only where there are more than either.
pub(crate) fn different_traces<'f>(faults: impl Iterator<Item = &'f CauseFacts>) -> u64 {
    let (mut most, mut known) = (0, OrderedSet::new());
    for facts in faults {
        most = most.max(unnoticed(facts));
        let ended = facts.exemplars.iter().filter(|exemplar| exemplar.rank != EffectRank::Fatal);
        known.extend(ended.map(|exemplar| exemplar.trace));
    }
    most.max(known.len() as u64)
}

/// Traces in which a fault failed no entry point.
pub(crate) fn unnoticed(facts: &CauseFacts) -> u64 {
    facts.traces - facts.fatal
}
