//! Clocks that disagree: a server span outside its caller's time is moved into it, within a bound, and told.

use crate::assemble::met::Defects;
use crate::model::defect::Defect;
use crate::model::names::Names;
use crate::model::span::LooseSpan;
use crate::model::span_kind::SpanKind;
use crate::model::time::{Interval, Nanos};

/// Some SDKs start spans on whole milliseconds, so a callee may seem to start a little before its caller.
pub const TOLERANCE_NS: u64 = 2 * Nanos::PER_MS;

/// Beyond this, a callee's time says nothing about its caller's: an hour is a wrong time zone, not a drifting clock.
pub const BOUND_NS: u64 = 30 * 60 * 1_000 * Nanos::PER_MS;

/// By how many nanoseconds a span of another clock must move to lie within its caller's time; 0 to leave it. What the
/// clocks disagree by is told, whether the span is moved or not.
///
/// ```text
/// caller   |-----------------|            caller   |-----------------|
/// callee                        |----|    callee        |----|              moved to the middle
/// ```
///
/// A callee that starts within its caller's time and ends after it is not skewed: it worked on after the caller gave up.
/// The middle is the place that Jaeger's clock-skew adjuster chooses too: the network delay is taken as equal both ways.
pub(crate) fn correction(caller: &LooseSpan, callee: &LooseSpan, defects: &mut Defects) -> i64 {
    let Some(by) = distance(caller.time, callee.time) else { return 0 };
    let beyond = by.unsigned_abs() > BOUND_NS;
    let defect = if beyond { Defect::SkewBeyondBound } else { Defect::SkewCorrected };
    defects.add_between(defect, callee.resource, caller.resource, by);
    if beyond { 0 } else { by }
}

/// How far the callee's start lies from where it belongs; `None` when it lies within its caller's time.
fn distance(caller: Interval, callee: Interval) -> Option<i64> {
    let earliest = caller.start.0.saturating_sub(TOLERANCE_NS);
    let latest = caller.end.0.saturating_add(TOLERANCE_NS);
    let known = caller.start.0 != 0 && callee.start.0 != 0;
    if !known || (earliest..=latest).contains(&callee.start.0) {
        return None;
    }
    let wire = caller.duration().saturating_sub(callee.duration()) / 2;
    let wanted = caller.start.0.saturating_add(wire);
    let distance = i64::try_from(wanted.abs_diff(callee.start.0)).unwrap_or(i64::MAX);
    Some(if wanted > callee.start.0 { distance } else { -distance })
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
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::operation::OpId;
    use crate::model::resource::ResourceId;
    use crate::model::span::{Codes, Status};
    use crate::model::sym::Sym;
    use crate::model::target::TargetId;

    fn ms(start: u64, end: u64) -> Interval {
        let base = 1_000_000;
        Interval { start: Nanos((base + start) * Nanos::PER_MS), end: Nanos((base + end) * Nanos::PER_MS) }
    }

    fn span(time: Interval) -> LooseSpan {
        LooseSpan {
            trace: TraceId::NONE,
            id: SpanId::NONE,
            parent: SpanId::NONE,
            time,
            operation: OpId::default(),
            name: Sym::EMPTY,
            resource: ResourceId::default(),
            target: TargetId::NONE,
            codes: Codes::default(),
            status: Status::Unset,
            detail: None,
            attributes: Box::default(),
        }
    }

    /// The correction in milliseconds, and what is told of it: the defect, and how far apart the clocks seem to be.
    fn correction_in_ms(caller: Interval, callee: Interval) -> (i64, Option<(Defect, i64)>) {
        let mut defects = Defects::default();
        let delta = correction(&span(caller), &span(callee), &mut defects);
        let met = defects.met.first().map(|met| (met.defect, met.by / 1_000_000));
        assert_eq!(defects.met.len() as u64, met.map_or(0, |(defect, _)| defects.counts.count(defect)));
        (delta / 1_000_000, met)
    }

    #[test]
    fn a_callee_after_its_caller_is_moved_to_the_middle() {
        let told = (Defect::SkewCorrected, -470);
        assert_eq!(correction_in_ms(ms(0, 100), ms(500, 540)), (-470, Some(told)));
    }

    #[test]
    fn a_callee_that_outlives_its_caller_is_left() {
        assert_eq!(correction_in_ms(ms(0, 100), ms(50, 400)), (0, None));
    }

    #[test]
    fn a_millisecond_before_the_caller_is_rounding() {
        assert_eq!(correction_in_ms(ms(1, 100), ms(0, 50)).0, 0);
    }

    #[test]
    fn an_hour_is_told_and_left() {
        let told = (Defect::SkewBeyondBound, -3_599_975);
        assert_eq!(correction_in_ms(ms(0, 100), ms(3_600_000, 3_600_050)), (0, Some(told)));
    }
}
