//! The exception of an origin: which of those told of it, what caused it, and the line of code.

use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::go;
use crate::analyze::{message, texts};
use crate::model::exception::{Exception, ExceptionSource};
use crate::model::tree::{SpanIx, TraceTree};

/// An exception with its parsed stack: what the evidence shows of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ToldException {
    /// Class name, or the code that the SDK wrote in its place; empty when not told.
    pub kind: String,
    /// The class name as the stack has it, where the type is only a code; else empty.
    pub class: String,
    /// The message as told.
    pub message: String,
    /// The stack trace as told.
    pub stacktrace: String,
    /// Its innermost in-app frame.
    pub frame: Option<Frame>,
    /// Its in-app frames, innermost first: part of the signature.
    pub in_app: Vec<Frame>,
    /// All its calls, innermost first.
    pub calls: Vec<Frame>,
    /// What caused it, outermost first.
    pub causes: Vec<Cause>,
}

/// How many different exceptions of one span are looked at.
const DISTINCT: usize = 32;

/// One link of a cause chain.
#[derive(Clone, PartialEq, Debug)]
pub struct Cause {
    /// Class name.
    pub kind: String,
    /// Message.
    pub message: String,
    /// Its own innermost in-app frame.
    pub frame: Option<Frame>,
    /// Its own in-app frames, innermost first: part of the signature.
    pub in_app: Vec<Frame>,
}

/// The exception of the span at the foot of `path`, or else of the nearest span of its service on the path that carries
/// the same failure: one that repeats the origin's words, or any if the origin says nothing.
///
/// The foot comes first in `path`. The frame comes from the exception itself; a driver's exception that has no line of
/// the application borrows that of the nearest such span.
pub(crate) fn told(
    tree: &TraceTree,
    path: &[SpanIx],
    same_service: usize,
    rules: &ExceptionRules,
) -> Option<ToldException> {
    let (&foot, above) = path[..same_service].split_first()?;
    let mut told = compose(&distinct(tree, foot), rules);
    let words = texts::first_text(tree, foot).map(str::to_owned);
    for &ix in above {
        if told.as_ref().is_some_and(|told| told.frame.is_some()) {
            break;
        }
        let mut exceptions = distinct(tree, ix);
        exceptions.retain(|exception| words.as_deref().is_none_or(|words| says(exception, words)));
        match &mut told {
            None => told = compose(&exceptions, rules),
            Some(told) => borrow_frame(told, &exceptions, rules),
        }
    }
    told
}

/// Whether an exception repeats or wraps `words`, in its message or further down its stack trace.
fn says(exception: &Exception, words: &str) -> bool {
    message::related(&exception.message, words) || message::wraps(&exception.stacktrace, words)
}

fn borrow_frame(told: &mut ToldException, above: &[&Exception], rules: &ExceptionRules) {
    let stacks = above.iter().rev().filter_map(|exception| rules.parse(&exception.stacktrace));
    if let Some(block) = stacks.flat_map(|stack| stack.blocks).find(|block| block.top_in_app().is_some()) {
        told.frame = block.top_in_app().cloned();
        told.in_app = in_app(&block);
    }
}

/// The exceptions told of a span, each once: the Python SDK tells some twice, and logs repeat what events say.
///
/// Of two tellings the one with the stack trace stays, in the place of the first.
fn distinct(tree: &TraceTree, ix: SpanIx) -> Vec<&Exception> {
    let mut kept: Vec<&Exception> = Vec::new();
    for exception in tree.exceptions_of(ix) {
        let same = kept.iter().position(|known| {
            short_kind(&known.kind) == short_kind(&exception.kind) && repeats(&known.message, &exception.message)
        });
        match same {
            Some(at) if kept[at].stacktrace.is_empty() => kept[at] = exception,
            Some(_) => {}
            // A hostile span with a hundred thousand exceptions is not compared pair by pair.
            None if kept.len() < DISTINCT => kept.push(exception),
            None => {}
        }
    }
    // An event on the span is nearer to what happened than a log record that tells of something else.
    let on_span = |exception: &&Exception| exception.source == ExceptionSource::SpanEvent;
    if kept.iter().any(on_span) {
        kept.retain(on_span);
    }
    kept
}

fn repeats(known: &str, other: &str) -> bool {
    known == other || message::related(known, other)
}

/// The last part of a dotted class name: logs say `UndefinedError` where spans say `jinja2.exceptions.UndefinedError`.
pub(crate) fn short_kind(kind: &str) -> &str {
    kind.rsplit(['.', '/', ':', '\\']).next().unwrap_or(kind)
}

/// The outermost exception with its causes. Recorded last, it wraps those that were recorded before it.
fn compose(exceptions: &[&Exception], rules: &ExceptionRules) -> Option<ToldException> {
    let (outer, earlier) = exceptions.split_last()?;
    let stack = rules.parse(&outer.stacktrace);
    let mut blocks = stack.map(|stack| stack.blocks).unwrap_or_default().into_iter();
    let own = blocks.next();
    let mut told = ToldException {
        kind: outer.kind.to_string(),
        class: class_of_code(&outer.kind, own.as_ref()),
        message: outer.message.to_string(),
        stacktrace: outer.stacktrace.to_string(),
        frame: own.as_ref().and_then(Block::top_in_app).cloned(),
        in_app: own.as_ref().map(in_app).unwrap_or_default(),
        calls: own.map(|own| own.frames).unwrap_or_default(),
        causes: blocks.map(cause_of_block).collect(),
    };
    for inner in earlier.iter().rev() {
        let known = told.causes.iter().any(|cause| repeats(&cause.message, &inner.message));
        if !known && (told.message.trim().is_empty() || message::wraps(&outer.message, &inner.message)) {
            let stack = rules.parse(&inner.stacktrace);
            let block = stack.iter().flat_map(|stack| &stack.blocks).find(|block| block.top_in_app().is_some());
            told.causes.push(Cause {
                kind: inner.kind.to_string(),
                message: inner.message.to_string(),
                frame: block.and_then(Block::top_in_app).cloned(),
                in_app: block.map(in_app).unwrap_or_default(),
            });
        }
    }
    unwrap_empty(&mut told);
    if told.causes.is_empty()
        && let Some(root) = go::innermost(&told.kind, &told.message)
    {
        told.causes.push(Cause { kind: String::new(), message: root.to_owned(), frame: None, in_app: Vec::new() });
    }
    Some(told)
}

/// The class that the stack names, where the SDK told only of a code (`ECONNREFUSED`, `9`).
fn class_of_code(kind: &str, own: Option<&Block>) -> String {
    let class = own.map_or("", |own| &*own.kind);
    let is_code = kind.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if is_code && class != kind { class.to_owned() } else { String::new() }
}

impl ToldException {
    /// Type and class: `Error [ECONNREFUSED]`, as Node itself writes it, where the type is only a code.
    #[must_use]
    pub fn joined_kind(&self) -> String {
        match (&*self.class, &*self.kind) {
            ("", kind) => kind.to_owned(),
            (class, "") => class.to_owned(),
            (class, code) => format!("{class} [{code}]"),
        }
    }
}

/// An exception without a message (what `context.abort` of Python's gRPC throws) only relays its cause.
fn unwrap_empty(told: &mut ToldException) {
    if told.message.trim().is_empty() && told.causes.first().is_some_and(|cause| !cause.message.trim().is_empty()) {
        let cause = told.causes.remove(0);
        (told.kind, told.class) = (cause.kind, String::new());
        told.message = cause.message;
        if cause.frame.is_some() {
            (told.frame, told.in_app) = (cause.frame, cause.in_app);
        }
    }
}

fn cause_of_block(block: Block) -> Cause {
    let (frame, in_app) = (block.top_in_app().cloned(), in_app(&block));
    Cause { kind: block.kind.into(), message: block.message.into(), frame, in_app }
}

fn in_app(block: &Block) -> Vec<Frame> {
    block.frames.iter().filter(|frame| frame.in_app).cloned().collect()
}
