//! What a gate finds about shifts: of the slower entry points that they explain, and of places that no entry point shows.

use crate::facts::cause::OperationName;
use crate::judge::gate::contributions::{Split, split};
use crate::judge::gate::decision::{About, Found};
use crate::judge::gate::durations::DurationComparison;
use crate::judge::gate::shift::{Shift, ShiftKind, Shown};
use crate::judge::gate::shift_words::{counted, what, words};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::gate::words::{in_ms, ms, place};
use crate::judge::policy::Policy;
use crate::judge::rule::Rule;

/// How many parts of a slowdown that nothing explains are told.
const LARGEST: usize = 3;

/// A part of a slowdown below this share is not worth a look.
const TOLD: f64 = 0.05;

/// The entry points that the gate holds to be slower, or may be; `first` is the place of the first objective of `durations`.
pub(crate) fn slower_entries(found: &[Found], durations: &[DurationComparison], first: usize) -> Vec<OperationName> {
    let objective = |about: &About| match about {
        About::Objective(place) => place.checked_sub(first),
        About::Cause(_) | About::Change(_) => None,
    };
    let slower = found.iter().filter(|found| found.rule == Rule::Slower).flat_map(|found| &found.about);
    slower.filter_map(objective).filter_map(|at| Some(durations.get(at)?.at.clone())).collect()
}

/// Adds to each finding of a slower entry point what explains it best. `first_cause` is the number of the first shift.
pub(crate) fn explain_slower(
    found: &mut [Found],
    durations: &[DurationComparison],
    first: usize,
    shifts: &[Shift<'_>],
    places: &[SitePair<'_>],
    first_cause: usize,
    sides: &Sides<'_>,
) {
    for finding in found.iter_mut().filter(|found| found.rule == Rule::Slower) {
        // Of those that are only counted, each may have a reason of its own.
        let [About::Objective(objective)] = finding.about[..] else { continue };
        let Some(entry) = objective.checked_sub(first).and_then(|at| durations.get(at)) else { continue };
        let explaining =
            shifts.iter().enumerate().filter_map(|(number, shift)| Some((number, *shift.slowed.get(&entry.at)?)));
        // The first of equals, in the order of names.
        if let Some((number, share)) = explaining.rev().max_by(|one, other| one.1.total_cmp(&other.1)) {
            let shift = &shifts[number];
            let site = places[shift.place].site;
            let who = match &shift.shown {
                Shown::Calls(calls) => format!("More calls of {} explain", words(calls.act)),
                _ if shift.at != entry.at => format!("{} explains", place(&shift.at)),
                Shown::Slower(_) if site.callee.is_some() => "That its calls of others take longer explains".to_owned(),
                Shown::Slower(_) if let Some(peer) = &site.peer => {
                    format!("That its calls to {peer} take longer explains")
                }
                _ => "Its own work explains".to_owned(),
            };
            finding.sentence.push_str(&format!(" {who} {:.0} % of it.", 100.0 * share));
            finding.about.push(About::Cause(first_cause + number));
        } else if !got_over_failures(&entry.at, sides)
            && let Some(split) = split(&entry.at, sides).filter(|split| split.rise > 0.0)
            && largest_is_compared(&split, places)
        {
            finding.sentence.push_str(&unexplained(&split));
        }
    }
}

/// Whether passing requests of the candidate got over failures: attempts and timeouts take time, and these failures are root
/// causes already.
fn got_over_failures(entry: &OperationName, sides: &Sides<'_>) -> bool {
    sides.candidate.causes.values().any(|cause| cause.degraded_entries.of(entry) > 0)
}

/// Whether the place that takes most of a slowdown is one that could be compared.
fn largest_is_compared(split: &Split<'_>, places: &[SitePair<'_>]) -> bool {
    let largest = split.parts.iter().find_map(|part| part.site);
    largest.is_some_and(|largest| places.iter().any(|pair| pair.site == largest))
}

/// Where a slowdown lies that no shift explains: its largest parts, so that somebody can look there, and no root cause, as
/// none of them is relevantly slower by itself beyond chance.
fn unexplained(split: &Split<'_>) -> String {
    let named = split.parts.iter().filter_map(|part| Some((part.site?, part.rise / split.rise)));
    let parts: Vec<String> = named
        .take(LARGEST)
        .filter(|&(_, share)| share >= TOLD)
        .map(|(site, share)| {
            let what = match &site.callee {
                Some(callee) => format!("calls of {} to {}", site.service, place(callee)),
                None => format!("{} of {}", site.operation, site.service),
            };
            format!("{what} {:.0} %", 100.0 * share)
        })
        .collect();
    let largest = if parts.is_empty() { String::new() } else { format!(", of which {}", parts.join(", ")) };
    format!(
        " No place that could be compared is relevantly slower by itself, so no root cause is named: the mean rose by {}{largest}.",
        ms(in_ms(split.rise))
    )
}

/// The findings of shifts that are no chance and that no entry point shows.
pub(crate) fn of_shifts(
    shifts: &[Shift<'_>],
    pairs: &[SitePair<'_>],
    first_cause: usize,
    policy: &Policy,
) -> Vec<Found> {
    let told = shifts.iter().enumerate().filter(|(_, shift)| shift.clear && !shift.slows_entry());
    told.map(|(number, shift)| {
        let (rule, told) = match shift.kind {
            ShiftKind::Latency => (Rule::SlowerInside, "An operation is slower, though no entry point is shown to be"),
            ShiftKind::Structure => (Rule::CallStructure, "An operation does something else than before"),
            ShiftKind::Traffic => (Rule::CallCounts, "More is asked for each request, or messages wait longer"),
            ShiftKind::LogError => (Rule::ErrorRecords, "Errors are told that were not, though nothing fails"),
        };
        let sentence = format!("{told}: {}; {}.", what(shift, pairs[shift.place].site), counted(&shift.excess));
        Found::new(rule, policy.level(rule), sentence).about([About::Cause(first_cause + number)])
    })
    .collect()
}
