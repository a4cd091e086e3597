//! What changed between baseline and candidate: found in the telemetry, and announced.
//!
//! ```text
//! flag           the share of a variant jumped
//! deployment     a service runs a version, an image, a revision that it did not run
//! service        a service is there that was not, or is gone
//! dependency     a service calls another that it did not call
//! operation      an operation is asked for that was not
//! ```
//!
//! Announcements and findings of the same thing are one change.

use crate::facts::property::{Property, PropertySort};
use crate::facts::running::{FlagFacts, Seen};
use crate::facts::told_apart::is_several;
use crate::judge::gate::sides::Sides;
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::suspects::telling;
use crate::model::attribute_key::{names_a_process, names_a_version};
use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;

/// The chance below which a share has jumped: many flags and versions are looked at, and requests of one user come together.
const JUMPED: f64 = 1e-4;

/// By how much a share has to grow that was there before: a tenth of all.
const JUMPED_BY: f64 = 0.1;

/// How many new operations and dependencies are told.
const NEW_ONES: usize = 20;

/// What sort of thing changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Sort {
    Flag,
    Deployment,
    Event,
    Service,
    Dependency,
    Operation,
}

impl Sort {
    /// The word of the evidence.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "feature-flag",
            Self::Deployment => "deployment",
            Self::Event => "event",
            Self::Service => "service",
            Self::Dependency => "dependency",
            Self::Operation => "operation",
        }
    }

    fn of(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::FeatureFlag => Self::Flag,
            ChangeKind::Deployment => Self::Deployment,
            ChangeKind::Event => Self::Event,
        }
    }
}

/// How a change shows in the telemetry.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Shown {
    /// What requests have that were served by what is new; of a deployment the most telling first. Empty of a change that
    /// requests do not show.
    pub(crate) properties: Vec<Property>,
    /// Services where it happened.
    pub(crate) services: OrderedSet<String>,
    /// The last time that things were as before, if that is known.
    pub(crate) earliest: Option<Nanos>,
    /// The first time that things were new.
    pub(crate) latest: Option<Nanos>,
    /// The share of what is new, before and now.
    pub(crate) shares: Option<(f64, f64)>,
}

/// Something that changed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Changed {
    pub(crate) sort: Sort,
    /// The flag, the service, or the name of the event.
    pub(crate) key: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// How it shows; `None` of an announcement that does not.
    pub(crate) shown: Option<Shown>,
    /// Its announcement.
    pub(crate) announced: Option<ChangeEvent>,
    /// The telemetry shows that it did not happen: it tells of this flag or this service's version, and that did not change.
    pub(crate) refuted: bool,
}

/// Everything that changed: announcements in the order of their times, then what was only found.
pub(crate) fn changes(sides: &Sides<'_>, mut events: Vec<ChangeEvent>) -> Vec<Changed> {
    events.shared_sort_by(|a, b| (a.at.is_none(), a).cmp(&(b.at.is_none(), b)));
    let both = sides.baseline.spans > 0 && sides.candidate.spans > 0;
    let mut found = if both { found(sides, &events) } else { Vec::new() };
    let mut changes: Vec<Changed> = Vec::new();
    for event in events {
        let place = found.iter().position(|change| is_of(change, &event));
        changes.push(match place {
            Some(place) => {
                let mut change = found.remove(place);
                change.from = event.from.clone().or(change.from);
                Changed { announced: Some(event), ..change }
            }
            None => Changed {
                sort: Sort::of(event.kind),
                key: event.key.clone(),
                from: event.from.clone(),
                to: event.to.clone(),
                shown: None,
                refuted: both && is_refuted(sides, &event),
                announced: Some(event),
            },
        });
    }
    changes.extend(found);
    changes
}

/// Whether something that was found is what an announcement told of.
fn is_of(change: &Changed, event: &ChangeEvent) -> bool {
    let same_value = |to: &str| {
        let values = change.shown.iter().flat_map(|shown| &shown.properties).map(|property| property.value.as_str());
        change.to.as_deref().into_iter().chain(values).any(|value| value == to || to.ends_with(&format!(":{value}")))
    };
    let of_service = || change.key == event.key || event.service.as_deref() == Some(&change.key);
    match event.kind {
        ChangeKind::FeatureFlag => {
            change.sort == Sort::Flag
                && change.key == event.key
                && (event.from == event.to || event.to.as_deref().is_none_or(same_value))
        }
        ChangeKind::Deployment => {
            // A service has few versions at a time; one that was announced by another name of it is still this one.
            change.sort == Sort::Deployment && of_service()
        }
        ChangeKind::Event => false,
    }
}

/// Whether the telemetry tells of what was announced, and shows that it is as before.
fn is_refuted(sides: &Sides<'_>, event: &ChangeEvent) -> bool {
    if event.kind != ChangeKind::FeatureFlag || event.from == event.to {
        return false;
    }
    let evaluated = |running: &OrderedMap<String, FlagFacts>| {
        running.get(&event.key).and_then(|flag| flag.variants.as_ref()).is_some_and(|variants| !variants.is_empty())
    };
    evaluated(&sides.baseline.running.flags) && evaluated(&sides.candidate.running.flags)
}

fn found(sides: &Sides<'_>, events: &[ChangeEvent]) -> Vec<Changed> {
    let announced = |value: &str| events.iter().any(|event| event.to.as_deref() == Some(value));
    let mut found = flags(sides, &announced);
    found.extend(deployments(sides, &announced));
    found.extend(structure(sides));
    found.shared_sort_by(|a, b| (a.sort, &a.key, &a.to).cmp(&(b.sort, &b.key, &b.to)));
    found
}

fn flags(sides: &Sides<'_>, announced: &dyn Fn(&str) -> bool) -> Vec<Changed> {
    let mut found = Vec::new();
    for (key, now) in &sides.candidate.running.flags {
        let before = sides.baseline.running.flags.get(key);
        let (Some(variants), Some(known)) = (now.variants.as_ref(), before.and_then(|flag| flag.variants.as_ref()))
        else {
            continue;
        };
        for Jump { value, from, shares, earliest, latest } in jumps(variants, known, announced) {
            let property = Property::new(PropertySort::Flag, "", key, value);
            let shown = Shown {
                properties: vec![property],
                services: now.services.clone(),
                earliest,
                latest,
                shares: Some(shares),
            };
            found.push(Changed {
                sort: Sort::Flag,
                key: key.clone(),
                from: from.map(str::to_owned),
                to: Some(value.to_owned()),
                shown: Some(shown),
                announced: None,
                refuted: false,
            });
        }
    }
    found
}

/// A value whose share jumped.
struct Jump<'v> {
    value: &'v str,
    /// The most frequent value before that lost its share.
    from: Option<&'v str>,
    shares: (f64, f64),
    earliest: Option<Nanos>,
    latest: Option<Nanos>,
}

/// The values whose share jumped; of those that were `announced`, any that grew.
fn jumps<'v>(
    now: &'v OrderedMap<String, Seen>,
    before: &'v OrderedMap<String, Seen>,
    announced: &dyn Fn(&str) -> bool,
) -> Vec<Jump<'v>> {
    let total = |values: &OrderedMap<String, Seen>| values.values().map(|seen| seen.count).sum::<u64>();
    let (all_now, all_before) = (total(now), total(before));
    let mut jumps = Vec::new();
    for (value, seen) in now {
        let (ours, theirs) =
            (Counts::new(seen.count, all_now), Counts::new(before.get(value).map_or(0, |seen| seen.count), all_before));
        let grew = theirs.events == 0 || ours.rate() - theirs.rate() >= JUMPED_BY || ours.rate() >= 3.0 * theirs.rate();
        // What was never there before and is everywhere now cannot be told from chance among a handful; it is no chance.
        let flipped = theirs.events == 0 && ours.events == ours.trials && all_before > 0;
        let clear = || flipped || fisher::greater(ours, theirs) <= JUMPED;
        if !((grew && clear()) || (announced(value) && ours.rate() > theirs.rate())) {
            continue;
        }
        let lost = |(other, seen): &(&str, &Seen)| {
            let now = now.get(*other).map_or(0, |seen| seen.count);
            Counts::new(now, all_now).rate() < Counts::new(seen.count, all_before).rate()
        };
        let others = before.iter().map(|(other, seen)| (other.as_str(), seen)).filter(|(other, _)| other != value);
        // The first of equals, in the order of names.
        let from = others.filter(lost).min_by_key(|(_, seen)| std::cmp::Reverse(seen.count)).map(|(other, _)| other);
        // Only what was not there before tells when it came.
        let came = theirs.events == 0;
        let old = from.and_then(|from| {
            let times = [before.get(from), now.get(from)].into_iter().flatten().map(|seen| seen.last);
            times.filter(|last| *last < seen.first).max()
        });
        jumps.push(Jump {
            value,
            from,
            shares: (theirs.rate(), ours.rate()),
            earliest: if came { old } else { None },
            latest: came.then_some(seen.first),
        });
    }
    jumps
}

/// New versions of services. Attributes that changed together are one deployment.
fn deployments(sides: &Sides<'_>, announced: &dyn Fn(&str) -> bool) -> Vec<Changed> {
    let mut by_service: OrderedMap<&str, Vec<(Property, Jump<'_>)>> = OrderedMap::new();
    for ((service, key), now) in &sides.candidate.running.attributes {
        if names_a_process(key) || !names_a_version(key) {
            continue;
        }
        let before = sides.baseline.running.attributes.get(&(service.clone(), key.clone()));
        let (Some(now), Some(Some(before))) = (now, before) else { continue };
        for jump in jumps(now, before, announced) {
            let property = Property::new(PropertySort::Resource, service, key, jump.value);
            by_service.entry(service).or_default().push((property, jump));
        }
    }
    let mut found = Vec::new();
    for (service, mut jumps) in by_service {
        jumps.shared_sort_by(|(a, _), (b, _)| telling::order(a).cmp(&telling::order(b)));
        // Each value of the most telling key is a deployment of its own; what else changed belongs to all of them.
        let Some(main) = jumps.first().map(|(property, _)| property.of.key.clone()) else { continue };
        let others: Vec<Property> = jumps
            .iter()
            .filter(|(property, _)| property.of.key != main)
            .map(|(property, _)| property.clone())
            .collect();
        for (property, jump) in jumps.into_iter().filter(|(property, _)| property.of.key == main) {
            let to = property.value.clone();
            let shown = Shown {
                properties: std::iter::once(property).chain(others.iter().cloned()).collect(),
                services: [service.to_owned()].into(),
                earliest: jump.earliest,
                latest: jump.latest,
                shares: Some(jump.shares),
            };
            found.push(Changed {
                sort: Sort::Deployment,
                key: service.to_owned(),
                from: jump.from.map(str::to_owned),
                to: Some(to),
                shown: Some(shown),
                announced: None,
                refuted: false,
            });
        }
    }
    found
}

/// Services, dependencies and operations that are new, beyond what chance brings.
fn structure(sides: &Sides<'_>) -> Vec<Changed> {
    let (now, before) = (sides.candidate, sides.baseline);
    let is_new = |count: u64| {
        fisher::greater(Counts::new(count.min(now.traces), now.traces), Counts::new(0, before.traces)) <= JUMPED
    };
    let change = |sort: Sort, key: String, to: Option<String>, services: Vec<&str>| Changed {
        sort,
        key,
        from: None,
        to,
        shown: Some(Shown {
            properties: Vec::new(),
            services: services.into_iter().map(str::to_owned).collect(),
            earliest: None,
            latest: None,
            shares: None,
        }),
        announced: None,
        refuted: false,
    };
    let is_known = |service: &str| before.services.contains_key(service);
    let services = now
        .services
        .iter()
        .filter(|(service, facts)| !is_known(service) && is_new(facts.requests))
        .map(|(service, _)| change(Sort::Service, service.clone(), None, vec![service]));
    let dependencies = now
        .running
        .calls
        .iter()
        .filter(|((caller, callee), calls)| {
            let pair = ((*caller).clone(), (*callee).clone());
            is_known(caller) && is_known(callee) && !before.running.calls.contains_key(&pair) && is_new(**calls)
        })
        .map(|((caller, callee), _)| {
            change(Sort::Dependency, caller.clone(), Some(callee.clone()), vec![caller, callee])
        });
    let operations = now
        .operations
        .iter()
        .filter(|(name, requests)| {
            is_known(&name.service)
                && !is_several(name)
                && !before.operations.contains_key(name)
                && is_new(requests.total)
        })
        .map(|(name, _)| {
            change(Sort::Operation, name.service.clone(), Some(name.operation.clone()), vec![&name.service])
        });
    services.take(NEW_ONES).chain(dependencies.take(NEW_ONES)).chain(operations.take(NEW_ONES)).collect()
}

#[cfg(test)]
mod tests;
