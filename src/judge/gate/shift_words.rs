//! Shifts in plain words, and how sure of each we are.

use crate::facts::course::{Act, ActKind};
use crate::facts::profile::Site;
use crate::judge::evidence_cause::{Confidence, Level};
use crate::judge::gate::excess::Excess;
use crate::judge::gate::shift::{Shift, ShiftKind, Shown};
use crate::judge::gate::words::{in_ms, ms, place, rounded};
use crate::judge::statistics::counts::Counts;
use crate::judge::wording::{count, percent};

/// Below this share of a place's spans, drift that the baseline did not happen to show may explain a shift.
const FEW: f64 = 0.2;

/// With so many stretches of time the baseline knows its own drift well.
const WELL_KNOWN: usize = 8;

/// With fewer stretches of time the baseline does not know its own drift.
const STRETCHES: usize = 4;

/// With fewer spans in the candidate a single request weighs too much.
const SPANS: u64 = 10;

/// How many things a sentence names.
const NAMED: usize = 3;

/// `14 of 80 spans (18 %), before 0 of 75 (0 %)`.
pub(crate) fn counted(excess: &Excess) -> String {
    let of = |counts: Counts| (counts.events, counts.trials, percent(counts.events, counts.trials));
    let ((now, all, part), (before, known, share)) = (of(excess.candidate), of(excess.baseline));
    format!("{now} of {} ({part}), before {before} of {known} ({share})", count(all, "span"))
}

/// What shifted, in one clause.
pub(crate) fn what(shift: &Shift<'_>, site: &Site) -> String {
    let at = place(&shift.at);
    match &shift.shown {
        Shown::Slower(slower) => {
            let longer = ms(in_ms(slower.longer_than as f64));
            match (&site.callee, shift.kind) {
                (Some(callee), ShiftKind::Traffic) => {
                    format!("messages of {} wait longer than {longer} for {}", site.service, place(callee))
                }
                (Some(callee), _) if callee.service == shift.at.service => {
                    format!("calls of {} to {at} take longer than {longer} beside its work", site.service)
                }
                (Some(callee), _) => {
                    format!(
                        "calls of {at} take longer than {longer} beside the work of their callees, such as {}",
                        place(callee)
                    )
                }
                (None, _) if site.operation == shift.at.operation => format!("{at} works longer than {longer}"),
                (None, _) => format!("{} in {at} takes longer than {longer}", site.operation),
            }
        }
        Shown::Course(course) => {
            let changes = match (course.missing.as_slice(), course.added.as_slice()) {
                ([], added) => format!("with {}", list(added)),
                (missing, []) => format!("without {}", list(missing)),
                (missing, added) => format!("without {}, with {}", list(missing), list(added)),
            };
            let where_it_is =
                if site.operation == shift.at.operation { at } else { format!("{} in {at}", site.operation) };
            if shift.kind == ShiftKind::LogError {
                let complaint = course.added.iter().find(|act| act.kind == ActKind::Complains);
                let told = complaint.map_or_else(String::new, |act| words(act));
                return format!("{where_it_is} tells of {told}, although its spans are well");
            }
            format!("{where_it_is} takes another course: {changes}")
        }
        Shown::Calls(calls) => format!(
            "{at} makes more than {} calls of {} for each span ({} on average, before {})",
            rounded(calls.more_than),
            words(calls.act),
            tenths(calls.candidate),
            tenths(calls.baseline)
        ),
    }
}

fn tenths(number: f64) -> f64 {
    rounded((10.0 * number).round() / 10.0)
}

/// An act in words.
pub(crate) fn words(act: &Act) -> String {
    match act.kind {
        ActKind::Calls | ActKind::Does => format!("{} of {}", act.what, act.service),
        ActKind::Tells | ActKind::Complains => format!("\"{}\"", act.what),
    }
}

fn list(acts: &[&Act]) -> String {
    let named: Vec<String> = acts.iter().take(NAMED).map(|act| words(act)).collect();
    let more = acts.len().saturating_sub(NAMED);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{and_more}", named.join(", "))
}

/// How sure we are of a shift.
///
/// | speaks against | weighs |
/// | --- | --- |
/// | among all comparisons that may be chance | 2 |
/// | only a part of the spans shows it, and the baseline covers fewer than eight stretches of time | 1 |
/// | the baseline covers too few stretches of time to know its own drift | 1 |
/// | few spans in the candidate | 1 |
///
/// 0 is high, 1 medium, more low.
pub(crate) fn confidence(shift: &Shift<'_>) -> Confidence {
    let excess = &shift.excess;
    let (mut speaks_for, mut against, mut weight) = (Vec::new(), Vec::new(), 0);
    if shift.clear {
        speaks_for.push("it is no chance among all places that were compared".to_owned());
    } else {
        weight += 2;
        against.push("among all places that were compared it may be chance".to_owned());
    }
    let part = format!("{:.0} %", 100.0 * (excess.share + excess.worst));
    if excess.share < FEW && excess.stretches < WELL_KNOWN {
        weight += 1;
        against.push(format!("at least {part} of the spans show it, which is not much more than drift may be"));
    } else {
        speaks_for.push(format!("at least {part} of the spans show it"));
    }
    if excess.stretches < STRETCHES {
        weight += 1;
        against.push("the baseline is too short, or has too few spans there, to know its own drift".to_owned());
    } else {
        let worst = format!("{:.0} %", 100.0 * excess.worst);
        speaks_for.push(format!("no stretch of the baseline shows more than {worst} ({} stretches)", excess.stretches));
    }
    if excess.candidate.trials < SPANS {
        weight += 1;
        against.push(format!("the candidate has only {} there", count(excess.candidate.trials, "span")));
    }
    if shift.places.len() > 1 {
        speaks_for.push(format!("it shows in {}", count(shift.places.len() as u64, "place")));
    }
    let level = match weight {
        0 => Level::High,
        1 => Level::Medium,
        _ => Level::Low,
    };
    Confidence { level, speaks_for, against }
}
