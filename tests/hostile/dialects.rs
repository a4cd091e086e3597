//! Jaeger, Zipkin and X-Ray with too much of everything.

use crate::input::Hostile;
use std::fmt::Write as _;

const MANY: usize = 100_000;

fn list(one: impl Fn(usize) -> String) -> String {
    (0..MANY).map(one).collect::<Vec<_>>().join(",")
}

#[test]
fn jaeger() {
    let tags = list(|n| format!(r#"{{"key":"k{n}","type":"string","value":"v{n}"}}"#));
    let references = list(|n| format!(r#"{{"refType":"CHILD_OF","traceID":"2","spanID":"{:x}"}}"#, n + 1));
    let logs = list(|_| {
        r#"{"timestamp":1,"fields":[{"key":"event","value":"error"},{"key":"error.kind","value":"E"},{"key":"message","value":"m"}]}"#.to_owned()
    });
    let processes =
        (0..MANY).map(|n| format!(r#""p{n}":{{"serviceName":"s{n}","tags":[]}}"#)).collect::<Vec<_>>().join(",");
    let span = format!(
        r#"{{"traceID":"1","spanID":"1","operationName":"x","startTime":1,"duration":1,"processID":"p7","tags":[{tags}],"references":[{references}],"logs":[{logs}]}}"#
    );
    let file = Hostile::of(
        "jaeger.json",
        format!(r#"{{"data":[{{"traceID":"1","spans":[{span}],"processes":{{{processes}}}}}]}}"#),
    );
    let ran = file.is_read(&["jaeger.json: ", "span kept without "]);
    assert_eq!(ran.counted("spans"), 1);
    file.beside_good_files_of_other_formats();
}

#[test]
fn zipkin() {
    let tags = (0..MANY).map(|n| format!(r#""k{n}":"v{n}""#)).collect::<Vec<_>>().join(",");
    let links =
        (0..MANY).map(|n| format!(r#""otlp.link.{n}":"{:032x}|{:016x}|||0""#, 1, n + 1)).collect::<Vec<_>>().join(",");
    let annotations = list(|n| format!(r#"{{"timestamp":{n},"value":"exception|{{\"exception.type\":\"E{n}\"}}|0"}}"#));
    let span = format!(
        r#"{{"traceId":"1","id":"1","name":"x","timestamp":1,"duration":1,"tags":{{"error":"x",{tags},{links}}},"annotations":[{annotations}]}}"#
    );
    let file = Hostile::of("zipkin.json", format!("[{span}]"));
    let ran = file.is_read(&["zipkin.json: ", "span kept without "]);
    assert_eq!(ran.counted("spans"), 1);
    file.beside_good_files_of_other_formats();
}

fn xray(id: usize, more: &str) -> String {
    format!(
        r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"{id:016x}","name":"x","start_time":1.7e9,"end_time":1.7e9{more}}}"#
    )
}

#[test]
fn xray_with_too_much_of_everything() {
    let frames = list(|n| format!(r#"{{"path":"f{n}.js","line":{n},"label":"at{n}"}}"#));
    let exceptions = list(|n| format!(r#"{{"id":"{n:x}","type":"E{n}","message":"m","cause":"{:x}"}}"#, n + 1));
    let annotations = (0..MANY).map(|n| format!(r#""a{n}":{n}"#)).collect::<Vec<_>>().join(",");
    let links = list(|n| format!(r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"{:016x}"}}"#, n + 1));
    let more = format!(
        r#","fault":true,"cause":{{"exceptions":[{{"id":"first","type":"First","message":"m","cause":"0","stack":[{frames}]}},{exceptions}]}},"annotations":{{{annotations}}},"metadata":{{"d":{{{annotations}}}}},"links":[{links}]"#
    );
    let told = "span kept without 99937 exceptions, 98976 links and 0 flag evaluations; the limits are 64, 1024 and 128; and without \
                95904 calls of stacks; the limits of each are 4096 and 256 KiB of their texts";
    let ran = Hostile::of("xray.json", xray(1, &more)).is_read(&["xray.json: ", told]);
    assert_eq!((ran.counted("spans"), ran.defects("record-mended")), (1, 1));
}

/// A call without a text takes two bytes of the input: those of a record would take thirty times as much as the record.
#[test]
fn xray_stacks_of_nothing() {
    let frames = "0,".repeat(1 << 20);
    let exceptions: Vec<String> =
        (0..16).map(|n| format!(r#"{{"id":"{n}","type":"E{n}","stack":[{frames}]}}"#)).collect();
    let more = format!(r#","fault":true,"cause":{{"exceptions":[{}]}}"#, exceptions.join(","));
    let lines = (1..=4).fold(String::new(), |lines, id| lines + &xray(id, &more) + "\n");
    // 16 stacks of 1,048,576 calls, of which 4096 are kept.
    let told = "span kept without 16711680 calls of stacks; the limits of each are 4096 and 256 KiB of their texts";
    let ran = Hostile::of("nothing.json", lines).heavy().is_read(&["nothing.json: ", told]);
    assert_eq!((ran.counted("spans"), ran.defects("record-mended")), (4, 4));
}

/// Each exception of a ring, and each of a star, is the cause of others.
#[test]
fn xray_exceptions_that_cause_each_other() {
    let large = "y".repeat(100_000);
    let mut lines = String::new();
    for id in 1..=20 {
        let star: Vec<String> = (0..64)
            .map(|n| format!(r#"{{"id":"{n}","type":"{large}","message":"{large}","cause":"{}","stack":[{{"path":"{large}","label":"x"}}]}}"#, if n == 63 { 0 } else { 63 }))
            .collect();
        let more = format!(r#","fault":true,"cause":{{"exceptions":[{}]}}"#, star.join(","));
        // A string takes everything.
        let _ = writeln!(lines, "{}", xray(id, &more));
    }
    let told = "span kept with the start of its exception type, which is longer than 64 KiB";
    let ran = Hostile::of("star.json", lines).heavy().is_read(&["star.json: ", told]);
    assert_eq!(ran.counted("spans"), 20);
    // Some hundred MB of texts in one trace: the first of them are kept, and show what was thrown.
    assert!((1..20).contains(&ran.defects("texts-beyond-bound")), "{}", ran.defects("texts-beyond-bound"));
    ran.cause_that_says("/exception/type", "yyyy");
    // All that is kept of the texts, should none of it stay in memory: how much does depends on which threads read.
    ran.spills_at_most(450 << 20);
}

/// Each is a span below the segment, whatever it is one of.
#[test]
fn xray_with_300_000_subsegments() {
    let subsegments: Vec<String> = (2..300_000).map(|id| xray(id, "")).collect();
    let wide = xray(1, &format!(r#","subsegments":[{}]"#, subsegments.join(",")));
    let ran = Hostile::of("wide.json", wide).heavy().is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("spans"), ran.counted("traces"), ran.defects("orphan")), (299_999, 1, 0));
}

/// Each takes three bytes, and would take many times as much while the segment is read.
#[test]
fn xray_with_millions_of_empty_subsegments() {
    const SUBSEGMENTS: usize = 15_000_000;
    let one = xray(1, &format!(r#","subsegments":[{}{}]"#, "{},".repeat(SUBSEGMENTS), xray(2, "")));
    let file =
        Hostile::of("empty.json", [&one, "\n", &one.replace(&format!("{:016x}", 1), &format!("{:016x}", 3))].concat());
    // The segment itself is one of those that are read; the last of those that are not has an id.
    let beyond = SUBSEGMENTS + 1 - ((1 << 20) - 1);
    let told = format!("{beyond} subsegments, and what lies in them, left out: 1048576 of a segment are read");
    let ran = file.heavy().is_read(&["empty.json: ", &told, "spanId is missing"]);
    assert_eq!(ran.counted("spans"), 2);
    // Of each record: all that are read but the segment itself have no id, and one message for those beyond.
    assert_eq!(ran.defects("record-skipped"), 2 << 20);
}
