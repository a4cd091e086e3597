//! The way in: bytes of any origin, recognised, decompressed and read.

use crate::read::archive::Archive;
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
use crate::read::pieces::Pieces;
use crate::read::proto_stream;
use crate::read::quote::quote;
use crate::read::segment;
use crate::read::sink::Sink;
use crate::read::sniff::{Format, format_of};
use std::fs::File;
use std::io::{self, Read};
use std::thread;

/// How many compressions around each other are undone.
const MAX_LEVELS: usize = 2;

/// How many bytes the format is told from, where there are as many.
const HEAD: usize = 64 << 10;

/// Reads inputs to their ends, one after the other; of an archive, every file in it. Each record is decoded into one of `sinks`: with several, by as
/// many threads, so that what lands in which is not told. Whatever is wrong is in the reports, which come in the
/// order of the inputs, an archive before its files, and are the same for any number of sinks. `progress` is told the spans so far.
pub fn read_inputs<S: Sink + Send>(
    inputs: &[Input],
    options: &ReadOptions,
    sinks: &mut [S],
    progress: &mut dyn FnMut(u64),
) -> Vec<FileReport> {
    read_opened(options, sinks, progress, |decoders| open_all(inputs, options, decoders))
}

/// Reads inputs that are open, under the names that reports call them by, as [`read_inputs`] does files.
pub fn read_streams<S: Sink + Send>(
    streams: Vec<(String, Box<dyn Read>)>,
    options: &ReadOptions,
    sinks: &mut [S],
    progress: &mut dyn FnMut(u64),
) -> Vec<FileReport> {
    read_opened(options, sinks, progress, |decoders| {
        let mut opened = Vec::with_capacity(streams.len());
        for (name, stream) in streams {
            read(&name, stream, None, options, decoders, &mut opened);
        }
        opened
    })
}

fn read_opened<S: Sink + Send>(
    options: &ReadOptions,
    sinks: &mut [S],
    progress: &mut dyn FnMut(u64),
    open: impl FnOnce(&mut dyn Decoders) -> Vec<Opened>,
) -> Vec<FileReport> {
    let Some((sink, others)) = sinks.split_first_mut() else { return Vec::new() };
    if others.is_empty() {
        let mut decoders = InPlace::new(sink, options, progress);
        let opened = open(&mut decoders);
        return put_together(opened, decoders.finish(), options);
    }
    let (sender, shared) = line(options);
    thread::scope(|scope| {
        let mut decoders = Crew::start(scope, (sink, others), (sender, &shared), options, progress);
        let opened = open(&mut decoders);
        put_together(opened, decoders.finish(), options)
    })
}

/// Reads bytes to their end, as [`read_inputs`] does files. `name` is what reports call them. What is to be told of the files
/// of an archive is in its one report.
pub fn read_bytes<S: Sink>(name: &str, input: impl Read, options: &ReadOptions, sink: &mut S) -> FileReport {
    let mut progress = |_| {};
    let (mut decoders, mut opened) = (InPlace::new(sink, options, &mut progress), Vec::new());
    read(name, Box::new(input), None, options, &mut decoders, &mut opened);
    let mut reports = put_together(opened, decoders.finish(), options).into_iter();
    let mut whole = reports.next().unwrap_or_default();
    for mut member in reports {
        whole.error = whole.error.or(member.error.take());
        whole.add(member, 0, options.max_told);
    }
    whole
}

/// The report on an input itself, and how many pieces were taken up to its end: theirs is the rest of the report.
type Opened = (FileReport, usize);

fn open_all(inputs: &[Input], options: &ReadOptions, decoders: &mut dyn Decoders) -> Vec<Opened> {
    let mut opened = Vec::with_capacity(inputs.len());
    for input in inputs {
        let name = input.name();
        match input {
            Input::Stdin => read(&name, Box::new(io::stdin().lock()), None, options, decoders, &mut opened),
            Input::File(path) => match File::open(path) {
                Ok(file) => read(&name, Box::new(file), None, options, decoders, &mut opened),
                Err(source) => {
                    let report = FileReport::new(&name);
                    let error = Some(ReadError::Io { name, offset: 0, source });
                    opened.push((FileReport { error, ..report }, decoders.taken()));
                }
            },
        }
    }
    opened
}

fn put_together(opened: Vec<Opened>, pieces: Pieces, options: &ReadOptions) -> Vec<FileReport> {
    let mut pieces = pieces.in_order().peekable();
    let whole = |(mut report, end): Opened| {
        let mut passed = 0;
        while let Some((_, piece)) = pieces.next_if(|&(place, _)| place < end) {
            report.add(piece.report, passed, options.max_told);
            passed += piece.numbers;
        }
        report
    };
    opened.into_iter().map(whole).collect()
}

/// Reads one input, or one file of an archive, of which `archive` tells how much its files may hold.
fn read(
    name: &str,
    input: Box<dyn Read + '_>,
    archive: Option<&Inflation>,
    options: &ReadOptions,
    decoders: &mut dyn Decoders,
    opened: &mut Vec<Opened>,
) {
    let mut report = FileReport::new(name);
    // The report of an archive stands before those of its files: the pieces are theirs.
    let (place, before) = (opened.len(), decoders.taken());
    let mut inflation = archive.map_or_else(|| Inflation::new(options), Inflation::of_files);
    let outcome = unpacked(ByteSource::new(input), &mut inflation, &mut report).and_then(|mut source| {
        let Some(format) = Archive::of(source.window()) else {
            return cut(source, &mut Outlet::new(decoders, options, name, opened.len()), &mut report);
        };
        report.format = Some(format.as_str());
        if archive.is_some() {
            return Err(ReadError::NestedArchive { name: name.to_owned() });
        }
        let mut take = |member: &str, bytes: &mut dyn Read| {
            read(&format!("{name}/{member}"), Box::new(bytes), Some(&inflation), options, decoders, opened);
        };
        match format.members(&mut source, &inflation, &mut take) {
            Ok(0) => Err(ReadError::EmptyArchive { name: name.to_owned() }),
            Ok(_) => Ok(()),
            Err(error) => Err(bomb(name, &error).unwrap_or_else(|| ReadError::BadArchive {
                name: name.to_owned(),
                archive: format.as_str(),
                reason: error.to_string(),
            })),
        }
    });
    report.error = outcome.err();
    let taken = if opened.len() > place { before } else { decoders.taken() };
    opened.insert(place, (report, taken));
}

/// The bytes of an input without its compressions, the first of them at hand.
fn unpacked<'r>(
    mut source: ByteSource<'r>,
    inflation: &mut Inflation,
    report: &mut FileReport,
) -> Result<ByteSource<'r>, ReadError> {
    source.fill_to(4);
    while let Some(compression) = Compression::of(source.window()) {
        if report.compression.len() == MAX_LEVELS {
            return Err(ReadError::TooManyLevels { name: report.name.clone(), levels: MAX_LEVELS });
        }
        report.compression.push(compression.as_str());
        source = compression.undo(source, inflation).map_err(|error| failure(report, 0, error))?;
        source.fill_to(4);
    }
    source.fill_to(HEAD);
    Ok(source)
}

fn cut(mut source: ByteSource<'_>, outlet: &mut Outlet<'_>, report: &mut FileReport) -> Result<(), ReadError> {
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
        Format::Segment(_) => "kept OTLP requests",
        Format::Request => "OTLP/protobuf request",
    });
    match format {
        Format::Json if lines => {
            json_lines::cut(source, outlet);
            Ok(())
        }
        Format::Json => json_document::cut(source, outlet),
        Format::Framed => framed::cut(source, outlet),
        Format::Segment(layout) => segment::cut(layout, source, outlet),
        Format::Request => proto_stream::cut(source, outlet),
    }
}

/// That more came out of compressed bytes than telemetry can hold, if that is what stopped the reading.
fn bomb(name: &str, error: &io::Error) -> Option<ReadError> {
    let &Bomb { given, taken } = error.get_ref()?.downcast_ref()?;
    Some(ReadError::Bomb { name: name.to_owned(), given, taken })
}

/// Why the bytes stopped coming.
fn failure(report: &FileReport, offset: u64, error: io::Error) -> ReadError {
    let name = report.name.clone();
    if let Some(bomb) = bomb(&name, &error) {
        return bomb;
    }
    match report.compression.last() {
        Some(compression) => ReadError::BadCompression { name, compression, offset, reason: error.to_string() },
        None => ReadError::Io { name, offset, source: error },
    }
}
