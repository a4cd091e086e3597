//! Parts of spans that were sent without a time, as Zipkin's reporters do: tags that came when a span had been sent
//! already, and server halves of calls whose time is the client's to tell.
//!
//! ```text
//! id 7 SERVER cart 12:00:01, id 7 cart error="full"      ->  one span, with the error      its time tells which is the span
//! id 7 CLIENT shop 12:00:01, id 7 SERVER cart, no time   ->  both, at the time of the call
//! ... and id 7 cart error="full"                         ->  the same, and the error is the server's
//! ```

use crate::assemble::by_id::ById;
use crate::model::names::Names;
use crate::model::span::{Detail, LooseSpan};
use crate::model::span_kind::SpanKind;
use crate::model::target::TargetId;
use crate::model::time::{Interval, Nanos};

/// How many spans of one id may have a time, for it to be told what belongs to which: the halves of a call.
const HALVES: usize = 2;

/// Up to how many attributes are taken from parts.
const ATTRIBUTES: usize = 128;

/// Gives what parts tell to the spans that they belong to, and lets go of the parts: a span without a time belongs to the
/// one span of its id, its service and its kind that has one, or will have that of the call of which it is the server's half.
/// What the span tells itself stays. Time is linear in the number of spans.
pub(crate) fn join(spans: &mut ById, names: &Names) {
    if spans.iter().all(|span| !is_untimed(span)) {
        return;
    }
    let pairs = pairs(spans, names);
    for &(place, whole) in &pairs {
        let part = &mut spans[place];
        let (detail, attributes) = (part.detail.take(), std::mem::take(&mut part.attributes));
        let part = LooseSpan { detail, attributes, ..part.clone() };
        fill(&mut spans[whole], part, names);
    }
    spans.let_go(pairs.iter().map(|&(place, _)| place));
}

/// The places of parts, in order, and of the spans that they belong to.
fn pairs(spans: &ById, names: &Names) -> Vec<(usize, usize)> {
    let (mut pairs, mut from) = (Vec::new(), 0);
    while from < spans.len() {
        let to = (from + 1..spans.len()).find(|&place| !spans.same_id(from, place)).unwrap_or(spans.len());
        let places = || (from..to).map(|place| (place, &spans[place]));
        let mut wholes: Vec<(usize, &LooseSpan)> =
            places().filter(|(_, span)| !is_untimed(span)).take(HALVES + 1).collect();
        let half = if let [(_, call)] = wholes[..] { half_of(call, places(), names) } else { None };
        wholes.extend(half);
        if to - from > 1 && wholes.len() <= HALVES {
            let is_half = |place: usize| half.is_some_and(|(half, _)| half == place);
            for (place, part) in places().filter(|&(place, span)| is_untimed(span) && !is_half(place)) {
                let mut wholes = wholes.iter().filter(|(_, whole)| belongs(part, whole, names));
                if let (Some(&(whole, _)), None) = (wholes.next(), wholes.next()) {
                    pairs.push((place, whole));
                }
            }
        }
        from = to;
    }
    pairs
}

/// The server's half of a call without a time of its own, and its place among the spans of this id: the first SERVER span, if
/// all that have no time are of one service.
fn half_of<'s>(
    call: &LooseSpan,
    mut places: impl Iterator<Item = (usize, &'s LooseSpan)>,
    names: &Names,
) -> Option<(usize, &'s LooseSpan)> {
    let is_server = |span: &LooseSpan| is_untimed(span) && span.kind_of(names) == SpanKind::Server;
    let service = |span: &LooseSpan| names.operation_of(span.operation).service;
    if call.kind_of(names) != SpanKind::Client {
        return None;
    }
    let half = places.find(|(_, span)| is_server(span))?;
    places.all(|(_, span)| !is_server(span) || service(span) == service(half.1)).then_some(half)
}

/// Whether nobody told when the span was.
pub(crate) fn is_untimed(span: &LooseSpan) -> bool {
    span.time.start.0 == 0
}

/// The time of a server half without one: that of the call. Where it tells how long it took, it begins with the call, and may
/// go on behind its end: a client that gave up does not end the server's work.
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

fn fill(whole: &mut LooseSpan, part: LooseSpan, names: &Names) {
    // An end before its start is told as what it is.
    if whole.time.start == whole.time.end {
        whole.time.end = Nanos(whole.time.start.0.saturating_add(part.time.duration()));
    }
    // The name is a part of the operation. That of a part without a kind is of another kind.
    if whole.name.is_empty() && part.kind_of(names) == whole.kind_of(names) {
        whole.name = part.name;
        if names.operation_of(whole.operation).name.is_empty() {
            whole.operation = part.operation;
        }
    }
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
mod tests;
