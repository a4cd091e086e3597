//! One protobuf request as the whole input, read block by block.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::outlet::{Outlet, too_long};
use crate::read::partial_answer::{PARTIAL, proto_tells_partial};
use crate::read::proto_request::{self, Parts, looks_like_request};
use crate::read::sink::Sink;
use crate::read::wire::{Wire, varint};

/// The longest tag and length, in bytes.
const HEAD: usize = 20;

/// What stands behind the blocks of an answer is shorter, in bytes.
const TAIL: usize = 64 << 10;

/// Cuts the input between resource blocks. An error is one after which no block can be found.
pub(crate) fn cut(source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) -> Result<(), ReadError> {
    let unit = Content::Blocks.unit();
    let mut passed = 0;
    loop {
        source.fill_to(BATCH);
        let (whole, count) = whole_blocks(source.window(), outlet.options.max_record_bytes);
        passed += count;
        if whole > 0 {
            outlet.batch(source, whole, Content::Blocks);
            continue;
        }
        if source.window() == b"\n" {
            source.consume(usize::MAX);
        } else if !source.fill_to(TAIL)
            && let Some(partial) = behind_blocks(source.window())
        {
            if partial {
                outlet.remark(unit, source.offset(), PARTIAL);
            }
            source.consume(usize::MAX);
        }
        let window = source.window();
        if window.is_empty() {
            return Ok(());
        }
        let Some((length, start)) = block_at(window, 0) else {
            if window.len() < HEAD && window[0] == 0x0a {
                let reason = "resource block left out: the input ends within its length; it was cut off";
                outlet.remark(unit, source.offset(), reason);
                source.consume(usize::MAX);
                return Ok(());
            }
            let expected = "a protobuf resource block (0x0a and a length)";
            return Err(outlet.broken(unit, passed + 1, source.offset(), expected));
        };
        let offset = source.offset();
        if let Err(error) = outlet.check_length(unit, passed + 1, offset, length) {
            // A length that leads beyond the end of the input is damaged: no block can be found any more.
            if !source.pass(length.saturating_add(start as u64)) {
                return Err(error);
            }
            outlet.remark(unit, offset, too_long(length, outlet.options));
            passed += 1;
            continue;
        }
        let end = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(start);
        if !source.fill_to(end) {
            let reason = "resource block left out: the input ends within it; it was cut off, export it again";
            outlet.remark(unit, source.offset(), reason);
            source.consume(usize::MAX);
            return Ok(());
        }
        outlet.batch(source, end, Content::Blocks);
        passed += 1;
    }
}

/// How many bytes at the start of `window` are whole blocks of at most `limit` bytes, and how many blocks that are.
fn whole_blocks(window: &[u8], limit: usize) -> (usize, u64) {
    let (mut at, mut count) = (0, 0);
    while let Some((length, start)) = block_at(window, at) {
        if length > limit as u64 || length > (window.len() - start) as u64 {
            break;
        }
        at = start + usize::try_from(length).unwrap_or(usize::MAX - start);
        count += 1;
    }
    (at, count)
}

/// How long the block is that stands at this place, and where its content starts; `None` if there is none. Line ends
/// before it are passed: the collector's encoding extensions put one behind each request.
fn block_at(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    while is_line_end(bytes.get(at..)?) {
        at += 1;
    }
    let (length, used) = varint(bytes.get(at..)?.strip_prefix(b"\x0a")?)?;
    Some((length, at + 1 + used))
}

/// Whether `bytes` start with a line end. Read as the start of a block, the one before the next request would make a
/// block of ten bytes that the request's own length hardly ever fits into.
fn is_line_end(bytes: &[u8]) -> bool {
    const BLOCK_OF_TEN: usize = 12;
    bytes.starts_with(b"\n\n") && !looks_like_request(&bytes[..bytes.len().min(BLOCK_OF_TEN)])
}

/// What stands behind the trace in an answer of Tempo, if all of `bytes` are fields and none is a block: whether it says that
/// the trace is only a part of what there is.
fn behind_blocks(bytes: &[u8]) -> Option<bool> {
    let (mut rest, mut partial) = (Wire::new(bytes, 0), false);
    loop {
        match rest.next_field() {
            Ok(None) => return Some(partial),
            Ok(Some(field)) if field.0 != 1 => partial |= proto_tells_partial(field),
            _ => return None,
        }
    }
}

/// Decodes every block, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let (mut at, mut number, mut parts) = (0, 0, Parts::default());
    while let Some((length, start)) = block_at(bytes, at) {
        let end = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(start);
        let Some(block) = bytes.get(start..end) else { break };
        number += 1;
        intake.begin(number, offset + at as u64);
        if let Err(wrong) = proto_request::block(Wire::new(block, start - at), &mut parts, intake) {
            intake.skip_malformed("rest of a resource's records", wrong);
        }
        at = end;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_told_from_blocks() {
        assert!(is_line_end(b"\n\n\x82\x01\x0a\x7f0123456789"));
        assert!(is_line_end(b"\n\n\x20\x12\x1e\x12\x1c0123456789"));
        assert!(!is_line_end(b"\n\x20\x12\x1e\x12\x1c0123456789"));
        assert!(!is_line_end(b"\n\n\x12\x08\x12\x06123456\n\n"));
    }

    #[test]
    fn only_fields_without_a_block_may_be_passed() {
        assert_eq!(behind_blocks(b"\x12\x02\x08\x07\x18\x01\x22\x07partial"), Some(true));
        assert_eq!(behind_blocks(b"\x12\x02\x08\x07\x18\x00"), Some(false));
        assert_eq!(behind_blocks(b"\x12\x02\x08\x07\x0a\x00"), None);
        assert_eq!(behind_blocks(b"\x12\x7f\x08"), None);
        assert_eq!(behind_blocks(b"rubbish"), None);
    }
}
