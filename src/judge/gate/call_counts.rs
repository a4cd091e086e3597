//! A place that calls more often for each request than it did: fan-out, retry storms, one query for each row.

use crate::facts::course::{Act, ActKind};
use crate::facts::profile::Seen;
use crate::facts::quantile::quantile;
use crate::judge::gate::excess::Excess;
use crate::judge::gate::site_pair::SitePair;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;

/// Usual numbers of calls that are compared with.
const QUANTILES: [f64; 3] = [0.5, 0.9, 0.99];

/// More than so many times as often is more often: a second call where there was one, and nothing below that.
const MORE: f64 = 1.5;

/// Calls of one sort that are more than before.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct MoreCalls<'f> {
    /// Spans that make relevantly more of them.
    pub(crate) excess: Excess,
    /// What is called or done.
    pub(crate) act: &'f Act,
    /// How often in the candidate, for each span.
    pub(crate) candidate: f64,
    /// How often in the baseline, for each span.
    pub(crate) baseline: f64,
    /// Spans that make more than so many are among the `excess`.
    pub(crate) more_than: f64,
}

/// The sorts of calls that rose, the clearest first; and how many were looked at.
pub(crate) fn more_calls<'f>(pair: &'f SitePair<'f>) -> (Vec<MoreCalls<'f>>, usize) {
    let (_, before) = pair.courses();
    let calls = |act: &&Act| matches!(act.kind, ActKind::Calls | ActKind::Does);
    let known: OrderedSet<&Act> = before.flat_map(|course| course.acts()).filter(calls).collect();
    let mut found: Vec<MoreCalls<'f>> = known.iter().filter_map(|act| more(pair, act)).collect();
    // Stable: equal ones stay in the order of names.
    found.shared_sort_by(|one, other| other.excess.share.total_cmp(&one.excess.share));
    (found, known.len())
}

fn more<'f>(pair: &'f SitePair<'f>, act: &'f Act) -> Option<MoreCalls<'f>> {
    let times = |side: &[&Seen]| {
        let mut times: Vec<u64> = side.iter().map(|seen| u64::from(seen.course.times(act))).collect();
        times.sort_unstable();
        times
    };
    let (now, before) = (times(&pair.candidate), times(&pair.baseline));
    let most = *now.last()?;
    let mut clearest: Option<(Excess, f64)> = None;
    for share in QUANTILES {
        let usual = quantile(&before, share);
        let more_than = MORE * usual;
        // Whether it is done at all is a matter of the course.
        #[expect(clippy::cast_precision_loss, reason = "a number of spans")]
        if usual < 1.0 || most as f64 <= more_than {
            continue;
        }
        if let Some(excess) = pair.excess(|seen| f64::from(seen.course.times(act)) > more_than)
            && clearest.as_ref().is_none_or(|(known, _)| excess.share > known.share)
        {
            clearest = Some((excess, more_than));
        }
    }
    let (excess, more_than) = clearest?;
    Some(MoreCalls { excess, act, candidate: mean(&now), baseline: mean(&before), more_than })
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
fn mean(numbers: &[u64]) -> f64 {
    numbers.iter().sum::<u64>() as f64 / numbers.len().max(1) as f64
}
