//! What is left of hours that are old or too large, and that it is told.

use super::*;

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
