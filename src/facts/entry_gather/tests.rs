use super::*;
use crate::analyze::drawn_tree::drawn;
use crate::model::operation::Operation;

/// What is gathered of requests at these entry points, each in a trace of its own, with room for some thirty.
fn gathered(entries: impl Iterator<Item = u32>) -> WindowFacts {
    let (mut tree, mut names) = drawn("shop server 0..1");
    let service = names.intern("shop");
    let mut gathering = EntryGathering::of(ToldApart::with_room(11_900));
    let mut trace = 0;
    for entry in entries {
        let name = names.intern(&format!("entry {entry:03}"));
        // Those that differ in their kind are one.
        let kind = if entry % 2 == 0 { SpanKind::Server } else { SpanKind::Consumer };
        for kind in [SpanKind::Server, kind] {
            tree.spans[0].operation = names.operation(Operation { service, name, kind });
            gathering.add(&tree, SpanIx(0), true, &[], &names);
            trace += 1;
            gathering.add_failed(trace, &tree, &[SpanIx(0)], &names);
        }
    }
    let mut window = WindowFacts::default();
    gathering.finish(&names, &mut window);
    window
}

#[test]
fn the_order_of_requests_does_not_matter_whatever_is_beyond_the_bound() {
    let window = gathered(0..500);
    assert_eq!(window, gathered((0..500).rev()));
    assert_eq!(window.entries.values().map(|entry| entry.total).sum::<u64>(), 1000);
    assert!((25..35).contains(&window.entries.len()), "{}", window.entries.len());
    let others = window.entries.get(&others()).map(|entry| entry.total);
    assert_eq!(others, Some(window.defects.count(Defect::EntryPointsBeyondBound)));
}
