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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;
    use crate::model::attribute_value::AttributeValue;
    use crate::model::resource::Resource;
    use crate::model::span::Detail;

    /// Evaluations of so many flags.
    fn evaluations(flags: usize, names: &mut Names) -> Vec<FlagEvaluation> {
        let variant = names.intern("on");
        (0..flags).map(|number| FlagEvaluation { key: names.intern(&format!("flag {number}")), variant }).collect()
    }

    #[test]
    fn of_more_evaluations_than_are_looked_at_the_first_of_the_tree_are() {
        let (mut tree, mut names) = drawn("web client 0..9\n shop server 1..8");
        let flags = evaluations(4097, &mut names);
        let mut looked_at = |many: usize| -> Vec<FlagEvaluation> {
            for (span, flags) in tree.spans.iter_mut().zip([&flags[..4000], &flags[4000..many]]) {
                span.detail = Some(Box::new(Detail { flags: flags.to_vec(), ..Detail::default() }));
            }
            flags_of(&tree).into_iter().map(|(_, flag)| flag).collect()
        };
        assert_eq!(looked_at(4096), flags[..4096]);
        assert_eq!(looked_at(4097), flags[..4096]);
    }

    #[test]
    fn flags_go_before_what_its_service_and_its_callees_had_and_callers_come_last() {
        let (mut tree, mut names) =
            drawn("web server 0..99\n shop server 10..90\n  shop internal 20..80\n   cart server 30..70");
        let value = names.intern("x");
        for (span, key) in tree.spans.iter_mut().zip(["caller", "asked", "within"]) {
            span.attributes = [(names.intern(key), AttributeValue::Name(value))].into();
        }
        let attributes = [(names.intern("callee"), value)];
        let attributes = names.attributes(&attributes);
        tree.spans[3].resource = names.resource(Resource { attributes, ..Resource::default() });
        let flags: Vec<(SpanIx, FlagEvaluation)> =
            evaluations(192, &mut names).into_iter().map(|flag| (SpanIx(1), flag)).collect();
        // Without the flags.
        let had = |flags: &[(SpanIx, FlagEvaluation)]| -> Vec<String> {
            let mut met = MetProperties::default();
            let had = properties(&tree, SpanIx(1), SpanIx(0), flags, &names, &mut met);
            let spelt = met.spelt_out(&vec![true; met.len()], |sym| names.text(sym));
            let (of_flags, others) = had.split_at(flags.len());
            let sort = |id: &PropertyId| spelt[*id as usize].of.sort;
            assert!(of_flags.iter().all(|id| sort(id) == PropertySort::Flag), "{of_flags:?}");
            others.iter().map(|&id| spelt[id as usize].of.key.clone()).collect()
        };
        assert_eq!(had(&[]), ["asked", "within", "callee", "caller"]);
        assert_eq!(had(&flags[..188]), ["asked", "within", "callee", "caller"]);
        assert_eq!(had(&flags[..189]), ["asked", "within", "callee"]);
        assert_eq!(had(&flags), [""; 0]);
    }
}
