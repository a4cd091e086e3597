//! What stack traces cost: the diagnosis of traces that all fail, with stacks of several languages, beside the same without.
//!
//! `cargo bench --bench stacks`; the figures are comparable within one run on one machine only.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use serde_json::{Value, json};
use std::fmt::Write;
use whyspan::analyze::diagnosis::diagnose;
use whyspan::analyze::stack::language;
use whyspan::assemble::open_traces::OpenTraces;
use whyspan::assemble::trace::{Assembled, assemble};
use whyspan::capture::Capture;
use whyspan::model::names::Names;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const TRACES: u64 = 500;

/// Services, one behind the other: each has a server span, and all but the last a client span.
const SERVICES: [&str; 4] = ["frontend", "checkout", "payment", "ledger"];

/// How many calls each stack has, as usual of a service in a framework.
const CALLS: usize = 60;

const LANGUAGES: [&str; 5] = ["none", "Java", "Python", "Node", "Go"];

/// A stack of the language, thrown in the application's code below a framework.
fn stack(language: &str, service: &str) -> String {
    let mut text = match language {
        "Java" => format!("com.shop.{service}.Failed: no route to account 17\n"),
        "Python" => "Traceback (most recent call last):\n".to_owned(),
        "Node" => "Failed: no route to account 17\n".to_owned(),
        "Go" => "goroutine 17 [running]:\n".to_owned(),
        _ => return String::new(),
    };
    for call in 0..CALLS {
        let own = if language == "Python" { call + 3 >= CALLS } else { call < 3 };
        let line = match (language, own) {
            ("Java", true) => format!("\tat com.shop.{service}.Step{call}.run(Step{call}.java:{call})"),
            ("Java", false) => format!("\tat org.springframework.web.Filter{call}.doFilter(Filter.java:{call})"),
            ("Python", true) => {
                format!("  File \"/srv/app/{service}.py\", line {call}, in step{call}\n    return run(request)")
            }
            ("Python", false) => {
                format!(
                    "  File \"/usr/lib/python3/site-packages/web/core.py\", line {call}, in call{call}\n    return next(request)"
                )
            }
            ("Node", true) => format!("    at step{call} (/usr/src/app/{service}.js:{call}:11)"),
            ("Node", false) => {
                format!("    at Layer.handle{call} (/usr/src/app/node_modules/express/lib/layer.js:{call}:5)")
            }
            (_, true) => {
                format!("shop/{service}.(*Server).Step{call}(0xc000112233)\n\t/src/{service}/server.go:{call} +0x1d")
            }
            (_, false) => format!(
                "net/http.(*conn).serve{call}(0xc000112233)\n\t/usr/local/go/src/net/http/server.go:{call} +0x1d"
            ),
        };
        writeln!(text, "{line}").expect("a string takes everything");
    }
    if language == "Python" {
        text += "Failed: no route to account 17\n";
    }
    text
}

/// OTLP/JSON lines: traces in which the last service throws and everybody above records what it caught.
fn failing(language: &str) -> String {
    let mut lines = String::new();
    for trace in 1..=TRACES {
        let mut resources = Vec::new();
        let (mut span, mut parent) = (0, String::new());
        for (depth, service) in SERVICES.iter().enumerate() {
            let mut spans = Vec::new();
            for kind in if depth + 1 < SERVICES.len() { vec![2, 3] } else { vec![2] } {
                span += 1;
                let id = format!("{span:016x}");
                spans.push(failing_span(language, service, &format!("{trace:032x}"), &id, &parent, kind));
                parent = id;
            }
            let name = json!([{ "key": "service.name", "value": { "stringValue": service } }]);
            resources.push(json!({ "resource": { "attributes": name }, "scopeSpans": [{ "spans": spans }] }));
        }
        lines += &json!({ "resourceSpans": resources }).to_string();
        lines.push('\n');
    }
    lines
}

fn failing_span(language: &str, service: &str, trace: &str, id: &str, parent: &str, kind: u32) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let depth = u64::from_str_radix(id, 16).expect("an id in hex");
    let start = 1_790_000_000_000_000_000 + depth * 1_000_000;
    let mut told = vec![text("exception.type", "Failed"), text("exception.message", "no route to account 17")];
    if language != "none" {
        told.push(text("exception.stacktrace", &stack(language, service)));
    }
    json!({
        "traceId": trace, "spanId": id, "parentSpanId": parent, "name": format!("GET /{service}"), "kind": kind,
        "startTimeUnixNano": start.to_string(), "endTimeUnixNano": (start + 50_000_000 - 2 * depth * 1_000_000).to_string(),
        "status": { "code": 2, "message": "no route to account 17" },
        "events": [{ "name": "exception", "timeUnixNano": start.to_string(), "attributes": told }],
    })
}

/// Trees to diagnoses.
#[divan::bench(args = LANGUAGES)]
fn diagnose_failing_traces(bencher: Bencher<'_, '_>, language: &str) {
    let mut gathered = Gathered::default();
    read_bytes("bench", failing(language).as_bytes(), &ReadOptions::default(), &mut gathered);
    let mut traces = OpenTraces::default();
    gathered.spans.into_iter().for_each(|span| traces.push_span(span));
    let names: Names = gathered.names;
    let trees: Vec<Assembled> = traces.drain().map(|(id, open)| assemble(id, open.spans, open.logs, &names)).collect();
    bencher.counter(ItemsCount::new(TRACES)).bench(|| {
        let origins = trees.iter().map(|assembled| diagnose(&assembled.tree, &names).origins.len()).sum::<usize>();
        assert_eq!(origins as u64, TRACES);
    });
}

/// Bytes to evidence.
#[divan::bench(args = LANGUAGES)]
fn analyze_failing_traces(bencher: Bencher<'_, '_>, language: &str) {
    let lines = failing(language);
    bencher.counter(ItemsCount::new(TRACES)).counter(BytesCount::of_str(&lines)).bench(|| {
        let mut capture = Capture::new(ReadOptions::default(), None);
        capture.read_bytes("bench", black_box(lines.as_bytes()));
        let evidence = capture.into_evidence();
        assert_eq!(evidence.windows.candidate.failing_traces, TRACES);
        evidence
    });
}

/// One stack to its frames.
#[divan::bench(args = ["Java", "Python", "Node", "Go"])]
fn parse_a_stack(bencher: Bencher<'_, '_>, language: &str) {
    let text = stack(language, "ledger");
    bencher.counter(BytesCount::of_str(&text)).bench(|| language::parse(black_box(&text)).expect("a stack"));
}
