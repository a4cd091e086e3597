//! Records, texts, lists and attributes of every size.

use crate::bench::Ran;
use crate::input::Hostile;
use crate::otlp::{attribute, failed, logs, request, span};
use serde_json::Value;

/// What a single text has here, in bytes.
const LARGE: usize = 50_000_000;

/// Attributes of a span, more than any SDK allows by a factor of a thousand.
const ATTRIBUTES: usize = 200_000;

/// What is shown of trace 1, with all attributes.
fn trace(file: &Hostile) -> Ran {
    let ran = Ran::of(&["trace", &format!("{:032x}", 1), "--keep-attribute", "*"], &[&file.path]);
    ran.exits(0);
    ran
}

/// Of those that mean something the first counts, and whoever asks for all gets some. The span is one like any other: a call
/// of the database that it names, which fails.
#[test]
fn a_span_with_200_000_attributes() {
    let attributes: Vec<String> = (0..ATTRIBUTES).map(|n| attribute(&format!("app.key{n}"), "value")).collect();
    let same: Vec<String> = (0..ATTRIBUTES).map(|n| attribute("db.system", &format!("system{n}"))).collect();
    let more = format!(r#"{},"attributes":[{},{}]"#, failed("refused"), attributes.join(","), same.join(","));
    let call = span(1, 1, 0, &more).replace(r#""kind":2"#, r#""kind":3"#);
    let file = Hostile::of("attributes.json", request("wide", &call));
    let ran = file.is_read(&[]);
    ran.says_nothing();
    let cause = ran.cause_that_says("/status/message", "refused");
    assert_eq!(cause["kind"], "dependency");
    assert_eq!(cause["peer"], "system0");
    let shown = trace(&file);
    shown.says(&["span kept with less of the attributes asked for; the limits are 128"]);
    let kept = &shown.json()["spans"][0]["attributes"];
    assert_eq!(kept.as_array().map(Vec::len), Some(129), "128 of its own, and its service");
}

/// Of a resource too, whose attributes every span bears: of what is larger than all that may be, nothing is kept. Of very many
/// spans the first are shown.
#[test]
fn kept_attributes_of_many_spans() {
    let large = attribute("app.large", &"x".repeat(60_000));
    let wide: Vec<String> = (0..1000).map(|n| attribute(&format!("app.key{n}"), &"y".repeat(20_000))).collect();
    let resource = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{},{large}]}},"scopeSpans":[{{"spans":["#,
        wide.join(",")
    );
    let file = Hostile::file("kept.jsonl", |out| {
        for line in 0..21 {
            let spans: Vec<String> = (1..=10_000).map(|id| span(1 + line % 2, line * 10_000 + id, 0, "")).collect();
            writeln!(out, "{resource}{}]}}]}}]}}", spans.join(",")).expect("written");
        }
    });
    let ran = trace(&file);
    ran.spills_at_most(0).says(&["resource kept with less of the attributes asked for; the limits are 128"]);
    let shown = ran.json();
    assert_eq!(shown["spans"].as_array().map(Vec::len), Some(100_000));
    assert_eq!(shown["hidden_spans"], 10_000);
    assert_eq!(shown["spans"][0]["attributes"].as_array().map(Vec::len), Some(0));
    let ran = file.heavy().is_read(&[]);
    assert_eq!((ran.counted("spans"), ran.defects("no-service-name")), (210_000, 210_000));
}

/// Each is the start of itself, which is told, and what failed is found by it.
#[test]
fn texts_of_50_megabytes() {
    const NAME: &str = " kept with the start of a name that is longer than 1 KiB; names that start alike are one";
    const MESSAGE: &str = "span kept with the start of its status message, which is longer than 64 KiB";
    const STACK: &str = "span kept with the start of its stack trace, which is longer than 256 KiB";
    let large = "A".repeat(LARGE);
    let failing = span(1, 1, 0, &failed("x"));
    let stack = format!(
        r#","status":{{"code":2}},"events":[{{"name":"exception","attributes":[{}]}}]"#,
        attribute("exception.stacktrace", &large)
    );
    for (name, line, told, place, most) in [
        ("message.json", request("large", &span(1, 1, 0, &failed(&large))), MESSAGE, "/status/message", 4 << 10),
        ("name.json", request("large", &failing.replace("work", &large)), NAME, "/span_name", 1 << 10),
        ("service.json", request(&large, &failing), NAME, "/service", 1 << 10),
        ("stack.json", request("large", &span(1, 1, 0, &stack)), STACK, "/exception/stacktrace", 16 << 10),
    ] {
        let ran = Hostile::of(name, line).is_read(&[&format!("{name}: "), told]);
        let cause = ran.cause_that_says(place, "AAAA");
        let shown = cause.pointer(place).and_then(Value::as_str).map_or(0, str::len);
        // With what marks the cut.
        assert!((most - 16..most + 16).contains(&shown), "{shown} bytes of {name}");
        assert_eq!(cause["traces"]["fatal"], 1, "{name}");
        assert!(ran.json().to_string().len() < 1 << 20, "{name}");
    }
    let key = format!(r#"{},"attributes":[{}]"#, failed("x"), attribute(&large, "x"));
    let ran = Hostile::of("key.json", request("large", &span(1, 1, 0, &key))).is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.cause_that_says("/status/message", "x")["traces"]["fatal"], 1);
    let log = format!(
        r#"{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"1","severityNumber":17,"body":{{"stringValue":"{large}"}}}}"#,
        1, 1
    );
    let file = Hostile::of("log.jsonl", [request("large", &span(1, 1, 0, "")), logs(&log)].join("\n"));
    let told = "log record kept with the start of its body, which is longer than 64 KiB";
    assert_eq!(file.is_read(&["log.jsonl: ", told]).counted("logs"), 1);
    let shown = trace(&file);
    let body = shown.json()["spans"][0]["error_logs"][0].as_str().expect("the body");
    assert!(body.starts_with("AAAA") && body.len() < (64 << 10) + 16, "{} bytes", body.len());
}

/// A key of a document that is longer than any that is known: what stands before it was read.
#[test]
fn a_key_of_50_megabytes() {
    let request = request("before", &span(1, 1, 0, ""));
    let rest = format!("{{\n\"{}\":[]}}", "A".repeat(LARGE));
    let ran = Hostile::of("key.json", format!("[\n{request},\n{rest}]")).is_read(&["key.json: element 2 at byte "]);
    assert_eq!((ran.counted("spans"), ran.defects("input-broken")), (1, 1));
}

/// Escapes and bytes that are no UTF-8 grow when they are decoded.
#[test]
fn texts_that_grow() {
    for (name, piece, start) in [
        ("escapes.json", &br"\u0001"[..], "\u{1}\u{1}"),
        ("replaced.json", b"\xff", "\u{fffd}\u{fffd}"),
        ("quotes.json", br#"\""#, "\"\""),
    ] {
        let whole = request("grow", &span(1, 1, 0, &failed("TEXT")));
        let (before, after) = whole.split_once("TEXT").expect("the text");
        let bytes = [before.as_bytes(), &piece.repeat(LARGE / piece.len()), after.as_bytes()].concat();
        let told = "span kept with the start of its status message, which is longer than 64 KiB";
        let ran = Hostile::of(name, bytes).is_read(&[&format!("{name}: "), told]);
        let cause = ran.cause_that_says("/status/message", start);
        let shown = cause["status"]["message"].as_str().map_or(0, str::len);
        assert!((4000..(4 << 10) + 16).contains(&shown), "{shown} bytes of {name}");
        assert_eq!(cause["traces"]["fatal"], 1, "{name}");
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
    let ran = file.heavy().is_read(&["endless.jsonl: line 2 at byte ", "longer than the limit of 67108864 bytes"]);
    assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (1, 1));
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
        let file = Hostile::of(name, [start, &piece.repeat(10_000_000 / piece.len())].concat()).heavy();
        let ran = file.is_refused(&["no telemetry in it; expected"]);
        assert!(ran.said.lines().count() < 100, "{}", ran.said);
    }
    let spans = vec![r#"{"traceId":"x"}"#; 200_000].join(",");
    let ran = Hostile::of("spans.json", request("x", &spans)).is_refused(&["spans.json: 199980 more "]);
    assert_eq!(ran.defects("record-skipped"), 200_000);
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
        let ran = file.heavy().is_read(&[]);
        ran.says_nothing();
        assert_eq!((ran.counted("spans"), ran.counted("failing_traces")), (100, 10), "{name}");
        let cause = ran.cause_that_says("/exception/stacktrace", "    at f (/app/x.js:1:1)");
        assert_eq!(cause["traces"]["candidate"], 10, "{name}");
    }
}
