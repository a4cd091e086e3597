//! All that analysis says of one trace: roles, entry points, and the origins of its failures.

use crate::analyze::confidence::{Point, Points};
use crate::analyze::entries::Entries;
use crate::analyze::failure::{Sign, caller_is_missing, kind_of, timed_out};
use crate::analyze::kind::{Blame, CauseKind, blame};
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::propagation::{Propagation, propagate};
use crate::analyze::role::Role;
use crate::analyze::signature::Key;
use crate::analyze::slow_path::slow_path;
use crate::analyze::told::{ToldException, told};
use crate::analyze::{codes, fragments, log_error, message, texts};
use crate::model::names::{Names, SpanKind};
use crate::model::span::{Codes, LooseSpan, Status};
use crate::model::tree::{SpanIx, TraceTree};

/// What happened in one trace.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diagnosis {
    /// The role of each span; empty when no span failed and no log told of an exception.
    pub roles: Vec<Role>,
    /// The entry points.
    pub entries: Entries,
    /// Where failures began, in the order of the tree.
    pub origins: Vec<Origin>,
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

    /// The entry points that failed, each once, in the order of the tree.
    #[must_use]
    pub fn failed_entries(&self) -> Vec<SpanIx> {
        let mut failed: Vec<SpanIx> = self.origins.iter().filter_map(Origin::failed_entry).collect();
        failed.sort_unstable();
        failed.dedup();
        failed
    }
}

/// Diagnoses one trace. Never fails: a trace of which nothing can be said has no origins.
#[must_use]
pub fn diagnose(tree: &TraceTree, names: &Names) -> Diagnosis {
    let entries = Entries::of(tree, names);
    let mut diagnosis = Diagnosis { entries, ..Diagnosis::default() };
    if let Some(mut found) = propagate(tree, &diagnosis.entries, names) {
        let origins: Vec<SpanIx> = tree.indices().filter(|&ix| is_origin(&found, ix)).collect();
        for ix in origins {
            if is_callers_own(tree, &diagnosis.entries, ix) {
                diagnosis.callers_own += 1;
                continue;
            }
            let case = Case { tree, names, entries: &diagnosis.entries };
            if let Some(origin) = case.origin(ix, &mut found) {
                diagnosis.origins.push(origin);
            }
        }
        fragments::bridge(tree, &mut diagnosis.origins, &mut found.roles);
        mark_competing(&mut diagnosis.origins);
        diagnosis.roles = found.roles;
    }
    log_error::find(tree, names, &mut diagnosis);
    diagnosis
}

fn is_origin(found: &Propagation, ix: SpanIx) -> bool {
    found.carries[ix.at()] && found.from[ix.at()].is_none()
}

/// A failing span of a load generator whose request was answered well is no fault of the system.
fn is_callers_own(tree: &TraceTree, entries: &Entries, ix: SpanIx) -> bool {
    let below = entries.spans.partition_point(|&entry| entry <= ix);
    let answered = entries.spans.get(below).is_some_and(|entry| entry.0 < tree.end[ix.at()]);
    entries.on_callers_side(ix) && answered && !timed_out(tree, ix)
}

/// Two origins that reached the same entry point compete.
fn mark_competing(origins: &mut [Origin]) {
    let mut reached: Vec<(SpanIx, String)> =
        origins.iter().filter_map(|origin| Some((origin.failed_entry()?, origin.signature.clone()))).collect();
    reached.sort_unstable();
    reached.dedup();
    for origin in origins {
        let others = origin.failed_entry().map_or(0, |entry| reached.iter().filter(|(at, _)| *at == entry).count());
        origin.points.set(Point::Competing, others > 1);
    }
}

pub(crate) struct Case<'t> {
    pub(crate) tree: &'t TraceTree,
    pub(crate) names: &'t Names,
    pub(crate) entries: &'t Entries,
}

impl Case<'_> {
    fn origin(&self, ix: SpanIx, found: &mut Propagation) -> Option<Origin> {
        let mut path = self.down_the_slow_path(ix, found);
        let ending = self.climb(&mut path, found)?;
        let same_service = self.same_service(&path);
        // What stayed well at the end of the way tells of the failure only by chance.
        let carrying = path.iter().take_while(|&&at| found.carries[at.at()]).count().max(1);
        let exception = told(self.tree, &path, same_service.min(carrying));
        let mut origin = self.describe(path, ending, exception);
        let found_by_time = origin.span != ix;
        if found_by_time {
            origin.kind = CauseKind::Timeout;
            origin.points.set(Point::FoundByTime, true);
            self.hear_from(ix, &mut origin);
        } else if let (Some(Sign::CallerSaw), Some(caller)) = (found.signs[ix.at()], self.tree.parent_of(ix)) {
            self.hear_from(caller, &mut origin);
        }
        origin.signature = self.signature(&origin);
        self.weigh(&mut origin, found);
        Some(origin)
    }

    /// Takes words and codes from the call that failed, where the origin itself says nothing.
    fn hear_from(&self, call: SpanIx, origin: &mut Origin) {
        let said = texts::first_text(self.tree, call).map(|text| message::core(text).to_owned());
        origin.text = origin.text.take().or(said);
        if !tells_of_failure(origin.codes) {
            origin.codes = self.tree.span(call).codes;
        }
    }

    /// For a call that waited too long on a callee that did not fail: from where the time went up to the call.
    fn down_the_slow_path(&self, ix: SpanIx, found: &mut Propagation) -> Vec<SpanIx> {
        if kind_of(self.tree, ix, self.names) != SpanKind::Client || !timed_out(self.tree, ix) {
            return vec![ix];
        }
        let mut path = slow_path(self.tree, ix, self.names);
        path.reverse();
        for pair in path.windows(2) {
            let (below, above) = (pair[0], pair[1]);
            let failed = found.signs[above.at()].is_some();
            found.roles[above.at()] =
                if failed { Role::Propagated { from: below } } else { Role::Silent { from: below } };
            found.from[above.at()] = Some(below);
            found.carries[below.at()] = true;
        }
        if let Some(&foot) = path.first() {
            found.roles[foot.at()] = Role::Origin;
        }
        path
    }

    /// Follows the failure up from the last span of `path`, adding each span that carried it, and says where it ended;
    /// `None` when the way leads into a call that was cut short, which is no failure of its own.
    fn climb(&self, path: &mut Vec<SpanIx>, found: &Propagation) -> Option<Ending> {
        let mut at = *path.last()?;
        loop {
            match found.roles[at.at()] {
                Role::Cancelled { .. } => return None,
                Role::Retried { .. } => return Some(Ending::Retried(at)),
                _ if self.entries.contains(at) => return Some(Ending::Entry(at)),
                _ => {}
            }
            let Some(above) = self.tree.parent_of(at) else {
                return Some(self.at_the_top(at, found));
            };
            let led_on = found.from[above.at()] == Some(at);
            if found.carries[above.at()] {
                if !led_on {
                    return Some(Ending::Superseded(above));
                }
                path.push(above);
                at = above;
            } else {
                path.push(above);
                return Some(Ending::Absorbed(above));
            }
        }
    }

    /// A failure that reached a root which is no entry point: of a load generator, or of a fragment.
    fn at_the_top(&self, root: SpanIx, found: &Propagation) -> Ending {
        if !caller_is_missing(self.tree, root) {
            return Ending::Entry(root);
        }
        // What was above the fragment is unknown. If a request of the trace failed, this is a likely reason.
        match self.entries.spans.iter().find(|entry| found.carries[entry.at()]) {
            Some(&entry) => Ending::Entry(entry),
            None => Ending::Absorbed(root),
        }
    }

    /// How many spans at the foot of the path belong to the service of the first.
    fn same_service(&self, path: &[SpanIx]) -> usize {
        let service = |ix: SpanIx| self.names.operation_of(self.tree.span(ix).operation).service;
        path.iter().take_while(|&&ix| service(ix) == service(path[0])).count()
    }

    /// Puts together what is known of the origin at the foot of `path`.
    pub(crate) fn describe(&self, path: Vec<SpanIx>, ending: Ending, exception: Option<ToldException>) -> Origin {
        let span = path[0];
        let Blame { kind, peer, callee_unseen } = blame(self.tree, span, self.names, exception.is_some());
        let operation = self.operation_span(span);
        let codes = self.answer_codes(span, operation);
        let mut points = Points::default();
        points.set(Point::CalleeUnseen, callee_unseen);
        let mut origin = Origin {
            span,
            operation,
            kind,
            peer,
            client_fault: self.is_client_fault(span, codes, &path),
            entry: self.entry_of(span),
            text: status_text(self.tree.span(span)).or_else(|| texts::first_text(self.tree, span)).map(str::to_owned),
            path,
            ending,
            exception,
            codes,
            points,
            signature: String::new(),
        };
        origin.signature = self.signature(&origin);
        origin
    }

    /// Sets what a finding that only a log record tells of has to say for itself.
    pub(crate) fn finish_log_error(&self, origin: &mut Origin) {
        origin.points.set(Point::Exception, origin.exception.is_some());
        let frame = origin.exception.as_ref().is_some_and(|told| told.frame.is_some());
        origin.points.set(Point::InAppFrame, frame);
        origin.signature = self.signature(origin);
    }

    fn signature(&self, origin: &Origin) -> String {
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
        };
        key.signature()
    }

    /// The nearest SERVER or CONSUMER span at or above `ix` in the same service, else `ix`.
    fn operation_span(&self, ix: SpanIx) -> SpanIx {
        let service = |at: SpanIx| self.names.operation_of(self.tree.span(at).operation).service;
        std::iter::once(ix)
            .chain(self.tree.ancestors(ix))
            .take_while(|&at| service(at) == service(ix))
            .find(|&at| kind_of(self.tree, at, self.names).takes_work())
            .unwrap_or(ix)
    }

    /// The codes that the failure was answered with: the origin's own, else those of its operation.
    fn answer_codes(&self, span: SpanIx, operation: SpanIx) -> Codes {
        let tells =
            |codes: Codes| codes.grpc.is_some_and(|code| code != 0) || codes.http.is_some_and(|code| code >= 400);
        let own = self.tree.span(span).codes;
        if tells(own) { own } else { self.tree.span(operation).codes }
    }

    /// DESIGN.md: the caller's own faults are information, unless a server above failed by them.
    fn is_client_fault(&self, span: SpanIx, codes: Codes, path: &[SpanIx]) -> bool {
        codes::blame_the_caller(codes)
            && !path.iter().any(|&at| {
                let above = self.tree.span(at);
                at != span
                    && kind_of(self.tree, at, self.names) == SpanKind::Server
                    && !codes::blame_the_caller(above.codes)
                    && (above.status == Status::Error || codes::fail(above.codes, SpanKind::Server))
            })
    }

    fn entry_of(&self, ix: SpanIx) -> Option<SpanIx> {
        std::iter::once(ix).chain(self.tree.ancestors(ix)).find(|&at| self.entries.contains(at))
    }

    fn weigh(&self, origin: &mut Origin, found: &Propagation) {
        let carriers: Vec<SpanIx> = origin.path.iter().copied().filter(|at| found.carries[at.at()]).collect();
        let sign = found.signs[origin.span.at()];
        let silent = carriers.iter().any(|at| matches!(found.roles[at.at()], Role::Silent { .. }));
        let told = texts::first_text(self.tree, origin.span).or(origin.text.as_deref());
        let repeated = told.is_some_and(|told| {
            carriers.iter().skip(1).any(|&at| texts::texts(self.tree, at).any(|text| message::wraps(text, told)))
        });
        let exception = origin.exception.as_ref();
        let top = origin.path.last().copied().unwrap_or(origin.span);
        let detail = self.tree.span(origin.span).detail.as_deref();
        let found_by_time = origin.points.has(Point::FoundByTime);
        let points = &mut origin.points;
        points.set(Point::Marked, matches!(sign, Some(Sign::Status | Sign::Code)));
        points.set(Point::Exception, exception.is_some());
        points.set(Point::InAppFrame, exception.is_some_and(|told| told.frame.is_some()));
        points.set(Point::MarkedChain, !silent && carriers.len() > 1);
        points.set(Point::Repeated, repeated);
        points.set(Point::NobodyThere, origin.kind == CauseKind::Unreachable);
        points.set(Point::OnlyCallerTells, sign == Some(Sign::CallerSaw));
        points.set(Point::UnmarkedChain, silent && !repeated && !found_by_time);
        points.set(Point::ParentMissing, caller_is_missing(self.tree, top));
        points.set(Point::DroppedEvents, exception.is_none() && detail.is_some_and(|detail| detail.dropped_events > 0));
    }
}

fn tells_of_failure(codes: Codes) -> bool {
    codes.grpc.is_some_and(|code| code != 0) || codes.http.is_some_and(|code| code >= 400)
}

fn status_text(span: &LooseSpan) -> Option<&str> {
    let detail = span.detail.as_deref()?;
    [&*detail.status_message, &*detail.error_text].into_iter().find(|text| !text.trim().is_empty())
}
