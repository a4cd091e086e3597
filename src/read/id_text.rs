//! Ids as JSON spells them: hexadecimal as OTLP has it, base64 as plain protobuf JSON (Tempo) has it.

use crate::model::ids::{SpanId, TraceId};
use crate::read::base64;
use crate::read::quote::quote;

/// Reads a trace id; empty text is [`TraceId::NONE`], `None` is no id at all.
pub(crate) fn trace_id(text: &[u8]) -> Option<TraceId> {
    match text.len() {
        0 => Some(TraceId::NONE),
        24 => base64::decode(text).map(TraceId),
        _ => TraceId::from_hex(text),
    }
}

/// Reads a span id; empty text is [`SpanId::NONE`], `None` is no id at all.
pub(crate) fn span_id(text: &[u8]) -> Option<SpanId> {
    match text.len() {
        0 => Some(SpanId::NONE),
        12 => base64::decode(text).map(SpanId),
        _ => SpanId::from_hex(text),
    }
}

/// Reads a trace id of which 64 bits or leading zeros may be missing, as Jaeger and Zipkin write them; empty text is
/// [`TraceId::NONE`].
pub(crate) fn padded_trace_id(text: &[u8]) -> Option<TraceId> {
    padded::<32>(text).and_then(|digits| TraceId::from_hex(&digits))
}

/// Reads a span id of which leading zeros may be missing; empty text is [`SpanId::NONE`].
pub(crate) fn padded_span_id(text: &[u8]) -> Option<SpanId> {
    padded::<16>(text).and_then(|digits| SpanId::from_hex(&digits))
}

fn padded<const DIGITS: usize>(text: &[u8]) -> Option<[u8; DIGITS]> {
    let mut digits = [b'0'; DIGITS];
    digits.get_mut(DIGITS.checked_sub(text.len())?..)?.copy_from_slice(text);
    Some(digits)
}

/// Puts the id that `text` spells into `place`; what is no id is told as the `field` that it stands in.
pub(crate) fn put<T>(
    place: &mut T,
    told: &mut Option<(&'static str, String)>,
    field: &'static str,
    text: &[u8],
    read: fn(&[u8]) -> Option<T>,
) {
    match read(text) {
        Some(id) => *place = id,
        None => *told = Some((field, quote(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        assert_eq!(span_id(b"AAECAwQFBgc="), SpanId::from_hex(b"0001020304050607"));
        assert_eq!(trace_id(b"AAECAwQFBgcICQoLDA0ODw=="), TraceId::from_hex(b"000102030405060708090A0B0C0D0E0F"));
        assert_eq!(trace_id(b""), Some(TraceId::NONE));
        assert_eq!(trace_id(b"0001"), None);
    }

    #[test]
    fn missing_zeros_are_put_back() {
        assert_eq!(padded_span_id(b"abc"), SpanId::from_hex(b"0000000000000abc"));
        assert_eq!(padded_trace_id(b"0001020304050607"), TraceId::from_hex(b"00000000000000000001020304050607"));
        assert_eq!(padded_span_id(b""), Some(SpanId::NONE));
        assert_eq!(padded_span_id(b"00010203040506070"), None);
        assert_eq!(padded_span_id(b"xyz"), None);
    }
}
