//! What a span says of its failure in words, and what sort of failure the words tell of.

use crate::model::exception::Exception;
use crate::model::tree::{SpanIx, TraceTree};

/// Words by which clients tell that nobody answered: sockets, name resolution, proxies without an upstream.
const CONNECTION: [&str; 24] = [
    "econnrefused",
    "connection refused",
    "connectionrefused",
    "actively refused",
    "econnreset",
    "connection reset",
    "connection aborted",
    "connection closed",
    "socket hang up",
    "broken pipe",
    "enotfound",
    "eai_again",
    "getaddrinfo",
    "no such host",
    "unknownhost",
    "name or service not known",
    "name resolution",
    "dns resolution",
    "produced zero addresses",
    "failed to connect",
    "ehostunreach",
    "no route to host",
    "network is unreachable",
    "upstream connect error",
];

/// Words by which clients tell that they waited too long.
const TIMEOUT: [&str; 6] =
    ["deadline exceeded", "deadline_exceeded", "timed out", "timeout", "etimedout", "time limit"];

/// Words by which spans tell that somebody called them off.
const CANCELLED: [&str; 8] = [
    "aborterror",
    "cancellederror",
    "context canceled",
    "context cancelled",
    "operation was canceled",
    "operation was aborted",
    "taskcanceledexception",
    "call cancelled",
];

/// Everything that a span says of its failure, most telling first: messages of its exceptions from the last (which
/// wraps those before it) to the first, its status message, its error text.
pub(crate) fn texts(tree: &TraceTree, ix: SpanIx) -> impl Iterator<Item = &str> {
    let detail = tree.span(ix).detail.as_deref();
    let told = detail.into_iter().flat_map(|detail| [&*detail.status_message, &*detail.error_text]);
    let mut exceptions: Vec<&Exception> = tree.exceptions_of(ix).collect();
    exceptions.reverse();
    exceptions.into_iter().map(|exception| &*exception.message).chain(told).filter(|text| !text.trim().is_empty())
}

/// The most telling of a span's texts.
pub(crate) fn first_text(tree: &TraceTree, ix: SpanIx) -> Option<&str> {
    texts(tree, ix).next()
}

/// Whether the span's words tell that nobody answered.
pub(crate) fn tell_of_connection(tree: &TraceTree, ix: SpanIx) -> bool {
    any_word(tree, ix, &CONNECTION)
}

/// Whether the span's words tell that somebody waited too long.
pub(crate) fn tell_of_timeout(tree: &TraceTree, ix: SpanIx) -> bool {
    any_word(tree, ix, &TIMEOUT)
}

/// Whether the span's words tell that somebody called it off.
pub(crate) fn tell_of_cancelling(tree: &TraceTree, ix: SpanIx) -> bool {
    any_word(tree, ix, &CANCELLED)
}

fn any_word(tree: &TraceTree, ix: SpanIx, words: &[&str]) -> bool {
    let kinds = tree.exceptions_of(ix).map(|exception| &*exception.kind);
    let error_type = tree.span(ix).detail.iter().map(|detail| &*detail.error_type);
    texts(tree, ix).chain(kinds).chain(error_type).any(|text| {
        // The telling words stand early; a message of megabytes is not searched to its end.
        let early = text.get(..text.floor_char_boundary(4096)).unwrap_or(text).to_ascii_lowercase();
        words.iter().any(|word| early.contains(word))
    })
}
