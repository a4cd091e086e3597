//! The two tables, without any library: the form in memory.

use crate::facts::quantile::quantile;
use crate::facts::rows::{SpanRow, TraceRow};
use crate::facts::tables::{
    CauseCounts, Durations, EntryCounts, FactTables, OperationDurations, ServiceDurations, TableError,
};
use crate::model::ids::TraceId;
use crate::model::names::Names;
use crate::model::time::Interval;
use crate::ordered::map::OrderedMap;
use hashbrown::{HashMap, HashSet};

/// Rows under the names that they use.
#[derive(Debug)]
pub struct MemoryTables<'n> {
    names: &'n Names,
    traces: HashMap<TraceId, TraceRow>,
    spans: Vec<SpanRow>,
}

/// What is counted of one key while the rows pass.
#[derive(Default)]
struct Counted {
    failed: u64,
    durations: Vec<u64>,
}

impl Counted {
    fn add(&mut self, row: &SpanRow, failed: bool) {
        self.failed += u64::from(failed);
        self.durations.push(row.time.duration());
    }

    fn finish(mut self) -> Durations {
        self.durations.sort_unstable();
        Durations {
            count: self.durations.len() as u64,
            failed: self.failed,
            p50_ns: quantile(&self.durations, 0.5),
            p95_ns: quantile(&self.durations, 0.95),
            p99_ns: quantile(&self.durations, 0.99),
        }
    }
}

impl<'n> MemoryTables<'n> {
    /// Tables without rows.
    #[must_use]
    pub fn new(names: &'n Names) -> Self {
        Self { names, traces: HashMap::new(), spans: Vec::new() }
    }

    /// Adds the rows of a trace.
    pub fn add(&mut self, trace: TraceRow, spans: Vec<SpanRow>) {
        self.traces.insert(trace.trace, trace);
        self.spans.extend(spans);
    }

    /// The spans of the traces that start within the window, each with its trace.
    fn rows(&self, window: Option<Interval>) -> impl Iterator<Item = (&SpanRow, &TraceRow)> {
        let within =
            move |trace: &TraceRow| window.is_none_or(|window| (window.start..=window.end).contains(&trace.time.start));
        self.spans.iter().filter_map(move |row| {
            let trace = self.traces.get(&row.trace)?;
            within(trace).then_some((row, trace))
        })
    }

    fn name_of(&self, row: &SpanRow) -> (&str, &str, &'static str) {
        let operation = self.names.operation_of(row.operation);
        (self.names.text(operation.service), self.names.text(operation.name), operation.kind.as_str())
    }
}

impl FactTables for MemoryTables<'_> {
    fn operations(&self, window: Option<Interval>) -> Result<Vec<OperationDurations>, TableError> {
        let mut counted: OrderedMap<_, Counted> = OrderedMap::new();
        for (row, _) in self.rows(window) {
            counted.entry(self.name_of(row)).or_default().add(row, row.failed);
        }
        let answer = counted.into_iter().map(|((service, operation, kind), counted)| OperationDurations {
            service: service.to_owned(),
            operation: operation.to_owned(),
            kind: kind.to_owned(),
            spans: counted.finish(),
        });
        Ok(answer.collect())
    }

    fn services(&self, window: Option<Interval>) -> Result<Vec<ServiceDurations>, TableError> {
        let mut counted: OrderedMap<_, Counted> = OrderedMap::new();
        for (row, _) in self.rows(window).filter(|(row, _)| row.request.is_request()) {
            counted.entry(self.name_of(row).0).or_default().add(row, row.request.failed());
        }
        let answer = counted
            .into_iter()
            .map(|(service, counted)| ServiceDurations { service: service.to_owned(), requests: counted.finish() });
        Ok(answer.collect())
    }

    fn entry_points(&self, window: Option<Interval>) -> Result<Vec<EntryCounts>, TableError> {
        let mut counted: OrderedMap<_, (u64, u64)> = OrderedMap::new();
        for (row, _) in self.rows(window).filter(|(row, _)| row.entry_point.is_request()) {
            let (service, operation, _) = self.name_of(row);
            let (total, failed) = counted.entry((service, operation)).or_default();
            *total += 1;
            *failed += u64::from(row.entry_point.failed());
        }
        let answer = counted.into_iter().map(|((service, operation), (total, failed))| EntryCounts {
            service: service.to_owned(),
            operation: operation.to_owned(),
            total,
            failed,
        });
        Ok(answer.collect())
    }

    fn root_causes(&self, window: Option<Interval>) -> Result<Vec<CauseCounts>, TableError> {
        let (mut seen, mut counted) = (HashSet::new(), OrderedMap::<&str, (u64, u64)>::new());
        for (row, trace) in self.rows(window) {
            if let Some(signature) = row.signature.as_deref()
                && seen.insert((signature, row.trace))
            {
                let (traces, failing) = counted.entry(signature).or_default();
                *traces += 1;
                *failing += u64::from(trace.failed);
            }
        }
        let answer = counted.into_iter().map(|(signature, (traces, failing))| CauseCounts {
            signature: signature.to_owned(),
            traces,
            failing,
        });
        Ok(answer.collect())
    }
}
