//! What a store looks like after its writer died: every whole record is there, and what was half written is cut off.

use crate::model::names::Names;
use crate::model::span::{LogEvent, LooseSpan};
use crate::model::time::Interval;
use crate::read::kept_record::{HEAD_BYTES, RecordHead, SEGMENT_MAGIC, split_record};
use crate::read::kept_segments::{Form, Segment, digests, sealed_path, segments};
use crate::read::otlp_request::RequestReader;
use crate::read::sink::Sink;
use crate::serve::keeper::REMEMBERED;
use crate::serve::recent::Recent;
use crate::serve::rewriting::{clean_up, sure_contents};
use crate::serve::whole_file::sync_folder;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// What was found in a store.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// The number of the next segment.
    pub(crate) next_number: u64,
    /// The requests that came last.
    pub(crate) recent: Recent<()>,
    /// What has to be told: what was cut off, what is damaged.
    pub(crate) told: Vec<String>,
}

/// Makes a store whole: segments that were being written are cut behind their last whole record, and sealed.
///
/// ```text
/// record | record | rec          the write of the third was cut off: nobody was told that it is kept
/// record | record                sealed
/// record | ?????? | record       the disk damaged the second: it stays as it is, is told here and passed by readers
/// ```
pub(crate) fn recover(folder: &Path) -> io::Result<Recovered> {
    let mut told = Vec::new();
    clean_up(folder)?;
    let all = segments(folder)?;
    let next_number = all.last().map_or(1, |segment| segment.number + 1);
    for segment in all.iter().filter(|segment| segment.is_open()) {
        seal(folder, segment, &mut told)?;
    }
    let mut recent = Recent::new(REMEMBERED);
    for digest in last_digests(folder)? {
        recent.put(digest, ());
    }
    Ok(Recovered { next_number, recent, told })
}

fn seal(folder: &Path, segment: &Segment, told: &mut Vec<String>) -> io::Result<()> {
    let bytes = fs::read(&segment.path)?;
    let name = segment.path.display();
    let (mut at, mut end, mut time, mut damaged) = (SEGMENT_MAGIC.len(), SEGMENT_MAGIC.len(), None, 0_u64);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((head, payload, _)) = split_record(rest) else {
            // Damaged, or the end of what was written.
            at += 1 + rest[1..]
                .windows(HEAD_BYTES)
                .position(|head| RecordHead::parse(head).is_some())
                .unwrap_or(rest.len());
            damaged += u64::from(at < bytes.len());
            continue;
        };
        at += HEAD_BYTES + payload.len();
        end = at;
        if head.fits(payload) {
            let read = RequestReader::default().read(head.kind, payload, &mut Nowhere::default());
            time = Interval::of_both(time, read.ok().and_then(|report| report.time));
        } else {
            damaged += 1;
        }
    }
    if damaged > 0 {
        told.push(format!("{name}: {damaged} records are damaged, and passed by; the others are read"));
    }
    if end <= SEGMENT_MAGIC.len() {
        return fs::remove_file(&segment.path);
    }
    if end < bytes.len() {
        told.push(format!(
            "{name}: the last {} bytes were not written to their end, and are cut off",
            bytes.len() - end
        ));
        let file = OpenOptions::new().write(true).open(&segment.path)?;
        file.set_len(end as u64)?;
        file.sync_all()?;
    }
    fs::rename(&segment.path, sealed_path(folder, segment.number, time))?;
    sync_folder(folder)
}

/// The digests of the last requests, the oldest first.
fn last_digests(folder: &Path) -> io::Result<Vec<u128>> {
    let mut of_segments = Vec::new();
    let mut count = 0;
    for segment in segments(folder)?.iter().rev() {
        let of_segment = match segment.form {
            Form::Open | Form::Sealed => digests(&segment.path)?,
            Form::Packed => sure_contents(segment)?.digests,
            // What is left of requests has other digests than they had.
            Form::Thinned => break,
        };
        count += of_segment.len();
        of_segments.push(of_segment);
        if count >= REMEMBERED {
            break;
        }
    }
    Ok(of_segments.into_iter().rev().flatten().collect())
}

/// Takes what is read only for its times.
#[derive(Default)]
struct Nowhere(Names);

impl Sink for Nowhere {
    fn names(&mut self) -> &mut Names {
        &mut self.0
    }

    fn span(&mut self, _: LooseSpan) {}

    fn log(&mut self, _: LogEvent) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Nanos;
    use crate::read::kept_record::{RequestKind, digest};
    use crate::serve::segment_file::SegmentFile;
    use tempfile::TempDir;

    fn payload(number: u64) -> Vec<u8> {
        format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"{number:016x}","name":"work","startTimeUnixNano":"{}000000000"}}]}}]}}]}}"#,
            1000 + number
        )
        .into_bytes()
    }

    /// A store whose writer died after three records.
    fn store() -> (TempDir, Vec<u128>) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut segment = SegmentFile::create(folder.path(), 4).expect("a segment");
        let mut digests = Vec::new();
        for number in 1..=3 {
            let (kind, payload) = (RequestKind::TracesJson, payload(number));
            let length = u32::try_from(payload.len()).expect("short");
            let head = RecordHead { kind, length, received: 1, digest: digest(kind, &payload) };
            let time = Nanos((1000 + number) * 1_000_000_000);
            segment.append(head, &payload, Some(Interval { start: time, end: time })).expect("written");
            digests.push(head.digest);
        }
        (folder, digests)
    }

    fn only_file(folder: &Path) -> Segment {
        let mut all = segments(folder).expect("a list");
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn whatever_was_cut_off_goes_and_whole_records_stay() {
        let (folder, digests) = store();
        let path = only_file(folder.path()).path;
        let whole = fs::read(&path).expect("read");
        let record = HEAD_BYTES + payload(1).len();
        for end in SEGMENT_MAGIC.len()..=whole.len() {
            fs::write(&path, &whole[..end]).expect("written");
            let recovered = recover(folder.path()).expect("recovered");
            let records = (end - SEGMENT_MAGIC.len()) / record;
            assert_eq!(recovered.next_number, 5);
            for (place, digest) in digests.iter().enumerate() {
                assert_eq!(recovered.recent.get(*digest).is_some(), place < records, "cut at {end}, record {place}");
            }
            let is_torn = end > SEGMENT_MAGIC.len() && !(end - SEGMENT_MAGIC.len()).is_multiple_of(record);
            assert_eq!(recovered.told.len(), usize::from(is_torn && records > 0), "cut at {end}: {:?}", recovered.told);
            if records > 0 {
                let sealed = only_file(folder.path());
                assert_eq!(sealed.seconds, Some((1001, 1000 + records as u64)));
                let kept = fs::read(&sealed.path).expect("read");
                assert_eq!(kept, whole[..SEGMENT_MAGIC.len() + records * record]);
                fs::remove_file(sealed.path).expect("removed");
            }
        }
    }

    #[test]
    fn a_damaged_record_stays_is_told_and_hides_none_behind_it() {
        let (folder, digests) = store();
        let path = only_file(folder.path()).path;
        let mut bytes = fs::read(&path).expect("read");
        let second = SEGMENT_MAGIC.len() + HEAD_BYTES + payload(1).len();
        for at in [second + 2, second + HEAD_BYTES + 9] {
            bytes[at] ^= 1;
            fs::write(&path, &bytes).expect("written");
            let recovered = recover(folder.path()).expect("recovered");
            assert_eq!(recovered.told.len(), 1, "{:?}", recovered.told);
            let sealed = only_file(folder.path());
            assert_eq!(sealed.seconds, Some((1001, 1003)));
            assert_eq!(fs::read(&sealed.path).expect("read").len(), bytes.len());
            assert!(recovered.recent.get(digests[0]).is_some());
            fs::remove_file(sealed.path).expect("removed");
            bytes[at] ^= 1;
        }
    }
}
