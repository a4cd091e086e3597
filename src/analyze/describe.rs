//! Puts together what is known of an origin.

use crate::analyze::confidence::{Point, Points};
use crate::analyze::diagnosis::Diagnoser;
use crate::analyze::entries::Entries;
use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::failure::{Sign, caller_is_missing, kind_of, timed_out};
use crate::analyze::kind::{Blame, CauseKind, Foot, blame, callee_is_well};
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::propagation::Propagation;
use crate::analyze::role::Role;
use crate::analyze::signature::Key;
use crate::analyze::signature::signed_lately::{Signed, SignedLately};
use crate::analyze::told::{ToldException, short_kind, told};
use crate::analyze::way_up::WayUp;
use crate::analyze::{attempts, codes, message, texts};
use crate::model::grpc_code;
use crate::model::names::Names;
use crate::model::span::{Codes, LooseSpan, Status};
use crate::model::span_kind::SpanKind;
use crate::model::time::Nanos;
use crate::model::tree::{RootReason, SpanIx, TraceTree};

/// Describes the origins of one trace.
pub(crate) struct Describer<'t> {
    pub(crate) tree: &'t TraceTree,
    names: &'t Names,
    rules: &'t ExceptionRules,
    signed: &'t SignedLately,
    /// For each span the nearest SERVER or CONSUMER span at or above it in the same service, else itself.
    operation_of: Vec<SpanIx>,
    /// For each span the entry point at or above it.
    entry_of: Vec<Option<SpanIx>>,
    /// Spans whose parents are not in the input, with their start, in its order.
    orphans: Vec<(Nanos, SpanIx)>,
}

impl<'t> Describer<'t> {
    pub(crate) fn new(tree: &'t TraceTree, names: &'t Names, entries: &Entries, by: &'t Diagnoser<'_>) -> Self {
        let service = |ix: SpanIx| names.operation_of(tree.span(ix).operation).service;
        let mut operation_of: Vec<SpanIx> = tree.indices().collect();
        let mut entry_of: Vec<Option<SpanIx>> = vec![None; tree.len()];
        for &entry in &entries.spans {
            entry_of[entry.at()] = Some(entry);
        }
        for ix in tree.indices() {
            let Some(above) = tree.parent_of(ix) else { continue };
            let named_above = operation_of[above.at()];
            let takes_work = |at| kind_of(tree, at, names).takes_work();
            if !takes_work(ix) && service(above) == service(ix) && takes_work(named_above) {
                operation_of[ix.at()] = named_above;
            }
            entry_of[ix.at()] = entry_of[ix.at()].or(entry_of[above.at()]);
        }
        let orphans = tree.roots.iter().filter(|(_, reason)| *reason == RootReason::Orphan);
        let mut orphans: Vec<(Nanos, SpanIx)> = orphans.map(|&(root, _)| (tree.span(root).time.start, root)).collect();
        orphans.sort_unstable();
        Self { tree, names, rules: by.rules, signed: &by.signed, operation_of, entry_of, orphans }
    }

    /// The origin at the foot of a way up.
    pub(crate) fn origin(&self, way: WayUp, found: &Propagation) -> Origin {
        let WayUp { path, ending, gave_up } = way;
        let span = path[0];
        // What stayed well at the end of the way tells of the failure only by chance.
        let carrying = path.iter().take_while(|&&at| found.carries[at.at()]).count().max(1);
        let exception = told(self.tree, &path, self.same_service(&path).min(carrying), self.rules);
        let mut origin = self.describe(path, ending, exception, gave_up.is_some());
        origin.attempts = attempts::count(self.tree, &found.carries, &origin.path);
        let caller_saw = found.signs[span.at()] == Some(Sign::CallerSaw);
        if let Some(call) = gave_up {
            // A call that was left at a limit of its own service says nothing; whoever set that limit does.
            let speaks = self.speaks(call) || codes::tell_failure(self.tree.span(call).codes);
            let teller = if speaks { None } else { self.tree.parent_of(call) };
            self.hear_from(teller.unwrap_or(call), &mut origin);
        } else if let Some(caller) = self.tree.parent_of(span).filter(|_| caller_saw) {
            self.hear_from(caller, &mut origin);
        } else {
            self.hear_answer(&mut origin);
        }
        self.weigh(&mut origin, found, gave_up.is_some());
        self.sign(&mut origin);
        origin
    }

    /// The origin in a span that is well but for a log record.
    pub(crate) fn logged(&self, ix: SpanIx) -> Origin {
        let mut origin = self.describe(vec![ix], Ending::Unnoticed, told(self.tree, &[ix], 1, self.rules), false);
        origin.kind = CauseKind::LogError;
        origin.client_fault = false;
        (origin.peer, origin.called, origin.asked) = (None, None, None);
        let frame = origin.exception.as_ref().is_some_and(|told| told.frame.is_some());
        origin.points.set(Point::Exception, origin.exception.is_some());
        origin.points.set(Point::InAppFrame, frame);
        self.sign(&mut origin);
        origin
    }

    fn describe(
        &self,
        path: Vec<SpanIx>,
        ending: Ending,
        exception: Option<ToldException>,
        found_by_time: bool,
    ) -> Origin {
        let span = path[0];
        let foot = Foot { path: &path, has_exception: exception.is_some(), found_by_time };
        let Blame { kind, peer, called, asked, callee_unseen, answered_for } = blame(self.tree, self.names, &foot);
        let operation = self.operation_of[span.at()];
        // The codes that the failure was answered with: the origin's own, else those of its operation.
        let own = self.tree.span(span).codes;
        let codes = if codes::tell_failure(own) { own } else { self.tree.span(operation).codes };
        let mut points = Points::default();
        points.set(Point::CalleeUnseen, callee_unseen);
        points.set(Point::AnsweredFor, answered_for);
        Origin {
            span,
            operation,
            kind,
            peer,
            called,
            asked,
            client_fault: self.is_client_fault(codes, &path) && !self.tells_of_a_fault(span, kind),
            entry: self.entry_of[span.at()],
            text: status_text(self.tree.span(span)).or_else(|| texts::first_text(self.tree, span)).map(str::to_owned),
            path,
            ending,
            exception,
            caller_was_told: false,
            codes,
            attempts: 1,
            points,
            signature: String::new(),
            family: String::new(),
            key: Vec::new(),
        }
    }

    /// How many spans at the foot of the path belong to the service of the first.
    fn same_service(&self, path: &[SpanIx]) -> usize {
        let service = |ix: SpanIx| self.names.operation_of(self.tree.span(ix).operation).service;
        path.iter().take_while(|&&ix| service(ix) == service(path[0])).count()
    }

    /// Takes words and codes from the call that failed, where the origin itself says nothing.
    fn hear_from(&self, call: SpanIx, origin: &mut Origin) {
        let said = texts::first_text(self.tree, call).map(|text| message::core(text).to_owned());
        origin.text = origin.text.take().or(said);
        if !codes::tell_failure(origin.codes) {
            origin.codes = self.tree.span(call).codes;
        }
    }

    /// Takes the words of the call that the origin answers, where it says nothing itself: of a gRPC failure the message goes to
    /// the caller as the server sent it, together with the code (`grpc-message` and `grpc-status` of gRPC over HTTP/2).
    ///
    /// ```text
    /// web   CLIENT Watch  15 DATA_LOSS: offset 2 is gone
    /// promo SERVER Watch  15                                  says what its caller was told
    /// ```
    ///
    /// Callers that gave up write words and code themselves.
    fn hear_answer(&self, origin: &mut Origin) {
        let code = self.tree.span(origin.span).codes.grpc;
        let by_the_server = code
            .is_some_and(|code| !matches!(code, grpc_code::OK | grpc_code::CANCELLED | grpc_code::DEADLINE_EXCEEDED));
        if !by_the_server || kind_of(self.tree, origin.span, self.names) != SpanKind::Server || has_words(origin) {
            return;
        }
        let asked = |&call: &SpanIx| {
            kind_of(self.tree, call, self.names) == SpanKind::Client && self.tree.span(call).codes.grpc == code
        };
        let Some(call) = self.tree.parent_of(origin.span).filter(asked) else { return };
        let said = texts::first_text(self.tree, call).map(message::core);
        // What is left of an answer without a message: its code, or what Python prints around it.
        let Some(said) = said.filter(|said| !said.starts_with('<') && !is_nothing_but_a_code(said)) else { return };
        match &mut origin.exception {
            Some(told) => said.clone_into(&mut told.message),
            None => origin.text = Some(said.to_owned()),
        }
        origin.caller_was_told = true;
    }

    /// Whether the origin tells of a fault of the system, whatever its operation answered: a dead store that is answered
    /// with 404 is no fault of the caller.
    fn tells_of_a_fault(&self, span: SpanIx, kind: CauseKind) -> bool {
        let own = self.tree.span(span).codes;
        let broken = matches!(kind, CauseKind::Unreachable | CauseKind::Timeout)
            || texts::tell_of_connection(self.tree, span)
            || timed_out(self.tree, span);
        broken && !codes::blame_the_caller(own)
    }

    /// Whether the caller is to blame, and no server above the origin failed by it.
    fn is_client_fault(&self, codes: Codes, path: &[SpanIx]) -> bool {
        let broke_a_server = |at: &SpanIx| {
            let above = self.tree.span(*at);
            kind_of(self.tree, *at, self.names) == SpanKind::Server
                && !codes::blame_the_caller(above.codes)
                && (above.status == Status::Error || codes::fail(above.codes, SpanKind::Server))
        };
        codes::blame_the_caller(codes) && !path.iter().skip(1).any(broke_a_server)
    }

    /// Whether a fragment that `span` is no part of began while `span` was running.
    fn has_hole_below(&self, span: SpanIx) -> bool {
        let time = self.tree.span(span).time;
        let from = self.orphans.partition_point(|&(start, _)| start < time.start);
        let meanwhile = self.orphans[from..].iter().take_while(|&&(start, _)| start <= time.end);
        // It lies in one fragment at most.
        meanwhile.take(2).any(|&(_, root)| !(root.0..self.tree.end[root.at()]).contains(&span.0))
    }

    fn sign(&self, origin: &mut Origin) {
        let operation = self.names.operation_of(self.tree.span(origin.operation).operation);
        let code = format!("{:?} {:?}", origin.codes.grpc, origin.codes.http);
        let key = Key {
            kind: origin.kind,
            service: self.names.text(operation.service),
            operation: self.names.text(operation.name),
            peer: origin.peer.as_deref(),
            exception: origin.exception.as_ref(),
            text: origin.text.as_deref().unwrap_or(""),
            code: &code,
            rules: self.rules,
        };
        let Signed { signature, family, parts } = self.signed.sign(&key);
        (origin.signature, origin.family, origin.key) = (signature, family, parts);
    }

    fn speaks(&self, ix: SpanIx) -> bool {
        texts::first_text(self.tree, ix).is_some()
    }

    fn weigh(&self, origin: &mut Origin, found: &Propagation, found_by_time: bool) {
        let carriers: Vec<SpanIx> = origin.path.iter().copied().filter(|at| found.carries[at.at()]).collect();
        let sign = found.signs[origin.span.at()];
        let silent = carriers.iter().any(|at| matches!(found.roles[at.at()], Role::Silent { .. }));
        let own = texts::first_text(self.tree, origin.span);
        let said = own.or(origin.text.as_deref());
        let repeats = |at: SpanIx, said: &str| texts::texts(self.tree, at).any(|text| message::related(text, said));
        // What was heard from the caller it does not repeat.
        let above = if origin.caller_was_told { 2 } else { 1 };
        let repeated = said.is_some_and(|said| carriers.iter().skip(above).any(|&at| repeats(at, said)));
        // Of a few characters, such as the key of a KeyError, nobody can tell whether they are repeated.
        let telling = said.is_some_and(|said| message::core(said).chars().count() >= TELLING);
        let other_words = !repeated && telling && carriers.iter().skip(above).any(|&at| self.speaks(at));
        let exception = origin.exception.as_ref();
        let top = origin.path.last().copied().unwrap_or(origin.span);
        let detail = self.tree.span(origin.span).detail.as_deref();
        let points = &mut origin.points;
        let marked = matches!(sign, Some(Sign::Status | Sign::Code));
        points.set(Point::Marked, marked);
        points.set(Point::Exception, exception.is_some());
        points.set(Point::InAppFrame, exception.is_some_and(|told| told.frame.is_some()));
        points.set(Point::MarkedChain, marked && !silent && carriers.len() > 1);
        points.set(Point::Repeated, repeated && own.is_some());
        points.set(Point::CallerWasTold, origin.caller_was_told);
        let connected = points.has(Point::AnsweredFor);
        points.set(Point::NobodyThere, origin.kind == CauseKind::Unreachable && !connected);
        points.set(Point::OnlyCallerTells, sign == Some(Sign::CallerSaw));
        points.set(Point::UnmarkedChain, silent && !repeated && !found_by_time);
        points.set(Point::ParentMissing, caller_is_missing(self.tree, top));
        points.set(Point::DroppedEvents, exception.is_none() && detail.is_some_and(|detail| detail.dropped_events > 0));
        let has_frame = exception.is_some_and(|told| told.frame.is_some());
        points
            .set(Point::CalleeWell, !found_by_time && !has_frame && callee_is_well(self.tree, origin.span, self.names));
        points.set(Point::HoleBelow, !has_frame && self.has_hole_below(origin.span));
        points.set(Point::FoundByTime, found_by_time);
        points.set(Point::OtherWords, other_words);
    }
}

/// From how many characters on a message can be told from others.
const TELLING: usize = 8;

/// Whether words are the name of a gRPC code, as it is or as grpc-js writes it before a message (`2 UNKNOWN: `).
fn is_nothing_but_a_code(words: &str) -> bool {
    let name = words.trim_start_matches(|c: char| c.is_ascii_digit()).trim().trim_end_matches(':');
    grpc_code::code(name.trim_end()).is_some()
}

/// Whether anything but its type is told of an origin.
fn has_words(origin: &Origin) -> bool {
    let Some(told) = &origin.exception else { return origin.text.is_some() };
    // Python writes `Exception: ` as the status message of an exception without one.
    let is_type = |text: &str| [&*told.kind, short_kind(&told.kind)].contains(&text.trim().trim_end_matches(':'));
    !told.message.trim().is_empty() || origin.text.as_deref().is_some_and(|text| !is_type(text))
}

fn status_text(span: &LooseSpan) -> Option<&str> {
    let detail = span.detail.as_deref()?;
    [&*detail.status_message, &*detail.error_text].into_iter().find(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_by_itself_is_no_message() {
        for words in ["UNKNOWN", "2 UNKNOWN:", "2 UNKNOWN: ", "13 INTERNAL", "Canceled"] {
            assert!(is_nothing_but_a_code(words), "{words}");
        }
        for words in ["15 DATA_LOSS: offset 2 is gone", "offset 2 is gone", "2", "", "UNKNOWN host"] {
            assert!(!is_nothing_but_a_code(words), "{words}");
        }
    }
}
