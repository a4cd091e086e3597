use super::*;
use crate::analyze::diagnosis::diagnose;
use crate::analyze::drawn_tree::drawn;
use crate::model::defect::DefectCounts;
use crate::model::grpc_code;
use crate::model::span::Status;
use crate::model::target::{Target, TargetClass};

fn gathered(tree: TraceTree, names: &Names) -> WindowFacts {
    let diagnosis = diagnose(&tree, names);
    let assembled = Assembled { tree, defects: DefectCounts::default(), met: Vec::new() };
    let mut gathering = Gathering::new(Compares::Nothing);
    gathering.add(&assembled, &diagnosis, names);
    gathering.finish(names)
}

#[test]
fn of_many_root_causes_of_one_trace_the_first_eight_draw_it() {
    let drawn_by = |causes: usize| -> Vec<bool> {
        let parts: String = (1..=causes).map(|part| format!("\n part{part} server {part}..{}", part + 1)).collect();
        let (mut tree, names) = drawn(&format!("shop server 0..100{parts}"));
        tree.spans.iter_mut().skip(1).for_each(|span| span.status = Status::Error);
        gathered(tree, &names).causes.values().map(|cause| cause.sample.picture.is_some()).collect()
    };
    assert_eq!(drawn_by(8), [true; 8]);
    assert_eq!(drawn_by(9), [[true; 8].as_slice(), &[false]].concat());
}

/// The facts of a trace of so many requests, each of which calls as many callees, and reaches none of them.
fn unreached(requests: usize, callees: usize) -> WindowFacts {
    let mut lines = "web internal 0..100000".to_owned();
    for start in (1..).step_by(100).take(requests) {
        lines += &format!("\n shop server {start}..{}", start + 90);
        for at in (start + 1..).step_by(2).take(callees) {
            lines += &format!("\n  shop client {at}..{}", at + 1);
        }
    }
    let (mut tree, mut names) = drawn(&lines);
    let mut target = |number: usize| {
        let address = names.intern(&format!("gone-{number}"));
        names.target(Target { class: TargetClass::Rpc, address, ..Target::default() })
    };
    let targets: Vec<TargetId> = (0..callees).map(&mut target).collect();
    let calls = tree.spans.iter_mut().filter(|span| names.operation_of(span.operation).kind == SpanKind::Client);
    for (call, &target) in calls.zip(targets.iter().cycle()) {
        call.codes.grpc = Some(grpc_code::UNAVAILABLE);
        call.target = target;
    }
    gathered(tree, &names)
}

#[test]
fn of_many_callees_that_one_trace_did_not_reach_the_first_sixteen_make_pairs() {
    for callees in [16, 17] {
        let facts = unreached(1, callees);
        assert_eq!(facts.causes.len(), callees);
        let first: Vec<&str> = facts.causes.keys().map(String::as_str).take(16).collect();
        let paired: OrderedSet<&str> = facts.together.iter().flat_map(|(one, other, _)| [one, other]).collect();
        assert_eq!(paired.iter().copied().collect::<Vec<_>>(), first, "of {callees}");
        assert_eq!(facts.together.iter().count(), 16 * 15 / 2, "of {callees}");
    }
}

#[test]
fn of_many_requests_that_two_callees_hit_in_one_trace_the_first_are_told_to_be_of_both() {
    let shop = OperationName { service: "shop".to_owned(), operation: "shop".to_owned() };
    for (requests, of_both) in [(63, 63), (64, 64), (65, 64)] {
        let facts = unreached(requests, 2);
        let overlaps: Vec<u64> =
            facts.together.iter().map(|(.., overlap)| overlap.degraded_entries.of(&shop)).collect();
        assert_eq!(overlaps, [of_both], "of {requests}");
    }
}
