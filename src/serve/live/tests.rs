//! Slices through their lives, with a clock that the tests turn.

use super::*;
use crate::analyze::exception_rules::ExceptionRules;
use crate::read::kept_record::digest;
use crate::serve::live_analysis::analyse;
use std::fmt::Write;
use std::thread;

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

fn take(live: &Live, bytes: &[u8], now: u64) -> Taken {
    let kind = RequestKind::TracesJson;
    live.take(kind, bytes, digest(kind, bytes), now).expect("a request")
}

/// Analyses what is due, and says how many slices that were.
fn work(live: &Live, now: u64) -> usize {
    let (due, _) = live.due(now, 100);
    let count = due.len();
    for due in due {
        let slice = due.slice;
        live.found(slice, analyse(due, &ExceptionRules::default()));
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
    let live = live();
    take(&live, &request(1, 1..2), 0);
    take(&live, &request(2, 1..2), 400);
    assert_eq!(work(&live, 9_000), 0);
    assert_eq!(work(&live, 10_600), 1);
    assert_eq!(sums(&live), (2, 2, 0));
    take(&live, &request(1, 2..4), 11_000);
    assert_eq!(sums(&live), (2, 2, 0), "not before it is quiet again");
    assert_eq!(work(&live, 21_001), 1);
    assert_eq!(sums(&live), (2, 4, 1));
    assert_eq!(live.traces_and_late_spans().1, 2);
    assert_eq!(work(&live, 22_000), 0);
    // Long after, its facts stay and its spans go.
    assert_eq!(work(&live, 200_000), 0);
    assert_eq!((sums(&live), live.traces_and_late_spans().0), ((2, 4, 1), 0));
    work(&live, 1_100_000);
    assert_eq!(sums(&live), (0, 0, 0), "the window has passed on");
}

#[test]
fn a_request_that_is_sent_again_counts_once() {
    let live = live();
    let first = take(&live, &request(1, 1..4), 0);
    // The store finds windows by this time, whether it is the first time or not that a request is to be kept.
    assert!(first.counted.time.is_some());
    for now in [1, 5_000, 20_000] {
        assert_eq!(take(&live, &request(1, 1..4), now), first);
    }
    work(&live, 40_000);
    assert_eq!(sums(&live), (1, 3, 1));
    let facts = live.facts();
    assert!(facts.iter().all(|facts| facts.defects == Default::default()));
}

#[test]
fn a_trace_that_never_rests_is_looked_at_all_the_same() {
    let live = live();
    for step in 0..20 {
        take(&live, &request(1, step + 1..step + 2), u64::from(step) * 5_000);
        work(&live, u64::from(step) * 5_000 + 1);
    }
    assert!(sums(&live).1 > 10);
}

#[test]
fn names_of_another_set_meet_in_one_trace() {
    let live = live();
    take(&live, &request(1, 1..2), 0);
    // In whichever lane it comes next.
    live.lanes.begin_names();
    take(&live, &request(1, 2..4), 1_000);
    work(&live, 20_000);
    assert_eq!(sums(&live), (1, 3, 1));
    let facts = live.facts();
    assert_eq!(facts[0].services.keys().collect::<Vec<_>>(), ["shop"]);
    live.make_room(200_000);
    assert_eq!(live.lanes.held(), 0, "names of spans that went are gone");
}

#[test]
fn memory_that_is_short_is_given_back_by_traces_that_were_analysed() {
    let live = Live::new(Duration::from_secs(10), Duration::from_secs(900), 400_000);
    for trace in 1..=200 {
        take(&live, &request(trace, 1..200), u64::from(trace) * 100);
        if trace % 10 == 0 {
            work(&live, u64::from(trace) * 100);
        }
    }
    work(&live, 31_000);
    assert!(!live.is_full(), "{} bytes", live.held());
    assert_eq!(sums(&live).1, 200 * 199, "facts stay");
}

#[test]
fn what_waits_fills_the_memory_until_it_is_analysed() {
    let live = Live::new(Duration::from_secs(10), Duration::from_secs(900), 300_000);
    let mut traces = 0;
    while !live.is_full() {
        traces += 1;
        take(&live, &request(traces, 1..200), 0);
        live.make_room(0);
    }
    assert_eq!(work(&live, 1), 0, "more traces may begin in the slice of this moment");
    // Before their time, as memory is short.
    assert_eq!(work(&live, SLICE), 1);
    assert!(!live.is_full(), "{} bytes", live.held());
    assert_eq!(sums(&live).1, u64::from(traces) * 199);
}

#[test]
fn a_request_that_comes_over_many_connections_at_once_counts_once() {
    let (live, requests) = (live(), (1..=40).map(|trace| request(trace, 1..20)).collect::<Vec<_>>());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| requests.iter().for_each(|request| _ = take(&live, request, 7)));
        }
    });
    work(&live, 20_000);
    assert_eq!(sums(&live), (40, 40 * 19, 1));
    assert!(live.facts().iter().all(|facts| facts.defects == Default::default()));
}

#[test]
fn what_comes_while_a_slice_is_analysed_is_not_lost() {
    let live = live();
    take(&live, &request(1, 1..2), 0);
    let (due, _) = live.due(10_000, 10);
    take(&live, &request(1, 2..4), 10_000);
    for due in due {
        live.found(due.slice, analyse(due, &ExceptionRules::default()));
    }
    assert_eq!(sums(&live), (1, 1, 0));
    assert_eq!(work(&live, 20_000), 1);
    assert_eq!(sums(&live), (1, 3, 1));
    // Nothing is analysed now: both go where the first went.
    take(&live, &request(1, 4..6), 21_000);
    assert_eq!(work(&live, 31_000), 1);
    assert_eq!(sums(&live), (1, 5, 1));
}
