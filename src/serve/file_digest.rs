//! Digests of whole files: 128 bits of XXH3. They tell damage, not malice.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use twox_hash::XxHash3_128;

/// How many bytes of a file are read at once.
const PIECE: usize = 256 << 10;

/// The digest of a file of these bytes.
pub(crate) fn digest_of_bytes(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

/// The digest of all bytes of a file.
pub(crate) fn digest_of_file(path: &Path) -> io::Result<u128> {
    let (mut file, mut digest) = (BufReader::with_capacity(PIECE, File::open(path)?), XxHash3_128::new());
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(digest.finish_128());
        }
        digest.write(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}
