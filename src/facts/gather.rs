//! From diagnoses to facts: counts by id while traces pass, whole words at the end.

use crate::analyze::confidence::{Point, Points};
use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::kind::{CauseKind, peer};
use crate::analyze::origin::{Effect, Ending, Origin};
use crate::assemble::trace::Assembled;
use crate::facts::askers::{AskerGathering, LINKED, linked};
use crate::facts::by_number::ByNumber;
use crate::facts::cause::{CauseFacts, Exemplar, OperationName};
use crate::facts::compares::Compares;
use crate::facts::entry_gather::EntryGathering;
use crate::facts::exemplar_trace::Drawn;
use crate::facts::pictures::Drawing;
use crate::facts::profile_gather::Profiling;
use crate::facts::request_counts::RequestCounts;
use crate::facts::request_gather::RequestGathering;
use crate::facts::rows::request;
use crate::facts::running::RunningGathering;
use crate::facts::sample::{Sample, spelt_out};
use crate::facts::service_facts::ServiceFacts;
use crate::facts::together::{REQUESTS_OF_UNREACHED, UNREACHED_OF_TRACE, Unreached};
use crate::facts::window::WindowFacts;
use crate::model::defect::Defect;
use crate::model::lot::lot_of_trace;
use crate::model::names::Names;
use crate::model::operation::{OpId, Operation};
use crate::model::resource::UNKNOWN_SERVICE;
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use hashbrown::HashMap;

/// How many root causes of one trace may draw it: of more, those first by signature.
const DRAWN_OF_TRACE: usize = 8;

/// Gathers the facts of traces that share one [`Names`].
#[derive(Debug, Default)]
pub struct Gathering {
    facts: WindowFacts,
    entries: EntryGathering,
    /// How often each operation was asked for, by its number, unless the window is looked at by itself.
    operations: Option<ByNumber<RequestCounts>>,
    /// What was asked of each service, by the number of its name.
    services: ByNumber<ServiceFacts>,
    answers: HashMap<(TargetId, Sym), u64>,
    /// Where requests are to be compared with those of another window.
    compared: Option<(RequestGathering, RunningGathering)>,
    /// Where they are to be compared with any.
    profiling: Option<Profiling>,
    askers: AskerGathering,
    drawing: Drawing,
}

impl Gathering {
    /// Nothing yet. `compares` says what requests are to be compared with.
    #[must_use]
    pub fn new(compares: Compares) -> Self {
        let compared = (compares == Compares::Windows).then(Default::default);
        Self { compared, profiling: Profiling::of(compares), operations: Some(ByNumber::default()), ..Self::default() }
    }

    /// The same for a window that is looked at by itself: where every request has an operation of its own, to count them takes
    /// much, and only another window asks for that.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { operations: None, ..self }
    }

    /// Adds one trace.
    pub fn add(&mut self, assembled: &Assembled, diagnosis: &Diagnosis, names: &Names) {
        let tree = &assembled.tree;
        self.facts.defects.merge(&assembled.defects);
        if tree.is_empty() {
            return;
        }
        self.facts.traces += 1;
        self.facts.spans += tree.len() as u64;
        self.facts.callers_own += diagnosis.callers_own;
        self.facts.called_off += diagnosis.called_off;
        self.facts.defects.add_many(Defect::OriginsNotDescribed, diagnosis.more_origins);
        let failed = diagnosis.failed_entries();
        self.add_requests(tree, diagnosis, &failed, names);
        self.facts.failing_traces += u64::from(!failed.is_empty());
        let sends = |&ix: &SpanIx| names.operation_of(tree.span(ix).operation).kind == SpanKind::Producer;
        let producers: Vec<SpanIx> = tree.indices().filter(sends).collect();
        // A load generator that finds nobody fails in a root that is no entry point otherwise.
        let others = || failed.iter().filter(|&&entry| !diagnosis.entries.contains(entry));
        let entries = || {
            let all = diagnosis.entries.spans.iter().chain(others());
            all.map(|&entry| (entry, failed.binary_search(&entry).is_ok()))
        };
        for (entry, has_failed) in entries() {
            self.entries.add(tree, entry, has_failed, &producers, names);
        }
        if !producers.is_empty() {
            self.askers.add(tree, diagnosis);
        }
        self.drawing.add(tree, diagnosis, entries(), names);
        self.entries.add_failed(self.facts.traces, tree, &failed, names);
        self.add_origins(assembled, diagnosis, &failed, names);
        if let Some((requests, running)) = &mut self.compared {
            let causes = &self.facts.causes;
            requests.add(tree, diagnosis, names, |signature| causes.contains_key(signature));
            running.add(tree, names);
        }
        if let Some(profiling) = &mut self.profiling {
            profiling.add(tree, diagnosis, &failed, names);
        }
        if let Some(start) = tree.start() {
            self.facts.when.add(start);
        }
    }

    fn add_requests(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, failed_entries: &[SpanIx], names: &Names) {
        let unnamed = names.known(UNKNOWN_SERVICE);
        for ix in tree.indices() {
            let span = tree.span(ix);
            // A span that does not tell its time is not of 1970.
            if span.time.start.0 != 0 {
                self.facts.time = Some(self.facts.time.map_or(span.time, |time| time.joined(span.time)));
            }
            let operation = names.operation_of(span.operation);
            if Some(operation.service) == unnamed {
                self.facts.defects.add(Defect::NoServiceName);
            }
            if span.target != TargetId::NONE
                && let Some(callee) = tree.children(ix).next()
            {
                self.add_answer(span.target, operation.service, names.operation_of(tree.span(callee).operation));
            }
            let request = request(tree, ix, diagnosis, failed_entries, names);
            if request.is_request() {
                let failed = u64::from(request.failed());
                if let Some(operations) = &mut self.operations {
                    let asked = operations.of(span.operation.number(), RequestCounts::default);
                    asked.total += 1;
                    asked.failed += failed;
                }
                // By service: where every request has an operation of its own, a list for each takes far more than a number.
                let asked = self.services.of(operation.service.number(), ServiceFacts::default);
                asked.requests += 1;
                asked.failed += failed;
                asked.durations.push(span.time.duration());
            }
            if diagnosis.carries(ix) && span.detail.as_ref().is_some_and(|detail| detail.dropped_events > 0) {
                self.facts.defects.add(Defect::DroppedEvents);
            }
        }
    }

    /// Learns who answers such calls: where one of them finds nobody, this tells whom it was meant for.
    fn add_answer(&mut self, target: TargetId, caller: Sym, callee: Operation) {
        if callee.kind.takes_work() && callee.service != caller {
            *self.answers.entry((target, callee.service)).or_default() += 1;
        }
    }

    /// Each root cause counts once a trace, with the furthest that it got there.
    fn add_origins(&mut self, assembled: &Assembled, diagnosis: &Diagnosis, failed: &[SpanIx], names: &Names) {
        let tree = &assembled.tree;
        let skewed =
            assembled.defects.count(Defect::SkewCorrected) + assembled.defects.count(Defect::SkewBeyondBound) > 0;
        let mut by_signature: OrderedMap<&str, Vec<&Origin>> = OrderedMap::new();
        for origin in &diagnosis.origins {
            by_signature.entry(&origin.signature).or_default().push(origin);
        }
        let finds_nobody = |origin: &&Origin| origin.kind == CauseKind::Unreachable && origin.peer.is_some();
        let several_unreached = diagnosis.origins.iter().filter(finds_nobody).nth(1).is_some();
        let mut unreached: Vec<Unreached<'_>> = Vec::new();
        for (number, (signature, origins)) in by_signature.into_iter().enumerate() {
            let exemplar = |origin: &Origin| Exemplar {
                rank: origin.effect().into(),
                start: tree.span(origin.span).time.start,
                trace: tree.id,
                span: tree.span(origin.span).id,
            };
            let Some(&furthest) = origins.iter().min_by_key(|origin| exemplar(origin)) else { continue };
            let mut points: Points = furthest.points;
            points.set(Point::ClockSkew, skewed);
            let mut facts = CauseFacts::of(Sample::of(tree, diagnosis, furthest, exemplar(furthest), names), points);
            let shows_more = |known: &CauseFacts| facts.sample.exemplar < known.sample.exemplar;
            if number < DRAWN_OF_TRACE && self.facts.causes.get(signature).is_none_or(shows_more) {
                // Only where it will be kept: of most failing traces it is not.
                let way = if furthest.path.is_empty() { std::slice::from_ref(&furthest.span) } else { &furthest.path };
                if let Some(picture) = Drawn::of(tree, diagnosis, way, names) {
                    facts.sample.draw(picture.spelt_out(names));
                }
            }
            if origins.len() > 1 {
                let at = |origin: &Origin| spelt_out(names, tree.span(origin.operation).operation);
                let mut elsewhere: OrderedSet<OperationName> = origins.iter().map(|origin| at(origin)).collect();
                elsewhere.remove(&facts.sample.at);
                elsewhere.into_iter().for_each(|at| facts.began_at.add(at, 1));
            }
            facts.retried = u64::from(matches!(furthest.ending, Ending::Retried(_)));
            facts.left_its_service = u64::from(
                furthest.effect() == Some(Effect::Absorbed) && left_its_service(tree, diagnosis, furthest, names),
            );
            let mut hit = entries_hit(&origins);
            // A request that failed by another cause did not get over this one.
            hit.retain(|entry, effect| *effect == Effect::Fatal || failed.binary_search(entry).is_err());
            for (&entry, effect) in &hit {
                let counts = match effect {
                    Effect::Fatal => &mut facts.failed_entries,
                    Effect::Absorbed => &mut facts.degraded_entries,
                };
                counts.add(spelt_out(names, tree.span(entry).operation), 1);
            }
            if several_unreached && unreached.len() < UNREACHED_OF_TRACE && finds_nobody(&furthest) {
                let hit = hit.into_iter().take(REQUESTS_OF_UNREACHED);
                let hit = hit.map(|(entry, effect)| (entry.0, spelt_out(names, tree.span(entry).operation), effect));
                let rank = facts.sample.exemplar.rank;
                unreached.push(Unreached { signature, rank, hit: hit.collect() });
            }
            let failing = origins.iter().filter(|origin| origin.failed_entry().is_some());
            for trace in failing.flat_map(|origin| linked(tree, &origin.path)) {
                facts.linked.take(lot_of_trace(trace), trace, LINKED);
            }
            self.facts.add_cause(signature.to_owned(), facts);
        }
        self.facts.together.add(&unreached);
    }

    /// The facts, with names spelt out.
    #[must_use]
    pub fn finish(mut self, names: &Names) -> WindowFacts {
        for (number, facts) in self.services.into_values() {
            let service = names.text(Sym::of_number(number)).to_owned();
            self.facts.services.entry(service).or_default().merge(facts);
        }
        for ((target, service), calls) in self.answers {
            if let Some(peer) = peer(&names.target_of(target), names) {
                let services = self.facts.answered_by.entry(peer).or_default();
                *services.entry(names.text(service).to_owned()).or_default() += calls;
            }
        }
        self.entries.finish(names, &mut self.facts);
        if let Some((requests, running)) = self.compared {
            self.facts.requests = requests.finish(names);
            self.facts.running = running.finish(names);
        }
        if let Some(operations) = self.operations {
            self.facts.add_operations(
                operations.into_values().map(|(number, requests)| (OpId::of_number(number), requests)),
                names,
            );
        }
        if let Some(profiling) = self.profiling {
            self.facts.profile = profiling.finish(names);
        }
        self.facts.askers = self.askers.finish(names);
        self.facts.pictures = self.drawing.finish(names);
        self.facts.keep_causes();
        self.facts
    }
}

/// Whether a failure failed the request that its service was asked: one that a caller, not the service itself, got over.
fn left_its_service(tree: &TraceTree, diagnosis: &Diagnosis, origin: &Origin, names: &Names) -> bool {
    let takes_work = names.operation_of(tree.span(origin.operation).operation).kind.takes_work();
    takes_work && diagnosis.failed(origin.operation)
}

/// Each entry point once, with the worst that happened to it.
fn entries_hit(origins: &[&Origin]) -> OrderedMap<SpanIx, Effect> {
    let mut hit: OrderedMap<SpanIx, Effect> = OrderedMap::new();
    for origin in origins {
        let entry = origin.failed_entry().or(origin.entry);
        if let (Some(entry), Some(effect)) = (entry, origin.effect()) {
            let worst = hit.entry(entry).or_insert(effect);
            *worst = (*worst).min(effect);
        }
    }
    hit
}

#[cfg(test)]
mod tests;
