//! What was asked of each service, and how long it took.

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
            let in_ms = |share| quantile_ms(&durations, share);
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

/// The quantile of sorted nanoseconds by linear interpolation between ranks (Hyndman and Fan's type 7), in milliseconds
/// to three places; 0 without values.
fn quantile_ms(sorted: &[u64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of requests lie far below 2^53, 104 days")]
    let at = |rank: usize| sorted[rank.min(last)] as f64;
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let position = last as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the slice")]
    let below = position.floor() as usize;
    let value = at(below) + (at(below + 1) - at(below)) * (position - position.floor());
    (value / 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_ranks() {
        let sorted: Vec<u64> = [10, 20, 30, 40].map(|ms| ms * 1_000_000).to_vec();
        assert_eq!(quantile_ms(&sorted, 0.5), 25.0);
        assert_eq!(quantile_ms(&sorted, 0.95), 38.5);
        assert_eq!(quantile_ms(&sorted, 1.0), 40.0);
        assert_eq!(quantile_ms(&[], 0.5), 0.0);
    }
}
