//! How much is kept of what requests are compared by.

use crate::read::capture_reader::read_bytes;
use crate::read::options::ReadOptions;
use crate::read::sink::Gathered;

/// The keys that requests are compared by of a span with these attributes, and of a resource with the same.
fn compared(attributes: &[(String, String)]) -> [Vec<String>; 2] {
    let pair = |(key, value): &(String, String)| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
    let list = attributes.iter().map(pair).collect::<Vec<_>>().join(",");
    let span = format!(
        r#"{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","attributes":[{list}]}}"#
    );
    let request = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{list}]}},"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#
    );
    let options = ReadOptions { request_attributes: true, ..ReadOptions::default() };
    let mut gathered = Gathered::default();
    let report = read_bytes("request", request.as_bytes(), &options, &mut gathered);
    assert_eq!((report.spans, report.skipped_total, report.mended_total), (1, 0, 0), "{report:?}");
    let Gathered { names, spans, .. } = gathered;
    let of_span = spans[0].attributes.iter().map(|(key, _)| names.text(*key).to_owned());
    let of_resource = names.attributes_of(names.resource_of(spans[0].resource).attributes).iter();
    [of_span.collect(), of_resource.map(|&(key, _)| names.text(key).to_owned()).collect()]
}

#[test]
fn of_more_attributes_than_are_compared_the_first_are_kept_without_a_word() {
    let attributes: Vec<(String, String)> =
        (0..129).map(|number| (format!("app.k{number:03}"), "x".to_owned())).collect();
    let first = |many: usize| -> Vec<String> { attributes[..many].iter().map(|(key, _)| key.clone()).collect() };
    assert_eq!(compared(&attributes[..64]), [first(64), first(64)]);
    assert_eq!(compared(&attributes[..65]), [first(65), first(64)]);
    assert_eq!(compared(&attributes[..128]), [first(128), first(64)]);
    assert_eq!(compared(&attributes), [first(128), first(64)]);
}

#[test]
fn a_value_of_more_bytes_than_are_compared_is_left_out_without_a_word() {
    let of = |bytes: usize| compared(&[("app.k".to_owned(), "x".repeat(bytes))]);
    assert_eq!(of(128), [["app.k"], ["app.k"]]);
    assert_eq!(of(129), [[""; 0], [""; 0]]);
}

/// A protobuf field that holds these bytes, with their number in three bytes whatever it is.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let (low, high) =
        (u8::try_from(bytes.len() % 128).expect("seven bits"), u8::try_from(bytes.len() / 128 % 128).expect("seven"));
    let head = [number << 3 | 2, low | 0x80, high | 0x80, u8::try_from(bytes.len() >> 14).expect("short")];
    [&head, bytes].concat()
}

#[test]
fn what_is_cut_of_a_span_that_is_left_out_is_not_told_of_the_next_one() {
    let long = "x".repeat(17 << 10);
    let (trace, times) = ("0102030405060708090a0b0c0d0e0f10", r#""startTimeUnixNano":"5","endTimeUnixNano":"6""#);
    let attribute = format!(r#"{{"key":"app.k","value":{{"stringValue":"{long}"}}}}"#);
    let otlp = |spans: &str| format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#).into_bytes();
    let cut = format!(r#"{{"traceId":"{trace}","spanId":"0000000000000001",{times},"attributes":[{attribute}]"#);
    let whole = format!(r#"{{"traceId":"{trace}","spanId":"0000000000000002",{times}}}"#);
    let proto = |wrong: &[u8]| {
        let pair = [field(1, b"app.k"), field(2, &field(1, long.as_bytes()))].concat();
        let span = |id: u8| [field(1, &[7; 16]), field(2, &[id; 8])].concat();
        let cut = [span(1), field(9, &pair), wrong.to_vec()].concat();
        field(1, &field(2, &[field(2, &cut), field(2, &span(2))].concat()))
    };
    let zipkin = |wrong: &str| {
        let cut =
            format!(r#"{{"traceId":"1","id":"1","timestamp":1,"duration":1,"tags":{{"app.k":"{long}"}}{wrong}}}"#);
        format!(r#"[{cut},{{"traceId":"1","id":"2","timestamp":1,"duration":1}}]"#).into_bytes()
    };
    let jaeger = |wrong: &str| {
        let tag = format!(r#"{{"key":"app.k","type":"string","value":"{long}"}}"#);
        let span =
            |id: u8, more: &str| format!(r#"{{"traceID":"1","spanID":"{id}","startTime":1,"duration":1{more}}}"#);
        let cut = span(1, &format!(r#","tags":[{tag}]{wrong}"#));
        format!(r#"{{"traceID":"1","spans":[{cut},{}]}}"#, span(2, "")).into_bytes()
    };
    let xray = |wrong: &str| {
        let cut = format!(r#"{{"id":"0000000000000002","annotations":{{"app.k":"{long}"}}{wrong}}}"#);
        format!(
            r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"0000000000000001","subsegments":[{cut},{{"id":"0000000000000003"}}]}}"#
        )
        .into_bytes()
    };
    // Each with the long attribute in a span that is read, and in one that is not; how many spans there are in the first.
    let wrong = r#","name" "x""#;
    for (read, left_out, spans) in [
        (otlp(&format!("{cut}}},{whole}")), otlp(&format!("{cut}{wrong}}},{whole}")), 2),
        (proto(b""), proto(b"\x2b"), 2),
        (zipkin(""), zipkin(wrong), 2),
        (zipkin(""), zipkin(r#","binaryAnnotations":[]"#), 2),
        (jaeger(""), jaeger(wrong), 2),
        (xray(""), xray(wrong), 3),
    ] {
        let options = ReadOptions { keep_attributes: vec!["app.k".to_owned()], ..ReadOptions::default() };
        let counts = |bytes: &[u8]| {
            let report = read_bytes("request", bytes, &options, &mut Gathered::default());
            (report.spans, report.skipped_total, report.mended_total)
        };
        assert_eq!(counts(&read), (spans, 0, 1), "{}", String::from_utf8_lossy(&read));
        assert_eq!(counts(&left_out), (spans - 1, 1, 0), "{}", String::from_utf8_lossy(&left_out));
    }
}

/// What is told of telemetry of which `app.k` is kept.
fn told(text: &str) -> Vec<String> {
    let options = ReadOptions { keep_attributes: vec!["app.k".to_owned()], ..ReadOptions::default() };
    let report = read_bytes("input", text.as_bytes(), &options, &mut Gathered::default());
    assert_eq!((report.spans, report.skipped_total), (1, 0), "{report:?}");
    report.mended.into_iter().map(|it| it.reason.split(" kept with ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_is_cut_of_a_span_is_not_told_of_its_resource() {
    let long = "x".repeat(17 << 10);
    let zipkin = |service: &str, value: &str| {
        format!(
            r#"[{{"traceId":"1","id":"1","timestamp":1,"tags":{{"app.k":"{value}"}},"localEndpoint":{{"serviceName":"{service}"}}}}]"#
        )
    };
    let jaeger = |of_process: &str, value: &str| {
        let tags = |value: &str| format!(r#""tags":[{{"key":"app.k","value":"{value}"}}]"#);
        let process = tags(of_process);
        format!(r#"{{"traceID":"1","spanID":"1","startTime":1,{},"process":{{{process}}}}}"#, tags(value))
    };
    let nameless = |value: &str| {
        let span =
            format!(r#"{{"traceID":"1","spanID":"1","startTime":1,"tags":[{{"key":"app.k","value":"{value}"}}]}}"#);
        format!(r#"{{"traceID":"1","spans":[{span}]}}"#)
    };
    let xray = |value: &str| {
        format!(
            r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"0000000000000001","name":"shop","annotations":{{"app.k":"{value}"}}}}"#
        )
    };
    for (text, wanted) in [
        (zipkin("shop", &long), &["span"][..]),
        (zipkin(&long, "x"), &["resource"]),
        (zipkin(&long, &long), &["resource", "span"]),
        (jaeger("x", &long), &["span"]),
        (jaeger(&long, "x"), &["resource"]),
        (jaeger(&long, &long), &["resource", "span"]),
        (nameless(&long), &["span"]),
        (xray(&long), &["span"]),
    ] {
        assert_eq!(told(&text), wanted, "{}", &text[..100]);
    }
}
