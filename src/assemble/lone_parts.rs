//! Spans that only say which span they are a part of, as subsegments of X-Ray that were sent by themselves: they are
//! given its process.

use crate::model::ids::SpanId;
use crate::model::names::Names;
use crate::model::operation::Operation;
use crate::model::resource::{Resource, ResourceId, UNKNOWN_SERVICE};
use crate::model::span::LooseSpan;
use hashbrown::HashMap;

/// Gives every span without a resource that of the nearest span above it that has one, and the operation its service.
/// Where there is none, the service is unknown. Time is linear in the number of spans.
pub fn join(spans: &mut [LooseSpan], names: &Names) {
    if spans.iter().all(|span| !is_lone(span)) {
        return;
    }
    let places = places(spans, names);
    let unknown = names.known(UNKNOWN_SERVICE).unwrap_or_default();
    let unknown = names.known_resource(&Resource { service: unknown, ..Resource::default() }).unwrap_or_default();
    let mut seen = vec![false; spans.len()];
    for start in 0..spans.len() {
        let (mut way, mut at) = (Vec::new(), start);
        // A ring of lone spans ends where it was entered, and every span is stepped on once.
        while is_lone(&spans[at]) && !seen[at] {
            seen[at] = true;
            way.push(at);
            at = places.get(&spans[at].parent).copied().unwrap_or(at);
        }
        let found = if is_lone(&spans[at]) { unknown } else { spans[at].resource };
        way.into_iter().for_each(|place| give(&mut spans[place], found, names));
    }
}

fn is_lone(span: &LooseSpan) -> bool {
    span.resource == ResourceId::default()
}

/// Where the span of each id is. Of several, it is the one whose process comes first by name, whatever order they came in.
fn places(spans: &[LooseSpan], names: &Names) -> HashMap<SpanId, usize> {
    let key = |place: usize| {
        let resource = names.resource_of(spans[place].resource);
        let text = |sym| names.text(sym);
        (is_lone(&spans[place]), text(resource.service), text(resource.instance), text(resource.host))
    };
    let mut places: HashMap<SpanId, usize> = HashMap::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let known = places.entry(span.id).or_insert(place);
        if key(place) < key(*known) {
            *known = place;
        }
    }
    places
}

fn give(span: &mut LooseSpan, resource: ResourceId, names: &Names) {
    let operation = names.operation_of(span.operation);
    let of = |service| names.known_operation(&Operation { service, ..operation });
    let service = names.resource_of(resource).service;
    let unknown = || of(names.known(UNKNOWN_SERVICE)?);
    span.operation = of(service).or_else(unknown).unwrap_or(span.operation);
    span.resource = resource;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::TraceId;
    use crate::model::span::{Codes, Status};
    use crate::model::span_kind::SpanKind;
    use crate::model::target::TargetId;
    use crate::model::time::Interval;

    fn span(id: u8, parent: u8, service: &str, names: &mut Names) -> LooseSpan {
        let service = names.intern(service);
        let name = names.intern("work");
        let resource = names.resource(Resource { service, ..Resource::default() });
        LooseSpan {
            trace: TraceId([1; 16]),
            id: SpanId([id; 8]),
            parent: SpanId([parent; 8]),
            time: Interval::default(),
            operation: names.operation(Operation { service, name, kind: SpanKind::Internal }),
            name,
            resource,
            target: TargetId::NONE,
            codes: Codes::default(),
            status: Status::Unset,
            detail: None,
            attributes: Box::default(),
        }
    }

    #[test]
    fn parts_have_the_service_of_the_span_above_them() {
        let mut names = Names::new();
        let told =
            [(1, 0, "shop"), (4, 3, ""), (3, 2, ""), (2, 1, ""), (5, 1, "cart"), (6, 5, ""), (7, 9, ""), (8, 8, "")];
        let mut spans: Vec<LooseSpan> =
            told.iter().map(|&(id, parent, service)| span(id, parent, service, &mut names)).collect();
        spans.push(span(10, 11, "", &mut names));
        spans.push(span(11, 10, "", &mut names));
        names.spread_nameless();
        join(&mut spans, &names);
        let services: Vec<&str> =
            spans.iter().map(|span| names.text(names.operation_of(span.operation).service)).collect();
        let unknown = UNKNOWN_SERVICE;
        assert_eq!(services, ["shop", "shop", "shop", "shop", "cart", "cart", unknown, unknown, unknown, unknown]);
        let of_resource = |span: &LooseSpan| names.text(names.resource_of(span.resource).service);
        assert_eq!(spans.iter().map(of_resource).collect::<Vec<_>>(), services);
    }
}
