//! The same telemetry in every arrangement of bytes that exporters and people make of it, whole and damaged.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::packed::{framed, gzip, zstd};
use proptest::prelude::*;
use whyspan::model::span::Status;
use whyspan::model::span_kind::SpanKind;
use whyspan::read::capture_reader::{read_bytes, read_streams};
use whyspan::read::error::ReadError;
use whyspan::read::file_report::FileReport;
use whyspan::read::kept_record::{RecordHead, RequestKind, SEGMENT_MAGIC, digest};
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

/// Reads bytes with default settings.
fn read(bytes: &[u8]) -> (Gathered, FileReport) {
    let mut gathered = Gathered::default();
    let report = read_bytes("input", bytes, &ReadOptions::default(), &mut gathered);
    (gathered, report)
}

/// The ids of the spans that were read, as numbers.
fn ids(gathered: &Gathered) -> Vec<u8> {
    gathered.spans.iter().map(|span| span.id.0[7]).collect()
}

fn span(id: u8) -> String {
    format!(
        r#"{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000{id:02x}","name":"work","kind":2,"startTimeUnixNano":"5","endTimeUnixNano":7,"status":{{}}}}"#
    )
}

fn block(first: u8) -> String {
    format!(
        r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{},{}]}}]}}"#,
        span(first),
        span(first + 1)
    )
}

fn request(first: u8) -> String {
    format!(r#"{{"resourceSpans":[{}]}}"#, block(first))
}

/// The same with blanks behind colons and commas, as Python writes it.
fn spaced_request(first: u8) -> String {
    request(first).replace(':', ": ").replace(',', ", ")
}

/// A request with one span as protobuf, made by hand.
fn message(id: u8) -> Vec<u8> {
    message_with(id, &[])
}

/// The same with more fields of the span, as bytes.
fn message_with(id: u8, more: &[u8]) -> Vec<u8> {
    fn field(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).expect("short")], content].concat()
    }
    let span = [
        field(0x0a, &[1; 16]),
        field(0x12, &[0, 0, 0, 0, 0, 0, 0, id]),
        field(0x2a, b"work"),
        [&[0x39][..], &5_u64.to_le_bytes()].concat(),
        more.to_vec(),
    ]
    .concat();
    field(0x0a, &field(0x12, &field(0x12, &span)))
}

#[test]
fn json_is_read_in_every_arrangement() {
    let pretty = |json: &str| {
        let value: serde_json::Value = serde_json::from_str(json).expect("valid");
        serde_json::to_string_pretty(&value).expect("valid")
    };
    let (one, two) = (request(1), request(3));
    for (what, text) in [
        ("lines", format!("{one}\n{two}\n")),
        ("lines with mark, blank lines and CRLF", format!("\u{feff}{one}\r\n\r\n  \n{two}\r\n")),
        ("files one behind the other, each with its mark", format!("\u{feff}{one}\n\u{feff}{two}\n")),
        ("last line without its end", format!("{one}\n{two}")),
        ("two on a line", format!("{one}{two}\n{{\"resourceSpans\":[]}}")),
        ("pretty documents", format!("{}\n{}", pretty(&one), pretty(&two))),
        ("array", format!("[{one},{two}]")),
        ("pretty array", pretty(&format!("[{one},{two}]"))),
        ("array with one on a line", format!("[\n{one},\n{two}\n]\n")),
        ("two blocks", format!(r#"{{"x":[{{"a":"}}"}}],"resourceSpans":[{},{}]}}"#, block(1), block(3))),
        ("two blocks, pretty", pretty(&format!(r#"{{"resourceSpans":[{},{}],"z":null}}"#, block(1), block(3)))),
        ("Jaeger's answer", pretty(&format!(r#"{{"result":{{"resourceSpans":[{},{}]}}}}"#, block(1), block(3)))),
        (
            "Tempo's answers",
            format!("{}\n{}", one.replace("resourceSpans", "batches"), format_args!("{{\"trace\":{two}}}")),
        ),
        (
            "snake case",
            format!("{one}\n{two}")
                .replace("resourceSpans", "resource_spans")
                .replace("scopeSpans", "scope_spans")
                .replace("traceId", "trace_id")
                .replace("spanId", "span_id")
                .replace("TimeUnixNano", "_time_unix_nano"),
        ),
        ("old names", format!("{one}\n{two}").replace("scopeSpans", "instrumentationLibrarySpans")),
        ("without commas", format!("[{one} {two}]")),
    ] {
        let (gathered, report) = read(text.as_bytes());
        assert_eq!(ids(&gathered), [1, 2, 3, 4], "{what}: {report:?}");
        assert_eq!((report.skipped_total, report.mended_total, report.spans), (0, 0, 4), "{what}: {report:?}");
        assert!(report.error.is_none(), "{what}: {report:?}");
        let last = &gathered.spans[3];
        assert_eq!(gathered.names.text(gathered.names.operation_of(last.operation).service), "shop", "{what}");
        assert_eq!((last.time.start.0, last.time.end.0), (5, 7), "{what}");
        let framed = framed(text.as_bytes());
        assert_eq!(ids(&read(&gzip(text.as_bytes())).0), [1, 2, 3, 4], "{what}, gzip");
        if !text.starts_with('\u{feff}') && !text.starts_with('[') {
            assert_eq!(ids(&read(&framed).0), [1, 2, 3, 4], "{what}, with its length");
        }
    }
}

#[test]
fn compressions_and_lengths_are_found() {
    let frames: Vec<u8> = (1..4).flat_map(|id| framed(&message(id))).collect();
    let packed: Vec<u8> = (1..4).flat_map(|id| framed(&zstd(&message(id)))).collect();
    let packed_json: Vec<u8> = [1, 3].iter().flat_map(|&id| framed(&zstd(request(id).as_bytes()))).collect();
    let many_frames: Vec<u8> = frames.chunks(11).flat_map(zstd).collect();
    let many_members: Vec<u8> = frames.chunks(11).flat_map(gzip).collect();
    let bare: Vec<u8> = (1..4).flat_map(message).collect();
    for (what, bytes) in [
        ("lengths", &frames),
        ("zstd messages", &packed),
        ("zstd frames", &many_frames),
        ("gzip members", &many_members),
        ("zstd in gzip", &gzip(&zstd(&frames))),
        ("bare", &bare),
        ("an empty message first", &[&[0; 4][..], &frames].concat()),
    ] {
        let (gathered, report) = read(bytes);
        assert_eq!(ids(&gathered), [1, 2, 3], "{what}: {report:?}");
        assert!(report.error.is_none() && report.skipped_total == 0, "{what}: {report:?}");
    }
    assert_eq!(ids(&read(&packed_json).0), [1, 2, 3, 4]);
    assert!(matches!(read(&gzip(&gzip(&gzip(&frames)))).1.error, Some(ReadError::TooManyLevels { .. })));
}

#[test]
fn spans_may_come_before_their_resource_and_fields_in_any_order() {
    let json = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"message":"boom","code":"STATUS_CODE_ERROR"},
        "events":[{"attributes":[],"name":"could not find it"}],
        "attributes":[{"value":{"intValue":14},"key":"rpc.grpc.status_code"},{"value":{"stringValue":"Get"},"key":"rpc.method"},
        {"key":"rpc\u002eservice","value":{"stringValue":"a.B"}}],
        "kind":"SPAN_KIND_CLIENT","name":"x\u0041\ud83d\ude00","parentSpanId":null,"spanId":"AAAAAAAAAAE=","unknown":{"a":[1,{}]},
        "traceId":"AQIDBAUGBwgJCgsMDQ4PEA=="}],"scope":{}}],
        "resource":{"attributes":[{"value":{"stringValue":"shop"},"key":"service.name"}]}}]}"#;
    let (gathered, report) = read(json.as_bytes());
    assert!(report.error.is_none() && report.skipped_total == 0, "{report:?}");
    let span = &gathered.spans[0];
    let operation = gathered.names.operation_of(span.operation);
    assert_eq!(gathered.names.text(operation.service), "shop");
    assert_eq!(gathered.names.text(operation.name), "a.B/Get");
    assert_eq!(gathered.names.text(span.name), "xA😀");
    assert_eq!((operation.kind, span.status, span.codes.grpc), (SpanKind::Client, Status::Error, Some(14)));
    let detail = span.detail.as_ref().expect("a detail");
    assert_eq!((&*detail.status_message, &*detail.error_text), ("boom", "could not find it"));
    assert_eq!(gathered.names.text(gathered.names.target_of(span.target).rpc_service), "a.B");
}

#[test]
fn unusable_spans_cost_no_neighbour_and_are_told() {
    for (what, from, to) in [
        ("no hex", "0000000000000002", "0000000000\\u001b[31m2"),
        ("zero", "0000000000000002", "0000000000000000"),
        ("missing", "\"spanId\":\"0000000000000002\",", ""),
    ] {
        let json = format!("{}\n{}\n", request(1), request(3)).replacen(from, to, 1);
        let (gathered, report) = read(json.as_bytes());
        assert_eq!(ids(&gathered), [1, 3, 4], "{what}: {report:?}");
        assert_eq!((report.skipped_total, report.skipped[0].record, report.skipped[0].unit), (1, 1, "line"), "{what}");
        assert!(!report.skipped[0].reason.contains('\u{1b}'), "{what}: {:?}", report.skipped[0]);
    }
    let json = request(1).replacen("\"name\"", "\"parentSpanId\":\"nonsense\",\"name\"", 1);
    let (gathered, report) = read(json.as_bytes());
    assert_eq!((ids(&gathered), report.skipped_total, report.mended_total), (vec![1, 2], 0, 1));
    assert!(gathered.spans[0].parent.is_none());
    // Its place in the tree is worth more than its time.
    let (gathered, report) = read(request(1).replacen("\"5\"", "\"five\"", 1).as_bytes());
    assert_eq!((ids(&gathered), report.skipped_total, report.mended_total), (vec![1, 2], 0, 1), "{report:?}");
}

#[test]
fn an_answer_that_says_that_it_is_not_all_is_told() {
    let request = request(1);
    let tempo = |status: &str| {
        let behind =
            format!(r#"{{"trace":{request},"metrics":{{"errors":[1]}},"status":{status},"message":"too large"}}"#);
        let before = format!(r#"{{"status" : {status}, "trace" : {request}}}"#);
        [behind.replace(",\"status\"", ",\n\"status\""), before.replace(", ", ",\n"), behind, before]
    };
    let jaeger = |errors: &str| {
        let spans = r#"[{"traceID":"0102030405060708090a0b0c0d0e0f10","spanID":"0000000000000001","operationName":"work","startTime":5,"duration":1,"processID":"p1"}]"#;
        let trace = format!(r#"{{"traceID":"1","spans":{spans},"processes":{{"p1":{{"serviceName":"shop"}}}}}}"#);
        let answer = format!(r#"{{"data":[{trace}],"total":0,"errors":{errors}}}"#);
        [answer.replace(",\"errors\"", ",\n\"errors\""), answer]
    };
    let xray = |limit: bool, unprocessed: &str, next: &str| {
        let id = "1-01020304-05060708090a0b0c0d0e0f10";
        let segment =
            format!(r#"{{"id":"0000000000000001","trace_id":"{id}","name":"shop","start_time":5,"end_time":6}}"#);
        let segments = format!(r#"[{{"Id":"0000000000000001","Document":{segment:?}}}]"#);
        let traces = format!(r#"[{{"Id":"{id}","LimitExceeded":{limit},"Segments":{segments}}}]"#);
        let answer = format!(r#"{{"Traces":{traces},"UnprocessedTraceIds":{unprocessed},"NextToken":{next}}}"#);
        [answer.replace(",\"Un", ",\n\"Un"), answer]
    };
    // The trace, its status (COMPLETE is 0) and a word behind it.
    let proto = |status: u8| {
        let trace = message(1);
        let length = u8::try_from(trace.len()).expect("short");
        let answer = [&[0x0a, length], &trace[..], &[0x18, status, 0x22, 1, b'!']].concat();
        [framed(&answer), answer]
    };
    let text = |answers: Vec<String>| answers.into_iter().map(String::into_bytes);
    let partial = text(tempo("\"PARTIAL\"").into()).chain(text(tempo("1").into()));
    let partial = partial.chain(text(jaeger("[ {\"code\":500,\"msg\":\"gone\"} ]").into())).chain(proto(1));
    let token = format!("\"{}\"", "a".repeat(200));
    let partial = partial.chain(text(xray(true, "[]", "null").into())).chain(text(xray(false, "[]", &token).into()));
    let partial = partial.chain(text(xray(false, "[ \"1-01020304-05\"]", "null").into()));
    let whole = text(tempo("\"COMPLETE\"").into()).chain(text(tempo("0").into()));
    let whole = whole.chain(text(jaeger("null").into())).chain(text(jaeger("[ ]").into())).chain(proto(0));
    let whole = whole.chain(text(xray(false, "[]", "null").into())).chain(text(xray(false, "[ ]", "\"\"").into()));
    for (answers, expected) in [(partial.collect::<Vec<_>>(), 1), (whole.collect(), 0)] {
        for answer in answers {
            let (gathered, report) = read(&answer);
            let told = report.skipped.iter().filter(|it| it.reason.contains("it says so itself")).count();
            let shown = String::from_utf8_lossy(&answer);
            assert!(!gathered.spans.is_empty(), "{shown}: {report:?}");
            assert_eq!((told, report.skipped_total), (expected, expected as u64), "{shown}: {report:?}");
        }
    }
    // An answer that leaves everything to ask for.
    for answer in
        ["{\"Traces\":[],\"UnprocessedTraceIds\":[\"1-0\"]}", "{\"Traces\":[],\n\"UnprocessedTraceIds\":[\"1-0\"]}"]
    {
        let (gathered, report) = read(answer.as_bytes());
        assert_eq!((gathered.spans.len(), report.skipped_total), (0, 1), "{answer}: {report:?}");
        assert!(report.skipped[0].reason.contains("it says so itself"), "{answer}: {report:?}");
    }
}

#[test]
fn words_of_enums_that_are_not_known_are_told_and_cost_nothing_else() {
    let told = |from: &str, to: &str| {
        let (gathered, report) = read(request(1).replacen(from, to, 1).as_bytes());
        assert_eq!((gathered.spans.len(), report.skipped_total), (2, 0), "{to}");
        let reasons: Vec<String> = report.mended.into_iter().map(|it| it.reason).collect();
        (gathered.spans[0].status, reasons.join("; "))
    };
    let status = |code: &str| told("\"status\":{}", &format!("\"status\":{{\"code\":{code}}}"));
    for known in ["\"Error\"", "\"status_code_error\"", "2", "\"2\""] {
        assert_eq!(status(known), (Status::Error, String::new()), "{known}");
    }
    for unknown in ["3", "\"FAILED\"", "-1"] {
        let (status, told) = status(unknown);
        assert_eq!(status, Status::Unset, "{unknown}");
        assert!(told.contains("the status code of a span left out: expected a status code that is known"), "{told}");
    }
    for (kind, expected) in
        [("\"Server\"", ""), ("5", ""), ("6", "the kind of a span left out"), ("\"Relay\"", "kind that is known")]
    {
        let told = told("\"kind\":2", &format!("\"kind\":{kind}")).1;
        assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{kind}: {told}");
    }
    for (fields, expected) in [(&[0x30, 5, 0x7a, 2, 0x18, 2][..], 0), (&[0x30, 6, 0x7a, 2, 0x18, 3], 2)] {
        let (gathered, report) = read(&message_with(1, fields));
        assert_eq!((gathered.spans.len(), report.skipped_total, report.mended_total), (1, 0, expected), "{report:?}");
    }
}

#[test]
fn what_is_cut_is_told() {
    let with = |from: &str, to: String| read(request(1).replacen(from, &to, 1).as_bytes()).1;
    let long = "x".repeat(70_000);
    for (report, expected) in [
        (with("\"work\"", format!("\"{long}\"")), "span kept with the start of a name"),
        (with("\"shop\"", format!("\"{long}\"")), "resource kept with the start of a name"),
        (
            with("\"status\":{}", format!("\"status\":{{\"code\":2,\"message\":\"{long}\"}}")),
            "span kept with the start of its status message, which is longer than 64 KiB",
        ),
    ] {
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (2, 0, 1), "{report:?}");
        let told = &report.mended[0];
        assert!(told.reason.starts_with(expected) && told.record == 1, "{told:?}");
    }
    // Of what is told of a resource, nothing is forgotten when it comes again.
    let twice = [request(1), request(3)].join("\n").replace("\"shop\"", &format!("\"{long}\""));
    let (_, report) = read(twice.as_bytes());
    assert_eq!((report.mended_total, report.mended[1].record), (2, 2), "{report:?}");
}

#[test]
fn of_the_attributes_asked_for_what_is_left_out_is_told() {
    let attributes: Vec<String> =
        (0..130).map(|n| format!(r#"{{"key":"kept.{n}","value":{{"stringValue":"v"}}}}"#)).collect();
    let few = &attributes[..128];
    let long = [format!(r#"{{"key":"kept","value":{{"stringValue":"{}"}}}}"#, "x".repeat(20_000))];
    for (attributes, expected) in [(&attributes[..], 1), (few, 0), (&long[..], 1)] {
        let json =
            request(1).replacen("\"status\"", &format!("\"attributes\":[{}],\"status\"", attributes.join(",")), 1);
        let options = ReadOptions { keep_attributes: vec!["kept*".to_owned()], ..ReadOptions::default() };
        let mut gathered = Gathered::default();
        let report = read_bytes("input", json.as_bytes(), &options, &mut gathered);
        let told = report.mended.iter().filter(|it| it.reason.contains("less of the attributes asked for")).count();
        assert_eq!((told, report.mended_total), (expected, expected as u64), "{report:?}");
    }
}

#[test]
fn an_answer_that_holds_nothing_is_not_told_in_any_layout_and_what_is_no_answer_is() {
    let pretty = |json: &str| json.replace(',', ",\n").replace('{', "{\n").replace('[', "[\n");
    for (text, told) in [
        (r#"{"data":[],"total":0,"limit":0,"offset":0,"errors":null}"#, 0),
        (r#"{"total":0,"data":[ ]}"#, 0),
        (r#"{"Traces":[],"UnprocessedTraceIds":[]}"#, 0),
        (r#"{"Traces":[{"Id":"1-1","Segments":[]}]}"#, 0),
        (r#"{"took":1,"hits":{"total":{"value":0},"hits":[]}}"#, 0),
        (r#"{"result":{"resourceSpans":[]}}"#, 0),
        ("[]", 0),
        (r#"{"rows":[],"total":0}"#, 1),
        (r#"{"data":"none","total":0}"#, 1),
        (r#"{"data":[{"rows":[]}]}"#, 1),
        (r#"{"data":[],"errors":[{"code":404,"msg":"trace not found"}]}"#, 1),
        (r#"{"x":{}}"#, 1),
    ] {
        for text in [text.to_owned(), pretty(text)] {
            for text in [text.clone(), format!("{text}\n{}", request(1)), format!("[{text},\n{}]", request(1))] {
                let (_, report) = read(text.as_bytes());
                assert_eq!((report.skipped_total, report.mended_total), (told, 0), "{text}: {report:?}");
                assert!(report.error.is_none(), "{text}: {report:?}");
            }
        }
    }
}

#[test]
fn damaged_lines_cost_no_other_line() {
    let (one, two) = (request(1), request(3));
    for cut in [1, 20, one.len() / 2, one.len() - 1] {
        for text in [format!("{one}\n{}\n{two}\n", &one[..cut]), format!("{}\n{one}\n{two}\n", &one[cut..])] {
            let (gathered, report) = read(text.as_bytes());
            assert!(ids(&gathered).ends_with(&[3, 4]) && ids(&gathered).len() >= 4, "{cut}: {report:?}");
            assert_eq!(report.skipped_total, 1, "{cut}: {report:?}");
        }
    }
    let (gathered, report) = read(format!("{}\n{two}\n", &one[..one.len() / 2]).as_bytes());
    assert!(ids(&gathered).ends_with(&[3, 4]), "{report:?}");
    let (gathered, report) = read(format!("{one}\n{{\"rows\":[]}}\nnonsense\n{two}").as_bytes());
    assert_eq!((ids(&gathered), report.skipped_total), (vec![1, 2, 3, 4], 2), "{report:?}");
    assert_eq!(report.skipped.iter().map(|skipped| skipped.record).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn zeros_of_a_file_that_was_emptied_while_it_was_written_cost_nothing() {
    let (one, two) = (request(1), request(3));
    for zeros in [1, 15, 16, 1000] {
        let zeros = "\0".repeat(zeros);
        for text in [format!("{zeros}{one}\n{two}\n"), format!("{one}\n{zeros}{two}\n{zeros}\n")] {
            let (gathered, report) = read(text.as_bytes());
            assert_eq!((ids(&gathered), report.skipped_total), (vec![1, 2, 3, 4], 0), "{}: {report:?}", zeros.len());
        }
    }
}

#[test]
fn a_request_behind_one_that_was_cut_off_on_the_same_line_is_read() {
    let (two, three) = (request(3), request(5));
    let cuts = |one: String| (1..one.len()).map(move |cut| one[..cut].to_owned());
    for cut in cuts(request(1)).chain(cuts(spaced_request(1))) {
        let text = format!("{three}\n{cut}{two}\n{three}\n");
        let (gathered, report) = read(text.as_bytes());
        let ids = ids(&gathered);
        // Where a value was to come, one has come.
        let may_be_lost = cut.trim_end().ends_with([':', '[', ',']);
        assert!(ids.starts_with(&[5, 6]) && ids.ends_with(&[5, 6]) && ids.len() <= 8, "{cut}: {ids:?} {report:?}");
        assert!(ids.ends_with(&[3, 4, 5, 6]) || may_be_lost, "{cut}: {ids:?} {report:?}");
        assert!((1..=2).contains(&report.skipped_total) && report.records == 3, "{cut}: {report:?}");
        assert!(report.skipped.iter().all(|skipped| skipped.record == 2), "{cut}: {report:?}");
    }
    // However often that is so, a line is not read again and again.
    let many = "{\"resourceSpans\":[".repeat(100);
    let (gathered, report) = read(format!("{three}\n{many}\n{two}\n").as_bytes());
    assert_eq!((ids(&gathered), report.records), (vec![5, 6, 3, 4], 3), "{report:?}");
    assert!(report.skipped_total <= 17, "{report:?}");
}

#[test]
fn every_truncation_keeps_what_came_before() {
    let lines = format!("{}\n{}\n", request(1), request(3)).into_bytes();
    let (one, two) = (spaced_request(1), spaced_request(3));
    let answer = format!("{{\"resourceSpans\": []}}\n{{\"data\": [{one}, {two}]}}\n").into_bytes();
    let document = format!("{{\n\"resourceSpans\": [\n{},\n{}]}}", block(1), block(3)).into_bytes();
    let frames: Vec<u8> = (1..5).flat_map(|id| framed(&message(id))).collect();
    let bare: Vec<u8> = (1..5).flat_map(message).collect();
    let packed: Vec<u8> = (1..5).flat_map(|id| framed(&zstd(&message(id)))).collect();
    for whole in [&lines, &answer, &document, &frames, &bare, &packed, &zstd(&lines), &gzip(&frames)] {
        let mut most = 0;
        for cut in 0..=whole.len() {
            let (gathered, report) = read(&whole[..cut]);
            let ids = ids(&gathered);
            assert!([1, 2, 3, 4].starts_with(&ids), "{ids:?}");
            assert!(ids.len() >= most, "at {cut}, {ids:?}: {report:?}");
            most = ids.len();
            assert_eq!(report.spans, ids.len() as u64);
        }
        assert_eq!(most, 4);
    }
}

#[test]
fn hostile_lengths_and_rubbish_end_in_clear_messages() {
    let huge = [&framed(&message(1))[..], b"\xff\xff\xff\xff", &message(2)].concat();
    let (gathered, report) = read(&huge);
    assert_eq!(ids(&gathered), [1]);
    assert!(matches!(report.error, Some(ReadError::TooLong { record: 2, length: 0xffff_ffff, .. })), "{report:?}");
    assert!(matches!(read(b"").1.error, Some(ReadError::Empty { .. })));
    assert!(matches!(read(&gzip(b"")).1.error, Some(ReadError::Empty { .. })));
    let error = read(b"\x1b[2Jrubbish").1.error.expect("an error").to_string();
    assert!(error.contains("not telemetry") && !error.contains('\u{1b}'), "{error}");
    assert!(matches!(read(b"\x1f\x8b\x08 no gzip at all").1.error, Some(ReadError::BadCompression { .. })));
    assert!(matches!(read(b"\x28\xb5\x2f\xfd no zstd at all").1.error, Some(ReadError::BadCompression { .. })));
    let options = ReadOptions { max_record_bytes: 500, ..ReadOptions::default() };
    for text in [
        format!("{}\n{}\n{}\n", request(1), " ".repeat(2_000_000), request(3)),
        format!("[{{\"resourceSpans\":[{{\"x\":\"{}\"}},\n{}]}}]", "x".repeat(2_000_000), block(3)),
    ] {
        let mut gathered = Gathered::default();
        let options = ReadOptions { max_record_bytes: 1000, ..options.clone() };
        let report = read_bytes("input", text.as_bytes(), &options, &mut gathered);
        assert!(ids(&gathered).ends_with(&[3, 4]) && report.skipped_total == 1, "{report:?}");
    }
}

#[test]
fn depth_costs_nothing_but_time() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for text in [
        deep.clone(),
        format!("{}{}", "{\"trace\":".repeat(100_000), "}".repeat(100_000)),
        request(1).replacen("\"kind\"", &format!("\"x\":{deep},\"kind\""), 1),
        request(1).replacen(
            "{\"stringValue\":\"shop\"}",
            &format!("{}{}", "{\"arrayValue\":{\"values\":[".repeat(50_000), "]}}".repeat(50_000)),
            1,
        ),
    ] {
        for text in [text.clone(), text.replace('{', "{\n"), format!("\n\n{text}")] {
            read(text.as_bytes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_bring_a_reader_down(start in 0..8_usize, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let starts: [&[u8]; 8] = [b"", b"{", b"\n", b"[{\"resourceSpans\":[", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\0\0\0\x20\x0a", b"\x0a"];
        read(&[starts[start], &bytes].concat());
    }

    #[test]
    fn no_damage_brings_a_reader_down(at in any::<prop::sample::Index>(), put in prop::collection::vec(any::<u8>(), 0..4), which in 0..4) {
        let mut bytes = match which {
            0 => format!("{}\n{}\n", request(1), request(3)).into_bytes(),
            1 => format!("{{\n\"resourceSpans\": [\n{},\n{}]}}", block(1), block(3)).into_bytes(),
            2 => (1..5).flat_map(|id| framed(&message(id))).collect(),
            _ => (1..5).flat_map(message).collect(),
        };
        let at = at.index(bytes.len());
        let end = (at + put.len()).min(bytes.len());
        bytes.splice(at..end, put);
        read(&bytes);
    }
}

#[test]
fn a_field_that_begins_like_a_right_one_and_is_longer_is_wrong_however_it_is_laid_out() {
    let right = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","parentSpanId":"0000000000000009","name":"work","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000000000007"}"#;
    let longer = [
        ("0000000000000009", "0000000000000009ff"),
        ("1790000000000000000", "17900000000000000000000"),
        ("1790000000000000007", "17900000000000000070000"),
        ("\"0000000000000001\"", "\"000000000000000102\""),
    ];
    for (usual, longer) in longer {
        let compact =
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, right.replace(usual, longer));
        let spread = compact.replace(':', ": ");
        let ((one, told), (other, told_of_other)) = (read(compact.as_bytes()), read(spread.as_bytes()));
        assert_eq!(one.spans, other.spans, "{longer}");
        let counts = |report: &FileReport| (report.spans, report.skipped_total, report.mended_total);
        assert_eq!(counts(&told), counts(&told_of_other), "{longer}");
        assert_ne!(counts(&told), (1, 0, 0), "{longer} is told");
        assert!(one.spans.iter().all(|span| span.parent.is_none() || usual != "0000000000000009"), "no made-up parent");
    }
}

/// Spans, records, how many were left out, and the number, the place and the reason of those that are described.
type Reported = (u64, u64, u64, Vec<(u64, u64, String)>);

/// What one thread reports, and four.
fn by_threads(bytes: &[u8]) -> [Reported; 2] {
    [1, 4].map(|threads| {
        let mut sinks: Vec<Gathered> = (0..threads).map(|_| Gathered::default()).collect();
        let stream: Box<dyn std::io::Read> = Box::new(std::io::Cursor::new(bytes.to_vec()));
        let streams = vec![("it".to_owned(), stream)];
        let reports = read_streams(streams, &ReadOptions::default(), &mut sinks, &mut |_| {});
        let FileReport { spans, records, skipped, skipped_total, .. } = &reports[0];
        let told = skipped.iter().map(|it| (it.record, it.offset, it.reason.clone())).collect();
        (*spans, *records, *skipped_total, told)
    })
}

#[test]
fn of_very_many_answers_in_one_document_each_is_numbered_and_the_first_that_say_they_are_partial_are_told() {
    let (answer, partial) = ("{\"batches\":[],\"status\":0},\n", "{\"batches\":[{}],\"status\":1},\n");
    let document = format!("[\n{}]", [answer, partial].concat().repeat(100_000));
    let of_one = (answer.len() + partial.len()) as u64;
    for (spans, records, left_out, told) in by_threads(document.as_bytes()) {
        // Of each pair of answers: a block, and the end of the answer that has it.
        assert_eq!((spans, records, left_out, told.len()), (0, 200_000, 100_000, 20));
        for (number, (record, offset, reason)) in (1..).zip(told) {
            assert_eq!((record, offset), (2 * number, 2 + number * of_one - 3), "{reason}");
            assert!(reason.contains("it says so itself"), "{reason}");
        }
    }
}

#[test]
fn of_a_segment_that_is_damaged_before_every_record_all_are_read_and_the_first_places_are_told() {
    let payload = request(1);
    let (kind, length) = (RequestKind::TracesJson, u32::try_from(payload.len()).expect("short"));
    let head = RecordHead { kind, length, received: 1, digest: digest(kind, payload.as_bytes()) };
    let one = [b"x", &head.to_bytes()[..], payload.as_bytes()].concat();
    let segment = [&SEGMENT_MAGIC[..], &one.repeat(5000)].concat();
    for (spans, records, left_out, told) in by_threads(&segment) {
        assert_eq!((spans, records, left_out, told.len()), (2 * 5000, 2 * 5000, 5000, 20));
        for (number, (record, offset, reason)) in (0..).zip(told) {
            assert_eq!((record, offset), (2 * number + 1, 8 + number * one.len() as u64), "{reason}");
            assert!(reason.starts_with("1 bytes left out: they are no whole record"), "{reason}");
        }
    }
}
