//! Whom the decision is about: entry points whose requests fail, became slower, or were touched.

use crate::judge::evidence::{EntryPoint, Evidence};
use crate::judge::evidence_cause::EntryPointDegraded;
use crate::judge::evidence_gate::Objective;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::report::decisive::Decisive;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// One entry point, and what happened to its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hit<'e> {
    /// Requests fail; with the objective of its error rate, if there is one.
    Fails(&'e EntryPoint, Option<&'e Objective>),
    /// Requests that pass take longer.
    Slower(&'e Objective),
    /// Requests went on without what failed.
    Degraded(&'e EntryPointDegraded),
}

/// All of them: what fails first, most failures first.
pub(crate) fn hits<'e>(evidence: &'e Evidence, decisive: &Decisive<'e>) -> Vec<Hit<'e>> {
    let causes = || decisive.causes.iter().map(|(_, cause)| *cause);
    let rates = || evidence.objectives.iter().filter(|objective| objective.unit == "ratio");
    let by_entry: OrderedMap<(&str, &str), &Objective> =
        rates().map(|rate| ((rate.service.as_str(), rate.operation.as_str()), rate)).collect();
    let of_causes =
        causes().flat_map(|cause| &cause.entry_points).map(|hit| (hit.service.as_str(), hit.operation.as_str()));
    let decided = decisive.objectives.iter().filter(|objective| objective.unit == "ratio");
    let failing: OrderedSet<(&str, &str)> =
        of_causes.chain(decided.map(|rate| (rate.service.as_str(), rate.operation.as_str()))).collect();
    let key = |entry: &'e EntryPoint| (entry.service.as_str(), entry.operation.as_str());
    let mut entries: Vec<&EntryPoint> =
        evidence.entry_points.iter().filter(|entry| failing.contains(&key(entry))).collect();
    entries.shared_sort_by_key(|entry| Reverse(entry.failing));
    let fails = entries.into_iter().map(|entry| Hit::Fails(entry, by_entry.get(&key(entry)).copied()));
    let slower = decisive.objectives.iter().filter(|objective| objective.unit == "ms").map(|it| Hit::Slower(it));
    let mut seen = OrderedSet::new();
    let degraded = causes().flat_map(|cause| &cause.degraded_entry_points).filter(|hit| {
        let key = (hit.service.as_str(), hit.operation.as_str());
        !failing.contains(&key) && seen.insert(key)
    });
    fails.chain(slower).chain(degraded.map(Hit::Degraded)).collect()
}
