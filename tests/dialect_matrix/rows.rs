//! The matrix: every dialect, how it is written, and what it loses.

use crate::common::packed::{framed, gzip, zstd};
use crate::loss::Loss;
use crate::otlp_bytes::{lines, messages, old_scopes, pretty, tempo_answer, unknown_fields, zstd_frames};
use crate::otlp_json;
use crate::rows_foreign::{JAEGER_ROWS, XRAY_ROWS, ZIPKIN_ROWS};
use crate::telemetry::Telemetry;
use serde_json::{Value, json};

/// Files with their names.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// One row.
pub(crate) struct Dialect {
    /// What `docs/formats.md` calls it.
    pub(crate) name: &'static str,
    /// Writes a capture in it.
    pub(crate) write: fn(&Telemetry) -> Files,
    /// What it cannot carry.
    pub(crate) losses: &'static [Loss],
    /// Where the evidence of the recorded captures differs for that from the evidence of OTLP.
    pub(crate) costs: &'static [&'static [&'static str]],
    /// Whether the stories are told in it too.
    pub(crate) stories: bool,
}

/// Every row.
pub(crate) fn all() -> impl Iterator<Item = &'static Dialect> {
    [FILE_EXPORTER, ARRANGEMENTS, SPELLINGS, ANSWERS, JAEGER_ROWS, ZIPKIN_ROWS, XRAY_ROWS].into_iter().flatten()
}

const fn whole(name: &'static str, write: fn(&Telemetry) -> Files) -> Dialect {
    Dialect { name, write, losses: &[], costs: &[], stories: false }
}

/// One file.
pub(crate) fn one(bytes: impl Into<Vec<u8>>) -> Files {
    vec![("telemetry".to_owned(), bytes.into())]
}

/// All messages in a row.
pub(crate) fn in_a_row(messages: impl IntoIterator<Item = Vec<u8>>) -> Files {
    one(messages.into_iter().flatten().collect::<Vec<_>>())
}

/// Messages of protobuf behind their lengths.
fn behind_lengths(telemetry: &Telemetry) -> Vec<u8> {
    messages(telemetry).iter().flat_map(|message| framed(message)).collect()
}

fn texts(telemetry: &Telemetry) -> Vec<String> {
    telemetry.requests().map(Value::to_string).collect()
}

/// What the collector's file exporter writes.
pub(crate) const FILE_EXPORTER: &[Dialect] = &[
    whole("JSON lines", |it| one(lines(it))),
    whole("rotated files", |it| {
        let names = ["data-2022-09-14T05-02-14.173", "data-2022-09-14T05-12-14.173-size", "data"];
        let lines: Vec<_> = it.requests().map(|request| format!("{request}\n")).collect();
        let parts = lines.chunks(lines.len().div_ceil(names.len()));
        names.iter().zip(parts).map(|(name, part)| (format!("{name}.json"), part.concat().into_bytes())).collect()
    }),
    whole("proto behind lengths", |it| one(behind_lengths(it))),
    whole("JSON in a zstd frame for each message", |it| {
        in_a_row(texts(it).iter().map(|text| framed(&zstd(text.as_bytes()))))
    }),
    whole("proto in a zstd frame for each message", |it| {
        in_a_row(messages(it).iter().map(|message| framed(&zstd(message))))
    }),
    whole("JSON lines in one zstd frame", |it| one(zstd(&lines(it)))),
    whole("JSON lines in many zstd frames", |it| one(zstd_frames(&lines(it), 70_001))),
    whole("proto behind lengths in one zstd frame", |it| one(zstd(&behind_lengths(it)))),
    whole("proto behind lengths in many zstd frames", |it| one(zstd_frames(&behind_lengths(it), 70_001))),
    whole("rotated files of zstd frames", |it| {
        let records = texts(it).into_iter().map(|text| zstd(format!("{text}\n").as_bytes())).collect::<Vec<_>>();
        let parts = records.chunks(records.len().div_ceil(2)).map(<[_]>::concat);
        ["data-2022-09-14T05-02-14.173.json", "data.json"].map(str::to_owned).into_iter().zip(parts).collect()
    }),
    whole("JSON of an encoding extension in zstd", |it| {
        one(zstd(&texts(it).iter().flat_map(|text| framed(text.as_bytes())).collect::<Vec<u8>>()))
    }),
    whole("proto of an encoding extension", |it| {
        in_a_row(messages(it).into_iter().map(|message| [&message[..], b"\n"].concat()))
    }),
    whole("JSON lines in gzip", |it| one(gzip(&lines(it)))),
    whole("proto behind lengths in gzip", |it| one(gzip(&behind_lengths(it)))),
    whole("JSON lines in zstd in gzip", |it| one(gzip(&zstd(&lines(it))))),
    whole("JSON lines in gzip in zstd", |it| one(zstd(&gzip(&lines(it))))),
];

/// How OTLP may be arranged.
pub(crate) const ARRANGEMENTS: &[Dialect] = &[
    whole("one document for each signal", |it| {
        let files = ["resourceSpans", "resourceLogs"].map(|field| otlp_json::one_request(it, field).to_string());
        files.map(|text| ("document".to_owned(), text.into_bytes())).into()
    }),
    whole("one indented document", |it| {
        let files = ["resourceSpans", "resourceLogs"].map(|field| otlp_json::one_request(it, field).to_string());
        files.map(|text| ("document".to_owned(), pretty(&text).into_bytes())).into()
    }),
    whole("array of requests", |it| one(format!("[{}]", texts(it).join(",")))),
    whole("indented array of requests", |it| one(pretty(&format!("[{}]", texts(it).join(","))))),
    whole("documents in a row", |it| one(texts(it).concat())),
    whole("indented documents in a row", |it| one(texts(it).iter().map(|text| pretty(text)).collect::<String>())),
    whole("traces and logs in one request", |it| {
        let mut request = otlp_json::one_request(it, "resourceSpans");
        request["resourceLogs"] = otlp_json::one_request(it, "resourceLogs")["resourceLogs"].take();
        one(request.to_string())
    }),
    whole("traces and logs in turns", |it| one(in_turns(it).concat())),
    whole("byte order mark", |it| one([b"\xef\xbb\xbf", &lines(it)[..]].concat())),
    whole("CRLF", |it| one(texts(it).join("\r\n"))),
    whole("blank lines", |it| one(format!("\n\r\n{}\n\n", texts(it).join("\n  \n\n")))),
    whole("bare protobuf request", |it| {
        messages(it).into_iter().map(|message| ("request".to_owned(), message)).collect()
    }),
    whole("bare protobuf requests in a row", |it| one(messages(it).concat())),
];

/// Requests on lines, in an order of its own, so that signals and resources take turns.
pub(crate) fn in_turns(telemetry: &Telemetry) -> Vec<String> {
    let mut all: Vec<String> = telemetry.requests().map(|request| format!("{request}\n")).collect();
    all.sort_by_key(|text| text.len() % 97);
    all
}

/// Other words for the same OTLP.
pub(crate) const SPELLINGS: &[Dialect] = &[
    whole("snake_case keys", |it| one(lines(&otlp_json::snake_case(it)))),
    whole("enum names", |it| one(lines(&otlp_json::enum_names(it)))),
    whole("upper-case ids", |it| one(lines(&otlp_json::upper_case_ids(it)))),
    whole("base64 ids", |it| one(lines(&otlp_json::base64_ids(it)))),
    whole("numbers as numbers", |it| one(lines(&otlp_json::numbers(it)))),
    whole("numbers as strings", |it| one(lines(&otlp_json::quoted_numbers(it)))),
    whole("instrumentationLibrarySpans", |it| one(lines(&otlp_json::library_names(it)))),
    whole("deprecatedScopeSpans", |it| one(lines(&otlp_json::deprecated_names(it)))),
    whole("scopes in field 1000", |it| in_a_row(messages(it).iter().map(|message| framed(&old_scopes(message))))),
    whole("unknown fields", |it| one(lines(&otlp_json::unknown_fields(it)))),
    whole("unknown fields in protobuf", |it| {
        in_a_row(messages(it).iter().map(|message| framed(&unknown_fields(message))))
    }),
    whole("unknown fields in a bare request", |it| {
        messages(it).iter().map(|message| ("request".to_owned(), unknown_fields(message))).collect()
    }),
    whole("members in any order", |it| {
        one(it.requests().map(|request| otlp_json::backwards(request) + "\n").collect::<String>())
    }),
];

/// Answers of query services, with the log records beside them.
pub(crate) const ANSWERS: &[Dialect] = &[
    whole("Jaeger API v3, one answer", |it| {
        let answer = json!({"result": otlp_json::one_request(it, "resourceSpans")});
        with_logs(it, answer.to_string())
    }),
    whole("Jaeger API v3, answers in a row", |it| {
        with_logs(it, it.traces.iter().map(|request| format!("{}\n", json!({"result": request}))).collect())
    }),
    whole("Tempo /api/traces", |it| {
        let answer = |request: &Value| request.to_string().replacen("\"resourceSpans\":", "\"batches\":", 1);
        with_logs(it, otlp_json::tempo(it).traces.iter().map(answer).collect())
    }),
    whole("Tempo /api/v2/traces", |it| {
        let answer = |request: &Value| json!({"trace": request, "metrics": {"inspectedBytes": "70"}, "status": "COMPLETE", "message": ""});
        let answers = otlp_json::tempo(it).traces.iter().map(|request| pretty(&answer(request).to_string())).collect();
        with_logs(it, answers)
    }),
    whole("Tempo /api/traces in protobuf", |it| one(messages(it).concat())),
    whole("Tempo /api/v2/traces in protobuf", |it| {
        let mut files = with_logs(it, String::new());
        let traces = Telemetry { traces: it.traces.clone(), ..Telemetry::default() };
        files.extend(messages(&traces).iter().map(|trace| ("trace".to_owned(), tempo_answer(trace))));
        files
    }),
];

/// A file of other traces, and the log records as they were.
pub(crate) fn with_logs(telemetry: &Telemetry, traces: String) -> Files {
    let logs = Telemetry { logs: telemetry.logs.clone(), ..Telemetry::default() };
    let files = [("traces", traces.into_bytes()), ("logs", lines(&logs))];
    files.into_iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}
