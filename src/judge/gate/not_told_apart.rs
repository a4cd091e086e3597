//! Entry points that are too many to be told apart, counted as one: what fails at one of them hides among the requests of all.
//!
//! ```text
//! (one of too many names)   before  0 of 5,000       now  5,000 of 765,000 failed (0.7 %)
//!    POST /checkout         before  0 of 5,000       now  5,000 of   5,000         what nobody sees
//!    GET /1, GET /2, ...                             now      0 of 760,000
//! ```
//!
//! So here no rise is too small to matter, and no part of these requests counts as looked at.

use crate::facts::cause::{CauseFacts, OperationName};
use crate::facts::entry_names::is_several;
use crate::facts::window::{EntryFacts, WindowFacts};
use crate::judge::gate::causes::CausePair;
use crate::judge::gate::decision::{About, Found};
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::wording::percent;

/// The requests of one window at entry points that are not told apart.
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
