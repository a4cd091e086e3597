//! The way that a failure took up from where it began.

use crate::analyze::entries::Entries;
use crate::analyze::failure::{caller_is_missing, kind_of, timed_out};
use crate::analyze::origin::Ending;
use crate::analyze::propagation::Propagation;
use crate::analyze::role::Role;
use crate::analyze::slow_path::slow_path;
use crate::model::names::{Names, SpanKind};
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
    let waited = kind_of(tree, origin, names) == SpanKind::Client && timed_out(tree, origin);
    let mut path = if waited { slow_path(tree, origin, names) } else { vec![origin] };
    path.reverse();
    for pair in path.windows(2) {
        pass_on(found, pair[0], pair[1]);
    }
    let foot = *path.first()?;
    found.roles[foot.at()] = match found.roles[foot.at()] {
        Role::Healthy | Role::Absorbed { .. } => Role::Origin,
        role => role,
    };
    let gave_up = (foot != origin).then_some(origin);
    let Some(ending) = climb(tree, entries, found, &mut path) else {
        cut_short(found, &path);
        return None;
    };
    Some(WayUp { path, ending, gave_up })
}

/// What failed below a call that was cut short was cut short with it.
fn cut_short(found: &mut Propagation, path: &[SpanIx]) {
    if let Some(by) = path.last().map(|top| found.roles[top.at()]) {
        for below in path {
            found.roles[below.at()] = by;
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
        let Some(above) = tree.parent_of(at) else { return Some(at_the_top(tree, entries, found, at)) };
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
fn at_the_top(tree: &TraceTree, entries: &Entries, found: &Propagation, root: SpanIx) -> Ending {
    if !caller_is_missing(tree, root) {
        return Ending::Entry(root);
    }
    // What was above the fragment is unknown. If a request of the trace failed, this is a likely reason.
    match entries.spans.iter().find(|entry| found.carries[entry.at()]) {
        Some(&entry) => Ending::Entry(entry),
        None => Ending::Absorbed(root),
    }
}
