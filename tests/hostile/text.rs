//! Text that is none, steers terminals, or looks like markup.

use crate::input::Hostile;
use crate::otlp::{attribute, failed, request, span};
use std::process::Command;

/// What no renderer may pass on as it is.
const STEERING: &str = "\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{9b}31m\u{202e}\u{0}\r\u{8}\u{7f}\u{feff}";

/// It is replaced, and what failed is found by what is left.
#[test]
fn invalid_utf8_in_every_text() {
    let more = [&failed("TEXT")[..], r#","attributes":["#, &attribute("KEY", "TEXT"), "]"].concat();
    let wrong: [&[u8]; 6] = [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"];
    let (mut lines, mut id) = (Vec::new(), 0);
    for bytes in wrong {
        for place in ["SVC", "work", "TEXT", "KEY"] {
            id += 1;
            let whole = request("SVC", &span(id, id, 0, &more));
            let (before, after) = whole.split_once(place).expect("the place");
            lines.extend([before.as_bytes(), bytes, after.as_bytes(), b"\n"].concat());
        }
    }
    let file = Hostile::of("utf8.jsonl", lines);
    let ran = file.is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("spans"), ran.counted("failing_traces")), (id, id));
    for place in ["/service", "/span_name", "/status/message"] {
        ran.cause_that_says(place, "\u{fffd}");
    }
    file.beside_good_files_of_other_formats();
}

/// What an escape cannot be is replaced, or stands for itself.
#[test]
fn escapes_that_are_none() {
    let wrong = [
        (r"\ud800", "\u{fffd}"),
        (r"\udc00\ud800", "\u{fffd}\u{fffd}"),
        (r"\u12", "\u{fffd}12"),
        (r"\q", "q"),
        (r"\u0000", "\0"),
        (r"\uffff", "\u{ffff}"),
        (r"\ud83d\u0041", "\u{fffd}A"),
    ];
    let line = |(id, (text, _)): (u64, (&str, &str))| request(text, &span(id, id, 0, &failed(&[text, "."].concat())));
    let lines: Vec<String> = (1..).zip(wrong).map(line).collect();
    let ran = Hostile::of("escapes.jsonl", lines.join("\n")).is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("failing_traces"), wrong.len() as u64);
    for (_, read) in wrong {
        let cause = ran.cause_that_says("/status/message", &[read, "."].concat());
        assert_eq!(cause["service"], read);
    }
}

#[test]
fn nothing_that_steers_a_terminal_gets_there() {
    let escaped: String = STEERING.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let more = [&failed(&escaped)[..], r#","attributes":["#, &attribute(&escaped, &escaped), "]"].concat();
    let mut lines = request(&escaped, &span(1, 1, 0, &more));
    lines += "\n{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"";
    lines += STEERING;
    lines += "\"}]}]}]}\n";
    let file = Hostile::of("steering.jsonl", lines);
    file.is_read(&["steering.jsonl: line "]);
    let trace = format!("{:032x}", 1);
    for command in [&["analyze"][..], &["doctor"], &["trace", &trace, "--keep-attribute", "*"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_whyspan")).args(command).arg(&file.path).output().expect("it runs");
        assert_eq!(output.status.code(), Some(0));
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        let steering = shown.chars().find(|&c| "\u{202e}\u{feff}".contains(c) || (c.is_control() && c != '\n'));
        assert_eq!(steering, None, "{command:?}: {shown:?}");
    }
}

#[test]
fn what_is_no_telemetry_at_all() {
    let utf16: Vec<u8> = request("x", &span(1, 1, 0, "")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("utf16.json", [&b"\xff\xfe"[..], &utf16].concat()),
        ("noise.bin", (0..1_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()),
        ("zeros.bin", vec![0xff; 1 << 20]),
        ("blank.json", vec![b' '; 1 << 20]),
        ("page.html", b"<script>alert(1)</script>".to_vec()),
        ("empty.json", Vec::new()),
    ] {
        Hostile::of(name, bytes).is_refused(&["xpected OTLP"]);
    }
}

/// Quotes and brackets in texts are text, and those that are missing cost no more than their record.
#[test]
fn text_that_looks_like_json() {
    let good = request("after", &span(9, 9, 0, ""));
    let mut lines = Vec::new();
    for wrong in [
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"unclosed]}]}]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"b"}]}]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name" "x"}]}]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[}]}]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"#,
        r#"}{"resourceSpans":[]}"#,
        r#"{"resourceSpans":[{]}"#,
        "\\",
        "\"",
    ] {
        lines.extend([wrong, &good]);
    }
    let ran = Hostile::of("json.jsonl", lines.join("\n")).is_read(&["json.jsonl: line 1 at byte ", "expected"]);
    assert_eq!(ran.counted("spans"), 1);
    assert!(ran.defects("record-skipped") >= 9);
}
