//! What is made of each hour of a store, in its folder `facts`: the tables `spans` and `traces` as Parquet, what was asked of each
//! service, and which traces stay.
//!
//! ```text
//! facts/spans-2026-11-22T09.parquet     of the traces that begin in this hour (UTC); with the cargo feature `tables`
//! facts/traces-2026-11-22T09.parquet
//! facts/services-2026-11-22T09          see `hour_services.rs`
//! facts/stays-2026-11-22T09             see `hour_stays.rs`
//! ```
//!
//! A trace belongs to the one hour in which it begins, wherever its spans lie. When more comes of an hour, its files are made
//! anew from all that there is; when some of it was thinned, they stay as they are, and traces are only added to those that stay.

use crate::capture::Capture;
use crate::judge::analysis::rfc3339;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::change_events::times::time_of;
use crate::read::kept_segments::NANOS_PER_SECOND;
use crate::read::options::ReadOptions;
use crate::serve::hour_services;
use crate::serve::hour_stays::{Made, Stays};
use crate::serve::hour_tables::{HourDigests, Tables};
use crate::serve::rewriting::HOUR;
use crate::serve::trace_choice::TraceChoice;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// The hours of which files were made, in order.
pub(crate) fn hours_with_files(store: &Path) -> io::Result<BTreeSet<u32>> {
    let mut hours = BTreeSet::new();
    for name in names_of_files(store)? {
        let time = name.strip_prefix("stays-").and_then(|hour| time_of(&format!("{hour}:00:00Z")).ok());
        hours.extend(time.and_then(|time| u32::try_from(time.0 / NANOS_PER_SECOND / HOUR).ok()));
    }
    Ok(hours)
}

/// The names of all files in the folder of facts.
fn names_of_files(store: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(facts_folder(store)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Makes the files of an hour from what the store holds of it. `seen` is the number of the last segment, `whole` whether nothing
/// of the hour was thinned, `memory` how many bytes this may take, about; beyond it spans go to disk for a while.
pub(crate) fn make(store: &Path, hour: u32, seen: u64, whole: bool, memory: u64) -> io::Result<()> {
    let Some(name) = name_of_hour(hour) else { return Ok(()) };
    fs::create_dir_all(facts_folder(store))?;
    let made = make_files(store, hour, &name, (seen, whole), memory);
    if made.is_err() {
        // The disk may be full: what is of no use takes no room.
        Tables::remove_unfinished(store);
    }
    made
}

fn make_files(store: &Path, hour: u32, name: &str, (seen, whole): (u64, bool), memory: u64) -> io::Result<()> {
    let options = ReadOptions { window: Some(window_of_hour(hour)), ..ReadOptions::default() };
    let mut capture = Capture::with_threads(options, None, 1, memory);
    capture.read_store(store)?;
    let before = if whole { None } else { Stays::read(store, hour) };
    let tables = if whole { Some(Tables::create(store)?) } else { None };
    let choice = TraceChoice::new(tables.as_ref().and_then(Tables::rows));
    let (facts, input) = capture.into_rows(&choice).map_err(io::Error::other)?;
    let Stays { made, traces: stayed } = before.unwrap_or_default();
    let mut traces = choice.traces();
    traces.extend(stayed);
    let digests = match tables {
        Some(tables) => {
            let services = hour_services::write(store, name, facts, input.logs)?;
            HourDigests { services, ..tables.name(store, name)? }
        }
        None => made.digests,
    };
    // Last: an hour without it is made again.
    Stays { made: Made { seen, digests }, traces }.write(store, hour)
}

/// Removes the files of all hours but these, and what was not finished. Says how many bytes are left.
pub(crate) fn keep_only(store: &Path, hours: &BTreeSet<u32>) -> io::Result<u64> {
    let names: BTreeSet<String> = hours.iter().filter_map(|&hour| name_of_hour(hour)).collect();
    let mut bytes = 0;
    for name in names_of_files(store)? {
        let path = facts_folder(store).join(&name);
        let of_hour = name.split('.').next().and_then(|name| name.split_once('-')).map(|(_, hour)| hour);
        let is_known = ["spans-", "traces-", "stays-", "services-"].iter().any(|start| name.starts_with(start));
        if is_known && of_hour.is_some_and(|hour| !names.contains(hour)) {
            fs::remove_file(path)?;
        } else {
            bytes += fs::metadata(path)?.len();
        }
    }
    Ok(bytes)
}
