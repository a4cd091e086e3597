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
use crate::model::time::TimeWindow;
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
    of_first: (Shelf, Option<TimeWindow>),
    of_second: (Shelf, Option<TimeWindow>),
}

impl Sink for SharedReader {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        for (shelf, window) in [&mut self.of_first, &mut self.of_second] {
            put_span(shelf, *window, &span);
        }
    }

    fn log(&mut self, event: LogEvent) {
        for (shelf, window) in [&mut self.of_first, &mut self.of_second] {
            put_log(shelf, *window, &event);
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
        let both = read_streams(streams.both, &first.options, &mut shared, &mut telling(&mut first.progress));
        let of_one = |side: &mut Self, streams| {
            read_streams(streams, &side.options, &mut side.readers, &mut telling(&mut side.progress))
        };
        let (only_first, only_second) = (of_one(first, streams.first), of_one(second, streams.second));
        if both.iter().chain(&only_first).chain(&only_second).any(tells_of_damage) {
            first.begin_readers(first.budget);
            second.begin_readers(second.budget);
            return Ok(false);
        }
        for SharedReader { names, of_first, of_second } in shared {
            first.readers.push(of_side(names.clone(), of_first));
            second.readers.push(of_side(names, of_second));
        }
        for (side, only, window) in [(first, only_first, of_first), (second, only_second, of_second)] {
            side.thinned = thinned.check(window).err();
            only.iter().chain(&both).for_each(|report| side.note(report));
        }
        Ok(true)
    }
}

fn shared_readers(first: &Capture, windows: (TimeWindow, TimeWindow), budget: usize) -> Vec<SharedReader> {
    let shelf = |window: TimeWindow| (Shelf::new(budget), Some(window));
    let reader = |_| SharedReader {
        names: Names::with_bound(first.names),
        of_first: shelf(windows.0),
        of_second: shelf(windows.1),
    };
    (0..first.threads).map(reader).collect()
}

fn of_side(names: Names, (shelf, window): (Shelf, Option<TimeWindow>)) -> Reader {
    Reader { names, shelf, survey: None, only: None, window }
}

/// Whether anything of an input could not be used. A request that was kept although a part of it could not be read is no
/// damage, but is told with its place, which is another where less is read.
fn tells_of_damage(report: &FileReport) -> bool {
    report.error.is_some() || report.skipped_total + report.mended_total > 0
}
