//! Records, texts, lists and attributes of every size.

use crate::bench::{Hostile, Ran};
use crate::otlp::{attribute, failed, logs, request, span};

/// What a single text has here, in bytes.
const LARGE: usize = 50_000_000;

/// Attributes of a span, more than any SDK allows by a factor of a thousand.
const ATTRIBUTES: usize = 200_000;

fn first_span(ran: &Ran) -> serde_json::Value {
    ran.exits(0).json()["spans"][0].clone()
}

#[test]
fn a_span_with_200_000_attributes() {
    let attributes: Vec<String> = (0..ATTRIBUTES).map(|n| attribute(&format!("app.key{n}"), "value")).collect();
    let same: Vec<String> = (0..ATTRIBUTES).map(|n| attribute("db.system", &format!("system{n}"))).collect();
    let more = format!(r#","attributes":[{},{}]"#, attributes.join(","), same.join(","));
    let file = Hostile::of("attributes.json", request("wide", &span(1, 1, 0, &more)));
    file.is_read(&[]);
    let kept = first_span(&Ran::of(&["trace", &format!("{:032x}", 1), "--keep-attribute", "*"], &[&file.path]));
    assert_eq!(kept["attributes"].as_array().map(Vec::len), Some(129), "128 of its own, and its service");
}

/// Of a resource too, whose attributes every span bears.
#[test]
fn kept_attributes_of_many_spans() {
    let large = attribute("app.large", &"x".repeat(60_000));
    let wide: Vec<String> = (0..1000).map(|n| attribute(&format!("app.key{n}"), &"y".repeat(20_000))).collect();
    let resource = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{},{large}]}},"scopeSpans":[{{"spans":["#,
        wide.join(",")
    );
    let file = Hostile::file("kept.jsonl", |out| {
        for line in 0..20 {
            let spans: Vec<String> = (1..=10_000).map(|id| span(1 + line % 2, line * 10_000 + id, 0, "")).collect();
            writeln!(out, "{resource}{}]}}]}}]}}", spans.join(",")).expect("written");
        }
    });
    let ran = Ran::of(&["trace", &format!("{:032x}", 1), "--keep-attribute", "*"], &[&file.path]);
    ran.exits(0).spills_at_most(0);
    assert_eq!(ran.json()["spans"].as_array().map(Vec::len), Some(100_000));
}

#[test]
fn texts_of_50_megabytes() {
    let large = "A".repeat(LARGE);
    for (name, line) in [
        ("message.json", request("large", &span(1, 1, 0, &failed(&large)))),
        ("name.json", request("large", &span(1, 1, 0, &failed("x")).replace("work", &large))),
        ("service.json", request(&large, &span(1, 1, 0, &failed("x")))),
        ("key.json", request("large", &span(1, 1, 0, &format!(r#","attributes":[{}]"#, attribute(&large, "x"))))),
        (
            "stack.json",
            request(
                "large",
                &span(
                    1,
                    1,
                    0,
                    &format!(
                        r#","status":{{"code":2}},"events":[{{"name":"exception","attributes":[{}]}}]"#,
                        attribute("exception.stacktrace", &large)
                    ),
                ),
            ),
        ),
    ] {
        let ran = Hostile::of(name, line).is_read(&[]);
        assert_eq!(ran.counted("spans"), 1, "{name}");
        assert!(ran.json().to_string().len() < 1 << 20, "{name}");
    }
    let log = format!(
        r#"{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"1","severityNumber":17,"body":{{"stringValue":"{large}"}}}}"#,
        1, 1
    );
    let ran = Hostile::of("log.jsonl", [request("large", &span(1, 1, 0, "")), logs(&log)].join("\n")).is_read(&[]);
    assert_eq!(ran.counted("logs"), 1);
}

/// Escapes and bytes that are no UTF-8 grow when they are decoded.
#[test]
fn texts_that_grow() {
    for (name, piece) in [("escapes.json", &br"\u0001"[..]), ("replaced.json", b"\xff"), ("quotes.json", br#"\""#)] {
        let whole = request("grow", &span(1, 1, 0, &failed("TEXT")));
        let (before, after) = whole.split_once("TEXT").expect("the text");
        let bytes = [before.as_bytes(), &piece.repeat(LARGE / piece.len()), after.as_bytes()].concat();
        Hostile::of(name, bytes).is_read(&[]);
    }
}

#[test]
fn a_record_beyond_the_limit_is_skipped_and_told() {
    let good = request("after", &span(2, 2, 0, ""));
    let long = request("long", &span(1, 1, 0, &failed(&"A".repeat(100_000_000))));
    let lines = Hostile::of("lines.jsonl", [&good, "\n", &long, "\n", &good].concat());
    let ran = lines.is_read(&["lines.jsonl: line 2 at byte ", "longer than the limit of 67108864 bytes"]);
    assert_eq!((ran.counted("spans"), ran.defects("duplicate-span")), (1, 1));
    let document = Hostile::of("document.json", format!("[{good},\n{long},\n{good}]"));
    let ran = document.is_read(&["document.json: element 2 at byte ", "longer than the limit of 67108864 bytes"]);
    assert_eq!(ran.counted("spans"), 1);
    let message = |text: &str| [&u32::try_from(text.len()).expect("short").to_be_bytes()[..], text.as_bytes()].concat();
    let framed = Hostile::of("messages.bin", [message(&good), message(&long), message(&good)].concat());
    let ran = framed.is_read(&["messages.bin: message 2 at byte ", "the limit is 67108864"]);
    assert_eq!(ran.counted("spans"), 1);
}

#[test]
fn a_line_without_end() {
    let file = Hostile::file("endless.jsonl", |out| {
        writeln!(out, "{}", request("before", &span(2, 2, 0, ""))).expect("written");
        out.write_all(b"{\"resourceSpans\":[{\"x\":\"").expect("written");
        let block = vec![b'x'; 1 << 20];
        (0..500).for_each(|_| out.write_all(&block).expect("written"));
    });
    file.is_read(&["endless.jsonl: line 2 at byte ", "longer than the limit of 67108864 bytes"]);
}

#[test]
fn lists_of_a_span() {
    let event = format!(r#"{{"name":"exception","attributes":[{}]}}"#, attribute("exception.type", "E"));
    let flag = format!(r#"{{"name":"flag","attributes":[{}]}}"#, attribute("feature_flag.key", "f"));
    let link = format!(r#"{{"traceId":"{:032x}","spanId":"{:016x}"}}"#, 1, 1);
    let list = |one: &str| vec![one; 100_000].join(",");
    let more =
        format!(r#","status":{{"code":2}},"events":[{},{}],"links":[{}]"#, list(&event), list(&flag), list(&link));
    let ran = Hostile::of("lists.json", request("lists", &span(1, 1, 0, &more))).is_read(&[
        "lists.json: element 1 at byte ",
        "span kept without 99936 exceptions, 98976 links and 99872 flag evaluations; the limits are 64, 1024 and 128",
    ]);
    assert_eq!(ran.counted("spans"), 1);
}

/// As many faults as there are bytes: each is counted, some are described.
#[test]
fn nothing_but_faults() {
    for (name, piece) in [("lines.json", "1\n"), ("elements.json", "{},"), ("nulls.json", "0,")] {
        let start = if name == "lines.json" { "{}\n" } else { "[" };
        let file = Hostile::of(name, [start, &piece.repeat(10_000_000 / piece.len())].concat());
        let ran = file.beside_a_good_file();
        ran.says(&[&format!("{name}: "), "no telemetry in it; expected"]);
        assert!(ran.said.lines().count() < 100, "{}", ran.said);
    }
    let spans = vec![r#"{"traceId":"x"}"#; 200_000].join(",");
    let ran = Hostile::of("spans.json", request("x", &spans)).beside_a_good_file();
    assert_eq!(ran.defects("record-skipped"), 200_000);
    ran.says(&["spans.json: 199980 more "]);
}

/// One behind the other, in every arrangement: no more than a few of them may lie in memory at once.
#[test]
fn messages_of_50_megabytes_in_a_row() {
    let stack = attribute("exception.stacktrace", &"    at f (/app/x.js:1:1)\\n".repeat(10_000));
    let events = vec![format!(r#"{{"name":"exception","attributes":[{stack}]}}"#); 20].join(",");
    let spans = |line: u64| {
        let one = |id: u64| span(line, line * 100 + id, 0, &format!(r#","status":{{"code":2}},"events":[{events}]"#));
        (0..10).map(one).collect::<Vec<_>>().join(",")
    };
    for name in ["lines.jsonl", "document.json", "messages.bin"] {
        let file = Hostile::file(name, |out| {
            for line in 1..=10 {
                let text = request("large", &spans(line));
                assert!((LARGE..64 << 20).contains(&text.len()), "{}", text.len());
                let (before, after) = match (name, line) {
                    ("messages.bin", _) => (u32::try_from(text.len()).expect("short").to_be_bytes().to_vec(), ""),
                    ("document.json", 1) => (b"[".to_vec(), ",\n"),
                    ("document.json", 10) => (Vec::new(), "]"),
                    ("document.json", _) => (Vec::new(), ",\n"),
                    _ => (Vec::new(), "\n"),
                };
                out.write_all(&[&before, text.as_bytes(), after.as_bytes()].concat()).expect("written");
            }
        });
        assert_eq!(file.beside_a_good_file().counted("spans"), 100, "{name}");
    }
}
