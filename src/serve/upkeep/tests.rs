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

#[test]
fn packing_loses_and_doubles_nothing_wherever_it_stops() {
    let whole = store();
    let (all, told) = (records(whole.path()), evidence(whole.path()).0);
    let all_steps = {
        let mut steps = Vec::new();
        let folder = store();
        let sources = segments(folder.path()).expect("a list");
        let rewriting = Rewriting { folder: folder.path(), sources: &sources, wanted: None };
        let count = |step: Step| {
            steps.push(step);
            true
        };
        let mut count = count;
        assert!(rewriting.run(false, &mut count).expect("packed").done);
        steps
    };
    assert_eq!(all_steps.len(), 7 + 2 + 3, "{all_steps:?}");
    for stop_at in 0..all_steps.len() {
        let folder = store();
        let sources = segments(folder.path()).expect("a list");
        let mut left = stop_at;
        let mut go_on = |_: Step| {
            left = left.wrapping_sub(1);
            left != usize::MAX
        };
        let rewriting = Rewriting { folder: folder.path(), sources: &sources, wanted: None };
        // As a process would be that dies there: nothing is done after it.
        rewriting.run(false, &mut go_on).expect("stopped");
        assert_eq!(records(folder.path()), all, "stopped at {stop_at}");
        assert_eq!(evidence(folder.path()).0, told, "stopped at {stop_at}");
        let recovered = recover(folder.path()).expect("recovered");
        assert_eq!((recovered.next_number, records(folder.path())), (4, all.clone()), "stopped at {stop_at}");
        assert!(all.iter().all(|digest| recovered.recent.get(*digest).is_some()), "stopped at {stop_at}");
        assert!(all_segments(folder.path()).expect("a list").1.is_empty());
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(records(folder.path()), all);
        assert_eq!(evidence(folder.path()).0, told);
        for number in [7, 10, 35, 240] {
            assert_eq!(trace(folder.path(), number).map(|it| it.spans.len()), Some(1 + usize::from(number <= 10)));
        }
        assert!(trace(folder.path(), 999).is_none());
    }
}

#[test]
fn what_is_not_old_enough_waits_and_what_was_sent_twice_is_once() {
    let folder = store();
    look(folder.path(), DAY, KEEP);
    assert_eq!(forms(folder.path()), [(1, 1, Form::Sealed), (2, 2, Form::Sealed), (3, 3, Form::Sealed)]);
    let all = records(folder.path());
    // The same requests again, as after a write whose end nobody was told of.
    seal(folder.path(), 4, &[((201..231).collect(), MIDNIGHT + HOUR + 5)]);
    assert_eq!(records(folder.path()).len(), all.len() + 1);
    let counters = look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(forms(folder.path()), [(1, 4, Form::Packed)]);
    assert_eq!(records(folder.path()), all);
    assert_eq!(counters.segments_packed.load(Ordering::Relaxed), 4);
}

#[test]
fn of_a_window_only_the_blocks_of_its_time_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let requests: Vec<_> =
        (0..20).map(|number| ((number * 1000 + 1..number * 1000 + 601).collect(), MIDNIGHT + number * 480)).collect();
    seal(folder.path(), 1, &requests);
    let windows = [window(0, 60), window(3000, 4000), window(90_000, 90_001)];
    let read = |window| {
        let streams = open_store(folder.path(), Some(window), None).expect("opened");
        streams.into_iter().map(|(_, mut stream)| io::copy(&mut stream, &mut io::sink()).expect("read")).sum::<u64>()
    };
    let raw = windows.map(|window| evidence_of(folder.path(), window));
    look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(forms(folder.path()), [(1, 1, Form::Packed)]);
    assert_eq!(windows.map(|window| evidence_of(folder.path(), window)), raw);
    let all = fs::metadata(&segments(folder.path()).expect("a list")[0].path).expect("there").len();
    let [first, .., none] = windows.map(read);
    assert!(first * 4 < all * 3 && none == 0, "{first} of {all}, {none}");
}

#[test]
fn a_damaged_segment_is_not_packed_and_hides_no_other() {
    let folder = store();
    let second = segments(folder.path()).expect("a list").remove(1).path;
    let mut bytes = fs::read(&second).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&second, &bytes).expect("written");
    look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(forms(folder.path()), [(1, 1, Form::Packed), (2, 2, Form::Sealed), (3, 3, Form::Packed)]);
    assert_eq!(fs::read(&second).expect("read"), bytes);
    // What it holds of its hours is looked at all the same.
    assert_eq!(Made::read(folder.path(), first_hour()).map(|made| made.seen), Some(3));
}

#[test]
fn an_index_that_is_missing_or_damaged_is_made_anew_and_leads_nobody_astray() {
    let folder = store();
    look(folder.path(), Duration::ZERO, KEEP);
    let index = index_path(&segments(folder.path()).expect("a list").remove(0).path);
    let bytes = fs::read(&index).expect("read");
    let damage = |at: usize| {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(&index, damaged).expect("written");
    };
    for at in [9, 40, bytes.len() / 2, bytes.len() - 3] {
        damage(at);
        assert_eq!(trace(folder.path(), 10).map(|it| it.spans.len()), Some(2), "byte {at}");
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&index).expect("read"), bytes, "byte {at}");
    }
    fs::remove_file(&index).expect("removed");
    assert_eq!(trace(folder.path(), 10).map(|it| it.spans.len()), Some(2));
    look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(fs::read(&index).expect("read"), bytes);
}

#[test]
fn after_thinning_failing_typical_and_slow_traces_are_left_and_nobody_takes_them_for_all() {
    let folder = store();
    let thin = Retention { raw_age: Duration::ZERO, ..KEEP };
    assert_eq!(evidence(folder.path()).1, None);
    let of_ten = format!("{:?}", trace(folder.path(), 10));
    let counters = look(folder.path(), Duration::ZERO, thin);
    assert_eq!(forms(folder.path()), [(1, 3, Form::Thinned)]);
    assert_eq!(counters.segments_thinned.load(Ordering::Relaxed), 1);
    let left =
        |from: u64| (from..from + 60).filter(|&number| trace(folder.path(), number).is_some()).collect::<Vec<_>>();
    let (first, second) = (left(1), [left(101), left(201)].concat());
    // Trace 7 lasts longest, as its second span comes minutes later, and is whole.
    assert!(first.contains(&7) && (10..=60).step_by(10).all(|number| first.contains(&number)), "{first:?}");
    assert_eq!(trace(folder.path(), 7).map(|it| it.spans.len()), Some(2));
    assert_eq!(format!("{:?}", trace(folder.path(), 10)), of_ten);
    assert!((110..=160).step_by(10).chain((210..=260).step_by(10)).all(|number| second.contains(&number)));
    // Two hours of one entry point: three typical and three slow traces of each.
    assert_eq!(first.len() + second.len(), 18 + 12, "{first:?} {second:?}");
    let (told, thinned) = evidence(folder.path());
    assert!(thinned.is_some_and(|told| told.contains("2026-11-22T01:15:07Z")), "{told}");
    assert!(told.contains("cart is down"));
    // What was made of the hours before stays.
    let made: Vec<Option<u64>> =
        [0, 1].map(|hour| Made::read(folder.path(), first_hour() + hour).map(|made| made.seen)).to_vec();
    assert_eq!(made, [Some(3), Some(3)]);
    let tables = fs::read_dir(facts_folder(folder.path())).expect("facts").map(|it| it.expect("an entry").path());
    let tables = tables.filter(|path| path.extension().is_some_and(|ending| ending == "parquet")).count();
    assert_eq!(tables, if cfg!(feature = "tables") { 4 } else { 0 });
    // Again, it changes nothing.
    let before = records(folder.path());
    look(folder.path(), Duration::ZERO, thin);
    assert_eq!(records(folder.path()), before);
}

#[test]
fn thinning_that_stops_anywhere_is_told_before_anything_goes() {
    let whole = store();
    look(whole.path(), Duration::ZERO, KEEP);
    let stays: BTreeSet<TraceId> = [0, 1]
        .into_iter()
        .flat_map(|hour| Stays::read(whole.path(), first_hour() + hour).expect("made").traces)
        .collect();
    for stop_at in 0..12 {
        let folder = store();
        look(folder.path(), Duration::ZERO, KEEP);
        let left = std::cell::Cell::new(stop_at);
        let go_on = || {
            left.set(left.get() - 1);
            left.get() > 0
        };
        let thin = Retention { raw_age: Duration::ZERO, ..KEEP };
        let counters = Counters::default();
        upkeep(folder.path(), Duration::ZERO, thin).look(&counters, &go_on).expect("looked after");
        let is_all =
            records(folder.path()).len() == records(whole.path()).len() && forms(folder.path())[0].2 == Form::Packed;
        assert!(is_all || evidence(folder.path()).1.is_some(), "stopped at {stop_at}");
        for trace_id in &stays {
            let number = u64::try_from(u128::from_be_bytes(trace_id.0)).expect("small");
            assert!(trace(folder.path(), number).is_some(), "stopped at {stop_at}");
        }
    }
}

fn first_hour() -> u32 {
    u32::try_from(MIDNIGHT / HOUR).expect("an hour")
}

#[test]
fn what_is_too_much_goes_with_its_facts_and_that_is_told() {
    let folder = store();
    look(folder.path(), Duration::ZERO, KEEP);
    assert!(fs::read_dir(facts_folder(folder.path())).expect("a folder").count() >= 2);
    let counters = look(folder.path(), Duration::ZERO, Retention { bytes: 10, ..KEEP });
    assert_eq!(forms(folder.path()), []);
    assert_eq!(
        fs::read_dir(facts_folder(folder.path()))
            .expect("a folder")
            .filter(|it| it.as_ref().is_ok_and(|it| it.path().is_file()))
            .count(),
        0
    );
    assert_eq!(counters.segments_removed.load(Ordering::Relaxed), 1);
    assert!(evidence(folder.path()).1.is_some());
}

/// A byte in the middle is another.
fn flip(path: &Path) -> Vec<u8> {
    let good = fs::read(path).expect("made");
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    fs::write(path, damaged).expect("written");
    good
}

#[test]
fn files_of_hours_are_made_once_and_again_when_they_are_damaged() {
    let folder = store();
    look(folder.path(), Duration::ZERO, KEEP);
    let facts = facts_folder(folder.path());
    let stays = facts.join("stays-2026-11-22T00");
    let written = || fs::metadata(&stays).and_then(|it| it.modified()).expect("a time");
    let made = written();
    look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(written(), made);
    for file in ["spans-2026-11-22T00.parquet", "traces-2026-11-22T00.parquet", "services-2026-11-22T00"] {
        let path = facts.join(file);
        if !cfg!(feature = "tables") && file.ends_with("parquet") {
            assert!(!path.exists());
            continue;
        }
        let good = flip(&path);
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
        fs::write(&path, &good[..good.len() / 2]).expect("written");
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
        fs::remove_file(&path).expect("removed");
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
    }
    // A list that is damaged is noticed when it is needed, at the latest.
    let before = trace(folder.path(), 10).map(|it| it.spans.len());
    flip(&stays);
    look(folder.path(), Duration::ZERO, Retention { raw_age: Duration::ZERO, ..KEEP });
    assert_eq!(forms(folder.path()), [(1, 3, Form::Thinned)]);
    assert_eq!(trace(folder.path(), 10).map(|it| it.spans.len()), before);
}

#[test]
fn a_damaged_file_of_an_hour_that_was_thinned_is_not_found_under_its_name() {
    let folder = store();
    let thin = Retention { raw_age: Duration::ZERO, ..KEEP };
    look(folder.path(), Duration::ZERO, thin);
    let name = if cfg!(feature = "tables") { "spans-2026-11-22T00.parquet" } else { "services-2026-11-22T00" };
    let path = facts_folder(folder.path()).join(name);
    let aside = facts_folder(folder.path()).join(format!("{name}.damaged"));
    let (good, mut upkeep) = (flip(&path), upkeep(folder.path(), Duration::ZERO, thin));
    for _ in 0..2 {
        upkeep.look(&Counters::default(), &|| true).expect("looked after");
        assert!(!path.exists());
        assert_eq!(fs::read(&aside).expect("set aside").len(), good.len());
    }
    // It goes with its hour.
    look(folder.path(), Duration::ZERO, Retention { bytes: 10, ..KEEP });
    assert!(!aside.exists());
}

mod both_sides;
mod full_disk;
