//! One line of a drawn trace as a span, with what it says besides.
//!
//! ```text
//! payment | Charge | server | 10..70 | error | exception=CardError: declined | flag=newCards:on | app.amount=12
//! ```
//!
//! Times are milliseconds from the start of the trace. `error` and `ok` are statuses, `exception=Type: message` a span event,
//! `log=Type: message` a log record of severity ERROR. Evaluations of flags are `flag=key:variant` as a span event, `old-flag`
//! as one of the old name, `flag-span` a child span, `flag-log` a log record, `flag-attribute` attributes of the span.
//! `linked` makes the span the root of another trace, with a link to what would be its parent. Everything else is an attribute,
//! a number where it is one.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which copy of a trace this is, and where it goes.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// 1 for the baseline, else 2.
    pub(crate) side: u64,
    /// Among all traces of its window, from 1.
    pub(crate) number: u64,
    /// Among the copies of one line, from 0.
    pub(crate) copy: u64,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
}

/// The requests of one trace.
pub(crate) fn written(drawing: &[String], processes: &BTreeMap<String, Vec<String>>, place: Place) -> Vec<String> {
    let Place { side, number, copy, start } = place;
    let mut above: Vec<(usize, String, String)> = Vec::new();
    let mut requests = Vec::new();
    for (line_number, line) in drawing.iter().enumerate() {
        let depth = line.len() - line.trim_start().len();
        let line = numbered(line, copy);
        let mut parts = line.trim().split(" | ");
        let mut next = || parts.next().unwrap_or_else(|| panic!("a part is missing in {line}")).trim().to_owned();
        let (process, name, kind, time) = (next(), next(), next(), next());
        let (from, to) = time.split_once("..").expect("a time as 0..90");
        let at = |ms: &str| start + (ms.parse::<f64>().expect("milliseconds") * 1e6) as u64;
        above.retain(|&(of, ..)| of < depth);
        let span_id = format!("{:016x}", number * 1000 + line_number as u64 + 1);
        let is_linked = line.split(" | ").any(|part| part.trim() == "linked");
        let (_, mut trace_id, mut parent) = above.last().cloned().unwrap_or_default();
        if trace_id.is_empty() {
            trace_id = format!("{side:016x}{number:016x}");
        }
        let mut links = Vec::new();
        if is_linked {
            links.push(json!({"traceId": trace_id, "spanId": parent}));
            trace_id = format!("{:016x}{number:016x}", side + 16 * (1 + line_number as u64));
            parent.clear();
        }
        above.push((depth, trace_id.clone(), span_id.clone()));
        let mut span = json!({
            "traceId": trace_id, "spanId": span_id, "parentSpanId": parent, "name": name, "kind": kind_number(&kind),
            "startTimeUnixNano": at(from).to_string(), "endTimeUnixNano": at(to).to_string(), "status": {},
            "links": links,
        });
        let (mut attributes, mut events, mut logs): (Vec<Value>, Vec<Value>, Vec<Value>) = Default::default();
        let mut children = Vec::new();
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
                Some(("flag", told)) => events.push(json!({
                    "timeUnixNano": at(from).to_string(), "name": EVALUATION, "attributes": evaluation(told),
                })),
                Some(("old-flag", told)) => events.push(json!({
                    "timeUnixNano": at(from).to_string(), "name": "feature_flag", "attributes": old_evaluation(told),
                })),
                Some(("flag-span", told)) => children.push(json!({
                    "traceId": trace_id, "spanId": format!("{:016x}", number * 1000 + 900 + line_number as u64),
                    "parentSpanId": span_id, "name": EVALUATION, "kind": 1, "startTimeUnixNano": at(from).to_string(),
                    "endTimeUnixNano": (at(from) + 50_000).to_string(), "status": {}, "attributes": evaluation(told),
                })),
                Some(("flag-log", told)) => logs.push(json!({
                    "timeUnixNano": at(from).to_string(), "eventName": EVALUATION, "traceId": trace_id, "spanId": span_id,
                    "attributes": evaluation(told),
                })),
                Some(("flag-attribute", told)) => attributes.extend(evaluation(told)),
                Some((key, value)) => attributes.push(attribute(key, value)),
                None if part.trim() == "error" => span["status"] = json!({"code": 2}),
                None if part.trim() == "linked" => {}
                None if part.trim() == "ok" => span["status"] = json!({"code": 1}),
                None => panic!("{part} is neither a status nor key=value"),
            }
        }
        span["attributes"] = attributes.into();
        span["events"] = events.into();
        let resource = resource(&process, processes, copy);
        let spans: Vec<Value> = [span].into_iter().chain(children).collect();
        requests.push(request("resourceSpans", json!([{"resource": resource, "scopeSpans": [{"spans": spans}]}])));
        if !logs.is_empty() {
            requests
                .push(request("resourceLogs", json!([{"resource": resource, "scopeLogs": [{"logRecords": logs}]}])));
        }
    }
    requests
}

const EVALUATION: &str = "feature_flag.evaluation";

fn request(signal: &str, blocks: Value) -> String {
    json!({ signal: blocks }).to_string()
}

/// Puts the number of the copy in, and what is left of it where a divisor is named.
fn numbered(line: &str, copy: u64) -> String {
    let mut line = line.replace("{n}", &copy.to_string());
    while let Some((before, rest)) = line.split_once("{n mod ") {
        let (divisor, after) = rest.split_once('}').expect("a } after {n mod");
        let left = copy % divisor.parse::<u64>().expect("a divisor");
        line = format!("{before}{left}{after}");
    }
    line
}

fn resource(process: &str, processes: &BTreeMap<String, Vec<String>>, copy: u64) -> Value {
    let described = processes.get(process);
    let attributes = match described {
        None => vec![attribute("service.name", process)],
        Some(lines) => {
            let pair = |line: &String| {
                let line = numbered(line, copy);
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line} is not key=value"));
                attribute(key, value)
            };
            lines.iter().map(pair).collect()
        }
    };
    json!({ "attributes": attributes })
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

fn flag(told: &str) -> (&str, &str) {
    told.split_once(':').unwrap_or_else(|| panic!("{told} is not key:variant"))
}

fn evaluation(told: &str) -> Vec<Value> {
    let (key, variant) = flag(told);
    vec![
        attribute("feature_flag.key", key),
        attribute("feature_flag.provider.name", "flagd"),
        attribute("feature_flag.result.variant", variant),
    ]
}

fn old_evaluation(told: &str) -> Vec<Value> {
    let (key, variant) = flag(told);
    vec![
        attribute("feature_flag.key", key),
        attribute("feature_flag.provider_name", "flagd"),
        attribute("feature_flag.variant", variant),
    ]
}

fn attribute(key: &str, value: &str) -> Value {
    match value.parse::<i64>() {
        Ok(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
        Err(_) => json!({"key": key, "value": {"stringValue": value}}),
    }
}
