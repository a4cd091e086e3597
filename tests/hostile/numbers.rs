//! Numbers that are none, too large, or something else.

use crate::bench::Ran;
use crate::common::packed::framed;
use crate::input::Hostile;
use crate::otlp::{field, proto_request, proto_span, request, span, varint};

const WRONG: [&str; 14] = [
    "NaN",
    "-Infinity",
    "1e308",
    "1e-400",
    "-0",
    "99999999999999999999",
    "-9223372036854775809",
    "0x10",
    "1_000",
    "1.5",
    r#""NaN""#,
    "null",
    "[]",
    r#"{"a":1}"#,
];

#[test]
fn in_every_place_of_json() {
    let mut lines = Vec::new();
    for (id, wrong) in (1..).zip(WRONG) {
        let value = |kind: &str| format!(r#"{{"{kind}":{wrong}}}"#);
        let attributes: Vec<String> = [
            "http.status_code",
            "http.response.status_code",
            "rpc.grpc.status_code",
            "server.port",
            "sampling.priority",
            "app.x",
        ]
        .iter()
        .flat_map(|key| {
            ["intValue", "doubleValue", "stringValue", "boolValue"]
                .map(|kind| format!(r#"{{"key":"{key}","value":{}}}"#, value(kind)))
        })
        .collect();
        let more = format!(
            r#","kind":{wrong},"flags":{wrong},"droppedEventsCount":{wrong},"droppedAttributesCount":{wrong},"droppedLinksCount":{wrong},"status":{{"code":{wrong}}},"attributes":[{}]"#,
            attributes.join(",")
        );
        lines.push(request("numbers", &span(id, id, 0, &more)));
    }
    // One of them is no JSON at all: it costs its span.
    let ran = Hostile::of("numbers.jsonl", lines.join("\n")).is_read(&[
        "numbers.jsonl: line 9 at byte ",
        "span left out: expected a key in quotes or }",
        "a field of a span left out: expected a whole number",
    ]);
    assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (WRONG.len() as u64 - 1, 1));
    assert!(ran.defects("record-mended") > 0);
}

/// What is no whole number is no code, and costs its span nothing else.
#[test]
fn floats_of_protobuf() {
    let (mut messages, mut id) = (Vec::new(), 0_u64);
    for number in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE / 2.0, -0.0] {
        for key in ["http.status_code", "rpc.grpc.status_code", "server.port", "exception.message", "app.x"] {
            let value = [&varint(4 << 3 | 1)[..], &number.to_le_bytes()].concat();
            let pair = field(9, &[field(1, key.as_bytes()), field(2, &value)].concat());
            id += 1;
            messages.extend(framed(&proto_request(&[proto_span(), field(2, &id.to_be_bytes()), pair].concat())));
        }
    }
    let file = Hostile::of("floats.bin", messages);
    let ran = file.is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("spans"), ran.counted("failing_traces")), (id, 0));
    let shown = Ran::of(&["trace", &"07".repeat(16)], &[&file.path]);
    let spans = shown.exits(0).json()["spans"].as_array().expect("spans");
    let with = |code: &str| spans.iter().filter(|span| !span[code].is_null()).count();
    // Nought is one, also with a sign: that of gRPC for all is well.
    assert_eq!((spans.len() as u64, with("http"), with("grpc")), (id, 0, 1));
}
