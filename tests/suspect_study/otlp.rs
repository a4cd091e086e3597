//! Spans and log records as OTLP/JSON, one request a line, as the collector's file exporter writes them.

use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As the evidence would show it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

pub(crate) type Attributes = Vec<(String, Value)>;

/// Something that happened during a span.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) attributes: Attributes,
}

#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// The place of its process in the list of all.
    pub(crate) process: usize,
    pub(crate) trace: u128,
    pub(crate) id: u64,
    pub(crate) parent: Option<u64>,
    /// The span that sent the message which this one consumes.
    pub(crate) link: Option<(u128, u64)>,
    pub(crate) name: String,
    /// As OTLP numbers kinds: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub(crate) kind: u8,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Status ERROR with this message.
    pub(crate) error: Option<String>,
    pub(crate) attributes: Attributes,
    pub(crate) events: Vec<Event>,
}

#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) process: usize,
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) at: u64,
    pub(crate) severity: u8,
    pub(crate) event_name: Option<String>,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
}

/// All that one window sent.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) spans: Vec<Span>,
    pub(crate) records: Vec<Record>,
}

/// How many spans or records go into one request.
const BATCH: usize = 256;

impl Sent {
    /// The lines of a file; `resources` are the attributes of each process.
    pub(crate) fn lines(&self, resources: &[Attributes]) -> Vec<u8> {
        let resources: Vec<String> = resources.iter().map(list).collect();
        let mut out = String::new();
        for batch in self.spans.chunks(BATCH) {
            let spans = batch.iter().map(|span| (span.process, written_span(span)));
            request(&mut out, ["resourceSpans", "scopeSpans", "spans"], spans, &resources);
        }
        for batch in self.records.chunks(BATCH) {
            let records = batch.iter().map(|record| (record.process, written_record(record)));
            request(&mut out, ["resourceLogs", "scopeLogs", "logRecords"], records, &resources);
        }
        out.into_bytes()
    }
}

fn request(out: &mut String, keys: [&str; 3], items: impl Iterator<Item = (usize, String)>, resources: &[String]) {
    let mut of_process: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    items.for_each(|(process, item)| of_process.entry(process).or_default().push(item));
    let [of_resources, of_scopes, of_items] = keys;
    let blocks = of_process.into_iter().map(|(process, items)| {
        let (resource, items) = (&resources[process], items.join(","));
        format!(
            r#"{{"resource":{{"attributes":{resource}}},"{of_scopes}":[{{"scope":{{"name":"app"}},"{of_items}":[{items}]}}]}}"#
        )
    });
    let blocks = blocks.collect::<Vec<_>>().join(",");
    writeln!(out, r#"{{"{of_resources}":[{blocks}]}}"#).expect("written");
}

fn written_span(span: &Span) -> String {
    let Span { trace, id, kind, start, end, .. } = span;
    let parent = span.parent.map(|parent| format!("{parent:016x}")).unwrap_or_default();
    let status = span.error.as_ref().map(|message| format!(r#""code":2,"message":{}"#, quoted(message)));
    let events = span.events.iter().map(|event| {
        let (name, attributes) = (quoted(&event.name), list(&event.attributes));
        format!(r#"{{"timeUnixNano":"{end}","name":{name},"attributes":{attributes}}}"#)
    });
    let events = events.collect::<Vec<_>>().join(",");
    let link = span.link.map(|(trace, id)| format!(r#"{{"traceId":"{trace:032x}","spanId":"{id:016x}"}}"#));
    format!(
        r#"{{"traceId":"{trace:032x}","spanId":"{id:016x}","parentSpanId":"{parent}","name":{},"kind":{kind},"startTimeUnixNano":"{start}","endTimeUnixNano":"{end}","attributes":{},"events":[{events}],"links":[{}],"status":{{{}}}}}"#,
        quoted(&span.name),
        list(&span.attributes),
        link.unwrap_or_default(),
        status.unwrap_or_default(),
    )
}

fn written_record(record: &Record) -> String {
    let Record { trace, span, at, severity, .. } = record;
    let event_name = record.event_name.as_ref().map(|name| format!(r#""eventName":{},"#, quoted(name)));
    format!(
        r#"{{"timeUnixNano":"{at}","severityNumber":{severity},{}"body":{{"stringValue":{}}},"attributes":{},"traceId":"{trace:032x}","spanId":"{span:016x}"}}"#,
        event_name.unwrap_or_default(),
        quoted(&record.body),
        list(&record.attributes),
    )
}

fn list(attributes: &Attributes) -> String {
    let written = attributes.iter().map(|(key, value)| {
        let value = match value {
            Value::Text(text) => format!(r#""stringValue":{}"#, quoted(text)),
            Value::Number(number) => format!(r#""intValue":"{number}""#),
            Value::Truth(truth) => format!(r#""boolValue":{truth}"#),
        };
        format!(r#"{{"key":{},"value":{{{value}}}}}"#, quoted(key))
    });
    format!("[{}]", written.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    json!(text).to_string()
}
