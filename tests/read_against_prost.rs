//! The readers against the generated structs of opentelemetry-proto: whatever request is written, protobuf and JSON
//! must be read alike, and as a plain mapping from the structs has it.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::packed::framed;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message;
use whyspan::model::exception::Exception;
use whyspan::model::names::Names;
use whyspan::model::sent::{Sampling, Sent};
use whyspan::model::span::{LogEvent, LooseSpan};
use whyspan::model::time::{Interval, Nanos};
use whyspan::ordered::map::OrderedMap;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::{Gathered, Sink};
use whyspan::read::survey::Survey;

const SPAN_KEYS: [&str; 36] = [
    "SampleRate",
    "sampler.type",
    "sampler.param",
    "sampling.priority",
    "rpc.service",
    "rpc.method",
    "rpc.system",
    "rpc.system.name",
    "rpc.grpc.status_code",
    "rpc.response.status_code",
    "http.status_code",
    "http.response.status_code",
    "http.method",
    "url.full",
    "db.system",
    "db.system.name",
    "db.name",
    "db.namespace",
    "messaging.system",
    "messaging.destination.name",
    "server.address",
    "server.port",
    "net.peer.name",
    "net.peer.ip",
    "peer.service",
    "error.type",
    "grpc.error_name",
    "grpc.error_message",
    "exception.type",
    "exception.message",
    "exception.stacktrace",
    "feature_flag.key",
    "feature_flag.result.variant",
    "app.kept",
    "log.severity",
    "log.logger",
];
const RESOURCE_KEYS: [&str; 9] = [
    "telemetry.sdk.language",
    "service.name",
    "service.version",
    "service.instance.id",
    "k8s.pod.name",
    "container.id",
    "host.name",
    "k8s.node.name",
    "os.type",
];
const TEXTS: [&str; 13] = [
    "probabilistic",
    "",
    "pkg.Service",
    "pkg.Service/Method",
    "/pkg.Service/Method",
    "grpc.pkg.Service/Method",
    "UNAVAILABLE",
    "14",
    "503",
    "http://user@host:8080/path",
    "product not found",
    "exception",
    "\"on\"",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        1 => vec(any::<char>(), 0..12).prop_map(String::from_iter),
    ]
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        6 => text().prop_map(Any::StringValue),
        2 => prop::sample::select(&[0, 2, 14, 200, 503, 8080, -1, i64::MAX, i64::MIN][..]).prop_map(Any::IntValue),
        1 => any::<bool>().prop_map(Any::BoolValue),
        1 => prop::sample::select(&[0.5, 200.0, -1e300, 1e-9][..]).prop_map(Any::DoubleValue),
    ];
    let leaf = option::weighted(0.95, leaf).prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|values| Any::ArrayValue(ArrayValue { values })),
            vec((text(), inner), 0..3).prop_map(|pairs| {
                let values = pairs.into_iter().map(|(key, value)| pair(&key, value)).collect();
                Any::KvlistValue(KeyValueList { values })
            }),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn pair(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

fn attributes(keys: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<KeyValue>> {
    vec((prop::sample::select(keys), any_value()).prop_map(|(key, value)| pair(key, value)), 0..most)
}

fn id(length: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![12 => vec(any::<u8>(), length), 1 => Just(vec![0; length]), 1 => vec(any::<u8>(), 0..length)]
}

fn event() -> impl Strategy<Value = Event> {
    (text(), attributes(&SPAN_KEYS[28..], 4)).prop_map(|(name, attributes)| Event {
        name,
        attributes,
        time_unix_nano: 1,
        ..Event::default()
    })
}

fn span() -> impl Strategy<Value = Span> {
    let ids = (id(16), id(8), prop_oneof![Just(Vec::new()), id(8)]);
    let links =
        vec((id(16), id(8)).prop_map(|(trace_id, span_id)| Link { trace_id, span_id, ..Link::default() }), 0..2);
    let status = option::of((0..4, text()).prop_map(|(code, message)| Status { code, message }));
    let states: Vec<String> = STATES.iter().map(|(state, _)| (*state).to_owned()).collect();
    let sampling = (prop::sample::select(states), prop::sample::select(vec![0, 1, 3, 257, 256, 768, 769, u32::MAX]));
    let rest = (text(), -1..7, 1..u64::MAX, any::<u64>(), ([0..3_u32, 0..2, 0..9], sampling));
    (ids, rest, attributes(&SPAN_KEYS, 8), vec(event(), 0..3), links, status).prop_map(
        |(
            (trace_id, span_id, parent_span_id),
            (name, kind, start, end, (dropped, (trace_state, flags))),
            attributes,
            events,
            links,
            status,
        )| {
            Span {
                trace_id,
                span_id,
                parent_span_id,
                name,
                kind,
                start_time_unix_nano: start,
                end_time_unix_nano: end,
                dropped_events_count: dropped[0],
                dropped_attributes_count: dropped[1],
                dropped_links_count: dropped[2],
                trace_state,
                flags,
                attributes,
                events,
                links,
                status,
            }
        },
    )
}

fn resource() -> impl Strategy<Value = Option<Resource>> {
    option::weighted(
        0.9,
        attributes(&RESOURCE_KEYS, 6).prop_map(|attributes| Resource { attributes, ..Resource::default() }),
    )
}

fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scope = vec(span(), 1..4).prop_map(|spans| ScopeSpans { spans, ..ScopeSpans::default() });
    let block = (resource(), vec(scope, 1..3)).prop_map(|(resource, scope_spans)| ResourceSpans {
        resource,
        scope_spans,
        ..ResourceSpans::default()
    });
    vec(block, 1..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    const KEYS: [&str; 8] = [
        "exception.type",
        "exception.message",
        "exception.stacktrace",
        "feature_flag.key",
        "feature_flag.result.value",
        "statuscode",
        "Detail",
        "other",
    ];
    let flags = prop::sample::select(vec![0, 1, 3, u32::MAX]);
    let record =
        (id(16), id(8), any::<u64>(), 1..u64::MAX, 0..25, attributes(&KEYS, 3), option::of(any_value()), flags);
    let record = record.prop_map(|(trace_id, span_id, time, observed, severity, attributes, body, flags)| LogRecord {
        flags,
        trace_id,
        span_id,
        time_unix_nano: time,
        observed_time_unix_nano: observed,
        severity_number: severity,
        attributes,
        body,
        ..LogRecord::default()
    });
    let scope = vec(record, 1..4).prop_map(|log_records| ScopeLogs { log_records, ..ScopeLogs::default() });
    let block = (resource(), vec(scope, 1..3)).prop_map(|(resource, scope_logs)| ResourceLogs {
        resource,
        scope_logs,
        ..ResourceLogs::default()
    });
    vec(block, 1..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

/// Keeps all that is read, and counts what was sent.
#[derive(Default)]
struct Surveyed {
    gathered: Gathered,
    survey: Survey,
}

impl Sink for Surveyed {
    fn names(&mut self) -> &mut Names {
        self.gathered.names()
    }

    fn span(&mut self, span: LooseSpan) {
        self.gathered.span(span);
    }

    fn log(&mut self, log: LogEvent) {
        self.gathered.log(log);
    }

    fn survey(&mut self) -> Option<(&mut Survey, &Names)> {
        Some((&mut self.survey, &self.gathered.names))
    }
}

/// What each service sent, as the readers count it.
fn surveyed(bytes: &[u8]) -> OrderedMap<String, Sent> {
    let mut sink = Surveyed::default();
    read_bytes("test", bytes, &ReadOptions::default(), &mut sink);
    sink.survey.finish(&sink.gathered.names)
}

/// What was read, with every name written out, one line each.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>, String) {
    let mut gathered = Gathered::default();
    let options = ReadOptions { keep_attributes: vec!["app.*".into(), "os.type".into()], ..ReadOptions::default() };
    let report = read_bytes("test", bytes, &options, &mut gathered);
    let names = &gathered.names;
    let flag = |flag: &whyspan::model::span::FlagEvaluation| (names.text(flag.key), names.text(flag.variant));
    let resource_of = |id| {
        let resource = names.resource_of(id);
        [resource.service, resource.version, resource.instance, resource.host].map(|sym| names.text(sym))
    };
    let spans = gathered.spans.iter().map(|span| {
        let operation = names.operation_of(span.operation);
        let target = names.target_of(span.target);
        let target_names = [target.system, target.peer_service, target.rpc_service, target.address, target.resource];
        let detail = span.detail.clone().unwrap_or_default();
        plain_span(&Plain {
            ids: format!("{} {} {}", span.trace, span.id, span.parent),
            time: (span.time.start.0, span.time.end.0),
            operation: (names.text(operation.service), names.text(operation.name), operation.kind.as_str()),
            name: names.text(span.name),
            resource: resource_of(span.resource),
            target: (format!("{:?}", target.class), target_names.map(|sym| names.text(sym)), target.port),
            codes: (span.codes.grpc, span.codes.http),
            status: format!("{:?}", span.status),
            texts: [&*detail.status_message, &*detail.error_text, &*detail.error_type],
            exceptions: detail.exceptions.iter().map(plain_exception).collect(),
            links: detail.links.iter().map(|link| format!("{} {}", link.trace, link.span)).collect(),
            flags: detail.flags.iter().map(|it| format!("{:?}", flag(it))).collect(),
            attributes: span
                .attributes
                .iter()
                .map(|(key, value)| format!("{} {:?}", names.text(*key), value.text(names)))
                .collect(),
            told: detail.told.iter().map(|step| names.text(*step).to_owned()).collect(),
            dropped: detail.dropped_events,
        })
    });
    let logs = gathered.logs.iter().map(|log| {
        format!(
            "{} {} {} {:?} {} {:?} {:?} {:?}",
            log.trace,
            log.span,
            log.time.0,
            resource_of(log.resource),
            log.severity,
            log.body,
            log.exception.as_deref().map(plain_exception),
            log.flag.as_ref().map(flag),
        )
    });
    let counts = format!("{} {} {}", report.spans, report.logs, report.no_service_name);
    assert!(report.error.is_none(), "{report:?}");
    (spans.collect(), logs.collect(), counts)
}

fn plain_exception(exception: &Exception) -> String {
    format!("{:?} {:?} {:?}", exception.kind, exception.message, exception.stacktrace)
}

#[derive(Debug)]
#[allow(dead_code, reason = "shown by Debug")]
struct Plain<'t> {
    ids: String,
    time: (u64, u64),
    operation: (&'t str, &'t str, &'static str),
    name: &'t str,
    resource: [&'t str; 4],
    target: (String, [&'t str; 5], u16),
    codes: (Option<u8>, Option<u16>),
    status: String,
    texts: [&'t str; 3],
    exceptions: Vec<String>,
    links: Vec<String>,
    flags: Vec<String>,
    told: Vec<String>,
    attributes: Vec<String>,
    dropped: u32,
}

fn plain_span(span: &Plain<'_>) -> String {
    format!("{span:?}")
}

// The plain mapping, from structs: slow, and close to the words of the model.

fn hex(bytes: &[u8], length: usize) -> Option<String> {
    let bytes = if bytes.is_empty() { vec![0; length] } else { bytes.to_vec() };
    (bytes.len() == length).then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_zero(hex: &str) -> bool {
    hex.bytes().all(|digit| digit == b'0')
}

/// The first value of a key that says anything.
fn get<'t>(attributes: &'t [KeyValue], key: &str) -> Option<&'t Any> {
    attributes
        .iter()
        .filter(|pair| pair.key.eq_ignore_ascii_case(key))
        .filter_map(|pair| pair.value.as_ref()?.value.as_ref())
        .find(|value| !matches!(value, Any::StringValue(text) if text.is_empty()))
}

fn str_of<'t>(attributes: &'t [KeyValue], keys: &[&str]) -> Option<&'t str> {
    keys.iter().find_map(|key| match get(attributes, key)? {
        Any::StringValue(text) => Some(text.as_str()),
        _ => None,
    })
}

fn int_of(attributes: &[KeyValue], key: &str) -> Option<i64> {
    match get(attributes, key)? {
        Any::IntValue(number) => Some(*number),
        Any::StringValue(text) => text.trim().parse().ok(),
        Any::DoubleValue(number) if *number == 200.0 => Some(200),
        _ => None,
    }
}

fn shown(value: Option<&Any>) -> String {
    match value {
        None => String::new(),
        Some(Any::StringValue(text)) => text.clone(),
        Some(other) => json(Some(other)),
    }
}

fn json(value: Option<&Any>) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a string");
    match value {
        Some(Any::StringValue(text)) => quoted(text),
        Some(Any::IntValue(number)) => number.to_string(),
        Some(Any::DoubleValue(number)) => number.to_string(),
        Some(Any::BoolValue(truth)) => truth.to_string(),
        Some(Any::ArrayValue(list)) => {
            let values: Vec<_> = list.values.iter().map(|value| json(value.value.as_ref())).collect();
            format!("[{}]", values.join(","))
        }
        Some(Any::KvlistValue(list)) => {
            let value = |pair: &KeyValue| json(pair.value.as_ref().and_then(|value| value.value.as_ref()));
            let pairs: Vec<_> =
                list.values.iter().map(|pair| format!("{}:{}", quoted(&pair.key), value(pair))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        _ => "null".to_owned(),
    }
}

fn exception_of(attributes: &[KeyValue]) -> Option<String> {
    let parts = ["exception.type", "exception.message", "exception.stacktrace"].map(|key| get(attributes, key));
    let [kind, message, stacktrace] = parts.map(shown);
    parts.iter().any(Option::is_some).then(|| format!("{kind:?} {message:?} {stacktrace:?}"))
}

fn flag_of(attributes: &[KeyValue]) -> Option<String> {
    let key = str_of(attributes, &["feature_flag.key"])?;
    let variant = match str_of(attributes, &["feature_flag.result.variant"]) {
        Some(variant) => variant.to_owned(),
        None => match get(attributes, "feature_flag.result.value") {
            Some(Any::StringValue(text)) => serde_json::from_str(text).unwrap_or_else(|_| text.clone()),
            value => shown(value),
        },
    };
    Some(format!("{:?}", (key, variant)))
}

fn resource_of(resource: Option<&Resource>) -> [&str; 4] {
    let attributes = resource.map_or(&[][..], |resource| &resource.attributes[..]);
    [
        str_of(attributes, &["service.name"]).unwrap_or("unknown_service"),
        str_of(attributes, &["service.version"]).unwrap_or(""),
        str_of(attributes, &["service.instance.id", "k8s.pod.name", "container.id"]).unwrap_or(""),
        str_of(attributes, &["host.name", "k8s.node.name"]).unwrap_or(""),
    ]
}

/// A call of a service without what SDKs put before it: `grpc.`, or a slash where there is a package and no third part.
fn stripped(name: &str) -> &str {
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        [first, _, ..] if first.starts_with("grpc.") => &name["grpc.".len()..],
        ["", service, _] if service.contains('.') => &name[1..],
        _ => name,
    }
}

fn expected_span(span: &Span, resource: Option<&Resource>) -> Option<String> {
    let (trace, own) = (hex(&span.trace_id, 16)?, hex(&span.span_id, 8)?);
    if is_zero(&trace) || is_zero(&own) {
        return None;
    }
    let parent = hex(&span.parent_span_id, 8).unwrap_or("0".repeat(16));
    let at = &span.attributes[..];
    let joined;
    let operation = match (str_of(at, &["rpc.method"]), str_of(at, &["rpc.service"])) {
        (Some(method), _) if method.contains('/') => stripped(method),
        (Some(method), Some(service)) => {
            joined = format!("{service}/{method}");
            &joined
        }
        _ => stripped(&span.name),
    };
    let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    let kind = usize::try_from(span.kind).ok().and_then(|kind| kinds.get(kind)).copied().unwrap_or("UNSPECIFIED");
    let has = |prefix: &str| at.iter().any(|pair| pair.key.starts_with(prefix));
    let class = ["db.", "messaging.", "rpc.", "http."].iter().position(|prefix| has(prefix));
    let url = str_of(at, &["url.full"]).filter(|url| *url == "http://user@host:8080/path");
    let address = str_of(at, &["server.address", "net.peer.name", "net.peer.ip"]);
    let port = int_of(at, "server.port").and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
    let url_port = if address.is_none() && url.is_some() && port == 0 { 8080 } else { port };
    let target = (
        class.map_or("Unknown", |class| ["Database", "Messaging", "Rpc", "Http"][class]).to_owned(),
        [
            match class {
                Some(0) => str_of(at, &["db.system.name", "db.system"]),
                Some(1) => str_of(at, &["messaging.system"]),
                Some(2) => str_of(at, &["rpc.system.name", "rpc.system"]),
                _ => None,
            },
            str_of(at, &["peer.service"]),
            str_of(at, &["rpc.service"]).or_else(|| {
                str_of(at, &["rpc.method"])?.trim_start_matches('/').rsplit_once('/').map(|(service, _)| service)
            }),
            address.or(url.map(|_| "host")),
            match class {
                Some(0) => str_of(at, &["db.namespace", "db.name"]),
                Some(1) => str_of(at, &["messaging.destination.name"]),
                _ => None,
            },
        ]
        .map(|text| text.unwrap_or("")),
        url_port,
    );
    let target = if matches!(kind, "CLIENT" | "PRODUCER") { target } else { ("Unknown".into(), [""; 5], 0) };
    let grpc = |key| match get(at, key)? {
        Any::StringValue(name) if name == "UNAVAILABLE" => Some(14),
        _ => int_of(at, key).and_then(|code| u8::try_from(code).ok()).filter(|code| *code <= 16),
    };
    let http =
        |key| int_of(at, key).and_then(|code| u16::try_from(code).ok()).filter(|code| (100..1000).contains(code));
    let status = span.status.clone().unwrap_or_default();
    let event_text = span.events.iter().rev().find(|it| it.attributes.is_empty() && it.name.trim().contains(' '));
    let event_text = event_text.filter(|_| status.code == 2).map_or("", |event| &event.name);
    let error_type = shown(get(at, "error.type").or(get(at, "grpc.error_name")));
    let events = || span.events.iter().map(|event| &event.attributes[..]);
    let kept = |pair: &&KeyValue| pair.key == "app.kept" || pair.key == "os.type";
    let resource_attributes = resource.map_or(&[][..], |resource| &resource.attributes[..]);
    let value_of = |pair: &KeyValue| shown(pair.value.as_ref().and_then(|value| value.value.as_ref()));
    let link = |link: &Link| {
        let (trace, span) = (hex(&link.trace_id, 16)?, hex(&link.span_id, 8)?);
        (!is_zero(&trace) && !is_zero(&span)).then(|| format!("{trace} {span}"))
    };
    Some(plain_span(&Plain {
        ids: format!("{trace} {own} {parent}"),
        time: (span.start_time_unix_nano, span.end_time_unix_nano),
        operation: (resource_of(resource)[0], operation, kind),
        name: &span.name,
        resource: resource_of(resource),
        target,
        codes: (
            grpc("rpc.grpc.status_code").or(grpc("rpc.response.status_code")),
            http("http.response.status_code").or(http("http.status_code")),
        ),
        status: ["Unset", "Ok", "Error", "Unset"][usize::try_from(status.code).expect("0 to 3")].to_owned(),
        texts: [&status.message, str_of(at, &["grpc.error_message"]).unwrap_or(event_text), &error_type],
        exceptions: events().filter_map(exception_of).collect(),
        links: span.links.iter().filter_map(link).collect(),
        flags: events().chain([at]).filter_map(flag_of).collect(),
        attributes: [at, resource_attributes]
            .iter()
            .flat_map(|list| list.iter().filter(kept))
            .map(|pair| format!("{} {:?}", pair.key, value_of(pair)))
            .collect(),
        told: told(span),
        dropped: span.dropped_events_count,
    }))
}

/// The steps of the work that the events of a span tell of, each once.
fn told(span: &Span) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for event in &span.events {
        let at = &event.attributes[..];
        let text = |key| get(at, key).map(|value| shown(Some(value)));
        let is_text = at.is_empty() && event.name.trim().contains(' ');
        if is_text || exception_of(at).is_some() || flag_of(at).is_some() {
            continue;
        }
        let step = match text("log.severity") {
            Some(severity) => {
                let logger = text("log.logger").unwrap_or_default();
                format!("{} {severity} {logger}", event.name).trim().to_owned()
            }
            None if event.name == "message" => continue,
            None => {
                let parts: Vec<&str> = event.name.split(|letter: char| letter.is_ascii_digit()).collect();
                // Digits next to each other leave nothing between them.
                let mut step = String::new();
                for (place, part) in parts.iter().enumerate() {
                    if place > 0 && !step.ends_with('#') {
                        step.push('#');
                    }
                    step.push_str(part);
                }
                step
            }
        };
        if !step.is_empty() && !told.contains(&step) && told.len() < 64 {
            told.push(step);
        }
    }
    told
}

fn expected_log(log: &LogRecord, resource: Option<&Resource>) -> Option<String> {
    let at = &log.attributes[..];
    let failed = log.severity_number >= 17;
    let exception = exception_of(at).or_else(|| {
        let (code, detail) = (shown(get(at, "statuscode")), shown(get(at, "detail")));
        let both = get(at, "statuscode").is_some() && get(at, "detail").is_some();
        both.then(|| format!("{code:?} {:?} {detail:?}", detail.lines().next().unwrap_or_default()))
    });
    let flag = flag_of(at);
    if !failed && exception.is_none() && flag.is_none() {
        return None;
    }
    let body = shown(log.body.as_ref().and_then(|body| body.value.as_ref()));
    let time = if log.time_unix_nano == 0 { log.observed_time_unix_nano } else { log.time_unix_nano };
    let flag = flag.map_or("None".to_owned(), |flag| format!("Some({flag})"));
    Some(format!(
        "{} {} {time} {:?} {} {:?} {exception:?} {flag}",
        hex(&log.trace_id, 16).unwrap_or("0".repeat(32)),
        hex(&log.span_id, 8).unwrap_or("0".repeat(16)),
        resource_of(resource),
        log.severity_number,
        if failed { body } else { String::new() },
    ))
}

/// How many spans one stands for that tells of its sampling so, times [`Sampling::PARTS`].
const STATES: [(&str, Option<u128>); 6] = [
    ("", None),
    ("vendor=ot:th", None),
    ("ot=th:0", Some(Sampling::PARTS)),
    ("a=b,ot=rv:0123456789abcd;th:c", Some(4 * Sampling::PARTS)),
    ("ot=p:1;r:3,b=c", Some(2 * Sampling::PARTS)),
    ("ot=th:nonsense", None),
];

fn expected_weight(span: &Span) -> Option<u128> {
    let (_, by_state) = STATES.iter().find(|(state, _)| *state == span.trace_state).expect("one of the states");
    let at = &span.attributes[..];
    let rate = int_of(at, "SampleRate").and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate > 0);
    let sampler = || match get(at, "sampler.param")? {
        _ if str_of(at, &["sampler.type"]) != Some("probabilistic") => None,
        Any::DoubleValue(number) if *number == 0.5 => Some(2 * Sampling::PARTS),
        Any::DoubleValue(number) if *number == 1e-9 => Some(1_000_000_000 * Sampling::PARTS),
        _ => None,
    };
    by_state.or(rate.map(|rate| u128::from(rate) * Sampling::PARTS)).or_else(sampler)
}

fn language_of(resource: Option<&Resource>) -> Option<&str> {
    str_of(resource.map_or(&[][..], |resource| &resource.attributes[..]), &["telemetry.sdk.language"])
}

fn expected_sent_spans(request: &ExportTraceServiceRequest) -> OrderedMap<String, Sent> {
    let mut services: OrderedMap<String, Sent> = OrderedMap::new();
    for block in &request.resource_spans {
        let resource = block.resource.as_ref();
        let spans = block.scope_spans.iter().flat_map(|scope| &scope.spans);
        for span in spans.filter(|span| expected_span(span, resource).is_some()) {
            let sent = services.entry(resource_of(resource)[0].to_owned()).or_default();
            sent.spans += 1;
            language_of(resource).into_iter().for_each(|language| sent.languages.add(language, 1));
            sent.dropped_attributes.add(span.dropped_attributes_count);
            sent.dropped_events.add(span.dropped_events_count);
            sent.dropped_links.add(span.dropped_links_count);
            expected_weight(span).into_iter().for_each(|weight| sent.sampling.add_weight(weight));
            sent.sampling.own_randomness += u64::from(span.trace_state.contains("rv:"));
            sent.sampling.flagged += u64::from(span.flags != 0);
            sent.sampling.random += u64::from(span.flags & 2 != 0);
            sent.sampling.remote_parent += u64::from([768, 769, u32::MAX].contains(&span.flags));
            let forced = int_of(&span.attributes, "sampling.priority").is_some_and(|priority| priority > 0);
            sent.sampling.forced += u64::from(forced);
        }
    }
    services
}

fn expected_sent_logs(request: &ExportLogsServiceRequest) -> OrderedMap<String, Sent> {
    let mut services: OrderedMap<String, Sent> = OrderedMap::new();
    for block in &request.resource_logs {
        for log in block.scope_logs.iter().flat_map(|scope| &scope.log_records) {
            let at = &log.attributes[..];
            let logs = &mut services.entry(resource_of(block.resource.as_ref())[0].to_owned()).or_default().logs;
            let in_trace = log.trace_id.len() == 16 && log.trace_id.iter().any(|byte| *byte != 0);
            let both = get(at, "statuscode").is_some() && get(at, "detail").is_some();
            let error = log.severity_number >= 17 || exception_of(at).is_some() || both;
            let evaluates = get(at, "feature_flag.key").is_some();
            let time = if log.time_unix_nano == 0 { log.observed_time_unix_nano } else { log.time_unix_nano };
            let time = Interval { start: Nanos(time), end: Nanos(time) };
            logs.records += 1;
            logs.in_traces += u64::from(in_trace);
            logs.errors += u64::from(error);
            logs.errors_outside += u64::from(error && !in_trace);
            logs.without_severity += u64::from(log.severity_number == 0 && !evaluates);
            logs.sampled += u64::from(in_trace && log.flags & 1 == 1);
            logs.time = Interval::of_both(logs.time, Some(time));
        }
    }
    services
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_are_read_alike_from_protobuf_and_json(request in traces()) {
        let expected: Vec<String> = request
            .resource_spans
            .iter()
            .flat_map(|block| block.scope_spans.iter().map(move |scope| (block.resource.as_ref(), scope)))
            .flat_map(|(resource, scope)| scope.spans.iter().filter_map(move |span| expected_span(span, resource)))
            .collect();
        let message = request.encode_to_vec();
        let json = serde_json::to_vec(&request).expect("requests can be written");
        let pretty = serde_json::to_vec_pretty(&request).expect("requests can be written");
        for bytes in [&framed(&message), &message, &json, &pretty, &framed(&json)] {
            let (spans, logs, _) = read(bytes);
            prop_assert_eq!(&spans, &expected);
            prop_assert!(logs.is_empty());
        }
        let sent = expected_sent_spans(&request);
        for bytes in [&message, &json, &pretty] {
            prop_assert_eq!(&surveyed(bytes), &sent);
        }
        prop_assert_eq!(read(&message).2, read(&json).2);
    }

    #[test]
    fn logs_are_read_alike_from_protobuf_and_json(request in logs()) {
        let expected: Vec<String> = request
            .resource_logs
            .iter()
            .flat_map(|block| block.scope_logs.iter().map(move |scope| (block.resource.as_ref(), scope)))
            .flat_map(|(resource, scope)| scope.log_records.iter().filter_map(move |log| expected_log(log, resource)))
            .collect();
        let message = request.encode_to_vec();
        let json = serde_json::to_vec(&request).expect("requests can be written");
        for bytes in [&framed(&message), &message, &json] {
            let (spans, logs, _) = read(bytes);
            prop_assert_eq!(&logs, &expected);
            prop_assert!(spans.is_empty());
        }
        let sent = expected_sent_logs(&request);
        for bytes in [&message, &json] {
            prop_assert_eq!(&surveyed(bytes), &sent);
        }
        prop_assert_eq!(read(&message).2, read(&json).2);
    }
}
