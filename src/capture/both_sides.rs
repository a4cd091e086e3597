//! Two windows of one store, for a comparison: what both look at is read, unpacked and decoded once.
//!
//! ```text
//! blocks       1    2    3    4    5    6
//! baseline     ▪▪▪▪▪▪▪▪▪▪▪▪▪▪             ─► the readers of the one side
//! candidate              ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪  ─► those of the other
//! both                   ▪▪▪▪             ─► readers with a shelf for each: a span goes to every side that looks at its time
//! ```
//!
//! Each side is told of what it would have read by itself, so that the evidence is the same, byte for byte. Where anything is
//! damaged, that is not tried: both are read one after the other.

use crate::assemble::shelf::Shelf;
use crate::capture::reader::{Reader, put_log, put_span};
use crate::capture::{Capture, telling};
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::{Nanos, TimeWindow};
use crate::read::capture_reader::read_streams;
use crate::read::file_report::FileReport;
use crate::read::kept_streams::open_store_of_both;
use crate::read::kept_whole::Thinned;
use crate::read::sink::Sink;
use std::io;
use std::path::Path;

/// What one thread has read of what both sides look at.
struct SharedReader {
    names: Names,
    of_first: OfSide,
    of_second: OfSide,
}

/// What one side looks at.
struct OfSide {
    shelf: Shelf,
    window: TimeWindow,
    /// Log records that were written in the window.
    logs: u64,
}

impl OfSide {
    fn new(window: TimeWindow, budget: usize) -> Self {
        Self { shelf: Shelf::new(budget), window, logs: 0 }
    }

    fn reader(self, names: Names) -> Reader {
        Reader { names, shelf: self.shelf, survey: None, only: None, window: Some(self.window) }
    }
}

impl Sink for SharedReader {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        for OfSide { shelf, window, .. } in [&mut self.of_first, &mut self.of_second] {
            put_span(shelf, Some(*window), &span);
        }
    }

    fn log(&mut self, event: LogEvent) {
        for OfSide { shelf, window, .. } in [&mut self.of_first, &mut self.of_second] {
            put_log(shelf, Some(*window), &event);
        }
    }

    fn saw_log(&mut self, time: Nanos) {
        for side in [&mut self.of_first, &mut self.of_second] {
            side.logs += u64::from(side.window.holds(time));
        }
    }
}

impl Capture {
    /// Reads what a store received about the windows of two captures that hold nothing yet, as [`Capture::read_store`] does for
    /// one; both together get along with the memory of one. `false` when the windows share nothing, or something is damaged: then
    /// nothing was read, and each is to be read by itself.
    ///
    /// # Errors
    ///
    /// When the folder of the store cannot be listed, a segment in it cannot be opened, or nobody can tell whether all is there.
    pub fn read_store_of_both(first: &mut Self, second: &mut Self, folder: &Path) -> io::Result<bool> {
        let (Some(of_first), Some(of_second)) = (first.options.window, second.options.window) else { return Ok(false) };
        let Some(streams) = open_store_of_both(folder, of_first, of_second)? else { return Ok(false) };
        // After the files were opened: what is thinned from now on is still read whole.
        let thinned = Thinned::read(folder)?;
        // Four shelves a thread share what one has.
        let budget = first.budget.min(second.budget) / 4;
        first.begin_readers(budget);
        second.begin_readers(budget);
        let mut shared = shared_readers(first, (of_first, of_second), budget);
        let mut both = read_streams(streams.both, &first.options, &mut shared, &mut telling(&mut first.progress));
        let of_one = |side: &mut Self, streams| {
            read_streams(streams, &side.options, &mut side.readers, &mut telling(&mut side.progress))
        };
        let (only_first, only_second) = (of_one(first, streams.first), of_one(second, streams.second));
        if both.iter().chain(&only_first).chain(&only_second).any(tells_of_damage) {
            first.begin_readers(first.budget);
            second.begin_readers(second.budget);
            return Ok(false);
        }
        // Counted by the window of the one side only.
        both.iter_mut().for_each(|report| report.logs = 0);
        for (side, only, window) in [(&mut *first, only_first, of_first), (&mut *second, only_second, of_second)] {
            side.thinned = thinned.check(window).err();
            only.iter().chain(&both).for_each(|report| side.note(report));
        }
        for SharedReader { names, of_first, of_second } in shared {
            for (side, of_side, names) in [(&mut *first, of_first, names.clone()), (&mut *second, of_second, names)] {
                side.input.logs += of_side.logs;
                side.readers.push(of_side.reader(names));
            }
        }
        [first, second].into_iter().for_each(Self::note_over_memory);
        Ok(true)
    }
}

fn shared_readers(first: &Capture, windows: (TimeWindow, TimeWindow), budget: usize) -> Vec<SharedReader> {
    let reader = |_| SharedReader {
        names: Names::with_bound(first.names),
        of_first: OfSide::new(windows.0, budget),
        of_second: OfSide::new(windows.1, budget),
    };
    (0..first.threads).map(reader).collect()
}

/// Whether anything of an input could not be used. A request that was kept although a part of it could not be read is no
/// damage, but is told with its place, which is another where less is read.
fn tells_of_damage(report: &FileReport) -> bool {
    report.error.is_some() || report.skipped_total + report.mended_total > 0
}
