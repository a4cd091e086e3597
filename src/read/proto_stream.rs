//! One protobuf request as the whole input, read block by block.

use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::proto_request;
use crate::read::sink::Sink;
use crate::read::wire::{Wire, varint};

/// The longest tag and length, in bytes.
const HEAD: usize = 20;

/// Reads the resource blocks of a request. An error is one after which no block can be found.
pub(crate) fn blocks<S: Sink>(source: &mut ByteSource<'_>, intake: &mut Intake<'_, S>) -> Result<(), ReadError> {
    intake.unit = "element";
    for record in 1.. {
        source.fill_to(HEAD);
        if source.window().is_empty() {
            break;
        }
        intake.begin(record, source.offset());
        let head = source.window().strip_prefix(b"\x0a").and_then(varint);
        let Some((length, used)) = head else {
            if source.window().len() < HEAD && source.window()[0] == 0x0a {
                intake.skip(0, "resource block left out: the input ends within its length; it was cut off");
                source.consume(usize::MAX);
                break;
            }
            return Err(ReadError::Broken {
                name: intake.report.name.clone(),
                unit: intake.unit,
                record,
                offset: source.offset(),
                expected: "a protobuf resource block (0x0a and a length)".to_owned(),
            });
        };
        if length > intake.options.max_record_bytes as u64 {
            return Err(ReadError::TooLong {
                name: intake.report.name.clone(),
                unit: intake.unit,
                record,
                offset: source.offset(),
                length,
                limit: intake.options.max_record_bytes as u64,
            });
        }
        let start = 1 + used;
        let end = start + usize::try_from(length).unwrap_or(usize::MAX - start);
        if !source.fill_to(end) {
            intake.skip(0, "resource block left out: the input ends within it; it was cut off, export it again");
            source.consume(usize::MAX);
            break;
        }
        if let Err(wrong) = proto_request::block(Wire::new(&source.window()[start..end], start), intake) {
            intake.skip_malformed("rest of a resource's records", wrong);
        }
        source.consume(end);
    }
    Ok(())
}
