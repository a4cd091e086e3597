//! Archives of telemetry: what is in them is read as if it lay in a folder.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::fixtures;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use whyspan::capture::Capture;
use whyspan::judge::evidence::Evidence;
use whyspan::read::options::ReadOptions;
use whyspan::report::json;

/// The files of some stories and of a recorded capture, with the paths that they have in the archive.
fn files() -> Vec<(String, Vec<u8>)> {
    let stories = ["propagated_over_three_services", "retry_absorbs_unavailable", "exception_only_in_a_log"];
    let story_files = stories.iter().flat_map(|story| {
        let folder = fixtures().join("stories").join(story);
        ["traces.json", "logs.json"].map(|file| (format!("dump/{story}/{file}"), folder.join(file)))
    });
    let recorded = fixtures().join("scenarios/cart-failure/candidate.traces.jsonl.zst");
    story_files
        .chain([("dump/recorded.jsonl.zst".to_owned(), recorded)])
        .filter_map(|(name, path)| Some((name, fs::read(path).ok()?)))
        .collect()
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &bytes[..]).expect("written");
    }
    archive.into_inner().expect("written")
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("started");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("written").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("written")
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

#[test]
fn an_archive_is_read_as_the_folder_that_was_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files() {
        written(folder.path(), &name, &bytes);
    }
    let unpacked = json::to_json(&evidence(&[folder.path().join("dump")], 1)).expect("JSON");
    let hidden = [("__MACOSX/dump/._a".to_owned(), b"rubbish".to_vec()), (".hidden".to_owned(), b"rubbish".to_vec())];
    let files: Vec<_> = files().into_iter().chain(hidden).collect();
    for (name, bytes) in [
        ("a.tar", tar(&files)),
        ("a.tgz", gzip(&tar(&files))),
        ("a.tar.zst", zstd::encode_all(&tar(&files)[..], 1).expect("written")),
        ("a.zip", zip(&files)),
    ] {
        let path = written(folder.path(), name, &bytes);
        for threads in [1, 3] {
            let packed = json::to_json(&evidence(std::slice::from_ref(&path), threads)).expect("JSON");
            assert!(packed == unpacked, "{name}, {threads} threads");
        }
    }
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
