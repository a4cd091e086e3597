//! The way in: bytes of any origin, recognised, decompressed and read.

use crate::read::batch::Piece;
use crate::read::byte_source::ByteSource;
use crate::read::compression::{Bomb, Compression, Inflation};
use crate::read::decoders::{Crew, InPlace, line};
use crate::read::error::ReadError;
use crate::read::file_report::FileReport;
use crate::read::framed;
use crate::read::input::Input;
use crate::read::json_document;
use crate::read::json_lines;
use crate::read::options::ReadOptions;
use crate::read::outlet::{Decoders, Outlet};
use crate::read::proto_stream;
use crate::read::quote::quote;
use crate::read::sink::Sink;
use crate::read::sniff::{Format, format_of};
use std::fs::File;
use std::io::{self, Read};
use std::thread;

/// How many compressions around each other are undone.
const MAX_LEVELS: usize = 2;

/// How many bytes the format is told from, where there are as many.
const HEAD: usize = 64 << 10;

/// Reads inputs to their ends, one after the other. Each record is decoded into one of `sinks`: with several, by a thread
/// for each of them, so that what lands in which is not told. Whatever is wrong is in the reports, which come in the
/// order of the inputs and are the same for any number of sinks. `progress` is told the spans so far.
pub fn read_inputs<S: Sink + Send>(
    inputs: &[Input],
    options: &ReadOptions,
    sinks: &mut [S],
    progress: &mut dyn FnMut(u64),
) -> Vec<FileReport> {
    if let [sink] = sinks {
        let mut decoders = InPlace::new(sink, options, progress);
        let reports = inputs.iter().map(|input| open(input, options, &mut decoders)).collect();
        return put_together(reports, decoders.finish(), options);
    }
    let (sender, shared) = line(sinks.len());
    thread::scope(|scope| {
        let mut decoders = Crew::start(scope, sinks, (sender, &shared), options, progress);
        let reports = inputs.iter().map(|input| open(input, options, &mut decoders)).collect();
        put_together(reports, decoders.finish(), options)
    })
}

/// Reads bytes to their end, as [`read_inputs`] does files. `name` is what reports call them.
pub fn read_bytes<S: Sink>(name: &str, input: impl Read, options: &ReadOptions, sink: &mut S) -> FileReport {
    let mut progress = |_| {};
    let mut decoders = InPlace::new(sink, options, &mut progress);
    let report = read(name, Box::new(input), options, &mut decoders);
    let pieces = decoders.finish();
    put_together(vec![report], pieces, options).pop().unwrap_or_default()
}

/// The report on an input itself, and how many pieces were taken up to its end: theirs is the rest of the report.
type Opened = (FileReport, usize);

fn open(input: &Input, options: &ReadOptions, decoders: &mut dyn Decoders) -> Opened {
    match input {
        Input::Stdin => read(&input.name(), Box::new(io::stdin().lock()), options, decoders),
        Input::File(path) => match File::open(path) {
            Ok(file) => read(&input.name(), Box::new(file), options, decoders),
            Err(source) => {
                let error = Some(ReadError::Io { name: input.name(), offset: 0, source });
                (FileReport { error, ..FileReport::new(&input.name()) }, decoders.taken())
            }
        },
    }
}

fn put_together(opened: Vec<Opened>, pieces: Vec<Piece>, options: &ReadOptions) -> Vec<FileReport> {
    let mut pieces = pieces.into_iter();
    let mut taken = 0;
    let whole = |(mut report, end): Opened| {
        let mut passed = 0;
        for piece in pieces.by_ref().take(end - taken) {
            report.add(piece.report, passed, options.max_told);
            passed += piece.numbers;
        }
        taken = end;
        report
    };
    opened.into_iter().map(whole).collect()
}

fn read<'r>(name: &str, input: Box<dyn Read + 'r>, options: &ReadOptions, decoders: &mut dyn Decoders) -> Opened {
    let mut report = FileReport::new(name);
    let mut outlet = Outlet::new(decoders, options, name);
    report.error = cut(ByteSource::new(input), &mut outlet, &mut report).err();
    (report, decoders.taken())
}

fn cut(mut source: ByteSource<'_>, outlet: &mut Outlet<'_>, report: &mut FileReport) -> Result<(), ReadError> {
    source.fill_to(4);
    let mut inflation = Inflation::new(outlet.options);
    while let Some(compression) = Compression::of(source.window()) {
        if report.compression.len() == MAX_LEVELS {
            return Err(ReadError::TooManyLevels { name: report.name.clone(), levels: MAX_LEVELS });
        }
        report.compression.push(compression.as_str());
        source = compression.undo(source, &mut inflation).map_err(|error| failure(report, 0, error))?;
        source.fill_to(4);
    }
    source.fill_to(HEAD);
    let format = format_of(source.window());
    if let Some(format) = format {
        let broken = cut_format(format, &mut source, outlet, report);
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

fn cut_format(
    format: Format,
    source: &mut ByteSource<'_>,
    outlet: &mut Outlet<'_>,
    report: &mut FileReport,
) -> Result<(), ReadError> {
    let lines = format == Format::Json && json_lines::are_lines(source);
    report.format = Some(match format {
        Format::Json if lines => "OTLP/JSON lines",
        Format::Json => "OTLP/JSON document",
        Format::Framed => "OTLP messages with their lengths",
        Format::Request => "OTLP/protobuf request",
    });
    match format {
        Format::Json if lines => {
            json_lines::cut(source, outlet);
            Ok(())
        }
        Format::Json => json_document::cut(source, outlet),
        Format::Framed => framed::cut(source, outlet),
        Format::Request => proto_stream::cut(source, outlet),
    }
}

/// Why the bytes stopped coming.
fn failure(report: &FileReport, offset: u64, error: io::Error) -> ReadError {
    let name = report.name.clone();
    if let Some(&Bomb { given, taken }) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return ReadError::Bomb { name, given, taken };
    }
    match report.compression.last() {
        Some(compression) => ReadError::BadCompression { name, compression, offset, reason: error.to_string() },
        None => ReadError::Io { name, offset, source: error },
    }
}
