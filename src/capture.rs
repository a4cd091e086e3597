//! The product in one place: inputs are read, traces assembled and analysed, facts gathered, windows judged.

use crate::analyze::diagnosis::Diagnoser;
use crate::analyze::exception_rules::ExceptionRules;
use crate::assemble::open_traces::OpenTrace;
use crate::assemble::partitions::Partitions;
use crate::assemble::shelf::Shelf;
use crate::assemble::trace::assemble;
use crate::capture::reader::Reader;
use crate::facts::all_traces::{Besides, Gathered, gather};
use crate::facts::compares::Compares;
use crate::facts::input::InputFacts;
use crate::facts::rows::RowStore;
use crate::facts::split::Split;
use crate::facts::tables::TableError;
use crate::facts::trace::TraceFacts;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::analysis;
use crate::judge::checkup::Checkup;
use crate::judge::evidence::Evidence;
use crate::judge::examination::examine;
use crate::judge::gate::judgement::judge;
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::model::change_event::ChangeEvent;
use crate::model::defect::Defect;
use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::renaming::Renaming;
use crate::read::capture_reader::{read_bytes, read_inputs, read_streams};
use crate::read::file_report::FileReport;
use crate::read::input::expand;
use crate::read::kept_streams::open_store;
use crate::read::kept_whole::Thinned;
use crate::read::options::ReadOptions;
use crate::read::survey::Survey;
use crate::redact::redactor::Redactor;
use std::io;
use std::path::Path;

mod both_sides;
mod notes;
mod reader;

/// How many bytes of memory a run should get along with, unless the user says otherwise.
pub const DEFAULT_MEMORY: u64 = 1 << 30;

/// How many bytes of names are kept even with next to no memory: names cannot go to disk.
const LEAST_NAMES: usize = 8 << 20;

/// How many spans pass between two reports of progress.
const PROGRESS_EVERY: u64 = 1 << 16;

/// Told how many spans have been read so far.
pub type Progress = Box<dyn FnMut(u64)>;

/// The telemetry of one run or one window of time, while it is read and until it is analysed.
pub struct Capture {
    options: ReadOptions,
    /// One for each thread that decodes, or more.
    readers: Vec<Reader>,
    threads: usize,
    /// How many bytes of spans each of them holds before they go to disk.
    budget: usize,
    /// How many bytes of names each of them holds.
    names: usize,
    progress: Option<Progress>,
    input: InputFacts,
    has_spans: bool,
    redactor: Redactor,
    rules: ExceptionRules,
    /// Why what was read of a store is not all that was received.
    thinned: Option<String>,
    /// It was told that spans which should have gone to disk are held in memory.
    is_over_memory: bool,
}

impl Capture {
    /// A capture that holds nothing yet, and will be read and analysed by one thread within [`DEFAULT_MEMORY`].
    #[must_use]
    pub fn new(options: ReadOptions, progress: Option<Progress>) -> Self {
        Self::with_threads(options, progress, 1, DEFAULT_MEMORY)
    }

    /// A capture that will be read and analysed by `threads` threads in about `memory` bytes: of what does not fit, spans
    /// go to the system's folder for temporary files. The evidence is the same for any number of either.
    #[must_use]
    pub fn with_threads(options: ReadOptions, progress: Option<Progress>, threads: usize, memory: u64) -> Self {
        let threads = threads.max(1);
        // The other half is for what is being decoded, the traces that are being analysed, names and facts.
        let budget = usize::try_from(memory / 2).unwrap_or(usize::MAX) / threads;
        let names_bound = usize::try_from(memory / 4).unwrap_or(usize::MAX).max(LEAST_NAMES);
        let mut capture = Self {
            options,
            readers: Vec::new(),
            threads,
            budget,
            names: (names_bound / threads).max(LEAST_NAMES),
            progress,
            input: InputFacts::default(),
            has_spans: false,
            redactor: Redactor::default(),
            rules: ExceptionRules::default(),
            thinned: None,
            is_over_memory: false,
        };
        capture.begin_readers(budget);
        capture
    }

    /// Begins to read anew: each thread holds so many bytes of spans before they go to disk.
    fn begin_readers(&mut self, budget: usize) {
        let survey = || self.options.survey.then(Survey::default);
        let (names, window) = (|| Names::with_bound(self.names), self.options.window);
        let reader = |_| Reader { names: names(), shelf: Shelf::new(budget), survey: survey(), only: None, window };
        self.readers = (0..self.threads).map(reader).collect();
    }

    /// Takes out of everything that comes of this capture what the redactor says; without this, what is taken out by
    /// default. Captures that are looked at together share one redactor, so that equal values have equal ordinals.
    #[must_use]
    pub fn redacting(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Goes by what the user says about exceptions, beside the rules that are built in.
    #[must_use]
    pub fn by_rules(mut self, rules: ExceptionRules) -> Self {
        self.rules = rules;
        self
    }

    /// The same capture, of which only one trace is held and can be asked for: see [`Capture::into_trace`].
    #[must_use]
    pub fn of_one_trace(mut self, id: TraceId) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.only = Some(id));
        self
    }

    /// Reads everything that `arguments` stand for: files, folders, patterns, `-` for standard input. What cannot be
    /// used is told in the evidence and costs nothing beside it.
    pub fn read(&mut self, arguments: &[String]) {
        let (inputs, errors) = expand(arguments);
        for error in &errors {
            self.note_broken(error);
        }
        self.read_with(|options, readers, tell| read_inputs(&inputs, options, readers, tell));
    }

    fn read_with(&mut self, read: impl FnOnce(&ReadOptions, &mut [Reader], &mut dyn FnMut(u64)) -> Vec<FileReport>) {
        let reports = read(&self.options, &mut self.readers, &mut telling(&mut self.progress));
        reports.iter().for_each(|report| self.note(report));
        self.note_over_memory();
    }

    /// Reads what a store received about a window of time: of [`ReadOptions::window`], or of all times. What is still being
    /// written is read up to its last whole record.
    ///
    /// # Errors
    ///
    /// When the folder of the store cannot be listed, a segment in it cannot be opened, or nobody can tell whether all is there.
    pub fn read_store(&mut self, folder: &Path) -> io::Result<()> {
        let only = self.readers.first().and_then(|reader| reader.only);
        let streams = open_store(folder, self.options.window, only)?;
        // After the files were opened: what is thinned from now on is still read whole.
        if let (Some(window), None) = (self.options.window, only) {
            self.thinned = Thinned::read(folder)?.check(window).err();
        }
        self.read_with(|options, readers, tell| read_streams(streams, options, readers, tell));
        Ok(())
    }

    /// Why what was read of a window of a store is only a part of what was received, if so: nothing may be counted or compared
    /// then. What failed is there.
    #[must_use]
    pub fn thinned(&self) -> Option<&str> {
        self.thinned.as_deref()
    }

    /// Reads one input from bytes at hand; `name` is what messages call it.
    pub fn read_bytes(&mut self, name: &str, bytes: &[u8]) {
        if let Some(reader) = self.readers.first_mut() {
            let report = read_bytes(name, bytes, &self.options, reader);
            self.note(&report);
            self.note_over_memory();
        }
    }

    /// What could not be used so far, one sentence each.
    #[must_use]
    pub fn messages(&self) -> &[String] {
        &self.input.messages
    }

    /// Whether any span was read.
    #[must_use]
    pub fn has_spans(&self) -> bool {
        self.has_spans
    }

    /// Takes what was read off the shelves: whole traces under names that are the same for all.
    fn partitions(&mut self) -> (Partitions, Names) {
        let mut readers = self.readers.drain(..);
        // Those of the first thread are the start of all: a copy of them would take as much again.
        let Some(Reader { mut names, shelf, .. }) = readers.next() else {
            return (Partitions::new(Vec::new()), Names::new());
        };
        let mut shelves = vec![(shelf, Renaming::base(&mut names))];
        for Reader { names: of_reader, shelf, .. } in readers {
            shelves.push((shelf, Renaming::adopt(&mut names, &of_reader)));
        }
        names.spread_nameless();
        (Partitions::new(shelves), names)
    }

    /// Assembles and analyses every trace, and adds up the facts; what is secret is taken out of their texts.
    #[must_use]
    pub fn into_facts(self) -> (WindowFacts, InputFacts) {
        self.facts(false)
    }

    fn facts(self, alone: bool) -> (WindowFacts, InputFacts) {
        let redactor = self.redactor.clone();
        let compares = if self.options.request_attributes { Compares::Windows } else { Compares::Usual };
        let (gathered, input) = self.gather(Besides { compares, alone, ..Besides::default() });
        (redactor.window(gathered.facts), redactor.input(input))
    }

    /// The evidence of this capture by itself.
    #[must_use]
    pub fn into_evidence(self) -> Evidence {
        let redactor = self.redactor.clone();
        let (facts, input) = self.facts(true);
        redactor.evidence(analysis(&facts, &input))
    }

    /// The evidence of this capture cut in two at a change: what came before is the baseline.
    #[must_use]
    pub fn into_evidence_of_change(self, split: Split, policy: &Policy, changes: Vec<ChangeEvent>) -> Evidence {
        let redactor = self.redactor.clone();
        let compares = Compares::Windows;
        let (gathered, input) = self.gather(Besides { split: Some(split), compares, ..Besides::default() });
        let (before, after) = (redactor.window(gathered.before), redactor.window(gathered.facts));
        let input = redactor.input(input);
        let sides = Sides {
            baseline: &before,
            candidate: &after,
            baseline_input: &input,
            candidate_input: &input,
            settling: gathered.left_out,
        };
        redactor.evidence(judge(&sides, policy, redactor.changes(changes)))
    }

    /// The evidence of this capture by itself; the rows of the tables `spans` and `traces` go to `store`.
    ///
    /// # Errors
    ///
    /// When the rows cannot be kept.
    pub fn into_evidence_and_rows(self, store: &dyn RowStore) -> Result<Evidence, TableError> {
        let redactor = self.redactor.clone();
        let store = redactor.rows(store);
        let compares = Compares::Usual;
        let (gathered, input) =
            self.gather(Besides { store: Some(&store), compares, alone: true, ..Besides::default() });
        match gathered.not_kept {
            Some(error) => Err(error),
            None => Ok(redactor.evidence(analysis(&redactor.window(gathered.facts), &redactor.input(input)))),
        }
    }

    /// The rows of the tables `spans` and `traces` of this capture go to `store`. What they add up to is handed out as it came:
    /// whoever shows it takes out what is secret.
    ///
    /// # Errors
    ///
    /// When the rows cannot be kept, or some of what was put on disk did not come back.
    pub fn into_rows(self, store: &dyn RowStore) -> Result<(WindowFacts, InputFacts), TableError> {
        let redactor = self.redactor.clone();
        let store = redactor.rows(store);
        let (gathered, input) = self.gather(Besides { store: Some(&store), ..Besides::default() });
        match gathered.not_kept.or_else(|| gathered.lost.into_iter().next().map(Into::into)) {
            Some(error) => Err(error),
            None => Ok((gathered.facts, input)),
        }
    }

    /// What the telemetry of this capture lacks. Ask for [`ReadOptions::survey`], or what only the readers see is missing.
    #[must_use]
    pub fn into_checkup(self) -> Checkup {
        let redactor = self.redactor.clone();
        let (gathered, input) = self.gather(Besides { telemetry: true, ..Besides::default() });
        let input = redactor.input(input);
        redactor.checkup(examine(&gathered.facts, &gathered.telemetry.unwrap_or_default(), &input))
    }

    fn gather(mut self, besides: Besides<'_>) -> (Gathered, InputFacts) {
        let besides = Besides { window: self.options.window, ..besides };
        let logs_without_trace = self.readers.iter().map(|reader| reader.shelf.logs_without_trace()).sum();
        let surveys = self.readers.iter_mut().filter_map(|reader| Some(reader.survey.take()?.finish(&reader.names)));
        let surveys: Vec<_> = surveys.collect();
        let (partitions, names) = self.partitions();
        let mut gathered = gather(&partitions, &names, &self.rules, self.threads, besides);
        gathered.facts.defects.add_many(Defect::LogWithoutTrace, logs_without_trace);
        gathered.facts.defects.add_many(Defect::NamesBeyondBound, names.beyond_bound());
        gathered.lost.iter().for_each(|error| self.note_lost(error));
        if let Some(telemetry) = &mut gathered.telemetry {
            surveys.into_iter().for_each(|sent| telemetry.add_sent(sent));
        }
        (gathered, self.input)
    }

    /// One trace, span by span; `None` when the capture does not hold it.
    ///
    /// # Errors
    ///
    /// When the trace was put on disk and cannot be read back.
    pub fn into_trace(mut self, id: TraceId) -> io::Result<Option<TraceFacts>> {
        let (partitions, names) = self.partitions();
        let Some(OpenTrace { spans, logs, left_out, .. }) = partitions.take_trace(id)? else { return Ok(None) };
        let mut assembled = assemble(id, spans, logs, &names);
        assembled.defects.merge(&left_out);
        let diagnosis = Diagnoser::by(&self.rules).diagnose(&assembled.tree, &names);
        Ok(Some(self.redactor.trace(TraceFacts::of(&assembled, &diagnosis, &names, &self.rules))))
    }
}

/// Tells of progress now and then.
fn telling(progress: &mut Option<Progress>) -> impl FnMut(u64) + '_ {
    let mut told = 0;
    move |spans: u64| {
        if let Some(progress) = progress
            && spans >= told + PROGRESS_EVERY
        {
            told = spans;
            progress(spans);
        }
    }
}

/// The evidence of a candidate against a baseline, each as [`Capture::into_facts`] gives it; both captures must have been
/// given this redactor, and been read with [`ReadOptions::request_attributes`], without which nothing is known of changes.
#[must_use]
pub fn compare(
    baseline: &(WindowFacts, InputFacts),
    candidate: &(WindowFacts, InputFacts),
    policy: &Policy,
    changes: Vec<ChangeEvent>,
    redactor: &Redactor,
) -> Evidence {
    let ((baseline, baseline_input), (candidate, candidate_input)) = (baseline, candidate);
    let sides = Sides { baseline, candidate, baseline_input, candidate_input, settling: 0 };
    redactor.evidence(judge(&sides, policy, redactor.changes(changes)))
}
