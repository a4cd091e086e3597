//! Root causes of both sides in the order in which they matter, spelt out.

use crate::judge::evidence_cause::RootCause;
use crate::judge::gate::causes::{CausePair, Change};
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::{place, significant};
use crate::judge::root_causes::root_cause;

/// The order of pairs: the callers' own faults last; then new or worse, same, better, gone; within that fatal, absorbed,
/// neither; then by traces; then by signature, so that it never depends on chance.
pub(crate) fn order(pairs: &[CausePair<'_>]) -> Vec<usize> {
    let group = |change: Change| match change {
        Change::New | Change::Worse => 0,
        Change::Same => 1,
        Change::Better => 2,
        Change::Gone => 3,
    };
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_cached_key(|&number| {
        let pair = &pairs[number];
        (pair.is_client_fault(), group(pair.change), pair.facts().map(|facts| facts.place()), pair.signature)
    });
    order
}

/// The root cause of a pair, as the candidate shows it; of one that is gone, as the baseline did.
pub(crate) fn spelt_out(rank: u64, pair: &CausePair<'_>, sides: &Sides<'_>) -> Option<RootCause> {
    let facts = pair.facts()?;
    let window = if pair.candidate.is_some() { sides.candidate } else { sides.baseline };
    let mut cause = root_cause(rank, pair.signature, facts, window, |peer| sides.who_answers(peer));
    cause.change = Some(pair.change.as_str().to_owned());
    cause.traces.baseline = Some(pair.baseline.map_or(0, |facts| facts.traces));
    let rate = pair.fatal.as_ref().or(pair.inner.as_ref());
    cause.p_value = pair.p.or(pair.inner.as_ref().map(|rate| rate.p)).map(significant);
    cause.comparison = Some(match rate {
        Some(rate) => format!("{}: {} at {}.", capital(pair.change.as_str()), rate.words(), place(&rate.at)),
        None => format!("{}: no requests on both sides to compare.", capital(pair.change.as_str())),
    });
    if pair.candidate.is_none() {
        (cause.traces.candidate, cause.traces.fatal, cause.traces.absorbed) = (0, 0, 0);
        cause.share_of_failing = 0.0;
        cause.entry_points.clear();
        cause.degraded_entry_points.clear();
        cause.sentence = format!("Gone: {}", cause.sentence);
    }
    Some(cause)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
