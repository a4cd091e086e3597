//! Two windows of one store are read at once where they look at the same.

use super::*;
use crate::read::kept_streams::open_store_of_both;
use std::io::Read;

fn capture(window: TimeWindow, threads: usize) -> Capture {
    Capture::with_threads(ReadOptions { window: Some(window), ..ReadOptions::default() }, None, threads, 64 << 20)
}

fn told(side: Capture) -> String {
    serde_json::to_string(&side.into_evidence()).expect("JSON")
}

fn one_by_one(folder: &Path, windows: [TimeWindow; 2]) -> [String; 2] {
    windows.map(|window| {
        let mut capture = capture(window, 1);
        capture.read_store(folder).expect("read");
        told(capture)
    })
}

/// `None` when nothing is read at once.
fn at_once(folder: &Path, windows: [TimeWindow; 2], threads: usize) -> Option<[String; 2]> {
    let [mut first, mut second] = windows.map(|window| capture(window, threads));
    let read = Capture::read_store_of_both(&mut first, &mut second, folder).expect("read");
    read.then(|| [first, second].map(told))
}

/// Ten requests, each a quarter of an hour and a minute after the one before, of which no two go into a block.
fn blocks() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let request = |number: u64| ((number * 10_000 + 1..number * 10_000 + 3001).collect(), MIDNIGHT + number * 960);
    seal(folder.path(), 1, &(0..10).map(request).collect::<Vec<_>>());
    folder
}

#[test]
fn both_sides_are_told_what_each_is_told_by_itself() {
    let folder = blocks();
    let near = [window(2400, 4800), window(4800, 7200)];
    let others = [[window(0, 9600), window(2400, 4800)], [window(0, 60), window(8000, 9600)]];
    for packed in [false, true] {
        for windows in others.into_iter().chain([near]) {
            let (apart, together) = (one_by_one(folder.path(), windows), at_once(folder.path(), windows, 2));
            assert!(apart.iter().all(|told| told.contains("cart is down")));
            assert!(together == Some(apart), "{windows:?}");
        }
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(forms(folder.path()), [(1, 1, Form::Packed)], "{packed}");
    }
    // Each block is read once.
    let bytes = |streams: Vec<(String, Box<dyn Read>)>| {
        streams.into_iter().map(|(_, mut stream)| io::copy(&mut stream, &mut io::sink()).expect("read")).sum::<u64>()
    };
    let of = |window| bytes(open_store(folder.path(), Some(window), None).expect("opened"));
    let (whole, separate) = (of(window(0, 10_000)), near.map(of).iter().sum::<u64>());
    let streams = open_store_of_both(folder.path(), near[0], near[1]).expect("opened").expect("shared");
    let [first, second, both] = [streams.first, streams.second, streams.both].map(bytes);
    assert!(first.min(second).min(both) > whole / 20, "{first} {second} {both}");
    // The mark at the start is in each.
    assert_eq!(first + second + 2 * both, separate + 2 * 8);
}

#[test]
fn what_shares_nothing_or_is_damaged_is_read_one_by_one() {
    let folder = blocks();
    look(folder.path(), Duration::ZERO, KEEP);
    let windows = [window(2400, 4800), window(4800, 7200)];
    let path = segments(folder.path()).expect("a list").remove(0).path;
    let good = fs::read(&path).expect("read");
    for at in [good.len() / 3, good.len() / 2, good.len() * 2 / 3] {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).expect("written");
        assert!(at_once(folder.path(), windows, 1).is_none(), "byte {at}");
        let [mut first, mut second] = windows.map(|window| capture(window, 1));
        assert!(!Capture::read_store_of_both(&mut first, &mut second, folder.path()).expect("read"));
        // Nothing of the attempt is left.
        let read = [first, second].map(|mut side| {
            side.read_store(folder.path()).expect("read");
            told(side)
        });
        assert!(read == one_by_one(folder.path(), windows), "byte {at}");
    }
    fs::write(&path, &good).expect("written");
    assert!(at_once(folder.path(), [window(0, 60), window(90_000, 90_060)], 1).is_none());
}
