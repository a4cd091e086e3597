//! The facts of one trace, span by span: what `whyspan trace` shows.

use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::failure::caller_is_missing;
use crate::analyze::role::Role;
use crate::assemble::trace::Assembled;
use crate::model::names::Names;
use crate::model::span::Status;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::set::OrderedSet;
use serde::Serialize;

/// How many spans of a trace are spelt out: many more than anybody reads.
pub const SPANS_SHOWN: usize = 100_000;

/// One trace as a tree, each span with its role.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceFacts {
    /// Trace id, 32 hexadecimal digits.
    pub trace_id: String,
    /// The spans, depth first; of a very large trace the first [`SPANS_SHOWN`].
    pub spans: Vec<SpanFacts>,
    /// How many spans come after those.
    pub hidden_spans: u64,
    /// Codes of what was odd, with counts.
    pub defects: Vec<(&'static str, u64)>,
    /// What was taken out of the texts, if anything was: class, in how many places, how many different values.
    pub redacted: Vec<(&'static str, u64, u64)>,
}

/// One span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpanFacts {
    /// Span id, 16 hexadecimal digits.
    pub span_id: String,
    /// Steps below its root.
    pub depth: usize,
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// The span's own name.
    pub span_name: String,
    /// `SERVER`, `CLIENT`, `INTERNAL`, `PRODUCER`, `CONSUMER` or `UNSPECIFIED`.
    pub kind: &'static str,
    /// `unset`, `ok` or `error`.
    pub status: &'static str,
    /// Its role in the trace's failures.
    pub role: &'static str,
    /// It is an entry point.
    pub entry: bool,
    /// It has no parent in the input although it names one.
    pub orphan: bool,
    /// Nanoseconds from the start of the trace.
    pub start_ns: u64,
    /// Nanoseconds that it took.
    pub duration_ns: u64,
    /// gRPC status code.
    pub grpc: Option<u8>,
    /// HTTP status code.
    pub http: Option<u16>,
    /// Status message.
    pub message: Option<String>,
    /// Exceptions told by its events and by log records.
    pub exceptions: Vec<ExceptionFacts>,
    /// Log records of ERROR or worse.
    pub error_logs: Vec<String>,
    /// Flag evaluations, `key=variant`.
    pub flags: Vec<String>,
    /// Attributes that the user asked to keep.
    pub attributes: Vec<(String, String)>,
    /// Spans that it links to, `trace/span`.
    pub links: Vec<String>,
}

/// One exception of a span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExceptionFacts {
    /// Class name or code.
    #[serde(rename = "type")]
    pub kind: String,
    /// Message.
    pub message: String,
    /// Innermost in-app frame, `function (file:line)`.
    pub frame: Option<String>,
}

impl TraceFacts {
    /// Spells out one diagnosed trace.
    #[must_use]
    pub fn of(assembled: &Assembled, diagnosis: &Diagnosis, names: &Names, rules: &ExceptionRules) -> Self {
        let tree = &assembled.tree;
        let start = tree.spans.iter().map(|span| span.time.start).min().unwrap_or_default();
        let origins: OrderedSet<SpanIx> = diagnosis.origins.iter().map(|origin| origin.span).collect();
        let mut depths = vec![0_usize; tree.len()];
        let shown = tree.len().min(SPANS_SHOWN);
        let mut spans = Vec::with_capacity(shown);
        for ix in tree.indices().take(shown) {
            depths[ix.at()] = tree.parent_of(ix).map_or(0, |above| depths[above.at()] + 1);
            let mut span = span_facts(tree, diagnosis, &origins, (names, rules), ix);
            span.depth = depths[ix.at()];
            span.start_ns = tree.span(ix).time.start.0 - start.0;
            spans.push(span);
        }
        let defects = assembled.defects.iter().map(|(defect, count)| (defect.code(), count)).collect();
        Self {
            trace_id: tree.id.to_string(),
            spans,
            hidden_spans: (tree.len() - shown) as u64,
            defects,
            redacted: Vec::new(),
        }
    }
}

/// The exceptions of a span, each once: a log record often repeats what an event tells.
fn exceptions(tree: &TraceTree, ix: SpanIx, rules: &ExceptionRules) -> Vec<ExceptionFacts> {
    let mut told: Vec<ExceptionFacts> = Vec::new();
    for exception in tree.exceptions_of(ix) {
        let stack = rules.parse(&exception.stacktrace);
        let frame = stack.as_ref().and_then(|stack| stack.blocks.iter().find_map(|block| block.top_in_app()));
        let facts = ExceptionFacts {
            kind: exception.kind.to_string(),
            message: exception.message.to_string(),
            frame: frame.map(|frame| {
                let line = frame.line.map(|line| format!(":{line}")).unwrap_or_default();
                match &*frame.function {
                    "" => format!("{}{line}", frame.file),
                    function => format!("{function} ({}{line})", frame.file),
                }
            }),
        };
        if told.last() != Some(&facts) {
            told.push(facts);
        }
    }
    told
}

fn span_facts(
    tree: &TraceTree,
    diagnosis: &Diagnosis,
    origins: &OrderedSet<SpanIx>,
    (names, rules): (&Names, &ExceptionRules),
    ix: SpanIx,
) -> SpanFacts {
    let span = tree.span(ix);
    let operation = names.operation_of(span.operation);
    let text = |sym| names.text(sym).to_owned();
    let detail = span.detail.as_deref();
    let logs_of_flags = tree.logs_of(ix).filter_map(|event| event.flag);
    let flags = detail.iter().flat_map(|detail| detail.flags.iter().copied()).chain(logs_of_flags);
    let is_origin = origins.contains(&ix);
    SpanFacts {
        span_id: span.id.to_string(),
        depth: 0,
        service: text(operation.service),
        operation: text(operation.name),
        span_name: text(span.name),
        kind: operation.kind.as_str(),
        status: match span.status {
            Status::Unset => "unset",
            Status::Ok => "ok",
            Status::Error => "error",
        },
        role: match diagnosis.role(ix) {
            Role::Healthy if is_origin => Role::Origin.as_str(),
            role => role.as_str(),
        },
        entry: diagnosis.entries.contains(ix),
        orphan: caller_is_missing(tree, ix),
        start_ns: 0,
        duration_ns: span.time.duration(),
        grpc: span.codes.grpc,
        http: span.codes.http,
        message: detail.map(|detail| detail.status_message.to_string()).filter(|message| !message.is_empty()),
        exceptions: exceptions(tree, ix, rules),
        error_logs: tree.logs_of(ix).map(|event| event.body.to_string()).filter(|body| !body.is_empty()).collect(),
        flags: flags.map(|flag| format!("{}={}", names.text(flag.key), names.text(flag.variant))).collect(),
        attributes: span.attributes.iter().map(|(key, value)| (text(*key), value.text(names).to_owned())).collect(),
        links: detail
            .iter()
            .flat_map(|detail| &detail.links)
            .map(|link| format!("{}/{}", link.trace, link.span))
            .collect(),
    }
}
