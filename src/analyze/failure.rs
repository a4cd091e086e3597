//! Did this span fail, and by what sign?

use crate::analyze::{codes, texts};
use crate::model::exception::ExceptionSource;
use crate::model::grpc_code;
use crate::model::names::Names;
use crate::model::span::Status;
use crate::model::span_kind::SpanKind;
use crate::model::tree::{RootReason, SpanIx, TraceTree};
use hashbrown::HashMap;

/// The sign by which a span is held to have failed. The strongest that applies is kept as evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// Its status is ERROR.
    Status,
    /// Its status is unset, and the conventions count its gRPC or HTTP code as a failure for its kind.
    Code,
    /// It told of an exception, and its caller's span failed too: the exception got out.
    ExceptionCallerFailed,
    /// It told of an exception, and there is no caller that could have caught it.
    ExceptionNoCaller,
    /// It is an unmarked server span whose caller was given a failing answer.
    CallerSaw,
}

/// The sign of each span's failure; `None` for spans that did not fail by themselves.
///
/// One walk from the callers down, since whether an exception got out is read off the caller:
///
/// ```text
/// checkout  CLIENT Charge   ERROR             Status
/// └─ payment SERVER Charge  unset, exception  ExceptionCallerFailed     Python leaves the status unset
/// checkout  CLIENT Quote    unset, code 0
/// └─ shipping SERVER Quote  unset, exception  none: recorded and handled
/// ```
#[must_use]
pub fn signs(tree: &TraceTree, names: &Names) -> Vec<Option<Sign>> {
    let mut signs = vec![None; tree.len()];
    let mut answered = Answered::new();
    for ix in tree.indices() {
        signs[ix.at()] = sign(tree, ix, names, &signs, &mut answered);
    }
    signs
}

/// Which failed clients were given an answer, of those that were asked: a client may have very many servers below it.
type Answered = HashMap<SpanIx, bool>;

fn sign(tree: &TraceTree, ix: SpanIx, names: &Names, above: &[Option<Sign>], answered: &mut Answered) -> Option<Sign> {
    let span = tree.span(ix);
    let kind = kind_of(tree, ix, names);
    match span.status {
        Status::Ok => return None,
        Status::Error => return Some(Sign::Status),
        Status::Unset if codes::fail(span.codes, kind) => return Some(Sign::Code),
        Status::Unset => {}
    }
    // A 2xx answer, or a call that came back well, is the instrumentation's word that nothing got out. A server's gRPC
    // code is no such word: the Python server leaves it at 0 when the handler throws.
    let well_by_http = codes::tell_success_by_http(span.codes);
    let well_by_grpc = kind == SpanKind::Client && span.codes.grpc == Some(0);
    if well_by_http || well_by_grpc {
        return None;
    }
    let caller = caller(tree, ix, names);
    let caller_failed = caller.is_some_and(|caller| above[caller.at()].is_some());
    if tree.exceptions_of(ix).any(|exception| exception.source != ExceptionSource::MildLog) {
        if caller_failed {
            return Some(Sign::ExceptionCallerFailed);
        }
        if caller.is_none() && span.codes.http.is_none() {
            return Some(Sign::ExceptionNoCaller);
        }
        return None;
    }
    let mut got_an_answer = |client| *answered.entry(client).or_insert_with(|| got_an_answer(tree, client, names));
    // A server that says OK and tells of no exception did its work: the failure is its caller's own.
    let could_fail = kind == SpanKind::Server && caller_failed && span.codes.grpc != Some(0);
    (could_fail && caller.is_some_and(&mut got_an_answer)).then_some(Sign::CallerSaw)
}

/// Whom a failure of this span reaches: its parent, unless it works on a message that nobody waits for.
pub(crate) fn caller(tree: &TraceTree, ix: SpanIx, names: &Names) -> Option<SpanIx> {
    let parent = tree.parent_of(ix)?;
    (!is_async(tree, ix, parent, names)).then_some(parent)
}

/// Whether `ix` is a consumer that works on a message its parent sent and did not wait for.
///
/// A consumer span under its own service's span (a poll inside a request) is waited for like any inner span, unless that
/// span had ended before (the poll that received the message).
fn is_async(tree: &TraceTree, ix: SpanIx, parent: SpanIx, names: &Names) -> bool {
    let service = |place| names.operation_of(tree.span(place).operation).service;
    kind_of(tree, ix, names) == SpanKind::Consumer
        && (kind_of(tree, parent, names) == SpanKind::Producer
            || service(ix) != service(parent)
            || tree.span(parent).time.end <= tree.span(ix).time.start)
}

/// Whether a failed client was given an answer by its server, rather than giving up on it.
fn got_an_answer(tree: &TraceTree, client: SpanIx, names: &Names) -> bool {
    kind_of(tree, client, names) == SpanKind::Client && !gave_up(tree, client)
}

/// Whether the span failed because it, or somebody above it, stopped waiting.
pub(crate) fn gave_up(tree: &TraceTree, ix: SpanIx) -> bool {
    timed_out(tree, ix) || was_cancelled(tree, ix)
}

/// Whether the span failed by waiting too long.
pub(crate) fn timed_out(tree: &TraceTree, ix: SpanIx) -> bool {
    let codes = tree.span(ix).codes;
    match (codes.grpc, codes.http) {
        (Some(code), _) if code != 0 => code == grpc_code::DEADLINE_EXCEEDED,
        (_, Some(code)) if code >= 400 => matches!(code, 408 | 504),
        _ => texts::tell_of_timeout(tree, ix) && !texts::tell_of_connection(tree, ix),
    }
}

/// Whether the span failed because somebody called it off.
pub(crate) fn was_cancelled(tree: &TraceTree, ix: SpanIx) -> bool {
    let codes = tree.span(ix).codes;
    match (codes.grpc, codes.http) {
        (Some(code), _) if code != 0 => code == grpc_code::CANCELLED,
        (_, Some(code)) if code >= 400 => code == 499,
        _ => texts::tell_of_cancelling(tree, ix),
    }
}

/// Whether the span's caller is missing from the input, rather than absent.
#[must_use]
pub fn caller_is_missing(tree: &TraceTree, ix: SpanIx) -> bool {
    tree.roots.binary_search_by_key(&ix, |&(root, _)| root).is_ok_and(|at| tree.roots[at].1 == RootReason::Orphan)
}

/// The kind of the span at a place.
pub(crate) fn kind_of(tree: &TraceTree, ix: SpanIx, names: &Names) -> SpanKind {
    names.operation_of(tree.span(ix).operation).kind
}
