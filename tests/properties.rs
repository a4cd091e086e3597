//! What must always hold: order and packing do not matter, nothing panics, no input depth or width is too much.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::evidence_of_bytes;
use proptest::prelude::*;
use proptest::sample::select;
use std::thread;
use whyspan::analyze::diagnosis::diagnose;
use whyspan::analyze::role::Role;
use whyspan::assemble::trace::assemble;
use whyspan::facts::gather::Gathering;
use whyspan::facts::telemetry::TelemetryFacts;
use whyspan::facts::telemetry_gather::TelemetryGathering;
use whyspan::facts::window::WindowFacts;
use whyspan::model::defect::Defect;
use whyspan::model::exception::{Exception, ExceptionSource};
use whyspan::model::ids::{SpanId, TraceId};
use whyspan::model::names::Names;
use whyspan::model::operation::Operation;
use whyspan::model::resource::Resource;
use whyspan::model::span::{Codes, Detail, LogEvent, LooseSpan, Status};
use whyspan::model::span_kind::SpanKind;
use whyspan::model::target::{Target, TargetClass, TargetId};
use whyspan::model::time::{Interval, Nanos};
use whyspan::model::tree::TraceTree;

/// A span of a random trace, in small numbers so that ids collide, parents are missing and rings close.
#[derive(Clone, Debug)]
struct Draft {
    id: u8,
    parent: u8,
    service: u8,
    kind: u8,
    start: u16,
    length: i16,
    status: u8,
    grpc: Option<u8>,
    http: Option<u16>,
    message: u8,
    exception: bool,
}

const MESSAGES: [&str; 5] =
    ["", "store is gone", "order failed: store is gone", "context deadline exceeded", "connection refused"];

fn draft() -> impl Strategy<Value = Draft> {
    let codes = (
        select(vec![None, Some(0), Some(1), Some(4), Some(5), Some(13), Some(14)]),
        select(vec![None, Some(200), Some(404), Some(500)]),
    );
    (0..24_u8, 0..28_u8, 0..4_u8, 0..6_u8, 0..400_u16, -5..300_i16, 0..3_u8, codes, 0..5_u8, any::<bool>()).prop_map(
        |(id, parent, service, kind, start, length, status, (grpc, http), message, exception)| Draft {
            id,
            parent,
            service,
            kind,
            start,
            length,
            status,
            grpc,
            http,
            message,
            exception,
        },
    )
}

const TRACE: TraceId = TraceId([7; 16]);

fn span_of(draft: &Draft, names: &mut Names) -> LooseSpan {
    let service = names.intern(["frontend", "cart", "payment", "redis-proxy"][usize::from(draft.service)]);
    let name = names.intern(["GET /", "Charge", "handler"][usize::from(draft.id) % 3]);
    let kind = SpanKind::from_otlp(u64::from(draft.kind));
    let text = MESSAGES[usize::from(draft.message)];
    let exception = Exception {
        source: ExceptionSource::SpanEvent,
        kind: "Error".into(),
        message: text.into(),
        stacktrace: "Error: x\n    at charge (/app/charge.js:21:11)".into(),
    };
    let detail = Detail {
        status_message: text.into(),
        exceptions: if draft.exception { vec![exception] } else { Vec::new() },
        ..Detail::default()
    };
    let target = if kind.gives_work() {
        let class = [TargetClass::Rpc, TargetClass::Database, TargetClass::Http][usize::from(draft.id) % 3];
        let address = names.intern("peer");
        names.target(Target { class, address, ..Target::default() })
    } else {
        TargetId::NONE
    };
    let start = 1_000_000_000_000 + u64::from(draft.start) * 1_000_000;
    LooseSpan {
        trace: TRACE,
        id: SpanId([0, 0, 0, 0, 0, 0, 1, draft.id]),
        parent: if draft.parent == 0 { SpanId::NONE } else { SpanId([0, 0, 0, 0, 0, 0, 1, draft.parent - 1]) },
        time: Interval {
            start: Nanos(start),
            end: Nanos(start.saturating_add_signed(i64::from(draft.length) * 1_000_000)),
        },
        operation: names.operation(Operation { service, name, kind }),
        name,
        resource: names.resource(Resource { service, ..Resource::default() }),
        target,
        codes: Codes { grpc: draft.grpc, http: draft.http },
        status: Status::from_otlp(u64::from(draft.status)),
        detail: (!detail.is_empty()).then(|| Box::new(detail)),
        attributes: Box::default(),
    }
}

fn log_of(draft: &Draft, names: &mut Names) -> LogEvent {
    let resource = Resource { service: names.intern("cart"), ..Resource::default() };
    LogEvent {
        trace: TRACE,
        span: SpanId([0, 0, 0, 0, 0, 0, 1, draft.id]),
        time: Nanos(u64::from(draft.start)),
        resource: names.resource(resource),
        severity: 17,
        body: "failed".into(),
        exception: Some(Box::new(Exception {
            source: ExceptionSource::ErrorLog,
            kind: "KeyError".into(),
            message: MESSAGES[usize::from(draft.message)].into(),
            stacktrace: "".into(),
        })),
        flag: None,
    }
}

fn facts_of(drafts: &[Draft], logs: &[Draft]) -> (TraceTree, WindowFacts) {
    let mut names = Names::new();
    let spans = drafts.iter().map(|draft| span_of(draft, &mut names)).collect();
    let logs = logs.iter().map(|draft| log_of(draft, &mut names)).collect();
    let assembled = assemble(TRACE, spans, logs, &names);
    let diagnosis = diagnose(&assembled.tree, &names);
    let mut gathering = Gathering::default();
    gathering.add(&assembled, &diagnosis, &names);
    (assembled.tree, gathering.finish(&names))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Colliding ids, missing parents, rings, negative durations: a tree comes out, well-formed, with every span in it.
    #[test]
    fn any_spans_make_a_well_formed_tree(drafts in prop::collection::vec(draft(), 0..40)) {
        let mut names = Names::new();
        let spans: Vec<LooseSpan> = drafts.iter().map(|draft| span_of(draft, &mut names)).collect();
        let given = spans.len() as u64;
        let assembled = assemble(TRACE, spans, Vec::new(), &names);
        let tree = &assembled.tree;
        let duplicates = assembled.defects.count(Defect::DuplicateSpan);
        prop_assert_eq!(tree.len() as u64 + duplicates, given);
        prop_assert_eq!(tree.parent.len(), tree.len());
        prop_assert_eq!(tree.end.len(), tree.len());
        for ix in tree.indices() {
            let end = tree.end[ix.at()];
            prop_assert!(end > ix.0 && end as usize <= tree.len());
            if let Some(above) = tree.parent_of(ix) {
                prop_assert!(above < ix && end <= tree.end[above.at()], "a subtree leaves its parent's");
            }
            prop_assert!(tree.span(ix).time.end >= tree.span(ix).time.start);
        }
        let roots: Vec<_> = tree.indices().filter(|&ix| tree.parent_of(ix).is_none()).collect();
        prop_assert_eq!(roots, tree.roots.iter().map(|&(ix, _)| ix).collect::<Vec<_>>());
    }

    /// Roles say what they mean: a failure that is passed on was received, and every origin is where a way begins.
    #[test]
    fn roles_fit_together(drafts in prop::collection::vec(draft(), 1..40), logs in prop::collection::vec(draft(), 0..4)) {
        let mut names = Names::new();
        let spans = drafts.iter().map(|draft| span_of(draft, &mut names)).collect();
        let logs = logs.iter().map(|draft| log_of(draft, &mut names)).collect();
        let tree = assemble(TRACE, spans, logs, &names).tree;
        let diagnosis = diagnose(&tree, &names);
        for ix in tree.indices() {
            if tree.span(ix).status == Status::Ok {
                let kept = matches!(diagnosis.role(ix), Role::Healthy | Role::Absorbed { .. });
                // A call that was waited for too long may pass through a span that vouches for itself.
                let waited = diagnosis.origins.iter().any(|origin| origin.path.contains(&ix));
                prop_assert!(kept || waited, "status OK did not silence {ix:?}");
            }
            if let Role::Absorbed { from } = diagnosis.role(ix) {
                prop_assert_eq!(tree.parent_of(from), Some(ix));
                prop_assert!(diagnosis.carries(from));
            }
        }
        for origin in &diagnosis.origins {
            prop_assert_eq!(origin.path.first(), Some(&origin.span));
            prop_assert!(origin.signature.starts_with("v2:") && origin.signature.len() == 19);
            for pair in origin.path.windows(2) {
                prop_assert!(diagnosis.carries(pair[0]), "the way leads through a span that is well");
            }
        }
    }

    /// The facts of a trace do not depend on the order in which its spans and records came.
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (drafts, shuffled) in prop::collection::vec(draft(), 1..30).prop_flat_map(|drafts| (Just(drafts.clone()), Just(drafts).prop_shuffle())),
        (logs, other_logs) in prop::collection::vec(draft(), 0..4).prop_flat_map(|logs| (Just(logs.clone()), Just(logs).prop_shuffle())),
    ) {
        let (tree, facts) = facts_of(&drafts, &logs);
        let (other_tree, other_facts) = facts_of(&shuffled, &other_logs);
        let ids = |tree: &TraceTree| tree.spans.iter().map(|span| (span.id, span.time)).collect::<Vec<_>>();
        prop_assert_eq!(ids(&tree), ids(&other_tree));
        let durations = |mut facts: WindowFacts| {
            facts.services.values_mut().for_each(|service| service.durations.sort_unstable());
            facts.entries.values_mut().for_each(|entry| entry.passing.sort_unstable());
            facts
        };
        prop_assert_eq!(durations(facts), durations(other_facts));
    }
}

/// What is gathered of the telemetry of some traces, each with an id of its own.
fn telemetry_of(traces: &[(usize, Vec<Draft>)]) -> TelemetryFacts {
    let mut names = Names::new();
    let mut gathering = TelemetryGathering::default();
    for (number, drafts) in traces {
        let id = TraceId((*number as u128 + 1).to_be_bytes());
        let spans = drafts.iter().map(|draft| LooseSpan { trace: id, ..span_of(draft, &mut names) }).collect();
        let logs = drafts.iter().take(number % 3).map(|draft| LogEvent { trace: id, ..log_of(draft, &mut names) });
        let assembled = assemble(id, spans, logs.collect(), &names);
        let diagnosis = diagnose(&assembled.tree, &names);
        gathering.add(&assembled, &diagnosis, &names);
    }
    gathering.finish(&names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What is told of the telemetry of pieces of a capture adds up to what is told of the capture, in any order.
    #[test]
    fn telemetry_of_pieces_adds_up(
        traces in prop::collection::vec(prop::collection::vec(draft(), 0..20), 0..12),
        cut in 0..12_usize,
    ) {
        let traces: Vec<(usize, Vec<Draft>)> = traces.into_iter().enumerate().collect();
        let (first, second) = traces.split_at(cut.min(traces.len()));
        let whole = telemetry_of(&traces);
        for (one, other) in [(first, second), (second, first)] {
            let mut sum = telemetry_of(one);
            sum.merge(telemetry_of(other));
            prop_assert_eq!(&sum, &whole);
        }
        let spans: u64 = whole.services.values().map(|service| service.spans).sum();
        let repeated: u64 = whole.services.values().map(|it| it.defects.count(Defect::DuplicateSpan)).sum();
        prop_assert_eq!(spans + repeated, traces.iter().map(|(_, drafts)| drafts.len() as u64).sum::<u64>());
    }
}

/// The spans of a recorded capture, one a line, with the resource each came with.
fn recorded_spans() -> Vec<(String, String)> {
    let file = common::fixtures().join("scenarios/cart-failure/candidate.traces.jsonl.zst");
    let bytes = std::fs::read(file).expect("the scenario");
    let text = zstd::decode_all(bytes.as_slice()).expect("zstd");
    let mut spans = Vec::new();
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let request: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        for block in request["resourceSpans"].as_array().expect("blocks") {
            for scope in block["scopeSpans"].as_array().expect("scopes") {
                for span in scope["spans"].as_array().expect("spans") {
                    spans.push((block["resource"].to_string(), span.to_string()));
                }
            }
        }
    }
    spans
}

/// Packs spans into requests of `size`, one a line.
fn packed(spans: &[(String, String)], size: usize) -> String {
    let request = |chunk: &[(String, String)]| {
        let blocks: Vec<String> = chunk
            .iter()
            .map(|(resource, span)| format!("{{\"scopeSpans\":[{{\"spans\":[{span}]}}],\"resource\":{resource}}}"))
            .collect();
        format!("{{\"resourceSpans\":[{}]}}\n", blocks.join(","))
    };
    spans.chunks(size).map(request).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Order of spans, boundaries of requests and number of files leave the evidence as it is, to the byte.
    #[test]
    fn packing_does_not_matter(size in 1..700_usize, cut in 0.0..1.0_f64, seed in any::<u64>()) {
        let mut spans = recorded_spans();
        let whole = packed(&spans, 512);
        let expected = evidence_of_bytes(&[whole.as_bytes()]);
        prop_assert!(expected.root_causes.iter().any(|cause| cause.effect.as_deref() == Some("fatal")));
        // A multiplicative hash of the place is shuffle enough, and the seed makes it another one each time.
        let mut keyed: Vec<(u64, (String, String))> = spans
            .drain(..)
            .enumerate()
            .map(|(place, span)| ((place as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15), span))
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<(String, String)> = keyed.into_iter().map(|(_, span)| span).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place within")]
        let (first, second) = shuffled.split_at((cut * shuffled.len() as f64) as usize);
        let (first, second) = (packed(first, size), packed(second, size));
        let found = evidence_of_bytes(&[first.as_bytes(), second.as_bytes()]);
        let text = |evidence| whyspan::report::json::to_json(evidence).expect("JSON");
        prop_assert_eq!(text(&found), text(&expected));
    }
}

/// A stack that a walk by recursion over a deep trace would overflow many times over.
const SMALL_STACK: usize = 256 * 1024;

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(SMALL_STACK).spawn(work).expect("a thread");
    thread.join().expect("no overflow and no panic")
}

fn many_spans(
    count: u32,
    parent_of: impl Fn(u32) -> u32,
    status: impl Fn(u32) -> Status,
    names: &mut Names,
) -> Vec<LooseSpan> {
    let service = names.intern("deep");
    let name = names.intern("step");
    let operation = names.operation(Operation { service, name, kind: SpanKind::Internal });
    let resource = names.resource(Resource { service, ..Resource::default() });
    let id = |number: u32| SpanId(u64::from(number).to_be_bytes());
    (1..=count)
        .map(|number| LooseSpan {
            trace: TRACE,
            id: id(number),
            parent: id(parent_of(number)),
            time: Interval {
                start: Nanos(1_000_000_000 + u64::from(number)),
                end: Nanos(9_000_000_000 - u64::from(number)),
            },
            operation,
            name,
            resource,
            target: TargetId::NONE,
            codes: Codes::default(),
            status: status(number),
            detail: None,
            attributes: Box::default(),
        })
        .collect()
}

#[test]
fn a_hundred_thousand_levels_are_walked_without_recursion() {
    const LEVELS: u32 = 100_000;
    let path = on_a_small_stack(|| {
        let mut names = Names::new();
        let spans = many_spans(LEVELS, |number| number - 1, |_| Status::Error, &mut names);
        let tree = assemble(TRACE, spans, Vec::new(), &names).tree;
        let diagnosis = diagnose(&tree, &names);
        assert_eq!(diagnosis.origins.len(), 1);
        diagnosis.origins[0].path.len()
    });
    assert_eq!(path, LEVELS as usize);
}

#[test]
fn a_failure_tolerated_at_every_level_stays_cheap() {
    let described = on_a_small_stack(|| {
        let mut names = Names::new();
        // Odd spans form the chain; every even one is a failing leaf below the odd one before it.
        let parent = |number: u32| if number.is_multiple_of(2) { number - 1 } else { number.saturating_sub(2) };
        let status = |number: u32| if number.is_multiple_of(2) { Status::Error } else { Status::Unset };
        let spans = many_spans(100_000, parent, status, &mut names);
        let tree = assemble(TRACE, spans, Vec::new(), &names).tree;
        let diagnosis = diagnose(&tree, &names);
        diagnosis.origins.len() as u64 + diagnosis.more_origins
    });
    assert_eq!(described, 50_000);
}

#[test]
fn a_million_children_are_analysed() {
    let (spans, origins) = on_a_small_stack(|| {
        let mut names = Names::new();
        let status = |number: u32| if number == 700_000 || number == 1 { Status::Error } else { Status::Unset };
        let spans = many_spans(1_000_001, |number| u32::from(number > 1), status, &mut names);
        let tree = assemble(TRACE, spans, Vec::new(), &names).tree;
        let diagnosis = diagnose(&tree, &names);
        (tree.len(), diagnosis.origins.len())
    });
    assert_eq!((spans, origins), (1_000_001, 1));
}
