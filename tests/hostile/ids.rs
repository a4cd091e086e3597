//! Ids of every wrong form.

use crate::bench::Hostile;
use crate::otlp::{field, framed, proto_request, proto_span, request};

/// What stands where a span id should, as JSON.
const WRONG: [&str; 16] = [
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
    "null",
    "7",
    "[1]",
    r#"{"id":"0000000000000001"}"#,
];

#[test]
fn span_ids_and_trace_ids() {
    for (field, other, told) in [
        ("spanId", r#""traceId":"00000000000000000000000000000001""#, "spanId is"),
        ("traceId", r#""spanId":"0000000000000001""#, "traceId is"),
    ] {
        let mut lines = String::new();
        for wrong in WRONG {
            lines += &request("ids", &format!(r#"{{{other},"{field}":{wrong},"name":"x","startTimeUnixNano":"1"}}"#));
            lines.push('\n');
        }
        let long = request("ids", &format!(r#"{{{other},"{field}":"{}","name":"x"}}"#, "a".repeat(1 << 20)));
        let missing = request("ids", &format!(r#"{{{other},"name":"x"}}"#));
        let file = Hostile::of("ids.jsonl", [lines, long, "\n".to_owned(), missing].concat());
        file.is_refused(&[
            "ids.jsonl: line 1 at byte ",
            "ids.jsonl: line 18 at byte ",
            told,
            "hexadecimal digits",
            "missing or all zero",
        ]);
        assert_eq!(file.beside_a_good_file().defects("record-skipped"), 18);
    }
}

#[test]
fn parents_and_links_that_are_none_cost_nothing_else() {
    let mut lines = String::new();
    for wrong in WRONG {
        let span = format!(
            r#"{{"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","parentSpanId":{wrong},
            "links":[{{"traceId":{wrong},"spanId":{wrong}}}],"name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}}"#
        );
        lines += &request("ids", &span.replace('\n', ""));
        lines.push('\n');
    }
    let ran = Hostile::of("parents.jsonl", lines).is_read(&["parents.jsonl: line ", "expected a span id"]);
    assert_eq!(ran.defects("record-skipped"), 0);
    assert!(ran.defects("record-mended") >= WRONG.len() as u64);
}

#[test]
fn protobuf_ids_of_every_length() {
    let mut messages = Vec::new();
    for length in [0, 1, 7, 9, 15, 17, 100, 1 << 20] {
        let wrong = vec![0xab; length];
        // The last of two equal fields counts.
        for number in [1, 2] {
            if length != 0 || number == 1 {
                messages.extend(framed(&proto_request(&[proto_span(), field(number, &wrong)].concat())));
            }
        }
    }
    let file = Hostile::of("ids.bin", messages);
    file.is_refused(&["ids.bin: message 2 at byte ", "expected 16 bytes", "expected 8 bytes"]);
}

#[test]
fn foreign_ids() {
    let mut spans = Vec::new();
    for wrong in WRONG {
        spans.push(format!(
            r#"{{"traceId":{wrong},"id":{wrong},"parentId":{wrong},"name":"x","timestamp":1,"duration":1}}"#
        ));
    }
    Hostile::of("zipkin.json", format!("[{}]", spans.join(",")))
        .beside_a_good_file()
        .says(&["zipkin.json: line 1 at byte "]);
    let of_jaeger = WRONG.map(|wrong| {
        format!(r#"{{"traceID":{wrong},"spanID":{wrong},"references":[{{"refType":"CHILD_OF","traceID":{wrong},"spanID":{wrong}}}],"processID":{wrong}}}"#)
    });
    let jaeger = format!(r#"{{"data":[{{"traceID":"x","spans":[{}],"processes":{{}}}}]}}"#, of_jaeger.join(","));
    Hostile::of("jaeger.json", jaeger).beside_a_good_file().says(&["jaeger.json: "]);
    let xray = WRONG.map(|wrong| format!(r#"{{"trace_id":"1-x","id":{wrong},"parent_id":{wrong},"name":"x","links":[{{"trace_id":{wrong},"id":{wrong}}}]}}"#));
    Hostile::of("xray.json", xray.join("\n")).is_refused(&["xray.json: line 1 at byte ", "expected"]);
}
