//! The span in which a failure began, with everything that is known of that failure.

use crate::analyze::confidence::Points;
use crate::analyze::kind::CauseKind;
use crate::analyze::signature::Part;
use crate::analyze::told::ToldException;
use crate::model::span::{Asked, Codes};
use crate::model::target::TargetId;
use crate::model::tree::SpanIx;

/// How far a failure got.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// An unbroken chain reaches the entry point, through silent spans too.
    Fatal,
    /// It ended on the way: a fallback, a retry, an error that was swallowed.
    Absorbed,
}

/// Where the way up ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// At this entry point.
    Entry(SpanIx),
    /// At a span that stayed well.
    Absorbed(SpanIx),
    /// At an attempt that was repeated with success.
    Retried(SpanIx),
    /// Below a span that failed for another reason.
    Superseded(SpanIx),
    /// It never left the span: only a log record tells of it.
    Unnoticed,
}

/// One failure of one trace, from where it began.
#[derive(Clone, PartialEq, Debug)]
pub struct Origin {
    /// The span in which it began.
    pub span: SpanIx,
    /// The nearest SERVER or CONSUMER span at or above it in the same service, else itself: names the operation.
    pub operation: SpanIx,
    /// What sort of cause it is.
    pub kind: CauseKind,
    /// The callee or system to blame when that has no span of its own.
    pub peer: Option<String>,
    /// What the call tells of that callee.
    pub called: Option<TargetId>,
    /// What was asked of that callee, if it is a database.
    pub asked: Option<Asked>,
    /// The caller is to blame: a wrong argument, an unknown thing, a missing right, and no server above failed by it.
    pub client_fault: bool,
    /// The way up: the origin first, then every span that carried the failure, last where it ended.
    pub path: Vec<SpanIx>,
    /// Where the way up ended.
    pub ending: Ending,
    /// The entry point of the request in which it happened, whether the failure reached it or not.
    pub entry: Option<SpanIx>,
    /// The exception, if one was told.
    pub exception: Option<ToldException>,
    /// What the span says besides: status message or error text.
    pub text: Option<String>,
    /// Its message, of the exception or else the text, is the one with which its caller was answered: it has none of its own.
    pub caller_was_told: bool,
    /// The answer codes of the span.
    pub codes: Codes,
    /// How often in turn a call on the way up was made, failing each time; 1 when it was not repeated.
    pub attempts: u32,
    /// What speaks for and against.
    pub points: Points,
    /// The key of the same fault in other traces.
    pub signature: String,
    /// The key that it shares with faults of the same type and words, wherever they were thrown.
    pub family: String,
    /// What both keys were made of.
    pub key: Vec<Part>,
}

impl Origin {
    /// How far the failure got; `None` for the caller's own faults and for what nobody noticed.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        match self.ending {
            _ if self.client_fault => None,
            Ending::Unnoticed => None,
            Ending::Entry(_) => Some(Effect::Fatal),
            Ending::Absorbed(_) | Ending::Retried(_) | Ending::Superseded(_) => Some(Effect::Absorbed),
        }
    }

    /// The entry point that failed by it.
    #[must_use]
    pub fn failed_entry(&self) -> Option<SpanIx> {
        match self.ending {
            Ending::Entry(entry) if !self.client_fault => Some(entry),
            _ => None,
        }
    }
}
