//! How requests are kept on disk: segments of records, each with its own checksum.
//!
//! ```text
//! segment   "WSPNSEG1" | record | record | ...
//! record    mark 4 | length 4 | kind 4 | received 8 | digest 16 | check 8 | payload (length bytes)
//! ```
//!
//! Numbers have their big end first. The payload is an OTLP export request as it came, decompressed. The digest is that of kind
//! and payload, so that it also names the request: one that is sent again has the same. The check is that of the 36 bytes before
//! it, so that a damaged length leads nobody astray.

use crate::read::checksum::{checked, seal};
use twox_hash::XxHash3_128;

/// What every segment starts with.
pub const SEGMENT_MAGIC: &[u8; 8] = b"WSPNSEG1";

/// What every record starts with: no text and no protobuf message starts so.
pub(crate) const MARK: [u8; 4] = [0xf6, b'W', b'R', 0xf7];

/// Bytes of a record before its payload.
pub const HEAD_BYTES: usize = 44;

/// Where the check stands in the head.
const CHECK_AT: usize = HEAD_BYTES - 8;

/// What a kept request is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RequestKind {
    /// `ExportTraceServiceRequest` in protobuf.
    TracesProtobuf = 1,
    /// `ExportTraceServiceRequest` in JSON.
    TracesJson = 2,
    /// `ExportLogsServiceRequest` in protobuf.
    LogsProtobuf = 3,
    /// `ExportLogsServiceRequest` in JSON.
    LogsJson = 4,
}

impl RequestKind {
    fn of_number(number: u32) -> Option<Self> {
        let all = [Self::TracesProtobuf, Self::TracesJson, Self::LogsProtobuf, Self::LogsJson];
        all.into_iter().find(|&kind| kind as u32 == number)
    }

    /// Whether it holds log records.
    #[must_use]
    pub fn is_logs(self) -> bool {
        matches!(self, Self::LogsProtobuf | Self::LogsJson)
    }

    /// Whether it is written as JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        matches!(self, Self::TracesJson | Self::LogsJson)
    }
}

/// The head of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordHead {
    /// What the payload is.
    pub kind: RequestKind,
    /// How many bytes the payload has.
    pub length: u32,
    /// When it came, in nanoseconds since 1970.
    pub received: u64,
    /// What [`digest`] says of the payload.
    pub digest: u128,
}

impl RecordHead {
    /// As it is written.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..4].copy_from_slice(&MARK);
        bytes[4..8].copy_from_slice(&self.length.to_be_bytes());
        bytes[8..12].copy_from_slice(&(self.kind as u32).to_be_bytes());
        bytes[12..20].copy_from_slice(&self.received.to_be_bytes());
        bytes[20..CHECK_AT].copy_from_slice(&self.digest.to_be_bytes());
        seal(&mut bytes);
        bytes
    }

    /// The head at the start of `bytes`; `None` when none stands there, or a damaged one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; HEAD_BYTES] = bytes.first_chunk()?;
        let content = head.starts_with(&MARK).then(|| checked(head))??;
        let number = |from: usize| content[from..].first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        Some(Self {
            length: number(4)?,
            kind: RequestKind::of_number(number(8)?)?,
            received: u64::from_be_bytes(*content[12..].first_chunk()?),
            digest: u128::from_be_bytes(*content[20..].first_chunk()?),
        })
    }

    /// Whether `payload` is what this head was written for.
    #[must_use]
    pub fn fits(&self, payload: &[u8]) -> bool {
        digest(self.kind, payload) == self.digest
    }
}

/// The record at the start of `bytes`: its head, its payload, and what stands behind it; `None` when no whole one stands there, or one
/// with a damaged head. Whether the payload is as it was written, [`RecordHead::fits`] tells.
#[must_use]
pub fn split_record(bytes: &[u8]) -> Option<(RecordHead, &[u8], &[u8])> {
    let head = RecordHead::parse(bytes)?;
    let (payload, rest) = bytes.get(HEAD_BYTES..)?.split_at_checked(head.length as usize)?;
    Some((head, payload, rest))
}

/// The digest by which a request is found damaged, or known: 128 bits of XXH3.
#[must_use]
pub fn digest(kind: RequestKind, payload: &[u8]) -> u128 {
    XxHash3_128::oneshot_with_seed(kind as u64, payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_written_and_no_flipped_bit_goes_unseen() {
        let kind = RequestKind::LogsJson;
        let head = RecordHead { kind, length: 5, received: 1_795_305_600_000_000_000, digest: digest(kind, b"hello") };
        let bytes = head.to_bytes();
        assert_eq!(RecordHead::parse(&bytes), Some(head));
        assert!(head.fits(b"hello") && !head.fits(b"hallo"));
        for bit in 0..HEAD_BYTES * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHead::parse(&damaged), None, "bit {bit}");
        }
        assert_eq!(RecordHead::parse(&bytes[..HEAD_BYTES - 1]), None);
    }

    #[test]
    fn a_record_is_split_off_when_it_is_whole() {
        let kind = RequestKind::TracesJson;
        let head = RecordHead { kind, length: 5, received: 7, digest: digest(kind, b"hello") };
        let bytes = [&head.to_bytes()[..], b"hello and more"].concat();
        assert_eq!(split_record(&bytes), Some((head, &b"hello"[..], &b" and more"[..])));
        for end in 0..HEAD_BYTES + 5 {
            assert_eq!(split_record(&bytes[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn the_same_bytes_of_another_kind_are_another_request() {
        assert_ne!(digest(RequestKind::TracesProtobuf, b""), digest(RequestKind::LogsProtobuf, b""));
    }
}
