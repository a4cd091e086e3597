//! What is made of each hour of a store, in its folder `facts`: the tables `spans` and `traces` as Parquet, and which traces stay.
//!
//! ```text
//! facts/spans-2026-11-22T09.parquet     of the traces that begin in this hour (UTC); with the cargo feature `tables`
//! facts/traces-2026-11-22T09.parquet
//! facts/stays-2026-11-22T09             "WSPNSTAY" | number of the last segment that was looked at 8 | trace ids 16 each | check 8
//! ```
//!
//! A trace belongs to the one hour in which it begins, wherever its spans lie. When more comes of an hour, its files are made
//! anew from all that there is; when some of it was thinned, the tables stay as they are, and traces are only added to those
//! that stay.

use crate::capture::Capture;
use crate::facts::rows::RowStore;
use crate::judge::analysis::rfc3339;
use crate::model::ids::TraceId;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::checksum::{checked, put_check};
use crate::read::kept_segments::NANOS_PER_SECOND;
use crate::read::options::ReadOptions;
use crate::serve::rewriting::HOUR;
use crate::serve::trace_choice::TraceChoice;
use crate::serve::whole_file::write_whole;
#[cfg(feature = "tables")]
use crate::serve::whole_file::{UNFINISHED, name_safely};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WSPNSTAY";

/// Where files of hours are.
pub(crate) fn facts_folder(store: &Path) -> PathBuf {
    store.join("facts")
}

/// The traces that begin in this hour since 1970.
pub(crate) fn window_of_hour(hour: u32) -> TimeWindow {
    let at = |hour: u64| Nanos(hour.saturating_mul(HOUR).saturating_mul(NANOS_PER_SECOND));
    TimeWindow { from: at(hour.into()), to: at(u64::from(hour) + 1) }
}

/// An hour as files name it; `None` beyond the year 9999, where no name is.
pub(crate) fn name_of_hour(hour: u32) -> Option<String> {
    rfc3339(window_of_hour(hour).from)?.get(..13).map(str::to_owned)
}

/// Which traces of an hour stay.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stays {
    /// The number of the last segment that there was.
    pub(crate) seen: u64,
    /// The traces.
    pub(crate) traces: BTreeSet<TraceId>,
}

impl Stays {
    /// What is written down of an hour; `None` when nothing is that can be trusted.
    pub(crate) fn read(store: &Path, hour: u32) -> Option<Self> {
        let bytes = fs::read(stays_path(store, hour)?).ok()?;
        let content = checked(&bytes)?.strip_prefix(MAGIC)?;
        let (seen, traces) = content.split_first_chunk()?;
        let traces = traces.as_chunks().0.iter().map(|id| TraceId(*id)).collect();
        Some(Self { seen: u64::from_be_bytes(*seen), traces })
    }

    /// The number of the last segment that was looked at for an hour, as its file begins; `None` when there is none.
    pub(crate) fn seen(store: &Path, hour: u32) -> Option<u64> {
        let mut head = [0; MAGIC.len() + 8];
        fs::File::open(stays_path(store, hour)?).ok()?.read_exact(&mut head).ok()?;
        head.strip_prefix(MAGIC)?.first_chunk().map(|seen| u64::from_be_bytes(*seen))
    }

    fn write(&self, store: &Path, hour: u32) -> io::Result<()> {
        let Some(path) = stays_path(store, hour) else { return Ok(()) };
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.seen.to_be_bytes());
        self.traces.iter().for_each(|trace| bytes.extend_from_slice(&trace.0));
        put_check(&mut bytes, 0);
        write_whole(&path, &bytes)
    }
}

fn stays_path(store: &Path, hour: u32) -> Option<PathBuf> {
    Some(facts_folder(store).join(format!("stays-{}", name_of_hour(hour)?)))
}

/// Makes the files of an hour from what the store holds of it. `seen` is the number of the last segment, `whole` whether nothing
/// of the hour was thinned, `memory` how many bytes this may take, about; beyond it spans go to disk for a while.
pub(crate) fn make(store: &Path, hour: u32, seen: u64, whole: bool, memory: u64) -> io::Result<()> {
    let Some(name) = name_of_hour(hour) else { return Ok(()) };
    let folder = facts_folder(store);
    fs::create_dir_all(&folder)?;
    let options = ReadOptions { window: Some(window_of_hour(hour)), ..ReadOptions::default() };
    let mut capture = Capture::with_threads(options, None, 1, memory);
    capture.read_store(store)?;
    let before = if whole { None } else { Stays::read(store, hour) };
    let tables = if whole { Some(Tables::create(&folder)?) } else { None };
    let choice = TraceChoice::new(tables.as_ref().and_then(Tables::rows));
    capture.into_rows(&choice).map_err(io::Error::other)?;
    let mut traces = choice.traces();
    traces.extend(before.unwrap_or_default().traces);
    if let Some(tables) = tables {
        tables.name(&folder, &name)?;
    }
    // Last: an hour without it is made again.
    Stays { seen, traces }.write(store, hour)
}

/// The tables of an hour while they are written.
struct Tables {
    #[cfg(feature = "tables")]
    parquet: crate::facts::parquet::ParquetTables,
}

#[cfg(feature = "tables")]
impl Tables {
    fn unfinished(folder: &Path) -> PathBuf {
        folder.join(UNFINISHED)
    }

    fn create(folder: &Path) -> io::Result<Self> {
        let parquet =
            crate::facts::parquet::ParquetTables::create(&Self::unfinished(folder)).map_err(io::Error::other)?;
        Ok(Self { parquet })
    }

    fn rows(&self) -> Option<&dyn RowStore> {
        Some(&self.parquet)
    }

    fn name(self, folder: &Path, name: &str) -> io::Result<()> {
        drop(self.parquet);
        for table in ["traces", "spans"] {
            let unfinished = Self::unfinished(folder).join(format!("{table}.parquet"));
            name_safely(&unfinished, &folder.join(format!("{table}-{name}.parquet")))?;
        }
        Ok(())
    }
}

#[cfg(not(feature = "tables"))]
impl Tables {
    fn create(_: &Path) -> io::Result<Self> {
        Ok(Self {})
    }

    fn rows(&self) -> Option<&dyn RowStore> {
        None
    }

    fn name(self, _: &Path, _: &str) -> io::Result<()> {
        Ok(())
    }
}

/// Removes the files of all hours but these, and what was not finished. Says how many bytes are left.
pub(crate) fn keep_only(store: &Path, hours: &BTreeSet<u32>) -> io::Result<u64> {
    let entries = match fs::read_dir(facts_folder(store)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let names: BTreeSet<String> = hours.iter().filter_map(|&hour| name_of_hour(hour)).collect();
    let mut bytes = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let of_hour = name.strip_suffix(".parquet").unwrap_or(&name).split_once('-').map(|(_, hour)| hour);
        let is_known = ["spans-", "traces-", "stays-"].iter().any(|start| name.starts_with(start));
        if is_known && of_hour.is_some_and(|hour| !names.contains(hour)) {
            fs::remove_file(entry.path())?;
        } else {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

/// Whether the tables of an hour are as they were finished, as far as their ends tell: each has them, and they are Parquet's.
pub(crate) fn tables_are_whole(store: &Path, hour: u32) -> bool {
    if !cfg!(feature = "tables") {
        return true;
    }
    let Some(name) = name_of_hour(hour) else { return true };
    ["traces", "spans"].iter().all(|table| {
        let path = facts_folder(store).join(format!("{table}-{name}.parquet"));
        has_parquet_ends(&path).unwrap_or(false)
    })
}

fn has_parquet_ends(path: &Path) -> io::Result<bool> {
    const ENDS: &[u8; 4] = b"PAR1";
    let mut file = fs::File::open(path)?;
    let (mut first, mut last) = ([0; 4], [0; 4]);
    file.read_exact(&mut first)?;
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut last)?;
    Ok(first == *ENDS && last == *ENDS)
}
