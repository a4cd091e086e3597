use super::*;
use crate::analyze::diagnosis::diagnose;
use crate::analyze::drawn_tree::drawn;
use crate::model::ids::TraceId;
use crate::model::operation::Operation;
use crate::model::span::Status;
use crate::model::span_kind::SpanKind;

/// Room for some forty of the operations below.
const ROOM: usize = 16_000;

fn with_room(names: usize, groups: usize) -> RequestGathering {
    RequestGathering { told_apart: ToldApart::with_room(names), most_groups: groups, ..RequestGathering::default() }
}

/// A request for each of these operations, in a trace of its own; those of `failing` fail, each by a fault of its own, and such
/// faults are kept for which `is_kept` holds.
fn gathered(
    mut gathering: RequestGathering,
    numbers: impl Iterator<Item = u8>,
    failing: bool,
    is_kept: fn(&str) -> bool,
) -> WindowFacts {
    let (mut tree, mut names) = drawn("shop server 0..1");
    let service = names.intern("shop");
    for number in numbers {
        let name = names.intern(&format!("entry {number:03}"));
        tree.id = TraceId([number.max(1); 16]);
        tree.spans[0].trace = tree.id;
        tree.spans[0].operation = names.operation(Operation { service, name, kind: SpanKind::Server });
        tree.spans[0].status = if failing { Status::Error } else { Status::Unset };
        let diagnosis = diagnose(&tree, &names);
        assert_eq!(diagnosis.origins.len(), usize::from(failing));
        gathering.add(&tree, &diagnosis, &names, is_kept);
    }
    let mut window = WindowFacts::default();
    gathering.finish(&names, &mut window);
    window.keep_operations();
    window.requests.settle(|_| true);
    window
}

#[test]
fn requests_of_operations_beyond_the_bound_are_none_of_the_sample() {
    let gather =
        |numbers: &mut dyn Iterator<Item = u8>, groups| gathered(with_room(ROOM, groups), numbers, false, |_| true);
    let whole = gather(&mut (0..250), 50);
    let kept: Vec<_> = whole.requests.passing.keys().collect();
    assert!((30..50).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().all(|name| whole.tells_apart(name)));
    assert_eq!(whole, gather(&mut (0..250).rev(), 50));
    assert_eq!(whole, gather(&mut (0..250), 1000), "whether they are let go of at the end or before");
}

#[test]
fn requests_that_failed_by_faults_that_are_not_kept_are_let_go_of() {
    let failing = |is_kept| gathered(with_room(ROOM, 50), 0..51, true, is_kept).requests.failing.len();
    assert_eq!((failing(|_| true), failing(|_| false)), (51, 0));
}
