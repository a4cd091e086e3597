//! Segments of kept requests as an input: what is damaged is told and passed, and the rest is read.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::kept_block::BlockHead;
use crate::read::kept_layout::{Layout, MAGIC_BYTES};
use crate::read::kept_record::{HEAD_BYTES, split_record};
use crate::read::otlp_request;
use crate::read::outlet::{Outlet, too_long};
use crate::read::sink::Sink;

/// Cuts the input between records, or between blocks of them.
pub(crate) fn cut(layout: Layout, source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) -> Result<(), ReadError> {
    let unit = layout.unit();
    let (mut wanted, mut passed) = (BATCH, 0);
    source.consume(MAGIC_BYTES);
    loop {
        source.fill_to(wanted);
        wanted = BATCH;
        let (whole, count) = layout.whole_parts(source.window(), outlet.options.max_record_bytes);
        passed += count;
        if whole > 0 {
            outlet.batch(source, whole, Content::Kept(layout));
            continue;
        }
        if source.window().is_empty() {
            return Ok(());
        }
        let offset = source.offset();
        let Some(length) = layout.length(source.window()) else {
            passed += 1;
            let found = layout.find_part(source);
            let lost = source.offset() - offset;
            outlet.remark(
                unit,
                offset,
                format!(
                    "{lost} bytes left out: they are no whole {unit}; the disk damaged them, or a write was cut off"
                ),
            );
            if found {
                continue;
            }
            return Ok(());
        };
        let head = layout.head_bytes();
        if let Err(error) = outlet.check_length(unit, passed + 1, offset, u64::from(length)) {
            if !source.pass(head as u64 + u64::from(length)) {
                return Err(error);
            }
            outlet.remark(unit, offset, too_long(u64::from(length), outlet.options));
            passed += 1;
            continue;
        }
        wanted = head + length as usize;
        if !source.fill_to(wanted) {
            outlet.remark(unit, offset, format!("{unit} left out: the segment ends within it; the write was cut off"));
            source.consume(usize::MAX);
            return Ok(());
        }
    }
}

/// Decodes every record, and says how many records or blocks there are.
pub(crate) fn decode<S: Sink>(layout: Layout, bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let (mut at, mut number) = (0, 0);
    while let Some(rest) = bytes.get(at..)
        && let Some(length) = layout.length(rest)
        && let Some(payload) = rest.get(layout.head_bytes()..layout.head_bytes() + length as usize)
    {
        number += 1;
        intake.begin(number, offset + at as u64);
        match layout {
            Layout::Records => {
                record(rest, intake);
            }
            Layout::Blocks => block(rest, payload, intake),
        }
        at += layout.head_bytes() + payload.len();
    }
    number
}

/// Decodes the record at the start of `bytes`, and says what stands behind it.
fn record<'b, S: Sink>(bytes: &'b [u8], intake: &mut Intake<'_, S>) -> Option<&'b [u8]> {
    let (head, payload, rest) = split_record(bytes)?;
    if !head.fits(payload) {
        intake.skip(0, "record left out: its bytes are not those that were written; the disk damaged them");
    } else if let Err(wrong) = otlp_request::payload(head.kind, payload, HEAD_BYTES, intake) {
        intake.skip_malformed("rest of a record", wrong);
    }
    Some(rest)
}

/// Decodes the records of the block that starts with `head`.
fn block<S: Sink>(head: &[u8], packed: &[u8], intake: &mut Intake<'_, S>) {
    let Some(head) = BlockHead::parse(head) else { return };
    let records = match head.unpack(packed, intake.options.max_record_bytes) {
        Ok(records) => records,
        Err(told) => return intake.skip(0, told),
    };
    // Of what a block holds the places are counted from the block's start on, as if it lay there as it was packed.
    let (start, mut rest) = (intake.offset, &records[..]);
    while let Some(behind) = record(rest, intake) {
        rest = behind;
        intake.offset = start + (records.len() - rest.len()) as u64;
    }
    if !rest.is_empty() {
        intake.skip(0, "rest of a block left out: no whole record stands there");
    }
}

#[cfg(test)]
mod tests {
    use crate::read::capture_reader::read_bytes;
    use crate::read::kept_block::{BlockHead, PACKED_MAGIC};
    use crate::read::kept_record::{HEAD_BYTES, RecordHead, RequestKind, SEGMENT_MAGIC, digest};
    use crate::read::options::ReadOptions;
    use crate::read::sink::Gathered;
    use memchr::memmem;

    fn record(id: u8) -> Vec<u8> {
        record_of(&format!(
            r#"{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000{id:02x}","name":"work","startTimeUnixNano":"5"}}"#
        ))
    }

    fn record_of(span: &str) -> Vec<u8> {
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

    /// The same in blocks of one record each.
    fn packed() -> (Vec<u8>, Vec<usize>) {
        let (mut segment, mut starts) = (PACKED_MAGIC.to_vec(), Vec::new());
        for id in 1..=3 {
            starts.push(segment.len());
            let (head, packed) = BlockHead::pack(&record(id), 1, None).expect("packed");
            segment.extend_from_slice(&head.to_bytes());
            segment.extend_from_slice(&packed);
        }
        (segment, starts)
    }

    #[test]
    fn a_packed_segment_is_read_and_damage_costs_its_block_only() {
        let (whole, starts) = packed();
        assert_eq!(read(&whole), (vec![1, 2, 3], vec![]));
        for at in PACKED_MAGIC.len()..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x20;
            let hit = starts.partition_point(|&start| start <= at) - 1;
            let rest: Vec<u8> = [1, 2, 3].into_iter().filter(|&id| usize::from(id) != hit + 1).collect();
            let (ids, told) = read(&damaged);
            assert_eq!((ids, told), (rest, vec![format!("block {} at {}", hit + 1, starts[hit])]), "byte {at}");
        }
        for end in PACKED_MAGIC.len() + 1..whole.len() {
            let (ids, told) = read(&whole[..end]);
            let blocks = starts.iter().skip(1).filter(|&&start| start <= end).count();
            let torn = end > starts[0] && !starts.contains(&end);
            assert_eq!((ids.len(), told.len()), (blocks, usize::from(torn)), "cut at {end}");
        }
    }

    #[test]
    fn what_is_wrong_within_a_record_is_told_where_it_stands() {
        let wrong = r#"{"spanId":"x"}"#;
        let records = [record(1), record_of(wrong), record_of(wrong)].concat();
        let places = |bytes: &[u8]| memmem::find_iter(bytes, wrong).collect::<Vec<_>>();
        let segment = [SEGMENT_MAGIC.to_vec(), records.clone()].concat();
        let told: Vec<String> =
            places(&segment).iter().zip(2..).map(|(at, number)| format!("record {number} at {at}")).collect();
        assert_eq!(read(&segment), (vec![1], told));
        // In a block, from its start on, as if it were not packed.
        let (head, packed) = BlockHead::pack(&records, 3, None).expect("packed");
        let told = places(&records).iter().map(|at| format!("block 1 at {}", PACKED_MAGIC.len() + at)).collect();
        assert_eq!(read(&[PACKED_MAGIC.to_vec(), head.to_bytes().to_vec(), packed].concat()), (vec![1], told));
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
