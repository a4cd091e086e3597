//! When a fault set in, and whether a change can have come before it.

use crate::judge::statistics::change_point::{ChangePoint, rise};
use crate::judge::suspects::looked_at::OfWindow;
use crate::model::time::Nanos;

/// How far clocks of those who announce changes and those who send telemetry may be apart: 5 s. NTP keeps machines within
/// milliseconds; people write minutes.
pub(crate) const TOLERANCE_NS: u64 = 5_000_000_000;

/// When a fault set in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Onset {
    pub(crate) earliest: Nanos,
    pub(crate) at: Nanos,
    pub(crate) latest: Nanos,
}

/// When the fault set in, by requests of both windows in the order of their times; `None` when it was there from the first
/// request on, or when the candidate does not come after the baseline.
pub(crate) fn onset(baseline: &OfWindow<'_>, candidate: &OfWindow<'_>) -> Option<Onset> {
    let rows = |window: &OfWindow<'_>| -> Vec<(u64, bool)> {
        window.rows().map(|(row, failed)| (row.start.0, failed)).filter(|&(at, _)| at != 0).collect()
    };
    let (mut row, after) = (rows(baseline), rows(candidate));
    let in_order = row.iter().map(|&(at, _)| at).max() <= after.iter().map(|&(at, _)| at).min();
    if !in_order {
        return None;
    }
    row.extend(after);
    row.sort_unstable();
    let ChangePoint { earliest, at, latest } = rise(&row)?;
    Some(Onset { earliest: Nanos(earliest), at: Nanos(at), latest: Nanos(latest) })
}

impl Onset {
    /// Whether something that happened no earlier than `earliest` can have come before.
    pub(crate) fn may_follow(&self, earliest: Nanos) -> bool {
        earliest.0 <= self.latest.0.saturating_add(TOLERANCE_NS)
    }
}
