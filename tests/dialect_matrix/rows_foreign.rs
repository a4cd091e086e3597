//! The matrix where it leaves OTLP: what each dialect loses, and where the evidence shows it.

use crate::common::packed::{framed, zstd};
use crate::jaeger::{self, Age, Tags};
use crate::loss::{self, Loss};
use crate::otlp_bytes::pretty;
use crate::rows::{Dialect, Files, in_a_row, one, with_logs};
use crate::telemetry::Telemetry;
use crate::xray;
use crate::xray_loss;
use crate::zipkin::{self, Exporter};
use serde_json::{Value, json};

/// What the nanoseconds are good for.
const TIMES: &[&str] = &[
    "/entry_points/*/exemplars/*/duration_ms",
    "/services/*/p50_ms",
    "/services/*/p95_ms",
    "/services/*/p99_ms",
    "/windows/candidate/end",
    "/windows/candidate/start",
];
const LOGS: &[&str] = &["/windows/candidate/logs"];

const fn row(name: &'static str, write: fn(&Telemetry) -> Files, losses: &'static [Loss]) -> Dialect {
    Dialect { name, write, losses, costs: &[TIMES, LOGS], stories: false }
}

const fn with_stories(dialect: Dialect) -> Dialect {
    Dialect { stories: true, ..dialect }
}

const JAEGER: &[Loss] =
    &[loss::LOG_RECORDS, loss::NANOSECONDS_OF_DURATION, loss::DROPPED_EVENTS, loss::ERROR_ATTRIBUTE];

/// Jaeger's JSON.
pub(crate) const JAEGER_ROWS: &[Dialect] = &[
    with_stories(row("Jaeger UI JSON, one answer", |it| one(jaeger::answer(&jaeger::traces(it, Age::Now))), JAEGER)),
    row("Jaeger UI JSON, indented", |it| one(pretty(&jaeger::answer(&jaeger::traces(it, Age::Now)))), JAEGER),
    row(
        "Jaeger UI JSON, a file for each trace",
        |it| {
            let name = |trace: &str| format!("trace-{}.json", &trace[12..44]);
            let file = |trace: String| (name(&trace), pretty(&jaeger::answer(&[trace])).into_bytes());
            jaeger::traces(it, Age::Now).into_iter().map(file).collect()
        },
        JAEGER,
    ),
    row(
        "Jaeger UI JSON, answers on lines",
        |it| {
            let line = |trace: String| jaeger::answer(&[trace]) + "\n";
            one(jaeger::traces(it, Age::Now).into_iter().map(line).collect::<String>())
        },
        JAEGER,
    ),
    row("Jaeger UI JSON, bare traces", |it| one(jaeger::traces(it, Age::Now).join("\n")), JAEGER),
    with_stories(row(
        "Jaeger UI JSON of old writers",
        |it| one(jaeger::answer(&jaeger::traces(it, Age::Before))),
        JAEGER,
    )),
    with_stories(row(
        "Jaeger spans stored in Elasticsearch, on lines",
        |it| one(on_lines(&jaeger::stored(it, Tags::Pairs))),
        JAEGER,
    )),
    row(
        "Jaeger spans stored in Elasticsearch, an array",
        |it| one(json!(jaeger::stored(it, Tags::Pairs)).to_string()),
        JAEGER,
    ),
    with_stories(row(
        "Jaeger spans stored in Elasticsearch, tags as fields",
        |it| one(pretty(&json!(jaeger::stored(it, Tags::Fields)).to_string())),
        JAEGER,
    )),
    row(
        "Jaeger spans stored in Elasticsearch, hits on lines",
        |it| one(on_lines(&jaeger::stored(it, Tags::Pairs).iter().map(jaeger::hit).collect::<Vec<_>>())),
        JAEGER,
    ),
    row(
        "Jaeger spans stored in Elasticsearch, answer of a search",
        |it| one(jaeger::hits(&jaeger::stored(it, Tags::Pairs)).to_string()),
        JAEGER,
    ),
    row(
        "Jaeger spans stored in Elasticsearch, indented answer of a search",
        |it| one(pretty(&jaeger::hits(&jaeger::stored(it, Tags::Pairs)).to_string())),
        JAEGER,
    ),
    Dialect {
        costs: &[TIMES],
        ..row(
            "Jaeger UI JSON beside OTLP log records",
            |it| with_logs(it, jaeger::answer(&jaeger::traces(it, Age::Now))),
            &[loss::NANOSECONDS_OF_DURATION, loss::DROPPED_EVENTS, loss::ERROR_ATTRIBUTE],
        )
    },
];

fn on_lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

const ZIPKIN: &[Loss] = &[loss::LOG_RECORDS, loss::NANOSECONDS, loss::LINKS, loss::ERROR_ATTRIBUTE];

/// Zipkin's JSON.
pub(crate) const ZIPKIN_ROWS: &[Dialect] = &[
    with_stories(row("Zipkin v2, array of spans", |it| one(zipkin::array(it, Exporter::Sdk)), ZIPKIN)),
    row("Zipkin v2, indented", |it| one(pretty(&zipkin::array(it, Exporter::Sdk))), ZIPKIN),
    row(
        "Zipkin v2, array of traces",
        |it| {
            let spans = zipkin::spans(it, Exporter::Sdk);
            one(json!(spans.chunk_by(|a, b| a["traceId"] == b["traceId"]).collect::<Vec<_>>()).to_string())
        },
        ZIPKIN,
    ),
    row(
        "Zipkin v2, arrays on lines",
        |it| {
            let spans = zipkin::spans(it, Exporter::Sdk);
            one(spans.chunks(100).map(|batch| format!("{}\n", json!(batch))).collect::<String>())
        },
        ZIPKIN,
    ),
    row(
        "Zipkin v2, spans on lines",
        |it| one(zipkin::spans(it, Exporter::Sdk).iter().map(|span| format!("{span}\n")).collect::<String>()),
        ZIPKIN,
    ),
    row(
        "Zipkin v2, arrays in a zstd frame for each message",
        |it| {
            let spans = zipkin::spans(it, Exporter::Sdk);
            in_a_row(spans.chunks(100).map(|batch| framed(&zstd(json!(batch).to_string().as_bytes()))))
        },
        ZIPKIN,
    ),
    row(
        "Zipkin v2, arrays behind lengths",
        |it| {
            let spans = zipkin::spans(it, Exporter::Sdk);
            in_a_row(spans.chunks(100).map(|batch| framed(json!(batch).to_string().as_bytes())))
        },
        ZIPKIN,
    ),
    row(
        "Zipkin v2, arrays behind lengths in one zstd frame",
        |it| {
            let spans = zipkin::spans(it, Exporter::Sdk);
            one(zstd(
                &spans.chunks(100).flat_map(|batch| framed(json!(batch).to_string().as_bytes())).collect::<Vec<u8>>(),
            ))
        },
        ZIPKIN,
    ),
    row("Zipkin v2 of Python", |it| one(zipkin::array(it, Exporter::Python)), ZIPKIN),
    Dialect {
        costs: &[TIMES, LOGS, EXCEPTIONS],
        ..row(
            "Zipkin v2 of JavaScript",
            |it| one(zipkin::array(it, Exporter::JavaScript)),
            &[loss::LOG_RECORDS, loss::NANOSECONDS, loss::LINKS, loss::ERROR_ATTRIBUTE, loss::EVENT_ATTRIBUTES],
        )
    },
    with_stories(Dialect {
        costs: &[TIMES, LOGS, NAMES],
        ..row(
            "Zipkin v2 of Java and of Zipkin's server",
            |it| one(zipkin::array(it, Exporter::Java)),
            &[
                loss::LOG_RECORDS,
                loss::NANOSECONDS,
                loss::LINKS,
                loss::ERROR_ATTRIBUTE,
                loss::RESOURCE,
                loss::UPPER_CASE,
            ],
        )
    }),
    with_stories(row(
        "Zipkin v2 of the collector",
        |it| one(zipkin::array(it, Exporter::Collector)),
        &[loss::LOG_RECORDS, loss::NANOSECONDS, loss::DROPPED_EVENTS, loss::PORTS_WITHOUT_ADDRESS],
    )),
    Dialect {
        costs: &[TIMES, LOGS, SHARED_IDS],
        ..row(
            "Zipkin v2, ids shared by client and server",
            |it| {
                let mut shared = it.clone();
                (loss::SERVER_IDS.lose)(&mut shared);
                one(zipkin::array(&shared, Exporter::Sdk))
            },
            &[loss::LOG_RECORDS, loss::NANOSECONDS, loss::LINKS, loss::ERROR_ATTRIBUTE, loss::SERVER_IDS],
        )
    },
    Dialect {
        costs: &[TIMES],
        ..row(
            "Zipkin v2 beside OTLP log records",
            |it| with_logs(it, zipkin::array(it, Exporter::Sdk)),
            &[loss::NANOSECONDS, loss::LINKS, loss::ERROR_ATTRIBUTE],
        )
    },
];

/// What exceptions are good for.
const EXCEPTIONS: &[&str] = &[
    "/findings/*/sentence",
    "/root_causes/*/confidence/for",
    "/root_causes/*/exception",
    "/root_causes/*/kind",
    "/root_causes/*/propagation/*/role",
    "/root_causes/*/sentence",
    "/root_causes/*/grouping/family",
    "/root_causes/*/grouping/parts",
    "/root_causes/*/signature",
];

/// What names as they were given are good for.
const NAMES: &[&str] = &[
    "/entry_points/*/operation",
    "/findings/*/sentence",
    "/root_causes/*/degraded_entry_points/*/operation",
    "/root_causes/*/entry_points/*/operation",
    "/root_causes/*/grouping/family",
    "/root_causes/*/grouping/parts/*/value",
    "/root_causes/*/operation",
    "/root_causes/*/propagation/*/operation",
    "/root_causes/*/propagation/*/span_name",
    "/root_causes/*/sentence",
    "/root_causes/*/signature",
    "/root_causes/*/span_name",
];

/// What ids of their own are good for.
const SHARED_IDS: &[&str] = &[
    "/entry_points/*/exemplars/*/span_id",
    "/findings",
    "/quality/defects",
    "/quality/grade",
    "/root_causes/*/exemplars/*/span_id",
];

const XRAY: &[Loss] = &[
    loss::LOG_RECORDS,
    loss::FLOAT_SECONDS,
    loss::DROPPED_EVENTS,
    xray_loss::SERVICES,
    xray_loss::NAMES,
    xray_loss::STATUS,
    xray_loss::KINDS,
    xray_loss::ADDRESSES,
    xray_loss::EVENTS,
    xray_loss::STACKS,
];

/// What names and columns are good for.
const DETAILS: &[&str] = &[
    "/findings/*/sentence",
    "/root_causes/*/callee/address",
    "/root_causes/*/exception/class",
    "/root_causes/*/exception/frame/column",
    "/root_causes/*/exception/frames",
    "/root_causes/*/exception/stacktrace",
    "/root_causes/*/grouping/family",
    "/root_causes/*/grouping/parts/*/value",
    "/root_causes/*/propagation/*/span_name",
    "/root_causes/*/sentence",
    "/root_causes/*/signature",
    "/root_causes/*/span_name",
];

/// X-Ray's segments.
pub(crate) const XRAY_ROWS: &[Dialect] = &[
    with_stories(xray_row("X-Ray documents on lines", |it| {
        one(xray::documents(it).iter().map(|document| format!("{document}\n")).collect::<String>())
    })),
    xray_row("X-Ray documents, an array", |it| one(pretty(&json!(xray::documents(it)).to_string()))),
    with_stories(xray_row("X-Ray documents with indexed attributes", |it| {
        one(xray::indexed(it).iter().map(|document| format!("{document}\n")).collect::<String>())
    })),
    with_stories(xray_row("X-Ray BatchGetTraces", |it| one(pretty(&xray::answer(it))))),
];

const fn xray_row(name: &'static str, write: fn(&Telemetry) -> Files) -> Dialect {
    Dialect { costs: &[TIMES, LOGS, DETAILS], ..row(name, write, XRAY) }
}
