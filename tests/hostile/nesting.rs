//! What lies in what lies in what, 100,000 deep.

use crate::bench::{Hostile, Ran};
use crate::otlp::{failed, field, proto_request, proto_span, request, span, varint};
use std::fmt::Write as _;

const DEEP: usize = 100_000;

#[test]
fn arrays() {
    Hostile::of("open.json", "[".repeat(DEEP)).is_refused(&["open.json: "]);
    Hostile::of("closed.json", ["[".repeat(DEEP), "]".repeat(DEEP)].concat()).is_refused(&["closed.json: "]);
    Hostile::of("one of many.json", ["[".repeat(DEEP), "]\n".repeat(DEEP)].concat())
        .is_refused(&["one of many.json: "]);
}

#[test]
fn objects() {
    for key in ["a", "result", "trace", "data", "scopeSpans"] {
        let open = format!("{{\"{key}\":").repeat(DEEP);
        Hostile::of("open.json", &open).is_refused(&["open.json: "]);
        Hostile::of("closed.json", [open, "}".repeat(DEEP)].concat()).is_refused(&["closed.json: "]);
    }
    // A request, and an empty one.
    Hostile::of("request.json", ["{\"resourceSpans\":".repeat(DEEP), "}".repeat(DEEP)].concat()).alone().exits(4);
    for key in ["data", "Traces", "Segments"] {
        let open = format!("{{\"{key}\":[").repeat(DEEP);
        Hostile::of("list.json", [open, "]}".repeat(DEEP)].concat()).is_refused(&["list.json: "]);
    }
}

#[test]
fn values_of_attributes() {
    let list = [r#"{"arrayValue":{"values":["#.repeat(DEEP), "]}}".repeat(DEEP)].concat();
    let map = [r#"{"kvlistValue":{"values":[{"key":"k","value":"#.repeat(DEEP), "}]}}".repeat(DEEP)].concat();
    let mut spans = Vec::new();
    for (id, value) in (1..).zip([&list, &map]) {
        for key in ["app.deep", "db.system", "exception.message"] {
            let attribute = format!(r#"{{"key":"{key}","value":{value}}}"#);
            spans.push(span(
                1,
                id,
                0,
                &format!(r#","attributes":[{attribute}],"events":[{{"attributes":[{attribute}]}}]"#),
            ));
        }
    }
    let file = Hostile::of("values.json", request("deep", &spans.join(",")));
    file.is_read(&[]);
    let trace = format!("{:032x}", 1);
    let shown = Ran::of(&["trace", &trace, "--keep-attribute", "*"], &[&file.path]);
    shown.exits(0);
    assert!(shown.json()["spans"][0]["attributes"][0][1].as_str().is_some_and(|text| text.starts_with("[[[[")));
}

/// Protobuf tells lengths before contents, so it is written from its end.
fn nested(content: &[u8], around: &[u64]) -> Vec<u8> {
    let mut back: Vec<u8> = content.iter().rev().copied().collect();
    for _ in 0..DEEP {
        for number in around {
            let head = [varint(number << 3 | 2), varint(back.len() as u64)].concat();
            back.extend(head.iter().rev());
        }
    }
    back.reverse();
    back
}

#[test]
fn protobuf_messages() {
    let value = nested(&field(1, b"x"), &[1, 5]);
    let pair = field(9, &[field(1, b"app.deep"), field(2, &value)].concat());
    let file = Hostile::of("value.pb", proto_request(&[proto_span(), pair].concat()));
    file.is_read(&[]);
    let shown = Ran::of(&["trace", &"07".repeat(16), "--keep-attribute", "app.*"], &[&file.path]);
    assert!(shown.exits(0).json()["spans"][0]["attributes"][0][1].as_str().is_some_and(|text| text.starts_with("[[")));
    for number in [1, 2] {
        Hostile::of("blocks.pb", nested(b"", &[number])).beside_a_good_file();
        Hostile::of("spans.pb", field(1, &field(2, &nested(b"", &[number])))).beside_a_good_file();
    }
}

#[test]
fn subsegments() {
    let mut open = String::new();
    for id in 1..=DEEP {
        let time = r#""name":"x","start_time":1.7e9,"end_time":1.7e9"#;
        // A string takes everything.
        let _ = write!(
            open,
            r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"{id:016x}",{time},"subsegments":["#
        );
    }
    let ran = Hostile::of("deep.json", [&open[..], &"]}".repeat(DEEP)].concat()).is_read(&[]);
    assert_eq!(ran.counted("spans"), DEEP as u64);
    Hostile::of("cut.json", open).beside_a_good_file().says(&["cut.json: "]);
}

#[test]
fn spans_below_spans() {
    let deep = DEEP as u64;
    let file = Hostile::file("deep.jsonl", |out| {
        for id in 1..=deep {
            let more = if id == deep { failed("at the bottom") } else { failed("") };
            writeln!(out, "{}", request("deep", &span(1, id, id - 1, &more))).expect("written");
        }
    });
    let ran = file.is_read(&[]);
    let evidence = ran.json();
    let causes = evidence["root_causes"].as_array().expect("causes");
    let bottom = causes.iter().find(|cause| cause["status"]["message"] == "at the bottom").expect("the cause");
    assert_eq!(bottom["effect"], "fatal");
}
