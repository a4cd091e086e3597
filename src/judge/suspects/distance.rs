//! How far services are from each other: calls from one to the next.

use crate::facts::running::Running;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use std::collections::VecDeque;

/// Which services call each other, whoever calls whom.
#[derive(Debug, Default)]
pub(crate) struct Neighbours<'f> {
    of: OrderedMap<&'f str, OrderedSet<&'f str>>,
}

impl<'f> Neighbours<'f> {
    /// Calls of both windows: a callee that is gone in the candidate is known from the baseline.
    pub(crate) fn of(windows: [&'f Running; 2]) -> Self {
        let mut of: OrderedMap<&str, OrderedSet<&str>> = OrderedMap::new();
        for (caller, callee) in windows.into_iter().flat_map(|running| running.calls.keys()) {
            of.entry(caller).or_default().insert(callee);
            of.entry(callee).or_default().insert(caller);
        }
        Self { of }
    }

    /// Calls from any of `from` to each service that can be reached.
    pub(crate) fn distances(&self, from: impl IntoIterator<Item = &'f str>) -> OrderedMap<&'f str, u64> {
        let mut distances: OrderedMap<&str, u64> = from.into_iter().map(|service| (service, 0)).collect();
        let mut next: VecDeque<&str> = distances.keys().copied().collect();
        while let Some(service) = next.pop_front() {
            let further = distances.get(service).map_or(0, |distance| distance + 1);
            for &neighbour in self.of.get(service).into_iter().flatten() {
                if !distances.contains_key(neighbour) {
                    distances.insert(neighbour, further);
                    next.push_back(neighbour);
                }
            }
        }
        distances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_calls_either_way() {
        let calls = [("web", "cart"), ("web", "checkout"), ("checkout", "payment"), ("batch", "report")];
        let calls = calls.map(|(caller, callee)| ((caller.to_owned(), callee.to_owned()), 1));
        let running = Running { calls: OrderedMap::from(calls), ..Running::default() };
        let empty = Running::default();
        let neighbours = Neighbours::of([&running, &empty]);
        let distances = neighbours.distances(["payment"]);
        assert_eq!(["payment", "checkout", "web", "cart"].map(|service| distances[service]), [0, 1, 2, 3]);
        assert_eq!(distances.get("report"), None);
    }
}
