//! A story's telemetry, and the ways in which it is hurt before it is looked at again.
//!
//! | hurt | what is done |
//! | --- | --- |
//! | as it was | each request twice, with other trace ids |
//! | a span lost | each span in turn is left out, but those of the root causes |
//! | a service without spans | each service in turn, but those of the root causes |
//! | a clock ahead | each service's clock in turn is 250 ms ahead |
//! | no exceptions | events of spans and log records are left out |
//! | no words | status messages and error texts are left out as well |

use crate::common::evidence_of_bytes;
use crate::common::truth::Truths;
use serde_json::{Deserializer, Value};
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use whyspan::judge::evidence::Evidence;

/// Documents of traces and of logs.
#[derive(Clone)]
pub(crate) struct Telemetry {
    traces: Vec<Value>,
    logs: Vec<Value>,
}

/// The ways to hurt, in the order of the page.
pub(crate) const HURTS: [&str; 6] =
    ["as it was", "a span lost", "a service without spans", "a clock ahead", "no exceptions", "no words"];

/// By how much a clock is ahead, in nanoseconds.
const AHEAD: u64 = 250_000_000;

/// Attributes that say in words what went wrong.
const WORDS: [&str; 5] =
    ["grpc.error_message", "grpc.error_name", "error.message", "exception.message", "error.object"];

fn documents(path: &Path) -> Vec<Value> {
    let Ok(text) = fs::read(path) else { return Vec::new() };
    Deserializer::from_slice(&text).into_iter().map(|it| it.expect("JSON")).collect()
}

fn items<'v>(value: &'v mut Value, key: &str) -> Vec<&'v mut Value> {
    value.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn service_of(resource_spans: &Value) -> String {
    let attributes = resource_spans["resource"]["attributes"].as_array();
    let name = attributes.into_iter().flatten().find(|it| it["key"] == "service.name");
    name.map(|it| text(&it["value"], "stringValue").to_owned()).unwrap_or_default()
}

impl Telemetry {
    pub(crate) fn read(folder: &Path) -> Self {
        Self { traces: documents(&folder.join("traces.json")), logs: documents(&folder.join("logs.json")) }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        self.evidence_of_copies(1)
    }

    /// All ways of one hurt, each as the evidence of two such requests: what was seen once never has high
    /// confidence.
    pub(crate) fn hurt(&self, hurt: &str, truths: &Truths) -> Vec<Evidence> {
        let hurt: Vec<Self> = match hurt {
            "as it was" => vec![self.clone()],
            "a span lost" => self.each_span_lost(truths),
            "a service without spans" => {
                let known = |service: &&String| !truths.causes.iter().any(|truth| truth.service == **service);
                self.services().iter().filter(known).map(|service| self.without_service(service)).collect()
            }
            "a clock ahead" => {
                let services = self.services();
                let several = services.iter().filter(|_| services.len() > 1);
                several.map(|service| self.with_clock_ahead(service)).collect()
            }
            "no exceptions" => vec![self.without_exceptions()],
            "no words" => vec![self.without_words()],
            other => panic!("nobody knows how to hurt by `{other}`"),
        };
        hurt.into_iter().map(|it| it.evidence_of_copies(2)).collect()
    }

    fn services(&self) -> BTreeSet<String> {
        let resources = self.traces.iter().flat_map(|it| it["resourceSpans"].as_array().into_iter().flatten());
        resources.map(service_of).collect()
    }

    /// Calls `change` with each span and its service; a span for which it answers false is left out.
    fn changed(&self, mut change: impl FnMut(&str, &mut Value) -> bool) -> Self {
        let mut changed = self.clone();
        for document in &mut changed.traces {
            for resource in items(document, "resourceSpans") {
                let service = service_of(resource);
                for scope in items(resource, "scopeSpans") {
                    if let Some(spans) = scope.get_mut("spans").and_then(Value::as_array_mut) {
                        spans.retain_mut(|span| change(&service, span));
                    }
                }
            }
        }
        changed
    }

    fn each_span_lost(&self, truths: &Truths) -> Vec<Self> {
        let mut others = Vec::new();
        self.changed(|service, span| {
            let name = text(span, "name").to_owned();
            let is_told_of = truths.causes.iter().any(|it| it.service == service && it.places.contains(&name));
            others.push(!is_told_of);
            true
        });
        let lost = |number: usize| {
            let mut at = 0;
            self.changed(|_, _| {
                at += 1;
                at - 1 != number
            })
        };
        (0..others.len()).filter(|&number| others[number] && others.len() > 1).map(lost).collect()
    }

    fn without_service(&self, service: &str) -> Self {
        let mut changed = self.changed(|of, _| of != service);
        for document in &mut changed.logs {
            if let Some(logs) = document.get_mut("resourceLogs").and_then(Value::as_array_mut) {
                logs.retain(|logs| service_of(logs) != service);
            }
        }
        changed
    }

    fn with_clock_ahead(&self, service: &str) -> Self {
        self.changed(|of, span| {
            if of == service {
                for key in ["startTimeUnixNano", "endTimeUnixNano"] {
                    let time: u64 = text(span, key).parse().expect("a time");
                    span[key] = Value::String((time + AHEAD).to_string());
                }
            }
            true
        })
    }

    fn without_exceptions(&self) -> Self {
        let mut changed = self.changed(|_, span| {
            span.as_object_mut().expect("a span").remove("events");
            true
        });
        changed.logs.clear();
        changed
    }

    fn without_words(&self) -> Self {
        self.without_exceptions().changed(|_, span| {
            if let Some(status) = span.get_mut("status").and_then(Value::as_object_mut) {
                status.remove("message");
            }
            if let Some(attributes) = span.get_mut("attributes").and_then(Value::as_array_mut) {
                attributes.retain(|it| !WORDS.contains(&text(it, "key")));
            }
            true
        })
    }

    fn evidence_of_copies(&self, copies: u32) -> Evidence {
        let files = self.copies(0..copies);
        evidence_of_bytes(&files.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// The traces that a story has spans of.
    pub(crate) fn trace_ids(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        self.changed(|_, span| {
            ids.insert(text(span, "traceId").to_owned());
            true
        });
        ids
    }

    /// Only some of the traces, and their records.
    pub(crate) fn of_traces(&self, ids: &BTreeSet<String>) -> Self {
        let mut part = self.changed(|_, span| ids.contains(text(span, "traceId")));
        for document in &mut part.logs {
            for resource in items(document, "resourceLogs") {
                for scope in items(resource, "scopeLogs") {
                    if let Some(records) = scope.get_mut("logRecords").and_then(Value::as_array_mut) {
                        records.retain(|record| ids.contains(text(record, "traceId")));
                    }
                }
            }
        }
        part
    }

    /// The same requests again and again, each time with other trace ids: a file of traces, and one of logs if there are any.
    pub(crate) fn copies(&self, numbers: Range<u32>) -> Vec<Vec<u8>> {
        let mut ids = self.trace_ids();
        self.changed(|_, span| {
            let links = span["links"].as_array().into_iter().flatten();
            ids.extend(links.map(|link| text(link, "traceId").to_owned()));
            true
        });
        let written = |documents: &Vec<Value>| {
            let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
            let text = lines.join("\n");
            let mut all = String::new();
            for copy in numbers.clone() {
                let mut text = text.clone();
                for id in &ids {
                    let head = u32::from_str_radix(&id[..8], 16).expect("a trace id in hex");
                    let other = head ^ copy.wrapping_mul(0x9e37_79b9);
                    text = text.replace(id, &format!("{other:08x}{}", &id[8..]));
                }
                all += &text;
                all.push('\n');
            }
            all.into_bytes()
        };
        [&self.traces, &self.logs].into_iter().filter(|it| !it.is_empty()).map(written).collect()
    }
}
