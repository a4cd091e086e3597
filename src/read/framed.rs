//! Messages with their length before them: four bytes, big end first, as the collector's file exporter writes
//! protobuf and, with compression, everything.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::compression::{Compression, Unpacked};
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::json_request;
use crate::read::outlet::{Outlet, too_long};
use crate::read::proto_request;
use crate::read::sink::Sink;
use crate::read::sniff::BOM;
use crate::read::wire::Wire;

/// Bytes of the length before each message.
const PREFIX: usize = 4;

/// Cuts the input between messages. An error is one after which no message can be found.
pub(crate) fn cut(source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) -> Result<(), ReadError> {
    let unit = Content::Messages.unit();
    let mut wanted = BATCH;
    let mut passed = 0;
    loop {
        source.fill_to(wanted);
        let window = source.window();
        let (whole, count, next) = whole_messages(window, outlet.options.max_record_bytes);
        passed += count;
        if whole > 0 {
            outlet.batch(source, whole, Content::Messages);
            wanted = BATCH;
            continue;
        }
        if window.is_empty() {
            return Ok(());
        }
        let Some(length) = next else {
            let reason = "message left out: the input ends within its length; it was cut off, export it again";
            outlet.remark(unit, source.offset(), reason);
            source.consume(usize::MAX);
            return Ok(());
        };
        let offset = source.offset();
        if let Err(error) = outlet.check_length(unit, passed + 1, offset, length as u64) {
            // A length that leads beyond the end of the input is damaged: no message can be found any more.
            if !source.pass((PREFIX + length) as u64) {
                return Err(error);
            }
            outlet.remark(unit, offset, too_long(length as u64, outlet.options));
            (passed, wanted) = (passed + 1, BATCH);
            continue;
        }
        wanted = PREFIX + length;
        if !source.fill_to(wanted) {
            let here = source.window().len() - PREFIX;
            let reason = format!(
                "message left out: it claims {length} bytes and the input ends after {here}; it was cut off, export it again"
            );
            outlet.remark(unit, source.offset(), reason);
            source.consume(usize::MAX);
            return Ok(());
        }
    }
}

/// How many bytes at the start of `window` are whole messages of at most `limit` bytes, how many messages that are, and
/// the length of the one behind them as far as it is told.
fn whole_messages(window: &[u8], limit: usize) -> (usize, u64, Option<usize>) {
    let (mut at, mut count) = (0, 0);
    loop {
        let Some(length) = length_at(window, at) else { return (at, count, None) };
        if length > limit || window.len() - at - PREFIX < length {
            return (at, count, Some(length));
        }
        at += PREFIX + length;
        count += 1;
    }
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let (prefix, _) = bytes.get(at..)?.split_first_chunk::<PREFIX>()?;
    Some(u32::from_be_bytes(*prefix) as usize)
}

/// Decodes every message, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let mut unpacked = Unpacked::default();
    let (mut at, mut number) = (0, 0);
    while let Some(length) = length_at(bytes, at) {
        let content = at + PREFIX;
        let Some(message_bytes) = bytes.get(content..content + length) else { break };
        number += 1;
        intake.begin(number, offset + at as u64);
        message(message_bytes, PREFIX, &mut unpacked, intake);
        at = content + length;
    }
    number
}

/// Reads one message of any encoding, which starts `at` bytes into its record.
fn message<S: Sink>(bytes: &[u8], at: usize, unpacked: &mut Unpacked, intake: &mut Intake<'_, S>) {
    let mut bytes = bytes;
    if Compression::of(bytes) == Some(Compression::Zstd) {
        match unpacked.unzstd(bytes, intake.options) {
            Ok(whole) => bytes = whole,
            Err(reason) => {
                let reason =
                    format!("message left out: its zstd data cannot be decompressed ({reason}); export it again");
                return intake.skip(at, reason);
            }
        }
    }
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let outcome = match text.first() {
        Some(b'{' | b'[') => {
            // Places in JSON are counted from where it begins.
            intake.offset += (at + bytes.len() - text.len()) as u64;
            json_request::requests(text, intake)
        }
        _ => proto_request::request(Wire::new(bytes, at), intake),
    };
    if let Err(wrong) = outcome {
        intake.skip_malformed("message, or the rest of it,", wrong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::capture_reader::read_bytes;
    use crate::read::options::ReadOptions;
    use crate::read::sink::Gathered;

    #[test]
    fn what_is_wrong_within_a_message_is_told_where_it_stands_in_the_file() {
        let span = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001"}"#;
        let request = |spans: &str| format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#);
        let wrong = request(r#"{"spanId":"x"}"#);
        let with_mark = [BOM, wrong.as_bytes()].concat();
        let messages = [request(span).as_bytes(), wrong.as_bytes(), &with_mark]
            .map(|message| [&u32::try_from(message.len()).expect("short").to_be_bytes()[..], message].concat());
        let file = messages.concat();
        let mut gathered = Gathered::default();
        let report = read_bytes("file", &file[..], &ReadOptions::default(), &mut gathered);
        let told: Vec<u64> = report.skipped.iter().map(|skipped| skipped.offset).collect();
        let found = memchr::memmem::find_iter(&file, br#"{"spanId":"x"}"#).map(|at| at as u64);
        assert_eq!((told, report.spans), (found.collect(), 1));
    }
}
