//! A place whose work, or whose wire, takes longer than it did.

use crate::facts::profile::Seen;
use crate::facts::quantile::quantile;
use crate::judge::gate::excess::Excess;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::policy::Policy;

/// Slowness of all spans shows at the lowest of these quantiles of the baseline, slowness of some at a higher one.
pub(crate) const QUANTILES: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];

/// How a place became slower.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Slowdown {
    /// Spans that take longer than `longer_than`.
    pub(crate) excess: Excess,
    /// Nanoseconds: a quantile of the baseline, and as much more as is relevant.
    pub(crate) longer_than: u64,
    /// Times of the candidate's spans, nanoseconds, sorted.
    pub(crate) candidate: Vec<u64>,
    /// Times of the baseline's spans, nanoseconds, sorted.
    pub(crate) baseline: Vec<u64>,
}

/// How a place became slower by this `time` of its spans, where it shows most.
///
/// ```text
/// share of the baseline's spans that take longer than t          candidate
///  t   p50   50 %  ─────────────► relevantly more than t:  0 %     90 %      all became slower
///      p90   10 %                                          1 %     12 %
///      p99    1 %                                          0 %     10 %      or some did
/// ```
pub(crate) fn slowdown(pair: &SitePair<'_>, policy: &Policy, time: impl Fn(&Seen) -> u64) -> Option<Slowdown> {
    let sorted = |seen: &[&Seen]| {
        let mut times: Vec<u64> = seen.iter().map(|seen| time(seen)).collect();
        times.sort_unstable();
        times
    };
    let (candidate, baseline) = (sorted(&pair.candidate), sorted(&pair.baseline));
    // What takes next to no time cannot be relevantly slower.
    let slowest = candidate.last().copied()?;
    let mut clearest: Option<(Excess, u64)> = None;
    for share in QUANTILES {
        let usual = quantile(&baseline, share);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "nanoseconds from 0 on; held at the ends"
        )]
        let longer_than = (usual + policy.relevant_slowdown_of(usual)) as u64;
        if slowest <= longer_than {
            continue;
        }
        if let Some(excess) = pair.excess(|seen| time(seen) > longer_than)
            && clearest.as_ref().is_none_or(|(known, _)| excess.share > known.share)
        {
            clearest = Some((excess, longer_than));
        }
    }
    clearest.map(|(excess, longer_than)| Slowdown { excess, longer_than, candidate, baseline })
}
