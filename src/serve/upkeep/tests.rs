use super::*;
use crate::capture::Capture;
use crate::facts::trace::TraceFacts;
use crate::model::ids::TraceId;
use crate::model::time::{Interval, Nanos, TimeWindow};
use crate::read::kept_index::index_path;
use crate::read::kept_record::{RecordHead, RequestKind, digest};
use crate::read::kept_records::KeptRecords;
use crate::read::kept_segments::{NANOS_PER_SECOND, all_segments};
use crate::read::kept_streams::open_store;
use crate::read::options::ReadOptions;
use crate::serve::hour_stays::{Made, Stays};
use crate::serve::hours::facts_folder;
use crate::serve::recovery::recover;
use crate::serve::rewriting::HOUR;
use crate::serve::segment_file::SegmentFile;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

/// 2026-11-22T00:00:00Z, in seconds since 1970.
const MIDNIGHT: u64 = 1_795_305_600;

const KEEP: Retention = Retention { raw_age: DAY, raw_bytes: u64::MAX, age: DAY, bytes: u64::MAX };

/// A request of one span of each trace of these numbers, which starts at `second` and lasts as many milliseconds as the number;
/// every tenth fails.
fn payload(traces: &[u64], second: u64, protobuf: bool) -> Vec<u8> {
    let span = |number: &u64| {
        let status = if number.is_multiple_of(10) { r#"{"code":2,"message":"cart is down"}"# } else { "{}" };
        let id = second * 1000 + number;
        format!(
            r#"{{"traceId":"{number:032x}","spanId":"{id:016x}","name":"GET /cart","kind":2,"startTimeUnixNano":"{second}000000000","endTimeUnixNano":"{second}{:03}000000","status":{status}}}"#,
            number % 1000
        )
    };
    let spans: Vec<String> = traces.iter().map(span).collect();
    let json = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    );
    if !protobuf {
        return json.into_bytes();
    }
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;
    serde_json::from_str::<ExportTraceServiceRequest>(&json).expect("a request").encode_to_vec()
}

/// Writes a sealed segment of requests, each of which starts at its second.
fn seal(folder: &Path, number: u64, requests: &[(Vec<u64>, u64)]) {
    let mut segment = SegmentFile::create(folder, number).expect("a segment");
    for (place, (traces, second)) in requests.iter().enumerate() {
        let protobuf = place % 2 == 0;
        let kind = if protobuf { RequestKind::TracesProtobuf } else { RequestKind::TracesJson };
        let payload = payload(traces, *second, protobuf);
        let length = u32::try_from(payload.len()).expect("short");
        let head = RecordHead { kind, length, received: 1, digest: digest(kind, &payload) };
        let time = Nanos(second * NANOS_PER_SECOND);
        segment.append(head, &payload, Some(Interval { start: time, end: time })).expect("written");
    }
    segment.seal().expect("sealed");
}

fn store() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fill_store(folder.path());
    folder
}

/// Three segments around the end of an hour; trace 7 and trace 10 have spans in two of them.
fn fill_store(folder: &Path) {
    let requests = |from: u64, second: u64| {
        vec![((from..from + 30).collect(), second), ((from + 30..from + 60).collect(), second + 1)]
    };
    seal(folder, 1, &requests(1, MIDNIGHT + 10));
    let mut second = requests(101, MIDNIGHT + HOUR - 2);
    second.push((vec![7, 10], MIDNIGHT + 300));
    seal(folder, 2, &second);
    seal(folder, 3, &requests(201, MIDNIGHT + HOUR + 5));
}

fn upkeep(folder: &Path, pack_age: Duration, retention: Retention) -> Upkeep {
    Upkeep::new(folder.to_owned(), (pack_age, u64::MAX), retention, 256 << 20)
}

fn look(folder: &Path, pack_age: Duration, retention: Retention) -> Counters {
    let counters = Counters::default();
    upkeep(folder, pack_age, retention).look(&counters, &|| true).expect("looked after");
    counters
}

/// The digests of all records, as readers find them.
fn records(folder: &Path) -> Vec<u128> {
    let mut digests = Vec::new();
    for segment in segments(folder).expect("a list") {
        let mut records = KeptRecords::open(&segment.path).expect("opened");
        while let Some(kept) = records.next_record().expect("read") {
            digests.push(kept.head.digest);
        }
        assert_eq!(records.damaged(), 0);
    }
    digests
}

fn forms(folder: &Path) -> Vec<(u64, u64, Form)> {
    segments(folder).expect("a list").iter().map(|it| (it.first, it.number, it.form)).collect()
}

fn trace(folder: &Path, number: u64) -> Option<TraceFacts> {
    let id = TraceId(u128::from(number).to_be_bytes());
    let mut capture = Capture::new(ReadOptions::default(), None).of_one_trace(id);
    capture.read_store(folder).expect("read");
    assert_eq!(capture.messages(), [""; 0]);
    capture.into_trace(id).expect("read")
}

/// The evidence of the two hours, and why it is that of a part.
fn evidence(folder: &Path) -> (String, Option<String>) {
    evidence_of(folder, window(0, 2 * HOUR))
}

/// So many seconds after midnight.
fn window(from: u64, to: u64) -> TimeWindow {
    let at = |second: u64| Nanos((MIDNIGHT + second) * NANOS_PER_SECOND);
    TimeWindow { from: at(from), to: at(to) }
}

fn evidence_of(folder: &Path, window: TimeWindow) -> (String, Option<String>) {
    let mut capture = Capture::new(ReadOptions { window: Some(window), ..ReadOptions::default() }, None);
    capture.read_store(folder).expect("read");
    let thinned = capture.thinned().map(str::to_owned);
    (serde_json::to_string(&capture.into_evidence()).expect("JSON"), thinned)
}

fn first_hour() -> u32 {
    u32::try_from(MIDNIGHT / HOUR).expect("an hour")
}

mod both_sides;
mod full_disk;
mod hour_files;
mod packing;
mod thinning;
