//! How bodies and messages are compressed, and how far they may unfold.

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use thiserror::Error;

/// So many compressed bytes take long enough that others should go on elsewhere meanwhile.
const LONG: usize = 64 << 10;

/// How something is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// Why something cannot be decompressed.
#[derive(Debug, Error)]
pub(crate) enum CodingError {
    /// It is longer than allowed.
    #[error("it unfolds to more than {0} bytes")]
    TooLong(u64),
    /// It is broken.
    #[error("it cannot be decompressed: {0}")]
    Broken(#[from] io::Error),
}

impl Coding {
    /// The coding of this name, in whatever case; `None` when it is not known.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Some(Self::Identity),
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// What was compressed, of at most `limit` bytes.
    pub(crate) fn undo(self, packed: Bytes, limit: u64) -> Result<Bytes, CodingError> {
        let undo = || self.bounded(packed.clone(), limit);
        let bytes = if packed.len() > LONG { tokio::task::block_in_place(undo) } else { undo() }?;
        if bytes.len() as u64 > limit { Err(CodingError::TooLong(limit)) } else { Ok(bytes) }
    }

    /// The first bytes of what was compressed: at most one more than `limit`.
    fn bounded(self, packed: Bytes, limit: u64) -> io::Result<Bytes> {
        let mut bytes = Vec::new();
        match self {
            Self::Identity => return Ok(packed),
            Self::Gzip => MultiGzDecoder::new(&packed[..]).take(limit + 1).read_to_end(&mut bytes)?,
            Self::Zstd => zstd::Decoder::with_buffer(&packed[..])?.take(limit + 1).read_to_end(&mut bytes)?,
        };
        Ok(bytes.into())
    }
}
