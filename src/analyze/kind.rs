//! What sort of cause an origin is, and whom to blame when the callee has no span of its own.

use crate::analyze::failure::{kind_of, timed_out, was_cancelled};
use crate::analyze::{codes, texts};
use crate::assemble::clock_skew::TOLERANCE_NS;
use crate::model::grpc_code;
use crate::model::names::Names;
use crate::model::span::{Asked, Status};
use crate::model::target::{Target, TargetClass, TargetId};
use crate::model::tree::{SpanIx, TraceTree};

/// The kinds of a root cause (DESIGN.md calls them so).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CauseKind {
    /// An exception was told of the span.
    Exception,
    /// The span is marked as failed, without an exception.
    ErrorStatus,
    /// A call found nobody: no span of the callee exists.
    Unreachable,
    /// A database, cache, broker or third party that has no spans of its own failed.
    Dependency,
    /// A call waited too long.
    Timeout,
    /// The spans are well; a log record of ERROR or FATAL tells of an exception.
    LogError,
}

impl CauseKind {
    /// The word of the evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::ErrorStatus => "error-status",
            Self::Unreachable => "unreachable",
            Self::Dependency => "dependency",
            Self::Timeout => "timeout",
            Self::LogError => "log-error",
        }
    }
}

/// A kind and the callee or system to blame in its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Blame {
    pub(crate) kind: CauseKind,
    pub(crate) peer: Option<String>,
    /// What the call tells of whom it went to; `None` where nobody is blamed.
    pub(crate) called: Option<TargetId>,
    /// What the call asked of a database; `None` where nobody is blamed.
    pub(crate) asked: Option<Asked>,
    /// The callee answered, or let its caller wait, yet the input has no span of it.
    pub(crate) callee_unseen: bool,
    /// The call got an answer that says nobody is there (HTTP 502, 503): the caller did connect, to the callee or a proxy.
    pub(crate) answered_for: bool,
}

/// What is known of an origin before its kind.
pub(crate) struct Foot<'p> {
    /// The way up, the origin first.
    pub(crate) path: &'p [SpanIx],
    /// An exception was told of it.
    pub(crate) has_exception: bool,
    /// It was found below a call that waited too long, by where the time went.
    pub(crate) found_by_time: bool,
}

/// Decides the kind of an origin.
///
/// | the origin | kind | peer |
/// | --- | --- | --- |
/// | found below a call that waited too long, or left at a time limit of its own service | timeout | the callee, if it is a call itself |
/// | call that waited too long, and the callee's span shows that it did not work for so long | timeout | the callee |
/// | no call, or the callee's span exists | exception, else error-status | none |
/// | call that its own side called off | exception, else error-status | none |
/// | call of a database, cache or broker | dependency | the system |
/// | call that waited too long | timeout | the callee |
/// | call that found nobody | unreachable; of a public host dependency | the callee |
/// | call that was answered with HTTP 502 or 503, by the callee or a proxy | unreachable, answered for; of a public host dependency | the callee |
/// | call that was answered with an error | error-status; of a public host dependency | the callee |
/// | call that says nothing of all this | exception, else error-status | none |
///
/// Drivers have spans below the call's own (a connect, a name lookup, the HTTP request of a search engine's client), so the
/// failure may begin below the call. The outermost call of its service that had no
/// answer from a span says who was called, and the origin says how it failed.
pub(crate) fn blame(tree: &TraceTree, names: &Names, foot: &Foot<'_>) -> Blame {
    let path = foot.path;
    let own = match (foot.found_by_time, foot.has_exception) {
        (true, _) => CauseKind::Timeout,
        (false, true) => CauseKind::Exception,
        (false, false) => CauseKind::ErrorStatus,
    };
    let nobody = Blame { kind: own, peer: None, called: None, asked: None, callee_unseen: false, answered_for: false };
    let waits = kind_of(tree, path[0], names).gives_work() && timed_out(tree, path[0]);
    if waits && !foot.found_by_time && callee_seen(tree, path[0], names) {
        let called = Some(tree.span(path[0]).target);
        let peer = peer_of(tree, path[0], names);
        return Blame { kind: CauseKind::Timeout, peer, called, ..nobody };
    }
    let service = |ix: SpanIx| names.operation_of(tree.span(ix).operation).service;
    let same_service = path.iter().copied().take_while(|&ix| service(ix) == service(path[0]));
    let calls = same_service
        .take_while(|&ix| !kind_of(tree, ix, names).takes_work())
        .filter(|&ix| kind_of(tree, ix, names).gives_work() && !callee_seen(tree, ix, names));
    let Some(call) = calls.last() else { return nobody };
    let (ix, span) = (path[0], tree.span(call));
    let target = names.target_of(span.target);
    let peer = peer(&target, names).or_else(|| peer_of(tree, path[0], names));
    let called = Some(span.target);
    let of_call = path.iter().take_while(|&&at| at != call).chain([&call]);
    let asked = of_call.filter_map(|&at| tree.span(at).detail.as_ref()?.asked).next();
    let blamed = |kind| Blame { kind, peer: peer.clone(), called, asked, callee_unseen: false, answered_for: false };
    let found_nobody = span.codes.grpc == Some(grpc_code::UNAVAILABLE) || texts::tell_of_connection(tree, ix);
    let refused = found_nobody || matches!(span.codes.http, Some(502 | 503));
    let answered = codes::tell_failure(span.codes);
    let own_network = texts::tell_of_private_address(tree, ix);
    let third_party =
        (is_public_host(names.text(target.address)) && !own_network) || names.text(target.system) == CLOUD_API;
    match target.class {
        _ if foot.found_by_time => blamed(CauseKind::Timeout),
        // The caller's side called it off: the callee is not to blame.
        _ if was_cancelled(tree, ix) => nobody,
        TargetClass::Database | TargetClass::Messaging => blamed(CauseKind::Dependency),
        _ if timed_out(tree, ix) || timed_out(tree, call) => {
            Blame { callee_unseen: !sends_no_spans(&target, names), ..blamed(CauseKind::Timeout) }
        }
        _ if (refused || answered) && third_party => blamed(CauseKind::Dependency),
        _ if refused => Blame { answered_for: !found_nobody, ..blamed(CauseKind::Unreachable) },
        _ if answered => Blame { callee_unseen: true, ..blamed(own) },
        _ => nobody,
    }
}

/// Whether the call failed though a callee's span right below says that all went well.
pub(crate) fn callee_is_well(tree: &TraceTree, call: SpanIx, names: &Names) -> bool {
    let is_callee = |child: &SpanIx| kind_of(tree, *child, names).takes_work();
    let mut callees = tree.children(call).take(CALLEES).filter(is_callee).peekable();
    kind_of(tree, call, names).gives_work()
        && callees.peek().is_some()
        && callees.all(|callee| {
            let span = tree.span(callee);
            span.status == Status::Ok || (span.status == Status::Unset && codes::tell_success(span.codes))
        })
}

/// Whether a callee's span right below the call ended after it, beyond what clocks differ by: the callee was still working.
pub(crate) fn callee_outlives(tree: &TraceTree, call: SpanIx, names: &Names) -> bool {
    let end = tree.span(call).time.end.0.saturating_add(TOLERANCE_NS);
    tree.children(call)
        .take(CALLEES)
        .any(|child| tree.span(child).time.end.0 > end && kind_of(tree, child, names).takes_work())
}

/// Among how many children the callee of a call is looked for. A call has one; a span with a hundred thousand children is a
/// loop, and is looked at from each failure below it.
const CALLEES: usize = 1000;

/// Whether a span of another service, or one that takes work, stands right below.
fn callee_seen(tree: &TraceTree, ix: SpanIx, names: &Names) -> bool {
    let service = |place| names.operation_of(tree.span(place).operation).service;
    tree.children(ix)
        .take(CALLEES)
        .any(|child| kind_of(tree, child, names).takes_work() || service(child) != service(ix))
}

/// `rpc.system` of calls to a cloud provider's own services (semantic-conventions, docs/cloud-providers/aws-sdk.md).
const CLOUD_API: &str = "aws-api";

fn peer_of(tree: &TraceTree, ix: SpanIx, names: &Names) -> Option<String> {
    peer(&names.target_of(tree.span(ix).target), names)
}

/// The callee by the best name that the call gives: service, RPC service, system, address.
#[must_use]
pub fn peer(target: &Target, names: &Names) -> Option<String> {
    let text = |sym| Some(names.text(sym)).filter(|text| !text.is_empty()).map(str::to_owned);
    let address = text(target.address).map(|address| match target.port {
        0 => address,
        port => format!("{address}:{port}"),
    });
    let system = match target.class {
        TargetClass::Database | TargetClass::Messaging => text(target.system),
        _ => None,
    };
    text(target.peer_service).or_else(|| text(target.rpc_service)).or(system).or(address)
}

/// Whether such a callee never sends spans, as far as its name tells: a database, cache or broker, somebody else's service.
#[must_use]
pub fn sends_no_spans(target: &Target, names: &Names) -> bool {
    matches!(target.class, TargetClass::Database | TargetClass::Messaging)
        || names.text(target.system) == CLOUD_API
        || is_public_host(names.text(target.address))
}

/// Whether this is the name of a host on the public internet, whose owner will never send us spans.
fn is_public_host(address: &str) -> bool {
    const PRIVATE: [&str; 7] = [".local", ".internal", ".svc", ".cluster", ".lan", ".localdomain", ".test"];
    let host = address.trim_end_matches('.').to_ascii_lowercase();
    let Some((_, top)) = host.rsplit_once('.') else { return false };
    let is_name = top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name && !PRIVATE.iter().any(|ending| host.ends_with(ending)) && !host.contains(".svc.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_hosts_are_told_from_the_names_of_a_cluster() {
        for public in ["api.stripe.com", "s3.eu-west-1.amazonaws.com."] {
            assert!(is_public_host(public), "{public}");
        }
        for private in
            ["payment", "127.0.0.1", "::1", "payment.shop.svc.cluster.local", "payment.shop.svc", "db.internal", ""]
        {
            assert!(!is_public_host(private), "{private}");
        }
    }
}
