//! The same OTLP/JSON in other words: what the specification allows, what readers take, what old writers wrote.

use crate::telemetry::Telemetry;
use serde_json::{Map, Value, json};

/// Calls `change` with every object, those further in first.
fn objects(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| objects(element, change)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| objects(member, change));
            change(members);
        }
        _ => {}
    }
}

fn rename(request: &mut Value, new_name: &dyn Fn(&str) -> Option<String>) {
    objects(request, &mut |members| {
        let old = std::mem::take(members);
        members.extend(old.into_iter().map(|(key, value)| (new_name(&key).unwrap_or(key), value)));
    });
}

/// Changes the members that `field` names, in every object.
fn fields(request: &mut Value, field: &[&str], change: &dyn Fn(&mut Value)) {
    objects(request, &mut |members| {
        members.iter_mut().filter(|(key, _)| field.contains(&key.as_str())).for_each(|(_, value)| change(value));
    });
}

/// `traceId` as `trace_id`.
pub(crate) fn snake_case(telemetry: &Telemetry) -> Telemetry {
    let snake = |key: &str| {
        let letter = |c: char| if c.is_ascii_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.into() };
        Some(key.chars().map(letter).collect())
    };
    telemetry.map(|request| rename(request, &snake))
}

/// The scopes as they were called before OTLP 0.15: `instrumentationLibrarySpans`, `instrumentationLibrary`.
pub(crate) fn library_names(telemetry: &Telemetry) -> Telemetry {
    let old = |key: &str| {
        Some(if key == "logRecords" { "logs".into() } else { key.replacen("scope", "instrumentationLibrary", 1) })
    };
    telemetry.map(|request| rename(request, &old))
}

/// The scopes as field 1000 is called now: `deprecatedScopeSpans`, beside an empty array of the new name.
pub(crate) fn deprecated_names(telemetry: &Telemetry) -> Telemetry {
    telemetry.map(|request| {
        objects(request, &mut |members| {
            for (new, old) in [("scopeSpans", "deprecatedScopeSpans"), ("scopeLogs", "deprecatedScopeLogs")] {
                if let Some(scopes) = members.insert(new.to_owned(), json!([])) {
                    members.insert(old.to_owned(), scopes);
                } else {
                    members.remove(new);
                }
            }
        });
    })
}

/// Kinds, status codes and severities by the names of their enums, as plain protobuf JSON has them.
pub(crate) fn enum_names(telemetry: &Telemetry) -> Telemetry {
    let name = |names: &'static [&'static str]| {
        move |value: &mut Value| {
            if let Some(number) = value.as_u64() {
                *value = json!(names[usize::try_from(number).expect("a small number")]);
            }
        }
    };
    const KINDS: [&str; 6] = [
        "SPAN_KIND_UNSPECIFIED",
        "SPAN_KIND_INTERNAL",
        "SPAN_KIND_SERVER",
        "SPAN_KIND_CLIENT",
        "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    ];
    const CODES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];
    let severity = |value: &mut Value| {
        let Some(number) = value.as_u64().filter(|&number| number > 0) else { return };
        let (level, step) = ((number - 1) / 4, (number - 1) % 4 + 1);
        let word = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"][usize::try_from(level).expect("a level")];
        let step = if step == 1 { String::new() } else { step.to_string() };
        *value = json!(format!("SEVERITY_NUMBER_{word}{step}"));
    };
    telemetry.map(|request| {
        fields(request, &["kind"], &name(&KINDS));
        fields(request, &["code"], &name(&CODES));
        fields(request, &["severityNumber"], &severity);
    })
}

const IDS: [&str; 3] = ["traceId", "spanId", "parentSpanId"];

/// Ids in upper-case hexadecimal digits.
pub(crate) fn upper_case_ids(telemetry: &Telemetry) -> Telemetry {
    telemetry.map(|request| fields(request, &IDS, &|id| *id = json!(id.as_str().expect("an id").to_uppercase())))
}

/// Ids in base64, as plain protobuf JSON has bytes.
pub(crate) fn base64_ids(telemetry: &Telemetry) -> Telemetry {
    telemetry.map(|request| {
        fields(request, &IDS, &|id| *id = json!(base64(&bytes_of_hex(id.as_str().expect("an id")))));
    })
}

/// Times and integers as JSON numbers.
pub(crate) fn numbers(telemetry: &Telemetry) -> Telemetry {
    let number = |value: &mut Value| {
        if let Some(digits) = value.as_str() {
            *value = json!(digits.parse::<u64>().expect("digits"));
        }
    };
    let times = ["startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano", "intValue"];
    telemetry.map(|request| fields(request, &times, &number))
}

/// Every number, also the small ones, in quotes.
pub(crate) fn quoted_numbers(telemetry: &Telemetry) -> Telemetry {
    let quoted = |value: &mut Value| {
        if value.is_number() {
            *value = json!(value.to_string());
        }
    };
    let small = ["kind", "code", "flags", "severityNumber", "doubleValue", "droppedEventsCount"];
    telemetry.map(|request| fields(request, &small, &quoted))
}

/// Members that nobody knows, first and last in every object.
pub(crate) fn unknown_fields(telemetry: &Telemetry) -> Telemetry {
    telemetry.map(|request| {
        objects(request, &mut |members| {
            members.insert("aFieldToCome".into(), json!({"resourceSpans": [{"spans": ["}]\"", 1e3, {}, []]}]}));
            members.insert("zFieldToCome".into(), Value::Null);
        });
    })
}

/// What Tempo's `/api/traces` says: plain protobuf JSON under another name.
pub(crate) fn tempo(telemetry: &Telemetry) -> Telemetry {
    base64_ids(&enum_names(telemetry))
}

/// The traces as one request of many blocks.
pub(crate) fn one_request(telemetry: &Telemetry, field: &str) -> Value {
    let requests = if field == "resourceSpans" { &telemetry.traces } else { &telemetry.logs };
    let blocks: Vec<Value> =
        requests.iter().flat_map(|request| request[field].as_array().expect("blocks").clone()).collect();
    json!({ field: blocks })
}

/// Text with the members of every object the other way round: attributes before keys, spans before resources.
pub(crate) fn backwards(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("[{}]", elements.iter().map(backwards).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| format!("{}:{}", json!(key), backwards(value));
            format!("{{{}}}", members.iter().rev().map(member).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Drops a member of every span, wherever it stands.
pub(crate) fn without_span_field(telemetry: &mut Telemetry, field: &str) {
    telemetry.change_spans(|span, _| {
        span.as_object_mut().expect("a span").remove(field);
    });
}

/// The bytes that hexadecimal digits spell.
pub(crate) fn bytes_of_hex(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        let digit = |at: usize| if at <= chunk.len() { DIGITS[bits >> (18 - 6 * at) & 63].into() } else { '=' };
        text.extend((0..4).map(digit));
    }
    text
}
