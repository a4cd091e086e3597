//! Spans of Zipkin's second version, made as exporters make them.

use crate::telemetry::{Telemetry, Told};
use serde_json::{Map, Value, json};

/// Whose hand the spans are in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exporter {
    /// The collector's: `name|{attributes}|0`, links in tags, the callee's address and port taken out of the tags.
    Collector,
    /// The SDKs of Go and Java, as the specification has it: `"name": {attributes}`, the description in `error`.
    Sdk,
    /// The SDK of Python: `{"name": {attributes}}`.
    Python,
    /// The SDK of JavaScript: the name of an event and no more of it.
    JavaScript,
    /// The library of Zipkin for Java, and what its server gives back: names in lower case, and none of the resource but the
    /// service.
    Java,
}

/// Every span, as one array.
pub(crate) fn array(telemetry: &Telemetry, exporter: Exporter) -> String {
    Value::Array(spans(telemetry, exporter)).to_string()
}

/// Every span.
pub(crate) fn spans(telemetry: &Telemetry, exporter: Exporter) -> Vec<Value> {
    telemetry.told().iter().map(|told| span(told, exporter)).collect()
}

fn span(told: &Told<'_>, exporter: Exporter) -> Value {
    let mut tags = if exporter == Exporter::Java { Map::new() } else { told.resource() };
    if exporter == Exporter::Collector {
        tags.remove("service.name");
    }
    tags.extend(told.attributes());
    tags.values_mut().for_each(|value| *value = json!(as_text(value)));
    let remote = match exporter {
        Exporter::Collector => moved_callee(&mut tags),
        Exporter::JavaScript => None,
        _ => named_callee(told, &tags),
    };
    status_tags(told, exporter, &mut tags);
    if exporter == Exporter::Collector {
        for (number, (trace, span)) in told.links().into_iter().enumerate() {
            tags.insert(format!("otlp.link.{number}"), json!(format!("{trace}|{span}||{{}}|0")));
        }
        if told.kind() == "internal" {
            tags.insert("span.kind".into(), json!("internal"));
        }
    } else if let Some(dropped) = told.span["droppedEventsCount"].as_u64() {
        tags.insert("otel.dropped_events_count".into(), json!(dropped.to_string()));
    }
    let (start, end) = (told.nanos("startTimeUnixNano") / 1000, told.nanos("endTimeUnixNano") / 1000);
    let mut written = json!({
        "traceId": told.text("traceId"), "id": told.text("spanId"), "name": told.text("name"), "timestamp": start,
        "duration": end - start, "localEndpoint": {"serviceName": told.service()}, "tags": tags,
        "annotations": annotations(told, exporter),
    });
    let optional = [
        ("parentId", Some(json!(told.text("parentSpanId"))).filter(|parent| *parent != "")),
        ("kind", Some(json!(told.kind().to_uppercase())).filter(|kind| *kind != "INTERNAL" && *kind != "")),
        ("remoteEndpoint", remote),
        ("shared", told.span.get("shared").cloned()),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            written[key] = value;
        }
    }
    if exporter == Exporter::Java {
        written["name"] = json!(told.text("name").to_lowercase());
        written["localEndpoint"]["serviceName"] = json!(told.service().to_lowercase());
    }
    written
}

fn status_tags(told: &Told<'_>, exporter: Exporter, tags: &mut Map<String, Value>) {
    let code = told.span["status"]["code"].as_u64().unwrap_or(0);
    if let Some(name) = ["Unset", "Ok", "Error"].get(usize::try_from(code).expect("a code")).filter(|_| code > 0) {
        let name = if exporter == Exporter::Collector { (*name).to_owned() } else { name.to_uppercase() };
        tags.insert("otel.status_code".into(), json!(name));
    }
    let message = told.status_message();
    if exporter == Exporter::Collector {
        tags.remove("error");
    }
    if exporter != Exporter::Collector {
        if told.failed() {
            tags.insert("error".into(), json!(message));
        }
        return;
    }
    if told.failed() {
        tags.insert("error".into(), json!("true"));
    }
    if !message.is_empty() {
        tags.insert("otel.status_description".into(), json!(message));
    }
}

/// The collector makes an endpoint of `peer.service` and `net.peer.*` and takes these out of the tags.
fn moved_callee(tags: &mut Map<String, Value>) -> Option<Value> {
    let mut take = |key| tags.remove(key);
    let (service, address, port) = (take("peer.service"), take("net.peer.ip"), take("net.peer.port"));
    let mut endpoint = json!({});
    let port = port.and_then(|port| port.as_str()?.parse::<u16>().ok());
    for (key, value) in [("serviceName", &service), ("ipv4", &address), ("port", &port.map(|port| json!(port)))] {
        if let Some(value) = value {
            endpoint[key] = value.clone();
        }
    }
    // A port by itself is lost.
    service.or(address).map(|_| endpoint)
}

/// The SDKs name the callee by the first of these, and leave the tags as they are.
fn named_callee(told: &Told<'_>, tags: &Map<String, Value>) -> Option<Value> {
    const RANKED: [&str; 5] = ["peer.service", "server.address", "net.peer.name", "network.peer.address", "db.name"];
    let name = RANKED.iter().find_map(|key| tags.get(*key))?;
    matches!(told.kind(), "client" | "producer").then(|| json!({"serviceName": name}))
}

fn annotations(told: &Told<'_>, exporter: Exporter) -> Vec<Value> {
    let annotation = |(time, name, attributes): (u64, String, Map<String, Value>)| {
        let fields = Value::Object(attributes.clone());
        let value = match exporter {
            Exporter::Python => json!({ name: fields }).to_string(),
            _ if attributes.is_empty() || exporter == Exporter::JavaScript => name,
            Exporter::Collector => format!("{name}|{fields}|0"),
            _ => format!("\"{name}\": {fields}"),
        };
        json!({"timestamp": time / 1000, "value": value})
    };
    told.events().into_iter().map(annotation).collect()
}

/// A value as text: strings as they are.
pub(crate) fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
