//! What was asked of each service, and how long it took.

use crate::facts::quantile::quantile;
use crate::facts::window::WindowFacts;
use crate::judge::evidence::{EntryPoint, Service};

/// All services by name, with exact quantiles.
#[must_use]
pub fn services(facts: &WindowFacts) -> Vec<Service> {
    facts
        .services
        .iter()
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

/// All entry points by service and operation.
#[must_use]
pub fn entry_points(facts: &WindowFacts) -> Vec<EntryPoint> {
    facts
        .entries
        .iter()
        .map(|(name, entry)| EntryPoint {
            service: name.service.clone(),
            operation: name.operation.clone(),
            total: entry.total,
            failing: entry.failed,
        })
        .collect()
}
