//! How long the stages take, on a capture that is generated anew from a seed: spans a second, from bytes to evidence.
//!
//! `cargo bench`; the figures are comparable within one run on one machine only.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::fmt::Write;
use std::io::Write as _;
use tempfile::NamedTempFile;
use whyspan::analyze::diagnosis::diagnose;
use whyspan::assemble::open_traces::{OpenTrace, OpenTraces};
use whyspan::assemble::trace::{Assembled, assemble};
use whyspan::capture::{Capture, DEFAULT_MEMORY};
use whyspan::model::names::Names;
use whyspan::model::span::{LogEvent, LooseSpan};
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::{Gathered, Sink};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A small generator (xorshift64*), so that the same seed gives the same bytes everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % sides
    }
}

const SERVICES: [&str; 6] = ["frontend", "checkout", "cart", "payment", "shipping", "currency"];

/// OTLP/JSON lines: `traces` traces of 25 spans each, every fortieth failing with an exception that propagates.
fn json_lines(traces: u64) -> String {
    let mut dice = Dice(42);
    let mut lines = String::new();
    for trace in 1..=traces {
        let fails = trace % 40 == 0;
        let start = 1_790_000_000_000_000_000 + trace * 3_000_000;
        lines.push_str("{\"resourceSpans\":[");
        for span in 1..=25_u64 {
            let service = SERVICES[(span % 6) as usize];
            let parent = if span == 1 { 0 } else { 1 + dice.roll(span - 1) };
            let failing = fails && (span == 1 || parent == 1);
            let status = if failing { "{\"code\":2,\"message\":\"store is gone\"}" } else { "{}" };
            let events = if failing {
                ",\"events\":[{\"name\":\"exception\",\"attributes\":[{\"key\":\"exception.type\",\"value\":{\"stringValue\":\"Error\"}},\
                 {\"key\":\"exception.message\",\"value\":{\"stringValue\":\"store is gone\"}},{\"key\":\"exception.stacktrace\",\
                 \"value\":{\"stringValue\":\"Error: store is gone\\n    at charge (/app/charge.js:21:11)\"}}]}]"
            } else {
                ""
            };
            let comma = if span == 1 { "" } else { "," };
            write!(
                lines,
                "{comma}{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"{service}\"}}}},\
                 {{\"key\":\"host.name\",\"value\":{{\"stringValue\":\"node-{}\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{{\
                 \"traceId\":\"{trace:032x}\",\"spanId\":\"{span:016x}\",\"parentSpanId\":\"{parent:016x}\",\"name\":\"GET /{}\",\
                 \"kind\":{},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[{{\"key\":\"http.route\",\
                 \"value\":{{\"stringValue\":\"/api/{}\"}}}},{{\"key\":\"http.response.status_code\",\"value\":{{\"intValue\":\"{}\"}}}}]\
                 {events},\"status\":{status}}}]}}]}}",
                dice.roll(4),
                span % 9,
                1 + span % 3,
                start + span * 1000,
                start + 2_000_000 - span * 1000,
                span % 9,
                if failing { 500 } else { 200 },
            )
            .expect("a string takes everything");
        }
        lines.push_str("]}\n");
    }
    lines
}

/// The same as protobuf, each request behind its length, as the collector's file exporter writes it.
fn messages(traces: u64) -> Vec<u8> {
    let mut messages = Vec::new();
    for line in json_lines(traces).lines() {
        let request: ExportTraceServiceRequest = serde_json::from_str(line).expect("a request");
        let length = u32::try_from(request.encoded_len()).expect("a short request");
        messages.extend_from_slice(&length.to_be_bytes());
        request.encode(&mut messages).expect("a vector takes everything");
    }
    messages
}

const TRACES: u64 = 2000;
const SPANS: u64 = TRACES * 25;

#[derive(Default)]
struct Counted {
    names: Names,
    spans: u64,
}

impl Sink for Counted {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }
    fn span(&mut self, span: LooseSpan) {
        self.spans += u64::from(!span.id.is_none());
    }
    fn log(&mut self, _: LogEvent) {}
}

/// Bytes to loose spans.
#[divan::bench]
fn read_json_lines(bencher: Bencher<'_, '_>) {
    let lines = json_lines(TRACES);
    bencher.counter(ItemsCount::new(SPANS)).counter(BytesCount::of_str(&lines)).bench(|| {
        let mut sink = Counted { names: Names::new(), spans: 0 };
        read_bytes("bench", black_box(lines.as_bytes()), &ReadOptions::default(), &mut sink);
        assert_eq!(sink.spans, SPANS);
    });
}

/// Bytes to loose spans, of protobuf.
#[divan::bench]
fn read_protobuf(bencher: Bencher<'_, '_>) {
    let messages = messages(TRACES);
    bencher.counter(ItemsCount::new(SPANS)).counter(BytesCount::of_slice(&messages)).bench(|| {
        let mut sink = Counted { names: Names::new(), spans: 0 };
        read_bytes("bench", black_box(&messages[..]), &ReadOptions::default(), &mut sink);
        assert_eq!(sink.spans, SPANS);
    });
}

fn open_traces() -> (Names, Vec<(whyspan::model::ids::TraceId, OpenTrace)>) {
    let mut gathered = Gathered::default();
    read_bytes("bench", json_lines(TRACES).as_bytes(), &ReadOptions::default(), &mut gathered);
    let mut traces = OpenTraces::default();
    gathered.spans.into_iter().for_each(|span| traces.push_span(span));
    (gathered.names, traces.drain().collect())
}

/// Loose spans to trees.
#[divan::bench]
fn assemble_traces(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(SPANS)).with_inputs(open_traces).bench_values(|(names, traces)| {
        traces.into_iter().map(|(id, open)| assemble(id, open.spans, open.logs, &names)).collect::<Vec<Assembled>>()
    });
}

/// Trees to diagnoses.
#[divan::bench]
fn diagnose_traces(bencher: Bencher<'_, '_>) {
    let (names, traces) = open_traces();
    let trees: Vec<Assembled> =
        traces.into_iter().map(|(id, open)| assemble(id, open.spans, open.logs, &names)).collect();
    bencher
        .counter(ItemsCount::new(SPANS))
        .bench(|| trees.iter().map(|assembled| diagnose(&assembled.tree, &names).origins.len()).sum::<usize>());
}

/// Bytes to evidence: all that `whyspan analyze` does but for printing.
#[divan::bench]
fn whole_analysis(bencher: Bencher<'_, '_>) {
    let lines = json_lines(TRACES);
    bencher.counter(ItemsCount::new(SPANS)).counter(BytesCount::of_str(&lines)).bench(|| {
        let mut capture = Capture::new(ReadOptions::default(), None);
        capture.read_bytes("bench", black_box(lines.as_bytes()));
        let evidence = capture.into_evidence();
        assert_eq!(evidence.windows.candidate.spans, SPANS);
        evidence
    });
}

/// How many times as many traces are in a file: with fewer, starting a thread would show.
const FILE: u64 = 8;

/// The evidence of a file, within so many threads and bytes of memory.
fn analyze_file(bencher: Bencher<'_, '_>, bytes: &[u8], threads: usize, memory: u64) {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    let path = [file.path().to_string_lossy().into_owned()];
    bencher.counter(ItemsCount::new(FILE * SPANS)).counter(BytesCount::of_slice(bytes)).bench(|| {
        let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, memory);
        capture.read(black_box(&path));
        let evidence = capture.into_evidence();
        assert_eq!(evidence.windows.candidate.spans, FILE * SPANS);
        evidence
    });
}

/// A file of JSON lines to evidence, by one thread and by two.
#[divan::bench(args = [1, 2])]
fn json_file_by_threads(bencher: Bencher<'_, '_>, threads: usize) {
    analyze_file(bencher, json_lines(FILE * TRACES).as_bytes(), threads, DEFAULT_MEMORY);
}

/// A file of protobuf to evidence, by one thread and by two.
#[divan::bench(args = [1, 2])]
fn protobuf_file_by_threads(bencher: Bencher<'_, '_>, threads: usize) {
    analyze_file(bencher, &messages(FILE * TRACES), threads, DEFAULT_MEMORY);
}

/// A file of protobuf to evidence, with memory for all spans and with memory for a megabyte of them: the others go to disk.
#[divan::bench(args = [DEFAULT_MEMORY, 2 << 20])]
fn protobuf_file_by_memory(bencher: Bencher<'_, '_>, memory: u64) {
    analyze_file(bencher, &messages(FILE * TRACES), 1, memory);
}
