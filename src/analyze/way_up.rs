//! The way that a failure took up from where it began.

use crate::analyze::entries::Entries;
use crate::analyze::failure::{caller_is_missing, kind_of, timed_out, was_cancelled};
use crate::analyze::kind::callee_outlives;
use crate::analyze::origin::Ending;
use crate::analyze::propagation::Propagation;
use crate::analyze::role::Role;
use crate::analyze::slow_path::slow_path;
use crate::analyze::texts;
use crate::assemble::clock_skew::TOLERANCE_NS;
use crate::model::names::Names;
use crate::model::span::Status;
use crate::model::span_kind::SpanKind;
use crate::model::tree::{SpanIx, TraceTree};

/// A way up: its spans, the origin first, and where it ended.
pub(crate) struct WayUp {
    pub(crate) path: Vec<SpanIx>,
    pub(crate) ending: Ending,
    /// The call that waited too long, when the origin was found below it by where the time went.
    pub(crate) gave_up: Option<SpanIx>,
}

/// Follows the failure of `origin` up to the entry point, or to where it ended; `None` when the way leads into a call
/// that was cut short, which is no failure of its own.
///
/// Every span passes on the failure of one child at most, so the ways of all origins together are no longer than the tree.
pub(crate) fn way_up(
    tree: &TraceTree,
    names: &Names,
    entries: &Entries,
    found: &mut Propagation,
    origin: SpanIx,
) -> Option<WayUp> {
    let gave_up = call_that_gave_up(tree, names, found, origin);
    if gave_up.is_none() && was_cancelled(tree, origin) {
        let mut path = vec![origin];
        climb(tree, entries, found, &mut path);
        if !path.iter().any(|&ix| failed_its_caller(tree, names, found, ix)) {
            // Whoever had asked for the work went away: nobody failed.
            found.roles[origin.at()] = Role::Cancelled { by: None };
            cut_short(tree, found, &path, Role::Cancelled { by: None });
            return None;
        }
    }
    let own_limit = if gave_up.is_none() { call_left_at_a_limit(tree, names, found, origin) } else { None };
    if let Some(call) = own_limit.filter(|&call| call != origin) {
        pass_on(found, call, origin);
    }
    let gave_up = gave_up.or(own_limit);
    let mut path = gave_up.map_or_else(|| vec![origin], |call| slow_path(tree, call, names));
    path.reverse();
    let below_the_call = path.len();
    let Some(ending) = climb(tree, entries, found, &mut path) else {
        if let Some(top) = path.last() {
            cut_short(tree, found, &path[below_the_call - 1..], found.roles[top.at()]);
        }
        return None;
    };
    for pair in path[..below_the_call].windows(2) {
        pass_on(found, pair[0], pair[1]);
    }
    let foot = path[0];
    if matches!(found.roles[foot.at()], Role::Healthy | Role::Absorbed { .. }) {
        found.roles[foot.at()] = Role::Origin;
    }
    let gave_up = gave_up.filter(|&call| call != foot);
    Some(WayUp { path, ending, gave_up })
}

/// The call on the way up from `origin` that waited too long, if that is how it all began: the origin itself, or, when
/// the origin was called off, the first call above it that had given up.
fn call_that_gave_up(tree: &TraceTree, names: &Names, found: &Propagation, origin: SpanIx) -> Option<SpanIx> {
    let waited = |ix: SpanIx| kind_of(tree, ix, names) == SpanKind::Client && timed_out(tree, ix);
    if waited(origin) {
        return Some(origin);
    }
    if !was_cancelled(tree, origin) {
        return None;
    }
    let passes_on = |&below: &SpanIx| tree.parent_of(below).filter(|above| found.from[above.at()] == Some(below));
    std::iter::successors(Some(origin), passes_on).find(|&ix| waited(ix))
}

/// The call that was left when a time limit of its own service ran out (`asyncio.timeout`, `wait_for`), while its callee was
/// still working: `origin` itself, if it was called off below a span that ran out of time; else the last call below `origin`,
/// if that ran out of time, and the call had no answer and was open until then. A message to nobody in particular, long before,
/// is no wait.
///
/// ```text
/// edge GET /t          |=========x        504
/// └─ edge GET             |------|        neither failed nor answered
///    └─ quote GET /q       |===========|  200, to nobody
/// ```
fn call_left_at_a_limit(tree: &TraceTree, names: &Names, found: &Propagation, origin: SpanIx) -> Option<SpanIx> {
    let service = |ix: SpanIx| names.operation_of(tree.span(ix).operation).service;
    let kind = |ix: SpanIx| kind_of(tree, ix, names);
    // A server answers 500 when a limit of its own runs out and nobody catches that.
    let ran_out = |ix| timed_out(tree, ix) || texts::tell_of_timeout(tree, ix) && !texts::tell_of_connection(tree, ix);
    let call = if kind(origin) == SpanKind::Client {
        let passes_on = |&below: &SpanIx| {
            tree.parent_of(below)
                .filter(|&above| found.from[above.at()] == Some(below) && service(above) == service(origin))
        };
        let mut above = std::iter::successors(Some(origin), passes_on).skip(1);
        (was_cancelled(tree, origin) && above.any(ran_out)).then_some(origin)?
    } else {
        let unanswered = |&child: &SpanIx| {
            let span = tree.span(child);
            let open = span.time.end.0.saturating_add(TOLERANCE_NS) >= tree.span(origin).time.end.0;
            let silent = span.status == Status::Unset && span.codes.grpc.is_none() && span.codes.http.is_none();
            silent && open && kind(child) == SpanKind::Client && callee_outlives(tree, child, names)
        };
        if !ran_out(origin) {
            return None;
        }
        tree.children(origin).filter(unanswered).max_by_key(|&child| (tree.span(child).time.end, child))?
    };
    let works_on = callee_outlives(tree, call, names) && slow_path(tree, call, names).len() > 1;
    works_on.then_some(call)
}

/// Whether a span that answers somebody, or a root, failed by more than being called off: then a caller was there to get
/// that answer, and the work was called off by the system itself.
fn failed_its_caller(tree: &TraceTree, names: &Names, found: &Propagation, ix: SpanIx) -> bool {
    let answers = kind_of(tree, ix, names).takes_work() || tree.parent_of(ix).is_none();
    answers && found.signs[ix.at()].is_some() && !was_cancelled(tree, ix)
}

/// What lies on the way up to a call that was cut short was cut short with it.
fn cut_short(tree: &TraceTree, found: &mut Propagation, path: &[SpanIx], role: Role) {
    for ix in path {
        if found.carries[ix.at()] && tree.span(*ix).status != Status::Ok {
            found.roles[ix.at()] = role;
        }
    }
}

/// Lets `above` pass on what began, or came by, `below`.
fn pass_on(found: &mut Propagation, below: SpanIx, above: SpanIx) {
    let failed = found.signs[above.at()].is_some();
    found.roles[above.at()] = match found.roles[above.at()] {
        retried @ (Role::Retried { .. } | Role::Cancelled { .. }) => retried,
        _ if failed => Role::Propagated { from: below },
        _ => Role::Silent { from: below },
    };
    found.from[above.at()] = Some(below);
    found.carries[below.at()] = true;
}

fn climb(tree: &TraceTree, entries: &Entries, found: &Propagation, path: &mut Vec<SpanIx>) -> Option<Ending> {
    let mut at = *path.last()?;
    loop {
        match found.roles[at.at()] {
            Role::Cancelled { .. } => return None,
            Role::Retried { .. } => return Some(Ending::Retried(at)),
            _ if entries.contains(at) => return Some(Ending::Entry(at)),
            _ => {}
        }
        let Some(above) = tree.parent_of(at) else { return Some(at_the_top(tree, found, at)) };
        if !found.carries[above.at()] {
            path.push(above);
            return Some(Ending::Absorbed(above));
        }
        if found.from[above.at()] != Some(at) {
            return Some(Ending::Superseded(above));
        }
        path.push(above);
        at = above;
    }
}

/// Where a failure ended that reached a root which is no entry point: of a load generator, or of a fragment.
fn at_the_top(tree: &TraceTree, found: &Propagation, root: SpanIx) -> Ending {
    if !caller_is_missing(tree, root) {
        return Ending::Entry(root);
    }
    // What was above the fragment is unknown. If a request of the trace failed, this is a likely reason.
    match found.failed_entry {
        Some(entry) => Ending::Entry(entry),
        None => Ending::Absorbed(root),
    }
}
