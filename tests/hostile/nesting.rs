//! What lies in what lies in what, 100,000 deep.

use crate::bench::Ran;
use crate::input::Hostile;
use crate::otlp::{failed, field, proto_request, proto_span, request, span, varint};
use serde_json::Value;
use std::fmt::Write as _;

const DEEP: usize = 100_000;

/// The trace that has no other number here.
const TRACE: &str = "00000000000000000000000000000001";

/// The trace of what X-Ray has here, with its dashes and without.
const XRAY_TRACE: [&str; 2] = ["1-5759e988-bd862e3fe1be46a994272793", "5759e988bd862e3fe1be46a994272793"];

/// An attribute of the first span of a trace, as it is shown.
fn shown(file: &Hostile, trace: &str, key: &str) -> String {
    let ran = Ran::of(&["trace", trace, "--keep-attribute", "*"], &[&file.path]);
    let spans = ran.exits(0).json()["spans"].as_array().expect("spans");
    attribute_of(&spans[0], key)
}

fn attribute_of(span: &Value, key: &str) -> String {
    let attributes = span["attributes"].as_array().expect("attributes");
    let found = attributes.iter().find(|pair| pair[0] == key).unwrap_or_else(|| panic!("no {key} of {span}"));
    found[1].as_str().expect("a text").to_owned()
}

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
    let file = Hostile::of("request.json", ["{\"resourceSpans\":".repeat(DEEP), "}".repeat(DEEP)].concat());
    assert_eq!(file.beside_a_good_file().counted("spans"), 0);
    for key in ["data", "Traces", "Segments"] {
        let open = format!("{{\"{key}\":[").repeat(DEEP);
        Hostile::of("list.json", [open, "]}".repeat(DEEP)].concat()).is_refused(&["list.json: "]);
    }
}

/// Each costs its span nothing, and is shown to a hundred levels: as an attribute, and as the message of an exception by which
/// the request fails.
#[test]
fn values_of_attributes() {
    let list = [r#"{"arrayValue":{"values":["#.repeat(DEEP), "]}}".repeat(DEEP)].concat();
    let map = [r#"{"kvlistValue":{"values":[{"key":"k","value":"#.repeat(DEEP), "}]}}".repeat(DEEP)].concat();
    let mut spans = Vec::new();
    for value in [&list, &map] {
        for key in ["app.deep", "db.system", "exception.message"] {
            let attribute = format!(r#"{{"key":"{key}","value":{value}}}"#);
            let more = format!(r#","attributes":[{attribute}],"events":[{{"attributes":[{attribute}]}}]"#);
            spans.push(span(1, spans.len() as u64 + 1, 0, &more));
        }
    }
    let file = Hostile::of("values.json", request("deep", &spans.join(",")));
    let ran = file.is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), 6);
    let run = Ran::of(&["trace", TRACE, "--keep-attribute", "*"], &[&file.path]);
    let told = &run.exits(0).json()["spans"];
    for (first, start) in [(0_usize, "[[[["), (3, r#"{"k":{"k":"#)] {
        let cause = ran.cause_that_says("/exception/message", start);
        assert_eq!(cause["traces"]["fatal"], 1);
        let message = cause["exception"]["message"].as_str().expect("a text").to_owned();
        for text in [attribute_of(&told[first], "app.deep"), attribute_of(&told[first + 1], "db.system"), message] {
            assert!(text.starts_with(start) && text.contains('…') && text.len() < 1000, "{text}");
        }
    }
}

/// The other dialects have plain JSON there, which is kept as the text that it is: the start of it, which is told.
#[test]
fn values_of_tags_and_annotations() {
    const MESSAGE: &str = "span kept with the start of its exception message, which is longer than 64 KiB";
    const STATUS: &str = "span kept with the start of its status message, which is longer than 64 KiB";
    const NAME: &str = "resource kept with the start of a name that is longer than 1 KiB";
    let list = ["[".repeat(DEEP), "]".repeat(DEEP)].concat();
    let map = [&r#"{"a":"#.repeat(DEEP)[..], "1", &"}".repeat(DEEP)].concat();
    for (value, start) in [(list, "[[[["), (map, r#"{"a":{"a":"#)] {
        for (file, trace, keys, message, told) in [
            (jaeger(&value), TRACE, ["app.deep", "db.system"], start, &[MESSAGE, NAME][..]),
            (zipkin(&value), TRACE, ["app.deep", "db.system"], start, &[STATUS]),
            // Nobody asks for what is so deep there.
            (xray(&value), XRAY_TRACE[1], ["deep", "deeper"], "m", &[]),
        ] {
            let ran = file.is_read(told);
            assert_eq!(ran.counted("spans"), 1);
            let cause = ran.cause_that_says("/exception/message", message);
            assert_eq!(cause["exception"]["type"], "E");
            assert_eq!(cause["service"], "deep");
            assert_eq!(cause["traces"]["fatal"], 1);
            for key in keys {
                assert!(shown(&file, trace, key).starts_with(start), "{key}");
            }
        }
    }
}

fn jaeger(value: &str) -> Hostile {
    let tag = |key: &str| format!(r#"{{"key":"{key}","value":{value}}}"#);
    let tags = [tag("app.deep"), tag("db.system"), r#"{"key":"error","value":true}"#.to_owned()].join(",");
    let error = r#"{"key":"event","value":"error"},{"key":"error.kind","value":"E"}"#;
    let span = format!(
        r#"{{"traceID":"1","spanID":"1","operationName":"x","startTime":1,"duration":1,"processID":"p","tags":[{tags}],"logs":[{{"fields":[{error},{}]}}]}}"#,
        tag("message")
    );
    let process = format!(r#"{{"serviceName":"deep","tags":[{}]}}"#, tag("host.name"));
    let document = format!(r#"{{"data":[{{"traceID":"1","spans":[{span}],"processes":{{"p":{process}}}}}]}}"#);
    Hostile::of("jaeger.json", document)
}

fn zipkin(value: &str) -> Hostile {
    // An event within a text, as exporters write it; and a value where a text should be.
    let event = Value::from(format!(r#"exception|{{"exception.type":"E","exception.message":{value}}}|0"#)).to_string();
    let annotations = format!(r#"{{"timestamp":1,"value":{event}}},{{"timestamp":1,"value":{value}}}"#);
    let tags = format!(r#""app.deep":{value},"db.system":{value},"error":{value}"#);
    let span = format!(
        r#"{{"traceId":"1","id":"1","name":"x","timestamp":1,"duration":1,"localEndpoint":{{"serviceName":"deep"}},"tags":{{{tags}}},"annotations":[{annotations}]}}"#
    );
    Hostile::of("zipkin.json", format!("[{span}]"))
}

fn xray(value: &str) -> Hostile {
    let kept = format!(
        r#""annotations":{{"deep":{value}}},"metadata":{{"app":{{"deeper":{value}}},"all":{value}}},"aws":{value},"http":{{"request":{{"url":{value}}}}}"#
    );
    let cause = r#"{"exceptions":[{"id":"1","type":"E","message":"m"}]}"#;
    let trace = XRAY_TRACE[0];
    Hostile::of(
        "xray.json",
        format!(
            r#"{{"trace_id":"{trace}","id":"1","name":"deep","start_time":1.7e9,"end_time":1.7e9,"fault":true,"cause":{cause},{kept}}}"#
        ),
    )
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

/// As the value of an attribute it costs nothing; in the place of blocks and spans there is nothing to be read.
#[test]
fn protobuf_messages() {
    let value = nested(&field(1, b"x"), &[1, 5]);
    let pair = field(9, &[field(1, b"app.deep"), field(2, &value)].concat());
    let file = Hostile::of("value.pb", proto_request(&[proto_span(), pair].concat()));
    let ran = file.is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), 1);
    let text = shown(&file, &"07".repeat(16), "app.deep");
    assert!(text.starts_with("[[[[") && text.contains('…') && text.len() < 1000, "{text}");
    for number in [1, 2] {
        let blocks = Hostile::of("blocks.pb", nested(b"", &[number]));
        assert_eq!(blocks.beside_a_good_file().counted("spans"), 0);
        let spans = Hostile::of("spans.pb", field(1, &field(2, &nested(b"", &[number]))));
        assert_eq!(spans.beside_a_good_file().counted("spans"), 0);
    }
}

/// Each is a span below the one around it, unless the segment does not end.
#[test]
fn subsegments() {
    let mut open = String::new();
    for id in 1..=DEEP {
        let time = r#""name":"x","start_time":1.7e9,"end_time":1.7e9"#;
        // A string takes everything.
        let _ = write!(open, r#"{{"trace_id":"{}","id":"{id:016x}",{time},"subsegments":["#, XRAY_TRACE[0]);
    }
    let ran = Hostile::of("deep.json", [&open[..], &"]}".repeat(DEEP)].concat()).is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("spans"), ran.defects("orphan")), (DEEP as u64, 0));
    Hostile::of("cut.json", open).beside_a_good_file().says(&["cut.json: "]);
}

/// The failure at the bottom reaches the top, and of the way the two ends are shown.
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
    ran.says_nothing();
    let bottom = ran.cause_that_says("/status/message", "at the bottom");
    assert_eq!(bottom["effect"], "fatal");
    assert_eq!(bottom["hidden_steps"], deep - 200);
    assert_eq!(bottom["propagation"].as_array().map(Vec::len), Some(200));
}

/// Each time limit that runs out leaves a call of which the callee works on, to the bottom. All of it is one wait.
#[test]
fn waits_within_waits() {
    let deep = 3 * DEEP as u64;
    let file = Hostile::file("waits.jsonl", |out| {
        for id in 1..=deep {
            let (kind, lasts, end) = match id % 3 {
                1 => (
                    2,
                    103,
                    r#","attributes":[{"key":"http.response.status_code","value":{"intValue":"200"}}]"#.to_owned(),
                ),
                2 => (1, 100, failed("the time limit of 100 ms ran out: timed out")),
                _ => (3, 100, String::new()),
            };
            let start = 1_700_000_000_000_000_000_u64;
            let times = format!(
                r#","kind":{kind},"startTimeUnixNano":"{start}","endTimeUnixNano":"{}"{end}"#,
                start + lasts * 1_000_000
            );
            writeln!(out, "{}", request("deep", &span(1, id, id - 1, &times))).expect("written");
        }
    });
    let ran = file.heavy().is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), deep);
    let causes = ran.json()["root_causes"].as_array().map(Vec::len);
    assert_eq!(causes, Some(2), "the wait, and what the good file has");
    assert_eq!(ran.cause_that_says("/status/message", "the time limit")["kind"], "timeout");
}
