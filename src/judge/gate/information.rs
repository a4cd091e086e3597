//! What a reader should know although it decides nothing: another mix of requests, entry points without a measure.

use crate::judge::gate::decision::{About, Found, ManyFound};
use crate::judge::gate::durations::DurationComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::place;
use crate::judge::policy::Policy;
use crate::judge::rule::Rule;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::suspects::changes::{Changed, Sort};
use crate::judge::suspects::told_changes;
use crate::judge::wording::percent;
use crate::shared_sort::SharedSort;

/// How many changes that do not show are told.
const UNSEEN: usize = 20;

/// How many entry points are named.
const NAMED: usize = 3;

/// Entry points whose share of all requests is significantly and relevantly another one, those that moved most first.
pub(crate) fn traffic(sides: &Sides<'_>, policy: &Policy) -> Option<Found> {
    let (now, before) = sides.requests();
    let mut moved = Vec::new();
    for name in sides.candidate.entries.keys() {
        let (requests, then) = sides.requests_at(name);
        let (candidate, baseline) = (Counts::new(requests, now), Counts::new(then, before));
        let shift = (candidate.rate() - baseline.rate()).abs();
        if then > 0 && shift >= policy.relevant_error_rate && fisher::two_sided(candidate, baseline) <= policy.alpha {
            moved.push((shift, name, candidate, baseline));
        }
    }
    // The sort is stable: equal shifts stay in the order of names.
    moved.shared_sort_by(|a, b| b.0.total_cmp(&a.0));
    let words: Vec<String> = moved
        .iter()
        .take(NAMED)
        .map(|(_, name, candidate, baseline)| {
            let share = |counts: &Counts| percent(counts.events, counts.trials);
            format!("{} {}, before {}", place(name), share(candidate), share(baseline))
        })
        .collect();
    let more = moved.len().saturating_sub(NAMED);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let sentence = format!(
        "The mix of requests is another one: {}{and_more}. Entry points are compared one by one, so that this decides nothing.",
        words.join("; ")
    );
    (!moved.is_empty()).then(|| Found::new(Rule::Traffic, policy.level(Rule::Traffic), sentence))
}

/// Announced changes of flags and versions that the telemetry does not show. Events need not show.
pub(crate) fn unseen_changes(changes: &[Changed], policy: &Policy) -> Vec<Found> {
    let unseen = changes.iter().enumerate().filter(|(_, change)| change.shown.is_none() && change.sort != Sort::Event);
    let found = |(place, change): (usize, &Changed)| {
        let rule = Rule::UnseenChange;
        Found::new(rule, policy.level(rule), told_changes::told(change).sentence).about([About::Change(place)])
    };
    unseen.take(UNSEEN).map(found).collect()
}

/// Entry points of which no request passed in the baseline; `first` is the place of the first objective of durations.
pub(crate) fn no_passing_baseline(durations: &[DurationComparison], first: usize, policy: &Policy) -> Vec<Found> {
    let mut found = ManyFound::default();
    let without = durations.iter().enumerate().filter(|(_, comparison)| comparison.baseline.is_empty());
    for (number, comparison) in without {
        let rule = Rule::NoPassingBaseline;
        found.add(rule, policy.level(rule), Some(About::Objective(first + number)), || {
            format!("No request of {} passed in the baseline: its slowness has no measure.", place(&comparison.at))
        });
    }
    found.into_found()
}
