//! Any spans and log events through the whole house, decoded from bytes a few bits at a time so that ids collide.

use std::fmt::Write;
use whyspan::capture::Capture;
use whyspan::read::options::ReadOptions;
use whyspan::report::{json, terminal};

const TEXTS: [&str; 8] = [
    "",
    "store is gone",
    "order failed: store is gone",
    "context deadline exceeded",
    "13 INTERNAL: connect ECONNREFUSED 127.0.0.1:80",
    "AbortError",
    "\\u001b[31m\\u202e<b>",
    "Traceback (most recent call last):\\n  File \\\"/app/a.py\\\", line 3, in f\\nValueError: x",
];

/// Six bytes make a span, with an exception, a link, a flag and a log record now and then, of one of two versions of a service.
fn request(bytes: &[u8]) -> (String, String) {
    let (mut spans, mut logs) = (String::new(), String::new());
    for six in bytes.chunks_exact(6) {
        let [a, b, c, d, e, f] = [six[0], six[1], six[2], six[3], six[4], six[5]].map(u32::from);
        let text = TEXTS[(f % 8) as usize];
        let start = 1_790_000_000_000 + u64::from(c) * 3;
        let end = start + u64::from(d) - 20;
        let exception = format!(
            "{{\"key\":\"exception.type\",\"value\":{{\"stringValue\":\"E\"}}}},{{\"key\":\"exception.message\",\"value\":{{\"stringValue\":\"{text}\"}}}},\
             {{\"key\":\"exception.stacktrace\",\"value\":{{\"stringValue\":\"{text}\"}}}}"
        );
        let mut events = Vec::new();
        if f & 8 != 0 {
            events.push(format!("{{\"name\":\"exception\",\"attributes\":[{exception}]}}"));
        }
        if f & 64 != 0 {
            events.push(format!(
                "{{\"name\":\"feature_flag.evaluation\",\"attributes\":[{{\"key\":\"feature_flag.key\",\"value\":{{\"stringValue\":\"f{}\"}}}},\
                 {{\"key\":\"feature_flag.result.variant\",\"value\":{{\"stringValue\":\"{}\"}}}}]}}",
                c % 3,
                if d & 1 == 0 { "on" } else { "off" }
            ));
        }
        let events = events.join(",");
        let link = if f & 32 != 0 {
            format!("{{\"traceId\":\"{:032x}\",\"spanId\":\"{:016x}\"}}", 1 + (d >> 6), 1 + b % 32)
        } else {
            String::new()
        };
        let version = 1 + (f >> 7);
        let comma = if spans.is_empty() { "" } else { "," };
        let _ = write!(
            spans,
            "{comma}{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"s{}\"}}}},\
             {{\"key\":\"service.version\",\"value\":{{\"stringValue\":\"{version}\"}}}},\
             {{\"key\":\"host.name\",\"value\":{{\"stringValue\":\"h{version}\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{{\
             \"traceId\":\"{:032x}\",\"spanId\":\"{:016x}\",\"parentSpanId\":\"{:016x}\",\"name\":\"n{}\",\"kind\":{},\
             \"startTimeUnixNano\":\"{start}000000\",\"endTimeUnixNano\":\"{end}000000\",\"status\":{{\"code\":{},\"message\":\"{text}\"}},\
             \"attributes\":[{{\"key\":\"rpc.grpc.status_code\",\"value\":{{\"intValue\":\"{}\"}}}},{{\"key\":\"db.system\",\"value\":{{\"stringValue\":\"{}\"}}}}],\
             \"events\":[{events}],\"links\":[{link}]}}]}}]}}",
            e % 4,
            1 + (a >> 6),
            1 + a % 32,
            b % 40,
            e % 3,
            (e >> 2) % 6,
            (e >> 5) % 3,
            d % 17,
            if c & 1 == 0 { "redis" } else { "" },
        );
        if f & 16 != 0 {
            let comma = if logs.is_empty() { "" } else { "," };
            let _ = write!(
                logs,
                "{comma}{{\"traceId\":\"{:032x}\",\"spanId\":\"{:016x}\",\"severityNumber\":{},\"attributes\":[{exception}]}}",
                1 + (a >> 6),
                1 + b % 32,
                f % 24,
            );
        }
    }
    (
        format!("{{\"resourceSpans\":[{spans}]}}"),
        format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{logs}]}}]}}]}}"),
    )
}

/// Any spans and log events through the whole house.
pub(crate) fn analyze(bytes: &[u8]) {
    let (spans, logs) = request(bytes);
    let read = |threads, memory| {
        let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, memory);
        capture.read_bytes("spans", spans.as_bytes());
        capture.read_bytes("logs", logs.as_bytes());
        capture.into_evidence()
    };
    let evidence = read(1, u64::MAX);
    let text = terminal::render(&evidence, 80).expect("a string takes everything");
    assert!(!text.contains('\u{202e}') && !text.contains("\u{1b}[31m<"), "steering text reached the report");
    let window = &evidence.windows.candidate;
    assert!(window.failing_traces <= window.traces);
    for cause in &evidence.root_causes {
        assert!((0.0..=1.0).contains(&cause.share_of_failing));
        assert!(cause.traces.fatal + cause.traces.absorbed <= cause.traces.candidate);
        assert!(cause.entry_points.iter().all(|entry| entry.failing <= entry.total));
    }
    let text = json::to_json(&evidence).expect("the evidence is JSON");
    // Through the disk, which is slow, now and then.
    if bytes.first().is_some_and(|byte| byte % 16 == 0) {
        assert_eq!(json::to_json(&read(2, 0)).expect("the evidence is JSON"), text);
    }
}
