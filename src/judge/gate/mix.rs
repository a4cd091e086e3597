//! Like with like within an entry point: whether a rise is one of any sort of requests, or only another mix of them.
//!
//! ```text
//! GET /product     before                now                   rise of each
//!   product A      900, none failed      300, none failed      none
//!   product B      100, 20 failed        700, 140 failed       none
//!   all            2 %                   14 %                  12 points, all of it by the mix
//! ```
//!
//! The baseline is weighted as the candidate's requests are (direct standardisation: Fleiss, Levin and Paik, "Statistical
//! methods for rates and proportions", 3rd edition, chapter 19). A mix explains a rise when nothing relevant is left of it then
//! and no sort of requests rose by itself. Sorts that the baseline hardly knows explain nothing.

use crate::facts::cause::OperationName;
use crate::facts::mix::{Alike, Mix};
use crate::facts::quantile::quantile;
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::quantile_difference;
use crate::ordered::map::OrderedMap;

/// With fewer requests of a sort in the baseline, it says nothing of that sort.
const KNOWN: u64 = 10;

/// A key tells requests apart when all but this part of them have it, on both sides.
const WITHOUT: f64 = 0.05;

type Sorts = OrderedMap<String, Alike>;

/// The attribute by which the mix of requests explains the rise of an entry point's failures.
pub(crate) fn explains_failures(at: &OperationName, sides: &Sides<'_>, policy: &Policy) -> Option<String> {
    explaining_key(at, sides, |now, before| failures_are_by_mix(at, now, before, policy))
}

/// The attribute by which the mix of requests explains that an entry point became slower.
pub(crate) fn explains_durations(at: &OperationName, sides: &Sides<'_>, policy: &Policy) -> Option<String> {
    explaining_key(at, sides, |now, before| durations_are_by_mix(now, before, policy))
}

/// The first key, in the order of names, of which that holds.
fn explaining_key(at: &OperationName, sides: &Sides<'_>, holds: impl Fn(&Sorts, &Sorts) -> bool) -> Option<String> {
    let (now, before) = (sides.candidate.entries.get(at)?, sides.baseline.entries.get(at)?);
    let explains = |&(key, _): &(&str, &Sorts)| {
        let sorts = tells_apart(&now.mix, key, now.total).zip(tells_apart(&before.mix, key, before.total));
        sorts.is_some_and(|(now, before)| now.len() > 1 && holds(now, before))
    };
    now.mix.keys().find(explains).map(|(key, _)| key.to_owned())
}

/// Requests by the values of a key that nearly all of them have.
fn tells_apart<'m>(mix: &'m Mix, key: &str, requests: u64) -> Option<&'m Sorts> {
    let sorts = mix.values(key)?;
    let told: u64 = sorts.values().map(|alike| alike.total).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let without = requests.saturating_sub(told) as f64 / requests.max(1) as f64;
    (without <= WITHOUT).then_some(sorts)
}

fn failures_are_by_mix(at: &OperationName, now: &Sorts, before: &Sorts, policy: &Policy) -> bool {
    let counts = |alike: &Alike| Counts::new(alike.failed, alike.total);
    let all = |sorts: &Sorts| {
        let sum = |part: fn(&Alike) -> u64| sorts.values().map(part).sum();
        Counts::new(sum(|alike| alike.failed), sum(|alike| alike.total))
    };
    let (all_now, all_before) = (all(now), all(before));
    let mut expected = 0.0;
    let mut looked_at = 0.0;
    let mut clearest: f64 = 1.0;
    for (value, alike) in now {
        let known = before.get(value).filter(|alike| alike.total >= KNOWN);
        // Of a sort that is hardly known, nothing but what all requests did can be expected, and no failure if it is new.
        let rate = match (known, before.get(value)) {
            (Some(known), _) => counts(known).rate(),
            (None, Some(few)) => counts(few).rate().min(all_before.rate()),
            (None, None) => 0.0,
        };
        #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
        let requests = alike.total as f64;
        expected += requests * rate;
        if let Some(known) = known {
            let rose = RateComparison::new(at.clone(), "request", counts(alike), counts(known));
            looked_at += 1.0;
            if rose.rose_relevantly(policy) {
                clearest = clearest.min(rose.p);
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let requests = all_now.trials.max(1) as f64;
    let left = all_now.rate() - expected / requests;
    left < policy.relevant_error_rate && clearest * looked_at > policy.alpha
}

fn durations_are_by_mix(now: &Sorts, before: &Sorts, policy: &Policy) -> bool {
    let sorted = |durations: &[u64]| {
        let mut sorted = durations.to_vec();
        sorted.sort_unstable();
        sorted
    };
    let (mut weighted, mut candidate) = (Vec::new(), Vec::new());
    let (mut unknown, mut looked_at) = (0, 0.0);
    let mut clearest: f64 = 1.0;
    for (value, alike) in now {
        candidate.extend_from_slice(&alike.passing);
        let Some(known) = before.get(value).filter(|known| known.passing.len() as u64 >= KNOWN) else {
            unknown += alike.passing.len();
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
        let weight = alike.passing.len() as f64 / known.passing.len() as f64;
        weighted.extend(known.passing.iter().map(|&duration| (duration, weight)));
        let (ours, theirs) = (sorted(&alike.passing), sorted(&known.passing));
        let margin = policy.relevant_slowdown_of(quantile(&theirs, policy.quantile));
        if let Some(p) = quantile_difference::p_value(&ours, &theirs, policy.quantile, margin) {
            looked_at += 1.0;
            clearest = clearest.min(p);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let mostly_known = unknown as f64 <= WITHOUT * candidate.len() as f64;
    if !mostly_known || weighted.is_empty() {
        return false;
    }
    candidate.sort_unstable();
    let expected = weighted_quantile(&mut weighted, policy.quantile);
    let left = quantile(&candidate, policy.quantile) - expected;
    left < policy.relevant_slowdown_of(expected) && clearest * looked_at > policy.alpha
}

/// The least duration that this share of the weight does not exceed.
fn weighted_quantile(weighted: &mut [(u64, f64)], share: f64) -> f64 {
    weighted.sort_unstable_by_key(|&(duration, _)| duration);
    let all: f64 = weighted.iter().map(|&(_, weight)| weight).sum();
    let mut passed = 0.0;
    let found = weighted.iter().find(|&&(_, weight)| {
        passed += weight;
        passed >= share * all
    });
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of requests lie far below 2^53")]
    let duration = found.or(weighted.last()).map_or(0.0, |&(duration, _)| duration as f64);
    duration
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorts(sorts: &[(&str, u64, u64)]) -> Sorts {
        let alike = |&(value, total, failed): &(&str, u64, u64)| {
            (value.to_owned(), Alike { total, failed, passing: Vec::new() })
        };
        sorts.iter().map(alike).collect()
    }

    fn by_mix(now: &[(&str, u64, u64)], before: &[(&str, u64, u64)]) -> bool {
        let at = OperationName { service: "shop".to_owned(), operation: "GET /product".to_owned() };
        failures_are_by_mix(&at, &sorts(now), &sorts(before), &Policy::default())
    }

    #[test]
    fn another_mix_is_no_rise_of_any_sort() {
        assert!(by_mix(&[("A", 300, 0), ("B", 700, 140)], &[("A", 900, 0), ("B", 100, 20)]));
    }

    #[test]
    fn a_sort_that_rose_is_a_rise_whatever_the_mix() {
        assert!(!by_mix(&[("A", 300, 0), ("B", 700, 420)], &[("A", 900, 0), ("B", 100, 20)]));
        // Few of them, so that the rate of all hardly moves.
        assert!(!by_mix(&[("A", 2000, 0), ("B", 60, 30)], &[("A", 2000, 0), ("B", 60, 0)]));
    }

    #[test]
    fn sorts_that_the_baseline_does_not_know_explain_nothing() {
        assert!(!by_mix(&[("A", 500, 0), ("new", 500, 100)], &[("A", 1000, 0)]));
        assert!(!by_mix(&[("A", 500, 0), ("rare", 500, 500)], &[("A", 999, 0), ("rare", 1, 1)]));
    }

    #[test]
    fn durations_are_weighted_as_the_candidates_requests_are() {
        let alike = |times: usize, base: u64| Alike {
            total: times as u64,
            failed: 0,
            passing: (0..times as u64).map(|n| (base + n % 7) * 1_000_000).collect(),
        };
        let window = |fast: usize, slow: usize, base: u64| -> Sorts {
            OrderedMap::from([("A".to_owned(), alike(fast, 20)), ("B".to_owned(), alike(slow, base))])
        };
        let policy = Policy::default();
        assert!(durations_are_by_mix(&window(100, 200, 300), &window(290, 10, 300), &policy));
        assert!(!durations_are_by_mix(&window(100, 200, 500), &window(200, 100, 300), &policy), "B is slower itself");
        assert!(!durations_are_by_mix(&window(100, 200, 300), &window(300, 5, 300), &policy), "B is hardly known");
    }

    #[test]
    fn the_quantile_of_weights() {
        let mut weighted = [(30, 1.0), (10, 8.0), (20, 1.0)];
        assert_eq!(
            [0.5, 0.8, 0.85, 0.95].map(|share| weighted_quantile(&mut weighted, share)),
            [10.0, 10.0, 20.0, 30.0]
        );
    }
}
