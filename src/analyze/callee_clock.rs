//! Where a callee's span lies within its call when their clocks disagree by less than the call took.

use crate::assemble::clock_skew::may_be_skewed;
use crate::model::names::Names;
use crate::model::time::Interval;
use crate::model::tree::{SpanIx, TraceTree};

/// By how many nanoseconds `callee` must move to lie within the time of `call` above it; 0 where it does, and where it is no
/// question of clocks.
///
/// ```text
/// call      |-----------------|            |-----------------|            |-----------------|
/// callee           |--------------|               |-------|               |-------|
///                  took longer than it            lies within             ahead by some milliseconds ─► moved
///                  has left, and than the call: it worked on after its caller had given up
/// ```
///
/// A callee that sticks out and took no longer than its call did its work within the call, whatever its clock says. Were it
/// left, what is beyond the call would count as time of the wire, and a callee that became slower as a slower wire: one that
/// lies outside as a whole was moved when the trace was put together.
pub(crate) fn into_call(tree: &TraceTree, call: SpanIx, callee: SpanIx, names: &Names) -> i64 {
    let (of_call, of_callee) = (tree.span(call), tree.span(callee));
    let by = distance(of_call.time, of_callee.time);
    if by == 0 || !may_be_skewed(of_call, of_callee, names) { 0 } else { by }
}

fn distance(call: Interval, callee: Interval) -> i64 {
    let meets = callee.start <= call.end && callee.end >= call.start;
    if !meets || callee.duration() > call.duration() {
        return 0;
    }
    let ahead = callee.end.0.saturating_sub(call.end.0);
    let behind = call.start.0.saturating_sub(callee.start.0);
    // Both are shorter than the call, and one of them is 0.
    i64::try_from(behind).unwrap_or(0) - i64::try_from(ahead).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Nanos;

    fn moved(call: (u64, u64), callee: (u64, u64)) -> i64 {
        let time = |(start, end)| Interval { start: Nanos(start), end: Nanos(end) };
        distance(time(call), time(callee))
    }

    #[test]
    fn a_callee_that_sticks_out_is_moved_as_far_as_it_does() {
        assert_eq!(moved((100, 200), (130, 220)), -20);
        assert_eq!(moved((100, 200), (95, 150)), 5);
    }

    #[test]
    fn a_callee_within_its_call_or_longer_than_it_stays() {
        assert_eq!(moved((100, 200), (100, 200)), 0);
        assert_eq!(moved((100, 200), (110, 400)), 0, "it worked on after its caller had given up");
        assert_eq!(moved((100, 200), (50, 260)), 0);
    }

    #[test]
    fn what_lies_elsewhere_says_nothing() {
        assert_eq!(moved((100, 200), (900, 950)), 0);
        assert_eq!(moved((500, 600), (100, 150)), 0);
    }
}
