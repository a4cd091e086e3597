//! What neighbouring records of a partition share, so that it is written once: the traces that came last, and the time.
//!
//! Of the traces that are open at the same time, a partition has few, so that nearly every span belongs to one of the last
//! that it has seen.
//!
//! ```text
//! written   0, trace a | 1 | 1 | 0, trace b | 2 | 1       0: a trace that is not among the last, told in full
//! means     a          | a | a | b          | a | b       n: the n-th last of those that were told in full
//! ```

use crate::assemble::packed::{Head, Packed};
use crate::model::ids::TraceId;

/// How many traces are looked back to. A power of two.
const LAST: usize = 8;

/// The state of one who writes the records of a partition, or of one who reads them in the same order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    traces: [TraceId; LAST],
    /// How many traces were told in full.
    told: usize,
    time: u64,
}

impl Recent {
    /// Writes a trace id.
    #[inline]
    pub(crate) fn put_trace(&mut self, out: &mut Head<'_>, trace: TraceId) {
        let known = LAST.min(self.told);
        for back in 1..=known {
            if self.traces[(self.told - back) % LAST] == trace {
                return out.put([back.to_le_bytes()[0]]);
            }
        }
        out.put([0]);
        out.put(trace.0);
        self.tell(trace);
    }

    /// Reads what [`Self::put_trace`] wrote.
    #[inline]
    pub(crate) fn take_trace(&mut self, packed: &mut Packed<'_>) -> Option<TraceId> {
        let back = usize::from(packed.byte()?);
        if back == 0 {
            let trace = TraceId(packed.fixed()?);
            self.tell(trace);
            return Some(trace);
        }
        if back > LAST.min(self.told) {
            return None;
        }
        Some(self.traces[(self.told - back) % LAST])
    }

    fn tell(&mut self, trace: TraceId) {
        self.traces[self.told % LAST] = trace;
        self.told += 1;
    }

    /// Writes a time as the distance from the one before, which is seconds where the time itself is years. The sign is in
    /// the lowest bit (as protobuf has it).
    #[inline]
    pub(crate) fn put_time(&mut self, out: &mut Head<'_>, time: u64) {
        let distance = time.wrapping_sub(self.time).cast_signed();
        self.time = time;
        out.put_number(((distance << 1) ^ (distance >> 63)).cast_unsigned());
    }

    /// Reads what [`Self::put_time`] wrote.
    #[inline]
    pub(crate) fn take_time(&mut self, packed: &mut Packed<'_>) -> Option<u64> {
        let number = packed.number()?;
        let distance = (number >> 1) ^ (number & 1).wrapping_neg();
        self.time = self.time.wrapping_add(distance);
        Some(self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::packed::put_head;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn traces_and_times_are_read_as_they_were_written(
            records in prop::collection::vec((0..20_u8, any::<u64>()), 0..200),
        ) {
            let (mut out, mut recent) = (Vec::new(), Recent::default());
            for &(trace, time) in &records {
                put_head(&mut out, |head| {
                    recent.put_trace(head, TraceId([trace; 16]));
                    recent.put_time(head, time);
                });
            }
            let (mut packed, mut recent) = (Packed::new(&out), Recent::default());
            for (trace, time) in records {
                prop_assert_eq!(recent.take_trace(&mut packed), Some(TraceId([trace; 16])));
                prop_assert_eq!(recent.take_time(&mut packed), Some(time));
            }
            prop_assert!(packed.is_empty());
        }
    }

    #[test]
    fn a_trace_is_told_again_only_when_it_was_long_ago() {
        let (mut out, mut recent) = (Vec::new(), Recent::default());
        put_head(&mut out, |head| {
            for number in [1, 1, 2, 1, 2] {
                recent.put_trace(head, TraceId([number; 16]));
            }
        });
        assert_eq!(out.len(), 2 * 17 + 3);
        assert_eq!(Recent::default().take_trace(&mut Packed::new(&[1])), None);
    }
}
