//! What segments of X-Ray cannot carry. The order in which these are taken out matters: names come first.

use crate::loss::Loss;
use crate::telemetry::{Telemetry, Told};
use crate::xray;
use crate::xray_stack::{as_text, chains};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const SERVICES: Loss = Loss {
    words: "the service of work that runs under a span of another service and is no SERVER span",
    lose: |telemetry| {
        let told = telemetry.told();
        let key = |told: &Told<'_>, span: &str| (told.text("traceId").to_owned(), told.text(span).to_owned());
        let places: BTreeMap<_, _> = told.iter().enumerate().map(|(place, one)| (key(one, "spanId"), place)).collect();
        let mut blocks = Vec::with_capacity(told.len());
        for (number, one) in told.iter().enumerate() {
            let mut at = number;
            // Up to the segment that it lies in, which a ring of spans never reaches.
            for _ in 0..told.len() {
                match places.get(&key(&told[at], "parentSpanId")).filter(|_| xray::is_subsegment(&told[at])) {
                    Some(&parent) => at = parent,
                    None => break,
                }
            }
            let scope = json!({"scope": one.scope, "spans": [one.span]});
            blocks.push(json!({"resource": told[at].resource, "scopeSpans": [scope]}));
        }
        telemetry.traces = vec![json!({"resourceSpans": blocks})];
    },
};

pub(crate) const NAMES: Loss = Loss {
    words: "names of requests without a route, and of calls",
    lose: |telemetry| {
        change(telemetry, |told| {
            let attributes = told.attributes();
            let text = |keys: [&str; 2]| keys.iter().find_map(|key| attributes.get(*key)?.as_str().map(str::to_owned));
            let route = text(["http.route", "http.route"]).filter(|_| told.kind() == "server");
            let method = text(["http.request.method", "http.method"]);
            let request = method.zip(route).map(|(method, route)| format!("{method} {route}"));
            ("name", json!(request.unwrap_or_else(|| xray::name(told))))
        });
    },
};

pub(crate) const KINDS: Loss = Loss {
    words: "PRODUCER, CONSUMER",
    lose: |telemetry| {
        change(telemetry, |told| {
            let kind = ["internal", "server", "client"].iter().position(|kind| *kind == told.kind());
            ("kind", json!(kind.unwrap_or(0) + 1))
        });
    },
};

pub(crate) const ADDRESSES: Loss = Loss {
    words: "addresses of callees but for HTTP",
    lose: |telemetry| {
        change(telemetry, |told| {
            let mut attributes = told.attributes();
            if let Some(http) = xray::http(&mut attributes) {
                for (side, from, to) in [
                    ("request", "method", "http.request.method"),
                    ("request", "url", "url.full"),
                    ("response", "status", "http.response.status_code"),
                ] {
                    attributes.extend(http[side].get(from).map(|value| (to.to_owned(), value.clone())));
                }
            }
            // Whoever is called by no other name is called by that of the segment.
            let callee = ["peer.service", "url.full", "rpc.service", "db.system", "db.system.name"];
            let method = attributes.get("rpc.method").is_some_and(|method| method.to_string().contains('/'));
            if told.kind() == "client" && !method && !callee.iter().any(|key| attributes.contains_key(*key)) {
                attributes.insert("peer.service".into(), json!(told.text("name")));
            }
            ("attributes", otlp(attributes))
        });
    },
};

pub(crate) const STATUS: Loss = Loss {
    words: "status OK, errors beside an HTTP code that blames the caller, status messages beside exceptions",
    lose: |telemetry| {
        change(telemetry, |told| {
            let document = xray::document(told);
            let message = if chains(told).is_empty() { told.status_message() } else { "" };
            let failed = json!({"code": 2, "message": message});
            let blamed = json!({"message": if told.failed() { message } else { "" }});
            ("status", if document["fault"] == true { failed } else { blamed })
        });
    },
};

pub(crate) const EVENTS: Loss = Loss {
    words: "events that are no exceptions",
    lose: |telemetry| {
        change(telemetry, |told| {
            let events = told.span["events"].as_array().cloned().unwrap_or_default();
            ("events", events.into_iter().filter(|event| event["name"] == "exception").collect())
        });
    },
};

pub(crate) const STACKS: Loss = Loss {
    words: "columns of stack traces",
    lose: |telemetry| {
        change(telemetry, |told| {
            let event = |chain: Vec<Value>| {
                let attributes = Map::from_iter([
                    ("exception.type".to_owned(), chain[0]["type"].clone()),
                    ("exception.message".to_owned(), chain[0]["message"].clone()),
                    ("exception.stacktrace".to_owned(), json!(as_text(&chain))),
                ]);
                json!({"name": "exception", "attributes": otlp(attributes)})
            };
            ("events", chains(told).into_iter().map(event).collect())
        });
    },
};

/// Puts a new field into every span.
fn change(telemetry: &mut Telemetry, fields: fn(&Told<'_>) -> (&'static str, Value)) {
    telemetry.change_spans(|span, resource| {
        let scope = Value::Null;
        let told = Told { resource, scope: &scope, span };
        let (field, value) = fields(&told);
        span[field] = value;
    });
}

/// Plain JSON as attributes.
fn otlp(attributes: Map<String, Value>) -> Value {
    let any = |value: Value| match value {
        Value::Bool(_) => json!({"boolValue": value}),
        Value::Number(number) if number.is_f64() => json!({"doubleValue": number}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        text => json!({"stringValue": text}),
    };
    attributes.into_iter().map(|(key, value)| json!({"key": key, "value": any(value)})).collect()
}
