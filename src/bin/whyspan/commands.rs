//! What each command does.

use crate::args::{Analyze, Cli, Command, DataFormat, Display, Doctor, Output, Reading, Trace};
use crate::exit::Exit;
use crate::explain;
use crate::files::keep_inputs;
use crate::gate;
use crate::reports::{render_saved, show};
use crate::screen;
use clap::CommandFactory;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use whyspan::capture::Capture;
#[cfg(feature = "tables")]
use whyspan::facts::parquet::ParquetTables;
use whyspan::judge::evidence::Evidence;
use whyspan::model::ids::TraceId;
use whyspan::model::time::TimeWindow;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;
use whyspan::report::plain_text::{harmless_in_a_log, one_line};
use whyspan::report::{json, terminal_checkup, trace_tree};

/// The capture of the demo: every order of a shop fails because its payment service throws.
const DEMO: [(&str, &[u8]); 2] = [
    ("demo traces", include_bytes!("../../../fixtures/scenarios/payment-failure/candidate.traces.jsonl.zst")),
    ("demo logs", include_bytes!("../../../fixtures/scenarios/payment-failure/candidate.logs.jsonl.zst")),
];

/// What ends a command early, in words for the user.
pub(crate) type Failure = Box<dyn std::error::Error>;

pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Analyze(analyze) => run_analyze(&analyze),
        Command::Gate(arguments) => gate::run(&arguments),
        Command::Report(report) => render_saved(&report),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Trace(trace) => run_trace(&trace),
        Command::Doctor(doctor) => run_doctor(&doctor),
        #[cfg(feature = "serve")]
        Command::Serve(asked) => crate::serve::run(&asked),
        #[cfg(not(feature = "serve"))]
        Command::Serve { rest: _ } => {
            screen::say("error: this build of whyspan has no serve; build it with the cargo feature `serve`");
            Ok(Exit::WrongUse)
        }
        Command::Demo(output) => run_demo(&output),
        Command::Schema => print_plain(json::EVIDENCE_SCHEMA),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "whyspan", &mut script);
            print_plain(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print_plain(&String::from_utf8_lossy(&page))
        }
    }
}

fn run_analyze(analyze: &Analyze) -> Result<Exit, Failure> {
    let files: Vec<&Path> =
        analyze.inputs.reading.exceptions.iter().map(|exceptions| exceptions.path.as_path()).collect();
    keep_inputs(&analyze.output.rendering.reports, &[&analyze.inputs.inputs], &files)?;
    let (reading, redactor) = (&analyze.inputs.reading, analyze.output.redaction.redactor());
    let capture = read(&analyze.inputs.inputs, reading, ReadOptions::default(), &redactor, &analyze.output.display);
    let readable = capture.has_spans();
    let evidence = evidence(capture, analyze)?;
    show(&evidence, &analyze.output.rendering, analyze.output.display.color)?;
    Ok(if readable { Exit::Done } else { nothing_readable(&analyze.inputs.inputs, &redactor) })
}

#[cfg(feature = "tables")]
fn evidence(capture: Capture, analyze: &Analyze) -> Result<Evidence, Failure> {
    let Some(folder) = &analyze.facts else { return Ok(capture.into_evidence()) };
    let failed = |error: Failure| {
        let folder = folder.display();
        format!("{folder}: the facts cannot be written: {error}. Check that the folder may be written to and has room")
    };
    let tables = ParquetTables::create(folder).map_err(|error| failed(error))?;
    Ok(capture.into_evidence_and_rows(&tables).map_err(|error| failed(error))?)
}

#[cfg(not(feature = "tables"))]
fn evidence(capture: Capture, _: &Analyze) -> Result<Evidence, Failure> {
    Ok(capture.into_evidence())
}

fn run_demo(output: &Output) -> Result<Exit, Failure> {
    let mut capture = Capture::new(ReadOptions::default(), None).redacting(output.redaction.redactor());
    for (name, bytes) in DEMO {
        capture.read_bytes(name, bytes);
    }
    show(&capture.into_evidence(), &output.rendering, output.display.color)?;
    Ok(Exit::Done)
}

fn run_trace(trace: &Trace) -> Result<Exit, Failure> {
    let Some(id) = TraceId::from_hex(trace.id.trim().as_bytes()) else {
        screen::say("error: TRACE_ID must be 32 hexadecimal digits, such as 5b8efff798038103d269b633813fc60c");
        return Ok(Exit::WrongUse);
    };
    let options = ReadOptions { keep_attributes: trace.keep_attributes.clone(), ..ReadOptions::default() };
    // Only one trace is wanted, so only that is held.
    let redactor = trace.redaction.redactor();
    let capture = empty(&trace.inputs.reading, options, &redactor, &trace.display).of_one_trace(id);
    let capture = fill(capture, &trace.inputs.inputs, &trace.display);
    if !capture.has_spans() {
        return Ok(nothing_readable(&trace.inputs.inputs, &redactor));
    }
    let facts = capture
        .into_trace(id)
        .map_err(|error| format!("the trace was put on disk and cannot be read back: {error}. Give more --memory"))?;
    let Some(facts) = facts else {
        screen::say(&format!(
            "error: no trace {id} in the input; `whyspan analyze` lists trace ids that show something"
        ));
        return Ok(Exit::NothingReadable);
    };
    let text = match trace.format {
        DataFormat::Text => harmless_in_a_log(&trace_tree::render(&facts, screen::width())?),
        DataFormat::Json => json::to_json(&facts)?,
    };
    screen::print(&text, trace.display.color)?;
    Ok(Exit::Done)
}

fn run_doctor(doctor: &Doctor) -> Result<Exit, Failure> {
    let options = ReadOptions { survey: true, ..ReadOptions::default() };
    let redactor = doctor.redaction.redactor();
    let capture = read(&doctor.inputs.inputs, &doctor.inputs.reading, options, &redactor, &doctor.display);
    let readable = capture.has_spans();
    let checkup = capture.into_checkup();
    let text = match doctor.format {
        DataFormat::Text => harmless_in_a_log(&terminal_checkup::render(&checkup, screen::width())?),
        DataFormat::Json => json::to_json(&checkup)?,
    };
    screen::print(&text, doctor.display.color)?;
    Ok(if readable { Exit::Done } else { nothing_readable(&doctor.inputs.inputs, &redactor) })
}

/// The part of the memory that one record may take: it lies there up to three times while it is read and decoded.
const RECORDS: u64 = 16;

/// The longest record is never less than this, in bytes.
const LEAST_RECORD: usize = 8 << 20;

/// Reads all inputs, with progress, and warns of what could not be used.
pub(crate) fn read(
    inputs: &[String],
    reading: &Reading,
    options: ReadOptions,
    redactor: &Redactor,
    display: &Display,
) -> Capture {
    fill(empty(reading, options, redactor, display), inputs, display)
}

/// Reads a window of a store, and warns of what could not be used. A window of which only some traces are left is refused.
pub(crate) fn read_window(
    (store, window): (&Path, TimeWindow),
    reading: &Reading,
    options: ReadOptions,
    redactor: &Redactor,
    display: &Display,
) -> Result<Capture, Failure> {
    let mut capture = empty(reading, ReadOptions { window: Some(window), ..options }, redactor, display);
    capture.read_store(store).map_err(|error| unreadable(store, &error))?;
    whole(capture, store, display)
}

/// The same of two windows that are compared, when there is anything in the store that both look at: it is read once. `None` when
/// each is to be read by itself.
pub(crate) fn read_windows(
    (store, windows): (&Path, [TimeWindow; 2]),
    reading: &Reading,
    options: &ReadOptions,
    redactor: &Redactor,
    display: &Display,
) -> Result<Option<[Capture; 2]>, Failure> {
    let empty = |window| empty(reading, ReadOptions { window: Some(window), ..options.clone() }, redactor, display);
    let [mut first, mut second] = windows.map(empty);
    match Capture::read_store_of_both(&mut first, &mut second, store) {
        Ok(true) => Ok(Some([whole(first, store, display)?, whole(second, store, display)?])),
        Ok(false) => Ok(None),
        Err(error) => Err(unreadable(store, &error)),
    }
}

fn unreadable(store: &Path, error: &io::Error) -> Failure {
    format!("{}: the store cannot be read: {error}. Check the path", store.display()).into()
}

/// The capture, of which everything is there.
fn whole(capture: Capture, store: &Path, display: &Display) -> Result<Capture, Failure> {
    match capture.thinned() {
        Some(told) => Err(format!("{}: {told}", store.display()).into()),
        None => Ok(told(capture, display)),
    }
}

/// A capture that holds nothing yet.
fn empty(reading: &Reading, options: ReadOptions, redactor: &Redactor, display: &Display) -> Capture {
    let longest = usize::try_from(reading.memory / RECORDS).unwrap_or(usize::MAX).max(LEAST_RECORD);
    let options = ReadOptions { max_record_bytes: longest, ..options };
    let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = reading.threads.map_or_else(cores, NonZeroUsize::get);
    Capture::with_threads(options, screen::progress(display), threads, reading.memory)
        .redacting(redactor.clone())
        .by_rules(reading.exceptions.as_ref().map(|exceptions| exceptions.rules.clone()).unwrap_or_default())
}

fn fill(mut capture: Capture, inputs: &[String], display: &Display) -> Capture {
    capture.read(inputs);
    told(capture, display)
}

fn told(capture: Capture, display: &Display) -> Capture {
    screen::end_progress(display);
    if !display.quiet {
        for message in capture.messages() {
            screen::say(&format!("warning: {message}"));
        }
    }
    capture
}

/// How many inputs a message names.
const NAMED: usize = 3;

pub(crate) fn nothing_readable(inputs: &[String], redactor: &Redactor) -> Exit {
    let shown = inputs.iter().take(NAMED).map(|name| one_line(&redactor.text(name)).into_owned());
    let mut names: Vec<String> = shown.collect();
    if inputs.len() > NAMED {
        names.push(format!("{} more", inputs.len() - NAMED));
    }
    screen::say(&format!(
        "error: no span could be read from {}. Give OTLP traces as JSON or protobuf, for instance what the collector's \
         file exporter writes",
        names.join(", ")
    ));
    Exit::NothingReadable
}

fn print_plain(text: &str) -> Result<Exit, Failure> {
    screen::print(text, crate::args::Color::Never)?;
    Ok(Exit::Done)
}
