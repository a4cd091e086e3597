//! gzip and zstd, found by their first bytes, and undone as long as they hold no more than telemetry can.

use crate::read::byte_source::ByteSource;
use crate::read::gzip_members::GzipMembers;
use crate::read::options::ReadOptions;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use thiserror::Error;

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

    /// The decompressed bytes of `source`, over all members or frames of it. Reading fails with [`Bomb`] when there are
    /// more of them than `inflation` allows.
    pub(crate) fn undo<'r>(self, source: ByteSource<'r>, inflation: &mut Inflation) -> io::Result<ByteSource<'r>> {
        let input = inflation.watch(source);
        let input: Box<dyn Read + 'r> = match self {
            Self::Gzip => Box::new(inflation.bound(GzipMembers::new(BufReader::new(input)))),
            Self::Zstd => Box::new(inflation.bound(zstd::Decoder::new(input)?)),
        };
        Ok(ByteSource::new(input))
    }
}

/// Compressed data that holds far more than telemetry can.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{given} bytes in {taken} compressed ones, a decompression bomb")]
pub(crate) struct Bomb {
    /// How many bytes came out, until it was enough.
    pub(crate) given: u64,
    /// Of how many compressed bytes.
    pub(crate) taken: u64,
}

/// How much the bytes of one input may hold, through all levels of compression, and in all files of an archive, together.
///
/// ```text
/// dump.tgz ── gzip ──► tar ──┬── a.json
///     taken              │   ├── b.json.gz ── gzip ──►
///                        │   └── c.json.gz ── gzip ──►
///                        └──────── given ────────────┘
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Inflation {
    /// Bytes taken from the outermost level.
    taken: Arc<AtomicU64>,
    /// Whether some level counts them.
    is_watched: bool,
    /// Bytes that came out of every level.
    given: Arc<AtomicU64>,
    free: u64,
    ratio: u64,
}

impl Inflation {
    /// The bound for one input.
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let (taken, given) = Default::default();
        let (free, ratio) = (options.free_unpacked_bytes, options.max_unpacked_ratio);
        Self { taken, is_watched: false, given, free, ratio }
    }

    /// The same for the files of an archive, which itself counts what is taken if no level around it does.
    pub(crate) fn of_files(&self) -> Self {
        Self { is_watched: true, ..self.clone() }
    }

    /// Counts bytes of an archive that were taken, unless a level around it has.
    pub(crate) fn take(&self, bytes: u64) {
        if !self.is_watched {
            self.taken.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Counts what is read from `source` if that is the input itself.
    fn watch<'r>(&mut self, source: ByteSource<'r>) -> Box<dyn Read + 'r> {
        if self.is_watched {
            return Box::new(source);
        }
        self.is_watched = true;
        Box::new(Watched { source, taken: Arc::clone(&self.taken) })
    }

    /// What `decoder` gives, as long as it is no more than it may be.
    pub(crate) fn bound<R: Read>(&self, decoder: R) -> Bounded<R> {
        Bounded { decoder, inflation: self.clone() }
    }

    /// Says that more has come out than may.
    pub(crate) fn check(&self) -> Result<(), Bomb> {
        let given = self.given.load(Ordering::Relaxed);
        if given > self.free {
            let taken = self.taken.load(Ordering::Relaxed);
            if given - self.free > taken.saturating_mul(self.ratio) {
                return Err(Bomb { given, taken });
            }
        }
        Ok(())
    }
}

struct Watched<'r> {
    source: ByteSource<'r>,
    taken: Arc<AtomicU64>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

pub(crate) struct Bounded<R> {
    decoder: R,
    inflation: Inflation,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.inflation.given.fetch_add(count as u64, Ordering::Relaxed);
        self.inflation.check().map_err(io::Error::other)?;
        Ok(count)
    }
}

/// Messages that are compressed one by one, and how much those of one batch hold so far.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    bytes: Vec<u8>,
    given: u64,
    taken: u64,
}

impl Unpacked {
    /// Decompresses one message of zstd, or says why it cannot be.
    pub(crate) fn unzstd(&mut self, packed: &[u8], options: &ReadOptions) -> Result<&[u8], String> {
        self.bytes.clear();
        self.taken += packed.len() as u64;
        let record = options.max_record_bytes as u64;
        let allowed = record.saturating_add(self.taken.saturating_mul(options.max_unpacked_ratio));
        let limit = record.min(allowed.saturating_sub(self.given));
        let decoder = zstd::Decoder::with_buffer(packed).map_err(|error| error.to_string())?;
        let outcome = decoder.take(limit.saturating_add(1)).read_to_end(&mut self.bytes);
        self.given += self.bytes.len() as u64;
        outcome.map_err(|error| error.to_string())?;
        if self.bytes.len() as u64 <= limit {
            return Ok(&self.bytes);
        }
        Err(if limit == record {
            format!("it holds more than the limit of {limit} bytes")
        } else {
            let Self { given, taken, .. } = self;
            format!("it and those before it hold {given} bytes in {taken}: a decompression bomb")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn options(free: u64, ratio: u64, record: usize) -> ReadOptions {
        ReadOptions {
            free_unpacked_bytes: free,
            max_unpacked_ratio: ratio,
            max_record_bytes: record,
            ..ReadOptions::default()
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    }

    fn undone(levels: &[Compression], bytes: &[u8], options: &ReadOptions) -> Result<usize, Bomb> {
        let mut inflation = Inflation::new(options);
        let mut source = ByteSource::new(Box::new(bytes));
        for level in levels {
            source = level.undo(source, &mut inflation).expect("a decoder");
        }
        io::copy(&mut source, &mut io::sink()).map(|count| usize::try_from(count).expect("it fits")).map_err(|error| {
            *error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()).expect("nothing but a bomb")
        })
    }

    #[test]
    fn a_bomb_is_stopped_and_repetition_within_the_bound_is_not() {
        let zeros = vec![0; 1 << 20];
        let packed = gzip(&zeros);
        assert_eq!(undone(&[Compression::Gzip], &packed, &options(1 << 20, 1, 1)), Ok(1 << 20));
        assert_eq!(undone(&[Compression::Gzip], &packed, &options(0, 1100, 1)), Ok(1 << 20));
        let bomb = undone(&[Compression::Gzip], &packed, &options(1 << 16, 100, 1)).expect_err("a bomb");
        assert!(bomb.given <= 1 << 20 && bomb.taken <= packed.len() as u64, "{bomb:?}");
    }

    #[test]
    fn levels_of_compression_count_together() {
        let twice = gzip(&gzip(&vec![0; 16 << 20]));
        let levels = [Compression::Gzip, Compression::Gzip];
        // Each level by itself is within the ratio.
        assert!(undone(&levels, &twice, &options(1 << 16, 1100, 1)).is_err());
        assert_eq!(undone(&levels, &twice, &options(1 << 16, 110_000, 1)), Ok(16 << 20));
    }

    #[test]
    fn messages_of_a_batch_count_together() {
        let packed = zstd::encode_all(&vec![0; 1 << 20][..], 0).expect("packed");
        let mut unpacked = Unpacked::default();
        let options = options(0, 1, 1 << 20);
        assert_eq!(unpacked.unzstd(&packed, &options).map(<[u8]>::len), Ok(1 << 20));
        let told = unpacked.unzstd(&packed, &options).expect_err("a bomb");
        assert!(told.contains("decompression bomb"), "{told}");
        assert!(unpacked.given < 2 << 20);
        let small = zstd::encode_all(&b"{}"[..], 0).expect("packed");
        assert_eq!(Unpacked::default().unzstd(&small, &options), Ok(&b"{}"[..]));
    }
}
