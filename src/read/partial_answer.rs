//! Answers of query services that say themselves that they are not all of what was asked for.

use crate::read::wire::Content;

/// What is told of an answer that lacks a part of what was asked for.
pub(crate) const PARTIAL: &str = "answer without all of what was asked for: it says so itself, by its status, its errors, or what it leaves to ask \
     for; ask for the rest, ask for less at once, or raise the limits of what answered";

/// Whether a member of an answer says that it is not all: `"status": "PARTIAL"` of Tempo, `"errors": [{...}]` of Jaeger; of X-Ray
/// `"UnprocessedTraceIds": ["1-..."]`, `"NextToken": "..."`, and `"LimitExceeded": true` of a trace with segments beyond its bound.
/// Of a value that is long, its start will do.
pub(crate) fn json_tells_partial(key: &[u8], value: &[u8]) -> bool {
    match key {
        b"status" => matches!(value, b"\"PARTIAL\"" | b"1"),
        b"LimitExceeded" => value == b"true",
        b"NextToken" => value.len() > br#""""#.len() && value.starts_with(b"\""),
        b"errors" | b"UnprocessedTraceIds" => value
            .strip_prefix(b"[")
            .is_some_and(|rest| rest.trim_ascii_start().first().is_some_and(|&byte| byte != b']')),
        _ => false,
    }
}

/// Whether a field of Tempo's answer says that it is not all: its status is PARTIAL.
pub(crate) fn proto_tells_partial(field: (u32, Content<'_>)) -> bool {
    field == (3, Content::Varint(1))
}
