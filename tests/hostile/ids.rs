//! Ids of every wrong form.

use crate::bench::Ran;
use crate::common::packed::framed;
use crate::input::Hostile;
use crate::otlp::{field, proto_request, proto_span, request};
use serde_json::Value;

/// What stands where a span id should, as JSON.
const WRONG_SPANS: [&str; 18] = [
    r#""""#,
    r#""0000000000000000""#,
    r#""1""#,
    r#""00000000000000001""#,
    r#""000000000000000g""#,
    r#""-000000000000001""#,
    r#""0x00000000000001""#,
    r#"" 00000000000001 ""#,
    r#""ääääääää""#,
    r#""\u0000\u0000\u0000\u0000""#,
    r#""\u001b[2J\u001b[31m""#,
    r#""AAAAAAA*AAA=""#,
    r#""AAAAAAAAAAAA""#,
    r#""AAAAAAAAAAA=""#,
    "null",
    "7",
    "[1]",
    r#"{"id":"0000000000000001"}"#,
];

/// What stands where a trace id should: of the right length, most of them, or of that in base64.
const WRONG_TRACES: [&str; 18] = [
    r#""""#,
    r#""00000000000000000000000000000000""#,
    r#""1""#,
    r#""000000000000000000000000000000001""#,
    r#""0000000000000000000000000000000g""#,
    r#""-0000000000000000000000000000001""#,
    r#""0x000000000000000000000000000001""#,
    r#"" 000000000000000000000000000001 ""#,
    r#""ääääääääääääääää""#,
    r#""\u0000\u0000\u0000\u0000\u000000""#,
    r#""\u001b[2J\u001b[31m0000000000000""#,
    r#""AAAAAAAAAAA*AAAAAAAAAA==""#,
    r#""AAAAAAAAAAAAAAAAAAAAAA=A""#,
    r#""AAAAAAAAAAAAAAAAAAAAAA==""#,
    "null",
    "7",
    "[1]",
    r#"{"id":"00000000000000000000000000000001"}"#,
];

/// How many of each say that there is none: nothing, noughts, or what is no text.
const NOT_GIVEN: usize = 7;

/// No line can be used, and each is told: so many for an id that is missing, and so many for one that is of a wrong form.
fn all_are_told(name: &str, lines: &[String], (missing, wrong): (usize, usize), parts: &[&str]) -> Ran {
    let places: Vec<String> = (1..=lines.len()).map(|line| format!("{name}: line {line} at byte ")).collect();
    let parts: Vec<&str> = places.iter().map(String::as_str).chain(parts.iter().copied()).collect();
    let ran = Hostile::of(name, lines.join("\n")).is_refused(&parts);
    assert_eq!(ran.defects("record-skipped"), lines.len() as u64);
    assert_eq!(ran.said.matches("is missing or all zero").count(), missing, "{}", ran.said);
    assert_eq!(ran.said.matches("hexadecimal digits").count(), wrong, "{}", ran.said);
    ran
}

#[test]
fn span_ids_and_trace_ids() {
    for (field, other, wrong, told) in [
        ("spanId", r#""traceId":"00000000000000000000000000000001""#, WRONG_SPANS, "spanId is"),
        ("traceId", r#""spanId":"0000000000000001""#, WRONG_TRACES, "traceId is"),
    ] {
        let span = |id: &str| format!(r#"{{{other},"{field}":{id},"name":"x","startTimeUnixNano":"1"}}"#);
        let mut lines: Vec<String> = wrong.iter().map(|id| request("ids", &span(id))).collect();
        lines.push(request("ids", &span(&format!(r#""{}""#, "a".repeat(1 << 20)))));
        lines.push(request("ids", &format!(r#"{{{other},"name":"x"}}"#)));
        let counts = (NOT_GIVEN + 1, lines.len() - NOT_GIVEN - 1);
        all_are_told("ids.jsonl", &lines, counts, &[told]);
    }
}

/// The span is a root of its own, and it is told what it lost.
#[test]
fn parents_and_links_that_are_none_cost_nothing_else() {
    let mut lines = String::new();
    for (id, (span, trace)) in (1..).zip(WRONG_SPANS.into_iter().zip(WRONG_TRACES)) {
        let links = format!(r#"[{{"traceId":{trace},"spanId":{span}}}]"#);
        let span = format!(
            r#"{{"traceId":"00000000000000000000000000000001","spanId":"{id:016x}","parentSpanId":{span},"links":{links},"name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}}"#
        );
        lines += &request("ids", &span);
        lines.push('\n');
    }
    let ran = Hostile::of("parents.jsonl", lines).is_read(&["parents.jsonl: line ", "expected a span id"]);
    let all = WRONG_SPANS.len() as u64;
    assert_eq!((ran.counted("spans"), ran.defects("orphan")), (all, 0));
    assert_eq!((ran.defects("record-skipped"), ran.defects("record-mended")), (0, all));
}

#[test]
fn protobuf_ids_of_every_length() {
    let mut wrong = Vec::new();
    for (number, right) in [(1, 16), (2, 8)] {
        for length in [0, 1, 7, 8, 9, 15, 16, 17, 100, 1 << 20] {
            if length != right {
                wrong.push((number, vec![0xab; length]));
            }
        }
        wrong.push((number, vec![0; right]));
    }
    // The last of two equal fields counts.
    let message = |(number, id): &(u64, Vec<u8>)| framed(&proto_request(&[proto_span(), field(*number, id)].concat()));
    let messages: Vec<Vec<u8>> = wrong.iter().map(message).collect();
    let places: Vec<String> = (1..=wrong.len()).map(|place| format!("ids.bin: message {place} at byte ")).collect();
    let told =
        ["expected 16 bytes", "expected 8 bytes", "traceId is missing or all zero", "spanId is missing or all zero"];
    let parts: Vec<&str> = places.iter().map(String::as_str).chain(told).collect();
    let ran = Hostile::of("ids.bin", messages.concat()).is_refused(&parts);
    assert_eq!(ran.defects("record-skipped"), wrong.len() as u64);
    // No bytes, and nothing but noughts.
    assert_eq!(ran.said.matches("is missing or all zero").count(), 4, "{}", ran.said);
}

/// What spells no id where leading noughts may be left out, and what says that there is none.
fn foreign(digits: usize) -> (Vec<String>, Vec<String>) {
    let no_id = [r#""g""#, r#""-1""#, r#""0x1""#, r#"" 1 ""#, r#""ä""#, r#""\u0000""#, r#""\u001b[2J""#, r#""1_0""#];
    let long = [format!(r#""{}g""#, "0".repeat(digits - 1)), format!(r#""{}""#, "1".repeat(digits + 1))];
    let none = [r#""""#, r#""0""#, "null", "7", "[1]", r#"{"id":"1"}"#];
    let noughts = format!(r#""{}""#, "0".repeat(digits));
    (
        no_id.into_iter().map(str::to_owned).chain(long).collect(),
        none.into_iter().map(str::to_owned).chain([noughts]).collect(),
    )
}

fn zipkin(trace: &str, id: &str, parent: &str) -> String {
    format!(r#"{{"traceId":{trace},"id":{id},"parentId":{parent},"name":"x","timestamp":1,"duration":1}}"#)
}

fn jaeger(trace: &str, id: &str, parent: &str) -> String {
    let references = format!(r#"[{{"refType":"CHILD_OF","traceID":{trace},"spanID":{parent}}}]"#);
    let span = format!(
        r#"{{"traceID":{trace},"spanID":{id},"references":{references},"operationName":"x","startTime":1,"duration":1}}"#
    );
    format!(r#"{{"traceID":{trace},"spans":[{span}],"processes":{{}}}}"#)
}

fn xray(trace: &str, id: &str, parent: &str) -> String {
    format!(r#"{{"trace_id":{trace},"id":{id},"parent_id":{parent},"name":"x","start_time":1.7e9,"end_time":1.7e9}}"#)
}

/// Writes a span with these ids, each as JSON: its trace, its own, its parent's.
type Writer = fn(&str, &str, &str) -> String;

/// Each dialect with a good trace id.
const DIALECTS: [(&str, &str, Writer); 3] = [
    ("zipkin.json", r#""1""#, zipkin),
    ("jaeger.json", r#""1""#, jaeger),
    ("xray.json", r#""1-5759e988-bd862e3fe1be46a994272793""#, xray),
];

#[test]
fn foreign_ids() {
    for (name, trace, span) in DIALECTS {
        let (wrong, missing) = foreign(16);
        let lines: Vec<String> = wrong.iter().chain(&missing).map(|id| span(trace, id, r#""""#)).collect();
        all_are_told(name, &lines, (missing.len(), wrong.len()), &[]);
        if name == "xray.json" {
            continue;
        }
        let (wrong, missing) = foreign(32);
        let lines: Vec<String> = wrong.iter().chain(&missing).map(|id| span(id, r#""1""#, r#""""#)).collect();
        all_are_told(name, &lines, (missing.len(), wrong.len()), &["traceId is"]);
    }
}

/// A trace id of X-Ray is a version, a time and the rest, with dashes between them. A segment in an answer of its service is one
/// whatever it says; one by itself is known by the version.
#[test]
fn trace_ids_of_x_ray() {
    let wrong = [
        "1-x",
        "1-",
        "1-5759e988-bd862e3fe1be46a99427279g",
        "1-5759e98g-bd862e3fe1be46a994272793",
        "1-5759e988-bd862e3fe1be46a99427279",
        "1-5759e988-bd862e3fe1be46a9942727930",
        "1-5759e988bd862e3fe1be46a994272793",
        "1-5759e988_bd862e3fe1be46a994272793",
        "1-ääää-bd862e3fe1be46a994272793",
    ];
    let of_another_version = [
        "2-5759e988-bd862e3fe1be46a994272793",
        "5759e988bd862e3fe1be46a994272793",
        " 1-5759e988-bd862e3fe1be46a994272793",
    ];
    let noughts = "1-00000000-000000000000000000000000";
    let ids = wrong.into_iter().chain(of_another_version).chain([noughts]);
    let segments: Vec<String> = ids.map(|id| xray(&format!(r#""{id}""#), r#""1""#, r#""""#)).collect();
    let document = |segment: &String| format!(r#"{{"Id":"x","Document":{}}}"#, Value::from(segment.as_str()));
    let documents: Vec<String> = segments.iter().map(document).collect();
    let all = wrong.len() + of_another_version.len();
    all_are_told("documents.json", &documents, (1, all), &["traceId is"]);
    let ran = all_are_told("segments.json", &segments, (1, wrong.len()), &["traceId is"]);
    assert_eq!(ran.said.matches("no telemetry in it").count(), of_another_version.len(), "{}", ran.said);
}

/// As in OTLP the span is a root of its own, and where something was there that is no id, it is told what it lost.
#[test]
fn foreign_parents_that_are_none_cost_nothing_else() {
    for (name, trace, span) in DIALECTS {
        let (wrong, missing) = foreign(16);
        let all = wrong.iter().chain(&missing);
        let lines: Vec<String> =
            (1..).zip(all).map(|(id, parent)| span(trace, &format!(r#""{id:x}""#), parent)).collect();
        let ran = Hostile::of(name, lines.join("\n")).is_read(&["span kept without its ", "expected a span id"]);
        assert_eq!((ran.counted("spans"), ran.defects("orphan")), (lines.len() as u64, 0), "{name}");
        assert_eq!((ran.defects("record-skipped"), ran.defects("record-mended")), (0, wrong.len() as u64), "{name}");
    }
}
