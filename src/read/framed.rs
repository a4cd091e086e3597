//! Messages with their length before them: four bytes, big end first, as the collector's file exporter writes
//! protobuf and, with compression, everything.

use crate::read::byte_source::ByteSource;
use crate::read::compression::{Compression, unzstd};
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::json_request;
use crate::read::proto_request;
use crate::read::sink::Sink;
use crate::read::sniff::BOM;
use crate::read::wire::Wire;

/// Reads every message. An error is one after which no message can be found.
pub(crate) fn messages<S: Sink>(source: &mut ByteSource<'_>, intake: &mut Intake<'_, S>) -> Result<(), ReadError> {
    intake.unit = "message";
    let mut unpacked = Vec::new();
    for record in 1.. {
        if !source.fill_to(4) && source.window().is_empty() {
            break;
        }
        intake.begin(record, source.offset());
        let Some((prefix, _)) = source.window().split_first_chunk::<4>() else {
            intake.skip(0, "message left out: the input ends within its length; it was cut off, export it again");
            source.consume(usize::MAX);
            break;
        };
        let length = u32::from_be_bytes(*prefix) as usize;
        if length > intake.options.max_record_bytes {
            return Err(ReadError::TooLong {
                name: intake.report.name.clone(),
                unit: intake.unit,
                record,
                offset: source.offset(),
                length: length as u64,
                limit: intake.options.max_record_bytes as u64,
            });
        }
        if !source.fill_to(4 + length) {
            let here = source.window().len() - 4;
            let reason = format!(
                "message left out: it claims {length} bytes and the input ends after {here}; it was cut off, export it again"
            );
            intake.skip(0, reason);
            source.consume(usize::MAX);
            break;
        }
        message(&source.window()[4..4 + length], 4, &mut unpacked, intake);
        source.consume(4 + length);
    }
    Ok(())
}

/// Reads one message of any encoding, which starts `at` bytes into its record.
fn message<S: Sink>(bytes: &[u8], at: usize, unpacked: &mut Vec<u8>, intake: &mut Intake<'_, S>) {
    let mut bytes = bytes;
    if Compression::of(bytes) == Some(Compression::Zstd) {
        if let Err(reason) = unzstd(bytes, intake.options.max_record_bytes, unpacked) {
            let reason = format!("message left out: its zstd data cannot be decompressed ({reason}); export it again");
            return intake.skip(at, reason);
        }
        bytes = unpacked;
    }
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let outcome = match text.first() {
        Some(b'{' | b'[') => json_request::requests(text, intake),
        _ => proto_request::request(Wire::new(bytes, at), intake),
    };
    if let Err(wrong) = outcome {
        intake.skip_malformed("message, or the rest of it,", wrong);
    }
}
