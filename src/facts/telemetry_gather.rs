//! From assembled traces to the facts of their telemetry: counts by id while traces pass, whole words at the end.

use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::kind::{peer, sends_no_spans};
use crate::analyze::stack::language::parse;
use crate::assemble::met::Met;
use crate::assemble::trace::Assembled;
use crate::facts::operation_words::{has_id, is_vague};
use crate::facts::rows::is_request;
use crate::facts::telemetry::{CallFacts, ServiceTelemetry, SkewFacts, TelemetryFacts, TraceCounts};
use crate::model::defect::Defect;
use crate::model::names::Names;
use crate::model::operation::{OpId, Operation};
use crate::model::resource::ResourceId;
use crate::model::span::{Codes, Status};
use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::time::Interval;
use crate::model::tree::{RootReason, SpanIx, TraceTree};
use hashbrown::HashMap;

/// Gathers the facts of traces that share one [`Names`].
#[derive(Debug, Default)]
pub struct TelemetryGathering {
    services: HashMap<Sym, OneService>,
    resources: HashMap<ResourceId, u64>,
    /// SERVER spans by operation.
    server_spans: HashMap<OpId, u64>,
    /// By callee and caller.
    callers: HashMap<(Sym, Sym), u64>,
    skews: HashMap<(Sym, Sym), SkewFacts>,
    calls: HashMap<(Sym, TargetId), CallFacts>,
    traces: TraceCounts,
}

#[derive(Debug, Default)]
struct OneService {
    facts: ServiceTelemetry,
    /// The last trace that it was met in, counted from 1.
    last_trace: u64,
}

impl TelemetryGathering {
    /// Adds one trace.
    pub fn add(&mut self, assembled: &Assembled, diagnosis: &Diagnosis, names: &Names) {
        let tree = &assembled.tree;
        for met in &assembled.met {
            self.add_met(met, names);
        }
        if tree.is_empty() {
            self.traces.without_span += 1;
            return;
        }
        self.traces.all += 1;
        self.traces.with_error += u64::from(tree.spans.iter().any(|span| span.status == Status::Error));
        self.traces.without_root += u64::from(tree.roots.iter().all(|&(_, reason)| reason == RootReason::Orphan));
        let answered = answered(tree, names);
        for ix in tree.indices() {
            self.add_span(tree, ix, diagnosis, names);
            self.add_call(tree, ix, diagnosis, &answered, names);
        }
        for &(ix, reason) in &tree.roots {
            let kind = operation(tree, ix, names).kind;
            let facts = self.service(tree, ix, names);
            match reason {
                RootReason::Orphan if kind.takes_work() => facts.orphan_requests += 1,
                RootReason::Orphan => facts.orphan_spans += 1,
                RootReason::Named if kind.takes_work() => facts.root_requests += 1,
                RootReason::Named | RootReason::Broken => {}
            }
        }
        for origin in diagnosis.origins.iter().filter(|origin| !origin.client_fault) {
            let facts = self.service(tree, origin.span, names);
            facts.failures += 1;
            facts.wordless_failures += u64::from(origin.exception.is_none() && origin.text.is_none());
        }
    }

    fn add_met(&mut self, met: &Met, names: &Names) {
        let service = |resource| names.resource_of(resource).service;
        let callee = service(met.at);
        self.services.entry(callee).or_default().facts.defects.add(met.defect);
        if matches!(met.defect, Defect::SkewCorrected | Defect::SkewBeyondBound) {
            let skew = self.skews.entry((callee, service(met.caller))).or_default();
            skew.moved += u64::from(met.defect == Defect::SkewCorrected);
            skew.left += u64::from(met.defect == Defect::SkewBeyondBound);
            // A span that must move back starts too late.
            skew.ahead += u64::from(met.by < 0);
            skew.distance.add(met.by.unsigned_abs());
        }
    }

    fn service(&mut self, tree: &TraceTree, ix: SpanIx, names: &Names) -> &mut ServiceTelemetry {
        &mut self.services.entry(operation(tree, ix, names).service).or_default().facts
    }

    fn add_span(&mut self, tree: &TraceTree, ix: SpanIx, diagnosis: &Diagnosis, names: &Names) {
        let span = tree.span(ix);
        let Operation { service, kind, .. } = operation(tree, ix, names);
        *self.resources.entry(span.resource).or_default() += 1;
        let trace = self.traces.all;
        let known = self.services.entry(service).or_default();
        let facts = &mut known.facts;
        facts.traces += u64::from(known.last_trace != trace);
        known.last_trace = trace;
        facts.spans += 1;
        facts.time = Interval::of_both(facts.time, Some(span.time));
        facts.requests += u64::from(is_request(tree, ix, names));
        facts.without_kind += u64::from(kind == SpanKind::Unspecified);
        if kind == SpanKind::Server {
            *self.server_spans.entry(span.operation).or_default() += 1;
            facts.server_spans += 1;
            let tells = span.status != Status::Unset || span.codes != Codes::default() || diagnosis.carries(ix);
            facts.without_answer += u64::from(!tells);
        }
        let mut exceptions = tree.exceptions_of(ix).peekable();
        if exceptions.peek().is_some() {
            facts.exceptions += 1;
            let mut stacks =
                exceptions.map(|told| &told.stacktrace).filter(|stack| !stack.trim().is_empty()).peekable();
            if stacks.peek().is_none() {
                facts.without_stack += 1;
            } else {
                facts.unknown_stack += u64::from(!stacks.any(|stack| parse(stack).is_some()));
            }
        }
        if diagnosis.carries(ix) && span.detail.as_ref().is_some_and(|detail| detail.dropped_events > 0) {
            facts.defects.add(Defect::DroppedEvents);
        }
        if kind.takes_work()
            && let Some(above) = tree.parent_of(ix)
        {
            let caller = operation(tree, above, names).service;
            if caller != service {
                *self.callers.entry((service, caller)).or_default() += 1;
            }
        }
    }

    fn add_call(&mut self, tree: &TraceTree, ix: SpanIx, diagnosis: &Diagnosis, answered: &[bool], names: &Names) {
        let span = tree.span(ix);
        let Operation { service, kind, .. } = operation(tree, ix, names);
        let within_a_call = tree.parent_of(ix).map(|above| operation(tree, above, names));
        let outermost = within_a_call.is_none_or(|above| above.service != service || !above.kind.gives_work());
        if !kind.gives_work() || !outermost {
            return;
        }
        let target = names.target_of(span.target);
        let unnamed = !answered[ix.at()] && peer(&target, names).is_none();
        let facts = self.service(tree, ix, names);
        facts.calls += 1;
        facts.unnamed_calls += u64::from(unnamed);
        // A call that found nobody has no span of its callee, and need not.
        let well = !diagnosis.carries(ix) && span.status != Status::Error;
        if kind == SpanKind::Client && well && !unnamed && !sends_no_spans(&target, names) {
            let calls = self.calls.entry((service, span.target)).or_default();
            calls.well += 1;
            calls.unanswered += u64::from(!answered[ix.at()]);
        }
    }

    /// The facts, with names spelt out.
    #[must_use]
    pub fn finish(self, names: &Names) -> TelemetryFacts {
        let text = |sym| names.text(sym).to_owned();
        let mut facts = TelemetryFacts { traces: self.traces, ..TelemetryFacts::default() };
        for (service, one) in self.services {
            facts.services.insert(text(service), one.facts);
        }
        for (resource, spans) in self.resources {
            let resource = names.resource_of(resource);
            let service = facts.services.entry(text(resource.service)).or_default();
            match names.text(resource.version) {
                "" => service.without_version += spans,
                version => service.versions.add(version, spans),
            }
            match names.text(resource.instance) {
                "" => service.without_instance += spans,
                instance => service.instances.add(instance, spans),
            }
            service.without_host += if resource.host.is_empty() { spans } else { 0 };
        }
        for (operation, spans) in self.server_spans {
            let operation = names.operation_of(operation);
            let name = names.text(operation.name);
            let service = facts.services.entry(text(operation.service)).or_default();
            service.vague_operations += if is_vague(name) { spans } else { 0 };
            service.operations_with_ids += if has_id(name) { spans } else { 0 };
        }
        for ((callee, caller), calls) in self.callers {
            let service = facts.services.entry(text(callee)).or_default();
            *service.callers.entry(text(caller)).or_default() += calls;
        }
        for ((callee, caller), skew) in self.skews {
            facts.skews.insert((text(callee), text(caller)), skew);
        }
        for ((service, target), calls) in self.calls {
            if let Some(peer) = peer(&names.target_of(target), names) {
                let known = facts.calls.entry((text(service), peer)).or_default();
                known.well += calls.well;
                known.unanswered += calls.unanswered;
            }
        }
        facts
    }
}

fn operation(tree: &TraceTree, ix: SpanIx, names: &Names) -> Operation {
    names.operation_of(tree.span(ix).operation)
}

/// For each call, whether there is a span of the callee below it: right below, or below another call that the same
/// service made for it.
///
/// ```text
/// shop  CLIENT GetItem      answered by way of the call below it
/// └─ shop  CLIENT POST      answered
///    └─ items  SERVER POST
/// ```
fn answered(tree: &TraceTree, names: &Names) -> Vec<bool> {
    let mut answered = vec![false; tree.len()];
    for ix in tree.indices().rev() {
        let Some(above) = tree.parent_of(ix) else { continue };
        let (own, caller) = (operation(tree, ix, names), operation(tree, above, names));
        let other_side = own.kind.takes_work() || own.service != caller.service;
        answered[above.at()] |= other_side || (own.kind.gives_work() && answered[ix.at()]);
    }
    answered
}
