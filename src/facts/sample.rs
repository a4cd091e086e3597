//! What is kept of the trace that shows most of a root cause: what happened, in words, and the way it took.

use crate::analyze::diagnosis::Diagnosis;
use crate::analyze::kind::CauseKind;
use crate::analyze::origin::Origin;
use crate::analyze::signature::{COMMON_PARTS, Part};
use crate::analyze::stack::frame::Frame;
use crate::analyze::told::{Cause, ToldException};
use crate::facts::callee::Callee;
use crate::facts::cause::{Exemplar, OperationName};
use crate::facts::exemplar_trace::DrawnTrace;
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span::Codes;
use crate::model::tree::{SpanIx, TraceTree};

/// How many steps of either end of a way up are kept: real ways are shorter than that, and a chain of a hundred thousand
/// spans is nothing to read.
pub const STEPS_OF_AN_END: usize = 100;

/// How many bytes of a stack trace are kept.
pub const STACKTRACE_BYTES: usize = 16 << 10;

/// How many bytes of a message, a type, a file or a function are kept.
pub const MESSAGE_BYTES: usize = 4 << 10;

/// How many calls of a stack trace are kept one by one.
pub const CALLS: usize = 100;

/// One step of the way that a failure took up.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Service and operation of the span.
    pub at: OperationName,
    /// The span's own name.
    pub span_name: String,
    /// Its role.
    pub role: &'static str,
}

/// What one trace shows of a root cause.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Which trace and span it is.
    pub exemplar: Exemplar,
    /// What sort of cause it is.
    pub kind: CauseKind,
    /// Service and operation of the origin.
    pub at: OperationName,
    /// The origin's own span name.
    pub span_name: String,
    /// The callee or system to blame in its place.
    pub peer: Option<String>,
    /// What the call tells of that callee.
    pub callee: Option<Box<Callee>>,
    /// The caller is to blame.
    pub client_fault: bool,
    /// The exception; long texts in it are cut.
    pub exception: Option<ToldException>,
    /// Status message or other words of the span; cut when long.
    pub text: Option<String>,
    /// The message is the one with which the caller was answered: the span has none of its own.
    pub caller_was_told: bool,
    /// Answer codes.
    pub codes: Codes,
    /// How often in turn a call on the way up was made, failing each time; 1 when it was not repeated.
    pub attempts: u32,
    /// The key that it shares with faults of the same type and words.
    pub family: Box<str>,
    /// What its keys were made of beside blame, service, operation and peer; long values are cut.
    pub key: Box<[Part]>,
    /// The way up, origin first; of a very long one both ends.
    pub path: Vec<Step>,
    /// How many steps were left out in the middle of `path`.
    pub hidden_steps: u64,
    /// The trace itself, to be drawn; `None` where a trace has too many root causes.
    pub picture: Option<Box<DrawnTrace>>,
    /// About how many bytes all of this takes.
    pub bytes: usize,
}

impl Sample {
    /// What `origin` shows in its trace.
    #[must_use]
    pub fn of(tree: &TraceTree, diagnosis: &Diagnosis, origin: &Origin, exemplar: Exemplar, names: &Names) -> Self {
        let name = |ix: SpanIx| names.text(tree.span(ix).name).to_owned();
        let at = |ix: SpanIx| spelt_out(names, tree.span(ix).operation);
        let step = |&ix: &SpanIx| Step {
            at: at(ix),
            span_name: name(ix),
            role: if ix == origin.span { "origin" } else { diagnosis.role(ix).as_str() },
        };
        let (start, rest) = origin.path.split_at(origin.path.len().min(STEPS_OF_AN_END));
        let (hidden, end) = rest.split_at(rest.len().saturating_sub(STEPS_OF_AN_END));
        let mut sample = Self {
            exemplar,
            kind: origin.kind,
            at: at(origin.operation),
            span_name: name(origin.span),
            peer: origin.peer.clone(),
            callee: origin.called.map(|target| Box::new(Callee::of(names, target, origin.asked.unwrap_or_default()))),
            client_fault: origin.client_fault,
            exception: origin.exception.as_ref().map(shortened),
            text: origin.text.as_deref().map(|text| cut(text, MESSAGE_BYTES)),
            caller_was_told: origin.caller_was_told,
            codes: origin.codes,
            attempts: origin.attempts,
            family: Box::from(&*origin.family),
            key: origin
                .key
                .iter()
                .skip(COMMON_PARTS)
                .map(|part| Part { value: cut(&part.value, MESSAGE_BYTES), ..*part })
                .collect(),
            path: start.iter().chain(end).map(step).collect(),
            hidden_steps: hidden.len() as u64,
            picture: None,
            bytes: 0,
        };
        sample.bytes = sample.weight();
        sample
    }

    /// Adds the trace itself.
    pub(crate) fn draw(&mut self, picture: DrawnTrace) {
        self.bytes += picture.bytes();
        self.picture = Some(Box::new(picture));
    }

    /// How many times the way up came from one service to another: how far from its own the failure was noticed.
    #[must_use]
    pub(crate) fn services_crossed(&self) -> usize {
        self.path.windows(2).filter(|steps| steps[0].at.service != steps[1].at.service).count()
    }

    fn weight(&self) -> usize {
        let place = |at: &OperationName| at.service.len() + at.operation.len();
        let frame =
            |frame: &Option<Frame>| frame.as_ref().map_or(0, |it| it.file.len() + it.function.len() + it.package.len());
        let key: usize = self.key.iter().map(|part| size_of::<Part>() + part.value.len()).sum();
        let told = self.exception.as_ref().map_or(0, |told| {
            let calls =
                told.calls.iter().map(|it| size_of::<Frame>() + it.file.len() + it.function.len() + it.package.len());
            let causes = told.causes.iter();
            let causes = causes.map(|it| size_of::<Cause>() + it.kind.len() + it.message.len() + frame(&it.frame));
            told.kind.len()
                + told.class.len()
                + told.message.len()
                + told.stacktrace.len()
                + frame(&told.frame)
                + causes.sum::<usize>()
                + calls.sum::<usize>()
        });
        let steps = self.path.iter().map(|step| size_of::<Step>() + place(&step.at) + step.span_name.len());
        let words = self.text.as_ref().map_or(0, String::len) + self.peer.as_ref().map_or(0, String::len);
        let callee = self.callee.as_ref().map_or(0, |it| it.bytes());
        let own = size_of::<Self>() + place(&self.at) + self.span_name.len();
        own + key + words + callee + told + steps.sum::<usize>()
    }
}

/// Service and name of an operation, as whole words.
pub(crate) fn spelt_out(names: &Names, operation: OpId) -> OperationName {
    let operation = names.operation_of(operation);
    OperationName {
        service: names.text(operation.service).to_owned(),
        operation: names.text(operation.name).to_owned(),
    }
}

/// The exception without what only its signature needs, and with no more of its texts than is ever shown.
fn shortened(told: &ToldException) -> ToldException {
    let short = |frame: &Frame| Frame {
        file: cut(&frame.file, MESSAGE_BYTES).into_boxed_str(),
        function: cut(&frame.function, MESSAGE_BYTES).into_boxed_str(),
        package: cut(&frame.package, MESSAGE_BYTES).into_boxed_str(),
        ..*frame
    };
    let frame = |frame: &Option<Frame>| frame.as_ref().map(short);
    let cause = |cause: &Cause| Cause {
        kind: cut(&cause.kind, MESSAGE_BYTES),
        message: cut(&cause.message, MESSAGE_BYTES),
        frame: frame(&cause.frame),
        in_app: Vec::new(),
    };
    ToldException {
        kind: cut(&told.kind, MESSAGE_BYTES),
        class: cut(&told.class, MESSAGE_BYTES),
        message: cut(&told.message, MESSAGE_BYTES),
        stacktrace: cut(&told.stacktrace, STACKTRACE_BYTES),
        frame: frame(&told.frame),
        in_app: Vec::new(),
        calls: told.calls.iter().take(CALLS).map(short).collect(),
        causes: told.causes.iter().map(cause).collect(),
    }
}

/// The text, cut between characters and marked when it is longer than `bytes`.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    let start = &text[..text.floor_char_boundary(bytes)];
    if start.len() < text.len() { format!("{start}… [cut]") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_marked() {
        let told = ToldException {
            kind: "E".to_owned(),
            message: "ä".repeat(MESSAGE_BYTES),
            stacktrace: "x".repeat(STACKTRACE_BYTES),
            ..ToldException::default()
        };
        let short = shortened(&told);
        assert!(short.message.ends_with("ä… [cut]") && short.message.len() <= MESSAGE_BYTES + "… [cut]".len());
        assert_eq!((short.kind, short.stacktrace), (told.kind, told.stacktrace));
    }

    #[test]
    fn of_a_deep_stack_trace_the_innermost_calls_are_listed_and_the_text_stays() {
        let shown = |calls: u32| {
            shortened(&ToldException {
                stacktrace: "all of them".to_owned(),
                calls: (1..=calls).map(|line| Frame { line: Some(line), ..Frame::default() }).collect(),
                ..ToldException::default()
            })
        };
        for calls in [100, 101] {
            let shown = shown(calls);
            let lines: Vec<u32> = shown.calls.iter().filter_map(|call| call.line).collect();
            assert_eq!(lines, (1..=100).collect::<Vec<u32>>(), "of {calls}");
            assert_eq!(shown.stacktrace, "all of them");
        }
    }
}
