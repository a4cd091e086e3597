//! Why an input could not be read, or not to its end.

use std::io;
use thiserror::Error;

/// What stopped the reading of an input. Every message names the input, says what was expected, and what to do.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Nothing bears the name that was given.
    #[error("{name}: no such file or folder. Check the spelling and the working directory")]
    Missing {
        /// What was given.
        name: String,
    },
    /// A pattern that no file matches.
    #[error("{pattern}: no file matches this pattern. Put it in quotes so that the shell does not change it")]
    NoMatch {
        /// What was given.
        pattern: String,
    },
    /// A pattern that cannot be understood.
    #[error("{pattern}: not a valid file pattern ({reason}). Use *, ?, ** and [abc], or name the file itself")]
    BadPattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder without a file in it.
    #[error("{name}: the folder holds no files (hidden ones are not read). Name the folder of the telemetry files")]
    EmptyFolder {
        /// What was given.
        name: String,
    },
    /// A link to a folder, below a folder that is read.
    #[error(
        "{name}: is a link to a folder, and such links are not followed. If it belongs to the capture, name it, too"
    )]
    LinkedFolder {
        /// The link.
        name: String,
    },
    /// The operating system would not give the bytes.
    #[error("{name}: cannot be read at byte {offset}: {source}")]
    Io {
        /// The input.
        name: String,
        /// How many bytes had been read.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// No bytes at all.
    #[error("{name}: is empty. Expected OTLP as JSON or protobuf; check that the export ran and was flushed")]
    Empty {
        /// The input.
        name: String,
    },
    /// The first bytes are of no known format.
    #[error(
        "{name}: not telemetry: it starts with {start}. Expected OTLP as JSON or protobuf, or Jaeger, Zipkin or X-Ray JSON, \
         plain or in gzip or zstd; \
         export with the collector's file exporter"
    )]
    UnknownFormat {
        /// The input.
        name: String,
        /// The first bytes, escaped.
        start: String,
    },
    /// Compressed data that cannot be decompressed.
    #[error(
        "{name}: {compression} data is damaged or cut off after {offset} decompressed bytes ({reason}). What came \
         before was read; copy or export the file again"
    )]
    BadCompression {
        /// The input.
        name: String,
        /// `gzip` or `zstd`.
        compression: &'static str,
        /// How many bytes had been decompressed.
        offset: u64,
        /// What the decompressor said.
        reason: String,
    },
    /// Compressed data that holds far more than telemetry can.
    #[error(
        "{name}: a decompression bomb: {given} bytes came out of the first {taken}, and it goes on. What came before was \
         read; if it is telemetry all the same, decompress it first and give what comes out"
    )]
    Bomb {
        /// The input.
        name: String,
        /// How many bytes came out.
        given: u64,
        /// Of how many compressed bytes.
        taken: u64,
    },
    /// An archive that cannot be read to its end.
    #[error(
        "{name}: {archive} is damaged or cut off ({reason}). What came before was read; copy it again, or unpack it yourself"
    )]
    BadArchive {
        /// The input.
        name: String,
        /// `tar archive` or `zip archive`.
        archive: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An archive without a file in it.
    #[error("{name}: the archive holds no files (hidden ones are not read)")]
    EmptyArchive {
        /// The input.
        name: String,
    },
    /// An archive inside another.
    #[error("{name}: is an archive within an archive. Unpack the outer one and name its folder")]
    NestedArchive {
        /// The input.
        name: String,
    },
    /// Compressed inside compressed inside compressed.
    #[error("{name}: is compressed more than {levels} times over. Decompress it once and try again")]
    TooManyLevels {
        /// The input.
        name: String,
        /// How many levels are undone.
        levels: usize,
    },
    /// The structure broke at a point after which no record can be found again.
    #[error(
        "{name}: {unit} {record} at byte {offset}: expected {expected}. What came before was read; the rest of the \
         input cannot be; export it again"
    )]
    Broken {
        /// The input.
        name: String,
        /// What a record is here: `line`, `message`, `element`.
        unit: &'static str,
        /// Which record, counted from 1.
        record: u64,
        /// Where, in decompressed bytes.
        offset: u64,
        /// What should have been there.
        expected: String,
    },
    /// A record longer than the limit, after which no other can be found.
    #[error(
        "{name}: {unit} {record} at byte {offset} claims {length} bytes; at most {limit} are read. The length is \
         probably damaged: export the file again, or with smaller batches"
    )]
    TooLong {
        /// The input.
        name: String,
        /// What a record is here.
        unit: &'static str,
        /// Which record, counted from 1.
        record: u64,
        /// Where it starts, in decompressed bytes.
        offset: u64,
        /// How long it says it is, in bytes.
        length: u64,
        /// The limit that was set, in bytes.
        limit: u64,
    },
}
