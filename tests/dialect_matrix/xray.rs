//! Segment documents of AWS X-Ray: as OpenTelemetry's exporter sends them, and as the service gives them back.

use crate::telemetry::{Telemetry, Told};
use crate::xray_stack::chains;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Databases of which the exporter writes a `sql` block.
const SQL: [&str; 4] = ["mysql", "postgresql", "mariadb", "sqlite"];

/// Each span as a document of its own.
pub(crate) fn documents(telemetry: &Telemetry) -> Vec<Value> {
    telemetry.told().iter().map(document).collect()
}

/// The same where the exporter indexes all attributes: text, numbers and truth values are annotations, whose keys have no dots.
pub(crate) fn indexed(telemetry: &Telemetry) -> Vec<Value> {
    let mut documents = documents(telemetry);
    for document in &mut documents {
        let Some(attributes) = document.pointer_mut("/metadata/default").and_then(Value::as_object_mut) else {
            continue;
        };
        let (other, plain): (Map<_, _>, Map<_, _>) =
            std::mem::take(attributes).into_iter().partition(|(_, value)| value.is_array() || value.is_object());
        *attributes = other;
        let written = |c: char| if c.is_alphanumeric() { c } else { '_' };
        let annotations: Map<_, _> =
            plain.into_iter().map(|(key, value)| (key.chars().map(written).collect(), value)).collect();
        document["annotations"] = annotations.into();
    }
    documents
}

/// What BatchGetTraces answers: subsegments put into what they belong to, times in powers of ten, and a segment that
/// X-Ray makes up of each call whose callee sent none.
pub(crate) fn answer(telemetry: &Telemetry) -> String {
    let mut traces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let all = documents(telemetry);
    let id = |document: &Value, field: &str| document[field].as_str().unwrap_or_default().to_owned();
    let places: BTreeMap<_, _> =
        all.iter().enumerate().map(|(place, one)| ((id(one, "trace_id"), id(one, "id")), place)).collect();
    let mut inner: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (place, one) in all.iter().enumerate() {
        let parent = places.get(&(id(one, "trace_id"), id(one, "parent_id"))).copied();
        inner.entry(parent.filter(|_| one.get("type").is_some())).or_default().push(place);
    }
    let called: BTreeSet<_> =
        all.iter().filter(|one| one.get("type").is_none()).map(|one| id(one, "parent_id")).collect();
    for &root in &inner[&None] {
        traces.entry(id(&all[root], "trace_id")).or_default().push(compiled(&all, &inner, root, true).to_string());
    }
    for call in all.iter().filter(|one| one.get("namespace").is_some() && !called.contains(&id(one, "id"))) {
        traces.entry(id(call, "trace_id")).or_default().push(inferred(call).to_string());
    }
    let trace = |(id, documents): (String, Vec<String>)| {
        let segment = |document: String| {
            // Marked where it was made, so that it is no string.
            let text = document.replace("\"~", "").replace("~\"", "");
            json!({"Id": serde_json::from_str::<Value>(&text).expect("JSON")["id"], "Document": text})
        };
        json!({"Id": id, "Duration": 1.5, "LimitExceeded": false, "Segments": documents.into_iter().map(segment).collect::<Vec<_>>()})
    };
    json!({"Traces": traces.into_iter().map(trace).collect::<Vec<_>>(), "UnprocessedTraceIds": []}).to_string()
}

fn compiled(all: &[Value], inner: &BTreeMap<Option<usize>, Vec<usize>>, place: usize, outermost: bool) -> Value {
    let mut one = all[place].clone();
    let members = one.as_object_mut().expect("a document");
    if !outermost {
        for field in ["type", "trace_id", "parent_id"] {
            members.remove(field);
        }
    }
    for field in ["start_time", "end_time"] {
        members[field] = json!(format!("~{:E}~", members[field].as_f64().expect("seconds")));
    }
    if let Some(places) = inner.get(&Some(place)) {
        members.insert("subsegments".into(), places.iter().map(|&place| compiled(all, inner, place, false)).collect());
    }
    one
}

fn inferred(call: &Value) -> Value {
    let mut made = json!({"inferred": true, "parent_id": call["id"], "origin": "AWS::DynamoDB::Table"});
    for field in ["name", "trace_id", "start_time", "end_time", "http", "fault", "error", "throttle"] {
        if let Some(value) = call.get(field) {
            made[field] = value.clone();
        }
    }
    // Of its own, and the same in each run.
    made["id"] = json!(call["id"].as_str().expect("an id").chars().rev().collect::<String>());
    made
}

/// Whether a span becomes a subsegment: whatever runs under another span and takes no request.
pub(crate) fn is_subsegment(told: &Told<'_>) -> bool {
    told.kind() != "server" && !told.text("parentSpanId").is_empty()
}

/// What a segment is called: who is called, the service that answers, or what the span was called as far as its letters
/// are allowed.
pub(crate) fn name(told: &Told<'_>) -> String {
    let attributes = told.attributes();
    let text = |key: &str| attributes.get(key).and_then(Value::as_str).map(str::to_owned);
    let service = || (told.kind() == "server").then(|| told.service());
    let name = text("peer.service").or_else(|| text("db.name")).or_else(service).or_else(|| text("rpc.service"));
    let name = name.or_else(|| text("http.host")).or_else(|| text("net.peer.name"));
    name.unwrap_or_else(|| {
        let allowed = |c: &char| c.is_alphanumeric() || " _.:/%&#=+-@".contains(*c);
        told.text("name").chars().filter(allowed).take(200).collect()
    })
}

pub(crate) fn document(told: &Told<'_>) -> Value {
    let (mut attributes, resource) = (told.attributes(), told.resource());
    let subsegment = is_subsegment(told);
    let trace = told.text("traceId");
    let seconds = |field: &str| told.nanos(field) as f64 / 1e9;
    let http = http(&mut attributes);
    let code = http.as_ref().and_then(|http| http["response"]["status"].as_u64()).unwrap_or(0);
    let mut written = json!({
        "id": told.text("spanId"), "trace_id": format!("1-{}-{}", &trace[..8], &trace[8..]), "name": name(told),
        "start_time": seconds("startTimeUnixNano"), "end_time": seconds("endTimeUnixNano"),
        "fault": code >= 500 || (code < 400 && told.failed()), "error": (400..500).contains(&code), "throttle": code == 429,
        "aws": {"xray": {"sdk": "opentelemetry", "auto_instrumentation": false}},
    });
    if let Some(method) = attributes.remove("rpc.method") {
        written["aws"]["operation"] = method;
    }
    let sql = attributes.get("db.system").and_then(Value::as_str).is_some_and(|system| SQL.contains(&system));
    let sql = sql.then(|| json!({"url": told.text("name"), "database_type": attributes.remove("db.system")}));
    if !subsegment {
        attributes.extend(resource.iter().map(|(key, value)| (format!("otel.resource.{key}"), value.clone())));
    }
    let links: Vec<Value> = told
        .links()
        .iter()
        .map(|(trace, span)| json!({"trace_id": format!("1-{}-{}", &trace[..8], &trace[8..]), "id": span}))
        .collect();
    let optional = [
        ("parent_id", Some(json!(told.text("parentSpanId"))).filter(|parent| *parent != "")),
        ("type", subsegment.then(|| json!("subsegment"))),
        ("namespace", (told.kind() == "client").then(|| json!("remote"))),
        ("http", http),
        ("sql", sql),
        ("cause", cause(told)),
        ("links", Some(json!(links)).filter(|_| !links.is_empty())),
        ("service", resource.get("service.version").map(|version| json!({"version": version}))),
        ("metadata", Some(json!({"default": attributes})).filter(|_| !attributes.is_empty())),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            written[key] = value;
        }
    }
    written
}

/// Takes out of the attributes what the `http` block tells, and the callee's address whether it tells it or not.
pub(crate) fn http(attributes: &mut Map<String, Value>) -> Option<Value> {
    let mut take = |keys: &[&str]| keys.iter().filter_map(|key| attributes.remove(*key)).next();
    let method = take(&["http.request.method", "http.method"]);
    let status = take(&["http.response.status_code", "http.status_code"]);
    let (agent, client) = (take(&["user_agent.original", "http.user_agent"]), take(&["client.address"]));
    let url = take(&["url.full", "http.url"]);
    let host = take(&["http.host", "server.address", "net.peer.name", "net.host.name"]);
    let port = take(&["server.port", "net.peer.port", "net.host.port"]);
    let path = take(&["url.path", "http.target"]);
    let others = ["net.peer.name", "net.peer.ip", "net.peer.port", "url.scheme", "http.scheme", "url.query"];
    for key in others {
        take(&[key]);
    }
    let text = |value: &Option<Value>| value.as_ref().map(|value| value.to_string().trim_matches('"').to_owned());
    let port = text(&port).map(|port| format!(":{port}")).unwrap_or_default();
    let place = text(&host).map(|host| json!(format!("http://{host}{port}{}", text(&path).unwrap_or("/".into()))));
    method.as_ref().or(status.as_ref())?;
    let (mut request, mut response) = (json!({}), json!({"content_length": 0}));
    for (key, value) in [("method", method), ("url", url.or(place)), ("user_agent", agent), ("client_ip", client)] {
        if let Some(value) = value {
            request[key] = value;
        }
    }
    if let Some(status) = status {
        response["status"] = status;
    }
    Some(json!({"request": request, "response": response}))
}

/// Exceptions; where there are none, the message of a failed status as one.
fn cause(told: &Told<'_>) -> Option<Value> {
    let exceptions = chains(told).concat();
    if !exceptions.is_empty() {
        return Some(json!({"exceptions": exceptions}));
    }
    let message = Some(told.status_message()).filter(|message| told.failed() && !message.is_empty())?;
    Some(json!({"exceptions": [{"id": "0123456789abcdef", "message": message}]}))
}
