//! Failures that are new by their signature, and yet of a sort that the baseline knew in bursts as large.

use crate::analyze::message;
use crate::facts::sample::Sample;
use crate::facts::slots::width_of;
use crate::judge::gate::causes::{CausePair, Change};
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;

/// What stands for the name of a service.
const SERVICE: &str = "<service>";

/// Names shorter than this are words, too.
const LEAST_NAME: usize = 4;

/// For each pair, whether it is such a failure.
///
/// Where a lookup, a pool or a network is flaky, it hits one call today and another one tomorrow: each time the failure has
/// another place and another name in its message, and is new. So failures are put together whose kind, exception and message
/// are the same but for the names of services; when all of these together hit no more of the candidate's traces than of the
/// baseline's worst stretch of time, none of them tells of the change.
///
/// ```text
/// baseline    checkout: No instances available for cart       14 of 71 traces in the worst stretch
/// candidate   travel: No instances available for basic        15 of 73 traces: known elsewhere
/// ```
pub(crate) fn known_elsewhere(pairs: &[CausePair<'_>], sides: &Sides<'_>, policy: &Policy) -> Vec<bool> {
    let mut known = vec![false; pairs.len()];
    let Some(window) = sides.baseline.time else { return known };
    let names: OrderedSet<&str> = [sides.baseline, sides.candidate]
        .into_iter()
        .flat_map(|facts| facts.services.keys())
        .map(String::as_str)
        .filter(|name| name.len() >= LEAST_NAME)
        .collect();
    // Longer names first: one may be the start of another.
    let mut names: Vec<&str> = names.into_iter().collect();
    names.shared_sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut families: OrderedMap<String, Vec<usize>> = OrderedMap::new();
    for (number, pair) in pairs.iter().enumerate() {
        if let Some(family) = pair.facts().and_then(|facts| family(&facts.sample, &names)) {
            families.entry(family).or_default().push(number);
        }
    }
    let width = width_of(window);
    let traces = sides.baseline.when.by(width);
    for members in families.into_values() {
        if !members.iter().any(|&member| pairs[member].baseline.is_some()) {
            continue;
        }
        let of = |side: fn(&CausePair<'_>) -> u64| -> u64 { members.iter().map(|&member| side(&pairs[member])).sum() };
        let mut bursts: OrderedMap<u64, u64> = OrderedMap::new();
        for facts in members.iter().filter_map(|&member| pairs[member].baseline) {
            for (slot, count) in facts.when.by(width) {
                *bursts.entry(slot).or_default() += count;
            }
        }
        let all = Counts::new(of(|pair| pair.baseline.map_or(0, |facts| facts.traces)), sides.baseline.traces);
        let bursts = bursts.into_iter().filter_map(|(slot, count)| Some(Counts::new(count, *traces.get(&slot)?)));
        // A single failure is no burst.
        let bursts = bursts.filter(|burst| burst.events > 1);
        let worst = bursts.max_by(|one, other| one.rate().total_cmp(&other.rate())).unwrap_or(all);
        let now = Counts::new(of(|pair| pair.candidate.map_or(0, |facts| facts.traces)), sides.candidate.traces);
        if fisher::greater(now, worst) > policy.alpha {
            for member in members {
                known[member] = pairs[member].change == Change::New;
            }
        }
    }
    known
}

/// What failures have in common that differ in their places only; `None` for one without words.
fn family(sample: &Sample, names: &[&str]) -> Option<String> {
    let (kind, words) = match (&sample.exception, &sample.text) {
        (Some(told), _) => (told.kind.as_str(), told.message.as_str()),
        (None, Some(text)) => ("", text.as_str()),
        (None, None) => return None,
    };
    if words.trim().is_empty() {
        return None;
    }
    let mut words = message::clean(words);
    for name in names {
        if words.contains(name) {
            words = words.replace(name, SERVICE);
        }
    }
    // Without a name in it, the same words at another place are another fault of the same code.
    words.contains(SERVICE).then(|| format!("{} {kind}: {words}", sample.kind.as_str()))
}
