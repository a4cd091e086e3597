//! Segments of kept requests as an input: what is damaged is told and passed, and the rest is read.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::kept_record::{HEAD_BYTES, MARK, RecordHead, SEGMENT_MAGIC};
use crate::read::otlp_request;
use crate::read::outlet::{Outlet, too_long};
use crate::read::sink::Sink;
use memchr::memmem;

/// Cuts the input between records.
pub(crate) fn cut(source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) -> Result<(), ReadError> {
    let unit = Content::Kept.unit();
    let (mut wanted, mut passed) = (BATCH, 0);
    source.consume(SEGMENT_MAGIC.len());
    loop {
        source.fill_to(wanted);
        wanted = BATCH;
        let (whole, count) = whole_records(source.window(), outlet.options.max_record_bytes);
        passed += count;
        if whole > 0 {
            outlet.batch(source, whole, Content::Kept);
            continue;
        }
        if source.window().is_empty() {
            return Ok(());
        }
        let offset = source.offset();
        let Some(head) = RecordHead::parse(source.window()) else {
            passed += 1;
            let found = find_record(source);
            let lost = source.offset() - offset;
            outlet.remark(
                unit,
                offset,
                format!(
                    "{lost} bytes left out: they are no whole record; the disk damaged them, or a write was cut off"
                ),
            );
            if found {
                continue;
            }
            return Ok(());
        };
        let length = u64::from(head.length);
        if let Err(error) = outlet.check_length(unit, passed + 1, offset, length) {
            if !source.pass(HEAD_BYTES as u64 + length) {
                return Err(error);
            }
            outlet.remark(unit, offset, too_long(length, outlet.options));
            passed += 1;
            continue;
        }
        wanted = HEAD_BYTES + head.length as usize;
        if !source.fill_to(wanted) {
            outlet.remark(unit, offset, "record left out: the segment ends within it; the write was cut off");
            source.consume(usize::MAX);
            return Ok(());
        }
    }
}

/// How many bytes at the start of `window` are whole records of at most `limit` bytes, and how many records that are.
fn whole_records(window: &[u8], limit: usize) -> (usize, u64) {
    let (mut at, mut count) = (0, 0);
    while let Some(head) = window.get(at..).and_then(RecordHead::parse) {
        let end = at + HEAD_BYTES + head.length as usize;
        if head.length as usize > limit || end > window.len() {
            break;
        }
        (at, count) = (end, count + 1);
    }
    (at, count)
}

/// Passes damaged bytes up to the next head that is whole; `false` if there is none.
fn find_record(source: &mut ByteSource<'_>) -> bool {
    source.consume(1);
    loop {
        let window = source.window();
        if let Some(at) = memmem::find(window, &MARK) {
            source.consume(at);
            source.fill_to(HEAD_BYTES);
            if RecordHead::parse(source.window()).is_some() {
                return true;
            }
            source.consume(1);
            continue;
        }
        // The start of a mark may stand at the end.
        let count = window.len().saturating_sub(MARK.len() - 1);
        source.consume(count);
        if !source.fill() {
            source.consume(usize::MAX);
            return false;
        }
    }
}

/// Decodes every record, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let (mut at, mut number) = (0, 0);
    while let Some(head) = bytes.get(at..).and_then(RecordHead::parse) {
        let start = at + HEAD_BYTES;
        let Some(payload) = bytes.get(start..start + head.length as usize) else { break };
        number += 1;
        intake.begin(number, offset + at as u64);
        if !head.fits(payload) {
            intake.skip(0, "record left out: its bytes are not those that were written; the disk damaged them");
        } else if let Err(wrong) = otlp_request::payload(head.kind, payload, HEAD_BYTES, intake) {
            intake.skip_malformed("rest of a record", wrong);
        }
        at = start + payload.len();
    }
    number
}

#[cfg(test)]
mod tests {
    use crate::read::capture_reader::read_bytes;
    use crate::read::kept_record::{HEAD_BYTES, RecordHead, RequestKind, SEGMENT_MAGIC, digest};
    use crate::read::options::ReadOptions;
    use crate::read::sink::Gathered;

    fn record(id: u8) -> Vec<u8> {
        let span = format!(
            r#"{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000{id:02x}","name":"work","startTimeUnixNano":"5"}}"#
        );
        let payload = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#).into_bytes();
        let kind = RequestKind::TracesJson;
        let length = u32::try_from(payload.len()).expect("short");
        let head = RecordHead { kind, length, received: 7, digest: digest(kind, &payload) };
        [&head.to_bytes()[..], &payload].concat()
    }

    /// The ids of the spans that are read, and what is told.
    fn read(segment: &[u8]) -> (Vec<u8>, Vec<String>) {
        let mut gathered = Gathered::default();
        let report = read_bytes("segment", segment, &ReadOptions::default(), &mut gathered);
        assert!(report.error.is_none(), "{:?}", report.error);
        let told = report.skipped.iter().map(|it| format!("{} {} at {}", it.unit, it.record, it.offset)).collect();
        (gathered.spans.iter().map(|span| span.id.0[7]).collect(), told)
    }

    fn segment() -> Vec<u8> {
        [SEGMENT_MAGIC.to_vec(), record(1), record(2), record(3)].concat()
    }

    #[test]
    fn a_segment_is_an_input_like_others() {
        assert_eq!(read(&segment()), (vec![1, 2, 3], vec![]));
    }

    #[test]
    fn wherever_a_byte_is_damaged_its_record_is_told_and_the_others_are_read() {
        let (whole, length) = (segment(), record(1).len());
        for at in SEGMENT_MAGIC.len()..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x20;
            let number = (at - SEGMENT_MAGIC.len()) / length;
            let rest: Vec<u8> = [1, 2, 3].into_iter().filter(|&id| usize::from(id) != number + 1).collect();
            let (ids, told) = read(&damaged);
            assert_eq!((ids, told.len()), (rest, 1), "byte {at}");
            assert_eq!(told[0], format!("record {} at {}", number + 1, SEGMENT_MAGIC.len() + number * length));
        }
    }

    #[test]
    fn wherever_a_segment_is_cut_off_what_is_whole_is_read() {
        let (whole, length) = (segment(), record(1).len());
        for end in SEGMENT_MAGIC.len() + 1..whole.len() {
            let records = (end - SEGMENT_MAGIC.len()) / length;
            let torn = !(end - SEGMENT_MAGIC.len()).is_multiple_of(length);
            let (ids, told) = read(&whole[..end]);
            assert_eq!((ids.len(), told.len()), (records, usize::from(torn)), "cut at {end}");
        }
        assert!(HEAD_BYTES < length);
    }
}
