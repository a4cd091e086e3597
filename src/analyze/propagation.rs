//! The walk that gives every span its role: children before parents, in one loop.

use crate::analyze::codes;
use crate::analyze::entries::Entries;
use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::explanation::{Children, Weighing, is_heard};
use crate::analyze::failure::{Sign, caller, kind_of, signs};
use crate::analyze::role::Role;
use crate::analyze::texts;
use crate::model::names::Names;
use crate::model::span::{Codes, Status};
use crate::model::span_kind::SpanKind;
use crate::model::tree::{SpanIx, TraceTree};

/// How the failures of one trace spread over its spans.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Propagation {
    /// By what sign each span failed by itself.
    pub signs: Vec<Option<Sign>>,
    /// The role of each span.
    pub roles: Vec<Role>,
    /// The child that explains each span's failure, or whose failure ended there.
    pub from: Vec<Option<SpanIx>>,
    /// Whether the span failed or passes a failure on.
    pub carries: Vec<bool>,
    /// The first entry point that failed.
    pub failed_entry: Option<SpanIx>,
}

/// Gives every span of a trace its role; `None` when no span failed.
///
/// ```text
/// frontend POST /checkout    500          ->  propagated
/// └─ frontend handler        unset        ->  silent
///    └─ checkout PlaceOrder  ERROR        ->  propagated
///       ├─ email SendMail    ERROR        ->  origin        tolerated: PlaceOrder went on and failed by another
///       └─ payment Charge    ERROR        ->  origin        the one that its parent's message repeats
/// ```
#[must_use]
pub fn propagate(tree: &TraceTree, entries: &Entries, names: &Names, rules: &ExceptionRules) -> Option<Propagation> {
    let signs = signs(tree, names);
    if signs.iter().all(Option::is_none) {
        return None;
    }
    let count = tree.len();
    let mut walk = Walk {
        lets_pass: lets_pass(tree, &signs, names),
        said_below: vec![None; count],
        weighing: Weighing { tree, names, rules, said_above: said_above(tree, &signs) },
        entries,
        found: Propagation {
            signs,
            roles: vec![Role::Healthy; count],
            from: vec![None; count],
            carries: vec![false; count],
            failed_entry: None,
        },
    };
    for ix in tree.indices().rev() {
        walk.settle(ix);
    }
    let mut found = walk.found;
    found.failed_entry = entries.spans.iter().copied().find(|entry| found.carries[entry.at()]);
    Some(found)
}

/// With how many failures before it a span is compared to see whether it only tells of them again.
const RELAYED_FROM: usize = 8;

struct Walk<'t> {
    weighing: Weighing<'t>,
    entries: &'t Entries,
    lets_pass: Vec<bool>,
    said_below: Vec<Option<SpanIx>>,
    found: Propagation,
}

impl Walk<'_> {
    fn settle(&mut self, ix: SpanIx) {
        let (tree, names) = (self.weighing.tree, self.weighing.names);
        let sign = self.found.signs[ix.at()];
        let mut children = Children::of(tree, names, ix, |child| {
            self.found.carries[child.at()] && caller(tree, child, names).is_some()
        });
        self.set_handled_apart(ix, &mut children);
        self.set_relays_apart(&mut children);
        for &(child, by) in &children.cancelled {
            self.found.roles[child.at()] = Role::Cancelled { by: Some(by) };
        }
        let passes = sign.is_some() || self.lets_pass[ix.at()] || self.callers_side_passes(ix, &children);
        let decisive = if passes { self.weighing.choose(ix, &children, &self.said_below) } else { None };
        let mut tolerated = Vec::new();
        for &child in children.failing.iter().filter(|&&child| Some(child) != decisive) {
            match children.good_attempt_after(tree, child) {
                Some(by) => self.found.roles[child.at()] = Role::Retried { by },
                None => tolerated.push(child),
            }
        }
        let marked = sign.is_some_and(|sign| sign != Sign::CallerSaw);
        let (role, carries) = match (decisive, sign) {
            (Some(from), _) if marked => (Role::Propagated { from }, true),
            (Some(from), _) => (Role::Silent { from }, true),
            (None, Some(_)) => (Role::Origin, true),
            (None, None) => match self.weighing.decisive(tolerated) {
                Some(from) => (Role::Absorbed { from }, false),
                None => (Role::Healthy, false),
            },
        };
        self.found.roles[ix.at()] = role;
        self.found.carries[ix.at()] = carries;
        self.found.from[ix.at()] = match role {
            Role::Propagated { from } | Role::Silent { from } | Role::Absorbed { from } => Some(from),
            _ => None,
        };
        if carries {
            let speaks = texts::first_text(tree, ix).is_some();
            self.said_below[ix.at()] =
                if speaks { Some(ix) } else { decisive.and_then(|child| self.said_below[child.at()]) };
        }
    }

    /// An exception on an unmarked inner span got out only if its caller repeats it, or if nothing else failed beside it and
    /// its caller threw nothing else; otherwise it was recorded where it was handled.
    fn set_handled_apart(&mut self, parent: SpanIx, children: &mut Children) {
        let (tree, names) = (self.weighing.tree, self.weighing.names);
        let (weighing, found) = (&self.weighing, &mut self.found);
        let is_weak = |found: &Propagation, child: SpanIx| {
            found.signs[child.at()] == Some(Sign::ExceptionCallerFailed)
                && found.from[child.at()].is_none()
                && !kind_of(tree, child, names).takes_work()
        };
        let others = children.failing.iter().any(|&child| !is_weak(found, child));
        let parent_threw = tree.exceptions_of(parent).next().is_some();
        let (count, mut places) = (children.failing.len(), 0..);
        children.failing.retain(|&child| {
            let heard = places.next().is_some_and(|place| is_heard(place, count));
            let repeated = || heard && weighing.repeats(parent, child);
            let handled = is_weak(found, child) && (others || parent_threw) && !repeated();
            if handled {
                found.roles[child.at()] = Role::Healthy;
                found.carries[child.at()] = false;
            }
            !handled
        });
    }

    /// A span that only tells again of what failed beside it before is no failure of its own.
    ///
    /// Where starts are rounded, it may come first in the order of starts: then the one that has a failure below it is told
    /// of, and the other one tells.
    ///
    /// ```text
    /// express 0.0..0.6     express
    /// └─ GET               └─ GET
    /// handler 2.0..2.3     handler       tells of express
    ///
    /// handler 0.0..0.3     handler       tells of express: both begin within one millisecond
    /// express 0.0..0.6     express
    /// └─ GET               └─ GET
    /// ```
    fn set_relays_apart(&mut self, children: &mut Children) {
        if children.failing.len() < 2 {
            return;
        }
        let mut kept: Vec<SpanIx> = Vec::with_capacity(children.failing.len());
        for &child in &children.failing {
            // The failures right before it are the likely ones; a row of thousands is not compared pair by pair.
            let near = kept.len().saturating_sub(RELAYED_FROM);
            if self.begins(child) {
                match kept[near..].iter().rev().copied().find(|&told| self.tells_of(child, told)) {
                    Some(told) => self.set_relay(child, told),
                    None => kept.push(child),
                }
                continue;
            }
            for before in kept.split_off(near) {
                if self.begins(before) && self.tells_of(before, child) {
                    self.set_relay(before, child);
                } else {
                    kept.push(before);
                }
            }
            kept.push(child);
        }
        children.failing = kept;
    }

    /// Whether no failure below it explains that of a span.
    fn begins(&self, ix: SpanIx) -> bool {
        self.found.from[ix.at()].is_none()
    }

    fn tells_of(&self, relay: SpanIx, told: SpanIx) -> bool {
        self.weighing.is_relay_of(relay, told, self.said_below[told.at()])
    }

    fn set_relay(&mut self, relay: SpanIx, told: SpanIx) {
        self.found.roles[relay.at()] = Role::Propagated { from: told };
        self.found.from[relay.at()] = Some(told);
    }

    /// Load generators and browsers leave their own spans unset. One whose last call failed was hit by that failure;
    /// one that went on to other calls got over it.
    fn callers_side_passes(&self, ix: SpanIx, children: &Children) -> bool {
        let tree = self.weighing.tree;
        tree.span(ix).status == Status::Unset
            && self.entries.on_callers_side(ix)
            && !children.failing.is_empty()
            && !children.got_over_the_last(tree)
    }
}

/// Whether an unset span may pass on a failure from below: the span above it failed, or is unset and lets pass itself.
fn lets_pass(tree: &TraceTree, signs: &[Option<Sign>], names: &Names) -> Vec<bool> {
    let mut lets_pass = vec![false; tree.len()];
    for ix in tree.indices() {
        let span = tree.span(ix);
        let kind = kind_of(tree, ix, names);
        // A gRPC server's code 0 is no proof: Python writes it although the handler threw.
        let went_well = match kind {
            SpanKind::Server | SpanKind::Consumer => codes::tell_success_by_http(span.codes),
            _ => codes::tell_success(span.codes),
        };
        lets_pass[ix.at()] = span.status == Status::Unset
            && !went_well
            && (told_its_caller(span.codes, kind)
                || caller(tree, ix, names).is_some_and(|above| signs[above.at()].is_some() || lets_pass[above.at()]));
    }
    lets_pass
}

/// Whether a server answered with a failure, be it one that it blames on its caller, so that no caller's span is needed to
/// know that the failure was passed on.
fn told_its_caller(codes: Codes, kind: SpanKind) -> bool {
    kind == SpanKind::Server && codes::tell_failure(codes)
}

fn said_above(tree: &TraceTree, signs: &[Option<Sign>]) -> Vec<Option<SpanIx>> {
    let mut said: Vec<Option<SpanIx>> = vec![None; tree.len()];
    for ix in tree.indices() {
        said[ix.at()] = if signs[ix.at()].is_some() && texts::first_text(tree, ix).is_some() {
            Some(ix)
        } else {
            tree.parent_of(ix).and_then(|above| said[above.at()])
        };
    }
    said
}
