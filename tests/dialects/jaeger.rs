//! Jaeger's JSON.

use crate::{a_wrong_value_costs_nothing_else, cut_everywhere, read};
use whyspan::model::span::Status;
use whyspan::model::span_kind::SpanKind;

pub(crate) const JAEGER: &str = r#"{"data":[{"traceID":"0102030405060708","spans":[
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

/// Two spans as Elasticsearch stores them, and how each of their spans reads.
const STORED: [&str; 2] = [
    r#"{"traceID":"0102030405060708","spanID":"1","operationName":"GET /","references":[],"startTime":5,"startTimeMillis":0,"duration":7,
 "tags":[{"key":"http.status_code","type":"int64","value":"500"}],"tag":{"span@kind":"server","error":true,"db@system":7},
 "process":{"serviceName":"shop","tags":[],"tag":{"service@version":"1.2"}}}"#,
    r#"{"duration":1,"logs":[],"operationName":"load","process":{"serviceName":"store","tags":null},
 "references":[{"refType":"CHILD_OF","traceID":"0102030405060708","spanID":"1"}],"spanID":"2","startTime":6,"traceID":"0102030405060708"}"#,
];

#[test]
fn spans_as_elasticsearch_stores_them_are_read_in_every_arrangement() {
    let flat = STORED.map(|span| span.replace('\n', ""));
    let [lines, array] = [flat.join("\n"), format!("[{},\n{}]", STORED[0], STORED[1])];
    let hits = STORED.map(|span| format!(r#"{{"_index":"jaeger-span-2025-11-22","_id":"x","_source":{span}}}"#));
    let answer = format!(r#"{{"took":1,"hits":{{"total":{{"value":2}},"hits":[{}]}}}}"#, hits.join(","));
    for (text, format) in [
        (lines, "Jaeger JSON lines"),
        (flat.join(""), "Jaeger JSON lines"),
        (array.replace('\n', ""), "Jaeger JSON lines"),
        (array, "Jaeger JSON document"),
        (STORED.join("\n"), "Jaeger JSON document"),
        (hits.clone().map(|hit| hit.replace('\n', "")).join("\n"), "Jaeger JSON lines"),
        (hits.join("\n"), "Jaeger JSON document"),
        (answer.replace('\n', ""), "Jaeger JSON lines"),
        (answer, "Jaeger JSON document"),
    ] {
        let (gathered, report) = read(text.as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (2, 0, 0), "{text}: {report:?}");
        assert_eq!((report.format, report.no_service_name), (Some(format), 0), "{text}");
        let names = &gathered.names;
        let [above, below] = &gathered.spans[..] else { panic!("two spans") };
        let operation = names.operation_of(above.operation);
        assert_eq!((names.text(operation.service), operation.kind), ("shop", SpanKind::Server));
        assert_eq!((above.status, above.codes.http), (Status::Error, Some(500)));
        assert_eq!(names.text(names.resource_of(above.resource).version), "1.2");
        assert_eq!(names.text(names.operation_of(below.operation).service), "store");
        assert_eq!((above.trace, above.id), (below.trace, below.parent));
        assert_eq!((above.time.start.0, above.time.end.0), (5000, 12000));
    }
}

#[test]
fn a_bad_stored_span_costs_no_neighbour() {
    let text = STORED.join("\n");
    let (gathered, report) = read(text.replace("\"spanID\":\"2\"", "\"spanID\":\"x\"").as_bytes());
    assert_eq!((gathered.spans.len(), report.skipped_total), (1, 1), "{report:?}");
    a_wrong_value_costs_nothing_else(&text, &[("\"startTime\":5", "\"startTime\":\"five\"")], 2);
    cut_everywhere(STORED.map(|span| span.replace('\n', "")).join("\n").as_bytes(), 2);
    cut_everywhere(text.as_bytes(), 2);
}

#[test]
fn an_object_that_names_a_trace_and_holds_no_span_is_told() {
    let good = STORED[0].replace('\n', "");
    for none in [
        r#"{"traceID":"0102030405060708","message":"no trace"}"#,
        r#"{"traceID":"0102030405060708"}"#,
        r#"{"traceID":"0102030405060708","spans":null,"processes":{}}"#,
        r#"{"traceID":"0102030405060708","spans":null}"#,
        r#"{"_index":"jaeger-service-2025-11-22","_source":{"serviceName":"shop","operationName":"GET /"}}"#,
        r#"{"spanID":"1"}"#,
        r#"{"time":"2025-11-22T12:00:00Z","traceID":"0102030405060708","spanID":"1","level":"error","msg":"no driver"}"#,
    ] {
        let spread = none.replace(',', ",\n").replace('{', "{\n");
        for text in [format!("{good}\n{none}"), format!("{spread}\n{good}"), format!("[{good},\n{none}]")] {
            let (_, report) = read(text.as_bytes());
            assert_eq!((report.spans, report.skipped_total, report.mended_total), (1, 1, 0), "{text}: {report:?}");
        }
    }
}

/// What a failed span with one log of these fields tells: its exceptions' messages, and its words.
fn told_by_log(fields: &[(&str, &str)]) -> (Vec<String>, String) {
    let fields: Vec<String> =
        fields.iter().map(|(key, value)| format!(r#"{{"key":"{key}","type":"string","value":{value}}}"#)).collect();
    let span = format!(
        r#"{{"traceID":"1","spanID":"2","operationName":"x","tags":[{{"key":"error","value":true}}],
        "logs":[{{"timestamp":1,"fields":[{}]}}],"process":{{"serviceName":"shop"}}}}"#,
        fields.join(",")
    );
    let (gathered, report) = read(span.as_bytes());
    assert_eq!((report.spans, report.skipped_total, report.mended_total), (1, 0, 0), "{report:?}");
    let detail = gathered.spans[0].detail.as_deref();
    let messages = detail.map(|detail| detail.exceptions.iter().map(|told| told.message.to_string()).collect());
    (messages.unwrap_or_default(), detail.map(|detail| detail.error_text.to_string()).unwrap_or_default())
}

#[test]
fn logs_of_every_version_and_logger_say_what_went_wrong() {
    let (event, level) = (("event", r#""error""#), ("level", r#""error""#));
    let text = ("error", r#""redis timeout""#);
    let thrown = |words: &str| (vec![words.to_owned()], String::new());
    let said = |words: &str| (Vec::new(), words.to_owned());
    for (fields, told) in [
        (&[event, ("error.object", r#""redis timeout""#)][..], thrown("redis timeout")),
        (&[event, text], thrown("redis timeout")),
        (&[text], thrown("redis timeout")),
        (&[("event", r#""retrying""#), level, ("retry_no", "1"), text], thrown("redis timeout")),
        (&[text, ("message", r#""no driver""#)], thrown("no driver")),
        (&[("event", r#""query failed""#), level, ("error.kind", r#""IOError""#)], thrown("query failed")),
        (&[("event", r#""no driver found""#), level, ("driver", "7")], said("no driver found")),
        (&[("event", r#""failed""#), ("level", r#""FATAL""#)], said("failed")),
        (&[("message", r#""no driver""#), level], said("no driver")),
        (&[("event", r#""find""#), ("message", r#""no driver""#), level], said("no driver")),
        (&[("event", r#""no driver found""#), ("level", r#""info""#), ("driver", "7")], said("")),
        (&[event], said("")),
        (&[event, level], said("")),
        (&[level], said("")),
        (&[("event", r#""find""#), ("error", "true")], said("")),
        (&[("event", r#""find""#), ("error", r#""false""#)], said("")),
        (&[("event", r#""find""#), ("error", r#""""#)], said("")),
    ] {
        assert_eq!(told_by_log(fields), told, "{fields:?}");
    }
}

#[test]
fn no_other_log_takes_the_place_of_the_words_of_an_error() {
    let log = |level: &str, words: &str| {
        let level = if level.is_empty() { String::new() } else { format!(r#",{{"key":"level","value":"{level}"}}"#) };
        format!(r#"{{"timestamp":1,"fields":[{{"key":"event","value":"{words}"}}{level}]}}"#)
    };
    let (plain, error, last) = (log("", "closing the file"), log("error", "disk is full"), log("error", "no disk"));
    for (logs, said) in [
        (vec![&error, &plain], "disk is full"),
        (vec![&plain, &error], "disk is full"),
        (vec![&error, &plain, &last, &plain], "no disk"),
        (vec![&plain], "closing the file"),
    ] {
        let logs = logs.into_iter().cloned().collect::<Vec<_>>().join(",");
        let span = |id: u8, logs: &str| {
            format!(
                r#"{{"traceID":"1","spanID":"{id}","tags":[{{"key":"error","value":true}}],"logs":[{logs}],"processID":"p"}}"#
            )
        };
        // What one span said is nothing to the next.
        let trace = format!(r#"{{"traceID":"1","spans":[{},{}]}}"#, span(1, &logs), span(2, &plain));
        let (gathered, report) = read(trace.as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (2, 0, 0), "{report:?}");
        let texts =
            gathered.spans.iter().map(|span| span.detail.as_deref().map(|detail| detail.error_text.to_string()));
        assert_eq!(texts.flatten().collect::<Vec<_>>(), [said, "closing the file"], "{logs}");
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

#[test]
fn jaeger_may_end_anywhere() {
    cut_everywhere(JAEGER.as_bytes(), 3);
    cut_everywhere(JAEGER.replace('\n', "").as_bytes(), 3);
    let deep = format!("{{\"data\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    read(deep.as_bytes());
    read(JAEGER.replace("null", &deep).as_bytes());
}
