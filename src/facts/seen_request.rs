//! A request that somebody can go and look at, so that a count is not to be taken on trust.

use crate::model::ids::{SpanId, TraceId};
use crate::model::span::LooseSpan;
use crate::model::time::Nanos;
use std::cmp::Reverse;

/// One request. The order is that of start, then of ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SeenRequest {
    /// Start of its span.
    pub start: Nanos,
    /// Its trace.
    pub trace: TraceId,
    /// Its span.
    pub span: SpanId,
    /// How long it took, nanoseconds.
    pub duration: u64,
}

/// Of the requests of one entry point the two that are shown, whatever the order in which they come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SeenRequests {
    /// The first that failed.
    pub first_failing: Option<Box<SeenRequest>>,
    /// The slowest that passed; of several the first.
    pub slowest_passing: Option<Box<SeenRequest>>,
}

impl SeenRequest {
    /// The request that a span took.
    pub(crate) fn of(span: &LooseSpan) -> Self {
        Self { start: span.time.start, trace: span.trace, span: span.id, duration: span.time.duration() }
    }

    /// The slower one; of two that took as long the first.
    fn or_slower(self, other: Self) -> Self {
        let slowness = |request: Self| (request.duration, Reverse(request));
        if slowness(other) > slowness(self) { other } else { self }
    }
}

impl SeenRequests {
    /// Looks at one more request.
    pub(crate) fn offer(&mut self, request: SeenRequest, failed: bool) {
        let (kept, better): (_, fn(SeenRequest, SeenRequest) -> SeenRequest) = if failed {
            (&mut self.first_failing, SeenRequest::min)
        } else {
            (&mut self.slowest_passing, SeenRequest::or_slower)
        };
        match kept {
            Some(known) => **known = better(**known, request),
            None => *kept = Some(Box::new(request)),
        }
    }

    /// Those of both pieces.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some(request) = other.first_failing {
            self.offer(*request, true);
        }
        if let Some(request) = other.slowest_passing {
            self.offer(*request, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(start: u64, duration: u64) -> SeenRequest {
        SeenRequest { start: Nanos(start), trace: TraceId::default(), span: SpanId::default(), duration }
    }

    #[test]
    fn pieces_add_up_in_any_order() {
        let all = [(5, 10, true), (3, 90, true), (1, 40, false), (2, 70, false), (4, 70, false), (9, 5, false)];
        let seen = |part: &[(u64, u64, bool)]| {
            let mut seen = SeenRequests::default();
            part.iter().for_each(|&(start, duration, failed)| seen.offer(request(start, duration), failed));
            seen
        };
        let whole = SeenRequests {
            first_failing: Some(Box::new(request(3, 90))),
            slowest_passing: Some(Box::new(request(2, 70))),
        };
        assert_eq!(seen(&all), whole);
        for cut in 0..=all.len() {
            let (mut one, mut other) = (seen(&all[..cut]), seen(&all[cut..]));
            let (a, b) = (one.clone(), other.clone());
            one.merge(b);
            other.merge(a);
            assert_eq!((&one, &other), (&whole, &whole));
        }
    }
}
