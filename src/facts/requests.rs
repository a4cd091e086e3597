//! Failing and passing requests of each operation, with what each of them had: where suspects and conditions are looked for.
//!
//! ```text
//! passing   payment Charge         requests that went well                      a sample of each operation
//! failing   v1:4a0c...             requests in which this root cause began      a sample of each root cause
//! ```
//!
//! A request is counted where it was asked for: at a SERVER or CONSUMER span, or at a span of a service that has none above.

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::bottom::lot_of;
use crate::facts::cause::OperationName;
use crate::facts::property::{MetProperties, Property, PropertyId};
use crate::facts::request_properties::{flags_of, properties};
use crate::facts::request_sample::{Drawn, REQUESTS_OF_GROUP, RequestRow};
use crate::facts::sample::spelt_out;
use crate::model::names::{Names, OpId, Sym};
use crate::model::span::FlagEvaluation;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How many requests of a window are kept. Where there are more, each group keeps fewer.
pub const REQUESTS_OF_WINDOW: usize = 1 << 17;

/// Requests of one window.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Requests {
    /// What they had, each once; in the order of words once the window is complete.
    pub properties: Vec<Property>,
    /// Requests that went well, by operation.
    pub passing: BTreeMap<OperationName, Drawn>,
    /// Requests in which a root cause began, by its signature.
    pub failing: BTreeMap<String, Drawn>,
}

impl Requests {
    /// Adds those of another piece of the window.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut known: HashMap<Property, PropertyId> = HashMap::new();
        for (place, property) in (0..).zip(&self.properties) {
            known.insert(property.clone(), place);
        }
        let mut renamed = Vec::with_capacity(other.properties.len());
        for property in other.properties {
            let next = PropertyId::try_from(self.properties.len()).unwrap_or(PropertyId::MAX);
            let place = *known.entry(property).or_insert_with_key(|property| {
                self.properties.push(property.clone());
                next
            });
            renamed.push(place);
        }
        for (operation, drawn) in other.passing {
            self.passing.entry(operation).or_default().merge(under_new_places(drawn, &renamed));
        }
        for (signature, drawn) in other.failing {
            self.failing.entry(signature).or_default().merge(under_new_places(drawn, &renamed));
        }
    }

    /// Keeps no more rows than a window may have, drops the groups of root causes that are not kept, and puts the properties
    /// that are left in the order of words: the same for whatever pieces the window was put together from.
    pub(crate) fn settle(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.failing.retain(|signature, _| is_kept(signature));
        let most = most_of_group(self.groups().map(|group| group.seen));
        self.groups_mut().for_each(|group| group.rows.keep(most));
        let used: BTreeSet<PropertyId> =
            self.groups().flat_map(|group| group.rows.iter()).flat_map(|row| row.properties.iter().copied()).collect();
        let mut order: Vec<PropertyId> = used.into_iter().collect();
        order.sort_by(|&a, &b| self.properties.get(a as usize).cmp(&self.properties.get(b as usize)));
        let mut renamed = vec![PropertyId::MAX; self.properties.len()];
        let mut properties: Vec<Property> = Vec::with_capacity(order.len());
        for old in order {
            let Some(property) = self.properties.get(old as usize) else { continue };
            // Texts of which parts were taken out may have become equal.
            if properties.last() != Some(property) {
                properties.push(property.clone());
            }
            renamed[old as usize] = PropertyId::try_from(properties.len() - 1).unwrap_or(PropertyId::MAX);
        }
        self.properties = properties;
        for group in self.groups_mut() {
            *group = under_new_places(std::mem::take(group), &renamed);
        }
    }

    /// Gives operations, and with them services, other names; those that get the same name become one.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        for (operation, drawn) in std::mem::take(&mut self.passing) {
            self.passing.entry(renamed(operation)).or_default().merge(drawn);
        }
    }

    fn groups(&self) -> impl Iterator<Item = &Drawn> + Clone {
        self.passing.values().chain(self.failing.values())
    }

    fn groups_mut(&mut self) -> impl Iterator<Item = &mut Drawn> {
        self.passing.values_mut().chain(self.failing.values_mut())
    }
}

fn under_new_places(drawn: Drawn, renamed: &[PropertyId]) -> Drawn {
    let rows = drawn.rows.map(|row| {
        let place = |&property: &PropertyId| renamed.get(property as usize).copied().unwrap_or(PropertyId::MAX);
        let mut properties: Vec<PropertyId> = row.properties.iter().map(place).collect();
        properties.sort_unstable();
        properties.dedup();
        RequestRow { properties: properties.into_boxed_slice(), ..row }
    });
    Drawn { rows, ..drawn }
}

/// The largest power of two that each group may keep so that all together stay within the bound. More requests never make
/// it larger, so that no piece keeps fewer than the whole.
fn most_of_group(seen: impl Iterator<Item = u64> + Clone) -> usize {
    let kept = |most: u64| seen.clone().fold(0_u64, |sum, seen| sum.saturating_add(seen.min(most)));
    let mut most = REQUESTS_OF_GROUP;
    while most > 1 && kept(most as u64) > REQUESTS_OF_WINDOW as u64 {
        most /= 2;
    }
    most
}

/// Gathers requests of traces that share one [`Names`].
#[derive(Debug)]
pub(crate) struct RequestGathering {
    met: MetProperties,
    passing: HashMap<OpId, Drawn>,
    failing: HashMap<Box<str>, Drawn>,
    most: usize,
    /// No fewer than are kept.
    rows: usize,
}

impl Default for RequestGathering {
    fn default() -> Self {
        Self {
            met: MetProperties::default(),
            passing: HashMap::new(),
            failing: HashMap::new(),
            most: REQUESTS_OF_GROUP,
            rows: 0,
        }
    }
}

/// One trace while its requests are gathered.
struct OfTrace<'t> {
    tree: &'t TraceTree,
    names: &'t Names,
    /// Looked up when first needed: of most traces no request is kept.
    flags: Option<Vec<(SpanIx, FlagEvaluation)>>,
}

impl RequestGathering {
    /// Adds the requests of one trace.
    pub(crate) fn add(&mut self, tree: &TraceTree, diagnosis: &Diagnosis, names: &Names) {
        let mut of_trace = OfTrace { tree, names, flags: None };
        let mut failing: Vec<(SpanIx, &str)> =
            diagnosis.origins.iter().map(|origin| (origin.operation, &*origin.signature)).collect();
        failing.sort_unstable();
        failing.dedup();
        let below = Below::of(tree, names);
        for ix in tree.indices().filter(|&ix| below.is_request(ix)) {
            let entry = below.entry_of(ix);
            let from = failing.partition_point(|&(request, _)| request < ix);
            let mut began_here = failing[from..].iter().take_while(|&&(request, _)| request == ix).peekable();
            let passed = began_here.peek().is_none() && !diagnosis.carries(ix);
            for (_, signature) in began_here {
                if !self.failing.contains_key(*signature) {
                    self.failing.insert(Box::from(*signature), Drawn::default());
                }
                let group = self.failing.get_mut(*signature);
                self.rows += group.map_or(0, |group| of_trace.draw(ix, entry, group, self.most, &mut self.met));
            }
            if passed {
                let group = self.passing.entry(tree.span(ix).operation).or_default();
                self.rows += of_trace.draw(ix, entry, group, self.most, &mut self.met);
            }
        }
        // Far beyond the bound, so that groups are not looked through at every other trace.
        if self.rows > 4 * REQUESTS_OF_WINDOW {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let groups = || self.passing.values().chain(self.failing.values());
        self.most = most_of_group(groups().map(|group| group.seen));
        let groups = self.passing.values_mut().chain(self.failing.values_mut());
        self.rows = groups
            .map(|group| {
                group.rows.keep(self.most);
                group.rows.len()
            })
            .sum();
    }

    /// The requests, with names spelt out.
    pub(crate) fn finish(self, names: &Names) -> Requests {
        let mut requests =
            Requests { properties: self.met.spelt_out(|sym: Sym| names.text(sym)), ..Requests::default() };
        for (operation, drawn) in self.passing {
            // Operations that differ in their kind only are one in words.
            requests.passing.entry(spelt_out(names, operation)).or_default().merge(drawn);
        }
        for (signature, drawn) in self.failing {
            requests.failing.insert(signature.into_string(), drawn);
        }
        requests
    }
}

impl OfTrace<'_> {
    /// Counts a request in its group, and keeps it there if it is drawn: tells how many were kept.
    fn draw(
        &mut self,
        request: SpanIx,
        entry: SpanIx,
        group: &mut Drawn,
        most: usize,
        met: &mut MetProperties,
    ) -> usize {
        let span = self.tree.span(request);
        let lot = lot_of(self.tree.id, span.id);
        group.seen += 1;
        if !group.rows.wants(lot) {
            return 0;
        }
        let flags = self.flags.get_or_insert_with(|| flags_of(self.tree));
        let properties = properties(self.tree, request, entry, flags, self.names, met);
        let row = RequestRow { start: span.time.start, duration: span.time.duration(), properties };
        group.rows.take(lot, row, most);
        1
    }
}

/// Which spans stand for requests, and the topmost request above each.
struct Below {
    /// The topmost SERVER or CONSUMER span at or above each span, else its root.
    entry: Vec<SpanIx>,
    is_request: Vec<bool>,
}

impl Below {
    fn of(tree: &TraceTree, names: &Names) -> Self {
        let mut entry: Vec<SpanIx> = Vec::with_capacity(tree.len());
        let mut is_request = Vec::with_capacity(tree.len());
        // Whether a SERVER or CONSUMER span is at or above a span, and whether there is one of its own service.
        let mut served: Vec<(bool, bool)> = Vec::with_capacity(tree.len());
        for ix in tree.indices() {
            let operation = names.operation_of(tree.span(ix).operation);
            let takes_work = operation.kind.takes_work();
            let above = tree.parent_of(ix);
            let (any, own) = above.map_or((false, false), |above| {
                let (any, own) = served[above.at()];
                let same = names.operation_of(tree.span(above).operation).service == operation.service;
                (any, own && same)
            });
            entry.push(match above {
                Some(above) if any || !takes_work => entry[above.at()],
                _ => ix,
            });
            served.push((any || takes_work, own || takes_work));
            is_request.push(takes_work || !own);
        }
        Self { entry, is_request }
    }

    fn is_request(&self, ix: SpanIx) -> bool {
        self.is_request[ix.at()]
    }

    fn entry_of(&self, ix: SpanIx) -> SpanIx {
        self.entry[ix.at()]
    }
}
