//! Bytes with a checksum of theirs behind them: 64 bits of XXH3, the big end first. And digests of whole files: 128 bits of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64, xxh3_128};

/// How many bytes of a file are read at once.
const PIECE: usize = 256 << 10;

/// How many bytes a checksum has.
const CHECK: usize = 8;

/// The checksum of bytes.
pub(crate) fn check_of(bytes: &[u8]) -> [u8; CHECK] {
    xxh3_64(bytes).to_be_bytes()
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

/// The digest of a file of these bytes.
#[must_use]
pub fn digest_of_bytes(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// The digest of all bytes of a file.
///
/// # Errors
///
/// When the file cannot be read.
pub fn digest_of_file(path: &Path) -> io::Result<u128> {
    let (mut file, mut digest) = (BufReader::with_capacity(PIECE, File::open(path)?), Xxh3Default::new());
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(digest.digest128());
        }
        digest.update(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}
