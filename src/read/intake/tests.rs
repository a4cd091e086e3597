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
