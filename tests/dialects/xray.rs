//! Segment documents of AWS X-Ray.

use crate::{a_wrong_value_costs_nothing_else, cut_everywhere, read};
use serde_json::json;
use whyspan::model::span::LooseSpan;

pub(crate) const XRAY: &str = r#"{"trace_id":"1-581cf771-a006649127e371903a2de979","subsegments":[
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
        assert_eq!(&*exception.stacktrace, "Timeout: no answer\n    at query (db.js:7)\n    at main (app.js:1)");
    }
}

/// A segment with these members beside its ids, in one trace.
fn segment(id: &str, members: &str) -> String {
    format!("{{\"id\":\"{id}\",\"trace_id\":\"1-581cf771-a006649127e371903a2de979\",{members}}}\n")
}

#[test]
fn causes_of_causes_are_one_exception() {
    let one = |id: u8, cause: u8, kind: &str| json!({"id": id.to_string(), "cause": cause.to_string(), "type": kind, "message": "m", "stack": [{"path": "/a.js", "line": id, "label": "f"}]});
    let caused = segment(
        "1",
        &format!("\"cause\":{}", json!({"exceptions": [one(2, 3, "Inner"), one(1, 2, "Outer"), one(9, 8, "Other")]})),
    );
    let ring = segment("2", &format!("\"cause\":{}", json!({"exceptions": [one(1, 2, "A"), one(2, 1, "B")]})));
    let pointer = segment("3", "\"fault\":true,\"cause\":\"0123456789abcdef\"");
    let words = segment("4", "\"cause\":{\"exceptions\":[{\"id\":\"5\",\"message\":\"no luck\"}]}");
    let (gathered, report) = read([caused, ring, pointer, words].concat().as_bytes());
    assert_eq!((report.spans, report.skipped_total), (4, 0), "{report:?}");
    let told = |place: usize| gathered.spans[place].detail.as_ref().map_or(vec![], |detail| detail.exceptions.clone());
    let kinds = |place| told(place).iter().map(|exception| exception.kind.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (kinds(0), kinds(1), kinds(2), kinds(3)),
        (vec!["Outer".into(), "Other".into()], vec!["A".into()], vec![], vec![])
    );
    assert_eq!(&*told(0)[0].stacktrace, "Outer: m\n    at f (/a.js:1)\nCaused by: Inner: m\n    at f (/a.js:2)");
    assert_eq!(&*told(1)[0].stacktrace, "A: m\n    at f (/a.js:1)\nCaused by: B: m\n    at f (/a.js:2)");
    assert_eq!(&*gathered.spans[3].detail.as_ref().expect("a detail").status_message, "no luck");
}

#[test]
fn xray_tells_some_things_twice_and_others_never() {
    let text = [
        segment(
            "1",
            r#""name":"shop","start_time":1.5E9,"in_progress":true,"subsegments":[{"id":"2","name":"db","namespace":"aws","start_time":1.5E9,"in_progress":true}]"#,
        ),
        segment(
            "3",
            r#""name":"db","start_time":1.5E9,"end_time":1.6E9,"parent_id":"2","inferred":true,"subsegments":[{"id":"4"}]"#,
        ),
        segment(
            "5",
            r#""name":"request","parent_id":"1","start_time":1.5E9,"metadata":{"default":{"otel.resource.service.name":"shop","http.route":"/x","http.method":"GET"}}"#,
        ),
        segment(
            "6",
            r#""name":"shop","http":{"request":{"method":"GET","url":"http://shop/x"}},"metadata":{"x":{"http.route":"/x/{id}"}},"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979","id":"7"},{"id":"8"}]"#,
        ),
        segment(
            "7",
            r#""name":"api.example","namespace":"remote","type":"subsegment","parent_id":"6","http":{"request":{"url":"https://api.example:8080/v1"}}"#,
        ),
    ];
    let (gathered, report) = read(text.concat().as_bytes());
    let names = &gathered.names;
    let told = |span: &LooseSpan| {
        let operation = names.operation_of(span.operation);
        format!("{} {} {:?} {}", span.id.0[7], names.text(operation.service), operation.kind, names.text(span.name))
    };
    let spans: Vec<String> = gathered.spans.iter().map(told).collect();
    let wanted = [
        "1 shop Server shop",
        "2 shop Client db",
        "5 shop Internal request",
        "6 shop Server GET /x/{id}",
        "7  Client api.example",
    ];
    assert_eq!(spans, wanted, "{report:?}");
    assert!(
        gathered.spans[0].time.start == gathered.spans[0].time.end
            && gathered.spans[0].time.start.0 == 1_500_000_000_000_000_000
    );
    assert_eq!(gathered.spans[3].detail.as_ref().expect("a detail").links.len(), 1);
    assert_eq!((report.mended_total, report.skipped_total), (1, 0), "{report:?}");
    let target = names.target_of(gathered.spans[4].target);
    assert_eq!((names.text(target.peer_service), names.text(target.address), target.port), ("", "api.example", 8080));
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
