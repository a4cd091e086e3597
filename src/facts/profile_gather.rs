//! From traces to the profile of a window: by ids while traces pass, whole words at the end.

use crate::analyze::critical_path::critical_path;
use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::failure::caller;
use crate::analyze::role::Role;
use crate::analyze::self_time::{callee, self_time};
use crate::facts::callee::Callee;
use crate::facts::compares::Compares;
use crate::facts::course_gather::CourseGathering;
use crate::facts::offers::Offers;
use crate::facts::profile::{PARTS, Passed, Profile, SEEN_OF_SITE, Seen, Site, kept_of_each};
use crate::facts::profile_ids::{PassedIds, SeenIds, SiteKey, spelt};
use crate::facts::site_tallies::{NOT_KEPT, SiteTallies};
use crate::facts::waits::WaitGathering;
use crate::model::lot::{lot_of_span, lot_of_trace};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::Asked;
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use hashbrown::{HashMap, HashSet};
use std::cmp::Reverse;
use std::sync::Arc;

/// What is known of the spans of the trace that is looked at.
#[derive(Clone, Copy, Debug)]
struct Place {
    request: OpId,
    service: Sym,
    site: u32,
    /// A failure touched it, or a span of its own service that it works for: what it did not do, and what it did again, may
    /// be a consequence.
    sick: bool,
}

/// Gathers the profile of traces that share one [`Names`].
///
/// For each span the place is looked up, and its number drawn; only what the sample wants is looked at further, which is
/// less and less of what comes.
#[derive(Debug, Default)]
pub(crate) struct Profiling {
    tallies: SiteTallies,
    courses: CourseGathering,
    /// Kept from trace to trace for its room.
    places: Vec<Place>,
    /// Who takes the message that is looked at; kept for its room.
    consumers: HashSet<OpId>,
    offers: Offers,
    waits: WaitGathering,
    /// Only requests are looked at, and where their time went.
    of_requests_alone: bool,
}

impl Profiling {
    /// What it takes to compare requests with these; `None` when it takes nothing.
    pub(crate) fn of(compares: Compares) -> Option<Self> {
        match compares {
            Compares::Nothing => None,
            Compares::Usual => Some(Self { of_requests_alone: true, ..Self::default() }),
            Compares::Windows => Some(Self::default()),
        }
    }

    /// Adds one trace; `failed` are the entry points that failed, in order.
    pub(crate) fn add(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, failed: &[SpanIx], names: &Names) {
        let has_passed = |entry: &SpanIx| failed.binary_search(entry).is_err();
        if self.of_requests_alone
            && !diagnosis.entries.spans.iter().any(|&entry| has_passed(&entry) && self.may_want(tree, entry, names))
        {
            return;
        }
        self.places.clear();
        self.offers.begin(tree.id);
        let touched = touched(tree, diagnosis);
        let keep = kept_of_each(self.tallies.live());
        for ix in tree.indices() {
            let span = tree.span(ix);
            let operation = names.operation_of(span.operation);
            let above = tree.parent_of(ix).map(|parent| self.places[parent.at()]);
            let within = above.filter(|above| above.service == operation.service);
            let asked = within.filter(|_| !operation.kind.takes_work());
            let answers = callee(tree, ix, names);
            let waited_for = answers.filter(|&callee| caller(tree, callee, names).is_some());
            let key = SiteKey {
                request: asked.map_or(span.operation, |above| above.request),
                operation: span.operation,
                callee: waited_for.map(|callee| tree.span(callee).operation),
                target: if waited_for.is_none() { span.target } else { TargetId::NONE },
                queued: false,
            };
            let site = self.tallies.number(key, names);
            let sick = touched.get(ix.at()) == Some(&true) || within.is_some_and(|above| above.sick);
            self.places.push(Place { request: key.request, service: operation.service, site, sick });
            match operation.kind {
                SpanKind::Producer if answers.is_none() => self.waits.add_sent(tree, ix, key.request),
                SpanKind::Consumer => self.waits.add_taken(tree, ix),
                _ => {}
            }
            if self.of_requests_alone || sick {
                continue;
            }
            if answers.is_some() && waited_for.is_none() {
                self.offer_waits(tree, ix, key, names);
            }
            // What a load generator does by itself is no work of the system, but its wire to the system is.
            if waited_for.is_some() || !diagnosis.entries.on_callers_side(ix) {
                self.offer(site, tree, ix);
            }
        }
        let mut offers = std::mem::take(&mut self.offers);
        offers.draw();
        while let Some((site, ix, lot)) = offers.next() {
            if self.tallies[site].seen.wants(lot) {
                let is_wait = self.tallies[site].key.queued;
                let seen = if is_wait { self.waited(tree, ix) } else { self.seen(tree, ix, names) };
                self.tallies[site].seen.take(lot, seen, keep);
            }
        }
        self.offers = offers;
        for &entry in diagnosis.entries.spans.iter().filter(|&entry| has_passed(entry)) {
            self.add_passed(tree, entry, names, keep);
        }
    }

    /// Counts a span at a place, and offers it to the sample of that.
    fn offer(&mut self, site: u32, tree: &TraceTree, ix: SpanIx) {
        if site == NOT_KEPT {
            return;
        }
        let tally = &mut self.tallies[site];
        tally.total += 1;
        if tally.seen.wants(self.offers.least()) {
            self.offers.offer(site, tree, ix);
        }
    }

    /// Offers the waits of a message that was sent at `sent`: one for each operation that takes it, until the first of its
    /// spans. Each consumer has a lag of its own, and which of them begins first is chance.
    ///
    /// ```text
    /// orders publish       |==|
    /// ├─ orders process of accounting     |====|          waited for accounting:  ..
    /// ├─ orders process of fraud                 |==|     waited for fraud:       .........
    /// └─ orders process of fraud                     |==| the work again: no wait
    /// ```
    fn offer_waits(&mut self, tree: &TraceTree, sent: SpanIx, key: SiteKey, names: &Names) {
        let takes = |&child: &SpanIx| {
            names.operation_of(tree.span(child).operation).kind.takes_work() && caller(tree, child, names).is_none()
        };
        self.consumers.clear();
        for consumer in tree.children(sent).filter(takes) {
            let operation = tree.span(consumer).operation;
            if self.consumers.insert(operation) {
                let wait = SiteKey { callee: Some(operation), target: TargetId::NONE, queued: true, ..key };
                let site = self.tallies.number(wait, names);
                self.offer(site, tree, consumer);
            }
        }
    }

    /// Whether a request would be kept: most traces of a large capture need not be looked at. An entry point has no callee, and
    /// nothing above it in its service.
    fn may_want(&self, tree: &TraceTree, entry: SpanIx, names: &Names) -> bool {
        let span = tree.span(entry);
        let operation = names.operation_of(span.operation);
        let is_alone = tree.parent_of(entry).is_none() && !operation.kind.gives_work();
        if !operation.kind.takes_work() && !is_alone {
            return true;
        }
        let key = SiteKey {
            request: span.operation,
            operation: span.operation,
            callee: None,
            target: span.target,
            queued: false,
        };
        match self.tallies.known(&key) {
            Some(NOT_KEPT) => false,
            Some(number) => {
                let lot = lot_of_span(lot_of_trace(tree.id), span.id);
                self.tallies[number].passed.wants(lot)
            }
            None => true,
        }
    }

    /// What a span at a place shows.
    fn seen(&mut self, tree: &TraceTree, ix: SpanIx, names: &Names) -> SeenIds {
        let span = tree.span(ix);
        let time = self_time(tree, ix, names);
        let course = self.courses.of(tree, ix, names);
        let asked = span.detail.as_ref().and_then(|detail| detail.asked).unwrap_or_default();
        SeenIds {
            start: span.time.start,
            trace: tree.id,
            span: span.id,
            time,
            duration: span.time.duration(),
            course,
            asked,
        }
    }

    /// How long a message waited for the consumer at `ix`, whom the span above it does not wait for.
    fn waited(&mut self, tree: &TraceTree, ix: SpanIx) -> SeenIds {
        let consumer = tree.span(ix);
        let sent = tree.parent_of(ix).map_or(consumer, |sent| tree.span(sent));
        SeenIds {
            start: sent.time.start,
            trace: tree.id,
            span: sent.id,
            time: consumer.time.start.0.saturating_sub(sent.time.end.0),
            duration: sent.time.duration(),
            course: self.courses.none(),
            asked: Asked::default(),
        }
    }

    fn add_passed(&mut self, tree: &TraceTree, entry: SpanIx, names: &Names, keep: usize) {
        let (span, site) = (tree.span(entry), self.places[entry.at()].site);
        if site == NOT_KEPT {
            return;
        }
        let lot = lot_of_span(lot_of_trace(tree.id), span.id);
        if !self.tallies[site].passed.wants(lot) {
            return;
        }
        let mut spent: OrderedMap<u32, (u64, SpanIx)> = OrderedMap::new();
        critical_path(tree, entry, names, |ix, time| {
            let (known, first) = spent.entry(self.places[ix.at()].site).or_insert((0, ix));
            *known += time;
            *first = ix.min(*first);
        });
        let mut parts: Vec<(u32, u64, SpanIx)> =
            spent.into_iter().map(|(site, (time, first))| (site, time, first)).collect();
        parts.sort_unstable_by_key(|&(_, time, first)| (Reverse(time), first));
        let rest: u64 = parts.drain(parts.len().min(PARTS)..).map(|(_, time, _)| time).sum();
        let mut parts: Vec<(u32, u64)> = parts.into_iter().map(|(site, time, _)| (site, time)).collect();
        if rest > 0 {
            parts.push((NOT_KEPT, rest));
        }
        let passed = PassedIds {
            start: span.time.start,
            trace: tree.id,
            span: span.id,
            duration: span.time.duration(),
            parts: parts.into_boxed_slice(),
        };
        self.tallies[site].passed.take(lot, passed, keep);
    }

    /// The profile, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Profile {
        let keep = kept_of_each(self.tallies.live());
        let mut courses = self.courses.finish(names);
        let sites: Vec<Arc<Site>> = self.tallies.keys().map(|key| Arc::new(spelt(key, names))).collect();
        let mut callees: HashMap<(TargetId, Asked), Arc<Callee>> = HashMap::new();
        let mut called = |target: TargetId, asked: Asked| {
            let made = || Arc::new(Callee::of(names, target, asked));
            (target != TargetId::NONE).then(|| Arc::clone(callees.entry((target, asked)).or_insert_with(made)))
        };
        let mut profile = Profile { waits: self.waits.finish(names), ..Profile::default() };
        for (number, mut tally) in self.tallies.into_kept() {
            tally.seen.keep(keep);
            tally.passed.keep(keep);
            let seen = tally.seen.map(|it| Seen {
                start: it.start,
                trace: it.trace,
                span: it.span,
                time: it.time,
                duration: it.duration,
                course: courses.of(it.course),
                called: called(tally.key.target, it.asked),
            });
            let passed = tally.passed.map(|it| Passed {
                start: it.start,
                trace: it.trace,
                span: it.span,
                duration: it.duration,
                parts: it.parts.iter().map(|&(site, time)| (sites.get(site as usize).cloned(), time)).collect(),
            });
            // Operations that differ in their kind only are one in words.
            let known = profile.sites.entry(Arc::clone(&sites[number])).or_default();
            known.total += tally.total;
            known.seen.merge(seen, SEEN_OF_SITE);
            known.passed.merge(passed, SEEN_OF_SITE);
        }
        profile.sites.retain(|_, facts| facts.total > 0 || facts.passed.iter().len() > 0);
        profile.keep();
        profile
    }
}

/// The spans that a failure touched, and those right above them, which may have tried again or done without; empty when
/// there is none.
fn touched(tree: &TraceTree, diagnosis: &Diagnosis) -> Vec<bool> {
    if diagnosis.roles.is_empty() {
        return Vec::new();
    }
    let mut touched = vec![false; tree.len()];
    for ix in tree.indices().filter(|&ix| diagnosis.role(ix) != Role::Healthy) {
        touched[ix.at()] = true;
        if let Some(above) = tree.parent_of(ix) {
            touched[above.at()] = true;
        }
    }
    touched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::diagnosis::diagnose;
    use crate::analyze::drawn_tree::drawn;

    fn profile(drawing: &str) -> Profile {
        let (tree, names) = drawn(drawing);
        let diagnosis = diagnose(&tree, &names);
        let mut profiling = Profiling::default();
        profiling.add(&tree, &diagnosis, &diagnosis.failed_entries(), &names);
        profiling.finish(&names)
    }

    /// `service/operation>callee time [acts]` of each place.
    fn told(profile: &Profile) -> Vec<String> {
        let place = |site: &Site| {
            let callee = site.callee.as_ref().map_or(String::new(), |callee| format!(">{}", callee.operation));
            format!("{}/{}{callee}", site.request, site.operation)
        };
        let told = profile.sites.iter().flat_map(|(site, facts)| {
            facts.seen.iter().map(move |seen| {
                let acts: Vec<String> =
                    seen.course.0.iter().map(|(act, times)| format!("{} {times}", act.what)).collect();
                format!("{} {} [{}]", place(site), seen.time, acts.join(", "))
            })
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    }

    #[test]
    fn a_place_is_an_operation_within_what_its_service_was_asked_for() {
        let drawing = "shop server 0..100\n shop client 10..60\n  cart server 20..50\n shop internal 70..80\n shop internal 80..90";
        let told = told(&profile(drawing));
        // The operation of the inner spans has the name of the server's: they are one in words.
        let all = [
            "cart/cart 30 []",
            "shop/shop 10 []",
            "shop/shop 10 []",
            "shop/shop 30 [shop 2, cart 1]",
            "shop/shop>cart 20 [cart 1]",
        ];
        let mut all = all.map(str::to_owned);
        all.sort();
        assert_eq!(told.iter().map(|told| told.replace("cart 1, shop 2", "shop 2, cart 1")).collect::<Vec<_>>(), all);
    }

    #[test]
    fn a_queue_is_waited_in_from_the_end_of_the_sending() {
        let told = told(&profile("shop server 0..50\n shop producer 10..20\n  work consumer 95..99"));
        assert_eq!(told, ["shop/shop 10 [work 1]", "shop/shop 40 [work 1]", "shop/shop>work 75 []", "work/work 4 []"]);
    }

    #[test]
    fn each_consumer_of_a_message_has_a_wait_of_its_own_until_it_began_first() {
        let drawing = "shop server 0..50\n shop producer 10..20\n  work consumer 95..99\n  mail consumer 30..40\n  work consumer 200..210";
        let told = told(&profile(drawing));
        let waits: Vec<&String> = told.iter().filter(|told| told.contains('>')).collect();
        assert_eq!(waits, ["shop/shop>mail 10 []", "shop/shop>work 75 []"]);
        assert!(told.iter().any(|told| told.starts_with("shop/shop 10 [")), "the sending itself: {told:?}");
    }

    #[test]
    fn the_parts_of_a_request_add_up() {
        let profile = profile("shop server 0..100\n shop client 10..60\n  cart server 20..50");
        let passed: Vec<&Passed> = profile.sites.values().flat_map(|facts| facts.passed.iter()).collect();
        assert_eq!(passed.len(), 1);
        assert_eq!(passed[0].parts.iter().map(|(_, time)| time).sum::<u64>(), passed[0].duration);
        assert_eq!(passed[0].parts.len(), 3);
    }
}
