//! Zipkin's JSON.

use crate::{a_wrong_value_costs_nothing_else, cut_everywhere, read};
use whyspan::capture::Capture;
use whyspan::judge::evidence::Evidence;
use whyspan::read::options::ReadOptions;
use whyspan::report::json;

pub(crate) const ZIPKIN: &str = r#"[
{"traceId":"0102030405060708","id":"1","kind":"SERVER","name":"get /","timestamp":5,"duration":"7","localEndpoint":{"serviceName":"shop"},
 "tags":{"error":""}},
{"traceId":"00000000000000000102030405060708","id":"0000000000000002","parentId":"1","kind":"CLIENT","timestamp":"6","duration":1,
 "localEndpoint":{"serviceName":"shop"},"remoteEndpoint":{"serviceName":"mysql","ipv4":"10.0.0.7","port":3306},
 "annotations":[{"timestamp":6,"value":"exception: {\"exception.type\":\"E\",\"exception.message\":\"no \\\"rows\\\"\"}"}],
 "tags":{"error":"disk is full"}},
{"parentId":"2","traceId":"0102030405060708","id":"3","shared":null,"tags":{"error":"x","otel.status_code":"OK"}}
]"#;

/// How many spans of it lack a timestamp.
const UNTIMED: u64 = 1;

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
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (3, 0, UNTIMED), "{report:?}");
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
    let timed = ZIPKIN.replace("\"shared\":null", "\"timestamp\":7");
    a_wrong_value_costs_nothing_else(&timed, &[("\"6\"", "\"six\"")], 3);
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
fn a_span_without_a_timestamp_is_told() {
    let timed = ZIPKIN.replace("\"shared\":null", "\"timestamp\":7");
    assert_eq!(read(timed.as_bytes()).1.mended_total, 0);
    for absent in ["\"x\":1", "\"timestamp\":null", "\"timestamp\":0"] {
        let (_, report) = read(timed.replace("\"timestamp\":7", absent).as_bytes());
        assert_eq!((report.spans, report.skipped_total, report.mended_total), (3, 0, 1), "{absent}: {report:?}");
        assert!(report.mended[0].reason.starts_with("span kept without its time"), "{report:?}");
        // One that is left out is not kept without its time.
        for id in ["\"id\":\"no id\"", "\"id\":null", "\"name\":\"no id\""] {
            let text = timed.replace("\"timestamp\":7", absent).replace("\"id\":\"3\"", id);
            let (_, report) = read(text.replace(",{\"parentId\"", ",{\"localEndpoint\":null,\"parentId\"").as_bytes());
            assert_eq!((report.spans, report.skipped_total, report.mended_total), (2, 1, 0), "{absent}: {report:?}");
        }
    }
}

/// A request that fails in another service, whose span says why in `more`; and what stands behind that span.
fn evidence(more: &str, behind: &str) -> Evidence {
    let span = |id: u8, at: u32, service: &str, kind: &str, more: &str| {
        format!(
            r#"{{"traceId":"5b8efff798038103d269b633813fc60c","id":"{id}","parentId":"{}","name":"get","kind":"{kind}",
            "localEndpoint":{{"serviceName":"{service}"}}{}{more}}}"#,
            id - 1,
            if at == 0 { String::new() } else { format!(r#","timestamp":17638000000{at:05},"duration":20000"#) },
        )
        .replace(r#""parentId":"0","#, "")
        .replace(r#""kind":"","#, "")
    };
    let failed = r#","tags":{"error":"500","http.status_code":"500"}"#;
    let text = [
        span(1, 10, "front", "SERVER", failed),
        span(2, 20, "front", "CLIENT", failed),
        span(3, 30, "stock", "SERVER", more),
        behind.to_owned(),
    ]
    .join("\n");
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read_bytes("input", text.replace(",\n", ",").as_bytes());
    capture.into_evidence()
}

#[test]
fn tags_that_were_sent_after_their_span_tell_the_same_as_tags_within_it() {
    let part = |kind: &str| {
        format!(
            r#"{{"traceId":"5b8efff798038103d269b633813fc60c","id":"3","parentId":"2",{kind}"localEndpoint":{{"serviceName":"stock"}},"tags":{{"error":"no stock left"}}}}"#
        )
    };
    let code = r#","tags":{"http.status_code":"500"}"#;
    let whole = evidence(r#","tags":{"http.status_code":"500","error":"no stock left"}"#, "");
    assert_eq!(whole.root_causes.len(), 1);
    assert!(whole.root_causes[0].sentence.contains("no stock left"), "{}", whole.root_causes[0].sentence);
    for kind in ["", r#""kind":"SERVER","#] {
        let joined = evidence(code, &part(kind));
        assert_eq!(json::to_json(&joined.root_causes).ok(), json::to_json(&whole.root_causes).ok());
        assert_eq!(json::to_json(&joined.windows).ok(), json::to_json(&whole.windows).ok());
        let codes: Vec<_> = joined.quality.defects.iter().map(|defect| defect.code.to_string()).collect();
        assert_eq!(codes, ["record-mended"]);
    }
}

#[test]
fn zipkin_may_end_anywhere() {
    cut_everywhere(ZIPKIN.as_bytes(), 3);
    cut_everywhere(ZIPKIN.replace('\n', "").as_bytes(), 3);
}
