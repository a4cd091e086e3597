//! What changed and may have caused a fault: each change against the requests that failed by it and those that passed.
//!
//! ```text
//! both variants in the candidate        on     off        the contrast inside the candidate decides
//!                           failing      9      0
//!                           passing      0     50
//!
//! a full flip                           on     off (before)      only the windows can be compared
//!                           failing     87      0
//!                           passing      0     30
//! ```
//!
//! Ranked: what differs inside the candidate before what differs only between the windows, as everything else that changed
//! with it looks the same there; then by the number of calls from where the fault began to where the change was made; then by
//! how well it separates failing from passing requests. What came after the fault is none, and neither is what failing
//! requests do not have.

use crate::facts::property::{Property, PropertySort};
use crate::facts::request_sample::RequestRow;
use crate::judge::statistics::benjamini_hochberg;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::suspects::changes::{Changed, Sort};
use crate::judge::suspects::conditions::{FALSE_DISCOVERIES, LEAST, TIMES};
use crate::judge::suspects::contrast::Contrast;
use crate::judge::suspects::looked_at::{OfWindow, Rows};
use crate::judge::suspects::onset::Onset;
use crate::judge::suspects::telling;
use crate::model::attribute_key::names_a_process;
use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// What explains less of the failing requests is no suspect.
const COVERAGE: f64 = 0.5;

/// What explains this much inside the candidate leaves nothing to changes that differ only between the windows.
const EXPLAINS: f64 = 0.9;

/// Fewer requests with or without it make no contrast inside the candidate.
const LEAST_OF_EITHER: u64 = 5;

/// How many suspects of a root cause are told.
const MOST: usize = 3;

/// The chance below which a value is new: thousands are looked at.
const UNHEARD_OF: f64 = 1e-4;

/// How many attributes that are new are looked at.
const NEW_ATTRIBUTES: usize = 200;

/// A key with more values has ids, and new ones come with every request.
const VALUES: usize = 50;

/// The distance of what lies nowhere in the graph of calls.
const NOWHERE: u64 = u64::MAX;

/// Where it can be seen that a change makes a difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Where {
    WithinCandidate,
    AcrossWindows,
}

impl Where {
    /// The word of the evidence.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WithinCandidate => "within-candidate",
            Self::AcrossWindows => "across-windows",
        }
    }
}

/// What is suspected.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'f> {
    /// A change that was found or announced.
    Change(&'f Changed),
    /// A value that was not there before.
    Attribute(&'f Property),
}

/// A change that may have caused a fault.
#[derive(Clone, Debug)]
pub(crate) struct Suspicion<'f> {
    pub(crate) what: What<'f>,
    /// What falls together with it.
    pub(crate) also: Vec<&'f Property>,
    pub(crate) place: Where,
    pub(crate) contrast: Contrast,
    pub(crate) p: f64,
    pub(crate) p_adjusted: f64,
    /// Where the change was made; `None` when that is not known, or leads nowhere near.
    pub(crate) nearest: Option<Nearest<'f>>,
    /// The rows of the candidate that have it.
    pub(crate) rows: Rows,
}

/// A service where a change was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Nearest<'f> {
    /// Calls from where the fault began.
    pub(crate) calls: u64,
    pub(crate) service: &'f str,
}

/// What suspects are looked for among.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s, 'f> {
    pub(crate) baseline: &'s OfWindow<'f>,
    pub(crate) candidate: &'s OfWindow<'f>,
    pub(crate) changes: &'f [Changed],
    /// Calls from where the fault began to each service.
    pub(crate) distances: &'s OrderedMap<&'f str, u64>,
    pub(crate) onset: Option<Onset>,
    /// The callee was not reached: then where it was looked for may be what changed, be it numbers only.
    pub(crate) nobody_answers: bool,
}

/// The suspects of a root cause that is new or worse, the first the most likely.
pub(crate) fn suspicions<'f>(scene: &Scene<'_, 'f>) -> Vec<Suspicion<'f>> {
    let mut tried: Vec<Suspicion<'f>> = scene.changes.iter().filter_map(|change| scene.of_change(change)).collect();
    tried.extend(scene.of_attributes());
    let adjusted = benjamini_hochberg::adjusted(&tried.iter().map(|suspicion| suspicion.p).collect::<Vec<_>>());
    for (suspicion, adjusted) in tried.iter_mut().zip(adjusted) {
        suspicion.p_adjusted = adjusted;
    }
    tried.retain(|suspicion| {
        suspicion.p_adjusted <= FALSE_DISCOVERIES
            && suspicion.contrast.failing_with >= LEAST
            && suspicion.contrast.coverage() >= COVERAGE
            && suspicion.contrast.is_times_as_frequent(TIMES)
    });
    tried.shared_sort_by(|a, b| {
        let order = |suspicion: &Suspicion<'_>| {
            (suspicion.is_attribute(), suspicion.place, suspicion.nearest.map_or(NOWHERE, |nearest| nearest.calls))
        };
        let by_weight = || b.contrast.weight().total_cmp(&a.contrast.weight());
        order(a).cmp(&order(b)).then_with(by_weight).then_with(|| a.name().cmp(&b.name()))
    });
    scene.without_shadows(tried)
}

impl<'f> Scene<'_, 'f> {
    fn of_change(&self, change: &'f Changed) -> Option<Suspicion<'f>> {
        if change.refuted || !self.may_have_come_before(change) {
            return None;
        }
        let nearest = self.nearest(change);
        let shown: Vec<&Property> = change.shown.iter().flat_map(|shown| &shown.properties).collect();
        match shown.split_first() {
            Some((main, also)) => Some(Suspicion::new(What::Change(change), also, self.by_property(main), nearest)),
            // Nothing that requests have shows it, so that only its time and its place speak for it.
            None => self.by_time(change, nearest),
        }
    }

    /// The contrast of requests that have a property.
    fn by_property(&self, property: &Property) -> Weighed {
        // Requests that were not asked which variant they want say nothing about variants.
        let told = self.candidate.having_key(property);
        let before = self.baseline.having_property(property);
        self.weighed(self.candidate.having_property(property), &told, &before)
    }

    /// The contrast inside the candidate, among requests that tell, when some with and some without came there; else across the
    /// windows.
    fn weighed(&self, rows: Rows, told: &Rows, before: &Rows) -> Weighed {
        let within = self.candidate.contrast(&rows, told);
        if is_within(&within) {
            return Weighed { rows, place: Where::WithinCandidate, contrast: within };
        }
        let all = self.candidate.contrast(&rows, &self.candidate.all());
        let before = self.baseline.contrast(before, &self.baseline.all());
        Weighed { rows, place: Where::AcrossWindows, contrast: all.plus(&before) }
    }

    /// A change that no request shows: requests after it against those before.
    fn by_time(&self, change: &'f Changed, nearest: Option<Nearest<'f>>) -> Option<Suspicion<'f>> {
        // What lies nowhere near is no suspect by its time alone.
        let near = match nearest {
            Some(nearest) => nearest.calls <= 1,
            None => change.sort != Sort::Deployment && !names_a_service(change),
        };
        // What calls whom may be new because of the fault.
        if !near || change.shown.is_some() {
            return None;
        }
        let at = change.announced.as_ref().and_then(|event| event.at);
        let is_after = |row: &RequestRow| at.is_none_or(|at| row.start >= at || row.start.0 == 0);
        let rows = Rows::of(self.candidate.rows().map(|(row, _)| is_after(row)));
        let none = Rows::of(self.baseline.rows().map(|_| false));
        let weighed = self.weighed(rows, &self.candidate.all(), &none);
        Some(Suspicion::new(What::Change(change), &[], weighed, nearest))
    }

    /// Values of spans, and of resources that are neither versions nor processes, that were not there in the baseline.
    fn of_attributes(&self) -> Vec<Suspicion<'f>> {
        let (window, before) = (self.candidate, self.baseline);
        let all_before = before.len() as u64;
        let mut values_of_key: OrderedMap<(PropertySort, &str), usize> = OrderedMap::new();
        let counts = window.counts();
        for &(id, ..) in &counts {
            if let Some(property) = window.property(id) {
                *values_of_key.entry((property.of.sort, &property.of.key)).or_default() += 1;
            }
        }
        let mut alike: OrderedMap<Rows, Vec<&'f Property>> = OrderedMap::new();
        for &(id, failing, passing) in &counts {
            let Some(property) = window.property(id) else { continue };
            let changes_by_itself = match property.of.sort {
                PropertySort::Span => true,
                PropertySort::Resource => !names_a_process(&property.of.key) && !self.is_a_change(property),
                PropertySort::Flag => false,
            };
            let has_ids =
                values_of_key.get(&(property.of.sort, property.of.key.as_str())).is_some_and(|&many| many > VALUES);
            let unheard_of = failing >= LEAST
                && changes_by_itself
                && !has_ids
                && !telling::comes_once(&property.value)
                && !before.knows(property)
                && is_new((failing + passing, window.len() as u64), all_before)
                && self.key_was_known(property)
                && (self.nobody_answers || !before.asked_elsewhere(property));
            if unheard_of && alike.len() < NEW_ATTRIBUTES {
                alike.entry(window.having(id)).or_default().push(property);
            }
        }
        let suspicion = |mut properties: Vec<&'f Property>| {
            telling::sort(&mut properties);
            let (main, also) = properties.split_first()?;
            Some(Suspicion::new(What::Attribute(main), also, self.by_property(main), None))
        };
        alike.into_values().filter_map(suspicion).collect()
    }

    /// Whether requests of the baseline had the key with another value: a key that is new tells of new code.
    fn key_was_known(&self, property: &Property) -> bool {
        self.baseline.having_key(property).count() > 0
    }

    fn is_a_change(&self, property: &Property) -> bool {
        self.changes.iter().any(|change| change.shown.iter().any(|shown| shown.properties.contains(property)))
    }

    fn may_have_come_before(&self, change: &Changed) -> bool {
        let Some(onset) = self.onset else { return true };
        // Where the telemetry shows it, that counts, and not what was announced.
        let shown = change.shown.as_ref().and_then(|shown| shown.earliest.or(shown.latest));
        let announced = change.announced.as_ref().and_then(|event| event.at);
        shown.or(announced).is_none_or(|earliest: Nanos| onset.may_follow(earliest))
    }

    /// Of the services where a change was made, the nearest one, the first of equals in the order of names.
    fn nearest(&self, change: &'f Changed) -> Option<Nearest<'f>> {
        let of = |service: &'f str| Some(Nearest { calls: *self.distances.get(service)?, service });
        match &change.shown {
            Some(shown) => shown.services.iter().filter_map(|service| of(service)).min(),
            None => {
                let event = change.announced.as_ref()?;
                let of_key = || (change.sort == Sort::Deployment).then(|| of(&event.key)).flatten();
                event.service.as_deref().and_then(of).or_else(of_key)
            }
        }
    }

    /// Without what only falls together with a better suspect.
    fn without_shadows(&self, tried: Vec<Suspicion<'f>>) -> Vec<Suspicion<'f>> {
        let mut kept: Vec<Suspicion<'f>> = Vec::new();
        for suspicion in tried {
            let shadow = kept.iter().any(|known| match (known.place, suspicion.place) {
                (Where::WithinCandidate, Where::AcrossWindows) => known.contrast.coverage() >= EXPLAINS,
                (Where::WithinCandidate, Where::WithinCandidate) => {
                    known.rows == suspicion.rows && suspicion.is_attribute()
                        || known.rows != suspicion.rows
                            && self.candidate.p_beside(&suspicion.rows, &known.rows) > FALSE_DISCOVERIES
                }
                _ => suspicion.is_attribute() && known.rows == suspicion.rows,
            });
            if !shadow {
                kept.push(suspicion);
            } else if let Some(known) = kept.iter_mut().find(|known| known.rows == suspicion.rows)
                && let What::Attribute(property) = suspicion.what
            {
                known.also.push(property);
            }
        }
        kept.truncate(MOST);
        kept
    }
}

/// What a contrast of requests comes to.
struct Weighed {
    rows: Rows,
    place: Where,
    contrast: Contrast,
}

impl<'f> Suspicion<'f> {
    fn new(what: What<'f>, also: &[&'f Property], weighed: Weighed, nearest: Option<Nearest<'f>>) -> Self {
        let Weighed { rows, place, contrast } = weighed;
        Self { what, also: also.to_vec(), place, contrast, p: contrast.p(), p_adjusted: 1.0, nearest, rows }
    }
}

impl Suspicion<'_> {
    pub(crate) fn is_attribute(&self) -> bool {
        matches!(self.what, What::Attribute(_))
    }

    fn name(&self) -> (&str, Option<&str>, Reverse<usize>) {
        match self.what {
            What::Change(change) => (&change.key, change.to.as_deref(), Reverse(self.also.len())),
            What::Attribute(property) => (&property.of.key, Some(&property.value), Reverse(self.also.len())),
        }
    }
}

/// Whether so many of the candidate's requests having a value, and none of the baseline's, is no chance.
fn is_new(now: (u64, u64), before: u64) -> bool {
    fisher::greater(Counts::new(now.0, now.1), Counts::new(0, before)) <= UNHEARD_OF
}

fn names_a_service(change: &Changed) -> bool {
    change.announced.as_ref().is_some_and(|event| event.service.is_some())
}

fn is_within(contrast: &Contrast) -> bool {
    let with = contrast.failing_with + contrast.passing_with;
    let without = contrast.failing_without + contrast.passing_without;
    with >= LEAST_OF_EITHER && without >= LEAST_OF_EITHER
}
