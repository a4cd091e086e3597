//! What one service sent, as counts of its records: what nobody can tell any more once the records are read.

use crate::model::few::Few;
use crate::model::time::Interval;

/// What a limit of an SDK cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Loss {
    /// Spans that lost something.
    pub spans: u64,
    /// How many things they lost together.
    pub things: u64,
}

impl Loss {
    /// Counts a span that lost `things`; none is no loss.
    pub fn add(&mut self, things: u32) {
        self.spans += u64::from(things > 0);
        self.things += u64::from(things);
    }

    fn merge(&mut self, other: Self) {
        self.spans += other.spans;
        self.things += other.things;
    }
}

/// What spans say of the sampling that kept them.
///
/// A probability is held as the weight that it stands for, 1 / probability, in parts of [`Sampling::PARTS`], so that sums
/// do not depend on the order of adding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sampling {
    /// Spans that tell the probability by which they were kept: `ot=th:` or `ot=p:` of their trace state, `SampleRate`, or
    /// `sampler.type` and `sampler.param` of Jaeger's clients.
    pub told: u64,
    /// Of these, spans that were kept by a probability below 1.
    pub thinned: u64,
    /// The sum of the weights of those that tell, in parts.
    pub weight: u128,
    /// The smallest and the greatest weight that was told, in parts; both 0 when none was.
    pub range: (u128, u128),
    /// Spans with a randomness of their own: `ot=rv:`.
    pub own_randomness: u64,
    /// Spans whose flags are given (`Span.flags` of the OTLP trace proto is not 0).
    pub flagged: u64,
    /// Of these, spans whose trace id is random by the W3C flag.
    pub random: u64,
    /// Of these, spans whose parent is known to lie in another process.
    pub remote_parent: u64,
    /// Spans that somebody wanted to keep whatever the sampler says: `sampling.priority` above 0.
    pub forced: u64,
}

impl Sampling {
    /// How many parts a weight of 1 has.
    pub const PARTS: u128 = 1 << 16;

    /// Counts a span that stands for `weight` spans, in parts.
    pub fn add_weight(&mut self, weight: u128) {
        self.range = match self.told {
            0 => (weight, weight),
            _ => (self.range.0.min(weight), self.range.1.max(weight)),
        };
        self.told += 1;
        self.thinned += u64::from(weight > Self::PARTS);
        self.weight = self.weight.saturating_add(weight);
    }

    /// Adds the counts of another piece.
    pub fn merge(&mut self, other: &Self) {
        self.range = match (self.told, other.told) {
            (_, 0) => self.range,
            (0, _) => other.range,
            _ => (self.range.0.min(other.range.0), self.range.1.max(other.range.1)),
        };
        self.weight = self.weight.saturating_add(other.weight);
        for (mine, theirs) in [
            (&mut self.told, other.told),
            (&mut self.thinned, other.thinned),
            (&mut self.own_randomness, other.own_randomness),
            (&mut self.flagged, other.flagged),
            (&mut self.random, other.random),
            (&mut self.remote_parent, other.remote_parent),
            (&mut self.forced, other.forced),
        ] {
            *mine += theirs;
        }
    }
}

/// Log records of one service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SentLogs {
    /// All of them.
    pub records: u64,
    /// Those that bear a trace id.
    pub in_traces: u64,
    /// Those that are ERROR or worse, or tell of an exception.
    pub errors: u64,
    /// Of these, those without a trace id.
    pub errors_outside: u64,
    /// Those that tell no severity, neither as a number nor as a known word, flag evaluations left out.
    pub without_severity: u64,
    /// Those that bear a trace id and say that the trace was sampled (the W3C flag).
    pub sampled: u64,
    /// From the first to the last that tells its time.
    pub time: Option<Interval>,
}

impl SentLogs {
    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.records, other.records),
            (&mut self.in_traces, other.in_traces),
            (&mut self.errors, other.errors),
            (&mut self.errors_outside, other.errors_outside),
            (&mut self.without_severity, other.without_severity),
            (&mut self.sampled, other.sampled),
        ] {
            *mine += theirs;
        }
        self.time = Interval::of_both(self.time, other.time);
    }
}

/// What one service sent. What pieces of a capture hold adds up, in any order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// Spans, repeated exports included.
    pub spans: u64,
    /// `telemetry.sdk.language` of the processes, with the spans of each.
    pub languages: Few,
    /// `dropped_attributes_count` of spans.
    pub dropped_attributes: Loss,
    /// `dropped_events_count` of spans.
    pub dropped_events: Loss,
    /// `dropped_links_count` of spans.
    pub dropped_links: Loss,
    /// What its spans say of sampling.
    pub sampling: Sampling,
    /// Its log records.
    pub logs: SentLogs,
}

impl Sent {
    /// Adds what another piece of the capture holds of the same service.
    pub fn merge(&mut self, other: &Self) {
        self.spans += other.spans;
        self.languages.merge(&other.languages);
        self.dropped_attributes.merge(other.dropped_attributes);
        self.dropped_events.merge(other.dropped_events);
        self.dropped_links.merge(other.dropped_links);
        self.sampling.merge(&other.sampling);
        self.logs.merge(&other.logs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_in_any_order() {
        let of = |weights: &[u128]| {
            let mut sampling = Sampling::default();
            weights.iter().for_each(|&weight| sampling.add_weight(weight * Sampling::PARTS));
            sampling
        };
        let whole = of(&[1, 8, 3]);
        assert_eq!((whole.told, whole.thinned, whole.weight), (3, 2, 12 * Sampling::PARTS));
        assert_eq!(whole.range, (Sampling::PARTS, 8 * Sampling::PARTS));
        for pieces in [[&[1_u128, 8][..], &[3]], [&[3], &[1, 8]], [&[], &[1, 8, 3]], [&[8, 3, 1], &[]]] {
            let mut sum = of(pieces[0]);
            sum.merge(&of(pieces[1]));
            assert_eq!(sum, whole);
        }
    }
}
