//! What reading one input came to.

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
}
