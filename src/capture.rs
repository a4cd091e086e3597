//! The product in one place: inputs are read, traces assembled and analysed, facts gathered.

use crate::analyze::diagnosis::diagnose;
use crate::assemble::open_traces::{OpenTrace, OpenTraces};
use crate::assemble::trace::assemble;
use crate::facts::gather::Gathering;
use crate::facts::input::InputFacts;
use crate::facts::trace::TraceFacts;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::analysis;
use crate::judge::evidence::Evidence;
use crate::model::defect::Defect;
use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::read::capture_reader::{read_bytes, read_input};
use crate::read::error::ReadError;
use crate::read::file_report::FileReport;
use crate::read::input::{Input, expand};
use crate::read::options::ReadOptions;
use crate::read::sink::Sink;
use std::io::Read;

/// How many messages about unusable input the evidence keeps.
const MESSAGES: usize = 50;

/// How many spans pass between two reports of progress.
const PROGRESS_EVERY: u64 = 1 << 16;

/// Told how many spans have been read so far.
pub type Progress = Box<dyn FnMut(u64)>;

/// The telemetry of one run or one window of time, while it is read and until it is analysed.
pub struct Capture {
    options: ReadOptions,
    incoming: Incoming,
    input: InputFacts,
}

/// Where the readers put spans and log events.
struct Incoming {
    names: Names,
    traces: OpenTraces,
    spans: u64,
    progress: Option<Progress>,
}

impl Sink for Incoming {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    fn span(&mut self, span: LooseSpan) {
        self.traces.push_span(span);
        self.spans += 1;
        if self.spans.is_multiple_of(PROGRESS_EVERY)
            && let Some(progress) = &mut self.progress
        {
            progress(self.spans);
        }
    }

    fn log(&mut self, event: LogEvent) {
        self.traces.push_log(event);
    }
}

impl Capture {
    /// A capture that holds nothing yet.
    #[must_use]
    pub fn new(options: ReadOptions, progress: Option<Progress>) -> Self {
        let incoming = Incoming { names: Names::new(), traces: OpenTraces::default(), spans: 0, progress };
        Self { options, incoming, input: InputFacts::default() }
    }

    /// Reads everything that `arguments` stand for: files, folders, patterns, `-` for standard input. What cannot be
    /// used is told in the evidence and costs nothing beside it.
    pub fn read(&mut self, arguments: &[String]) {
        let (inputs, errors) = expand(arguments);
        for error in &errors {
            self.note_broken(error);
        }
        for input in inputs {
            self.read_input(&input);
        }
    }

    fn read_input(&mut self, input: &Input) {
        let report = read_input(input, &self.options, &mut self.incoming);
        self.note(&report);
    }

    /// Reads one input from bytes at hand; `name` is what messages call it.
    pub fn read_bytes(&mut self, name: &str, bytes: impl Read) {
        let report = read_bytes(name, bytes, &self.options, &mut self.incoming);
        self.note(&report);
    }

    /// What could not be used so far, one sentence each.
    #[must_use]
    pub fn messages(&self) -> &[String] {
        &self.input.messages
    }

    /// Whether any span was read.
    #[must_use]
    pub fn has_spans(&self) -> bool {
        self.incoming.spans > 0
    }

    fn note(&mut self, report: &FileReport) {
        self.input.logs += report.logs;
        self.input.metrics += report.metrics;
        self.input.skipped_records += report.skipped_total;
        let told = report.skipped.iter().chain(&report.mended);
        for skipped in told {
            let place = format!("{} {} at byte {}", skipped.unit, skipped.record, skipped.offset);
            self.message(format!("{}: {place}: {}", report.name, skipped.reason));
        }
        if let Some(error) = &report.error {
            self.note_broken(error);
        }
    }

    fn note_broken(&mut self, error: &ReadError) {
        match error {
            ReadError::UnknownFormat { .. } => self.input.foreign_inputs += 1,
            _ => self.input.broken_inputs += 1,
        }
        self.message(error.to_string());
    }

    fn message(&mut self, message: String) {
        match self.input.messages.len() {
            MESSAGES => self.input.messages.push("More of the input could not be used: see the counts.".to_owned()),
            told if told < MESSAGES => self.input.messages.push(message),
            _ => {}
        }
    }

    /// Assembles and analyses every trace, one at a time, and adds up the facts.
    #[must_use]
    pub fn into_facts(self) -> (WindowFacts, InputFacts) {
        let Incoming { names, mut traces, .. } = self.incoming;
        let mut gathering = Gathering::default();
        let logs_without_trace = traces.logs_without_trace();
        for (id, OpenTrace { spans, logs }) in traces.drain() {
            let assembled = assemble(id, spans, logs, &names);
            let diagnosis = diagnose(&assembled.tree, &names);
            gathering.add(&assembled, &diagnosis, &names);
        }
        let mut facts = gathering.finish(&names);
        facts.defects.add_many(Defect::LogWithoutTrace, logs_without_trace);
        (facts, self.input)
    }

    /// The evidence of this capture by itself.
    #[must_use]
    pub fn into_evidence(self) -> Evidence {
        let (facts, input) = self.into_facts();
        analysis(&facts, &input)
    }

    /// One trace, span by span; `None` when the capture does not hold it.
    #[must_use]
    pub fn into_trace(mut self, id: TraceId) -> Option<TraceFacts> {
        let OpenTrace { spans, logs } = self.incoming.traces.take(id)?;
        let names = &self.incoming.names;
        let assembled = assemble(id, spans, logs, names);
        let diagnosis = diagnose(&assembled.tree, names);
        Some(TraceFacts::of(&assembled, &diagnosis, names))
    }
}
