//! What dialects cannot carry, as changes of OTLP: without it, OTLP must give the same evidence as the dialect.

use crate::otlp_json::without_span_field;
use crate::telemetry::{Telemetry, Told, list_mut, plain};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One thing that is lost.
#[derive(Clone, Copy)]
pub(crate) struct Loss {
    /// As `docs/formats.md` calls it.
    pub(crate) words: &'static str,
    /// Takes it out of OTLP.
    pub(crate) lose: fn(&mut Telemetry),
}

pub(crate) const LOG_RECORDS: Loss = Loss { words: "log records", lose: |telemetry| telemetry.logs.clear() };

pub(crate) const LINKS: Loss = Loss { words: "links", lose: |telemetry| without_span_field(telemetry, "links") };

pub(crate) const DROPPED_EVENTS: Loss =
    Loss { words: "counts of dropped events", lose: |telemetry| without_span_field(telemetry, "droppedEventsCount") };

/// Jaeger cuts the start and the duration, Zipkin the start and the end.
pub(crate) const NANOSECONDS_OF_DURATION: Loss = Loss {
    words: "nanoseconds",
    lose: |telemetry| {
        change_times(telemetry, |start, end| (start / 1000 * 1000, (start / 1000 + (end - start) / 1000) * 1000))
    },
};

pub(crate) const NANOSECONDS: Loss = Loss {
    words: "nanoseconds",
    lose: |telemetry| change_times(telemetry, |start, end| (start / 1000 * 1000, end / 1000 * 1000)),
};

/// Seconds in a float of 64 bits.
pub(crate) const FLOAT_SECONDS: Loss = Loss {
    words: "nanoseconds",
    lose: |telemetry| {
        let float = |nanos: u64| {
            let text = (nanos as f64 / 1e9).to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            format!("{whole}{fraction:0<9}").parse().expect("digits")
        };
        change_times(telemetry, |start, end| (float(start), float(end)));
    },
};

/// A tag `error` is a status where none is told: an attribute of that name cannot be told from it.
pub(crate) const ERROR_ATTRIBUTE: Loss = Loss {
    words: "that an attribute `error` is no status",
    lose: |telemetry| {
        telemetry.change_spans(|span, _| {
            let error =
                plain(&span["attributes"]).get("error").map(|value| value.to_string().trim_matches('"') == "true");
            if error == Some(true) && span["status"]["code"].as_u64().unwrap_or(0) == 0 {
                span["status"]["code"] = json!(2);
            }
        });
    },
};

/// The collector's Zipkin exporter takes the callee's port out of the tags, and writes it only beside an address.
pub(crate) const PORTS_WITHOUT_ADDRESS: Loss = Loss {
    words: "ports without an address",
    lose: |telemetry| {
        telemetry.change_spans(|span, _| {
            let has =
                |key: &str| span["attributes"].as_array().is_some_and(|all| all.iter().any(|pair| pair["key"] == key));
            if !has("net.peer.ip") && !has("peer.service") {
                remove_attributes(span, &["net.peer.port"]);
            }
        });
    },
};

/// Zipkin's server and Java library.
pub(crate) const UPPER_CASE: Loss = Loss {
    words: "upper case of names",
    lose: |telemetry| {
        telemetry.change_spans(|span, resource| {
            span["name"] = json!(span["name"].as_str().expect("a name").to_lowercase());
            for pair in list_mut(&mut resource["attributes"]).iter_mut().filter(|pair| pair["key"] == "service.name") {
                let name = pair["value"]["stringValue"].as_str().expect("a name").to_lowercase();
                pair["value"]["stringValue"] = json!(name);
            }
        });
    },
};

/// All of the resource but the name of its service.
pub(crate) const RESOURCE: Loss = Loss {
    words: "the resource but for its service",
    lose: |telemetry| {
        telemetry.change_spans(|_, resource| {
            resource["attributes"].as_array_mut().expect("attributes").retain(|pair| pair["key"] == "service.name");
        });
    },
};

/// Python's exporters of Zipkin cut texts, JavaScript's leave the attributes of events out.
pub(crate) const EVENT_ATTRIBUTES: Loss = Loss {
    words: "attributes of events",
    lose: |telemetry| {
        telemetry.change_spans(|span, _| {
            list_mut(&mut span["events"]).iter_mut().for_each(|event| event["attributes"] = json!([]));
        });
    },
};

/// Server spans bear the id of the call that they answer: the halves of a call share it.
pub(crate) const SERVER_IDS: Loss = Loss {
    words: "ids of server spans",
    lose: |telemetry| {
        let id = |span: &Value, field: &str| span[field].as_str().unwrap_or_default().to_owned();
        let key = |span: &Value, field: &str| (id(span, "traceId"), id(span, field));
        let told = telemetry.told();
        let calls: BTreeMap<_, _> = told
            .iter()
            .filter(|told| told.kind() == "client")
            .map(|told| (key(told.span, "spanId"), id(told.span, "parentSpanId")))
            .collect();
        let mut answers: BTreeMap<(String, String), usize> = BTreeMap::new();
        told.iter().for_each(|told| *answers.entry(key(told.span, "parentSpanId")).or_default() += 1);
        // Of calls that nobody else runs under.
        let answers = |told: &&Told<'_>| {
            let call = key(told.span, "parentSpanId");
            told.kind() == "server" && calls.contains_key(&call) && answers[&call] == 1
        };
        let new_ids: BTreeMap<_, _> =
            told.iter().filter(answers).map(|told| (key(told.span, "spanId"), id(told.span, "parentSpanId"))).collect();
        telemetry.change_spans(|span, _| {
            if let Some(call) = new_ids.get(&key(span, "spanId")) {
                span["parentSpanId"] = json!(calls[&(id(span, "traceId"), call.clone())]);
                span["spanId"] = json!(call);
                span["shared"] = json!(true);
            } else if let Some(call) = new_ids.get(&key(span, "parentSpanId")) {
                span["parentSpanId"] = json!(call);
            }
        });
    },
};

fn change_times(telemetry: &mut Telemetry, change: impl Fn(u64, u64) -> (u64, u64)) {
    telemetry.change_spans(|span, _| {
        let nanos = |field: &str| span[field].as_str().and_then(|digits| digits.parse().ok()).expect("a time");
        let (start, end) = change(nanos("startTimeUnixNano"), nanos("endTimeUnixNano"));
        span["startTimeUnixNano"] = json!(start.to_string());
        span["endTimeUnixNano"] = json!(end.to_string());
    });
}

pub(crate) fn remove_attributes(span: &mut Value, keys: &[&str]) {
    if let Some(attributes) = span["attributes"].as_array_mut() {
        attributes.retain(|pair| !keys.iter().any(|key| pair["key"] == *key));
    }
}
