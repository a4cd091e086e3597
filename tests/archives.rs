//! Archives of telemetry: what is in them is read as if it lay in a folder.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;
#[allow(dead_code, reason = "the matrix of dialects uses all of it")]
#[path = "dialect_matrix/jaeger.rs"]
mod jaeger;
#[allow(dead_code, reason = "the matrix of dialects uses all of it")]
#[path = "dialect_matrix/telemetry.rs"]
mod telemetry;
#[allow(dead_code, reason = "the matrix of dialects uses all of it")]
#[path = "dialect_matrix/zipkin.rs"]
mod zipkin;

use common::fixtures;
use common::packed::{gzip, tar, zip, zstd};
use jaeger::Age;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;
use telemetry::Telemetry;
use whyspan::capture::Capture;
use whyspan::judge::evidence::Evidence;
use whyspan::read::options::ReadOptions;
use whyspan::report::json;
use zipkin::Exporter;

/// Files with the paths that they have in an archive.
type Files = Vec<(String, Vec<u8>)>;

/// The files of some stories and of a recorded capture.
fn files() -> Files {
    let recorded = fixtures().join("scenarios/cart-failure/candidate.traces.jsonl.zst");
    let recorded = fs::read(recorded).expect("the capture");
    stories().into_iter().chain([("dump/recorded.jsonl.zst".to_owned(), recorded)]).collect()
}

fn stories() -> Files {
    let stories = ["propagated_over_three_services", "retry_absorbs_unavailable", "exception_only_in_a_log"];
    let story_files = stories.iter().flat_map(|story| {
        let folder = fixtures().join("stories").join(story);
        ["traces.json", "logs.json"].map(|file| (format!("dump/{story}/{file}"), folder.join(file)))
    });
    story_files.filter_map(|(name, path)| Some((name, fs::read(path).ok()?))).collect()
}

/// Traces of a recorded capture in which orders fail at payment, and some in which nothing does.
fn payment() -> Telemetry {
    const FEW: &[char] = &['0', '1', '2'];
    const FEWER: &[char] = &['7'];
    Telemetry::recorded("payment-failure", |id, failed| id.ends_with(if failed { FEW } else { FEWER }))
}

/// Traces of a recorded capture in which the store of carts is away, and some in which nothing fails.
fn cart() -> Telemetry {
    Telemetry::recorded("cart-failure", |id, failed| failed || id.ends_with('7'))
}

/// As they are saved from Jaeger's UI and its API: the first file holds a single trace, the others up to five.
fn jaeger_files(telemetry: &Telemetry) -> Files {
    let traces = jaeger::traces(telemetry, Age::Now);
    let (first, others) = traces.split_first().expect("a trace");
    let answers = [slice::from_ref(first)].into_iter().chain(others.chunks(5));
    let file = |(traces, number): (&[String], u32)| {
        (format!("dump/jaeger/traces-{number}.json"), jaeger::answer(traces).into_bytes())
    };
    answers.zip(1..).map(file).collect()
}

/// Arrays of spans, in which traces have their spans in several files.
fn zipkin_files(telemetry: &Telemetry) -> Files {
    let spans = zipkin::spans(telemetry, Exporter::Sdk);
    let arrays = spans.chunks(100).map(|array| serde_json::to_vec(array).expect("JSON"));
    arrays.zip(1..).map(|(array, number): (_, u32)| (format!("dump/zipkin/spans-{number}.json"), array)).collect()
}

/// Stories in OTLP, a capture of which Jaeger has the traces and OTLP the log records, and one in Zipkin's JSON.
fn mixed_files() -> Files {
    let payment = payment();
    let logs = payment.logs.iter().map(|request| format!("{request}\n")).collect::<String>();
    let mut files = stories();
    files.extend(jaeger_files(&payment));
    files.push(("dump/logs.jsonl".to_owned(), logs.into_bytes()));
    files.extend(zipkin_files(&cart()));
    files
}

fn evidence(inputs: &[PathBuf], threads: usize) -> Evidence {
    let inputs: Vec<String> = inputs.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let mut capture = Capture::with_threads(ReadOptions::default(), None, threads, 1 << 30);
    capture.read(&inputs);
    capture.into_evidence()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, bytes).expect("written");
    path
}

/// Holds archives of the files against the folder that they make when they are unpacked, in which there are at least so many
/// root causes.
fn check(files: Files, root_causes: usize) {
    assert!(files.len() > 1, "an archive of several files");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in &files {
        written(folder.path(), name, bytes);
    }
    let unpacked = evidence(&[folder.path().join("dump")], 1);
    assert!(unpacked.root_causes.len() >= root_causes, "{} root causes", unpacked.root_causes.len());
    let unpacked = json::to_json(&unpacked).expect("JSON");
    let hidden = [("__MACOSX/dump/._a".to_owned(), b"rubbish".to_vec()), (".hidden".to_owned(), b"rubbish".to_vec())];
    let files: Files = files.into_iter().chain(hidden).collect();
    for (name, bytes) in [
        ("a.tar", tar(&files)),
        ("a.tgz", gzip(&tar(&files))),
        ("a.tar.zst", zstd(&tar(&files))),
        ("a.zip", zip(&files)),
    ] {
        let path = written(folder.path(), name, &bytes);
        for threads in [1, 3] {
            let packed = json::to_json(&evidence(slice::from_ref(&path), threads)).expect("JSON");
            assert!(packed == unpacked, "{name}, {threads} threads");
        }
    }
}

#[test]
fn an_archive_is_read_as_the_folder_that_was_packed() {
    check(files(), 3);
}

#[test]
fn an_archive_of_jaeger_files_is_read_as_their_folder() {
    check(jaeger_files(&payment()), 1);
    check(jaeger_files(&cart()), 1);
}

#[test]
fn an_archive_of_zipkin_files_is_read_as_their_folder() {
    check(zipkin_files(&payment()), 1);
    check(zipkin_files(&cart()), 1);
}

#[test]
fn an_archive_of_files_in_several_dialects_is_read_as_their_folder() {
    check(mixed_files(), 2);
}

#[test]
fn what_cannot_be_used_of_an_archive_is_told_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = files();
    files.insert(1, ("dump/README.txt".to_owned(), b"read me".to_vec()));
    files.insert(2, ("dump/broken.json".to_owned(), b"{\"resourceSpans\":[{]}".to_vec()));
    files.push(("inner.tar".to_owned(), tar(&files[..1])));
    for (name, bytes) in [("a.tar", tar(&files)), ("a.zip", zip(&files))] {
        let path = written(folder.path(), name, &bytes);
        let mut capture = Capture::new(ReadOptions::default(), None);
        capture.read(&[path.to_string_lossy().into_owned()]);
        let told = capture.messages().join("\n");
        for part in ["README.txt: not telemetry", "dump/broken.json: ", "inner.tar: is an archive within an archive"] {
            assert!(told.contains(&format!("{name}/")) && told.contains(part), "{part}: {told}");
        }
        assert!(capture.into_evidence().root_causes.len() >= 3);
        // Cut off anywhere: an end, and a message where something is missing.
        for length in (0..bytes.len()).step_by(bytes.len() / 40) {
            let mut capture = Capture::new(ReadOptions::default(), None);
            capture.read_bytes(name, &bytes[..length]);
            assert!(!capture.messages().is_empty(), "{name} cut at {length}");
        }
    }
    let empty = written(folder.path(), "empty.zip", &zip(&[]));
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read(&[empty.to_string_lossy().into_owned()]);
    assert!(capture.messages()[0].contains("the archive holds no files"), "{:?}", capture.messages());
}

#[test]
fn a_bomb_in_a_zip_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let bomb = zip(&[("bomb.json".to_owned(), vec![b' '; 64 << 20])]);
    let path = written(folder.path(), "bomb.zip", &bomb);
    let options = ReadOptions { free_unpacked_bytes: 1 << 20, max_unpacked_ratio: 100, ..ReadOptions::default() };
    let mut capture = Capture::new(options, None);
    capture.read(&[path.to_string_lossy().into_owned()]);
    assert!(capture.messages()[0].contains("bomb.zip/bomb.json"), "{:?}", capture.messages());
}

fn read_from(name: &str, bytes: &[u8], options: ReadOptions) -> Capture {
    let folder = tempfile::tempdir().expect("a folder");
    let mut capture = Capture::new(options, None);
    capture.read(&[written(folder.path(), name, bytes).to_string_lossy().into_owned()]);
    capture
}

#[test]
fn the_files_of_an_archive_count_together() {
    let blanks = vec![b' '; 1 << 20];
    let with = |bytes: Vec<u8>| -> Vec<(String, Vec<u8>)> {
        let file = |number: usize| (format!("{number:03}.json"), bytes.clone());
        stories().into_iter().take(1).chain((0..40).map(file)).collect()
    };
    let (packed, listed) = (with(gzip(&blanks)), with(blanks));
    for (name, archive) in [
        ("files-in-gzip.tar", tar(&packed)),
        ("files-in-gzip.tgz", gzip(&tar(&packed))),
        ("files-in-gzip.zip", zip(&packed)),
        ("files.zip", zip(&listed)),
    ] {
        let read = |free: u64| {
            let options = ReadOptions { free_unpacked_bytes: free, max_unpacked_ratio: 1, ..ReadOptions::default() };
            let capture = read_from(name, &archive, options);
            let told = capture.messages().join("\n");
            assert!(!capture.into_evidence().root_causes.is_empty(), "{name}");
            told
        };
        // Each is allowed by itself. What comes behind the first that is not, is not read.
        let told = read(4 << 20);
        assert!(told.contains(&format!("{name}: a decompression bomb")), "{told}");
        assert!(told.contains("005.json") && !told.contains("030.json"), "{told}");
        let told = read(512 << 20);
        assert!(!told.contains("bomb") && told.contains("039.json"), "{name}: {told}");
    }
}

#[test]
fn a_file_that_cannot_be_unpacked_costs_no_other_file_of_a_zip() {
    let files = &stories()[..3];
    let mut archive = zip(files);
    let heads: Vec<usize> = memchr::memmem::find_iter(&archive, b"PK\x03\x04").collect();
    assert_eq!(heads.len(), 3);
    archive[heads[1] + 3] = b'x';
    let capture = read_from("a.zip", &archive, ReadOptions::default());
    let told = capture.messages().join("\n");
    assert!(told.contains(&format!("a.zip/{}: cannot be read", files[1].0)), "{told}");
    let spans = |capture: Capture| capture.into_evidence().windows.candidate.spans;
    let [first, last] = [0, 2].map(|file| spans(read_from("alone.json", &files[file].1, ReadOptions::default())));
    assert_eq!(spans(capture), first + last);
}

#[test]
fn nothing_is_told_of_hidden_files_and_folders_of_a_zip_that_cannot_be_unpacked() {
    let [first, second] = [0, 1].map(|file| stories()[file].clone());
    for hidden in ["__MACOSX/._a.json", "dump/.hidden.json", ".cache/a.json", "dump/empty/"] {
        let files = [first.clone(), (hidden.to_owned(), Vec::new()), second.clone()];
        let whole = zip(&files);
        let mut damaged = whole.clone();
        let heads: Vec<usize> = memchr::memmem::find_iter(&whole, b"PK\x03\x04").collect();
        assert_eq!(heads.len(), 3);
        damaged[heads[1] + 3] = b'x';
        let [whole, damaged] = [whole, damaged].map(|archive| {
            let capture = read_from("a.zip", &archive, ReadOptions::default());
            (capture.messages().join("\n"), json::to_json(&capture.into_evidence()).expect("JSON"))
        });
        assert_eq!(damaged.0, whole.0, "{hidden}");
        assert!(!damaged.0.contains(hidden) && damaged == whole, "{hidden}");
    }
}
