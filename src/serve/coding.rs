//! How bodies and messages are compressed, and how far they may unfold.

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use thiserror::Error;

/// So many compressed bytes take long enough that others should go on elsewhere meanwhile.
const LONG_TO_UNPACK: usize = 64 << 10;

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
        let gzip = || bounded(MultiGzDecoder::new(&packed[..]), limit);
        let zstd = || bounded(zstd::Decoder::with_buffer(&packed[..])?, limit);
        let bytes = match self {
            Self::Gzip => aside(packed.len(), gzip)?,
            Self::Zstd => aside(packed.len(), zstd)?,
            Self::Identity => packed,
        };
        if bytes.len() as u64 > limit { Err(CodingError::TooLong(limit)) } else { Ok(bytes) }
    }
}

/// Works where others are not kept waiting, if there are so many compressed bytes that it takes long.
fn aside<T>(packed: usize, work: impl FnOnce() -> T) -> T {
    if packed > LONG_TO_UNPACK { tokio::task::block_in_place(work) } else { work() }
}

/// The first bytes of what was compressed: at most one more than `limit`.
fn bounded(unfolding: impl Read, limit: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    unfolding.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_compressed_is_handed_on_without_another_thread() {
        let sent = Bytes::from(vec![7; 4 * LONG_TO_UNPACK]);
        // On a runtime of one thread, giving way to others would panic.
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let undone = runtime.block_on(async { Coding::Identity.undo(sent.clone(), 4 * LONG_TO_UNPACK as u64) });
        assert_eq!(undone.expect("it is short enough").as_ptr(), sent.as_ptr());
        let too_long = Coding::Identity.undo(sent, 4 * LONG_TO_UNPACK as u64 - 1);
        assert!(matches!(too_long, Err(CodingError::TooLong(_))));
    }
}
