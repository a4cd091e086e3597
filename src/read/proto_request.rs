//! OTLP protobuf requests: resource blocks and their scopes.

use crate::model::attribute_value::AttributeValue;
use crate::model::sym::Sym;
use crate::read::attributes::Attributes;
use crate::read::intake::{Intake, Malformed};
use crate::read::log_parts::LogParts;
use crate::read::partial_answer::{PARTIAL, proto_tells_partial};
use crate::read::proto_log;
use crate::read::proto_signal::signal_of;
use crate::read::proto_span;
use crate::read::proto_value;
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::wire::{Content, Wire, varint};

/// The field that held the scopes before OTLP 0.15.
const OLD_SCOPES: u32 = 1000;

/// How the fields of a resource block begin: number and wire type.
const RESOURCE_TAG: u64 = 1 << 3 | 2;
const SCOPES_TAG: u64 = 2 << 3 | 2;
const SCHEMA_URL_TAG: u64 = 3 << 3 | 2;
const OLD_SCOPES_TAG: u64 = (OLD_SCOPES as u64) << 3 | 2;

/// The records of one request, while they are read: their memory is used from record to record.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    span: SpanParts<'a>,
    log: LogParts<'a>,
}

/// Reads one export request of any signal, or an answer of Tempo.
pub(crate) fn request<S: Sink>(message: Wire<'_>, intake: &mut Intake<'_, S>) -> Result<(), Malformed> {
    let (mut parts, mut rest) = (Parts::default(), message);
    let (mut holds_trace, mut tells_partial) = (false, false);
    let outcome = loop {
        match rest.next_field() {
            Ok(Some((1, Content::Bytes(inner)))) => {
                // Only an answer of Tempo has a trace where a request has a resource block.
                let is_trace = is_trace(inner);
                holds_trace |= is_trace;
                if let Err(wrong) = block_or_trace(inner, is_trace, &mut parts, intake) {
                    intake.skip_malformed("rest of a resource's records", wrong);
                }
            }
            Ok(Some(field)) => tells_partial |= proto_tells_partial(field),
            Ok(None) => break Ok(()),
            Err(wrong) => break Err(wrong),
        }
    };
    if holds_trace && tells_partial {
        intake.skip(message.at(), PARTIAL);
    }
    outcome
}

/// Reads one resource block, or the trace that Tempo's answer holds in its place: all of its blocks.
pub(crate) fn block<'a, S: Sink>(
    message: Wire<'a>,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    block_or_trace(message, is_trace(message), parts, intake)
}

fn block_or_trace<'a, S: Sink>(
    mut message: Wire<'a>,
    is_trace: bool,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !is_trace {
        return resource_block(message, parts, intake);
    }
    while let Some(field) = message.next_field()? {
        if let (1, Content::Bytes(inner)) = field {
            resource_block(inner, parts, intake)?;
        }
    }
    Ok(())
}

/// Whether a message without scopes holds messages with scopes: a resource never does.
fn is_trace(message: Wire<'_>) -> bool {
    let has_scopes = |mut message: Wire<'_>| {
        std::iter::from_fn(|| message.next_field().ok().flatten())
            .any(|field| matches!(field, (2 | OLD_SCOPES, Content::Bytes(_))))
    };
    let mut rest = message;
    !has_scopes(message)
        && std::iter::from_fn(|| rest.next_field().ok().flatten())
            .any(|field| matches!(field, (1, Content::Bytes(inner)) if has_scopes(inner)))
}

/// Reads a resource and the scopes under it, in any order.
fn resource_block<'a, S: Sink>(
    message: Wire<'a>,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let signal = signal_of(message, intake.last_signal);
    intake.last_signal = signal;
    let mut resources = resources(message);
    match (resources.next(), resources.next()) {
        (Some(only), None) => {
            let read = |intake: &mut Intake<'_, S>| {
                resource([only], intake);
                Ok::<_, Malformed>(())
            };
            intake.resource_of(only.bytes, read)?;
        }
        // Several are one: the fields of messages add up.
        (first, second) => resource(first.into_iter().chain(second).chain(resources), intake),
    }
    if scopes(message, 2, signal, parts, intake)? == 0 {
        scopes(message, OLD_SCOPES, signal, parts, intake)?;
    }
    Ok(())
}

/// The resources of a block. What follows broken bytes is lost.
fn resources(mut block: Wire<'_>) -> impl Iterator<Item = Wire<'_>> {
    std::iter::from_fn(move || {
        while let Ok(Some(field)) = block.next_field() {
            if let (1, Content::Bytes(resource)) = field {
                return Some(resource);
            }
        }
        None
    })
}

fn resource<'a, S: Sink>(resources: impl IntoIterator<Item = Wire<'a>>, intake: &mut Intake<'_, S>) {
    let (mut attributes, mut kept) = (Attributes::default(), Vec::new());
    for resource in resources {
        if let Err(wrong) = resource_attributes(resource, &mut attributes, &mut kept, intake) {
            intake.mend_malformed("rest of a resource's attributes", wrong);
        }
    }
    intake.resource(&attributes, &mut kept);
}

fn resource_attributes<'a, S: Sink>(
    mut resource: Wire<'a>,
    attributes: &mut Attributes<'a>,
    kept: &mut Vec<(Sym, AttributeValue)>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    while let Some(field) = resource.next_field()? {
        if let (1, Content::Bytes(pair)) = field {
            let kept = intake.keeps_any().then_some(&mut *kept);
            proto_value::attribute(pair, attributes, kept, intake);
        }
    }
    Ok(())
}

/// Reads the scopes in one field of a block, and says how many records they held.
fn scopes<'a, S: Sink>(
    mut block: Wire<'a>,
    number: u32,
    signal: Signal,
    parts: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<u64, Malformed> {
    let mut records = 0;
    while let Some((field, content)) = block.next_field()? {
        let Content::Bytes(inner) = content else { continue };
        if field == number
            && let Err(wrong) = scope(inner, signal, parts, intake, &mut records)
        {
            intake.skip_malformed("rest of a scope's records", wrong);
        }
    }
    Ok(records)
}

fn scope<'a, S: Sink>(
    mut message: Wire<'a>,
    signal: Signal,
    Parts { span, log }: &mut Parts<'a>,
    intake: &mut Intake<'_, S>,
    records: &mut u64,
) -> Result<(), Malformed> {
    while let Some(field) = message.next_field()? {
        let (2, Content::Bytes(inner)) = field else { continue };
        *records += 1;
        match signal {
            Signal::Traces => {
                span.clear();
                match proto_span::span(inner, span, intake) {
                    Ok(()) => intake.span(span, inner.at()),
                    Err(wrong) => {
                        intake.forget_cuts();
                        intake.skip_malformed("span", wrong);
                    }
                }
            }
            Signal::Logs => {
                log.clear();
                match proto_log::log(inner, log, intake) {
                    Ok(()) => intake.log(log, inner.at()),
                    Err(wrong) => {
                        intake.forget_cuts();
                        intake.skip_malformed("log record", wrong);
                    }
                }
            }
            Signal::Metrics => intake.report.metrics += 1,
        }
    }
    Ok(())
}

/// Whether `head`, the first bytes of an input or message, can be the start of an export request.
pub(crate) fn looks_like_request(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"\x0a") else { return false };
    let Some((length, used)) = varint(rest) else { return rest.len() < 10 };
    let Some(mut block) = rest.get(used..) else { return true };
    let mut left = length;
    let mut has_scopes = false;
    // Resource, scopes, schema url or old scopes; behind scopes, whose tag is in no text, what later versions may add.
    // Whatever is cut off may still be right.
    while left > 0 {
        let Some((tag, tag_bytes)) = varint(block) else { return block.len() < 10 };
        has_scopes |= matches!(tag, SCOPES_TAG | OLD_SCOPES_TAG);
        if !has_scopes && !matches!(tag, RESOURCE_TAG | SCHEMA_URL_TAG) {
            return false;
        }
        let rest = &block[tag_bytes..];
        let size = match (tag & 7, varint(rest)) {
            (0, Some((_, used))) => used as u64,
            (1, _) => 8,
            (2, Some((length, used))) => length.saturating_add(used as u64),
            (5, _) => 4,
            (0 | 2, None) => return rest.len() < 10,
            _ => return false,
        };
        let Some(after) = left.checked_sub(tag_bytes as u64).and_then(|left| left.checked_sub(size)) else {
            return false;
        };
        left = after;
        match usize::try_from(size).ok().and_then(|size| rest.get(size..)) {
            Some(next) => block = next,
            None => return true,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_from_text_and_rubbish() {
        assert!(looks_like_request(b"\x0a\x00"));
        assert!(looks_like_request(b"\x0a\x05\x0a\x03abc"));
        assert!(looks_like_request(b"\x0a\x80\x01\x0a\x7d"));
        assert!(looks_like_request(b"\x0a\x0b\x12\x01a\x9a\x3f\x02hi\x90\x3f\x07"));
        assert!(!looks_like_request(b"\x0a\x0b\x0a\x01a\x9a\x3f\x02hi\x90\x3f\x07"));
        assert!(!looks_like_request(b"\x0a\x07\x9a\x3f\x02hi\x90\x3f"));
        assert!(!looks_like_request(b"\n{\"resourceSpans\":[]}"));
        assert!(!looks_like_request(
            b"\n{\n    \"resourceSpans\":[]}\n\n\n                                                "
        ));
        assert!(!looks_like_request(b"plain text"));
    }
}
