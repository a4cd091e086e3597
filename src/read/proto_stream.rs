//! One protobuf request as the whole input, read block by block.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::outlet::{Outlet, too_long};
use crate::read::proto_request;
use crate::read::sink::Sink;
use crate::read::wire::{Wire, varint};

/// The longest tag and length, in bytes.
const HEAD: usize = 20;

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
        let end = start + usize::try_from(length).unwrap_or(usize::MAX - start);
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

/// How long the block is that stands at this place, and where its content starts; `None` if there is none.
fn block_at(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let (length, used) = varint(bytes.get(at..)?.strip_prefix(b"\x0a")?)?;
    Some((length, at + 1 + used))
}

/// Decodes every block, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let (mut at, mut number) = (0, 0);
    while let Some((length, start)) = block_at(bytes, at) {
        let end = start + usize::try_from(length).unwrap_or(usize::MAX - start);
        let Some(block) = bytes.get(start..end) else { break };
        number += 1;
        intake.begin(number, offset + at as u64);
        if let Err(wrong) = proto_request::block(Wire::new(block, start - at), intake) {
            intake.skip_malformed("rest of a resource's records", wrong);
        }
        at = end;
    }
    number
}
