//! Digests of whole files: 128 bits of XXH3. They tell damage, not malice.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// How many bytes of a file are read at once.
const PIECE: usize = 256 << 10;

/// The digest of a file of these bytes.
pub(crate) fn digest_of_bytes(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// The digest of all bytes of a file.
pub(crate) fn digest_of_file(path: &Path) -> io::Result<u128> {
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
