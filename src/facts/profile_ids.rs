//! The profile of a window by ids, while traces pass, and what they stand for.

use crate::analyze::kind::peer;
use crate::facts::course::{Act, ActKind};
use crate::facts::profile::Site;
use crate::facts::sample::spelt_out;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::Asked;
use crate::model::sym::Sym;
use crate::model::target::TargetId;
use crate::model::time::Nanos;

/// A [`Site`] by ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct SiteKey {
    pub(super) request: OpId,
    pub(super) operation: OpId,
    pub(super) callee: Option<OpId>,
    /// Of a call whose callee has no span.
    pub(super) target: TargetId,
    pub(super) queued: bool,
}

/// An [`Act`] by ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum ActId {
    Calls(OpId),
    Own(OpId),
    Tells(Sym),
    Complains(u32),
}

/// A [`Seen`](crate::facts::profile::Seen) by ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct SeenIds {
    pub(super) start: Nanos,
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) time: u64,
    pub(super) duration: u64,
    pub(super) course: u32,
    /// Of a call whose callee has no span.
    pub(super) asked: Asked,
}

/// A [`Passed`](crate::facts::profile::Passed) by ids.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct PassedIds {
    pub(super) start: Nanos,
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) duration: u64,
    pub(super) parts: Box<[(u32, u64)]>,
}

/// The place that these ids stand for.
pub(super) fn spelt(key: &SiteKey, names: &Names) -> Site {
    let own = names.operation_of(key.operation);
    let text = |sym: Sym| names.text(sym).to_owned();
    Site {
        service: text(own.service),
        request: text(names.operation_of(key.request).name),
        operation: text(own.name),
        callee: key.callee.map(|callee| spelt_out(names, callee)),
        peer: if key.target == TargetId::NONE { None } else { peer(&names.target_of(key.target), names) },
        queued: key.queued,
    }
}

/// The act that this id stands for; `complaints` by their numbers.
pub(super) fn spelt_act(act: ActId, complaints: &[String], names: &Names) -> Act {
    let of = |kind: ActKind, id: OpId| {
        let at = spelt_out(names, id);
        Act { kind, service: at.service, what: at.operation }
    };
    let told = |kind: ActKind, what: &str| Act { kind, service: String::new(), what: what.to_owned() };
    match act {
        ActId::Calls(id) => of(ActKind::Calls, id),
        ActId::Own(id) if names.operation_of(id).kind.gives_work() => of(ActKind::Calls, id),
        ActId::Own(id) => of(ActKind::Does, id),
        ActId::Tells(sym) if tells_error(names.text(sym)) => told(ActKind::Complains, names.text(sym)),
        ActId::Tells(sym) => told(ActKind::Tells, names.text(sym)),
        ActId::Complains(number) => {
            told(ActKind::Complains, complaints.get(number as usize).map_or("", String::as_str))
        }
    }
}

/// Whether a step is a log record of ERROR or worse: its second word is the severity.
fn tells_error(step: &str) -> bool {
    const WORDS: [&str; 4] = ["ERROR", "FATAL", "SEVERE", "CRITICAL"];
    step.split(' ').nth(1).is_some_and(|word| WORDS.contains(&word))
}
