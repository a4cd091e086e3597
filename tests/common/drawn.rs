//! Windows of drawn traces: many copies of a few small traces, written as OTLP/JSON.
//!
//! ```text
//! What the story shows.
//!
//! == trace refused
//! frontend | POST /checkout | server | 0..90 | error
//!   frontend | Charge | client | 5..80 | error | rpc.service=Payment
//!     payment | Charge | server | 10..70 | error | exception=CardError: declined
//!
//! == baseline
//! 100 fine
//! == candidate
//! 90 fine
//! 10 refused
//! ```
//!
//! Times are milliseconds from the start of the trace. `exception=Type: message` is a span event, `log=Type: message` a log
//! record of severity ERROR, `record=text` one without an exception, `event=name` a span event; everything else is an attribute, a number where it is one. `{n}` in a line is the number of the copy.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The windows of one story.
pub(crate) struct Drawn {
    /// What comes before the first heading.
    pub(crate) about: String,
    traces: BTreeMap<String, Vec<String>>,
    windows: BTreeMap<String, Vec<(u64, String)>>,
}

/// The start of the first trace of each window, nanoseconds since 1970: 2026-11-22T10:00:00Z.
const START: u64 = 1_795_341_600_000_000_000;

impl Drawn {
    pub(crate) fn parse(text: &str) -> Self {
        let mut drawn = Self { about: String::new(), traces: BTreeMap::new(), windows: BTreeMap::new() };
        let mut section = String::new();
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("== ") {
                section = heading.trim().to_owned();
                if !section.starts_with("trace ") {
                    drawn.windows.insert(section.clone(), Vec::new());
                }
            } else if line.trim().is_empty() || section.is_empty() {
                drawn.about += line.trim();
            } else if let Some(name) = section.strip_prefix("trace ") {
                drawn.traces.entry(name.to_owned()).or_default().push(line.to_owned());
            } else {
                let (times, name) = line.trim().split_once(' ').expect("a number of copies and a name");
                let copies = (times.parse().expect("a number of copies"), name.trim().to_owned());
                drawn.windows.get_mut(&section).expect("a window").push(copies);
            }
        }
        drawn
    }

    /// The window as documents of traces and logs.
    pub(crate) fn window(&self, name: &str) -> Vec<u8> {
        let mut lines = Vec::new();
        let mut number = 0;
        for (times, trace) in self.windows.get(name).map(Vec::as_slice).unwrap_or_default() {
            let drawing = self.traces.get(trace).unwrap_or_else(|| panic!("there is no trace {trace}"));
            for copy in 0..*times {
                number += 1;
                lines.extend(written(drawing, name, number, copy));
            }
        }
        lines.join("\n").into_bytes()
    }
}

fn written(drawing: &[String], window: &str, number: u64, copy: u64) -> Vec<String> {
    let side = if window == "baseline" { 1 } else { 2 };
    let trace_id = format!("{side:016x}{number:016x}");
    let start = START + side * 3_600_000_000_000 + number * 50_000_000;
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut requests = Vec::new();
    for (place, line) in drawing.iter().enumerate() {
        let depth = line.len() - line.trim_start().len();
        let line = line.replace("{n}", &copy.to_string());
        let mut parts = line.trim().split(" | ");
        let mut next = || parts.next().unwrap_or_else(|| panic!("a part is missing in {line}")).trim().to_owned();
        let (service, name, kind, time) = (next(), next(), next(), next());
        let (from, to) = time.split_once("..").expect("a time as 0..90");
        let at = |ms: &str| start + (ms.parse::<f64>().expect("milliseconds") * 1e6) as u64;
        above.retain(|&(of, _)| of < depth);
        let span_id = format!("{:016x}", number * 1000 + place as u64 + 1);
        let parent = above.last().map(|(_, id)| id.clone()).unwrap_or_default();
        above.push((depth, span_id.clone()));
        let mut span = json!({
            "traceId": trace_id, "spanId": span_id, "parentSpanId": parent, "name": name, "kind": kind_number(&kind),
            "startTimeUnixNano": at(from).to_string(), "endTimeUnixNano": at(to).to_string(), "status": {},
        });
        let (mut attributes, mut events, mut logs): (Vec<Value>, Vec<Value>, Vec<Value>) = Default::default();
        for part in parts {
            match part.trim().split_once('=') {
                Some(("exception", told)) => events.push(json!({
                    "timeUnixNano": at(to).to_string(), "name": "exception", "attributes": exception(told),
                })),
                Some(("log", told)) => logs.push(json!({
                    "timeUnixNano": at(to).to_string(), "severityNumber": 17, "traceId": trace_id, "spanId": span_id,
                    "body": {"stringValue": told}, "attributes": exception(told),
                })),
                Some(("event", name)) => events.push(json!({"timeUnixNano": at(to).to_string(), "name": name})),
                Some(("record", told)) => logs.push(json!({
                    "timeUnixNano": at(to).to_string(), "severityNumber": 17, "traceId": trace_id, "spanId": span_id,
                    "body": {"stringValue": told},
                })),
                Some((key, value)) => attributes.push(attribute(key, value)),
                None if part.trim() == "error" => span["status"] = json!({"code": 2}),
                None if part.trim() == "ok" => span["status"] = json!({"code": 1}),
                None => panic!("{part} is neither a status nor key=value"),
            }
        }
        span["attributes"] = attributes.into();
        span["events"] = events.into();
        let resource = json!({"attributes": [attribute("service.name", &service)]});
        let spans = json!([{"resource": resource, "scopeSpans": [{"spans": [span]}]}]);
        requests.push(json!({"resourceSpans": spans}).to_string());
        if !logs.is_empty() {
            let logs = json!([{"resource": resource, "scopeLogs": [{"logRecords": logs}]}]);
            requests.push(json!({"resourceLogs": logs}).to_string());
        }
    }
    requests
}

fn kind_number(kind: &str) -> u64 {
    match kind {
        "internal" => 1,
        "server" => 2,
        "client" => 3,
        "producer" => 4,
        "consumer" => 5,
        other => panic!("{other} is no kind of span"),
    }
}

fn exception(told: &str) -> Vec<Value> {
    let (kind, message) = told.split_once(": ").unwrap_or((told, ""));
    vec![attribute("exception.type", kind), attribute("exception.message", message)]
}

fn attribute(key: &str, value: &str) -> Value {
    match value.parse::<i64>() {
        Ok(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
        Err(_) => json!({"key": key, "value": {"stringValue": value}}),
    }
}
