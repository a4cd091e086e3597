//! How much is kept of one span.

use crate::read::capture_reader::read_bytes;
use crate::read::options::ReadOptions;
use crate::read::sink::Gathered;

/// The steps of the work that are kept of a span with events of these names.
fn kept(events: &[String]) -> Vec<String> {
    let events: Vec<String> = events.iter().map(|name| format!(r#"{{"name":"{name}"}}"#)).collect();
    let span = format!(
        r#"{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","events":[{}]}}"#,
        events.join(",")
    );
    let request = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let mut gathered = Gathered::default();
    let report = read_bytes("request", request.as_bytes(), &ReadOptions::default(), &mut gathered);
    assert_eq!((report.spans, report.skipped_total, report.mended_total), (1, 0, 0), "{report:?}");
    let detail = gathered.spans[0].detail.as_ref().expect("it told steps");
    detail.told.iter().map(|&step| gathered.names.text(step).to_owned()).collect()
}

/// The name of an event, without digits: those are numbers of the request.
fn step(number: u32) -> String {
    let letters: String = number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect();
    format!("step.{letters}")
}

#[test]
fn of_more_steps_than_are_kept_of_a_span_the_first_different_ones_are() {
    let first: Vec<String> = (0..64).map(step).collect();
    assert_eq!(kept(&first), first);
    // One that is told again and again is one.
    let more = [vec![step(0); 100], first.clone(), vec![step(64)]].concat();
    assert_eq!(kept(&more), first);
}
