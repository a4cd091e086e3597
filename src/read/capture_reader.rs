//! The way in: bytes of any origin, recognised, decompressed and read.

use crate::read::byte_source::ByteSource;
use crate::read::compression::Compression;
use crate::read::error::ReadError;
use crate::read::file_report::FileReport;
use crate::read::framed;
use crate::read::input::Input;
use crate::read::intake::Intake;
use crate::read::json_document;
use crate::read::json_lines;
use crate::read::options::ReadOptions;
use crate::read::proto_stream;
use crate::read::quote::quote;
use crate::read::sink::Sink;
use crate::read::sniff::{Format, format_of};
use std::fs::File;
use std::io::{self, Read};

/// How many compressions around each other are undone.
const MAX_LEVELS: usize = 2;

/// How many bytes the format is told from, where there are as many.
const HEAD: usize = 64 << 10;

/// Reads one input to its end. Whatever is wrong with it is in the report; what can be read goes to `sink`.
pub fn read_input<S: Sink>(input: &Input, options: &ReadOptions, sink: &mut S) -> FileReport {
    match input {
        Input::Stdin => read_bytes(&input.name(), io::stdin().lock(), options, sink),
        Input::File(path) => match File::open(path) {
            Ok(file) => read_bytes(&input.name(), file, options, sink),
            Err(source) => {
                let mut report = FileReport::new(&input.name());
                report.error = Some(ReadError::Io { name: input.name(), offset: 0, source });
                report
            }
        },
    }
}

/// Reads bytes to their end, as [`read_input`] does a file. `name` is what reports call them.
pub fn read_bytes<'r, S: Sink>(name: &str, input: impl Read + 'r, options: &ReadOptions, sink: &mut S) -> FileReport {
    let mut report = FileReport::new(name);
    let error = read(ByteSource::new(Box::new(input)), options, sink, &mut report).err();
    report.error = error;
    report
}

fn read<S: Sink>(
    mut source: ByteSource<'_>,
    options: &ReadOptions,
    sink: &mut S,
    report: &mut FileReport,
) -> Result<(), ReadError> {
    source.fill_to(4);
    while let Some(compression) = Compression::of(source.window()) {
        if report.compression.len() == MAX_LEVELS {
            return Err(ReadError::TooManyLevels { name: report.name.clone(), levels: MAX_LEVELS });
        }
        report.compression.push(compression.as_str());
        source = compression.undo(source).map_err(|error| failure(report, 0, error))?;
        source.fill_to(4);
    }
    source.fill_to(HEAD);
    let format = format_of(source.window());
    if let Some(format) = format {
        let broken = read_format(format, &mut source, options, sink, report);
        report.bytes = source.offset();
        return match source.take_failure() {
            Some(error) => Err(failure(report, source.offset() + source.window().len() as u64, error)),
            None => broken,
        };
    }
    Err(match source.take_failure() {
        Some(error) => failure(report, source.offset() + source.window().len() as u64, error),
        None if source.window().is_empty() => ReadError::Empty { name: report.name.clone() },
        None => {
            let head = source.window();
            ReadError::UnknownFormat { name: report.name.clone(), start: quote(&head[..head.len().min(32)]) }
        }
    })
}

fn read_format<S: Sink>(
    format: Format,
    source: &mut ByteSource<'_>,
    options: &ReadOptions,
    sink: &mut S,
    report: &mut FileReport,
) -> Result<(), ReadError> {
    let lines = format == Format::Json && json_lines::are_lines(source);
    report.format = Some(match format {
        Format::Json if lines => "OTLP/JSON lines",
        Format::Json => "OTLP/JSON document",
        Format::Framed => "OTLP messages with their lengths",
        Format::Request => "OTLP/protobuf request",
    });
    let mut intake = Intake::new(sink, options, report);
    match format {
        Format::Json if lines => {
            json_lines::lines(source, &mut intake);
            Ok(())
        }
        Format::Json => json_document::documents(source, &mut intake),
        Format::Framed => framed::messages(source, &mut intake),
        Format::Request => proto_stream::blocks(source, &mut intake),
    }
}

/// Why the bytes stopped coming.
fn failure(report: &FileReport, offset: u64, error: io::Error) -> ReadError {
    let name = report.name.clone();
    match report.compression.last() {
        Some(compression) => ReadError::BadCompression { name, compression, offset, reason: error.to_string() },
        None => ReadError::Io { name, offset, source: error },
    }
}
