use super::*;
use crate::facts::cause::OperationName;
use crate::facts::told_apart::{ROOM_FOR_FORTY, numbered};
use std::borrow::Cow;

fn empty() -> WindowFacts {
    let mut window = WindowFacts::default();
    window.operation_names = ToldApart::with_room(ROOM_FOR_FORTY);
    window
}

/// As many requests for each of these operations as its number says, and one.
fn window(numbers: impl Iterator<Item = u64>) -> WindowFacts {
    let mut window = empty();
    for number in numbers {
        let mut piece = empty();
        piece.operations.insert(numbered(number), RequestCounts { total: number + 1, failed: 0 });
        window.merge(piece);
    }
    window
}

fn named(window: &WindowFacts) -> impl Iterator<Item = &OperationName> {
    window.operations.keys().filter(|name| **name != others())
}

#[test]
fn pieces_add_up_in_any_order_whatever_is_beyond_the_bound() {
    let whole = window(0..100);
    assert!((30..50).contains(&whole.operations.len()), "{}", whole.operations.len());
    assert_eq!(whole.operations.values().map(|requests| requests.total).sum::<u64>(), 5050);
    assert!(whole.of_other_operations() > 0);
    assert!(named(&whole).all(|name| whole.operation_names.tell_name_apart(name)));
    assert!(
        (0..100).filter(|&number| whole.operation_names.tell_name_apart(&numbered(number))).count()
            == named(&whole).count()
    );
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
fn few_operations_are_all_told_apart() {
    let few = window(0..30);
    assert_eq!((few.operations.len(), few.of_other_operations()), (30, 0));
    assert!(few.operation_names.tell_name_apart(&numbered(99)), "one that nobody asked for");
}

#[test]
fn what_is_told_apart_in_one_window_only_is_so_in_none() {
    let (many, few) = (window(0..100), window(90..120));
    assert!(named(&few).any(|name| !many.operation_names.tell_name_apart(name)));
    let few_then = WindowFacts::telling_apart(Cow::Borrowed(&few), &many);
    let many_then = WindowFacts::telling_apart(Cow::Borrowed(&many), &few_then);
    for number in 90..100 {
        let known = |window: &WindowFacts| window.operations.contains_key(&numbered(number));
        assert_eq!(known(&few_then), known(&many_then), "{number}");
    }
    assert_eq!(few_then.operations.values().map(|requests| requests.total).sum::<u64>(), (91..=120).sum::<u64>());
    assert_eq!(*many_then, many);
}
