//! Root causes of both sides in the order in which they matter, spelt out.

use crate::facts::cause::EffectRank;
use crate::judge::evidence_cause::RootCause;
use crate::judge::gate::causes::{CausePair, Change};
use crate::judge::gate::shift::{Shift, ShiftKind};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::{place, significant};
use crate::judge::policy::Policy;
use crate::judge::root_causes::root_cause;
use crate::judge::wording::capitalised;
use std::cmp::Reverse;

/// What a root cause is by its weight, the heaviest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Weight {
    /// It failed an entry point.
    Fatal,
    /// It failed, and somebody got over it.
    Absorbed,
    /// It makes passing requests slower.
    Slows,
    /// It hit no request, as far as the telemetry tells.
    Unnoticed,
}

/// The order of all root causes: the pairs by their numbers, the shifts by theirs after the last pair.
///
/// One list: the callers' own faults last; then new or worse (shifts are), same or known elsewhere, better, gone. Of what is
/// new or worse, what may be chance comes after what is none: a failure that was not there before and hit one request may
/// well have been there all along.
///
/// ```text
/// 1. latency    stock, 76 of 76 spans, before 1 of 52         no chance
/// 2. exception  ledger, 1 of 17 requests, before 0 of 17      new, and may be chance though it failed an entry point
/// ```
///
/// Within that what fails an entry point, what callers get over, what slows an entry point, what nobody noticed. Failures of
/// one weight are ordered by traces, shifts by whether they could be chance and by the share of spans that show them beyond
/// drift; then by signature, so that it never depends on chance.
pub(crate) fn order(
    pairs: &[CausePair<'_>],
    known_elsewhere: &[bool],
    shifts: &[Shift<'_>],
    policy: &Policy,
) -> Vec<usize> {
    let group = |change: Change| match change {
        Change::New | Change::Worse => 0,
        Change::Same => 1,
        Change::Better => 2,
        Change::Gone => 3,
    };
    let mut order: Vec<usize> = (0..pairs.len() + shifts.len()).collect();
    order.sort_by_cached_key(|&number| {
        match (pairs.get(number), number.checked_sub(pairs.len()).map(|at| &shifts[at])) {
            (Some(pair), _) => {
                let known = known_elsewhere.get(number) == Some(&true);
                let group = if known { group(Change::Same) } else { group(pair.change) };
                let weight = match pair.facts().map(|facts| facts.sample.exemplar.rank) {
                    Some(EffectRank::Fatal) => Weight::Fatal,
                    Some(EffectRank::Absorbed) => Weight::Absorbed,
                    _ => Weight::Unnoticed,
                };
                (
                    pair.is_client_fault(),
                    group,
                    group == 0 && may_be_chance(pair, policy),
                    weight,
                    pair.facts().map(|facts| facts.place()),
                    0,
                    Reverse(0),
                    pair.signature.to_owned(),
                )
            }
            (None, shift) => {
                let slows = shift.is_some_and(Shift::slows_entry);
                let weight = if slows { Weight::Slows } else { Weight::Unnoticed };
                let (unclear, share) = shift.map_or((2, 0), |shift| {
                    // What explains more of a slowdown comes first; else what more spans show.
                    let share = if slows {
                        shift.explains.as_ref().map_or(0.0, |(_, share)| *share)
                    } else {
                        shift.excess.share
                    };
                    #[expect(clippy::cast_possible_truncation, reason = "a share in millionths")]
                    let millionths = (share * 1e6) as i64;
                    // A slower place before another course of it, of equals.
                    (i32::from(!shift.clear), 10 * millionths - i64::from(shift.kind != ShiftKind::Latency))
                });
                let signature = shift.map(|shift| shift.signature.clone()).unwrap_or_default();
                // The gate holds the slowness of the entry point that it explains to be none.
                let may_be_chance = !slows && unclear > 0;
                (false, 0, may_be_chance, weight, None, unclear, Reverse(share), signature)
            }
        }
    });
    order
}

/// Whether a failure that is new or worse may have failed as many requests without being either. Where nothing can be
/// compared, nothing speaks for chance.
fn may_be_chance(pair: &CausePair<'_>, policy: &Policy) -> bool {
    let p = pair.p.or(pair.inner.as_ref().map(|rate| rate.p));
    p.is_some_and(|p| p > policy.alpha)
}

/// The root cause of a pair, as the candidate shows it; of one that is gone, as the baseline did.
pub(crate) fn spelt_out(
    rank: u64,
    pair: &CausePair<'_>,
    known_elsewhere: bool,
    sides: &Sides<'_>,
) -> Option<RootCause> {
    let facts = pair.facts()?;
    let window = if pair.candidate.is_some() { sides.candidate } else { sides.baseline };
    let mut cause = root_cause(rank, pair.signature, facts, window, |peer| sides.who_answers(peer));
    cause.change = Some(pair.change.as_str().to_owned());
    cause.traces.baseline = Some(pair.baseline.map_or(0, |facts| facts.traces));
    let rate = pair.fatal.as_ref().or(pair.inner.as_ref());
    cause.p_value = pair.p.or(pair.inner.as_ref().map(|rate| rate.p)).map(significant);
    cause.comparison = Some(match rate {
        Some(rate) => format!("{}: {} at {}.", capitalised(pair.change.as_str()), rate.words(), place(&rate.at)),
        None => format!("{}: no requests on both sides to compare.", capitalised(pair.change.as_str())),
    });
    if known_elsewhere {
        let told = "the same failure hit other calls in the baseline, in one stretch of time as many traces as now";
        cause.confidence.against.push(told.to_owned());
    }
    if pair.candidate.is_none() {
        (cause.traces.candidate, cause.traces.fatal, cause.traces.absorbed) = (0, 0, 0);
        cause.share_of_failing = 0.0;
        cause.entry_points.clear();
        cause.degraded_entry_points.clear();
        cause.sentence = format!("Gone: {}", cause.sentence);
    }
    Some(cause)
}
