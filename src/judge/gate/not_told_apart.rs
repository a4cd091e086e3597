//! Entry points, or operations, that are too many to be told apart, counted as one: what fails at one of them hides among the
//! requests of all.
//!
//! ```text
//! (one of too many names)   before  0 of 5,000       now  5,000 of 765,000 failed (0.7 %)
//!    POST /checkout         before  0 of 5,000       now  5,000 of   5,000         what nobody sees
//!    GET /1, GET /2, ...                             now      0 of 760,000
//! ```
//!
//! So here no rise is too small to matter, and no part of these requests counts as looked at. Of operations this holds for failures
//! that somebody got over, by the traces in which they began; what fails a request is compared at its entry point.

use crate::facts::cause::{CauseFacts, OperationName};
use crate::facts::entry_facts::EntryFacts;
use crate::facts::told_apart::is_several;
use crate::facts::window::WindowFacts;
use crate::judge::gate::causes::CausePair;
use crate::judge::gate::decision::{About, Found};
use crate::judge::gate::inner_failures::{different_traces, unnoticed};
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::wording::{count, percent};

/// The requests of one window at entry points, or for operations, that are not told apart.
#[derive(Clone, Copy, Debug, Default)]
struct Several {
    requests: u64,
    failed: u64,
    failing_traces: u64,
    /// Of all requests of the window.
    all: u64,
}

impl Several {
    fn of(facts: &WindowFacts) -> Self {
        let mut several = Self { all: facts.entries.values().map(|entry| entry.total).sum(), ..Self::default() };
        for (_, entry) in entries(facts) {
            several.requests += entry.total;
            several.failed += entry.failed;
            several.failing_traces += entry.failing_traces;
        }
        several
    }

    fn of_operations(facts: &WindowFacts) -> Self {
        let mut several = Self { all: facts.operations.values().map(|asked| asked.total).sum(), ..Self::default() };
        several.requests =
            facts.operations.iter().filter(|(name, _)| is_several(name)).map(|(_, asked)| asked.total).sum();
        several
    }

    /// `765000 of 1000000 requests (76 %)`.
    fn words(self) -> String {
        format!("{} of {} requests ({})", self.requests, self.all, percent(self.requests, self.all))
    }

    fn told_apart(self) -> u64 {
        self.all - self.requests
    }

    fn share(self) -> f64 {
        Counts::new(self.requests, self.all).rate()
    }
}

/// The entry points of a window that are several each.
fn entries(facts: &WindowFacts) -> impl Iterator<Item = (&OperationName, &EntryFacts)> {
    facts.entries.iter().filter(|(name, _)| is_several(name))
}

/// What entry points that are not told apart mean for the decision; `None` where all are.
pub(crate) fn of_entry_points(sides: &Sides<'_>, pairs: &[CausePair<'_>], policy: &Policy) -> Option<Found> {
    let (now, before) = (Several::of(sides.candidate), Several::of(sides.baseline));
    if now.requests == 0 && before.requests == 0 || sides.baseline.spans == 0 || sides.candidate.spans == 0 {
        return None;
    }
    let more_fail =
        now.failing_traces >= policy.least_failures && rises(now.failed, before.failed, now, before, policy.alpha);
    let causes = causes_that_rise(sides, pairs, now, before, policy);
    let share = now.share().max(before.share());
    let decides = more_fail || !causes.is_empty() || share > policy.undecided_share;
    let level = policy.level(Rule::EntryPointsBeyondBound);
    let level = if decides { level } else { level.max(Level::Warn) };
    let failures = match (more_fail, causes.is_empty()) {
        (true, _) => format!(
            " More of them fail: {} of {} ({}), before {} of {} ({}).",
            now.failed,
            now.requests,
            percent(now.failed, now.requests),
            before.failed,
            before.requests,
            percent(before.failed, before.requests),
        ),
        (false, false) => " By some fault more of them fail.".to_owned(),
        (false, true) => String::new(),
    };
    let sentence = format!(
        "Entry points are too many to be told apart for {}, before {}.{failures} Which of them fails more, is slower or is gone \
         cannot be seen.",
        now.words(),
        before.words(),
    );
    Some(Found::new(Rule::EntryPointsBeyondBound, level, sentence).about(causes.into_iter().map(About::Cause)))
}

/// Whether more requests failed than chance explains: for as many as are not told apart, or for as many as are. Of the first
/// there may be many more than before, which never fail, and hide an entry point that does; how many requests there are at all is
/// then told by the others.
fn rises(failed: u64, failed_before: u64, now: Several, before: Several, alpha: f64) -> bool {
    let p = |requests: u64, requests_before: u64| {
        let (now, before) = (Counts::new(failed, requests), Counts::new(failed_before, requests_before));
        fisher::greater(now, before)
    };
    let among_others = p(now.told_apart() + failed, before.told_apart() + failed_before);
    // Twice, for there are two ways to be found.
    2.0 * p(now.requests, before.requests).min(among_others) <= alpha
}

/// The faults, by their place in the list of pairs, by which more of these requests fail.
fn causes_that_rise(
    sides: &Sides<'_>,
    pairs: &[CausePair<'_>],
    now: Several,
    before: Several,
    policy: &Policy,
) -> Vec<usize> {
    // Of very many entry points these are one for each service at most.
    let names = |facts| entries(facts).map(|(name, _)| name).collect::<Vec<&OperationName>>();
    let (names_now, names_before) = (names(sides.candidate), names(sides.baseline));
    let failed = |names: &[&OperationName], cause: Option<&CauseFacts>| -> u64 {
        cause.map_or(0, |cause| names.iter().map(|name| cause.failed_entries.of(name)).sum())
    };
    let counts = |(place, pair): (usize, &CausePair<'_>)| {
        let fatal = pair.candidate.filter(|cause| !cause.sample.client_fault && cause.fatal >= policy.least_failures);
        let failed_now = fatal.map_or(0, |cause| failed(&names_now, Some(cause)));
        (failed_now >= policy.least_failures).then(|| (place, failed_now, failed(&names_before, pair.baseline)))
    };
    let counted: Vec<(usize, u64, u64)> = pairs.iter().enumerate().filter_map(counts).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    let alpha = policy.alpha / counted.len().max(1) as f64;
    let risen =
        counted.into_iter().filter(|&(_, failed, failed_before)| rises(failed, failed_before, now, before, alpha));
    risen.map(|(place, ..)| place).collect()
}

/// What operations that are not told apart mean for the decision: failures began there that somebody got over, more than before,
/// all together or by one fault. One finding for those that would decide by themselves, and one for those that would be warnings.
pub(crate) fn of_operations(sides: &Sides<'_>, pairs: &[CausePair<'_>], policy: &Policy) -> Vec<Found> {
    let there: Vec<(Level, usize, &CausePair<'_>)> = pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| !pair.began_where_requests_are_counted(sides))
        .filter_map(|(place, pair)| Some((policy.level(pair.sort(sides)?.rule()), place, pair)))
        .collect();
    let of = |matters: fn(Level) -> bool, level: Level| {
        let there: Vec<(usize, &CausePair<'_>)> =
            there.iter().filter(|(level, ..)| matters(*level)).map(|&(_, place, pair)| (place, pair)).collect();
        more_began(&there, sides, policy, level)
    };
    let level = policy.level(Rule::EntryPointsBeyondBound);
    let decides = of(|level| level <= Level::Inconclusive, level);
    let warns = of(|level| level == Level::Warn, level.max(Level::Warn));
    [decides, warns].into_iter().flatten().collect()
}

fn more_began(there: &[(usize, &CausePair<'_>)], sides: &Sides<'_>, policy: &Policy, level: Level) -> Option<Found> {
    let (traces, traces_before) = (sides.candidate.traces, sides.baseline.traces);
    let of_candidate = || there.iter().filter_map(|&(place, pair)| Some((place, pair.candidate?, pair.baseline)));
    let now: u64 = there.iter().filter_map(|(_, pair)| pair.candidate.map(unnoticed)).sum();
    let before: u64 = there.iter().filter_map(|(_, pair)| pair.baseline.map(unnoticed)).sum();
    // A trace may hold several of them.
    let in_all = (now.min(traces), before.min(traces_before));
    // Failures of one trace depend on each other.
    let enough = different_traces(of_candidate().map(|(_, cause, _)| cause)) >= policy.least_failures;
    let more_fail = enough && began_more_often(in_all, (traces, traces_before), policy.alpha);
    let causes: Vec<usize> = if more_fail {
        of_candidate().map(|(place, ..)| place).collect()
    } else {
        let counted = of_candidate().map(|(place, cause, then)| (place, (unnoticed(cause), then.map_or(0, unnoticed))));
        let counted: Vec<_> = counted.filter(|&(_, (failed, _))| failed >= policy.least_failures).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        let alpha = policy.alpha / counted.len().max(1) as f64;
        let rises =
            |&&(_, in_traces): &&(usize, (u64, u64))| began_more_often(in_traces, (traces, traces_before), alpha);
        counted.iter().filter(rises).map(|&(place, _)| place).collect()
    };
    if causes.is_empty() {
        return None;
    }
    let (now, before) = (Several::of_operations(sides.candidate), Several::of_operations(sides.baseline));
    let failures = if more_fail {
        format!(
            "More failures that somebody got over began there: in {} of {}, before in {} of {}.",
            in_all.0,
            count(traces, "trace"),
            in_all.1,
            count(traces_before, "trace")
        )
    } else {
        "By some fault more failures that somebody got over began there.".to_owned()
    };
    let sentence = format!(
        "Operations are too many to be told apart for {}, before {}. {failures} For which part of the requests for an operation they \
         stand cannot be seen.",
        now.words(),
        before.words(),
    );
    Some(Found::new(Rule::EntryPointsBeyondBound, level, sentence).about(causes.into_iter().map(About::Cause)))
}

/// Whether failures that began in so many traces, now and before, of so many, are more than chance explains. Of new ones it counts
/// too what they may be at worst: all requests for an operation.
fn began_more_often((now, before): (u64, u64), (traces, traces_before): (u64, u64), alpha: f64) -> bool {
    let among_all = fisher::greater(Counts::new(now, traces), Counts::new(before, traces_before));
    let at_worst = if before == 0 {
        let as_many = u128::from(now) * u128::from(traces_before) / u128::from(traces.max(1));
        fisher::greater(Counts::new(now, now), Counts::new(0, u64::try_from(as_many).unwrap_or(u64::MAX)))
    } else {
        1.0
    };
    // Twice, for there are two ways to be found.
    2.0 * among_all.min(at_worst) <= alpha
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_that_began_where_nothing_is_told_apart_are_more_beyond_chance_or_where_new_ones_are_all_requests() {
        let more = |in_traces, of| began_more_often(in_traces, of, 0.01);
        let even = (1_000_000, 1_000_000);
        assert!(more((200, 100), even), "among all");
        assert!(!more((114, 86), even), "the same within chance");
        assert!(more((7, 0), even), "new: 7 of 7, and before 0 of 7, is no chance");
        assert!(!more((3, 0), even), "new, and 3 of 3 may be chance");
        assert!(more((50, 0), (1_000_000, 100_000)), "the baseline is a tenth: 50 of 50, before 0 of 5");
        assert!(more((50, 50), (1_000_000, 5_000_000)), "five times as many of all");
    }
}
