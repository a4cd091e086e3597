//! Slices through their lives, with a clock that the tests turn.

use super::*;
use crate::read::kept_record::digest;
use crate::serve::live_analysis::analyse;
use std::fmt::Write;

fn request(trace: u8, spans: std::ops::Range<u8>) -> Vec<u8> {
    let mut list = String::new();
    for span in spans {
        let parent = if span == 1 { String::new() } else { "0000000000000001".to_owned() };
        let status = if span == 2 { 2 } else { 0 };
        let comma = if list.is_empty() { "" } else { "," };
        write!(
            list,
            r#"{comma}{{"traceId":"{trace:032x}","spanId":"{span:016x}","parentSpanId":"{parent}","name":"work {span}","kind":2,"startTimeUnixNano":"1795305600000000000","endTimeUnixNano":"1795305600000000100","status":{{"code":{status}}}}}"#
        )
        .expect("written");
    }
    format!(r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{list}]}}]}}]}}"#)
        .into_bytes()
}

fn live() -> Live {
    Live::new(Duration::from_secs(10), Duration::from_secs(900), 1 << 30)
}

fn take(live: &mut Live, bytes: &[u8], now: u64) -> Taken {
    let kind = RequestKind::TracesJson;
    live.take(kind, bytes, digest(kind, bytes), now).expect("a request")
}

/// Analyses what is due, and says how many slices that were.
fn work(live: &mut Live, now: u64) -> usize {
    let (due, _) = live.due(now, 100);
    let count = due.len();
    for due in due {
        let slice = due.slice;
        live.found(slice, analyse(due));
    }
    live.make_room(now);
    count
}

fn sums(live: &Live) -> (u64, u64, usize) {
    let mut all = WindowFacts::default();
    live.facts().iter().for_each(|facts| all.merge(WindowFacts::clone(facts)));
    (all.traces, all.spans, all.causes.len())
}

#[test]
fn a_trace_is_analysed_when_it_is_quiet_and_a_late_span_replaces_its_facts() {
    let mut live = live();
    take(&mut live, &request(1, 1..2), 0);
    take(&mut live, &request(2, 1..2), 500);
    assert_eq!(work(&mut live, 9_000), 0);
    assert_eq!(work(&mut live, 10_600), 1);
    assert_eq!(sums(&live), (2, 2, 0));
    take(&mut live, &request(1, 2..4), 11_000);
    assert_eq!(sums(&live), (2, 2, 0), "not before it is quiet again");
    assert_eq!(work(&mut live, 21_001), 1);
    assert_eq!(sums(&live), (2, 4, 1));
    assert_eq!(live.late_spans(), 2);
    assert_eq!(work(&mut live, 22_000), 0);
    // Long after, its facts stay and its spans go.
    assert_eq!(work(&mut live, 200_000), 0);
    assert_eq!((sums(&live), live.traces()), ((2, 4, 1), 0));
    work(&mut live, 1_100_000);
    assert_eq!(sums(&live), (0, 0, 0), "the window has passed on");
}

#[test]
fn a_request_that_is_sent_again_counts_once() {
    let mut live = live();
    let first = take(&mut live, &request(1, 1..4), 0);
    // The store finds windows by this time, whether it is the first time or not that a request is to be kept.
    assert!(first.counted.time.is_some());
    for now in [1, 5_000, 20_000] {
        assert_eq!(take(&mut live, &request(1, 1..4), now), first);
    }
    work(&mut live, 40_000);
    assert_eq!(sums(&live), (1, 3, 1));
    let facts = live.facts();
    assert!(facts.iter().all(|facts| facts.defects == Default::default()));
}

#[test]
fn a_trace_that_never_rests_is_looked_at_all_the_same() {
    let mut live = live();
    for step in 0..20 {
        take(&mut live, &request(1, step + 1..step + 2), u64::from(step) * 5_000);
        work(&mut live, u64::from(step) * 5_000 + 1);
    }
    assert!(sums(&live).1 > 10);
}

#[test]
fn names_of_another_set_meet_in_one_trace() {
    let mut live = live();
    take(&mut live, &request(1, 1..2), 0);
    live.begin_names();
    take(&mut live, &request(1, 2..4), 1_000);
    work(&mut live, 20_000);
    assert_eq!(sums(&live), (1, 3, 1));
    let facts = live.facts();
    assert_eq!(facts[0].services.keys().collect::<Vec<_>>(), ["shop"]);
    live.make_room(200_000);
    assert!(live.open.older.is_empty());
}

#[test]
fn memory_that_is_short_is_given_back_by_traces_that_were_analysed() {
    let mut live = Live::new(Duration::from_secs(10), Duration::from_secs(900), 400_000);
    for trace in 1..=200 {
        take(&mut live, &request(trace, 1..200), u64::from(trace) * 100);
        if trace % 10 == 0 {
            work(&mut live, u64::from(trace) * 100);
        }
    }
    work(&mut live, 21_000);
    assert!(!live.is_full(), "{} bytes", live.held());
    assert_eq!(sums(&live).1, 200 * 199, "facts stay");
}

#[test]
fn what_waits_fills_the_memory_until_it_is_analysed() {
    let mut live = Live::new(Duration::from_secs(10), Duration::from_secs(900), 300_000);
    let mut traces = 0;
    while !live.is_full() {
        traces += 1;
        take(&mut live, &request(traces, 1..200), 0);
        live.make_room(0);
    }
    // Before their time, as memory is short.
    assert_eq!(work(&mut live, 1), 1);
    assert!(!live.is_full(), "{} bytes", live.held());
    assert_eq!(sums(&live).1, u64::from(traces) * 199);
}
