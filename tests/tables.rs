//! The two tables give the same answers wherever they are kept: in memory, as Polars frames, as Parquet files read by
//! DuckDB and pandas; and these are the figures of the evidence.
#![cfg(feature = "tables")]
#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::{capture, folders, python};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use whyspan::capture::Capture;
use whyspan::facts::memory_tables::MemoryTables;
use whyspan::facts::parquet::ParquetTables;
use whyspan::facts::polars_tables::PolarsTables;
use whyspan::facts::rows::{RowStore, Rows};
use whyspan::facts::tables::{Durations, FactTables, TableError};
use whyspan::judge::evidence::Evidence;
use whyspan::model::names::Names;
use whyspan::model::time::{Interval, Nanos};

/// The answers of both forms, side by side.
struct Answers {
    memory: Vec<String>,
    polars: Vec<String>,
    services: Vec<(String, u64, u64, [f64; 3])>,
    entries: Vec<(String, String, u64, u64)>,
    causes: Vec<(String, u64)>,
}

/// Asks everything of both forms once the last part has come.
#[derive(Default)]
struct Asked {
    parts: Mutex<Vec<Rows>>,
    answers: Mutex<Option<Answers>>,
}

fn in_ms(durations: &Durations) -> [f64; 3] {
    [durations.p50_ns, durations.p95_ns, durations.p99_ns].map(|ns| (ns / 1e3).round() / 1e3)
}

fn all_answers(tables: &dyn FactTables, windows: &[Option<Interval>]) -> Result<Vec<String>, TableError> {
    let mut answers = Vec::new();
    for &window in windows {
        answers.push(format!("{:#?}", tables.operations(window)?));
        answers.push(format!("{:#?}", tables.services(window)?));
        answers.push(format!("{:#?}", tables.entry_points(window)?));
        answers.push(format!("{:#?}", tables.root_causes(window)?));
    }
    Ok(answers)
}

impl RowStore for Asked {
    fn add(&self, _: usize, rows: Rows, _: &Names) -> Result<(), TableError> {
        self.parts.lock().expect("no thread has failed").push(rows);
        Ok(())
    }

    fn finish(&self, names: &Names) -> Result<(), TableError> {
        let mut rows = Rows::default();
        for part in self.parts.lock().expect("no thread has failed").drain(..) {
            rows.traces.extend(part.traces);
            rows.spans.extend(part.spans);
        }
        let mut starts: Vec<u64> = rows.traces.iter().map(|row| row.time.start.0).collect();
        starts.sort_unstable();
        let at = |share: usize| Nanos(starts[(starts.len() - 1) * share / 4]);
        let windows = [
            None,
            Some(Interval { start: at(1), end: at(3) }),
            Some(Interval { start: at(0), end: at(2) }),
            Some(Interval { start: Nanos(1), end: Nanos(2) }),
        ];
        let polars = PolarsTables::new(&rows, names)?;
        let mut memory = MemoryTables::new(names);
        let mut spans = rows.spans.into_iter().peekable();
        for trace in rows.traces {
            let id = trace.trace;
            memory.add(trace, std::iter::from_fn(|| spans.next_if(|row| row.trace == id)).collect());
        }
        *self.answers.lock().expect("no thread has failed") = Some(Answers {
            memory: all_answers(&memory, &windows)?,
            polars: all_answers(&polars, &windows)?,
            services: (memory.services(None)?.into_iter())
                .map(|it| (it.service, it.requests.count, it.requests.failed, in_ms(&it.requests)))
                .collect(),
            entries: (memory.entry_points(None)?.into_iter())
                .map(|it| (it.service, it.operation, it.total, it.failed))
                .collect(),
            causes: memory.root_causes(None)?.into_iter().map(|it| (it.signature, it.traces)).collect(),
        });
        Ok(())
    }
}

/// The telemetry files of a folder of fixtures, one form of each.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    ["traces.json", "logs.json", "candidate.traces.jsonl.zst", "candidate.logs.jsonl.zst"]
        .map(|file| folder.join(file))
        .into_iter()
        .filter(|path| path.exists())
        .collect()
}

fn asked(capture: Capture) -> (Evidence, Answers) {
    let asked = Asked::default();
    let evidence = capture.into_evidence_and_rows(&asked).expect("the rows are kept");
    let answers = asked.answers.into_inner().expect("no thread has failed").expect("the last part has come");
    (evidence, answers)
}

#[test]
fn memory_and_polars_and_the_evidence_agree() {
    let folders: Vec<PathBuf> = folders("scenarios").into_iter().chain(folders("stories")).collect();
    for folder in folders {
        let (evidence, answers) = asked(capture(&inputs(&folder)));
        for (memory, polars) in answers.memory.iter().zip(&answers.polars) {
            assert_eq!(memory, polars, "{}", folder.display());
        }
        let services: Vec<_> = (evidence.services.iter())
            .map(|it| (it.service.clone(), it.requests, it.failed, [it.p50_ms, it.p95_ms, it.p99_ms]))
            .collect();
        assert_eq!(answers.services, services, "{}", folder.display());
        let entries: Vec<_> = (evidence.entry_points.iter())
            .map(|it| (it.service.clone(), it.operation.clone(), it.total, it.failing))
            .collect();
        assert_eq!(answers.entries, entries, "{}", folder.display());
        // Rows tell of failures; what makes some requests slow is found among durations.
        let failures = evidence.root_causes.iter().filter(|it| it.latency.is_none());
        let mut causes: Vec<_> = failures.map(|it| (it.signature.clone(), it.traces.candidate)).collect();
        causes.sort();
        // A row has the key of the name that its call went by: that several names are of one callee is known at the end.
        if evidence.root_causes.iter().any(|it| !it.also_called_as.is_empty()) {
            let known: BTreeMap<_, _> = answers.causes.iter().cloned().collect();
            assert!(known.len() > causes.len(), "{}", folder.display());
            assert!(causes.iter().all(|(signature, _)| known.contains_key(signature)), "{}", folder.display());
        } else {
            assert_eq!(answers.causes, causes, "{}", folder.display());
        }
    }
}

/// What DuckDB and pandas find in the files of a folder.
fn found_in(folder: &Path) -> serde_json::Value {
    let packages = [("duckdb", "duckdb>=1.1"), ("pandas", "pandas>=2.2"), ("pyarrow", "pyarrow>=17")];
    python::answer_of("facts.py", "python", &packages, &[folder.as_os_str()], &serde_json::Value::Null)
}

#[test]
fn duckdb_and_pandas_find_the_figures_of_the_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in folders("scenarios") {
        let tables = ParquetTables::create(folder.path()).expect("the folder can be written to");
        let evidence = capture(&inputs(&scenario)).into_evidence_and_rows(&tables).expect("the rows are kept");
        let (_, answers) = asked(capture(&inputs(&scenario)));
        let found = found_in(folder.path());
        assert_eq!(found["duckdb"], found["pandas"]);
        let found = &found["duckdb"];
        let entries = serde_json::to_value(&answers.entries).expect("JSON");
        assert_eq!(found["entry_points"], entries, "{}", scenario.display());
        let services = found["services"].as_array().expect("services");
        assert_eq!(services.len(), evidence.services.len());
        for (found, service) in services.iter().zip(&evidence.services) {
            let quantiles = [service.p50_ms, service.p95_ms, service.p99_ms];
            let in_ms = |at: usize| (found[3][at].as_f64().expect("a number") / 1e3).round() / 1e3;
            assert_eq!(found[0], service.service.as_str());
            assert_eq!((found[1].as_u64(), found[2].as_u64()), (Some(service.requests), Some(service.failed)));
            for (at, wanted) in quantiles.into_iter().enumerate() {
                assert!((in_ms(at) - wanted).abs() <= 0.001, "{}: {found}", service.service);
            }
        }
        let causes: Vec<_> = answers.causes.iter().map(|(signature, traces)| (signature.as_str(), *traces)).collect();
        let found_causes: Vec<_> = (found["root_causes"].as_array().expect("root causes").iter())
            .map(|row| (row[0].as_str().expect("a signature"), row[1].as_u64().expect("a count")))
            .collect();
        assert_eq!(found_causes, causes);
        let window = &evidence.windows.candidate;
        let totals = &found["totals"];
        assert_eq!(totals[0], window.traces);
        assert_eq!((&totals[1], &totals[4]), (&window.spans.into(), &window.spans.into()));
        assert_eq!(totals[2], window.failing_traces);
    }
}

#[test]
fn the_files_do_not_depend_on_threads_or_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = common::fixtures().join("scenarios/cart-failure").to_string_lossy().into_owned();
    let mut files = Vec::new();
    for (number, (threads, memory)) in [(1, 1 << 40), (3, 1 << 40), (2, 0)].into_iter().enumerate() {
        let at = folder.path().join(number.to_string());
        let mut capture = Capture::with_threads(Default::default(), None, threads, memory);
        capture.read(std::slice::from_ref(&input));
        let tables = ParquetTables::create(&at).expect("the folder can be written to");
        capture.into_evidence_and_rows(&tables).expect("the rows are kept");
        files.push(["spans.parquet", "traces.parquet"].map(|name| std::fs::read(at.join(name)).expect("a file")));
    }
    assert!(files.iter().all(|bytes| *bytes == files[0]));
}
