//! A number of a value that takes a few instructions: where it may lie among what was met lately.
//!
//! It is multiplied by the golden ratio's fraction, whose highest bits depend on all of it (Knuth, The Art of Computer
//! Programming, section 6.4). Whoever writes names can make many of them meet in one place. That costs them the short way and
//! nothing else: behind it stands a table with a keyed hash.

use crate::model::operation::Operation;
use crate::model::target::Target;

/// How many places there are.
pub(super) const PLACES: usize = 256;

/// The fraction of the golden ratio, in 64 bits.
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What has such a number.
pub(super) trait Quick {
    /// The number: equal values have equal ones.
    fn quick(&self) -> u64;

    /// The place, below [`PLACES`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a number below PLACES")]
    fn quick_place(&self) -> usize {
        (self.quick().wrapping_mul(GOLDEN) >> (u64::BITS - PLACES.ilog2())) as usize
    }
}

impl Quick for [u8] {
    /// Of its length, its first and its last bytes: names that begin alike end in different ways, and the other way round.
    #[inline]
    fn quick(&self) -> u64 {
        let ends = match (self.first_chunk::<8>(), self.last_chunk::<8>()) {
            (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23),
            _ => match (self.first_chunk::<4>(), self.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
                }
                _ => self.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)),
            },
        };
        ends ^ (self.len() as u64).rotate_right(8)
    }
}

impl Quick for Operation {
    #[inline]
    fn quick(&self) -> u64 {
        u64::from(self.service.number()) << 32 ^ u64::from(self.name.number()) << 3 ^ self.kind as u64
    }
}

impl Quick for Target {
    #[inline]
    fn quick(&self) -> u64 {
        let whom = u64::from(self.address.number()) << 40 ^ u64::from(self.rpc_service.number()) << 20;
        whom ^ u64::from(self.resource.number()) ^ u64::from(self.peer_service.number()) << 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_length_that_look_alike_have_different_numbers() {
        let names: Vec<&str> =
            " a b ab ba abc cart cars carts checkout checkins a/checkout b/checkout".split(' ').collect();
        let mut numbers: Vec<u64> = names.iter().map(|name| name.as_bytes().quick()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), names.len());
    }
}
