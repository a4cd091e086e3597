//! What belongs to which span of one id.

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
use crate::model::sym::Sym;

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
    // The client gave up.
    assert_eq!(settled(&[client, ("cart", Server, (0, 7))]), (vec![(Client, 5, 9), (Server, 5, 12)], 1));
}

#[test]
fn the_half_of_a_call_without_a_time_may_have_parts_of_its_own() {
    use SpanKind::{Client, Internal, Server};
    let (client, half) = (("shop", Client, (5, 9)), ("cart", Server, (0, 0)));
    for part in [("cart", Internal, (0, 0)), ("cart", Server, (0, 2)), ("cart", Internal, (0, 2))] {
        let end = if part.2 == (0, 0) { 9 } else { 7 };
        for spans in [[client, half, part], [part, client, half]] {
            assert_eq!(settled(&spans), (vec![(Client, 5, 9), (Server, 5, end)], 1), "{part:?}");
        }
    }
    // Of either half, of one of two halves, of a span that calls nothing.
    for apart in [
        [client, ("shop", Server, (0, 0)), ("shop", Internal, (0, 0))],
        [client, half, ("bank", Server, (0, 0))],
        [("shop", Server, (5, 9)), half, ("cart", Internal, (0, 0))],
    ] {
        assert_eq!(settled(&apart).0.len(), apart.len(), "{apart:?}");
    }
}

#[test]
fn a_span_without_a_length_or_a_name_has_those_of_its_part() {
    use SpanKind::{Internal, Server};
    for (whole, part, wanted) in
        [((6, 6), (0, 2), (6, 8)), ((6, 9), (0, 2), (6, 9)), ((6, 5), (0, 2), (6, 5)), ((6, 6), (0, 0), (6, 6))]
    {
        let told = [("cart", Server, whole), ("cart", Internal, part)];
        assert_eq!(settled(&told), (vec![(Server, wanted.0, wanted.1)], 0), "{told:?}");
    }
    let mut names = Names::new();
    let nameless = |kind, times, names: &mut Names| {
        let span = span("cart", kind, times, names);
        let operation = Operation { name: Sym::EMPTY, ..names.operation_of(span.operation) };
        LooseSpan { name: Sym::EMPTY, operation: names.operation(operation), ..span }
    };
    for (kind, name) in [(Server, "work"), (Internal, "")] {
        let spans = vec![nameless(Server, (6, 8), &mut names), span("cart", kind, (0, 0), &mut names)];
        let (spans, _) = settle(spans, &names, &mut Defects::default());
        let operation = names.operation_of(spans[0].operation);
        assert_eq!((spans.len(), operation.kind), (1, Server));
        assert_eq!([spans[0].name, operation.name].map(|sym| names.text(sym)), [name; 2]);
    }
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
