//! gzip and zstd, found by their first bytes.

use crate::read::byte_source::ByteSource;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

/// A compression that can be undone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

/// The first bytes of a zstd frame.
pub(crate) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Compression {
    /// The compression of data that starts with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // A skippable zstd frame, as parallel writers put them in front.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The name that users know it by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The decompressed bytes of `source`, over all members or frames of it.
    pub(crate) fn undo<'r>(self, source: ByteSource<'r>) -> io::Result<ByteSource<'r>> {
        let input: Box<dyn Read + 'r> = match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(source)),
            Self::Zstd => Box::new(zstd::Decoder::new(source)?),
        };
        Ok(ByteSource::new(input))
    }
}

/// Decompresses one message of zstd into `out`, at most `limit` bytes. Says what is wrong if it cannot.
pub(crate) fn unzstd(bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), String> {
    out.clear();
    let decoder = zstd::Decoder::with_buffer(bytes).map_err(|error| error.to_string())?;
    decoder.take(limit as u64 + 1).read_to_end(out).map_err(|error| error.to_string())?;
    if out.len() > limit { Err(format!("it holds more than {limit} bytes")) } else { Ok(()) }
}
