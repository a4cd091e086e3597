//! Times that are none, or of another age.

use crate::input::Hostile;
use crate::otlp::request;

const WRONG: [&str; 22] = [
    "0",
    "-1",
    "1",
    "1.5",
    "1e18",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    r#""99999999999999999999999999999""#,
    r#""-5""#,
    r#""NaN""#,
    r#""""#,
    r#""2026-01-01T00:00:00Z""#,
    "null",
    "true",
    "[1]",
    "{}",
    "9223372036854775807",
];

#[test]
fn of_spans_and_logs() {
    let mut lines = String::new();
    let mut id = 0;
    for start in WRONG {
        for end in WRONG {
            id += 1;
            let span = format!(
                r#"{{"traceId":"{:032x}","spanId":"{id:016x}","parentSpanId":"{:016x}","name":"x","kind":2,"startTimeUnixNano":{start},"endTimeUnixNano":{end},"status":{{"code":2}}}}"#,
                id / 7 + 1,
                (id / 2) * u64::from(id % 7 != 0)
            );
            lines += &request("times", &span);
            lines.push('\n');
        }
    }
    let file = Hostile::of("times.jsonl", lines);
    let ran = file.is_read(&["times.jsonl: line ", "a field of a span left out: expected a whole number"]);
    assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (id, 0));
    assert!(ran.defects("negative-duration") > 0 && ran.defects("record-mended") > 0);
}

#[test]
fn of_foreign_spans() {
    let zipkin: Vec<String> = (1..).zip(WRONG).map(|(id, time)| {
        format!(r#"{{"traceId":"1","id":"{id:x}","name":"x","timestamp":{time},"duration":{time},"annotations":[{{"timestamp":{time},"value":"x"}}]}}"#)
    }).collect();
    let late = "the time of a span left out: expected microseconds before the year 2554";
    let ran = Hostile::of("zipkin.json", format!("[{}]", zipkin.join(","))).is_read(&[
        "zipkin.json: line 1 at byte ",
        "the time of a span left out: expected a whole number",
        late,
    ]);
    assert_eq!(ran.counted("spans"), WRONG.len() as u64);
    let xray: Vec<String> = (1..).zip(WRONG).map(|(id, time)| {
        format!(r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"{id:x}","name":"x","start_time":{time},"end_time":{time}}}"#)
    }).collect();
    let ran = Hostile::of("xray.json", xray.join("\n"))
        .is_read(&["xray.json: line ", "the time of a span left out: expected a time in seconds"]);
    assert_eq!(ran.counted("spans"), WRONG.len() as u64);
    let jaeger: Vec<String> = (1..)
        .zip(WRONG)
        .map(|(id, time)| {
            format!(r#"{{"traceID":"1","spanID":"{id:x}","operationName":"x","startTime":{time},"duration":{time}}}"#)
        })
        .collect();
    let jaeger = format!(r#"{{"data":[{{"traceID":"1","spans":[{}],"processes":{{}}}}]}}"#, jaeger.join(","));
    let ran = Hostile::of("jaeger.json", jaeger).is_read(&["jaeger.json: ", late]);
    assert_eq!(ran.counted("spans"), WRONG.len() as u64);
}

/// Clocks that differ by the whole range that there is.
#[test]
fn callers_and_callees_of_different_ages() {
    let mut spans = Vec::new();
    for (id, start, end) in [(1, 1, u64::MAX), (2, u64::MAX, u64::MAX), (3, 1, 2), (4, u64::MAX, 1), (5, 1 << 63, 1)] {
        for (half, kind, start) in [(0, 3, start), (1, 2, u64::MAX - start)] {
            let id = 2 * id + half;
            spans.push(format!(
                r#"{{"traceId":"{:032x}","spanId":"{id:016x}","parentSpanId":"{:016x}","name":"x","kind":{kind},"startTimeUnixNano":"{start}","endTimeUnixNano":"{end}"}}"#,
                1,
                id - 1
            ));
        }
    }
    let lines: Vec<String> = (0..).zip(&spans).map(|(place, span)| request(&format!("s{place}"), span)).collect();
    let ran = Hostile::of("ages.jsonl", lines.join("\n")).is_read(&[]);
    assert_eq!(ran.counted("spans"), 10);
    assert!(ran.defects("clock-skew-beyond-bound") > 0);
}
