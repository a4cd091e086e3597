//! Spans of one trace that bear the same id: exported twice, shared by client and server, or in conflict.

use crate::assemble::met::Defects;
use crate::model::defect::Defect;
use crate::model::ids::SpanId;
use crate::model::names::{Names, ResourceId, SpanKind, Sym};
use crate::model::span::LooseSpan;
use std::cmp::Ordering;

/// Sorts spans by id, drops repeated exports, and gives the server half of a shared id its client half as parent.
///
/// ```text
/// id 7 CLIENT cart, id 7 CLIENT cart   ->  one span           exported twice
/// id 7 CLIENT cart, id 7 SERVER cart   ->  client, server     Zipkin: both halves of a call share the id
/// id 7 CLIENT cart, id 7 CLIENT pay    ->  both kept          a conflict; children follow the first
/// ```
///
/// Returns for each span, in the new order, whether it is the server half of a shared id.
pub(crate) fn settle(spans: &mut Vec<LooseSpan>, names: &Names, defects: &mut Defects) -> Vec<bool> {
    sort(spans, names);
    // Sorted by content, the richest of several exports of one span comes first and is the one that stays.
    spans.dedup_by(|later, first| {
        let repeated = same_export(later, first);
        if repeated {
            defects.add(Defect::DuplicateSpan, later.resource);
        }
        repeated
    });
    let mut server_half = vec![false; spans.len()];
    let mut from = 0;
    while from < spans.len() {
        let id = spans[from].id;
        let to = from + spans[from..].iter().take_while(|span| span.id == id).count();
        let kind_at = |place: usize, kind| spans[place].kind_of(names) == kind;
        if to - from == 2 && kind_at(from, SpanKind::Client) && kind_at(from + 1, SpanKind::Server) {
            server_half[from + 1] = true;
            defects.add(Defect::SharedId, spans[from + 1].resource);
        } else if to - from > 1 {
            spans[from + 1..to].iter().for_each(|span| defects.add(Defect::IdConflict, span.resource));
        }
        from = to;
    }
    server_half
}

/// Sorts spans by id, those of one id by content. Ids hardly ever repeat, so that they are sorted by themselves, and each
/// span is moved once.
fn sort(spans: &mut Vec<LooseSpan>, names: &Names) {
    let order = |(span, place): (&LooseSpan, usize)| (u64::from_be_bytes(span.id.0), place);
    let mut order: Vec<(u64, usize)> = spans.iter().zip(0..).map(order).collect();
    order.sort_unstable();
    let mut by_place: Vec<Option<LooseSpan>> = std::mem::take(spans).into_iter().map(Some).collect();
    spans.reserve_exact(order.len());
    spans.extend(order.into_iter().filter_map(|(_, place)| by_place[place].take()));
    for same in spans.chunk_by_mut(|a, b| a.id == b.id).filter(|same| same.len() > 1) {
        same.sort_unstable_by(|a, b| by_content(a, b, names));
    }
}

/// The place of the span that a child means by `id`; `None` when no span bears it. `spans` are as [`settle`] left them.
pub(crate) fn parent_place(
    spans: &[LooseSpan],
    server_half: &[bool],
    id: SpanId,
    child_resource: ResourceId,
    names: &Names,
) -> Option<usize> {
    let first = spans.partition_point(|span| span.id < id);
    let found = spans.get(first).is_some_and(|span| span.id == id);
    let second_is_server = server_half.get(first + 1).is_some_and(|&half| half) && spans[first + 1].id == id;
    if found && second_is_server {
        // What the client's own process started goes under the client half, everything else under the server half.
        let service = |resource| names.resource_of(resource).service;
        return Some(first + usize::from(service(child_resource) != service(spans[first].resource)));
    }
    found.then_some(first)
}

impl LooseSpan {
    fn kind_of(&self, names: &Names) -> SpanKind {
        names.operation_of(self.operation).kind
    }
}

fn same_export(a: &LooseSpan, b: &LooseSpan) -> bool {
    a.id == b.id && a.operation == b.operation && a.name == b.name && a.time.start == b.time.start
}

/// An order that depends on what spans say and never on when they came.
fn by_content(a: &LooseSpan, b: &LooseSpan, names: &Names) -> Ordering {
    let kind_rank = |span: &LooseSpan| match span.kind_of(names) {
        SpanKind::Client => 0,
        SpanKind::Server => 1,
        SpanKind::Internal => 2,
        SpanKind::Producer => 3,
        SpanKind::Consumer => 4,
        SpanKind::Unspecified => 5,
    };
    // Equal symbols are equal texts: a million spans of one name need not be spelt out.
    let by_text = |a: Sym, b: Sym| if a == b { Ordering::Equal } else { names.text(a).cmp(names.text(b)) };
    let service = |span: &LooseSpan| names.operation_of(span.operation).service;
    let richness = |span: &LooseSpan| {
        let detail = span.detail.as_deref();
        (span.time.end, span.status, span.codes, detail.map_or(0, |detail| detail.exceptions.len() + 1))
    };
    a.id.cmp(&b.id)
        .then_with(|| kind_rank(a).cmp(&kind_rank(b)))
        .then_with(|| a.time.start.cmp(&b.time.start))
        .then_with(|| by_text(service(a), service(b)))
        .then_with(|| by_text(a.name, b.name))
        .then_with(|| richness(b).cmp(&richness(a)))
        .then_with(|| a.parent.cmp(&b.parent))
}
