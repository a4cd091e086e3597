//! What was asked of each service, and how long it took.

use crate::facts::cause::OperationName;
use crate::facts::entry_facts::EntryFacts;
use crate::facts::quantile::quantile;
use crate::facts::seen_request::{SeenRequest, SeenRequests};
use crate::facts::window::WindowFacts;
use crate::judge::evidence::{EntryExemplar, EntryPoint, Service};
use crate::judge::pictures::in_ms;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// How many services, and how many entry points, the evidence lists: those with most failures, then most requests. Where
/// there are more, somebody put ids into names.
pub const LISTED: usize = 10_000;

/// The services by name, with exact quantiles.
#[must_use]
pub fn services(facts: &WindowFacts) -> Vec<Service> {
    foremost(&facts.services, |service| (service.failed, service.requests))
        .into_iter()
        .map(|(name, service)| {
            let mut durations = service.durations.clone();
            durations.sort_unstable();
            // In milliseconds, to three places.
            let in_ms = |share| (quantile(&durations, share) / 1e3).round() / 1e3;
            Service {
                service: name.clone(),
                requests: service.requests,
                failed: service.failed,
                p50_ms: in_ms(0.5),
                p95_ms: in_ms(0.95),
                p99_ms: in_ms(0.99),
            }
        })
        .collect()
}

/// The entry points by service and operation, beside what they were in a baseline.
#[must_use]
pub fn entry_points(facts: &WindowFacts, baseline: Option<&WindowFacts>) -> Vec<EntryPoint> {
    let before = |name: &OperationName| baseline.map(|facts| facts.entries.get(name));
    foremost(&facts.entries, |entry| (entry.failed, entry.total))
        .into_iter()
        .map(|(name, entry)| EntryPoint {
            service: name.service.clone(),
            operation: name.operation.clone(),
            total: entry.total,
            failing: entry.failed,
            baseline_total: before(name).map(|entry| entry.map_or(0, |entry| entry.total)),
            baseline_failing: before(name).map(|entry| entry.map_or(0, |entry| entry.failed)),
            exemplars: exemplars("candidate", entry)
                .chain(before(name).flatten().into_iter().flat_map(|entry| exemplars("baseline", entry)))
                .collect(),
        })
        .collect()
}

fn exemplars(window: &str, entry: &EntryFacts) -> impl Iterator<Item = EntryExemplar> {
    let SeenRequests { first_failing, slowest_passing } = &entry.seen;
    let exemplar = |(shows, request): (&str, &Option<Box<SeenRequest>>)| {
        request.as_ref().map(|request| EntryExemplar {
            window: window.to_owned(),
            shows: shows.to_owned(),
            duration_ms: in_ms(request.duration),
            trace_id: request.trace.to_string(),
            span_id: request.span.to_string(),
        })
    };
    [("first-failing", first_failing), ("slowest-passing", slowest_passing)].into_iter().filter_map(exemplar)
}

/// Of more than [`LISTED`] those that matter most, in the order of their names.
pub(crate) fn foremost<K: Ord, V>(all: &OrderedMap<K, V>, matter: fn(&V) -> (u64, u64)) -> Vec<(&K, &V)> {
    let mut listed: Vec<(&K, &V)> = all.iter().collect();
    if listed.len() > LISTED {
        listed.shared_sort_by_key(|(_, value)| Reverse(matter(value)));
        listed.truncate(LISTED);
        listed.shared_sort_by_key(|(name, _)| *name);
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::service_facts::ServiceFacts;

    #[test]
    fn the_failing_are_listed_among_any_number_of_others() {
        let mut facts = WindowFacts::default();
        for number in 0..=LISTED {
            let failed = u64::from(number == 7);
            facts.services.insert(format!("{number:05}"), ServiceFacts { requests: 1, failed, durations: vec![1] });
        }
        let listed = services(&facts);
        assert_eq!(listed.len(), LISTED);
        assert_eq!((listed[7].service.as_str(), listed[7].failed), ("00007", 1));
        assert!(listed.is_sorted_by_key(|service| service.service.clone()));
    }
}
