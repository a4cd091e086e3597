//! How long messages waited whose consumers begin traces of their own: a span link leads from the work back to the message.
//!
//! ```text
//! trace 1   POST /order of shop
//!           └─ orders publish  |====|            ◄──── link ────┐
//!                                   :...... wait ......:        │
//! trace 2                                              |== orders process of accounting ==|
//! ```
//!
//! The two ends pass by in any order, in any piece of the window. Of both, those with the smallest lots are kept, and the lot is
//! that of the message: a message that is kept on one side is as likely kept on the other.

use crate::facts::bottom::Bottom;
use crate::facts::cause::OperationName;
use crate::facts::profile::{SEEN_OF_SITE, Seen, Site, SiteFacts};
use crate::facts::sample::spelt_out;
use crate::facts::shared_names::SharedNames;
use crate::model::ids::{SpanId, TraceId};
use crate::model::lot::{lot_of_span, lot_of_trace};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::Link;
use crate::model::time::Nanos;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use hashbrown::HashMap;
use std::sync::Arc;

/// How many messages, and how many spans that took one, are kept; an even sample of more.
pub const MESSAGES: usize = 1 << 15;

/// A message as it was sent; `N` is how operations are named.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Sent<N> {
    message: (TraceId, SpanId),
    /// When the sending had ended.
    end: Nanos,
    /// How long the sending took, nanoseconds.
    duration: u64,
    /// What the sender was asked for: see [`Site::request`].
    request: N,
    operation: N,
}

/// A message as it was taken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Taken<N> {
    message: (TraceId, SpanId),
    /// When the work on it began.
    start: Nanos,
    trace: TraceId,
    span: SpanId,
    operation: N,
}

type Name = Arc<OperationName>;

/// Messages of a window and who took them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Waits {
    sent: Bottom<Sent<Name>>,
    taken: Bottom<Taken<Name>>,
    /// What both ends are kept of, by place, once the window is whole.
    pub(crate) sites: OrderedMap<Arc<Site>, SiteFacts>,
}

impl Waits {
    /// Adds those of another piece of the window.
    pub(crate) fn merge(&mut self, other: Self) {
        self.sent.merge(other.sent, MESSAGES);
        self.taken.merge(other.taken, MESSAGES);
    }

    /// Gives services and operations other names.
    pub(crate) fn renamed(self, mut renamed: impl FnMut(String) -> String) -> Self {
        let mut shared = SharedNames::new(|name: &Name| OperationName {
            service: renamed(name.service.clone()),
            operation: renamed(name.operation.clone()),
        });
        let sent = self.sent.map(|it| it.named(|name| shared.of(name)));
        let taken = self.taken.map(|it| it.named(|name| shared.of(name)));
        let mut waits = Self { sent, taken, sites: OrderedMap::new() };
        waits.settle();
        waits
    }

    /// Finds out how long each message waited of which both ends are kept. One that comes again, because the work on it failed,
    /// waited until it came first.
    pub(crate) fn settle(&mut self) {
        self.sites.clear();
        // Of most windows no message was taken in another trace.
        if self.sent.is_empty() || self.taken.is_empty() {
            return;
        }
        self.sent.keep(MESSAGES);
        self.taken.keep(MESSAGES);
        let sent: HashMap<(TraceId, SpanId), &Sent<Name>> = self.sent.iter().map(|sent| (sent.message, sent)).collect();
        let mut first: OrderedMap<((TraceId, SpanId), &OperationName), &Taken<Name>> = OrderedMap::new();
        for taken in self.taken.iter() {
            let known = first.entry((taken.message, &taken.operation)).or_insert(taken);
            *known = (*known).min(taken);
        }
        let mut sites: OrderedMap<Arc<Site>, SiteFacts> = OrderedMap::new();
        for ((message, consumer), taken) in first {
            let Some(sent) = sent.get(&message) else { continue };
            let site = Arc::new(Site {
                service: sent.operation.service.clone(),
                request: sent.request.operation.clone(),
                operation: sent.operation.operation.clone(),
                callee: Some(consumer.clone()),
                peer: None,
                queued: true,
            });
            let seen = Seen {
                start: taken.start,
                trace: taken.trace,
                span: taken.span,
                time: taken.start.0.saturating_sub(sent.end.0),
                duration: sent.duration,
                course: Arc::default(),
                called: None,
            };
            let facts = sites.entry(site).or_default();
            facts.total += 1;
            facts.seen.take(lot_of(message), seen, SEEN_OF_SITE);
        }
        sites.values_mut().for_each(|facts| facts.seen.keep(SEEN_OF_SITE));
        self.sites = sites;
    }
}

/// Gathers them while traces pass.
#[derive(Debug, Default)]
pub(crate) struct WaitGathering {
    sent: Bottom<Sent<OpId>>,
    taken: Bottom<Taken<OpId>>,
}

impl WaitGathering {
    /// Adds a PRODUCER span that nobody answers in its trace, within the work on `request`.
    pub(crate) fn add_sent(&mut self, tree: &TraceTree, ix: SpanIx, request: OpId) {
        let span = tree.span(ix);
        let message = (tree.id, span.id);
        let lot = lot_of(message);
        if self.sent.wants(lot) {
            let (end, duration, operation) = (span.time.end, span.time.duration(), span.operation);
            self.sent.take(lot, Sent { message, end, duration, request, operation }, MESSAGES);
        }
    }

    /// Adds a CONSUMER span, if it has links to other traces. Messages of one batch wait for the same start, which is no more
    /// than one wait: that of the message with the smallest lot.
    pub(crate) fn add_taken(&mut self, tree: &TraceTree, ix: SpanIx) {
        let span = tree.span(ix);
        let Some(detail) = &span.detail else { return };
        let messages =
            detail.links.iter().filter(|link| link.trace != tree.id).map(|&Link { trace, span }| (trace, span));
        let Some((lot, message)) = messages.map(|message| (lot_of(message), message)).min() else { return };
        if self.taken.wants(lot) {
            let (start, trace, operation) = (span.time.start, tree.id, span.operation);
            self.taken.take(lot, Taken { message, start, trace, span: span.id, operation }, MESSAGES);
        }
    }

    /// Those that are kept, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Waits {
        let mut shared = SharedNames::new(|&id: &OpId| spelt_out(names, id));
        let sent = self.sent.map(|it| it.named(|id| shared.of(id)));
        let taken = self.taken.map(|it| it.named(|id| shared.of(id)));
        Waits { sent, taken, sites: OrderedMap::new() }
    }
}

impl<N> Sent<N> {
    fn named<M>(self, mut named: impl FnMut(N) -> M) -> Sent<M> {
        let Self { message, end, duration, request, operation } = self;
        Sent { message, end, duration, request: named(request), operation: named(operation) }
    }
}

impl<N> Taken<N> {
    fn named<M>(self, mut named: impl FnMut(N) -> M) -> Taken<M> {
        let Self { message, start, trace, span, operation } = self;
        Taken { message, start, trace, span, operation: named(operation) }
    }
}

fn lot_of((trace, span): (TraceId, SpanId)) -> u64 {
    lot_of_span(lot_of_trace(trace), span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(service: &str, operation: &str) -> Name {
        Arc::new(OperationName { service: service.to_owned(), operation: operation.to_owned() })
    }

    fn message(number: u64) -> (TraceId, SpanId) {
        (TraceId(u128::from(number).to_be_bytes()), SpanId(number.to_be_bytes()))
    }

    fn sent(number: u64) -> Waits {
        let mut waits = Waits::default();
        put_sent(&mut waits, number);
        waits
    }

    fn put_sent(waits: &mut Waits, number: u64) {
        let sent = Sent {
            message: message(number),
            end: Nanos(100),
            duration: 10,
            request: name("shop", "POST /order"),
            operation: name("shop", "orders publish"),
        };
        waits.sent.take(lot_of(message(number)), sent, MESSAGES);
    }

    fn taken(number: u64, start: u64) -> Waits {
        let mut waits = Waits::default();
        put_taken(&mut waits, number, start);
        waits
    }

    fn put_taken(waits: &mut Waits, number: u64, start: u64) {
        let taken = Taken {
            message: message(number),
            start: Nanos(start),
            trace: TraceId(u128::from(start).to_be_bytes()),
            span: SpanId(start.to_be_bytes()),
            operation: name("accounting", "orders process"),
        };
        waits.taken.take(lot_of(message(number)), taken, MESSAGES);
    }

    fn whole(pieces: impl IntoIterator<Item = Waits>) -> Waits {
        let mut whole = Waits::default();
        pieces.into_iter().for_each(|piece| whole.merge(piece));
        whole.settle();
        whole
    }

    fn times(waits: &Waits) -> Vec<u64> {
        let mut times: Vec<u64> =
            waits.sites.values().flat_map(|facts| facts.seen.iter().map(|seen| seen.time)).collect();
        times.sort_unstable();
        times
    }

    #[test]
    fn both_ends_meet_in_whatever_order_they_come() {
        let pieces = || [sent(1), taken(2, 170), sent(2), taken(1, 150), taken(3, 900)];
        let one = whole(pieces());
        let mut other: Vec<Waits> = pieces().into();
        other.reverse();
        assert_eq!(times(&one), [50, 70], "of the third nobody knows when it was sent");
        assert_eq!(one, whole(other));
        let site = one.sites.keys().next().map(|site| (&*site.service, &*site.request, site.queued));
        assert_eq!(site, Some(("shop", "POST /order", true)));
    }

    #[test]
    fn a_message_that_comes_again_waited_until_it_came_first() {
        assert_eq!(times(&whole([sent(1), taken(1, 5_000), taken(1, 150)])), [50]);
    }

    #[test]
    fn a_window_that_is_settled_twice_is_the_same() {
        let mut waits = whole([sent(1), taken(1, 150)]);
        let once = waits.clone();
        waits.settle();
        assert_eq!(waits, once);
        let renamed = waits.renamed(|name| format!("{name}'"));
        assert_eq!(renamed.sites.keys().map(|site| &*site.service).collect::<Vec<_>>(), ["shop'"]);
    }

    #[test]
    fn samples_of_both_ends_have_messages_in_common() {
        let (mut of_senders, mut of_consumers) = (Waits::default(), Waits::default());
        for number in 0..3 * MESSAGES as u64 {
            put_sent(&mut of_senders, number);
            put_taken(&mut of_consumers, number, 150);
        }
        let waits = whole([of_senders, of_consumers]);
        let seen: u64 = waits.sites.values().map(|facts| facts.total).sum();
        assert_eq!(seen, MESSAGES as u64);
    }
}
