//! Which traces of an hour stay when the others go: a file for each hour, written when all else of the hour is.
//!
//! ```text
//! "WSPNHOUR" | number of the last segment that was looked at 8 | digests of the other files 3 x 16 | check 8 | trace ids 16 each | check 8
//! ```
//!
//! The first check is that of what stands before it, so that an hour can be asked for without reading all of its traces.

use crate::model::ids::TraceId;
use crate::read::checksum::{check_of, checked, put_check};
use crate::serve::hour_tables::HourDigests;
use crate::serve::hours::{facts_folder, name_of_hour};
use crate::serve::whole_file::write_whole;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WSPNHOUR";

/// Bytes before the trace ids, without the check behind them.
const HEAD: usize = MAGIC.len() + 8 + HourDigests::BYTES;

/// What was made of an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Made {
    /// The number of the last segment that there was.
    pub(crate) seen: u64,
    /// The digests of its other files.
    pub(crate) digests: HourDigests,
}

impl Made {
    /// What was made of an hour; `None` when nothing was, or what tells of it cannot be trusted.
    pub(crate) fn read(store: &Path, hour: u32) -> Option<Self> {
        let mut head = [0; HEAD + 8];
        File::open(stays_path(store, hour)?).ok()?.read_exact(&mut head).ok()?;
        Self::parse(&head)
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let (seen, digests) = checked(head)?.strip_prefix(MAGIC)?.split_first_chunk()?;
        Some(Self { seen: u64::from_be_bytes(*seen), digests: HourDigests::of_bytes(digests.first_chunk()?) })
    }
}

/// Which traces of an hour stay.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stays {
    /// What else was made of the hour.
    pub(crate) made: Made,
    /// The traces.
    pub(crate) traces: BTreeSet<TraceId>,
}

impl Stays {
    /// What is written down of an hour; `None` when nothing is that can be trusted.
    pub(crate) fn read(store: &Path, hour: u32) -> Option<Self> {
        let bytes = fs::read(stays_path(store, hour)?).ok()?;
        let (head, traces) = checked(&bytes)?.split_at_checked(HEAD + 8)?;
        let traces = traces.as_chunks().0.iter().map(|id| TraceId(*id)).collect();
        Some(Self { made: Made::parse(head)?, traces })
    }

    /// Writes it down; of hours beyond the year 9999 nothing is.
    pub(crate) fn write(&self, store: &Path, hour: u32) -> io::Result<()> {
        let Some(path) = stays_path(store, hour) else { return Ok(()) };
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.made.seen.to_be_bytes());
        bytes.extend_from_slice(&self.made.digests.to_bytes());
        put_check(&mut bytes, 0);
        self.traces.iter().for_each(|trace| bytes.extend_from_slice(&trace.0));
        let check = check_of(&bytes);
        bytes.extend_from_slice(&check);
        write_whole(&path, &bytes)
    }
}

fn stays_path(store: &Path, hour: u32) -> Option<PathBuf> {
    Some(facts_folder(store).join(format!("stays-{}", name_of_hour(hour)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_read_as_written_and_no_damage_goes_unseen() {
        let store = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(facts_folder(store.path())).expect("a folder");
        let traces = (1..9).map(|number| TraceId([number; 16])).collect();
        let digests = HourDigests { traces: 7, spans: u128::MAX, services: 1 << 100 };
        let stays = Stays { made: Made { seen: 12, digests }, traces };
        stays.write(store.path(), 498_702).expect("written");
        assert_eq!(Made::read(store.path(), 498_702), Some(stays.made));
        assert_eq!(Stays::read(store.path(), 498_702), Some(stays));
        assert_eq!(Made::read(store.path(), 498_703), None);
        let path = stays_path(store.path(), 498_702).expect("a name");
        let whole = fs::read(&path).expect("read");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).expect("written");
            assert_eq!(Stays::read(store.path(), 498_702), None, "byte {at}");
            assert_eq!(Made::read(store.path(), 498_702).is_none(), at < HEAD + 8, "byte {at}");
        }
    }
}
