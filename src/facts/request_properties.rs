//! What one request had: collected along its way through the services.
//!
//! ```text
//! loadgenerator user_checkout        ┐
//! └─ frontend POST /checkout         │ attributes of spans, resources of processes
//!    └─ checkout PlaceOrder          ┘
//!       ├─ checkout prepare          attributes: the same service, on the request's behalf
//!       └─ checkout Charge           attributes
//!          └─ payment Charge         resource alone: whom it reached
//! ```
//!
//! Flag evaluations count wherever in the trace they were made; where the entry point's own part of the trace evaluated a
//! flag, evaluations of the same flag elsewhere in the trace were of another request.

use crate::facts::property::{MetProperties, PropertyId, PropertySort};
use crate::model::names::Names;
use crate::model::resource::ResourceId;
use crate::model::span::FlagEvaluation;
use crate::model::sym::Sym;
use crate::model::tree::{SpanIx, TraceTree};
use crate::shared_sort::SharedSort;

/// How many spans of the request's own service are looked at below it.
const OWN_SPANS: usize = 64;

/// How many spans are looked at above it.
const ABOVE: usize = 64;

/// How many flag evaluations of a trace are looked at.
const EVALUATIONS: usize = 4096;

/// How many callees are looked at.
const CALLEES: usize = 32;

/// Every flag evaluation of a trace, with the span in which it was made, in the order of the tree.
pub(crate) fn flags_of(tree: &TraceTree) -> Vec<(SpanIx, FlagEvaluation)> {
    let mut flags = Vec::new();
    for ix in tree.indices() {
        if let Some(detail) = &tree.span(ix).detail {
            flags.extend(detail.flags.iter().map(|&flag| (ix, flag)));
        }
    }
    flags.extend(tree.logs.iter().filter_map(|(ix, event)| Some((*ix, event.flag?))));
    flags.shared_sort_by_key(|&(ix, _)| ix);
    flags.truncate(EVALUATIONS);
    flags
}

/// What the request that `request` stands for had; `entry` is the entry point above it.
pub(crate) fn properties(
    tree: &TraceTree,
    request: SpanIx,
    entry: SpanIx,
    flags: &[(SpanIx, FlagEvaluation)],
    names: &Names,
    met: &mut MetProperties,
) -> Box<[PropertyId]> {
    met.begin_request();
    let mut collected = Collected { names, met, resources: Vec::with_capacity(CALLEES) };
    collected.flags(flags, entry.0..tree.end[entry.at()]);
    collected.way(tree, request);
    Box::from(collected.met.of_request())
}

struct Collected<'c> {
    names: &'c Names,
    met: &'c mut MetProperties,
    resources: Vec<ResourceId>,
}

impl Collected<'_> {
    fn flags(&mut self, flags: &[(SpanIx, FlagEvaluation)], own: std::ops::Range<u32>) {
        let is_own = |ix: SpanIx| own.contains(&ix.0);
        let mut evaluated_here: Vec<Sym> =
            flags.iter().filter(|(ix, _)| is_own(*ix)).map(|(_, flag)| flag.key).collect();
        evaluated_here.sort_unstable();
        evaluated_here.dedup();
        for (ix, flag) in flags {
            if is_own(*ix) || evaluated_here.binary_search(&flag.key).is_err() {
                let property = self.met.named(PropertySort::Flag, Sym::EMPTY, flag.key, flag.variant);
                self.met.put(property);
            }
        }
    }

    fn way(&mut self, tree: &TraceTree, request: SpanIx) {
        let service = self.names.operation_of(tree.span(request).operation).service;
        self.span(tree, request);
        let (mut own, mut callees) = (0, 0);
        let mut next = request.0 + 1;
        while next < tree.end[request.at()] && own < OWN_SPANS && callees < CALLEES {
            let ix = SpanIx(next);
            if self.names.operation_of(tree.span(ix).operation).service == service {
                self.span(tree, ix);
                own += 1;
                next += 1;
            } else {
                self.resource(tree.span(ix).resource);
                callees += 1;
                next = tree.end[ix.at()];
            }
        }
        for above in tree.ancestors(request).take(ABOVE) {
            self.span(tree, above);
        }
    }

    fn span(&mut self, tree: &TraceTree, ix: SpanIx) {
        let span = tree.span(ix);
        self.resource(span.resource);
        for (key, value) in &span.attributes {
            let property = self.met.of_span(*key, value);
            self.met.put(property);
        }
    }

    fn resource(&mut self, id: ResourceId) {
        if self.resources.contains(&id) {
            return;
        }
        self.resources.push(id);
        self.met.put_resource(id, self.names);
    }
}
