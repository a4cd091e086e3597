//! Where the time of a slower entry point went: the rise of its mean duration, split over the places below it.

use crate::facts::cause::OperationName;
use crate::facts::course::Act;
use crate::facts::profile::{Passed, Site};
use crate::judge::evidence_shift::{Part, SlowedEntryPoint};
use crate::judge::gate::shift::{Shift, ShiftKind, Shown};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::gate::words::{in_ms, rounded};
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;
use std::collections::HashSet;

/// A shift that explains less than this part of a slowdown has other reasons to be told.
const EXPLAINS: f64 = 0.2;

/// How many parts of a slowdown are told one by one.
const PARTS: usize = 9;

/// What a place adds to the mean duration of a request, in nanoseconds: below 0 where it takes less than before.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Contribution<'f> {
    /// The place; `None` for what is not told apart.
    pub(crate) site: Option<&'f Site>,
    /// Nanoseconds for each request.
    pub(crate) rise: f64,
}

/// The rise of an entry point's mean duration, split.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Split<'f> {
    /// The rise of the whole, in nanoseconds.
    pub(crate) rise: f64,
    /// The parts, the largest first; they add up to the whole.
    pub(crate) parts: Vec<Contribution<'f>>,
}

/// Splits the rise of an entry point. On each side the means of the parts of the critical path add up to the mean duration,
/// so the differences of the means add up to the difference; `None` without requests on both sides.
///
/// ```text
/// mean of a request     before     now      rise
///   frontend              8 ms     8 ms      0 ms     0 %
///   wire to catalog       2 ms     3 ms      1 ms     2 %
///   catalog               5 ms    45 ms     40 ms    98 %      calls of it in 1.2 of 1 requests, each for its time
///   all                  15 ms    56 ms     41 ms   100 %
/// ```
pub(crate) fn split<'f>(entry: &OperationName, sides: &Sides<'f>) -> Option<Split<'f>> {
    let (candidate, baseline) = (sides.candidate.profile.passed(entry)?, sides.baseline.profile.passed(entry)?);
    split_of(candidate.iter(), baseline.iter())
}

/// Splits the difference of slow requests to others; `None` without requests on both sides.
pub(crate) fn split_of<'f>(
    slow: impl ExactSizeIterator<Item = &'f Passed>,
    usual: impl ExactSizeIterator<Item = &'f Passed>,
) -> Option<Split<'f>> {
    let (now, now_all) = means(slow)?;
    let (before, before_all) = means(usual)?;
    let places: OrderedSet<Option<&Site>> = now.keys().chain(before.keys()).copied().collect();
    let of = |means: &OrderedMap<Option<&'f Site>, f64>, site| means.get(&site).copied().unwrap_or(0.0);
    let mut parts: Vec<Contribution<'f>> =
        places.into_iter().map(|site| Contribution { site, rise: of(&now, site) - of(&before, site) }).collect();
    // Stable: equal ones stay in the order of names.
    parts.shared_sort_by(|one, other| other.rise.total_cmp(&one.rise));
    Some(Split { rise: now_all - before_all, parts })
}

type Means<'f> = OrderedMap<Option<&'f Site>, f64>;

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of requests lie far below 2^53, 104 days")]
fn means<'f>(requests: impl ExactSizeIterator<Item = &'f Passed>) -> Option<(Means<'f>, f64)> {
    let count = requests.len();
    if count == 0 {
        return None;
    }
    let count = count as f64;
    let (mut means, mut all) = (Means::new(), 0.0);
    for request in requests {
        all += request.duration as f64 / count;
        for (site, time) in &request.parts {
            *means.entry(site.as_deref()).or_default() += *time as f64 / count;
        }
    }
    Some((means, all))
}

/// What the time of a place is: `wire` of a call, else `self_time`.
pub(crate) fn metric(is_wire: bool) -> &'static str {
    if is_wire { "wire" } else { "self_time" }
}

impl Split<'_> {
    /// Where the time of this entry point went, as evidence.
    pub(crate) fn told(&self, entry: &OperationName) -> SlowedEntryPoint {
        let share = |rise: f64| rounded(rise / self.rise);
        let named = self.parts.iter().filter_map(|part| part.site.map(|site| (site, part.rise)));
        let mut parts: Vec<Part> = named
            .take(PARTS)
            .map(|(site, rise)| Part {
                service: Some(site.service.clone()),
                operation: Some(site.operation.clone()),
                callee: site.callee.as_ref().map(|callee| callee.service.clone()),
                metric: metric(site.callee.is_some()).to_owned(),
                rise_ms: in_ms(rise),
                share: share(rise),
            })
            .collect();
        let told: f64 = self.parts.iter().filter(|part| part.site.is_some()).take(PARTS).map(|part| part.rise).sum();
        let rest = self.rise - told;
        parts.push(Part {
            service: None,
            operation: None,
            callee: None,
            metric: metric(false).to_owned(),
            rise_ms: in_ms(rest),
            share: share(rest),
        });
        SlowedEntryPoint {
            service: entry.service.clone(),
            operation: entry.operation.clone(),
            rise_ms: in_ms(self.rise),
            parts,
        }
    }

    /// The part of the rise that these places make, 0 to 1; 0 when there is no rise of the mean.
    pub(crate) fn share_of(&self, is_among: impl Fn(&Site) -> bool) -> f64 {
        let made: f64 = self.parts.iter().filter(|part| part.site.is_some_and(&is_among)).map(|part| part.rise).sum();
        if self.rise > 0.0 { (made / self.rise).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Says of each shift how much of the slowdowns it explains. `slower` are the entry points that the gate found to be slower.
pub(crate) fn explain(shifts: &mut [Shift<'_>], pairs: &[SitePair<'_>], slower: &[OperationName], sides: &Sides<'_>) {
    let known: HashSet<&OperationName> = slower.iter().collect();
    let others = sides.candidate.entries.keys().filter(|entry| !known.contains(entry));
    for (entry, is_slower) in slower.iter().map(|entry| (entry, true)).chain(others.map(|entry| (entry, false))) {
        let Some(split) = split(entry, sides).filter(|split| split.rise > 0.0) else { continue };
        let sites =
            |shift: &Shift<'_>| -> HashSet<&Site> { shift.places.iter().map(|&place| pairs[place].site).collect() };
        let slow: HashSet<&Site> =
            shifts.iter().filter(|shift| shift.kind == ShiftKind::Latency).flat_map(&sites).collect();
        for shift in shifts.iter_mut() {
            let share = match &shift.shown {
                Shown::Slower(_) if shift.kind == ShiftKind::Latency => {
                    let own = sites(shift);
                    split.share_of(|site| own.contains(site))
                }
                // What is called more often takes more time without being slower.
                Shown::Calls(calls) => split.share_of(|site| does(site, calls.act) && !slow.contains(site)),
                Shown::Course(course) => {
                    split.share_of(|site| course.added.iter().any(|act| does(site, act)) && !slow.contains(site))
                }
                Shown::Slower(_) => 0.0,
            };
            if share <= 0.0 {
                continue;
            }
            if is_slower && share >= EXPLAINS {
                shift.slowed.insert(entry.clone(), share);
            }
            let known = shift.explains.as_ref().map_or(0.0, |(_, known)| *known);
            // What slows an entry point that the gate found to be slower is told of that one: those come first.
            if share > known && (is_slower || shift.slowed.is_empty()) {
                shift.explains = Some((entry.clone(), share));
            }
        }
    }
}

/// Whether a place is where an act is done, by whoever answers.
fn does(site: &Site, act: &Act) -> bool {
    let own = site.service == act.service && (site.operation == act.what || site.request == act.what);
    own || site.callee.as_ref().is_some_and(|callee| callee.service == act.service && callee.operation == act.what)
}
