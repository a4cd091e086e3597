//! Zipkin's JSON.

use crate::{a_wrong_value_costs_nothing_else, cut_everywhere, read};

pub(crate) const ZIPKIN: &str = r#"[
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
fn spans_of_zipkins_first_version_are_told_and_left_out() {
    let endpoint = r#""endpoint":{"serviceName":"shop","ipv4":"10.0.0.1"}"#;
    let span = |more: &str| format!(r#"{{"traceId":"1","id":"4","name":"get","timestamp":5,"duration":7,{more}}}"#);
    for (more, left_out) in [
        (format!(r#""annotations":[{{"timestamp":5,"value":"sr",{endpoint}}}],"binaryAnnotations":[]"#), 1),
        (format!(r#""annotations":[{{"timestamp":5,"value":"sr",{endpoint}}}]"#), 1),
        (format!(r#""binaryAnnotations":[{{"key":"error","value":"x",{endpoint}}}]"#), 1),
        (r#""annotations":[{"timestamp":5,"value":"sr","endpoint":null}],"binaryAnnotations":null"#.to_owned(), 0),
        (r#""binaryAnnotations":[],"localEndpoint":{"serviceName":"shop"}"#.to_owned(), 0),
    ] {
        let whole = ZIPKIN.replacen('[', &format!("[{},", span(&more)), 1);
        for text in [whole.replace('\n', ""), whole] {
            let (_, report) = read(text.as_bytes());
            assert_eq!((report.spans, report.skipped_total), (4 - left_out, left_out), "{text}: {report:?}");
            assert!(report.skipped.iter().all(|skipped| skipped.reason.contains("Zipkin's first version")));
        }
    }
}

#[test]
fn zipkin_may_end_anywhere() {
    cut_everywhere(ZIPKIN.as_bytes(), 3);
    cut_everywhere(ZIPKIN.replace('\n', "").as_bytes(), 3);
}
