//! What a span says of its failure in words, and what sort of failure the words tell of.

use crate::model::exception::Exception;
use crate::model::tree::{SpanIx, TraceTree};
use std::net::Ipv4Addr;

/// Words by which clients tell that nobody answered: sockets, name resolution, proxies without an upstream, connections
/// that ended before the answer (in Go `EOF`).
const CONNECTION: [&str; 37] = [
    "econnrefused",
    "connection refused",
    "connectionrefused",
    "actively refused",
    "econnreset",
    "connection reset",
    "connection aborted",
    "connection closed",
    "connection dropped",
    "closed connection without response",
    "prematurely closed",
    "ended prematurely",
    "server disconnected",
    "other side closed",
    "end of file reached",
    "end of file from server",
    ": eof",
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
    "no healthy upstream",
    "connection timed out",
    "connect timed out",
    "connect etimedout",
];

/// Words by which clients tell that they waited too long.
const TIMEOUT: [&str; 6] =
    ["deadline exceeded", "deadline_exceeded", "timed out", "timeout", "etimedout", "time limit"];

/// Words by which spans tell that somebody called them off. "Cancelled" alone is not among them: orders are, too.
const CANCELLED: [&str; 9] = [
    "context canceled",
    "context cancelled",
    "operation was canceled",
    "operation was cancelled",
    "operation was aborted",
    "request was aborted",
    "call cancelled",
    "canceling statement due to user request",
    "this operation was aborted",
];

/// What a call says that was called off and says nothing else.
const BARE_CANCELLED: [&str; 3] = ["canceled", "cancelled", "aborted"];

/// Parts of exception types that tell the same: `CancellationException`, `TaskCanceledException`, `ERR_CANCELED`.
const CANCELLED_TYPES: [&str; 4] = ["cancel", "aborterror", "err_aborted", "clientabort"];

/// How many bytes of each text are read. Telling words stand early.
const READ: usize = 16 << 10;

/// How many bytes of each text are searched for known words.
const SEARCHED: usize = 4 << 10;

/// The first `bytes` of a text, cut between characters.
pub(crate) fn early(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Everything that a span says of its failure, most telling first: messages of its exceptions from the last (which
/// wraps those before it) to the first, its status message, its error text.
pub(crate) fn texts(tree: &TraceTree, ix: SpanIx) -> impl Iterator<Item = &str> {
    let detail = tree.span(ix).detail.as_deref();
    let told = detail.into_iter().flat_map(|detail| [&*detail.status_message, &*detail.error_text]);
    let mut exceptions: Vec<&Exception> = tree.exceptions_of(ix).collect();
    exceptions.reverse();
    let messages = exceptions.into_iter().map(|exception| &*exception.message);
    messages.chain(told).map(|text| early(text, READ)).filter(|text| !text.trim().is_empty())
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
    let bare = |text: &str| BARE_CANCELLED.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    any_word(tree, ix, &CANCELLED)
        || texts(tree, ix).any(bare)
        || types(tree, ix).any(|kind| holds(kind, &CANCELLED_TYPES))
}

/// Whether the span's words name an address of a private network (RFC 1918, loopback): whatever the host is called, it is
/// one of our own.
pub(crate) fn tell_of_private_address(tree: &TraceTree, ix: SpanIx) -> bool {
    texts(tree, ix).any(|text| {
        early(text, SEARCHED)
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .any(|word| word.trim_matches('.').parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_loopback()))
    })
}

fn types(tree: &TraceTree, ix: SpanIx) -> impl Iterator<Item = &str> {
    let kinds = tree.exceptions_of(ix).map(|exception| &*exception.kind);
    kinds.chain(tree.span(ix).detail.iter().map(|detail| &*detail.error_type))
}

fn any_word(tree: &TraceTree, ix: SpanIx, words: &[&str]) -> bool {
    texts(tree, ix).chain(types(tree, ix)).any(|text| holds(text, words))
}

/// Whether `text` holds one of `words`, leaving out what stands behind a `?`: a query such as `?timeout=30` tells nothing.
fn holds(text: &str, words: &[&str]) -> bool {
    let early = early(text, SEARCHED).to_ascii_lowercase();
    let told = |line: &str| words.iter().any(|word| line.contains(word));
    if !early.contains('?') {
        return told(&early);
    }
    let without_queries: Vec<&str> =
        early.split_whitespace().map(|word| word.split_once('?').map_or(word, |(path, _)| path)).collect();
    told(&without_queries.join(" "))
}
