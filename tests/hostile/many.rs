//! Very many of one thing.

use crate::bench::Ran;
use crate::input::Hostile;
use crate::otlp::{attribute, failed, logs, proto_request, proto_span, request, span};
use whyspan::read::kept_record::{RecordHead, RequestKind, SEGMENT_MAGIC, digest};

/// How many spans each line holds.
const OF_A_LINE: u64 = 1000;

/// Lines with `count` spans altogether, each made of its number from 1.
fn lines(name: &str, count: u64, service: impl Fn(u64) -> String, one: impl Fn(u64) -> String) -> Hostile {
    Hostile::file(name, |out| {
        let mut next = 1;
        while next <= count {
            let last = count.min(next + OF_A_LINE - 1);
            let spans: Vec<String> = (next..=last).map(&one).collect();
            writeln!(out, "{}", request(&service(next), &spans.join(","))).expect("written");
            next = last + 1;
        }
    })
    .heavy()
}

fn batch(_: u64) -> String {
    "batch".to_owned()
}

#[test]
fn a_million_spans_in_one_trace() {
    let count = 1_000_000;
    let file = lines("one.jsonl", count, batch, |id| {
        span(1, id, id / 2, &if id % 10 == 0 { failed(&format!("step {id}")) } else { String::new() })
    });
    let ran = file.is_read(&[]);
    assert_eq!(ran.counted("spans"), count);
    ran.takes(100 << 20);
    assert!(ran.defects("origins-not-described") > 0);
}

/// Those beyond the bound are left out, and counted.
#[test]
fn more_spans_in_one_trace_than_are_analysed() {
    let ran = lines("more.jsonl", 2_000_100, batch, |id| span(1, id, id / 2, "")).is_read(&[]);
    assert_eq!((ran.counted("spans"), ran.defects("spans-beyond-bound")), (2_000_000, 100));
}

#[test]
fn spans_of_one_trace_with_the_same_id() {
    let count = 200_000;
    let file = lines("same.jsonl", count, batch, |id| span(1, 7, 7 + id % 3, &format!(r#","name":"{id}""#)));
    let ran = file.is_read(&[]);
    assert!(ran.defects("id-conflict") + ran.defects("self-parent") > count / 2);
}

/// Every ring and every orphan is counted, and no span is lost by it.
#[test]
fn children_rings_and_orphans() {
    let count = 200_000;
    for (name, parent, rings, orphans) in [
        ("children.jsonl", (|id| u64::from(id > 1)) as fn(u64) -> u64, 0, 0),
        ("ring.jsonl", |id| id % 200_000 + 1, 1, 0),
        // The first names none, and the last one that is not there.
        ("pairs.jsonl", |id| id ^ 1, count / 2 - 1, 1),
        ("orphans.jsonl", |id| id + 1_000_000, 0, count),
    ] {
        let ran = lines(name, count, batch, |id| span(1, id, parent(id), &failed("x"))).is_read(&[]);
        ran.says_nothing();
        assert_eq!((ran.counted("spans"), ran.counted("traces")), (count, 1), "{name}");
        assert_eq!((ran.defects("cycle"), ran.defects("orphan")), (rings, orphans), "{name}");
    }
}

/// All of them fail by one cause.
#[test]
fn traces_of_one_span() {
    let count = 500_000;
    let ran = lines("traces.jsonl", count, batch, |id| span(id, id, 0, &failed("x"))).is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("traces"), ran.counted("failing_traces")), (count, count));
    assert_eq!(ran.json()["root_causes"].as_array().map(Vec::len), Some(2));
    assert_eq!(ran.cause_that_says("/status/message", "x")["traces"]["fatal"], count);
}

/// Services, operations, messages and span names, each another: what a run keeps by name is bounded, and the good file,
/// which comes after them, still has its names.
#[test]
fn a_million_services_that_fail_each_in_its_own_way() {
    let file = Hostile::file("services.jsonl", |out| {
        for id in 1..=1_000_000 {
            let one = span(id, id, 0, &failed(&format!("reason {id:x} of {}", words(id))));
            writeln!(out, "{}", request(&format!("service-{id:x}"), &one.replace("work", &format!("step {id:x}"))))
                .expect("written");
        }
    });
    let file = file.heavy();
    let ran = file.is_read(&[]);
    assert_eq!(ran.counted("traces"), 1_000_000);
    assert!(ran.defects("causes-beyond-bound") > 900_000);
    Ran::of(&["doctor"], &[&file.path]).exits(0);
}

/// Words without digits, of which signatures take no notice, and different for every number.
fn words(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

#[test]
fn names_of_a_kilobyte() {
    let long = "n".repeat(1000);
    let file = lines("names.jsonl", 400_000, batch, |id| span(id, id, 0, "").replace("work", &format!("{id} {long}")));
    let ran = file.is_read(&[]);
    assert!(ran.defects("names-beyond-bound") > 0);
    assert_eq!(ran.counted("spans"), 400_000);
}

/// More than are told apart, on each of several threads.
#[test]
fn three_million_entry_points() {
    let count = 3_000_000;
    let file = lines("entries.jsonl", count, batch, |id| span(id, id, 0, "").replace("work", &words(id)));
    let ran = file.is_read(&[]);
    assert_eq!((ran.counted("traces"), ran.counted("spans")), (count, count));
    let beyond = ran.defects("entry-points-beyond-bound");
    assert!((2_000_000..count).contains(&beyond), "{beyond}");
}

/// Few names in many combinations: operations are pairs of them. Each is an entry point, of which some are told apart, and of these
/// some listed.
#[test]
fn operations_of_few_names() {
    let file = Hostile::file("pairs.jsonl", |out| {
        for service in 0..1000 {
            let spans: Vec<String> = (1..=1000)
                .map(|id| span(service * 1000 + id, id, 0, "").replace("work", &format!("step {id}")))
                .collect();
            writeln!(out, "{}", request(&format!("service-{service}"), &spans.join(","))).expect("written");
        }
    });
    let ran = file.heavy().is_read(&[]);
    assert_eq!((ran.counted("spans"), ran.counted("services")), (1_000_000, 1000));
    let (not_listed, beyond) = (ran.defects("not-listed"), ran.defects("entry-points-beyond-bound"));
    assert!(not_listed > 0 && beyond > 0, "{not_listed} {beyond}");
    assert!(not_listed + beyond >= 1_000_000 - 10_000, "{not_listed} {beyond}");
}

#[test]
fn messages_and_stack_traces_of_one_trace() {
    let stack = "    at f (/app/x.js:1:1)\\n".repeat(8000);
    let file = Hostile::file("texts.jsonl", |out| {
        for id in 1..=3000 {
            let event = format!(
                r#","status":{{"code":2}},"events":[{{"name":"exception","attributes":[{},{}]}}]"#,
                attribute("exception.type", &format!("E{}", words(id))),
                attribute("exception.stacktrace", &format!("E{}: x\\n{stack}", words(id)))
            );
            writeln!(out, "{}", request("texts", &span(1, id, u64::from(id > 1), &event))).expect("written");
        }
    });
    let ran = file.heavy().is_read(&[]);
    assert!(ran.defects("texts-beyond-bound") > 0);
    ran.spills(1 << 20);
}

/// Each trace has long texts of its own: they are on disk until their trace is looked at, and are root causes of which no
/// more than 2000 are kept.
#[test]
fn long_texts_of_many_traces() {
    let long = "m".repeat(60_000);
    let file = lines_of_one("long.jsonl", 10_000, |id| span(id, id, 0, &failed(&[&words(id), " ", &long].concat())));
    let ran = file.is_read(&[]);
    assert_eq!((ran.counted("spans"), ran.counted("failing_traces")), (10_000, 10_000));
    assert!(ran.defects("causes-beyond-bound") >= 8000, "{}", ran.defects("causes-beyond-bound"));
    ran.spills(1 << 20);
}

fn lines_of_one(name: &str, count: u64, one: impl Fn(u64) -> String) -> Hostile {
    Hostile::file(name, |out| {
        for id in 1..=count {
            writeln!(out, "{}", request("batch", &one(id))).expect("written");
        }
    })
    .heavy()
}

#[test]
fn log_records_of_one_span() {
    let file = Hostile::file("logs.jsonl", |out| {
        writeln!(out, "{}", request("logs", &span(1, 1, 0, ""))).expect("written");
        for line in 0..500_u64 {
            let record = |n: u64| {
                format!(
                    r#"{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"{n}","severityNumber":17,"body":{{"stringValue":"log {}"}}}}"#,
                    1,
                    1,
                    words(n)
                )
            };
            let records: Vec<String> = (0..1000).map(|n| record(line * 1000 + n)).collect();
            writeln!(out, "{}", logs(&records.join(","))).expect("written");
        }
    });
    let ran = file.heavy().is_read(&[]);
    assert_eq!((ran.counted("logs"), ran.defects("logs-beyond-bound")), (500_000, 500_000 - 64));
}

/// Processes, and whom they call: each span has others of its own. What fails them is one cause.
#[test]
fn processes_and_peers_of_every_name() {
    let file = Hostile::file("peers.jsonl", |out| {
        for id in 1..=400_000_u64 {
            let peer = attribute("server.address", &format!("peer-{id}.example"));
            let call = span(id, id, 0, &format!(r#","attributes":[{peer}]{}"#, failed("refused")))
                .replace(r#""kind":2"#, r#""kind":3"#);
            let one = request("caller", &call);
            let instance = attribute("service.instance.id", &format!("instance-{id}"));
            writeln!(
                out,
                "{}",
                one.replace(
                    r#""attributes":[{"key":"service.name""#,
                    &format!(r#""attributes":[{instance},{{"key":"service.name""#)
                )
            )
            .expect("written");
        }
    });
    let file = file.heavy();
    let ran = file.is_read(&[]);
    assert_eq!((ran.counted("spans"), ran.counted("services")), (400_000, 1));
    assert_eq!(ran.cause_that_says("/status/message", "refused")["traces"]["candidate"], 400_000);
    Ran::of(&["doctor"], &[&file.path]).exits(0);
}

/// One cause at very many entry points, and one entry point for very many causes.
#[test]
fn entry_points_of_one_cause() {
    let file = Hostile::file("entries.jsonl", |out| {
        for id in 1..=100_000_u64 {
            let entry = span(id, 2 * id, 0, &failed("")).replace("work", &format!("GET /{id}"));
            let below = span(id, 2 * id + 1, 2 * id, &failed("the same"));
            writeln!(out, "{}\n{}", request("gateway", &entry), request("stock", &below)).expect("written");
        }
    });
    let ran = file.heavy().is_read(&[]);
    let cause = ran.cause_that_says("/status/message", "the same");
    assert_eq!(cause["traces"]["fatal"], 100_000);
    assert_eq!(cause["entry_points"].as_array().map(Vec::len), Some(1000));
    assert_eq!(ran.defects("entry-point-not-listed"), 99_000);
}

/// Each is told, and nothing is held of those that are not shown.
#[test]
fn answers_that_say_they_are_partial() {
    let answers = "{\"batches\":[],\"status\":1},\n{\"batches\":[{}],\"status\":1},\n".repeat(1_000_000);
    let file = Hostile::of("partial.json", format!("[\n{answers}]")).heavy();
    let ran =
        file.is_refused(&["partial.json: element 1 at byte 26: ", "it says so itself", "partial.json: 1999980 more "]);
    assert_eq!(ran.defects("record-skipped"), 2_000_000);
}

/// Between two of them stands no more than a record without any telemetry.
#[test]
fn damaged_places_of_a_segment() {
    let record = |payload: &[u8]| {
        let (kind, length) = (RequestKind::TracesProtobuf, u32::try_from(payload.len()).expect("short"));
        let head = RecordHead { kind, length, received: 1, digest: digest(kind, payload) };
        [&head.to_bytes()[..], payload].concat()
    };
    let damaged = [b"x", &record(b"")[..]].concat().repeat(1_000_000);
    let segment = [&SEGMENT_MAGIC[..], &damaged, &record(&proto_request(&proto_span()))].concat();
    let ran = Hostile::of("damaged.seg", segment)
        .heavy()
        .is_read(&["damaged.seg: record 1 at byte 8: 1 bytes left out", "damaged.seg: 999980 more "]);
    assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (1, 1_000_000));
}

/// Entry points of which each is asked for once on either side: so many comparisons, none of which decides anything.
#[test]
fn a_gate_of_very_many_entry_points() {
    let side = |name: &str, number: u64, long: &str, first: u64, end: fn(u64) -> String| {
        lines(name, number, batch, |id| {
            span(first + id, first + id, 0, &end(id)).replace("work", &format!("{}{long}", words(id)))
        })
    };
    let passed: fn(u64) -> String = |_| String::new();
    let long = "n".repeat(980);
    for (number, long) in [(200_000, ""), (400_000, ""), (40_000, long.as_str())] {
        let before = side("before.jsonl", number, long, 0, passed);
        let after = side("after.jsonl", number, long, 1 << 40, |id| failed(&format!("reason {}", words(id))));
        let baseline = before.path.to_str().expect("a path");
        let ran = Ran::of(&["gate", "--baseline", baseline, "--candidate"], &[&after.path]);
        assert_eq!(ran.json()["objectives"].as_array().map(Vec::len), Some(10_000), "of {number}");
        assert!(ran.defects("objectives-not-listed") > 0, "of {number}");
        assert_eq!(ran.defects("entry-points-beyond-bound") > 0, number > 100_000, "of {number}");
        for reason in ran.json()["verdict"]["reasons"].as_array().expect("reasons") {
            assert!(reason["refs"].as_array().map_or(0, Vec::len) <= 100, "of {number}");
        }
    }
}

/// Operations below one entry point, each asked for once on either side; in the candidate some fail, and the caller gets over it.
#[test]
fn a_gate_of_very_many_operations() {
    let side = |name: &str, failing: u64| {
        Hostile::file(name, |out| {
            for id in 1..=100_000_u64 {
                let end = if id <= failing { failed("sold out") } else { String::new() };
                let below = span(id, 2 * id + 1, 2 * id, &end).replace("work", &format!("item {}", words(id)));
                writeln!(out, "{}\n{}", request("shop", &span(id, 2 * id, 0, "")), request("stock", &below))
                    .expect("written");
            }
        })
        .heavy()
    };
    let (before, after) = (side("before.jsonl", 0), side("after.jsonl", 20));
    let baseline = before.path.to_str().expect("a path");
    for (candidate, decision) in [(&before, "go"), (&after, "inconclusive")] {
        let ran = Ran::of(&["gate", "--baseline", baseline, "--candidate"], &[&candidate.path]);
        assert_eq!(ran.json()["verdict"]["decision"], decision);
        assert!(ran.defects("operations-beyond-bound") > 0);
        assert_eq!(ran.defects("entry-points-beyond-bound"), 0);
    }
    let ran = Ran::of(&["gate", "--baseline", baseline, "--candidate"], &[&after.path]);
    let reasons = ran.json()["verdict"]["reasons"].clone();
    assert_eq!((reasons.as_array().map(Vec::len), &reasons[0]["code"]), (Some(1), &"entry-points-beyond-bound".into()));
    assert!(!reasons[0]["refs"].as_array().expect("the faults").is_empty());
}
