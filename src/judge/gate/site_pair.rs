//! The same place on both sides.

use crate::facts::course::Course;
use crate::facts::profile::{Seen, Site};
use crate::facts::slots::width_of;
use crate::facts::window::WindowFacts;
use crate::judge::gate::excess::Excess;
use crate::judge::gate::sides::Sides;
use crate::judge::statistics::counts::Counts;

/// With fewer spans of a place in the baseline, nobody knows what is usual there.
const KNOWN: usize = 20;

/// With fewer spans of a place in the candidate, whatever they show is chance.
const LOOKED_AT: usize = 3;

/// Spans of one place on both sides.
pub(crate) struct SitePair<'f> {
    /// The place.
    pub(crate) site: &'f Site,
    /// A sample of the candidate's spans.
    pub(crate) candidate: Vec<&'f Seen>,
    /// A sample of the baseline's spans.
    pub(crate) baseline: Vec<&'f Seen>,
    /// How many more spans of the candidate there would be, for as many as `candidate` has, if failures had touched none: about,
    /// by the requests of the service that were touched.
    pub(crate) touched: u64,
    /// Whoever answers such calls sends spans, and that of these calls is not there: the callee's time looks like the call's own.
    pub(crate) callee_is_lost: bool,
    /// The number of the stretch of time of each of `baseline`, from 0.
    pub(crate) stretches: Vec<usize>,
}

/// Every place that both sides know well enough, in the order of names.
pub(crate) fn site_pairs<'f>(sides: &Sides<'f>) -> Vec<SitePair<'f>> {
    let Some(window) = sides.baseline.time else { return Vec::new() };
    let width = width_of(window);
    let mut pairs = Vec::new();
    for (site, candidate) in sides.candidate.profile.places() {
        let Some(baseline) = sides.baseline.profile.place(site) else { continue };
        if baseline.seen.iter().len() < KNOWN || candidate.seen.iter().len() < LOOKED_AT {
            continue;
        }
        pairs.push(SitePair {
            site,
            candidate: candidate.seen.iter().collect(),
            touched: touched(site, candidate.seen.iter().len() as u64, sides),
            baseline: baseline.seen.iter().collect(),
            callee_is_lost: site.callee.is_none()
                && site.peer.as_deref().is_some_and(|peer| sides.who_answers(peer).is_some()),
            stretches: numbered(baseline.seen.iter().map(|seen| seen.start.0 >> width).collect()),
        });
    }
    pairs
}

impl SitePair<'_> {
    /// How many more spans show something than before: something that has nothing to do with which spans failures touched.
    pub(crate) fn excess(&self, shows: impl Fn(&Seen) -> bool) -> Option<Excess> {
        let candidate = counted(&self.candidate, &shows);
        if candidate.events == 0 {
            return None;
        }
        let last = self.stretches.iter().max().copied().unwrap_or_default();
        let mut stretches = vec![(0, 0); last + 1];
        for (seen, &stretch) in self.baseline.iter().zip(&self.stretches) {
            let (events, trials) = &mut stretches[stretch];
            *events += u64::from(shows(seen));
            *trials += 1;
        }
        let stretches = stretches.into_iter().map(|(events, trials)| Counts::new(events, trials));
        Excess::of(candidate, 0, counted(&self.baseline, &shows), stretches)
    }

    /// Courses of the candidate and of the baseline.
    pub(crate) fn courses(&self) -> (impl Iterator<Item = &Course>, impl Iterator<Item = &Course>) {
        (self.candidate.iter().map(|seen| &*seen.course), self.baseline.iter().map(|seen| &*seen.course))
    }
}

/// For so many spans that are left at a place, how many failures took away beyond what failures of the baseline do: as many of
/// each as of the requests within which they are.
fn touched(site: &Site, left: u64, sides: &Sides<'_>) -> u64 {
    let request = site.request();
    // How many there were is not known: as many as are left may have been taken away.
    if !sides.tell_apart(&request) {
        return left;
    }
    let taken = |facts: &WindowFacts| {
        let all = facts.operations.get(&request).map_or(0, |counts| counts.total);
        let whole = facts.profile.sites.get(&Site::of_requests(&request)).map_or(0, |facts| facts.total);
        all.saturating_sub(whole).saturating_mul(left).checked_div(whole).unwrap_or(0)
    };
    taken(sides.candidate).saturating_sub(taken(sides.baseline))
}

/// Each stretch by its number among those that there are.
fn numbered(stretches: Vec<u64>) -> Vec<usize> {
    let mut known = stretches.clone();
    known.sort_unstable();
    known.dedup();
    stretches.into_iter().map(|stretch| known.partition_point(|&before| before < stretch)).collect()
}

fn counted(seen: &[&Seen], shows: impl Fn(&Seen) -> bool) -> Counts {
    Counts::new(seen.iter().filter(|seen| shows(seen)).count() as u64, seen.len() as u64)
}
