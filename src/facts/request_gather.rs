//! From traces to the requests of a window: by ids while traces pass, whole words at the end.
//!
//! A request is counted where it was asked for: at a SERVER or CONSUMER span, or at a span of a service that has none above.

use crate::analyze::diagnosis::Diagnosis;
use crate::facts::offers::Offers;
use crate::facts::property::MetProperties;
use crate::facts::request_properties::{flags_of, properties};
use crate::facts::request_sample::{Drawn, REQUESTS_OF_GROUP, RequestRow};
use crate::facts::requests::{REQUESTS_OF_WINDOW, Requests, most_of_failing, most_of_passing, used};
use crate::facts::sample::spelt_out;
use crate::facts::told_apart::ToldApart;
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::FlagEvaluation;
use crate::model::sym::Sym;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;

/// With more groups than this it is looked for those that are not kept: each keeps some requests.
const GROUPS: usize = REQUESTS_OF_WINDOW;

/// Requests of one operation that passed, or those in which one root cause began.
#[derive(Debug, Default)]
struct Group {
    drawn: Drawn,
    fails: bool,
}

/// Gathers requests of traces that share one [`Names`].
#[derive(Debug)]
pub(crate) struct RequestGathering {
    met: MetProperties,
    passing: HashMap<OpId, u32>,
    failing: HashMap<Box<str>, u32>,
    groups: Vec<Group>,
    /// Which operations are told apart: of others no requests that passed are kept.
    told_apart: ToldApart,
    /// With more groups it is looked for those that are not kept.
    most_groups: usize,
    most_of_passing: usize,
    most_of_failing: usize,
    /// No fewer than are kept.
    rows: usize,
    /// With more rows it is looked for those that are not kept.
    most_rows: usize,
    /// Kept from trace to trace for their room.
    below: Below,
    offers: Offers,
}

impl Default for RequestGathering {
    fn default() -> Self {
        Self {
            met: MetProperties::default(),
            passing: HashMap::new(),
            failing: HashMap::new(),
            groups: Vec::new(),
            told_apart: ToldApart::of_operations(),
            most_groups: GROUPS,
            most_of_passing: REQUESTS_OF_GROUP,
            most_of_failing: REQUESTS_OF_GROUP,
            rows: 0,
            most_rows: 4 * REQUESTS_OF_WINDOW,
            below: Below::default(),
            offers: Offers::default(),
        }
    }
}

impl RequestGathering {
    /// Adds the requests of one trace. `is_kept` says which root causes are kept, by their signatures.
    pub(crate) fn add(
        &mut self,
        tree: &TraceTree,
        diagnosis: &Diagnosis,
        names: &Names,
        is_kept: impl Fn(&str) -> bool,
    ) {
        self.offers.begin(tree.id);
        let mut failing: Vec<(SpanIx, &str)> =
            diagnosis.origins.iter().map(|origin| (origin.operation, &*origin.signature)).collect();
        failing.sort_unstable();
        failing.dedup();
        self.below.look_at(tree, names);
        for ix in tree.indices() {
            if !self.below.is_request(ix) {
                continue;
            }
            let from = failing.partition_point(|&(request, _)| request < ix);
            let mut began_here = failing[from..].iter().take_while(|&&(request, _)| request == ix).peekable();
            let passed = began_here.peek().is_none() && !diagnosis.carries(ix);
            for (_, signature) in began_here {
                let group = self.group_of_failing(signature);
                count(&mut self.groups, group, &mut self.offers, tree, ix);
            }
            if passed && let Some(group) = self.group_of_passing(tree.span(ix).operation, names) {
                count(&mut self.groups, group, &mut self.offers, tree, ix);
            }
        }
        self.offers.draw();
        // Looked up when first needed: of most traces no request is kept.
        let mut flags: Option<Vec<(SpanIx, FlagEvaluation)>> = None;
        while let Some((group, ix, lot)) = self.offers.next() {
            let Group { drawn: Drawn { rows, .. }, fails } = &mut self.groups[group as usize];
            if rows.wants(lot) {
                let flags = flags.get_or_insert_with(|| flags_of(tree));
                let properties = properties(tree, ix, self.below.entry_of(ix), flags, names, &mut self.met);
                let span = tree.span(ix);
                let row = RequestRow { start: span.time.start, duration: span.time.duration(), properties };
                rows.take(lot, row, if *fails { self.most_of_failing } else { self.most_of_passing });
                self.rows += 1;
            }
        }
        if self.groups.len() > self.most_groups {
            self.keep_groups(names, is_kept);
        }
        // Far beyond the bound, so that groups are not looked through at every other trace.
        if self.rows > self.most_rows {
            self.shrink();
        }
    }

    /// `None` for an operation that is not told apart.
    fn group_of_passing(&mut self, operation: OpId, names: &Names) -> Option<u32> {
        if let Some(&known) = self.passing.get(&operation) {
            return Some(known);
        }
        if !self.told_apart.are_all() && !self.told_apart.tell_operation_apart(operation, names) {
            return None;
        }
        let group = new_group(&mut self.groups, false);
        self.passing.insert(operation, group);
        Some(group)
    }

    fn group_of_failing(&mut self, signature: &str) -> u32 {
        if let Some(&known) = self.failing.get(signature) {
            return known;
        }
        let group = new_group(&mut self.groups, true);
        self.failing.insert(Box::from(signature), group);
        group
    }

    /// Lets go of groups of operations that cannot be among those that are told apart in the end, and of root causes that are not
    /// kept.
    fn keep_groups(&mut self, names: &Names, is_kept: impl Fn(&str) -> bool) {
        self.told_apart = self.told_apart.within_bound_of(self.passing.keys().copied(), names);
        let told_apart = self.told_apart;
        self.passing.retain(|&operation, _| told_apart.tell_operation_apart(operation, names));
        self.failing.retain(|signature, _| is_kept(signature));
        let mut kept = Vec::with_capacity(self.passing.len() + self.failing.len());
        for (place, group) in (0..).zip(self.passing.values_mut().chain(self.failing.values_mut())) {
            kept.push(std::mem::take(&mut self.groups[*group as usize]));
            *group = place;
        }
        self.groups = kept;
        // So much later that looking costs little for each.
        self.most_groups = GROUPS.max(self.groups.len() + GROUPS / 4);
    }

    fn shrink(&mut self) {
        let of = |fails: bool| self.groups.iter().filter(move |group| group.fails == fails).map(|group| &group.drawn);
        self.most_of_passing = most_of_passing(self.told_apart, of(false));
        self.most_of_failing = most_of_failing(of(true));
        for Group { drawn, fails } in &mut self.groups {
            drawn.rows.keep(if *fails { self.most_of_failing } else { self.most_of_passing });
        }
        self.rows = self.groups.iter().map(|group| group.drawn.rows.len()).sum();
        self.most_rows = (4 * REQUESTS_OF_WINDOW).max(2 * self.rows);
    }

    /// The requests, with names spelt out.
    pub(crate) fn finish(mut self, names: &Names) -> Requests {
        self.shrink();
        let is_used = used(self.groups.iter().map(|group| &group.drawn), self.met.len());
        let properties = self.met.spelt_out(&is_used, |sym: Sym| names.text(sym));
        let mut requests = Requests { properties, told_apart: self.told_apart, ..Requests::default() };
        for (operation, group) in self.passing {
            let drawn = std::mem::take(&mut self.groups[group as usize].drawn);
            // Operations that differ in their kind only are one in words.
            requests.passing.entry(spelt_out(names, operation)).or_default().merge(drawn);
        }
        for (signature, group) in self.failing {
            requests.failing.insert(signature.into_string(), std::mem::take(&mut self.groups[group as usize].drawn));
        }
        requests.keep_operations();
        requests
    }
}

fn new_group(groups: &mut Vec<Group>, fails: bool) -> u32 {
    groups.push(Group { drawn: Drawn::default(), fails });
    // Groups have operations or signatures of their own: memory ends long before four billion of them.
    u32::try_from(groups.len() - 1).unwrap_or(u32::MAX)
}

fn count(groups: &mut [Group], group: u32, offers: &mut Offers, tree: &TraceTree, ix: SpanIx) {
    let Some(Group { drawn, .. }) = groups.get_mut(group as usize) else { return };
    drawn.seen += 1;
    if drawn.rows.wants(offers.least()) {
        offers.offer(group, tree, ix);
    }
}

/// Which spans stand for requests, and the topmost request above each.
#[derive(Debug, Default)]
struct Below {
    /// The topmost SERVER or CONSUMER span at or above each span, else its root.
    entry: Vec<SpanIx>,
    is_request: Vec<bool>,
    /// Whether a SERVER or CONSUMER span is at or above a span, and whether there is one of its own service.
    served: Vec<(bool, bool)>,
}

impl Below {
    fn look_at(&mut self, tree: &TraceTree, names: &Names) {
        let Self { entry, is_request, served } = self;
        entry.clear();
        is_request.clear();
        served.clear();
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
    }

    fn is_request(&self, ix: SpanIx) -> bool {
        self.is_request[ix.at()]
    }

    fn entry_of(&self, ix: SpanIx) -> SpanIx {
        self.entry[ix.at()]
    }
}

#[cfg(test)]
mod tests;
