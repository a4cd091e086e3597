//! Jaeger's JSON.

use crate::{a_wrong_value_costs_nothing_else, cut_everywhere, read};

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
