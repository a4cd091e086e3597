//! Requests that took far longer than the usual ones at the same entry point, and the place that took the time: what one capture can
//! say of slowness by itself.
//!
//! ```text
//! GET /products    ▁▂▆█▇▃▁                        ▁▁      durations
//!                  usual                   far out
//!                  catalog GetProduct  2 ms    45 ms     most of the difference, in most of the slow requests: the outlier's place
//!                  frontend            8 ms     9 ms
//! ```

use crate::facts::cause::OperationName;
use crate::facts::entry_facts::EntryFacts;
use crate::facts::profile::{Passed, Site};
use crate::facts::quantile::quantile;
use crate::facts::window::WindowFacts;
use crate::judge::gate::contributions::{Split, split_of};
use crate::judge::policy::Policy;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// With fewer requests nobody knows what is usual.
const KNOWN: usize = 40;
/// With fewer slow requests they may be slow by chance.
const SLOW: usize = 5;
/// With fewer of them in the sample, of which it is known where the time went, nothing is said of the place.
const LOOKED_AT: usize = 4;
/// The part of the difference that a place must make.
const SHARE: f64 = 0.5;
/// The part of the slow requests in which it must make that much.
const CONSISTENT: f64 = 2.0 / 3.0;
/// How many distances between the quartiles, in logarithms, beyond the upper one a duration is far out (Tukey, "Exploratory Data
/// Analysis", 1977).
const FAR_OUT: i32 = 3;
/// A slow request takes at least this many times as long as the median.
const TIMES: f64 = 2.0;

/// Slow requests whose time went to one place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Outlier<'f> {
    /// The service to blame, and what it was asked for; of a wire those of the callee.
    pub(crate) at: OperationName,
    /// The place that makes most of the difference.
    pub(crate) site: &'f Site,
    /// The entry point.
    pub(crate) entry: &'f OperationName,
    /// Requests that passed there, and how many of them were slow.
    pub(crate) passed: u64,
    /// Of these, those that were slow.
    pub(crate) slow: u64,
    /// What takes longer is slow, nanoseconds.
    pub(crate) slower_than: f64,
    /// The median of the requests that passed, nanoseconds.
    pub(crate) median: f64,
    /// Where the difference of the means comes from.
    pub(crate) split: Split<'f>,
    /// The part of it that the place makes, 0 to 1.
    pub(crate) explains: f64,
    /// Slow requests that were looked at, the slowest first.
    pub(crate) looked_at: Vec<&'f Passed>,
    /// Of these, those in which the place makes most of the difference.
    pub(crate) showing: Vec<&'f Passed>,
    /// Nanoseconds at the place in slow requests, sorted.
    pub(crate) slow_times: Vec<u64>,
    /// Nanoseconds at the place in other requests, sorted.
    pub(crate) usual_times: Vec<u64>,
    /// An other request, whose duration is nearest to the median.
    pub(crate) typical: Option<&'f Passed>,
}

/// Every place that makes requests slow, the one in most slow requests first; of a place that does at several entry points, the
/// one where it does most often.
pub(crate) fn outliers(facts: &WindowFacts) -> Vec<Outlier<'_>> {
    let mut by_place: OrderedMap<OperationName, Outlier<'_>> = OrderedMap::new();
    for (entry, counts) in &facts.entries {
        let Some(found) = of_entry(entry, counts, facts) else { continue };
        let known = by_place.get(&found.at).map_or(0, |known| known.slow);
        if found.slow > known {
            by_place.insert(found.at.clone(), found);
        }
    }
    let mut outliers: Vec<Outlier<'_>> = by_place.into_values().collect();
    // Stable: of equals the first in the order of names.
    outliers.shared_sort_by_key(|outlier| std::cmp::Reverse(outlier.slow));
    outliers
}

fn of_entry<'f>(entry: &'f OperationName, counts: &EntryFacts, facts: &'f WindowFacts) -> Option<Outlier<'f>> {
    if counts.passing.len() < KNOWN {
        return None;
    }
    let mut durations = counts.passing.clone();
    durations.sort_unstable();
    let slower_than = far_out(&durations);
    let slow = durations.len() - durations.partition_point(|&duration| duration_of(duration) <= slower_than);
    if slow < SLOW {
        return None;
    }
    let sample = facts.profile.passed(entry)?;
    let (mut looked_at, usual): (Vec<&Passed>, Vec<&Passed>) =
        sample.iter().partition(|request| duration_of(request.duration) > slower_than);
    if looked_at.len() < LOOKED_AT || usual.len() < KNOWN / 2 {
        return None;
    }
    looked_at.shared_sort_by_key(|request| (std::cmp::Reverse(request.duration), *request));
    let split = split_of(looked_at.iter().copied(), usual.iter().copied())?;
    let (at, explains) = most_of(&split)?;
    let site = split.parts.iter().filter_map(|part| part.site).find(|site| blamed(site) == at)?;
    let time_of = |request: &Passed| -> u64 {
        let parts = request.parts.iter();
        parts.filter(|(site, _)| site.as_deref().is_some_and(|site| blamed(site) == at)).map(|(_, time)| time).sum()
    };
    let mut usual_times: Vec<u64> = usual.iter().map(|request| time_of(request)).collect();
    let mut slow_times: Vec<u64> = looked_at.iter().map(|request| time_of(request)).collect();
    let (mean_time, mean_duration) = (mean(&usual_times), mean_of(&usual));
    usual_times.sort_unstable();
    slow_times.sort_unstable();
    let shows = |request: &&&Passed| {
        let (more, all) = (duration_of(time_of(request)) - mean_time, duration_of(request.duration) - mean_duration);
        more >= SHARE * all
    };
    let showing: Vec<&Passed> = looked_at.iter().filter(shows).copied().collect();
    if duration_of(showing.len() as u64) < CONSISTENT * duration_of(looked_at.len() as u64) {
        return None;
    }
    let median = quantile(&durations, 0.5);
    let far = |request: &&Passed| (duration_of(request.duration) - median).abs();
    let typical =
        usual.iter().copied().min_by(|one, other| far(one).total_cmp(&far(other)).then_with(|| one.cmp(other)));
    Some(Outlier {
        at,
        site,
        entry,
        passed: durations.len() as u64,
        slow: slow as u64,
        slower_than,
        median,
        explains,
        split,
        looked_at,
        showing,
        slow_times,
        usual_times,
        typical,
    })
}

/// Nanoseconds from which on a duration is far from the usual ones, by the quartiles of their logarithms: at least as much as is
/// relevant, too.
fn far_out(sorted: &[u64]) -> f64 {
    let [low, median, high] = [0.25, 0.5, 0.75].map(|share| quantile(sorted, share).max(1.0));
    let fence = high * (high / low).powi(FAR_OUT);
    fence.max(TIMES * median).max(median + Policy::default().relevant_slowdown_of(median))
}

/// Whom most of the difference is blamed on.
fn most_of(split: &Split<'_>) -> Option<(OperationName, f64)> {
    let mut rises: OrderedMap<OperationName, f64> = OrderedMap::new();
    for part in &split.parts {
        if let Some(site) = part.site {
            *rises.entry(blamed(site)).or_default() += part.rise;
        }
    }
    let (at, rise) = rises.into_iter().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let explains = (rise / split.rise).min(1.0);
    (split.rise > 0.0 && explains >= SHARE).then_some((at, explains))
}

/// The service to blame for the time at a place, and what it was asked for. Without a baseline nothing tells which end of a wire it
/// is: the callee's is told.
fn blamed(site: &Site) -> OperationName {
    site.callee.clone().unwrap_or_else(|| site.request())
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of requests and counts lie far below 2^53")]
fn duration_of(nanoseconds: u64) -> f64 {
    nanoseconds as f64
}

fn mean(times: &[u64]) -> f64 {
    times.iter().map(|&time| duration_of(time)).sum::<f64>() / duration_of(times.len().max(1) as u64)
}

fn mean_of(requests: &[&Passed]) -> f64 {
    mean(&requests.iter().map(|request| request.duration).collect::<Vec<_>>())
}
