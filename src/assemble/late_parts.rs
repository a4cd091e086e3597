//! Parts of spans that were sent without a time, as Zipkin's reporters do: tags that came when a span had been sent
//! already, and server halves of calls whose time is the client's to tell.
//!
//! ```text
//! id 7 SERVER cart 12:00:01, id 7 cart error="full"      ->  one span, with the error      its time tells which is the span
//! id 7 CLIENT shop 12:00:01, id 7 SERVER cart, no time   ->  both, at the time of the call
//! ```

use crate::assemble::by_id::ById;
use crate::model::names::Names;
use crate::model::span::{Detail, LooseSpan};
use crate::model::span_kind::SpanKind;
use crate::model::target::TargetId;
use crate::model::time::Interval;

/// How many spans of one id may have a time, for it to be told what belongs to which: the halves of a call.
const HALVES: usize = 2;

/// Up to how many attributes are taken from parts.
const ATTRIBUTES: usize = 128;

/// Gives what parts tell to the spans that they belong to, and lets go of the parts: a span without a time belongs to the
/// one span of its id, its service and its kind that has one. What the span tells itself stays. Time is linear in the
/// number of spans.
pub(crate) fn join(spans: &mut ById, names: &Names) {
    if spans.iter().all(|span| !is_untimed(span)) {
        return;
    }
    let pairs = pairs(spans, names);
    for &(place, whole) in &pairs {
        let part = &mut spans[place];
        let (detail, attributes) = (part.detail.take(), std::mem::take(&mut part.attributes));
        let part = LooseSpan { detail, attributes, ..part.clone() };
        fill(&mut spans[whole], part);
    }
    spans.let_go(pairs.iter().map(|&(place, _)| place));
}

/// The places of parts, in order, and of the spans that they belong to.
fn pairs(spans: &ById, names: &Names) -> Vec<(usize, usize)> {
    let (mut pairs, mut from) = (Vec::new(), 0);
    while from < spans.len() {
        let to = (from + 1..spans.len()).find(|&place| !spans.same_id(from, place)).unwrap_or(spans.len());
        let places = || (from..to).map(|place| (place, &spans[place]));
        let timed: Vec<(usize, &LooseSpan)> = places().filter(|(_, span)| !is_untimed(span)).take(HALVES + 1).collect();
        if to - from > 1 && timed.len() <= HALVES {
            for (place, part) in places().filter(|(_, span)| is_untimed(span)) {
                let mut wholes = timed.iter().filter(|(_, whole)| belongs(part, whole, names));
                if let (Some(&(whole, _)), None) = (wholes.next(), wholes.next()) {
                    pairs.push((place, whole));
                }
            }
        }
        from = to;
    }
    pairs
}

/// Whether nobody told when the span was.
pub(crate) fn is_untimed(span: &LooseSpan) -> bool {
    span.time.start.0 == 0
}

/// The time of a server half without one: that of the call, of which it cannot have taken more.
pub(crate) fn time_of_half(server: &LooseSpan, client: &LooseSpan) -> Interval {
    let length = server.time.duration();
    if length == 0 {
        return client.time;
    }
    let start = client.time.start;
    Interval { start, end: start.shifted(i64::try_from(length).unwrap_or(i64::MAX)) }
}

/// Whether `part` may be a part of `whole`. One that tells no kind counts as INTERNAL.
fn belongs(part: &LooseSpan, whole: &LooseSpan, names: &Names) -> bool {
    let [part, whole] = [part, whole].map(|span| names.operation_of(span.operation));
    part.service == whole.service && (part.kind == whole.kind || part.kind == SpanKind::Internal)
}

fn fill(whole: &mut LooseSpan, part: LooseSpan) {
    if whole.parent.is_none() {
        whole.parent = part.parent;
    }
    if whole.target == TargetId::NONE {
        whole.target = part.target;
    }
    whole.status = whole.status.max(part.status);
    whole.codes.grpc = whole.codes.grpc.or(part.codes.grpc);
    whole.codes.http = whole.codes.http.or(part.codes.http);
    if let Some(detail) = part.detail {
        fill_detail(whole.detail.get_or_insert_default(), *detail);
    }
    let room = ATTRIBUTES.saturating_sub(whole.attributes.len());
    if room > 0 && !part.attributes.is_empty() {
        let mut all = std::mem::take(&mut whole.attributes).into_vec();
        let known = all.len();
        let more = part.attributes.into_iter().filter(|(key, _)| all[..known].iter().all(|(had, _)| had != key));
        let more: Vec<_> = more.take(room).collect();
        all.extend(more);
        whole.attributes = all.into_boxed_slice();
    }
}

fn fill_detail(whole: &mut Detail, part: Detail) {
    for (text, other) in [
        (&mut whole.status_message, part.status_message),
        (&mut whole.error_text, part.error_text),
        (&mut whole.error_type, part.error_type),
    ] {
        if text.is_empty() {
            *text = other;
        }
    }
    whole.asked = whole.asked.or(part.asked);
    whole.dropped_events = whole.dropped_events.max(part.dropped_events);
    if whole.exceptions.is_empty() {
        whole.exceptions = part.exceptions;
    }
    if whole.links.is_empty() {
        whole.links = part.links;
    }
    if whole.flags.is_empty() {
        whole.flags = part.flags;
    }
    if whole.told.is_empty() {
        whole.told = part.told;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::met::Defects;
    use crate::assemble::same_id::settle;
    use crate::model::attribute_value::AttributeValue;
    use crate::model::defect::Defect;
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::names::Names;
    use crate::model::operation::Operation;
    use crate::model::resource::ResourceId;
    use crate::model::span::{Codes, Status};
    use crate::model::time::Nanos;

    fn span(service: &str, kind: SpanKind, times: (u64, u64), names: &mut Names) -> LooseSpan {
        let (service, name) = (names.intern(service), names.intern("work"));
        LooseSpan {
            trace: TraceId([1; 16]),
            id: SpanId([7; 8]),
            parent: SpanId::NONE,
            time: Interval { start: Nanos(times.0), end: Nanos(times.1) },
            operation: names.operation(Operation { service, name, kind }),
            name,
            resource: ResourceId::default(),
            target: TargetId::NONE,
            codes: Codes::default(),
            status: Status::Unset,
            detail: None,
            attributes: Box::default(),
        }
    }

    /// Kind, start and end of what comes out, and how many defects are told.
    fn settled(told: &[(&str, SpanKind, (u64, u64))]) -> (Vec<(SpanKind, u64, u64)>, usize) {
        let (mut names, mut defects) = (Names::new(), Defects::default());
        let spans = told.iter().map(|&(service, kind, times)| span(service, kind, times, &mut names)).collect();
        let (spans, _) = settle(spans, &names, &mut defects);
        let one = |span: &LooseSpan| (names.operation_of(span.operation).kind, span.time.start.0, span.time.end.0);
        (spans.iter().map(one).collect(), defects.met.len())
    }

    #[test]
    fn a_part_belongs_to_the_one_span_of_its_id_service_and_kind_that_has_a_time() {
        use SpanKind::{Client, Internal, Server};
        let (client, server) = (("shop", Client, (5, 9)), ("cart", Server, (6, 8)));
        let halves = vec![(Client, 5, 9), (Server, 6, 8)];
        let part = |service, kind| (service, kind, (0, 0));
        for kind in [Internal, Server] {
            assert_eq!(settled(&[part("cart", kind), server]), (vec![(Server, 6, 8)], 0));
            assert_eq!(settled(&[client, part("cart", kind), server]), (halves.clone(), 1));
        }
        assert_eq!(settled(&[client, part("shop", Internal), server]), (halves, 1));
        // Of another service, of another kind, of either half, of no span that has a time, of more spans than a call has.
        let own = ("shop", Server, (6, 8));
        for apart in [
            vec![server, part("bank", Internal)],
            vec![server, part("cart", SpanKind::Consumer)],
            vec![client, own, part("shop", Internal)],
            vec![part("cart", Internal), part("cart", Server)],
            vec![client, own, ("cart", Client, (7, 8)), part("cart", Client)],
        ] {
            assert_eq!(settled(&apart).0.len(), apart.len(), "{apart:?}");
        }
    }

    #[test]
    fn the_half_of_a_call_without_a_time_has_that_of_the_call() {
        use SpanKind::{Client, Server};
        let client = ("shop", Client, (5, 9));
        assert_eq!(settled(&[client, ("cart", Server, (0, 0))]), (vec![(Client, 5, 9), (Server, 5, 9)], 1));
        assert_eq!(settled(&[client, ("cart", Server, (0, 2))]), (vec![(Client, 5, 9), (Server, 5, 7)], 1));
    }

    #[test]
    fn what_a_span_tells_itself_stays_and_an_error_is_added() {
        let mut names = Names::new();
        let text = |text: &str| AttributeValue::Text(text.into());
        let [tenant, plan] = ["tenant", "plan"].map(|key| names.intern(key));
        let detail = |message: &str, words: &str| {
            Some(Box::new(Detail { status_message: message.into(), error_text: words.into(), ..Detail::default() }))
        };
        let whole = LooseSpan {
            status: Status::Ok,
            codes: Codes { http: Some(500), grpc: None },
            detail: detail("", "first"),
            attributes: Box::new([(tenant, text("a"))]),
            ..span("cart", SpanKind::Server, (6, 8), &mut names)
        };
        let part = LooseSpan {
            status: Status::Error,
            codes: Codes { http: Some(200), grpc: Some(13) },
            parent: SpanId([6; 8]),
            detail: detail("full", "second"),
            attributes: Box::new([(tenant, text("b")), (plan, text("c"))]),
            ..span("cart", SpanKind::Internal, (0, 0), &mut names)
        };
        let wanted = LooseSpan {
            status: Status::Error,
            codes: Codes { http: Some(500), grpc: Some(13) },
            parent: part.parent,
            detail: detail("full", "first"),
            attributes: Box::new([(tenant, text("a")), (plan, text("c"))]),
            ..whole.clone()
        };
        for spans in [vec![whole.clone(), part.clone()], vec![part, whole]] {
            let (spans, _) = settle(spans, &names, &mut Defects::default());
            assert_eq!(spans.iter().collect::<Vec<_>>(), [&wanted]);
        }
    }

    #[test]
    fn parts_that_tell_different_things_repeat_each_other_only_where_there_is_no_span() {
        let mut names = Names::new();
        let keys = ["a", "b"].map(|key| names.intern(key));
        let whole = span("cart", SpanKind::Server, (6, 8), &mut names);
        let parts = keys.map(|key| {
            let part = span("cart", SpanKind::Internal, (0, 0), &mut names);
            LooseSpan { attributes: Box::new([(key, AttributeValue::Text("x".into()))]), ..part }
        });
        // How many spans there are, the attributes of the first, and how many parts repeat one.
        let settled = |spans: Vec<LooseSpan>| {
            let mut defects = Defects::default();
            let (spans, _) = settle(spans, &names, &mut defects);
            let keys: Vec<_> = spans[0].attributes.iter().map(|(key, _)| names.text(*key).to_owned()).collect();
            (spans.len(), keys, defects.counts.count(Defect::DuplicateSpan))
        };
        let [a, b] = &parts;
        let of = |keys: &[&str], repeated| (1, keys.iter().map(|&key| key.to_owned()).collect(), repeated);
        for order in [[a, b, &whole], [&whole, b, a]] {
            let (spans, mut keys, repeated) = settled(order.map(LooseSpan::clone).into());
            keys.sort();
            assert_eq!((spans, keys, repeated), of(&["a", "b"], 0));
        }
        assert_eq!(settled(vec![a.clone(), whole, a.clone()]), of(&["a"], 1));
        let [one, other] = [[a, b], [b, a]].map(|order| settled(order.map(LooseSpan::clone).into()));
        assert_eq!((one.0, one.2), (1, 1));
        assert_eq!(one, other);
    }

    #[test]
    fn of_more_attributes_than_are_kept_those_of_the_span_and_the_first_of_its_parts_are() {
        let mut names = Names::new();
        let keys: Vec<_> = (0..400).map(|number| names.intern(&format!("app.k{number}"))).collect();
        let attributes = |from: usize, to: usize| -> Box<[_]> {
            keys[from..to].iter().map(|&key| (key, AttributeValue::Text("x".into()))).collect()
        };
        for (own, kept) in [(0, 128), (100, 128), (127, 128), (128, 128), (130, 130)] {
            let whole = span("cart", SpanKind::Server, (6, 8), &mut names);
            let whole = LooseSpan { attributes: attributes(0, own), ..whole };
            let part = span("cart", SpanKind::Internal, (0, 0), &mut names);
            let part = LooseSpan { attributes: attributes(own, own + 200), ..part };
            let (spans, _) = settle(vec![part, whole], &names, &mut Defects::default());
            assert_eq!((spans.len(), &spans[0].attributes), (1, &attributes(0, kept)), "{own}");
        }
    }
}
