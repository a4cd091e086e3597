//! Clocks that disagree: a server span outside its caller's time is moved into it, within a bound, and told.

use crate::model::defect::{Defect, DefectCounts};
use crate::model::names::{Names, SpanKind};
use crate::model::span::LooseSpan;
use crate::model::time::{Interval, Nanos};

/// Some SDKs start spans on whole milliseconds, so a callee may seem to start a little before its caller.
pub const TOLERANCE_NS: u64 = 2 * Nanos::PER_MS;

/// Beyond this, a callee's time says nothing about its caller's: an hour is a wrong time zone, not a drifting clock.
pub const BOUND_NS: u64 = 30 * 60 * 1_000 * Nanos::PER_MS;

/// By how many nanoseconds a span of another clock must move to lie within its caller's time; 0 to leave it.
///
/// ```text
/// caller   |-----------------|            caller   |-----------------|
/// callee                        |----|    callee        |----|              moved to the middle
/// ```
///
/// A callee that starts within its caller's time and ends after it is not skewed: it worked on after the caller gave up.
/// The middle is the place that Jaeger's clock-skew adjuster chooses too: the network delay is taken as equal both ways.
pub(crate) fn correction(caller: Interval, callee: Interval, defects: &mut DefectCounts) -> i64 {
    let earliest = caller.start.0.saturating_sub(TOLERANCE_NS);
    let latest = caller.end.0.saturating_add(TOLERANCE_NS);
    let known = caller.start.0 != 0 && callee.start.0 != 0;
    if !known || (earliest..=latest).contains(&callee.start.0) {
        return 0;
    }
    let wire = caller.duration().saturating_sub(callee.duration()) / 2;
    let wanted = caller.start.0.saturating_add(wire);
    if wanted.abs_diff(callee.start.0) > BOUND_NS {
        defects.add(Defect::SkewBeyondBound);
        return 0;
    }
    defects.add(Defect::SkewCorrected);
    // Cannot truncate: the distance was just held against the bound.
    let distance = i64::try_from(wanted.abs_diff(callee.start.0)).unwrap_or(0);
    if wanted > callee.start.0 { distance } else { -distance }
}

/// Whether `callee` answers `caller` over a wire and was timed by another clock.
pub(crate) fn may_be_skewed(caller: &LooseSpan, callee: &LooseSpan, names: &Names) -> bool {
    let kind = |span: &LooseSpan| names.operation_of(span.operation).kind;
    kind(callee) == SpanKind::Server && kind(caller) != SpanKind::Producer && !same_clock(caller, callee, names)
}

/// Whether two spans were surely timed by the same clock.
pub(crate) fn same_clock(a: &LooseSpan, b: &LooseSpan, names: &Names) -> bool {
    let (host_a, host_b) = (names.resource_of(a.resource).host, names.resource_of(b.resource).host);
    a.resource == b.resource || (!host_a.is_empty() && host_a == host_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(start: u64, end: u64) -> Interval {
        let base = 1_000_000;
        Interval { start: Nanos((base + start) * Nanos::PER_MS), end: Nanos((base + end) * Nanos::PER_MS) }
    }

    fn correction_in_ms(caller: Interval, callee: Interval) -> (i64, DefectCounts) {
        let mut defects = DefectCounts::default();
        let delta = correction(caller, callee, &mut defects);
        (delta / 1_000_000, defects)
    }

    #[test]
    fn a_callee_after_its_caller_is_moved_to_the_middle() {
        let (delta, defects) = correction_in_ms(ms(0, 100), ms(500, 540));
        assert_eq!(delta, -470);
        assert_eq!(defects.count(Defect::SkewCorrected), 1);
    }

    #[test]
    fn a_callee_that_outlives_its_caller_is_left() {
        let (delta, defects) = correction_in_ms(ms(0, 100), ms(50, 400));
        assert_eq!((delta, defects), (0, DefectCounts::default()));
    }

    #[test]
    fn a_millisecond_before_the_caller_is_rounding() {
        assert_eq!(correction_in_ms(ms(1, 100), ms(0, 50)).0, 0);
    }

    #[test]
    fn an_hour_is_told_and_left() {
        let (delta, defects) = correction_in_ms(ms(0, 100), ms(3_600_000, 3_600_050));
        assert_eq!(delta, 0);
        assert_eq!(defects.count(Defect::SkewBeyondBound), 1);
    }
}
