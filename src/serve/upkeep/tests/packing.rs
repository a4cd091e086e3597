//! Packing of segments, wherever it stops, and reading of what is packed.

use super::*;

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
