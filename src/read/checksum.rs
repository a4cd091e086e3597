//! Bytes with a checksum of theirs behind them: 64 bits of XXH3, the big end first.

use twox_hash::XxHash3_64;

/// How many bytes a checksum has.
const CHECK: usize = 8;

/// The checksum of bytes.
pub(crate) fn check_of(bytes: &[u8]) -> [u8; CHECK] {
    XxHash3_64::oneshot(bytes).to_be_bytes()
}

/// Puts the checksum of what stands there from `from` on behind it.
pub(crate) fn put_check(bytes: &mut Vec<u8>, from: usize) {
    let check = check_of(&bytes[from..]);
    bytes.extend_from_slice(&check);
}

/// Puts the checksum of all bytes but the last eight into these.
pub(crate) fn seal(bytes: &mut [u8]) {
    if let Some((content, check)) = bytes.split_last_chunk_mut::<CHECK>() {
        *check = check_of(content);
    }
}

/// The bytes without the checksum at their end; `None` when it is not theirs.
pub(crate) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (content, check) = bytes.split_last_chunk::<CHECK>()?;
    (check_of(content) == *check).then_some(content)
}
