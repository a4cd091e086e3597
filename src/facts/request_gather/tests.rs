use super::*;
use crate::analyze::diagnosis::diagnose;
use crate::analyze::drawn_tree::drawn;
use crate::facts::requests::FEW;
use crate::facts::told_apart::ROOM_FOR_FORTY;
use crate::model::ids::TraceId;
use crate::model::operation::Operation;
use crate::model::span::Status;
use crate::model::span_kind::SpanKind;

fn with_room(names: usize, groups: usize) -> RequestGathering {
    RequestGathering { told_apart: ToldApart::with_room(names), most_groups: groups, ..RequestGathering::default() }
}

/// Requests for operations by number, each in a trace of its own; those of `failing` fail, each operation by a fault of its own, and such
/// faults are kept for which `is_kept` holds.
fn gathered(
    mut gathering: RequestGathering,
    numbers: impl Iterator<Item = (u64, u64)>,
    failing: bool,
    is_kept: fn(&str) -> bool,
) -> Requests {
    let (mut tree, mut names) = drawn("shop server 0..1");
    let service = names.intern("shop");
    for (number, trace) in numbers {
        let name = names.intern(&format!("entry {number:03}"));
        tree.id = TraceId((u128::from(1000 * number + trace) + 1).to_be_bytes());
        tree.spans[0].trace = tree.id;
        tree.spans[0].time.start.0 = trace;
        tree.spans[0].operation = names.operation(Operation { service, name, kind: SpanKind::Server });
        tree.spans[0].status = if failing { Status::Error } else { Status::Unset };
        let diagnosis = diagnose(&tree, &names);
        assert_eq!(diagnosis.origins.len(), usize::from(failing));
        gathering.add(&tree, &diagnosis, &names, is_kept);
    }
    gathering.finish(&names)
}

/// So many requests for each of 250 operations.
fn many(requests: u64) -> impl DoubleEndedIterator<Item = (u64, u64)> {
    (0..250).flat_map(move |number| (0..requests).map(move |trace| (number, trace)))
}

fn settled(mut requests: Requests) -> Requests {
    requests.settle(|_| true);
    requests
}

#[test]
fn requests_of_operations_beyond_the_bound_are_none_of_the_sample() {
    let gather = |numbers: &mut dyn Iterator<Item = (u64, u64)>, groups| {
        gathered(with_room(ROOM_FOR_FORTY, groups), numbers, false, |_| true)
    };
    let whole = settled(gather(&mut many(6), 50));
    let kept: Vec<_> = whole.passing.keys().collect();
    assert!((30..50).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().all(|name| whole.told_apart.tell_name_apart(name)));
    assert!(whole.passing.values().all(|drawn| (drawn.seen, drawn.rows.len()) == (6, FEW)));
    assert_eq!(whole, settled(gather(&mut many(6).rev(), 50)));
    assert_eq!(whole, settled(gather(&mut many(6), 1000)), "whether they are let go of at the end or before");
    for pieces in 2..5 {
        let piece = |piece| gather(&mut many(6).filter(|(number, trace)| (number + trace) % pieces == piece), 50);
        let mut put_together = piece(0);
        (1..pieces).for_each(|number| put_together.merge(piece(number)));
        assert_eq!(whole, settled(put_together), "of {pieces}");
    }
}

#[test]
fn requests_that_failed_by_faults_that_are_not_kept_are_let_go_of() {
    let failing = |is_kept| gathered(with_room(ROOM_FOR_FORTY, 50), many(1).take(51), true, is_kept).failing.len();
    assert_eq!((failing(|_| true), failing(|_| false)), (51, 0));
}
