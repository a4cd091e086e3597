//! What reading one input came to.

use crate::model::time::{Interval, Nanos};
use crate::read::error::ReadError;

/// One record, or part of one, that could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// What a record is in this format: `line`, `message` or `element`.
    pub unit: &'static str,
    /// Which record, counted from 1.
    pub record: u64,
    /// Where in the input, in bytes after decompression.
    pub offset: u64,
    /// What was found, what was expected, and what to do. Safe to print on a terminal.
    pub reason: String,
}

/// The counts of one input, and everything about it that has to be told.
#[derive(Debug, Default)]
pub struct FileReport {
    /// The name that the user knows the input by, safe to print on a terminal.
    pub name: String,
    /// The format that was recognised, such as `OTLP/JSON lines`; `None` when none was.
    pub format: Option<&'static str>,
    /// The compression that was undone, outermost first.
    pub compression: Vec<&'static str>,
    /// Spans handed on.
    pub spans: u64,
    /// Log records seen, whether handed on or not.
    pub logs: u64,
    /// Log records handed on: those that tell of an exception or an error, or evaluate a flag.
    pub logs_kept: u64,
    /// Metrics seen; they are not read further.
    pub metrics: u64,
    /// Lines, messages or elements that were read.
    pub records: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// From the first to the last start of a span that was handed on, or writing (else observing) of a log record that was
    /// seen; `None` when none tells.
    pub time: Option<Interval>,
    /// Resource blocks that do not tell their `service.name`.
    pub no_service_name: u64,
    /// The first of the records that were left out.
    pub skipped: Vec<Skipped>,
    /// How many were left out.
    pub skipped_total: u64,
    /// The first of the records that were kept although a part of them (a parent id, say) could not be used.
    pub mended: Vec<Skipped>,
    /// How many were mended.
    pub mended_total: u64,
    /// What ended the reading before the input's end.
    pub error: Option<ReadError>,
}

impl FileReport {
    /// A report of nothing yet.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes note of when a record started.
    #[inline]
    pub(crate) fn saw(&mut self, time: Nanos) {
        if time.0 > 0 {
            let moment = Interval { start: time, end: time };
            self.time = Some(self.time.map_or(moment, |seen| seen.joined(moment)));
        }
    }

    /// Adds what came of the next piece of the input, whose first record is the one after `passed`; describes at most
    /// `max_told` records of each sort.
    pub(crate) fn add(&mut self, piece: Self, passed: u64, max_told: usize) {
        // Records of another dialect say so themselves.
        self.format = piece.format.or(self.format);
        self.spans += piece.spans;
        self.logs += piece.logs;
        self.logs_kept += piece.logs_kept;
        self.metrics += piece.metrics;
        self.time = Interval::of_both(self.time, piece.time);
        self.records += piece.records;
        self.no_service_name += piece.no_service_name;
        self.skipped_total += piece.skipped_total;
        self.mended_total += piece.mended_total;
        for (told, more) in [(&mut self.skipped, piece.skipped), (&mut self.mended, piece.mended)] {
            let room = max_told.saturating_sub(told.len());
            told.extend(more.into_iter().take(room).map(|it| Skipped { record: it.record + passed, ..it }));
        }
    }
}
