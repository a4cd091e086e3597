//! Telemetry as OTLP/JSON requests: where captures come from, and how their spans are walked.

use crate::common::fixtures;
use serde_json::{Deserializer, Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Requests of one capture, signal by signal, in their order.
#[derive(Clone, Default)]
pub(crate) struct Telemetry {
    pub(crate) traces: Vec<Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) metrics: Vec<Value>,
}

/// One span with what stands around it.
#[derive(Clone, Copy)]
pub(crate) struct Told<'t> {
    pub(crate) resource: &'t Value,
    pub(crate) scope: &'t Value,
    pub(crate) span: &'t Value,
}

impl Telemetry {
    /// A recorded capture, cut to the traces that `keep` wants, by their id and by whether a span in them failed.
    pub(crate) fn recorded(scenario: &str, keep: fn(&str, bool) -> bool) -> Self {
        let folder = fixtures().join("scenarios").join(scenario);
        let mut all = Self {
            traces: lines(&folder.join("candidate.traces.jsonl.zst")),
            logs: lines(&folder.join("candidate.logs.jsonl.zst")),
            metrics: Vec::new(),
        };
        let (mut ids, mut failed) = (BTreeSet::new(), BTreeSet::new());
        for told in all.told() {
            ids.insert(told.text("traceId").to_owned());
            if told.failed() {
                failed.insert(told.text("traceId").to_owned());
            }
        }
        ids.retain(|id| keep(id, failed.contains(id)));
        let wanted = |record: &Value| record["traceId"].as_str().is_none_or(|id| ids.contains(id));
        retain(&mut all.traces, ["resourceSpans", "scopeSpans", "spans"], wanted);
        retain(&mut all.logs, ["resourceLogs", "scopeLogs", "logRecords"], wanted);
        all
    }

    /// A story.
    pub(crate) fn story(name: &str) -> Self {
        let folder = fixtures().join("stories").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
        // A story may have come in several requests.
        let requests = |text: String| {
            let requests = Deserializer::from_str(&text).into_iter::<Value>();
            requests.map(|it| it.expect("a story is JSON")).collect::<Vec<_>>()
        };
        let [traces, logs] = ["traces.json", "logs.json"].map(|file| read(file).map(requests).unwrap_or_default());
        Self { traces, logs, metrics: Vec::new() }
    }

    /// Every request, traces first.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Value> {
        self.traces.iter().chain(&self.logs).chain(&self.metrics)
    }

    /// Every request, changed by `change`.
    pub(crate) fn map(&self, change: impl Fn(&mut Value)) -> Self {
        let mut changed = self.clone();
        let all = changed.traces.iter_mut().chain(&mut changed.logs).chain(&mut changed.metrics);
        all.for_each(change);
        changed
    }

    /// Every span.
    pub(crate) fn told(&self) -> Vec<Told<'_>> {
        let mut all = Vec::new();
        for block in self.traces.iter().flat_map(|request| list(&request["resourceSpans"])) {
            for scope in list(&block["scopeSpans"]) {
                let told = |span| Told { resource: &block["resource"], scope: &scope["scope"], span };
                all.extend(list(&scope["spans"]).iter().map(told));
            }
        }
        all
    }

    /// Changes every span; the second argument is its resource.
    pub(crate) fn change_spans(&mut self, mut change: impl FnMut(&mut Value, &mut Value)) {
        for block in self.traces.iter_mut().flat_map(|request| list_mut(&mut request["resourceSpans"])) {
            let mut resource = block["resource"].take();
            for scope in list_mut(&mut block["scopeSpans"]) {
                list_mut(&mut scope["spans"]).iter_mut().for_each(|span| change(span, &mut resource));
            }
            block["resource"] = resource;
        }
    }
}

impl<'t> Told<'t> {
    /// The text of a field; "" when it is not there.
    pub(crate) fn text(&self, field: &str) -> &'t str {
        self.span[field].as_str().unwrap_or_default()
    }

    /// A time in nanoseconds.
    pub(crate) fn nanos(&self, field: &str) -> u64 {
        self.text(field).parse().expect("a time")
    }

    /// The kind in lower case; "" when none is given.
    pub(crate) fn kind(&self) -> &'static str {
        let kinds = ["", "internal", "server", "client", "producer", "consumer"];
        kinds[usize::try_from(self.span["kind"].as_u64().unwrap_or(0)).expect("a kind")]
    }

    pub(crate) fn failed(&self) -> bool {
        self.span["status"]["code"] == 2
    }

    pub(crate) fn status_message(&self) -> &'t str {
        self.span["status"]["message"].as_str().unwrap_or_default()
    }

    /// The attributes of the span as plain JSON.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        plain(&self.span["attributes"])
    }

    /// The attributes of the resource as plain JSON.
    pub(crate) fn resource(&self) -> Map<String, Value> {
        plain(&self.resource["attributes"])
    }

    /// The name of the service.
    pub(crate) fn service(&self) -> String {
        self.resource()["service.name"].as_str().expect("a service has a name").to_owned()
    }

    /// Time, name and attributes of each event.
    pub(crate) fn events(&self) -> Vec<(u64, String, Map<String, Value>)> {
        let event = |event: &Value| {
            let time = event["timeUnixNano"].as_str().and_then(|digits| digits.parse().ok()).unwrap_or(0);
            (time, event["name"].as_str().unwrap_or_default().to_owned(), plain(&event["attributes"]))
        };
        list(&self.span["events"]).iter().map(event).collect()
    }

    /// Trace id and span id of each link.
    pub(crate) fn links(&self) -> Vec<(&'t str, &'t str)> {
        let id = |link: &'t Value, field: &str| link[field].as_str().unwrap_or_default();
        list(&self.span["links"]).iter().map(|link| (id(link, "traceId"), id(link, "spanId"))).collect()
    }
}

/// The elements of an array; none of anything else.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The elements of an array, to be changed.
pub(crate) fn list_mut(value: &mut Value) -> &mut [Value] {
    value.as_array_mut().map_or(&mut [], Vec::as_mut_slice)
}

/// Names and values of attributes as plain JSON.
pub(crate) fn plain(attributes: &Value) -> Map<String, Value> {
    let name = |pair: &Value| pair["key"].as_str().expect("an attribute has a key").to_owned();
    list(attributes).iter().map(|pair| (name(pair), plain_value(&pair["value"]))).collect()
}

fn plain_value(any: &Value) -> Value {
    let Some((kind, content)) = any.as_object().and_then(|any| any.iter().next()) else { return Value::Null };
    match (kind.as_str(), content.as_str()) {
        ("intValue", Some(digits)) => json!(digits.parse::<i64>().expect("digits")),
        ("arrayValue", _) => list(&content["values"]).iter().map(plain_value).collect(),
        ("kvlistValue", _) => Value::Object(plain(&content["values"])),
        _ => content.clone(),
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let packed = fs::read(file).expect("the capture");
    let text = String::from_utf8(zstd::decode_all(&packed[..]).expect("zstd")).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a request on each line")).collect()
}

/// Keeps the records that are wanted, and what holds any.
fn retain(requests: &mut Vec<Value>, path: [&str; 3], wanted: impl Fn(&Value) -> bool) {
    let keep = |around: &mut Value, field: &str, wanted: &mut dyn FnMut(&mut Value) -> bool| {
        let all = around[field].as_array_mut().expect("an array");
        all.retain_mut(wanted);
        !all.is_empty()
    };
    requests.retain_mut(|request| {
        keep(request, path[0], &mut |block| {
            keep(block, path[1], &mut |scope| keep(scope, path[2], &mut |record| wanted(record)))
        })
    });
}

/// A request with one gauge: the captures hold none.
pub(crate) fn metrics(number: u64) -> Value {
    let point = json!({"timeUnixNano": "1795313234464159909", "asInt": number.to_string()});
    json!({"resourceMetrics": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cartservice"}}]},
        "scopeMetrics": [{"scope": {"name": "runtime"}, "metrics": [{"name": "carts.open", "gauge": {"dataPoints": [point]}}]}],
    }]})
}
