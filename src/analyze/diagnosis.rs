//! All that analysis says of one trace: roles, entry points, and the origins of its failures.

use crate::analyze::confidence::Point;
use crate::analyze::describe::Describer;
use crate::analyze::entries::Entries;
use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::failure::timed_out;
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::propagation::{Propagation, propagate};
use crate::analyze::role::Role;
use crate::analyze::signature::signed_lately::SignedLately;
use crate::analyze::way_up::{WayUp, way_up};
use crate::analyze::{attempts, fragments, log_error};
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;

/// How many origins of one trace are described. A real request fails in a handful of places; a million of them are a
/// broken batch job or hostile, and would take more memory than they tell.
pub const ORIGINS_PER_TRACE: usize = 1000;

/// What happened in one trace.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diagnosis {
    /// The role of each span; empty when no span failed.
    pub roles: Vec<Role>,
    /// The entry points.
    pub entries: Entries,
    /// Where failures began: those that reached an entry point first, then in the order of the tree.
    pub origins: Vec<Origin>,
    /// Origins beyond [`ORIGINS_PER_TRACE`], which were not described.
    pub more_origins: u64,
    /// Calls that were called off by whoever had asked for them, which is no failure.
    pub called_off: u64,
    /// Failures on the callers' side of an entry point that answered well: of the load generator's own making.
    pub callers_own: u64,
}

impl Diagnosis {
    /// The role of a span.
    #[must_use]
    pub fn role(&self, ix: SpanIx) -> Role {
        self.roles.get(ix.at()).copied().unwrap_or_default()
    }

    /// Whether a span failed or passed a failure on.
    #[must_use]
    pub fn carries(&self, ix: SpanIx) -> bool {
        !matches!(self.role(ix), Role::Healthy | Role::Absorbed { .. })
    }

    /// Whether a span failed, rather than being cut short.
    #[must_use]
    pub fn failed(&self, ix: SpanIx) -> bool {
        self.carries(ix) && !matches!(self.role(ix), Role::Cancelled { .. })
    }

    /// The entry points that failed, each once, in the order of the tree.
    #[must_use]
    pub fn failed_entries(&self) -> Vec<SpanIx> {
        let mut failed: Vec<SpanIx> = self.origins.iter().filter_map(Origin::failed_entry).collect();
        failed.sort_unstable();
        failed.dedup();
        failed
    }
}

/// Diagnoses one trace by the rules that are built in. Never fails: a trace of which nothing can be said has no origins.
#[must_use]
pub fn diagnose(tree: &TraceTree, names: &Names) -> Diagnosis {
    Diagnoser::by(&ExceptionRules::default()).diagnose(tree, names)
}

/// Diagnoses traces, one after the other, and goes by what the user says about exceptions.
#[derive(Debug)]
pub struct Diagnoser<'r> {
    pub(super) rules: &'r ExceptionRules,
    pub(super) signed: SignedLately,
}

impl<'r> Diagnoser<'r> {
    /// Goes by these rules.
    #[must_use]
    pub fn by(rules: &'r ExceptionRules) -> Self {
        Self { rules, signed: SignedLately::default() }
    }

    /// Diagnoses one trace. Traces before it make no difference to what is said.
    #[must_use]
    pub fn diagnose(&self, tree: &TraceTree, names: &Names) -> Diagnosis {
        let mut diagnosis = Diagnosis { entries: Entries::of(tree, names), ..Diagnosis::default() };
        let found = propagate(tree, &diagnosis.entries, names, self.rules);
        if found.is_none() && tree.logs.is_empty() {
            return diagnosis;
        }
        let mut found = found.unwrap_or_default();
        let ways = ways_up(tree, names, &mut found, &mut diagnosis);
        let describer = Describer::new(tree, names, &diagnosis.entries, self);
        diagnosis.origins = ways.into_iter().map(|way| describer.origin(way, &found)).collect();
        attempts::join(tree, &found.from, &mut diagnosis.origins);
        fragments::bridge(tree, &mut diagnosis.origins, &mut found.roles);
        mark_competing(&mut diagnosis.origins);
        diagnosis.roles = found.roles;
        let logged = log_error::find(&describer, &diagnosis);
        diagnosis.origins.extend(logged);
        diagnosis
    }
}

/// The ways up from all origins that count, those that reached an entry point first, and no more than are described.
fn ways_up(tree: &TraceTree, names: &Names, found: &mut Propagation, diagnosis: &mut Diagnosis) -> Vec<WayUp> {
    let origins = tree.indices().filter(|ix| found.carries.get(ix.at()) == Some(&true));
    let origins: Vec<SpanIx> = origins.filter(|ix| found.from[ix.at()].is_none()).collect();
    let mut ways: Vec<WayUp> = Vec::new();
    let mut late = Late::default();
    for ix in origins {
        if late.covers(tree, ix) {
            // What a callee did after its caller had given up is a consequence of the wait.
            continue;
        }
        if found.from[ix.at()].is_some() {
            // A way from further up went through it, to where the time went: waits within waits are one way.
            continue;
        }
        if is_callers_own(tree, &diagnosis.entries, ix) {
            diagnosis.callers_own += 1;
        } else if let Some(way) = way_up(tree, names, &diagnosis.entries, found, ix) {
            late.note(tree, way.gave_up);
            ways.push(way);
        } else if matches!(found.roles[ix.at()], Role::Cancelled { by: None }) {
            diagnosis.called_off += 1;
        }
    }
    ways.shared_sort_by_key(|way| !matches!(way.ending, Ending::Entry(_)));
    diagnosis.more_origins = ways.len().saturating_sub(ORIGINS_PER_TRACE) as u64;
    ways.truncate(ORIGINS_PER_TRACE);
    ways
}

/// The subtrees of calls that were given up. Origins come in the order of the tree, so only the last one matters.
#[derive(Default)]
struct Late {
    below: Option<SpanIx>,
}

impl Late {
    fn note(&mut self, tree: &TraceTree, gave_up: Option<SpanIx>) {
        self.below =
            gave_up.filter(|call| self.below.is_none_or(|known| call.0 >= tree.end[known.at()])).or(self.below);
    }

    fn covers(&self, tree: &TraceTree, origin: SpanIx) -> bool {
        self.below.is_some_and(|call| {
            (call.0..tree.end[call.at()]).contains(&origin.0) && tree.span(origin).time.end > tree.span(call).time.end
        })
    }
}

/// A failing span of a load generator whose request was answered well is no fault of the system.
fn is_callers_own(tree: &TraceTree, entries: &Entries, ix: SpanIx) -> bool {
    let below = entries.spans.partition_point(|&entry| entry <= ix);
    let answered = entries.spans.get(below).is_some_and(|entry| entry.0 < tree.end[ix.at()]);
    entries.on_callers_side(ix) && answered && !timed_out(tree, ix)
}

/// Different faults that reached the same entry point compete.
fn mark_competing(origins: &mut [Origin]) {
    let mut reached: Vec<(SpanIx, &str)> =
        origins.iter().filter_map(|origin| Some((origin.failed_entry()?, &*origin.signature))).collect();
    reached.sort_unstable();
    reached.dedup();
    let mut faults: OrderedMap<SpanIx, u64> = OrderedMap::new();
    for (entry, _) in reached {
        *faults.entry(entry).or_default() += 1;
    }
    for origin in origins {
        let rivals = origin.failed_entry().and_then(|entry| faults.get(&entry)).is_some_and(|&count| count > 1);
        origin.points.set(Point::Competing, rivals);
    }
}
