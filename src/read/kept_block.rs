//! Packed segments: records of requests, many of them compressed together in a block.
//!
//! ```text
//! segment   "WSPNPACK" | block | block | ...
//! block     mark 4 | length 4 | unpacked 4 | records 4 | first 8 | last 8 | digest 16 | check 8 | zstd (length bytes)
//! unzipped  record | record | ...                       as in `kept_record.rs`, each with its own checksum
//! ```
//!
//! Numbers have their big end first. `first` and `last` are the times between which what the block tells of starts, so that a
//! block can be passed by without being read; both are 0 when it does not tell. The digest is that of the compressed bytes, the
//! check that of the 48 bytes before it.

use crate::model::time::{Interval, Nanos};
use crate::read::checksum::{checked, seal};
use crate::read::kept_record::HEAD_BYTES;
use std::io;
use twox_hash::XxHash3_128;

/// What every packed segment starts with.
pub const PACKED_MAGIC: &[u8; 8] = b"WSPNPACK";

/// What every block starts with.
pub(crate) const BLOCK_MARK: [u8; 4] = [0xf6, b'W', b'B', 0xf7];

/// Bytes of a block before its compressed records.
pub const BLOCK_HEAD_BYTES: usize = 56;

/// How many bytes of records a block holds, unless a single one is longer: enough that what requests repeat is found, few enough
/// that one trace is not dear to look up.
pub const BLOCK_BYTES: usize = 1 << 20;

const CHECK_AT: usize = BLOCK_HEAD_BYTES - 8;

/// How hard zstd tries: beyond it the time doubles for some hundredths of the size.
const LEVEL: i32 = 3;

/// The head of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockHead {
    /// How many compressed bytes follow.
    pub length: u32,
    /// How many bytes of records they hold.
    pub unpacked: u32,
    /// How many records these are.
    pub records: u32,
    /// When what they tell of starts.
    pub time: Option<Interval>,
    digest: u128,
}

impl BlockHead {
    /// Compresses `count` records, and says with which head.
    ///
    /// # Errors
    ///
    /// When they are longer than a block may be, or zstd fails.
    pub fn pack(records: &[u8], count: u32, time: Option<Interval>) -> io::Result<(Self, Vec<u8>)> {
        let packed = zstd::bulk::compress(records, LEVEL)?;
        let too_long = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let length = u32::try_from(packed.len()).map_err(too_long)?;
        let unpacked = u32::try_from(records.len()).map_err(too_long)?;
        let digest = XxHash3_128::oneshot(&packed);
        Ok((Self { length, unpacked, records: count, time, digest }, packed))
    }

    /// The records, of at most `longest` bytes each.
    ///
    /// # Errors
    ///
    /// When these are not the bytes that were written, or hold more than they may; in words.
    pub fn unpack(&self, packed: &[u8], longest: usize) -> Result<Vec<u8>, &'static str> {
        const DAMAGED: &str = "block left out: its bytes are not those that were written; the disk damaged them";
        let unpacked = self.unpacked as usize;
        if unpacked > longest.saturating_add(HEAD_BYTES).max(BLOCK_BYTES) {
            return Err("block left out: it holds a record beyond the limit; give more --memory");
        }
        if XxHash3_128::oneshot(packed) != self.digest {
            return Err(DAMAGED);
        }
        match zstd::bulk::decompress(packed, unpacked) {
            Ok(records) if records.len() == unpacked => Ok(records),
            _ => Err(DAMAGED),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn to_bytes(self) -> [u8; BLOCK_HEAD_BYTES] {
        let mut bytes = [0; BLOCK_HEAD_BYTES];
        let (first, last) = self.time.map_or((0, 0), |time| (time.start.0, time.end.0));
        bytes[..4].copy_from_slice(&BLOCK_MARK);
        bytes[4..8].copy_from_slice(&self.length.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.unpacked.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.records.to_be_bytes());
        bytes[16..24].copy_from_slice(&first.to_be_bytes());
        bytes[24..32].copy_from_slice(&last.to_be_bytes());
        bytes[32..CHECK_AT].copy_from_slice(&self.digest.to_be_bytes());
        seal(&mut bytes);
        bytes
    }

    /// The head at the start of `bytes`; `None` when none stands there, or a damaged one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; BLOCK_HEAD_BYTES] = bytes.first_chunk()?;
        let content = head.starts_with(&BLOCK_MARK).then(|| checked(head))??;
        let number = |from: usize| content[from..].first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        let time = |from: usize| content[from..].first_chunk().map(|bytes| Nanos(u64::from_be_bytes(*bytes)));
        let time = Interval { start: time(16)?, end: time(24)? };
        Some(Self {
            length: number(4)?,
            unpacked: number(8)?,
            records: number(12)?,
            time: (time.end.0 > 0).then_some(time),
            digest: u128::from_be_bytes(*content[32..].first_chunk()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_written_and_no_flipped_bit_goes_unseen() {
        let records = b"one record and another ".repeat(40);
        let time = Some(Interval { start: Nanos(5), end: Nanos(9) });
        let (head, packed) = BlockHead::pack(&records, 2, time).expect("packed");
        let bytes = head.to_bytes();
        assert_eq!(BlockHead::parse(&bytes), Some(head));
        assert_eq!(head.unpack(&packed, 0).as_deref(), Ok(&records[..]));
        for bit in 0..BLOCK_HEAD_BYTES * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(BlockHead::parse(&damaged), None, "bit {bit}");
        }
        for bit in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(head.unpack(&damaged, 0).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn what_holds_more_than_it_may_is_not_unpacked() {
        let (head, packed) = BlockHead::pack(&vec![0; 3 << 20], 1, None).expect("packed");
        assert!(packed.len() < 1000);
        assert!(head.unpack(&packed, 2 << 20).is_err_and(|told| told.contains("limit")));
        assert!(head.unpack(&packed, 3 << 20).is_ok());
        // A head that claims less, or more, than there is.
        assert!(BlockHead { unpacked: 5, ..head }.unpack(&packed, 3 << 20).is_err());
        assert!(BlockHead { unpacked: head.unpacked + 1, ..head }.unpack(&packed, 3 << 20).is_err());
    }
}
