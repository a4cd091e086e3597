//! Places whose work shifted, as root causes without a failure: slower, on another course, with more calls, complaining.

use crate::analyze::signature;
use crate::facts::cause::OperationName;
use crate::facts::course::ActKind;
use crate::facts::profile::Site;
use crate::judge::gate::call_counts::{MoreCalls, more_calls};
use crate::judge::gate::call_structure::{OtherCourse, other_course};
use crate::judge::gate::excess::Excess;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::gate::slowdown::{QUANTILES, Slowdown, slowdown};
use crate::judge::gate::wire_side::{End, Wires};
use crate::judge::policy::Policy;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// What sort of root cause a shift is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ShiftKind {
    /// Work, or the wire to it, takes longer.
    Latency,
    /// Calls or steps are missing, or there are others.
    Structure,
    /// More calls for each request, or messages that wait longer.
    Traffic,
    /// ERROR records or handled exceptions that were not told before.
    LogError,
}

impl ShiftKind {
    /// The word of the evidence.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Structure => "structure",
            Self::Traffic => "traffic",
            Self::LogError => "log-error",
        }
    }
}

/// What a place shows.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Shown<'f> {
    /// It is slower.
    Slower(Slowdown),
    /// It takes another course.
    Course(OtherCourse<'f>),
    /// It calls more often.
    Calls(MoreCalls<'f>),
}

impl Shown<'_> {
    fn excess(&self) -> Excess {
        match self {
            Self::Slower(slowdown) => slowdown.excess,
            Self::Course(course) => course.excess,
            Self::Calls(calls) => calls.excess,
        }
    }
}

/// A root cause that is no failure.
pub(crate) struct Shift<'f> {
    /// What sort it is.
    pub(crate) kind: ShiftKind,
    /// The service to blame, and what it was asked for.
    pub(crate) at: OperationName,
    /// The key of the same shift in other runs.
    pub(crate) signature: String,
    /// The number of the place that shows it most.
    pub(crate) place: usize,
    /// What that place shows.
    pub(crate) shown: Shown<'f>,
    /// The numbers of all places that show it.
    pub(crate) places: Vec<usize>,
    /// The excess at the place that shows it most.
    pub(crate) excess: Excess,
    /// The least `p` of its places, for as many comparisons as were made (Bonferroni).
    pub(crate) p: f64,
    /// It is no chance even among all comparisons.
    pub(crate) clear: bool,
    /// The slower entry point that it explains best, and the part of the slowdown that it explains, 0 to 1.
    pub(crate) explains: Option<(OperationName, f64)>,
    /// The entry points that the gate found to be slower, or suspects to be, and the part that it explains of each.
    pub(crate) slowed: OrderedMap<OperationName, f64>,
}

impl Shift<'_> {
    /// Whether it explains an entry point that is slower.
    pub(crate) fn slows_entry(&self) -> bool {
        !self.slowed.is_empty()
    }
}

/// One place that shows something.
struct Showing<'f> {
    place: usize,
    kind: ShiftKind,
    at: OperationName,
    shown: Shown<'f>,
}

/// Every shift, in the order of kinds and names.
///
/// Each place is looked at by itself. What is significant by itself is put together by whom it is blamed on: the service and
/// what it was asked for. Of those that may be chance among all comparisons, those are kept that are none among the
/// comparisons of their own service.
pub(crate) fn shifts<'f>(pairs: &'f [SitePair<'f>], policy: &Policy) -> Vec<Shift<'f>> {
    let (mut found, mut wires): (Vec<(usize, Shown<'f>)>, Wires<'f>) = Default::default();
    let mut tests = 0;
    let mut tests_of: OrderedMap<&str, usize> = OrderedMap::new();
    for (place, pair) in pairs.iter().enumerate() {
        let course = other_course(pair);
        // Where children are missing, the time that they covered becomes the span's own: that is no slower work.
        let uncovered = || course.is_some() && slowdown(pair, policy, |seen| seen.duration).is_none();
        let slower = slowdown(pair, policy, |seen| seen.time).filter(|_| !pair.callee_is_lost && !uncovered());
        let (calls, looked_at) = more_calls(pair);
        let told = slower.as_ref().filter(|slower| slower.excess.p <= policy.alpha);
        wires.note(pair.site, told.map_or(0.0, |slower| slower.excess.share));
        found.extend(slower.map(|slower| (place, Shown::Slower(slower))));
        found.extend(course.map(|course| (place, Shown::Course(course))));
        found.extend(calls.into_iter().next().map(|calls| (place, Shown::Calls(calls))));
        let made = QUANTILES.len() + 1 + looked_at;
        tests += made;
        *tests_of.entry(&pair.site.service).or_default() += made;
    }
    let mut groups: OrderedMap<(ShiftKind, OperationName), Vec<Showing<'f>>> = OrderedMap::new();
    for (place, shown) in found {
        let site = pairs[place].site;
        let own_tests = tests_of.get(site.service.as_str()).copied().unwrap_or(1);
        if shown.excess().p * number(own_tests) > policy.alpha {
            continue;
        }
        let (kind, at) = blamed(site, &shown, &wires);
        groups.entry((kind, at.clone())).or_default().push(Showing { place, kind, at, shown });
    }
    groups.into_values().filter_map(|group| shift(group, tests, policy)).collect()
}

fn shift<'f>(mut group: Vec<Showing<'f>>, tests: usize, policy: &Policy) -> Option<Shift<'f>> {
    // Stable: of equals the first in the order of names.
    group.shared_sort_by(|one, other| other.shown.excess().share.total_cmp(&one.shown.excess().share));
    let p = group.iter().map(|showing| showing.shown.excess().p).fold(1.0, f64::min);
    let p = (p * number(tests)).min(1.0);
    let places = group.iter().map(|showing| showing.place).collect();
    let Showing { place, kind, at, shown } = group.into_iter().next()?;
    Some(Shift {
        kind,
        signature: signature::of_place(kind.as_str(), &at.service, &at.operation),
        at,
        place,
        places,
        excess: shown.excess(),
        shown,
        p,
        clear: p <= policy.alpha,
        explains: None,
        slowed: OrderedMap::new(),
    })
}

/// The kind of a shift, the service to blame for it, and what that was asked for.
fn blamed(site: &Site, shown: &Shown<'_>, wires: &Wires<'_>) -> (ShiftKind, OperationName) {
    match (shown, &site.callee) {
        (Shown::Slower(_), Some(callee)) if site.queued => (ShiftKind::Traffic, callee.clone()),
        (Shown::Slower(slower), Some(callee)) => {
            let at = match wires.end(&site.service, &callee.service, slower.excess.share) {
                End::Caller => site.request(),
                End::Callee => callee.clone(),
            };
            (ShiftKind::Latency, at)
        }
        (Shown::Slower(_), None) => (ShiftKind::Latency, site.request()),
        (Shown::Course(course), _) if course.added.iter().any(|act| act.kind == ActKind::Complains) => {
            (ShiftKind::LogError, site.request())
        }
        (Shown::Course(_), _) => (ShiftKind::Structure, site.request()),
        (Shown::Calls(_), _) => (ShiftKind::Traffic, site.request()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand comparisons")]
fn number(count: usize) -> f64 {
    count as f64
}
