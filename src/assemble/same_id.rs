//! Spans of one trace that bear the same id: exported twice, shared by client and server, or in conflict.

use crate::assemble::by_id::ById;
use crate::assemble::content_order::by_content;
use crate::assemble::late_parts;
use crate::assemble::met::Defects;
use crate::model::defect::Defect;
use crate::model::ids::SpanId;
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::span::LooseSpan;
use crate::model::span_kind::SpanKind;

/// Sorts spans by id, drops repeated exports, joins parts that were sent late to their spans, and gives the server half of a
/// shared id its client half as parent.
///
/// ```text
/// id 7 CLIENT cart, id 7 CLIENT cart   ->  one span           exported twice
/// id 7 CLIENT cart, id 7 SERVER cart   ->  client, server     Zipkin: both halves of a call share the id
/// id 7 SERVER cart, id 7 cart, no time ->  one span           a part of it that was sent late
/// id 7 CLIENT cart, id 7 CLIENT pay    ->  both kept          a conflict; children follow the first
/// ```
///
/// Returns for each span, in the new order, whether it is the server half of a shared id.
#[inline]
pub(crate) fn settle(spans: Vec<LooseSpan>, names: &Names, defects: &mut Defects) -> (ById, Vec<bool>) {
    let mut spans = ById::sorted(spans, |a, b| by_content(a, b, names));
    if spans.ids_differ() {
        let halves = vec![false; spans.len()];
        return (spans, halves);
    }
    // Parts that were sent late have no time to be told apart by: those that tell different things belong to their span before
    // it can be said what repeats what.
    let is_same = |a: &LooseSpan, b: &LooseSpan| {
        same_export(a, b) && (!late_parts::is_untimed(a) || by_content(a, b, names).is_eq())
    };
    drop_repeated(&mut spans, defects, is_same);
    late_parts::join(&mut spans, names);
    drop_repeated(&mut spans, defects, |a, b| late_parts::is_untimed(a) && same_export(a, b));
    let mut server_half = vec![false; spans.len()];
    let mut from = 0;
    while from < spans.len() {
        let to = (from + 1..spans.len()).find(|&place| !spans.same_id(from, place)).unwrap_or(spans.len());
        let kind_at = |place: usize, kind| spans[place].kind_of(names) == kind;
        if to - from == 2 && kind_at(from, SpanKind::Client) && kind_at(from + 1, SpanKind::Server) {
            server_half[from + 1] = true;
            if late_parts::is_untimed(&spans[from + 1]) {
                spans[from + 1].time = late_parts::time_of_half(&spans[from + 1], &spans[from]);
            }
            defects.add(Defect::SharedId, spans[from + 1].resource);
        } else if to - from > 1 {
            (from + 1..to).for_each(|place| defects.add(Defect::IdConflict, spans[place].resource));
        }
        from = to;
    }
    (spans, server_half)
}

/// The place of the span that a child means by `id`; `None` when no span bears it. `spans` are as [`settle`] left them.
#[inline]
pub(crate) fn parent_place(
    spans: &ById,
    server_half: &[bool],
    id: SpanId,
    child_resource: ResourceId,
    names: &Names,
) -> Option<usize> {
    let first = spans.place_of(id)?;
    if server_half.get(first + 1).is_some_and(|&half| half) && spans.same_id(first, first + 1) {
        // What the client's own process started goes under the client half, everything else under the server half.
        let service = |resource| names.resource_of(resource).service;
        return Some(first + usize::from(service(child_resource) != service(spans[first].resource)));
    }
    Some(first)
}

impl LooseSpan {
    pub(super) fn kind_of(&self, names: &Names) -> SpanKind {
        names.operation_of(self.operation).kind
    }
}

/// Sorted by content, the richest of several exports of one span comes first and is the one that stays.
fn drop_repeated(spans: &mut ById, defects: &mut Defects, is_same: impl Fn(&LooseSpan, &LooseSpan) -> bool) {
    spans.dedup(|later, first| {
        let repeated = is_same(later, first);
        if repeated {
            defects.add(Defect::DuplicateSpan, later.resource);
        }
        repeated
    });
}

fn same_export(a: &LooseSpan, b: &LooseSpan) -> bool {
    a.id == b.id && a.operation == b.operation && a.name == b.name && a.time.start == b.time.start
}
