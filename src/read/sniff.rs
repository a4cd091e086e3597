//! What the first bytes of an input say about its format.

use crate::read::compression::ZSTD_MAGIC;
use crate::read::kept_layout::Layout;
use crate::read::proto_request::looks_like_request;

/// A format of decompressed bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// JSON of any arrangement.
    Json,
    /// Messages with a length of four bytes, big end first, before each.
    Framed,
    /// Requests that `whyspan serve` kept.
    Segment(Layout),
    /// One protobuf export request and nothing around it.
    Request,
}

/// How many empty messages may stand before the first that tells the format.
const EMPTY_MESSAGES: usize = 64;

/// The UTF-8 byte order mark, which some writers put before JSON.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The format of data that starts with `head`; `None` when it is none of ours.
pub(crate) fn format_of(head: &[u8]) -> Option<Format> {
    if let Some(layout) = Layout::of(head) {
        return Some(Format::Segment(layout));
    }
    // Before the lengths: what starts a request, read as a length, would be 160 MB and more, and behind it stands
    // what could start a request again.
    if looks_like_request(head) {
        return Some(Format::Request);
    }
    if is_framed(head) {
        return Some(Format::Framed);
    }
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    if matches!(text.first(), Some(b'{' | b'[')) || has_request_line(head) {
        return Some(Format::Json);
    }
    None
}

fn is_framed(mut head: &[u8]) -> bool {
    for _ in 0..EMPTY_MESSAGES {
        match head.strip_prefix(&[0; 4]) {
            Some([]) => return true,
            Some(rest) => head = rest,
            None => break,
        }
    }
    let Some((length, message)) = head.split_first_chunk::<4>() else { return false };
    // Four blanks before a JSON document are no length.
    if length.iter().all(u8::is_ascii_whitespace) {
        return false;
    }
    let message = &message[..message.len().min(u32::from_be_bytes(*length) as usize)];
    // `[` or `{` at the start of a length would make it 1.5 GB and more: JSON, of which the first value is short.
    let is_json = matches!(length[0], b'[' | b'{');
    match message {
        [b'{', rest @ ..] if !is_json => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] if !is_json => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[' | b']')),
        _ => message.starts_with(&ZSTD_MAGIC) || looks_like_request(message),
    }
}

/// Whether a later line is a request: the input is JSON lines whose first line lost its head.
fn has_request_line(head: &[u8]) -> bool {
    [&b"\n{\"resourceSpans\""[..], b"\n{\"resourceLogs\"", b"\n{\"resourceMetrics\""]
        .iter()
        .any(|line| memchr::memmem::find(head, line).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        assert_eq!(format_of(b"{\"resourceSpans\":[]}"), Some(Format::Json));
        assert_eq!(format_of(b"\xef\xbb\xbf\r\n [{}]"), Some(Format::Json));
        assert_eq!(format_of(b"    {\"a\":1}"), Some(Format::Json));
        assert_eq!(format_of(b"\n\n\n\n{\"a\":1}"), Some(Format::Json));
        assert_eq!(format_of(b"[\n  {\n    \"a\":1}]"), Some(Format::Json));
        assert_eq!(format_of(b"{\n}\n{\"a\":1}"), Some(Format::Json));
        assert_eq!(format_of(b"Name\":1}]}\n{\"resourceSpans\":[]}\n"), Some(Format::Json));
        assert_eq!(format_of(b"\0\0\0\x02\x0a\0"), Some(Format::Framed));
        assert_eq!(format_of(b"\0\0\0\0\0\0\0\x02\x0a\0"), Some(Format::Framed));
        assert_eq!(format_of(b"\xff\xff\xff\xff\x0a\x05\x0a\x03abc"), Some(Format::Framed));
        assert_eq!(format_of(b"\0\0\0\x02{}"), Some(Format::Framed));
        assert_eq!(format_of(b"\0\0\0\x04[{}]"), Some(Format::Framed));
        assert_eq!(format_of(b"\0\0\0\x04[17]"), None);
        assert_eq!(format_of(b"[[[[[{}]]]]]"), Some(Format::Json));
        assert_eq!(format_of(b"\0\0\x01\0\x28\xb5\x2f\xfd"), Some(Format::Framed));
        assert_eq!(format_of(b"\x0a\x05\x0a\x03abc"), Some(Format::Request));
        assert_eq!(format_of(b"\x7fELF\x02\x01\x01\0\0\0"), None);
        assert_eq!(format_of(b"hello"), None);
    }
}
