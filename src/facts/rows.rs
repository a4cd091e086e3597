//! The two tables that analysis leaves behind, row by row: `spans` and `traces`.

use crate::analyze::codes;
use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::origin::Origin;
use crate::analyze::role::Role;
use crate::assemble::trace::Assembled;
use crate::facts::cause::EffectRank;
use crate::facts::tables::TableError;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::resource::ResourceId;
use crate::model::span::{Codes, Status};
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::time::Interval;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// One row of the table `spans`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpanRow {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// The span above it in the tree; `None` for a root, also where the parent is not in the input.
    pub parent: Option<SpanId>,
    /// Service, operation and kind.
    pub operation: OpId,
    /// The span's own name.
    pub name: Sym,
    /// The process that sent it.
    pub resource: ResourceId,
    /// Whom it calls.
    pub target: TargetId,
    /// From start to end, clocks corrected.
    pub time: Interval,
    /// The status that was set.
    pub status: Status,
    /// Answer codes.
    pub codes: Codes,
    /// Its role in the failures of its trace.
    pub role: &'static str,
    /// It failed or passed a failure on, and was not merely cut short.
    pub failed: bool,
    /// What came in here, if it is an entry point of its trace.
    pub entry_point: Outcome,
    /// What its service was asked, if it stands for a request and not for a step of one.
    pub request: Outcome,
    /// The root cause that began here.
    pub signature: Option<Box<str>>,
    /// The exception that tells of it.
    pub exception: Option<Box<str>>,
}

/// Whether a span stands for a request, and how that went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It stands for none.
    NoRequest,
    /// The request went well, or failed by its caller's fault.
    Passed,
    /// The request failed.
    Failed,
}

impl Outcome {
    fn of(is_request: bool, failed: bool) -> Self {
        match (is_request, failed) {
            (false, _) => Self::NoRequest,
            (true, false) => Self::Passed,
            (true, true) => Self::Failed,
        }
    }

    /// Whether there was a request.
    #[must_use]
    pub fn is_request(self) -> bool {
        self != Self::NoRequest
    }

    /// Whether there was a request, and it failed.
    #[must_use]
    pub fn failed(self) -> bool {
        self == Self::Failed
    }
}

/// One row of the table `traces`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceRow {
    /// The trace.
    pub trace: TraceId,
    /// From the first start to the last end of its spans.
    pub time: Interval,
    /// Its spans, each once.
    pub spans: u64,
    /// Services among them.
    pub services: u64,
    /// Its first entry point.
    pub entry: Option<OpId>,
    /// An entry point failed.
    pub failed: bool,
    /// Root causes in it, each once.
    pub root_causes: u64,
    /// The root cause that got furthest.
    pub signature: Option<Box<str>>,
    /// How many oddities it shows.
    pub defects: u64,
}

/// Rows of both tables, under the names that they were read with.
#[derive(Debug, Default)]
pub struct Rows {
    /// Rows of `traces`.
    pub traces: Vec<TraceRow>,
    /// Rows of `spans`, those of one trace next to each other, depth first.
    pub spans: Vec<SpanRow>,
}

/// Keeps the rows of a capture. They come in numbered parts from several threads, in any order.
pub trait RowStore: Sync {
    /// Takes the rows of part `number`; parts count from 0 and leave no number out.
    ///
    /// # Errors
    ///
    /// When the rows cannot be kept.
    fn add(&self, number: usize, rows: Rows, names: &Names) -> Result<(), TableError>;

    /// Ends after the last part.
    ///
    /// # Errors
    ///
    /// When the rows cannot be kept.
    fn finish(&self, names: &Names) -> Result<(), TableError>;
}

/// Whether a span stands for a request of its service: a root, or one that takes work from another service. Some
/// frameworks make two SERVER spans of one request, one below the other; only the upper one counts.
#[must_use]
pub fn is_request(tree: &TraceTree, ix: SpanIx, names: &Names) -> bool {
    let operation = |ix: SpanIx| names.operation_of(tree.span(ix).operation);
    let own = operation(ix);
    tree.parent_of(ix).is_none_or(|above| {
        let caller = operation(above);
        own.kind.takes_work() && !(caller.kind.takes_work() && caller.service == own.service)
    })
}

/// How a span counts for its service, if it stands for a request of it.
#[must_use]
pub fn request(
    tree: &TraceTree,
    ix: SpanIx,
    diagnosis: &Diagnosis,
    failed_entries: &[SpanIx],
    names: &Names,
) -> Outcome {
    let failed = if names.operation_of(tree.span(ix).operation).kind.takes_work() {
        diagnosis.failed(ix) && !codes::blame_the_caller(tree.span(ix).codes)
    } else {
        // A load generator's or a job's own work failed when a request below it did.
        let first = failed_entries.partition_point(|&entry| entry < ix);
        failed_entries.get(first).is_some_and(|entry| entry.0 < tree.end[ix.at()])
    };
    Outcome::of(is_request(tree, ix, names), failed)
}

/// How a span counts as an entry point. A load generator that finds nobody fails in a root that is none otherwise.
#[must_use]
pub fn entry_point(ix: SpanIx, diagnosis: &Diagnosis, failed_entries: &[SpanIx]) -> Outcome {
    let failed = failed_entries.binary_search(&ix).is_ok();
    Outcome::of(failed || diagnosis.entries.contains(ix), failed)
}

/// The rows of one trace, spans depth first; `None` for a trace without spans, of which only log records were read.
#[must_use]
pub fn rows(assembled: &Assembled, diagnosis: &Diagnosis, names: &Names) -> Option<(TraceRow, Vec<SpanRow>)> {
    let tree = &assembled.tree;
    let time = tree.spans.iter().map(|span| span.time).reduce(Interval::joined)?;
    let failed_entries = diagnosis.failed_entries();
    let mut origins: OrderedMap<SpanIx, &Origin> = OrderedMap::new();
    for origin in &diagnosis.origins {
        origins.entry(origin.span).or_insert(origin);
    }
    let spans: Vec<SpanRow> = tree
        .indices()
        .map(|ix| {
            let span = tree.span(ix);
            let origin = origins.get(&ix);
            SpanRow {
                trace: tree.id,
                span: span.id,
                parent: tree.parent_of(ix).map(|above| tree.span(above).id),
                operation: span.operation,
                name: span.name,
                resource: span.resource,
                target: span.target,
                time: span.time,
                status: span.status,
                codes: span.codes,
                role: match diagnosis.role(ix) {
                    Role::Healthy if origin.is_some() => Role::Origin.as_str(),
                    role => role.as_str(),
                },
                failed: diagnosis.failed(ix),
                entry_point: entry_point(ix, diagnosis, &failed_entries),
                request: request(tree, ix, diagnosis, &failed_entries, names),
                signature: origin.map(|origin| Box::from(&*origin.signature)),
                exception: origin.and_then(|origin| origin.exception.as_ref()).map(|told| Box::from(&*told.kind)),
            }
        })
        .collect();
    let mut services: Vec<Sym> = spans.iter().map(|row| names.operation_of(row.operation).service).collect();
    services.sort_unstable();
    services.dedup();
    let mut signatures: Vec<(EffectRank, &str)> =
        diagnosis.origins.iter().map(|origin| (origin.effect().into(), &*origin.signature)).collect();
    signatures.shared_sort();
    let furthest = signatures.first().map(|&(_, signature)| Box::from(signature));
    signatures.shared_sort_by_key(|&(_, signature)| signature);
    signatures.dedup_by_key(|&mut (_, signature)| signature);
    let trace = TraceRow {
        trace: tree.id,
        time,
        spans: spans.len() as u64,
        services: services.len() as u64,
        entry: diagnosis.entries.spans.first().map(|&entry| tree.span(entry).operation),
        failed: !failed_entries.is_empty(),
        root_causes: signatures.len() as u64,
        signature: furthest,
        defects: assembled.defects.iter().map(|(_, count)| count).sum(),
    };
    Some((trace, spans))
}
