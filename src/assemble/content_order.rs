//! Orders of spans and log events that depend on what they say: never on when they came, nor on the numbers that texts were given,
//! which is by the thread that met them first.

use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::span::{Detail, FlagEvaluation, LogEvent, LooseSpan};
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::model::target::{Target, TargetId};
use std::cmp::Ordering;

/// Spans of one trace. Those of one id that tell more come first: of repeated exports that one stays. Equal are only spans of
/// which either may stay.
pub(crate) fn by_content(a: &LooseSpan, b: &LooseSpan, names: &Names) -> Ordering {
    let kind_rank = |span: &LooseSpan| match span.kind_of(names) {
        SpanKind::Client => 0,
        SpanKind::Server => 1,
        SpanKind::Internal => 2,
        SpanKind::Producer => 3,
        SpanKind::Consumer => 4,
        SpanKind::Unspecified => 5,
    };
    let operation = |span: &LooseSpan| names.operation_of(span.operation);
    let richness = |span: &LooseSpan| {
        let detail = span.detail.as_deref();
        (span.time.end, span.status, span.codes, detail.map_or(0, |detail| detail.exceptions.len() + 1))
    };
    a.id.cmp(&b.id)
        .then_with(|| kind_rank(a).cmp(&kind_rank(b)))
        .then_with(|| a.time.start.cmp(&b.time.start))
        .then_with(|| by_text(operation(a).service, operation(b).service, names))
        .then_with(|| by_text(a.name, b.name, names))
        // Attributes tell it, too. Repeated exports bear one, so it goes before what they may differ in: they are neighbours.
        .then_with(|| by_text(operation(a).name, operation(b).name, names))
        .then_with(|| richness(b).cmp(&richness(a)))
        .then_with(|| a.parent.cmp(&b.parent))
        .then_with(|| match (&b.detail, &a.detail) {
            (Some(b), Some(a)) => by_detail(b, a, names),
            (b, a) => b.is_some().cmp(&a.is_some()),
        })
        .then_with(|| by_target(b.target, a.target, names))
        .then_with(|| by_attributes(&b.attributes, &a.attributes, names))
        .then_with(|| by_resource(b.resource, a.resource, names))
}

/// Log events of one span.
pub(crate) fn by_log_content(a: &LogEvent, b: &LogEvent, names: &Names) -> Ordering {
    let key = |event: &LogEvent| (event.time, event.severity);
    (key(a), &a.body, &a.exception)
        .cmp(&(key(b), &b.body, &b.exception))
        .then_with(|| by_flags(a.flag.as_slice(), b.flag.as_slice(), names))
        .then_with(|| by_resource(a.resource, b.resource, names))
}

fn by_detail(a: &Detail, b: &Detail, names: &Names) -> Ordering {
    let texts =
        |detail: &Detail| [&detail.status_message, &detail.error_text, &detail.error_type].map(|text| text.len());
    let counts = |detail: &Detail| (detail.links.len(), detail.flags.len(), detail.told.len());
    let asked = |detail: &Detail| {
        let asked = detail.asked.unwrap_or_default();
        [asked.operation, asked.collection, asked.statement]
    };
    texts(a)
        .cmp(&texts(b))
        .then_with(|| a.status_message.cmp(&b.status_message))
        .then_with(|| a.error_text.cmp(&b.error_text))
        .then_with(|| a.error_type.cmp(&b.error_type))
        .then_with(|| counts(a).cmp(&counts(b)))
        .then_with(|| a.exceptions.cmp(&b.exceptions))
        .then_with(|| a.links.cmp(&b.links))
        .then_with(|| by_flags(&a.flags, &b.flags, names))
        .then_with(|| by_texts(&a.told, &b.told, names))
        .then_with(|| by_texts(&asked(a), &asked(b), names))
        .then_with(|| a.dropped_events.cmp(&b.dropped_events))
}

fn by_target(a: TargetId, b: TargetId, names: &Names) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (names.target_of(a), names.target_of(b));
    let texts = |of: &Target| [of.system, of.peer_service, of.rpc_service, of.address, of.resource];
    (a.class, a.port).cmp(&(b.class, b.port)).then_with(|| by_texts(&texts(&a), &texts(&b), names))
}

fn by_resource(a: ResourceId, b: ResourceId, names: &Names) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (names.resource_of(a), names.resource_of(b));
    let (of_a, of_b) = (names.attributes_of(a.attributes), names.attributes_of(b.attributes));
    by_texts(&[a.service, a.version, a.instance, a.host], &[b.service, b.version, b.instance, b.host], names)
        .then_with(|| of_a.len().cmp(&of_b.len()))
        .then_with(|| first_that_differs(of_a, of_b, |a, b| by_texts(&[a.0, a.1], &[b.0, b.1], names)))
}

fn by_attributes(a: &[(Sym, AttributeValue)], b: &[(Sym, AttributeValue)], names: &Names) -> Ordering {
    let by_attribute = |a: &(Sym, AttributeValue), b: &(Sym, AttributeValue)| {
        by_text(a.0, b.0, names).then_with(|| a.1.text(names).cmp(b.1.text(names)))
    };
    a.len().cmp(&b.len()).then_with(|| first_that_differs(a, b, by_attribute))
}

fn by_flags(a: &[FlagEvaluation], b: &[FlagEvaluation], names: &Names) -> Ordering {
    let by_flag = |a: &FlagEvaluation, b: &FlagEvaluation| by_texts(&[a.key, a.variant], &[b.key, b.variant], names);
    a.len().cmp(&b.len()).then_with(|| first_that_differs(a, b, by_flag))
}

fn by_texts(a: &[Sym], b: &[Sym], names: &Names) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| first_that_differs(a, b, |&a, &b| by_text(a, b, names)))
}

/// Equal symbols are equal texts: a million spans of one name need not be spelt out.
fn by_text(a: Sym, b: Sym, names: &Names) -> Ordering {
    if a == b { Ordering::Equal } else { names.text(a).cmp(names.text(b)) }
}

/// Of lists of one length.
fn first_that_differs<T>(a: &[T], b: &[T], mut order: impl FnMut(&T, &T) -> Ordering) -> Ordering {
    a.iter().zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::trace::assemble;
    use crate::model::exception::{Exception, ExceptionSource};
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::operation::Operation;
    use crate::model::resource::Resource;
    use crate::model::span::{Asked, Codes, Link, Status};
    use crate::model::target::TargetClass;
    use crate::model::time::{Interval, Nanos};
    use std::collections::HashSet;

    const TRACE: TraceId = TraceId([1; 16]);

    /// Writes a text that tells one export of a span from another into one place of many.
    type Place = fn(&mut LooseSpan, &'static str, &mut Names);

    const PLACES: [Place; 17] = [
        // The first: it makes spans of their own, and no exports of one.
        |span, text, names| {
            let name = names.intern(text);
            span.operation = names.operation(Operation { name, ..names.operation_of(span.operation) });
        },
        |span, text, _| detail(span).status_message = text.into(),
        |span, text, _| detail(span).error_text = text.into(),
        |span, text, _| detail(span).error_type = text.into(),
        |span, text, _| {
            let (kind, message, stacktrace) = ("E".into(), text.into(), "".into());
            detail(span).exceptions = vec![Exception { source: ExceptionSource::SpanEvent, kind, message, stacktrace }];
        },
        |span, text, _| {
            detail(span).links =
                vec![Link { trace: TraceId([text.as_bytes()[0]; 16]), span: SpanId([text.as_bytes()[0]; 8]) }];
        },
        |span, text, names| {
            detail(span).flags = vec![FlagEvaluation { key: names.intern("flag"), variant: names.intern(text) }];
        },
        |span, text, names| detail(span).told = vec![names.intern(text)],
        |span, text, names| detail(span).asked = Some(Asked { statement: names.intern(text), ..Asked::default() }),
        |span, text, _| detail(span).dropped_events = u32::from(text.as_bytes()[0]),
        |span, text, names| {
            let address = names.intern(text);
            span.target = names.target(Target { class: TargetClass::Rpc, address, ..Target::default() });
        },
        |span, text, _| {
            span.target = TargetId::NONE;
            span.codes = Codes { http: Some(u16::from(text.as_bytes()[0])), grpc: None };
        },
        |span, text, names| span.attributes = [(names.intern("key"), AttributeValue::Text(text.into()))].into(),
        |span, text, names| span.attributes = [(names.intern("key"), AttributeValue::Name(names.intern(text)))].into(),
        |span, text, names| {
            let version = names.intern(text);
            span.resource = names.resource(Resource { version, ..names.resource_of(span.resource) });
        },
        |span, text, names| {
            let (key, value) = (names.intern("key"), names.intern(text));
            let attributes = names.attributes(&[(key, value)]);
            span.resource = names.resource(Resource { attributes, ..names.resource_of(span.resource) });
        },
        |span, text, _| span.parent = SpanId([text.as_bytes()[0]; 8]),
    ];

    fn detail(span: &mut LooseSpan) -> &mut Detail {
        span.detail.get_or_insert_default()
    }

    fn span(names: &mut Names) -> LooseSpan {
        let (service, name) = (names.intern("shop"), names.intern("work"));
        LooseSpan {
            trace: TRACE,
            id: SpanId([2; 8]),
            parent: SpanId::NONE,
            time: Interval { start: Nanos(5), end: Nanos(9) },
            operation: names.operation(Operation { service, name, kind: SpanKind::Client }),
            name,
            resource: names.resource(Resource { service, ..Resource::default() }),
            target: TargetId::NONE,
            codes: Codes::default(),
            status: Status::Error,
            detail: None,
            attributes: [].into(),
        }
    }

    /// All that a span says, without any number that a text was given.
    fn spelt(span: &LooseSpan, names: &Names) -> String {
        let text = |sym: Sym| names.text(sym).to_owned();
        let detail = span.detail.as_deref().cloned().unwrap_or_default();
        let flags: Vec<_> = detail.flags.iter().map(|flag| (text(flag.key), text(flag.variant))).collect();
        let told: Vec<_> = detail.told.iter().map(|&step| text(step)).collect();
        let asked = detail.asked.map(|asked| text(asked.statement));
        let resource = names.resource_of(span.resource);
        let of_resource = names.attributes_of(resource.attributes).iter().map(|&(key, value)| (text(key), text(value)));
        let own: Vec<_> =
            span.attributes.iter().map(|(key, value)| (text(*key), value.text(names).to_owned())).collect();
        format!(
            "{:?} {:?} {:?} {flags:?} {told:?} {asked:?} {own:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            (span.parent, span.codes),
            (&detail.status_message, &detail.error_text, &detail.error_type),
            (&detail.exceptions, &detail.links),
            detail.dropped_events,
            text(names.target_of(span.target).address),
            text(resource.version),
            text(names.operation_of(span.operation).name),
            of_resource.collect::<Vec<_>>(),
            span.status,
            span.time,
        )
    }

    /// What stays of spans of one id that came in this order, in which their texts were met, too.
    fn kept(exports: &[(Option<Place>, &'static str)]) -> Vec<String> {
        let mut names = Names::new();
        let one = |&(place, text): &(Option<Place>, &'static str)| {
            let mut span = span(&mut names);
            if let Some(write) = place {
                write(&mut span, text, &mut names);
            }
            span
        };
        let spans: Vec<LooseSpan> = exports.iter().map(one).collect();
        let operations = spans.iter().map(|span| span.operation).collect::<HashSet<_>>().len();
        let assembled = assemble(TRACE, spans, Vec::new(), &names);
        assert_eq!(assembled.tree.spans.len(), operations);
        assembled.tree.spans.iter().map(|span| spelt(span, &names)).collect()
    }

    #[test]
    fn of_repeated_exports_the_same_stays_whichever_came_first() {
        let exports = || {
            let of = |place: Option<Place>| ["one", "two", "three"].map(|text| (place, text));
            PLACES.iter().map(|&place| Some(place)).chain([None]).flat_map(of).collect::<Vec<_>>()
        };
        for (at, first) in exports().into_iter().enumerate() {
            for second in exports().into_iter().skip(at + 1) {
                assert_eq!(kept(&[first, second]), kept(&[second, first]), "{:?} and {:?}", first.1, second.1);
            }
        }
    }

    #[test]
    fn repeated_exports_are_found_whatever_span_of_another_operation_tells_more_than_one_of_them() {
        let other: Place = |span, text, names| {
            PLACES[0](span, "other", names);
            detail(span).status_message = text.into();
        };
        let more: Place = |span, text, _| detail(span).status_message = text.into();
        let exports = [(Some(more), "the most"), (Some(other), "more"), (None, "")];
        let wanted = kept(&exports);
        assert_eq!(wanted.len(), 2);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(kept(&order.map(|at| exports[at])), wanted, "{order:?}");
        }
    }

    #[test]
    fn log_events_have_one_order_and_repeated_ones_are_one() {
        let seen = |variants: [&'static str; 4]| {
            let mut names = Names::new();
            let span = span(&mut names);
            let logs = variants.map(|variant| LogEvent {
                trace: TRACE,
                span: span.id,
                time: Nanos(6),
                resource: span.resource,
                severity: 9,
                body: "".into(),
                exception: None,
                flag: Some(FlagEvaluation { key: names.intern("flag"), variant: names.intern(variant) }),
            });
            let logs = assemble(TRACE, vec![span], logs.into(), &names).tree.logs;
            logs.iter().filter_map(|(_, log)| Some(names.text(log.flag?.variant).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(seen(["b", "a", "b", "c"]), ["a", "b", "c"]);
        assert_eq!(seen(["c", "b", "a", "b"]), ["a", "b", "c"]);
    }
}
