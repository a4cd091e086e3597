//! Failures of fragments: spans whose parents are not in the input, beside a request of the same trace that failed.

use crate::analyze::confidence::Point;
use crate::analyze::failure::caller_is_missing;
use crate::analyze::message;
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::role::Role;
use crate::model::tree::{SpanIx, TraceTree};

/// How long the way up of the request may be. Each fragment gets a copy of it, and there may be hundreds of fragments.
const WAY: usize = 10_000;

/// How many failing requests of one trace are joined to fragments.
const HOLLOWS: usize = 32;

/// Joins the failure of a fragment to the request that failed without a reason of its own.
///
/// ```text
/// frontend POST /checkout    500, says nothing more     the way goes on here, across the hole
/// ?                          not in the input
/// checkout PlaceOrder        ERROR                      the fragment
/// └─ payment Charge          ERROR "card declined"      the origin
/// ```
///
/// The request must have been running when the fragment began, and what it says of its failure, if anything, must repeat
/// what the fragment's origin says. A call whose callee answered and sent no spans is such a request, too, when it says
/// something: what is missing is the callee.
pub(crate) fn bridge(tree: &TraceTree, origins: &mut Vec<Origin>, roles: &mut [Role]) {
    let hollows: Vec<SpanIx> =
        origins.iter().filter(|it| is_hollow(tree, it)).map(|it| it.span).take(HOLLOWS).collect();
    for entry in hollows {
        join(tree, entry, origins, roles);
    }
}

/// Joins fragments to the origin at `entry`, which then is none.
fn join(tree: &TraceTree, entry: SpanIx, origins: &mut Vec<Origin>, roles: &mut [Role]) {
    let Some(hollow) = origins.iter().position(|origin| origin.span == entry) else { return };
    if origins[hollow].path.len() > WAY {
        return;
    }
    let way = origins[hollow].path.clone();
    let words = says(&origins[hollow]).map(str::to_owned);
    let must_speak = origins[hollow].peer.is_some();
    let mut bridged: Option<SpanIx> = None;
    for origin in origins.iter_mut().filter(|origin| origin.span != entry) {
        let top = origin.path.last().copied().unwrap_or(origin.span);
        let at_the_request = matches!(origin.ending, Ending::Entry(at) if way.contains(&at));
        let joined = at_the_request && caller_is_missing(tree, top);
        let repeated = match words.as_deref() {
            Some(words) => says(origin).is_some_and(|said| message::wraps(words, said)),
            None => !must_speak,
        };
        if joined && repeated && runs_at(tree, entry, top) {
            origin.path.extend_from_slice(&way);
            bridged = bridged.or(Some(top));
        }
    }
    if let Some(from) = bridged {
        roles[entry.at()] = Role::Propagated { from };
        origins.remove(hollow);
    }
}

fn says(origin: &Origin) -> Option<&str> {
    let told = origin.exception.as_ref().map(|told| told.message.as_str());
    told.filter(|message| !message.trim().is_empty()).or(origin.text.as_deref())
}

fn is_hollow(tree: &TraceTree, origin: &Origin) -> bool {
    matches!(origin.ending, Ending::Entry(_))
        && (origin.peer.is_none() || origin.points.has(Point::CalleeUnseen))
        && !origin.path.iter().any(|&ix| caller_is_missing(tree, ix))
}

fn runs_at(tree: &TraceTree, request: SpanIx, fragment: SpanIx) -> bool {
    let (request, start) = (tree.span(request).time, tree.span(fragment).time.start);
    (request.start..=request.end).contains(&start)
}
