use super::*;
use crate::facts::told_apart::{ROOM_FOR_FORTY, ToldApart, numbered};

fn empty() -> WindowFacts {
    let mut window = WindowFacts::default();
    window.entry_names = ToldApart::with_room(ROOM_FOR_FORTY);
    window
}

/// As many failing requests at each of these entry points as its number says, and one.
fn window(numbers: impl Iterator<Item = u64>) -> WindowFacts {
    let mut window = empty();
    for number in numbers {
        let entry = EntryFacts { total: number + 1, failed: number + 1, failing_traces: 1, ..EntryFacts::default() };
        let mut piece = empty();
        piece.entries.insert(numbered(number), entry);
        window.merge(piece);
    }
    window
}

#[test]
fn pieces_add_up_in_any_order_whatever_is_beyond_the_bound() {
    let whole = window(0..100);
    assert!((30..50).contains(&whole.entries.len()), "{}", whole.entries.len());
    assert_eq!(whole.entries.values().map(|entry| entry.total).sum::<u64>(), 5050);
    let beyond = whole.defects.count(Defect::EntryPointsBeyondBound);
    assert_eq!(whole.entries.get(&others()).map(|entry| entry.total), Some(beyond));
    assert_eq!(whole, window((0..100).rev()));
    for pieces in 2..5 {
        let piece = |piece: u64| window((0..100).filter(move |number| number % pieces == piece));
        let (mut one, mut other) = (WindowFacts::default(), WindowFacts::default());
        (0..pieces).for_each(|number| one.merge(piece(number)));
        (0..pieces).rev().for_each(|number| other.merge(piece(number)));
        assert_eq!(one, whole, "of {pieces}");
        assert_eq!(other, whole, "of {pieces}");
    }
}

#[test]
fn few_entry_points_are_all_told_apart() {
    let few = window(0..30);
    assert_eq!((few.entries.len(), few.defects.count(Defect::EntryPointsBeyondBound)), (30, 0));
}

#[test]
fn what_is_told_apart_in_one_window_only_is_so_in_none() {
    let (many, few) = (window(0..100), window(90..120));
    assert!(few.entries.keys().any(|name| !many.entry_names.tell_name_apart(name)));
    let few_then = WindowFacts::telling_apart(Cow::Borrowed(&few), &many);
    let many_then = WindowFacts::telling_apart(Cow::Borrowed(&many), &few_then);
    for number in 90..100 {
        let (one, other) = (few_then.entries.get(&numbered(number)), many_then.entries.get(&numbered(number)));
        assert_eq!(one.is_some(), other.is_some(), "{number}");
    }
    assert_eq!(few_then.entries.values().map(|entry| entry.total).sum::<u64>(), (91..=120).sum::<u64>());
    assert_eq!(*many_then, many);
}

#[test]
fn a_trace_counts_once_however_many_entry_points_failed_in_it() {
    let mut facts = window(0..100);
    facts.failing_traces = 2;
    facts.settle();
    assert_eq!(facts.entries.get(&others()).map(|entry| entry.failing_traces), Some(2));
}
