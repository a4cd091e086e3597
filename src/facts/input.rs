//! What reading says of the input: how much there was, and what could not be used.

/// Counts and messages of all inputs of a window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InputFacts {
    /// Log records, whether they bear on a failure or not.
    pub logs: u64,
    /// Metrics, which are counted and skipped.
    pub metrics: u64,
    /// Records that could not be used.
    pub skipped_records: u64,
    /// Records that were kept without a part that could not be used.
    pub mended_records: u64,
    /// Inputs that could not be read at all, or not to their end.
    pub broken_inputs: u64,
    /// Inputs of a format that is no telemetry at all, such as a text file in a folder of dumps.
    pub foreign_inputs: u64,
    /// One message for each broken input and each skipped record, up to a bound, with file and record.
    pub messages: Vec<String>,
    /// Each input that was opened, in the order of reading.
    pub files: Vec<InputFile>,
}

/// What one input held.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InputFile {
    /// The name that the user knows it by, safe to print on a terminal.
    pub name: String,
    /// The format that was recognised, such as `OTLP/JSON lines`; `None` when none was.
    pub format: Option<&'static str>,
    /// The compression that was undone, outermost first.
    pub compression: Vec<&'static str>,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Spans.
    pub spans: u64,
    /// Log records.
    pub logs: u64,
    /// Metrics.
    pub metrics: u64,
    /// Records, or parts of them, that could not be used.
    pub skipped: u64,
    /// Records that were kept although a part of them could not be used.
    pub mended: u64,
    /// It could not be read, or not to its end.
    pub broken: bool,
}
