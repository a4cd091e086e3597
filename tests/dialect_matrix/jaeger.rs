//! Traces as Jaeger's query service and UI write them, made of spans as the collector's translator does it.

use crate::telemetry::{Telemetry, Told};
use crate::zipkin::as_text;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which generation of writers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// As it is written today.
    Now,
    /// Names of events in `message`, parents in `parentSpanID`, the process beside each span, ids without leading zeros.
    Before,
}

/// Each trace as text: `{"traceID":..,"spans":[..],"processes":{..},"warnings":null}`.
pub(crate) fn traces(telemetry: &Telemetry, age: Age) -> Vec<String> {
    let mut traces: BTreeMap<&str, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let told = telemetry.told();
    for told in &told {
        let (spans, processes) = traces.entry(told.text("traceId")).or_default();
        let process = process(told);
        let mut written = span(told, age);
        if age == Age::Before {
            written["process"] = process;
        } else {
            let known = processes.iter().position(|known| *known == process);
            let place = known.unwrap_or_else(|| {
                processes.push(process);
                processes.len() - 1
            });
            written["processID"] = json!(format!("p{}", place + 1));
        }
        spans.push(written);
    }
    let text = |(id, (spans, processes)): (&str, (Vec<Value>, Vec<Value>))| {
        let processes: Map<String, Value> =
            (1..).zip(processes).map(|(number, process)| (format!("p{number}"), process)).collect();
        let (spans, processes) = (Value::Array(spans), Value::Object(processes));
        format!(r#"{{"traceID":"{id}","spans":{spans},"processes":{processes},"warnings":null}}"#)
    };
    traces.into_iter().map(text).collect()
}

/// The answer of the query service that holds these traces.
pub(crate) fn answer(traces: &[String]) -> String {
    format!(r#"{{"data":[{}],"total":0,"limit":0,"offset":0,"errors":null}}"#, traces.join(","))
}

/// Where a stored span has its tags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tags {
    /// As pairs, whose values are texts of whatever type.
    Pairs,
    /// With `es.tags-as-fields.all`: as members of an object, with `@` for each dot.
    Fields,
}

/// Each span as it is stored in Elasticsearch: with its process inside it, and by itself.
pub(crate) fn stored(telemetry: &Telemetry, tags: Tags) -> Vec<Value> {
    let stored = |told: &Told<'_>| {
        let mut written = span(told, Age::Now);
        written.as_object_mut().expect("a span").remove("warnings");
        written["startTimeMillis"] = json!(written["startTime"].as_u64().expect("a time") / 1000);
        written["process"] = process(told);
        for place in ["", "/process"] {
            let holder = written.pointer_mut(place).expect("a span with a process");
            let pairs: Vec<Value> = holder["tags"].as_array().expect("tags").clone();
            if tags == Tags::Fields {
                let field = |pair: &Value| (as_text(&pair["key"]).replace('.', "@"), pair["value"].clone());
                holder["tag"] = Value::Object(pairs.iter().map(field).collect());
                holder["tags"] = json!([]);
            } else {
                let with_text = |mut pair: Value| {
                    pair["value"] = json!(as_text(&pair["value"]));
                    pair
                };
                holder["tags"] = pairs.into_iter().map(with_text).collect();
            }
        }
        written
    };
    telemetry.told().iter().map(stored).collect()
}

/// The answer of Elasticsearch that holds these spans.
pub(crate) fn hits(spans: &[Value]) -> Value {
    let hits: Vec<Value> = spans.iter().map(hit).collect();
    json!({"took": 3, "timed_out": false, "hits": {"total": {"value": hits.len(), "relation": "eq"}, "hits": hits}})
}

/// A span as Elasticsearch wraps it in answers, and tools that copy an index on lines.
pub(crate) fn hit(span: &Value) -> Value {
    json!({"_index": "jaeger-span-2025-11-22", "_id": "1", "_score": 1.0, "_source": span})
}

fn process(told: &Told<'_>) -> Value {
    let mut tags = told.resource();
    tags.remove("service.name");
    json!({"serviceName": told.service(), "tags": pairs(tags)})
}

fn span(told: &Told<'_>, age: Age) -> Value {
    let mut tags = pairs(told.attributes());
    if let Some(scope) = told.scope["name"].as_str() {
        tags.insert(0, tag("otel.scope.name", scope));
    }
    if !told.kind().is_empty() {
        tags.push(tag("span.kind", told.kind()));
    }
    if let Some(code @ 1..) = told.span["status"]["code"].as_u64() {
        tags.push(tag("otel.status_code", if code == 1 { "OK" } else { "ERROR" }));
    }
    if told.failed() {
        tags.push(json!({"key": "error", "type": "bool", "value": true}));
    }
    if !told.status_message().is_empty() {
        tags.push(tag("otel.status_description", told.status_message()));
    }
    let start = told.nanos("startTimeUnixNano");
    let mut written = json!({
        "traceID": told.text("traceId"), "spanID": told.text("spanId"), "operationName": told.text("name"),
        "startTime": start / 1000, "duration": (told.nanos("endTimeUnixNano") - start) / 1000, "tags": tags,
        "logs": logs(told, age), "references": references(told, age), "warnings": null,
    });
    if age == Age::Before {
        let short = |field: &str| json!(told.text(field).trim_start_matches('0'));
        (written["traceID"], written["spanID"]) = (short("traceId"), short("spanId"));
        if !told.text("parentSpanId").is_empty() {
            written["parentSpanID"] = short("parentSpanId");
        }
    }
    written
}

fn references(told: &Told<'_>, age: Age) -> Vec<Value> {
    let reference =
        |kind: &str, (trace, span): (&str, &str)| json!({"refType": kind, "traceID": trace, "spanID": span});
    let parent = Some(told.text("parentSpanId")).filter(|parent| age == Age::Now && !parent.is_empty());
    let parent = parent.map(|parent| reference("CHILD_OF", (told.text("traceId"), parent)));
    parent.into_iter().chain(told.links().into_iter().map(|link| reference("FOLLOWS_FROM", link))).collect()
}

fn logs(told: &Told<'_>, age: Age) -> Vec<Value> {
    let log = |(time, name, attributes): (u64, String, Map<String, Value>)| {
        let mut fields = pairs(attributes);
        fields.insert(0, tag(if age == Age::Now { "event" } else { "message" }, &name));
        json!({"timestamp": time / 1000, "fields": fields})
    };
    told.events().into_iter().map(log).collect()
}

fn tag(key: &str, text: &str) -> Value {
    json!({"key": key, "type": "string", "value": text})
}

fn pairs(attributes: Map<String, Value>) -> Vec<Value> {
    let pair = |(key, value): (String, Value)| match &value {
        Value::Bool(_) => json!({"key": key, "type": "bool", "value": value}),
        Value::Number(number) if number.is_f64() => json!({"key": key, "type": "float64", "value": value}),
        Value::Number(_) => json!({"key": key, "type": "int64", "value": value}),
        Value::String(text) => tag(&key, text),
        structure => tag(&key, &structure.to_string()),
    };
    attributes.into_iter().map(pair).collect()
}
