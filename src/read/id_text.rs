//! Ids as JSON spells them: hexadecimal as OTLP has it, base64 as plain protobuf JSON (Tempo) has it.

use crate::model::ids::{SpanId, TraceId};
use crate::read::base64;

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
}
