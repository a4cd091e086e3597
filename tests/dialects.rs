//! Stories told in other dialects than OTLP: their root causes are the same.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::evidence_of_bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::fs;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::file_report::FileReport;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

/// What each dialect must be able to tell.
const STORIES: [&str; 6] = [
    "client_fault_is_information",
    "dependency_refuses_the_connection",
    "exception_only_in_a_log",
    "propagated_over_three_services",
    "retry_absorbs_unavailable",
    "zipkin_shares_the_id_of_a_call",
];

/// One span of a story, with the name of its service.
struct Told {
    service: String,
    span: Value,
}

impl Told {
    fn text(&self, field: &str) -> String {
        self.span[field].as_str().unwrap_or_default().to_owned()
    }

    fn micros(&self, field: &str) -> u64 {
        self.text(field).parse::<u64>().expect("a time") / 1000
    }

    fn kind(&self) -> &'static str {
        match self.span["kind"].as_u64() {
            Some(1) => "internal",
            Some(2) => "server",
            Some(3) => "client",
            Some(4) => "producer",
            Some(5) => "consumer",
            _ => "",
        }
    }

    fn failed(&self) -> bool {
        self.span["status"]["code"] == 2
    }

    fn status_message(&self) -> &str {
        self.span["status"]["message"].as_str().unwrap_or_default()
    }
}

fn original(story: &str) -> Value {
    let path = common::fixtures().join("stories").join(story).join("traces.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the story")).expect("JSON")
}

/// Plain names and values of attributes.
fn plain(attributes: &Value) -> Map<String, Value> {
    let all = attributes.as_array().map_or(&[][..], Vec::as_slice);
    let value = |of: &Value| match of["intValue"].as_str() {
        Some(digits) => json!(digits.parse::<i64>().expect("digits")),
        None => of["stringValue"].clone(),
    };
    all.iter().map(|pair| (pair["key"].as_str().expect("a key").to_owned(), value(&pair["value"]))).collect()
}

fn told(request: &Value) -> Vec<Told> {
    let mut all = Vec::new();
    for block in request["resourceSpans"].as_array().expect("blocks") {
        let service = plain(&block["resource"]["attributes"])["service.name"].as_str().expect("a name").to_owned();
        for scope in block["scopeSpans"].as_array().expect("scopes") {
            for span in scope["spans"].as_array().expect("spans") {
                all.push(Told { service: service.clone(), span: span.clone() });
            }
        }
    }
    all
}

fn events(span: &Told) -> Vec<(String, Map<String, Value>)> {
    let all = span.span["events"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter()
        .map(|event| (event["name"].as_str().unwrap_or_default().to_owned(), plain(&event["attributes"])))
        .collect()
}

fn jaeger(request: &Value) -> Value {
    let pairs = |map: &Map<String, Value>| -> Vec<Value> {
        let kind = |value: &Value| if value.is_number() { "int64" } else { "string" };
        map.iter().map(|(key, value)| json!({"key": key, "type": kind(value), "value": value})).collect()
    };
    let (mut traces, mut processes): (Map<String, Value>, Map<String, Value>) = (Map::new(), Map::new());
    for span in told(request) {
        let trace = span.text("traceId");
        let mut tags = pairs(&plain(&span.span["attributes"]));
        if !span.kind().is_empty() {
            tags.push(json!({"key": "span.kind", "type": "string", "value": span.kind()}));
        }
        if span.failed() {
            tags.push(json!({"key": "error", "type": "bool", "value": true}));
            tags.push(json!({"key": "otel.status_code", "type": "string", "value": "ERROR"}));
            tags.push(json!({"key": "otel.status_description", "type": "string", "value": span.status_message()}));
        }
        let logs: Vec<Value> = events(&span)
            .into_iter()
            .map(|(name, mut fields)| {
                fields.insert("event".into(), json!(name));
                json!({"timestamp": 1, "fields": pairs(&fields)})
            })
            .collect();
        let parent = span.text("parentSpanId");
        let references = if parent.is_empty() {
            json!([])
        } else {
            json!([{"refType": "CHILD_OF", "traceID": trace, "spanID": parent}])
        };
        let process = format!("p_{}", span.service);
        let start = span.micros("startTimeUnixNano");
        let written = json!({
            "traceID": trace, "spanID": span.span["spanId"], "operationName": span.span["name"], "references": references,
            "startTime": start, "duration": span.micros("endTimeUnixNano") - start, "tags": tags, "logs": logs,
            "processID": process, "warnings": null,
        });
        processes.insert(process, json!({"serviceName": span.service, "tags": []}));
        let spans = traces.entry(trace).or_insert_with(|| json!([]));
        spans.as_array_mut().expect("an array").push(written);
    }
    let data: Vec<Value> = traces
        .into_iter()
        // Processes come behind the spans, as in Jaeger's own answers.
        .map(|(id, spans)| json!({"traceID": id, "spans": spans, "zprocesses": processes, "warnings": null}))
        .collect();
    json!({"data": data, "total": 0, "limit": 0, "offset": 0, "errors": null})
}

/// Jaeger's JSON as text; the map of the test sorts by name, and so the processes were given one that comes last.
fn jaeger_text(request: &Value) -> String {
    jaeger(request).to_string().replace("zprocesses", "processes")
}

/// What a reader of the report goes by.
fn causes(bytes: &[u8]) -> Vec<Value> {
    let evidence = evidence_of_bytes(&[bytes]);
    assert!(evidence.findings.iter().all(|finding| finding.code != "input-skipped"), "{:?}", evidence.findings);
    let tell = |cause: &whyspan::judge::evidence_cause::RootCause| {
        let exception = cause.exception.as_ref().map(|exception| (&exception.kind, &exception.message));
        json!({
            "kind": cause.kind, "service": cause.service, "operation": cause.operation, "effect": cause.effect,
            "client fault": cause.client_fault, "exception": exception, "entry points": cause.entry_points,
            "message": cause.status.message,
        })
    };
    evidence.root_causes.iter().map(tell).collect()
}

fn read(bytes: &[u8]) -> (Gathered, FileReport) {
    let mut gathered = Gathered::default();
    let report = read_bytes("input", bytes, &ReadOptions::default(), &mut gathered);
    (gathered, report)
}

/// Cuts `whole` at every byte: nothing breaks, and no span is lost by reading more.
fn cut_everywhere(whole: &[u8], spans: u64) {
    let mut most = 0;
    for cut in 0..=whole.len() {
        let (gathered, report) = read(&whole[..cut]);
        assert_eq!(gathered.spans.len() as u64, report.spans);
        assert!(report.spans >= most, "at {cut}: {report:?}");
        most = report.spans;
    }
    assert_eq!(most, spans);
}

#[test]
fn jaeger_tells_the_same_root_causes() {
    for story in STORIES {
        let original = original(story);
        let text = jaeger_text(&original);
        let pretty = serde_json::to_string_pretty(&jaeger(&original)).expect("JSON").replace("zprocesses", "processes");
        let wanted = causes(original.to_string().as_bytes());
        for text in [&text, &pretty, &format!("{text}\n\n{text}\n")] {
            assert_eq!(causes(text.as_bytes()), wanted, "{story}: {text}");
        }
    }
}

const JAEGER: &str = r#"{"data":[{"traceID":"0102030405060708","spans":[
{"traceID":"0102030405060708","spanID":"1","operationName":"GET /","references":[],"startTime":5,"duration":"7",
 "tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"error","type":"string","value":"true"}],"processID":"p1"},
{"traceID":"102030405060708","spanID":"2","operationName":"load","flags":1,"startTime":"6","duration":1,
 "references":[{"refType":"FOLLOWS_FROM","traceID":"ff","spanID":"9"},{"refType":"CHILD_OF","traceID":"102030405060708","spanID":"1"}],
 "logs":[{"timestamp":6,"fields":[{"key":"event","type":"string","value":"error"},{"key":"error.kind","value":"IOError"},
  {"key":"message","value":"disk is full"},{"key":"stack","value":"at load"}]}],"processID":"p2"},
{"traceID":"102030405060708","spanID":"3","references":null,"parentSpanID":"2","tags":[{"key":"otel.status_code","value":"OK"},
 {"key":"error","value":true}],"processID":"p3"}],
"processes":{"p1":{"serviceName":"shop","tags":[{"key":"hostname","value":"node-1"}]},"p2":{"serviceName":"store"}}}],"total":1}"#;

#[test]
fn jaeger_is_read_in_every_arrangement() {
    let trace = JAEGER.trim_start_matches("{\"data\":[").trim_end_matches("],\"total\":1}");
    let line = JAEGER.replace('\n', "");
    for (text, format) in [
        (JAEGER.to_owned(), "Jaeger JSON document"),
        (trace.to_owned(), "Jaeger JSON document"),
        (format!("[{trace}]"), "Jaeger JSON document"),
        (line.clone(), "Jaeger JSON lines"),
        (format!("{}\n", trace.replace('\n', "")), "Jaeger JSON lines"),
        (format!("{{\"resourceSpans\":[]}}\n{line}"), "Jaeger JSON lines"),
    ] {
        let (gathered, report) = read(text.as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (3, 0, 0), "{report:?}");
        assert_eq!(report.format, Some(format), "{text}");
        let names = &gathered.names;
        let services: Vec<&str> =
            gathered.spans.iter().map(|span| names.text(names.operation_of(span.operation).service)).collect();
        assert_eq!(services, ["shop", "store", "unknown_service"]);
        assert!(gathered.spans.iter().all(|span| span.trace == gathered.spans[0].trace));
        assert_eq!(gathered.spans.iter().map(|span| span.parent.0[7]).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((gathered.spans[0].time.start.0, gathered.spans[0].time.end.0), (5000, 12000));
        let status: Vec<String> = gathered.spans.iter().map(|span| format!("{:?}", span.status)).collect();
        assert_eq!(status, ["Error", "Unset", "Ok"]);
        let detail = gathered.spans[1].detail.as_ref().expect("a detail");
        assert_eq!((detail.links.len(), detail.links[0].span.0[7]), (1, 9));
        let exception = &detail.exceptions[0];
        assert_eq!(
            (&*exception.kind, &*exception.message, &*exception.stacktrace),
            ("IOError", "disk is full", "at load")
        );
    }
}

#[test]
fn a_bad_span_of_jaeger_costs_no_neighbour() {
    for (from, to) in [("\"spanID\":\"2\"", "\"spanID\":\"x\""), ("\"spanID\":\"2\",", "")] {
        let (gathered, report) = read(JAEGER.replace(from, to).as_bytes());
        assert_eq!(gathered.spans.iter().map(|span| span.id.0[7]).collect::<Vec<_>>(), [1, 3], "{report:?}");
        assert_eq!((report.skipped_total, report.skipped[0].record), (1, 1), "{report:?}");
    }
    a_wrong_value_costs_nothing_else(JAEGER, &[("\"6\"", "\"six\""), ("{\"key\"", "{\"key\" \"x\"},{\"key\"")], 3);
}

/// Reads `text` with each of the changes, and finds all spans and one thing to tell.
fn a_wrong_value_costs_nothing_else(text: &str, changes: &[(&str, &str)], spans: u64) {
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in the text");
        let (_, report) = read(text.replacen(from, to, 1).as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (spans, 0, 1), "{to}: {report:?}");
    }
}

#[test]
fn jaeger_may_end_anywhere() {
    cut_everywhere(JAEGER.as_bytes(), 3);
    cut_everywhere(JAEGER.replace('\n', "").as_bytes(), 3);
    let deep = format!("{{\"data\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    read(deep.as_bytes());
    read(JAEGER.replace("null", &deep).as_bytes());
}

fn zipkin(request: &Value) -> Value {
    let spans = told(request).into_iter().map(|span| {
        let mut tags = plain(&span.span["attributes"]);
        tags.values_mut().for_each(|value| *value = json!(value.to_string().trim_matches('"')));
        if span.failed() {
            tags.insert("otel.status_code".into(), json!("ERROR"));
            tags.insert("error".into(), json!(span.status_message()));
        }
        let annotation = |(name, fields): (String, Map<String, Value>)| json!({"timestamp": 1, "value": format!("\"{name}\": {}", Value::Object(fields))});
        let annotations: Vec<Value> = events(&span).into_iter().map(annotation).collect();
        let start = span.micros("startTimeUnixNano");
        let mut written = json!({
            "traceId": span.span["traceId"], "id": span.span["spanId"], "parentId": span.span["parentSpanId"],
            "name": span.span["name"], "timestamp": start, "duration": span.micros("endTimeUnixNano") - start,
            "localEndpoint": {"serviceName": span.service}, "tags": tags, "annotations": annotations,
        });
        if !matches!(span.kind(), "" | "internal") {
            written["kind"] = json!(span.kind().to_uppercase());
        }
        written
    });
    spans.collect()
}

#[test]
fn zipkin_tells_the_same_root_causes() {
    for story in STORIES {
        let original = original(story);
        let array = zipkin(&original);
        let pretty = serde_json::to_string_pretty(&array).expect("JSON");
        let wanted = causes(original.to_string().as_bytes());
        for text in [array.to_string(), pretty, format!("[{array},\n[]]"), format!("{array}\n{array}\n")] {
            assert_eq!(causes(text.as_bytes()), wanted, "{story}: {text}");
        }
    }
}

const ZIPKIN: &str = r#"[
{"traceId":"0102030405060708","id":"1","kind":"SERVER","name":"get /","timestamp":5,"duration":"7","localEndpoint":{"serviceName":"shop"},
 "tags":{"error":""}},
{"traceId":"00000000000000000102030405060708","id":"0000000000000002","parentId":"1","kind":"CLIENT","timestamp":"6","duration":1,
 "localEndpoint":{"serviceName":"shop"},"remoteEndpoint":{"serviceName":"mysql","ipv4":"10.0.0.7","port":3306},
 "annotations":[{"timestamp":6,"value":"exception: {\"exception.type\":\"E\",\"exception.message\":\"no \\\"rows\\\"\"}"}],
 "tags":{"error":"disk is full"}},
{"parentId":"2","traceId":"0102030405060708","id":"3","shared":null,"tags":{"error":"x","otel.status_code":"OK"}}
]"#;

#[test]
fn zipkin_is_read_in_every_arrangement() {
    let line = ZIPKIN.replace('\n', "");
    let elements = line.trim_start_matches('[').trim_end_matches(']');
    for (text, format) in [
        (ZIPKIN.to_owned(), "Zipkin JSON document"),
        (format!("[\n{ZIPKIN},[]]"), "Zipkin JSON document"),
        (line.clone(), "Zipkin JSON lines"),
        (
            elements.replace(",{\"traceId\"", "\n{\"traceId\"").replace(",{\"parentId\"", "\n{\"parentId\""),
            "Zipkin JSON lines",
        ),
    ] {
        let (gathered, report) = read(text.as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (3, 0, 0), "{report:?}");
        assert_eq!(report.format, Some(format), "{text}");
        let names = &gathered.names;
        let services: Vec<&str> =
            gathered.spans.iter().map(|span| names.text(names.operation_of(span.operation).service)).collect();
        assert_eq!(services, ["shop", "shop", "unknown_service"]);
        assert!(gathered.spans.iter().all(|span| span.trace == gathered.spans[0].trace));
        assert_eq!(gathered.spans.iter().map(|span| span.parent.0[7]).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((gathered.spans[0].time.start.0, gathered.spans[0].time.end.0), (5000, 12000));
        let status: Vec<String> = gathered.spans.iter().map(|span| format!("{:?}", span.status)).collect();
        assert_eq!(status, ["Error", "Error", "Ok"]);
        let target = names.target_of(gathered.spans[1].target);
        assert_eq!(
            (names.text(target.peer_service), names.text(target.address), target.port),
            ("mysql", "10.0.0.7", 3306)
        );
        let detail = gathered.spans[1].detail.as_ref().expect("a detail");
        assert_eq!(&*detail.status_message, "disk is full");
        assert_eq!((&*detail.exceptions[0].kind, &*detail.exceptions[0].message), ("E", "no \"rows\""));
    }
}

#[test]
fn a_bad_span_of_zipkin_costs_no_neighbour() {
    for (from, to) in [("\"0000000000000002\"", "\"x\""), ("\"0000000000000002\"", "null")] {
        for text in [ZIPKIN.replace(from, to), ZIPKIN.replace(from, to).replace('\n', "")] {
            let (gathered, report) = read(text.as_bytes());
            assert_eq!(gathered.spans.iter().map(|span| span.id.0[7]).collect::<Vec<_>>(), [1, 3], "{report:?}");
            assert_eq!(report.skipped_total, 1, "{report:?}");
        }
    }
    a_wrong_value_costs_nothing_else(ZIPKIN, &[("\"6\"", "\"six\"")], 3);
}

#[test]
fn zipkin_may_end_anywhere() {
    cut_everywhere(ZIPKIN.as_bytes(), 3);
    cut_everywhere(ZIPKIN.replace('\n', "").as_bytes(), 3);
}

/// A story without what X-Ray cannot tell: names of server spans, and the status message beside an exception.
fn without_what_xray_loses(mut request: Value) -> Value {
    for block in request["resourceSpans"].as_array_mut().expect("blocks") {
        let service = plain(&block["resource"]["attributes"])["service.name"].clone();
        for scope in block["scopeSpans"].as_array_mut().expect("scopes") {
            for span in scope["spans"].as_array_mut().expect("spans") {
                if span["kind"] == 2 {
                    span["name"] = service.clone();
                }
                if span["events"].is_array() && span["status"].is_object() {
                    span["status"]["message"] = json!("");
                }
            }
        }
    }
    request
}

/// The lines of a JavaScript stack as frames.
fn frames(stack: &str) -> Vec<Value> {
    let frame = |line: &str| {
        let (label, place) = line.trim().strip_prefix("at ")?.trim_end_matches(')').rsplit_once(" (")?;
        let mut parts = place.rsplitn(3, ':');
        let (_, line, path) = (parts.next()?, parts.next()?, parts.next()?);
        Some(json!({"path": path, "line": line.parse::<u64>().ok()?, "label": label}))
    };
    stack.lines().filter_map(frame).collect()
}

/// One segment, or a subsegment that is sent by itself, with all that lies in it.
fn xray_segment(span: &Told, all: &[Told], alone: bool) -> Value {
    let attributes = plain(&span.span["attributes"]);
    let http = attributes.get("http.response.status_code").and_then(Value::as_u64);
    let mut metadata = attributes.clone();
    let seconds = |field: &str| span.micros(field) as f64 / 1e6;
    let mut written = json!({
        "id": span.span["spanId"], "start_time": seconds("startTimeUnixNano"), "end_time": seconds("endTimeUnixNano"),
    });
    if alone {
        let trace = span.text("traceId");
        written["trace_id"] = json!(format!("1-{}-{}", &trace[..8], &trace[8..]));
        written["parent_id"] = span.span["parentSpanId"].clone();
    }
    if span.kind() == "server" {
        written["name"] = json!(span.service);
    } else {
        written["name"] = span.span["name"].clone();
        if alone {
            written["type"] = json!("subsegment");
            metadata.insert("otel.resource.service.name".into(), json!(span.service));
        }
    }
    if span.kind() == "client" {
        written["namespace"] = json!("remote");
    }
    if let Some(code) = http {
        written["http"] =
            json!({"request": {"method": attributes["http.request.method"]}, "response": {"status": code}});
    }
    if span.failed() {
        written[if http.is_some_and(|code| code < 500) { "error" } else { "fault" }] = json!(true);
        let mut exceptions: Vec<Value> = Vec::new();
        for (_, event) in events(span) {
            let stack = frames(event.get("exception.stacktrace").and_then(Value::as_str).unwrap_or_default());
            exceptions.push(json!({
                "id": "1", "type": event["exception.type"], "message": event["exception.message"], "stack": stack,
            }));
        }
        if exceptions.is_empty() {
            exceptions.push(json!({"id": "1", "message": span.status_message()}));
        }
        written["cause"] = json!({"exceptions": exceptions});
    }
    let inner: Vec<Value> =
        all.iter().filter(|other| is_inside(other, span)).map(|other| xray_segment(other, all, false)).collect();
    written["metadata"] = json!({"default": metadata});
    written["subsegments"] = json!(inner);
    written
}

fn is_inside(inner: &Told, outer: &Told) -> bool {
    inner.kind() != "server"
        && inner.service == outer.service
        && inner.span["traceId"] == outer.span["traceId"]
        && inner.span["parentSpanId"] == outer.span["spanId"]
}

fn xray(request: &Value) -> Vec<Value> {
    let all = told(request);
    let alone = |span: &&Told| !all.iter().any(|outer| is_inside(span, outer));
    all.iter().filter(alone).map(|span| xray_segment(span, &all, true)).collect()
}

#[test]
fn xray_tells_the_same_root_causes() {
    // Two halves of a call never share an id there.
    for story in STORIES.into_iter().filter(|story| !story.starts_with("zipkin")) {
        let original = without_what_xray_loses(original(story));
        let segments = xray(&original);
        let lines: String = segments.iter().map(|segment| format!("{segment}\n")).collect();
        let wrapped: Vec<Value> =
            segments.iter().map(|segment| json!({"Id": "x", "Document": segment.to_string()})).collect();
        let answer = json!({"Traces": [{"Id": "1-x", "Segments": wrapped}], "UnprocessedTraceIds": []});
        let pretty = serde_json::to_string_pretty(&answer).expect("JSON");
        let wanted = causes(original.to_string().as_bytes());
        for text in [lines, Value::Array(segments).to_string(), answer.to_string(), pretty] {
            assert_eq!(causes(text.as_bytes()), wanted, "{story}: {text}");
        }
    }
}

const XRAY: &str = r#"{"trace_id":"1-581cf771-a006649127e371903a2de979","subsegments":[
{"id":"2","namespace":"aws","name":"DynamoDB","start_time":2.0,"end_time":"3.5","aws":{"operation":"GetItem"},"throttle":true,
 "subsegments":[{"id":"3","name":"wait","subsegments":null,"cause":"0123456789abcdef"}]},
{"name":"mysql","id":"4","namespace":"remote","fault":true,"sql":{"database_type":"MySQL"},"cause":{"exceptions":[
 {"type":"Timeout","message":"no answer","stack":[{"path":"db.js","line":7,"label":"query"},{"path":"app.js","line":1,"label":"main"}]}]}}],
"id":"1","name":"shop","start_time":1.5,"end_time":4,"http":{"request":{"method":"GET"},"response":{"status":500}},"fault":true}"#;

#[test]
fn xray_is_read_in_every_arrangement() {
    let line = XRAY.replace('\n', "");
    let document = json!({"Id": "x", "Document": XRAY});
    for (text, format) in [
        (XRAY.to_owned(), "X-Ray segments document"),
        (line.clone(), "X-Ray segment lines"),
        (format!("[\n{XRAY}\n]"), "X-Ray segments document"),
        (json!({"Traces": [{"Id": "y", "Segments": [document]}]}).to_string(), "X-Ray segment lines"),
    ] {
        let (gathered, report) = read(text.as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (4, 0, 0), "{report:?}");
        assert_eq!(report.format, Some(format), "{text}");
        let names = &gathered.names;
        assert!(gathered.spans.iter().all(|span| names.text(names.operation_of(span.operation).service) == "shop"));
        let ids: Vec<_> = gathered.spans.iter().map(|span| (span.id.0[7], span.parent.0[7])).collect();
        assert_eq!(ids, [(1, 0), (2, 1), (3, 2), (4, 1)]);
        let kinds: Vec<_> =
            gathered.spans.iter().map(|span| format!("{:?}", names.operation_of(span.operation).kind)).collect();
        assert_eq!(kinds, ["Server", "Client", "Internal", "Client"]);
        assert_eq!(
            gathered.spans.iter().map(|span| span.codes.http).collect::<Vec<_>>(),
            [Some(500), Some(429), None, None]
        );
        assert_eq!((gathered.spans[1].time.start.0, gathered.spans[1].time.end.0), (2_000_000_000, 3_500_000_000));
        assert_eq!(names.text(names.operation_of(gathered.spans[1].operation).name), "DynamoDB/GetItem");
        let exception = &gathered.spans[3].detail.as_ref().expect("a detail").exceptions[0];
        assert_eq!((&*exception.kind, &*exception.message), ("Timeout", "no answer"));
        assert_eq!(&*exception.stacktrace, "query (db.js:7)\nmain (app.js:1)");
    }
}

#[test]
fn a_bad_segment_of_xray_costs_no_neighbour() {
    for (from, to) in [("\"id\":\"3\"", "\"id\":\"x\""), ("\"id\":\"3\"", "\"id\" 3")] {
        let (gathered, report) = read(XRAY.replace(from, to).as_bytes());
        assert_eq!(gathered.spans.iter().map(|span| span.id.0[7]).collect::<Vec<_>>(), [1, 2, 4], "{report:?}");
        assert_eq!((report.skipped_total, report.skipped[0].record), (1, 1), "{report:?}");
    }
    a_wrong_value_costs_nothing_else(XRAY, &[("\"name\":\"wait\"", "\"start_time\":\"x\"")], 4);
}

#[test]
fn xray_may_end_anywhere_and_nest_to_any_depth() {
    cut_everywhere(XRAY.as_bytes(), 4);
    cut_everywhere(XRAY.replace('\n', "").as_bytes(), 4);
    let deep = [
        "{\"id\":\"1\",\"trace_id\":\"1-581cf771-a006649127e371903a2de979\",\"subsegments\":[".repeat(50_000),
        "]}".repeat(50_000),
    ];
    assert_eq!(read(deep.concat().as_bytes()).1.spans, 50_000);
    assert_eq!(read(deep[0].as_bytes()).1.spans, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_brings_a_reader_down(
        at in any::<prop::sample::Index>(),
        put in prop::collection::vec(any::<u8>(), 0..4),
        which in 0..3_usize,
        one_line in any::<bool>(),
    ) {
        let mut text = [JAEGER, ZIPKIN, XRAY][which].to_owned();
        if one_line {
            text = text.replace('\n', "");
        }
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        let end = (at + put.len()).min(bytes.len());
        bytes.splice(at..end, put);
        read(&bytes);
    }
}
