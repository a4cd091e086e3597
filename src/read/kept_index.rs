//! Where in a packed segment each trace is: a file beside it, `*.packed.index`.
//!
//! ```text
//! "WSPNINDX" | bytes of the segment 8 | buckets 4 | digests 4 | hours 4 | check 8
//! of each bucket: how many entries stand up to its end 4 | check of its entries 8    ... check of the table 8
//! entries, by fingerprint: fingerprint of a trace id 8 | where a block starts that holds a part of it 8
//! digests of the requests in the segment 16 each | check of them 8
//! hours since 1970 in which a span of it starts 4 each | check of them 8
//! ```
//!
//! Numbers have their big end first. A trace is looked for in one bucket, which its fingerprint names, so that some kilobytes are
//! read whatever the size. Two ids of one fingerprint cost a look into a block too many. An index that is missing, damaged, or of
//! other bytes is none, and the whole segment is read.

use crate::model::ids::TraceId;
use crate::ordered::set::OrderedSet;
use crate::read::checksum::{check_of, checked, put_check};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use twox_hash::XxHash3_64;

const MAGIC: &[u8; 8] = b"WSPNINDX";

const HEAD: usize = 36;

const ENTRY: usize = 16;

const BUCKET: usize = 12;

const DIGEST: usize = 16;

const HOUR: usize = 4;

/// How many different hours of a segment are told, the first ones: more is nonsense of broken clocks.
const HOURS: usize = 10_000;

/// How many entries a bucket holds, about.
const ENTRIES_OF_BUCKET: usize = 256;

/// Where the index of a segment is.
#[must_use]
pub fn index_path(segment: &Path) -> PathBuf {
    let mut name = segment.file_name().map(OsString::from).unwrap_or_default();
    name.push(".index");
    segment.with_file_name(name)
}

/// An index while it is made.
#[derive(Debug, Default)]
pub struct KeptIndex {
    entries: Vec<(u64, u64)>,
    digests: Vec<u128>,
    hours: OrderedSet<u32>,
}

impl KeptIndex {
    /// Takes note that the block which starts at `block` holds a part of this trace.
    pub fn add(&mut self, trace: TraceId, block: u64) {
        self.entries.push((fingerprint(trace), block));
    }

    /// Takes note that a span starts in this hour since 1970.
    pub fn add_hour(&mut self, hour: u32) {
        if self.hours.insert(hour) && self.hours.len() > HOURS {
            self.hours.pop_last();
        }
    }

    /// Takes note of a request.
    pub fn add_request(&mut self, digest: u128) {
        self.digests.push(digest);
    }

    /// What it says besides where traces are.
    #[must_use]
    pub fn contents(&self) -> Contents {
        Contents { digests: self.digests.clone(), hours: self.hours.iter().copied().collect() }
    }

    /// As it is written, for a segment of so many bytes.
    #[must_use]
    pub fn to_bytes(mut self, segment_bytes: u64) -> Vec<u8> {
        self.entries.sort_unstable();
        self.entries.dedup();
        let count = (self.entries.len() / ENTRIES_OF_BUCKET).max(1).next_power_of_two();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&segment_bytes.to_be_bytes());
        bytes.extend_from_slice(&number(count));
        bytes.extend_from_slice(&number(self.digests.len()));
        bytes.extend_from_slice(&number(self.hours.len()));
        put_check(&mut bytes, 0);
        let (mut table, mut entries, mut from) = (Vec::new(), Vec::new(), 0);
        for bucket in 0..count {
            let to = self.entries.partition_point(|&(fingerprint, _)| bucket_of(fingerprint, count) <= bucket);
            let start = entries.len();
            for (fingerprint, block) in &self.entries[from..to] {
                entries.extend_from_slice(&fingerprint.to_be_bytes());
                entries.extend_from_slice(&block.to_be_bytes());
            }
            table.extend_from_slice(&number(to));
            table.extend_from_slice(&check_of(&entries[start..]));
            from = to;
        }
        put_check(&mut table, 0);
        bytes.append(&mut table);
        bytes.append(&mut entries);
        let start = bytes.len();
        self.digests.iter().for_each(|digest| bytes.extend_from_slice(&digest.to_be_bytes()));
        put_check(&mut bytes, start);
        let start = bytes.len();
        self.hours.iter().for_each(|hour| bytes.extend_from_slice(&hour.to_be_bytes()));
        put_check(&mut bytes, start);
        bytes
    }
}

fn fingerprint(trace: TraceId) -> u64 {
    XxHash3_64::oneshot(&trace.0)
}

/// Which of `count` buckets, a power of two, the fingerprint is in: the first bits say it.
fn bucket_of(fingerprint: u64, count: usize) -> usize {
    let bits = count.trailing_zeros();
    usize::try_from(fingerprint.checked_shr(64 - bits).unwrap_or_default()).unwrap_or_default()
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

fn count_at(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))?;
    usize::try_from(number).ok()
}

/// An index that is open, with its table.
struct OpenIndex {
    file: File,
    table: Vec<u8>,
    buckets: usize,
    digests: usize,
    hours: usize,
}

impl OpenIndex {
    /// `None` when there is none of these bytes.
    fn of(segment: &Path) -> Option<Self> {
        let mut file = File::open(index_path(segment)).ok()?;
        let head = read_at(&mut file, 0, HEAD)?;
        let content = checked(&head)?;
        let (buckets, digests, hours) = (count_at(content, 16)?, count_at(content, 20)?, count_at(content, 24)?);
        let is_of_these = content.starts_with(MAGIC) && u64_at(content, 8)? == fs::metadata(segment).ok()?.len();
        if !is_of_these || !buckets.is_power_of_two() {
            return None;
        }
        let mut table = read_at(&mut file, HEAD as u64, buckets.checked_mul(BUCKET)?.checked_add(8)?)?;
        checked(&table)?;
        table.truncate(buckets * BUCKET);
        Some(Self { file, table, buckets, digests, hours })
    }

    /// Where the entries start in the file.
    fn entries_at(&self) -> u64 {
        (HEAD + self.table.len() + 8) as u64
    }

    /// How many entries stand before a bucket.
    fn before(&self, bucket: usize) -> Option<usize> {
        bucket.checked_sub(1).map_or(Some(0), |last| count_at(&self.table, last * BUCKET))
    }

    fn entries_of(&mut self, bucket: usize) -> Option<Vec<u8>> {
        let (from, to) = (self.before(bucket)?, self.before(bucket + 1)?);
        let at = self.entries_at() + (from as u64).checked_mul(ENTRY as u64)?;
        let entries = read_at(&mut self.file, at, to.checked_sub(from)?.checked_mul(ENTRY)?)?;
        let check = self.table.get(bucket * BUCKET + 4..)?.first_chunk()?;
        (check_of(&entries) == *check).then_some(entries)
    }
}

/// Exactly so many bytes, from there on. Memory grows only as they come.
fn read_at(file: &mut File, at: u64, count: usize) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = Vec::new();
    file.take(count as u64).read_to_end(&mut bytes).ok()?;
    (bytes.len() == count).then_some(bytes)
}

/// Where the blocks start, in order, that hold a part of a trace; `None` when the segment has no index that can be trusted.
pub(crate) fn blocks_of(segment: &Path, trace: TraceId) -> Option<Vec<u64>> {
    let mut index = OpenIndex::of(segment)?;
    let wanted = fingerprint(trace);
    let entries = index.entries_of(bucket_of(wanted, index.buckets))?;
    let (entries, _) = entries.as_chunks::<ENTRY>();
    let found = entries.iter().filter(|entry| u64_at(&entry[..], 0) == Some(wanted));
    found.map(|entry| u64_at(entry, 8)).collect()
}

/// What an index says of a segment besides where its traces are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contents {
    /// The digests of its requests, in their order.
    pub digests: Vec<u128>,
    /// The hours since 1970 in which a span of it starts, in order.
    pub hours: Vec<u32>,
}

/// What the index of a segment says of it; `None` when it has no index that can be trusted to its end.
#[must_use]
pub fn contents(segment: &Path) -> Option<Contents> {
    let mut index = OpenIndex::of(segment)?;
    let mut buckets = 0..index.buckets;
    if !buckets.all(|bucket| index.entries_of(bucket).is_some()) {
        return None;
    }
    let at = index.entries_at() + (index.before(index.buckets)? as u64).checked_mul(ENTRY as u64)?;
    let digests = index.digests.checked_mul(DIGEST)?.checked_add(8)?;
    let hours_at = at.checked_add(digests as u64)?;
    let digests = read_at(&mut index.file, at, digests)?;
    let hours = read_at(&mut index.file, hours_at, index.hours.checked_mul(HOUR)?.checked_add(8)?)?;
    let ((digests, _), (hours, _)) = (checked(&digests)?.as_chunks::<DIGEST>(), checked(&hours)?.as_chunks::<HOUR>());
    Some(Contents {
        digests: digests.iter().map(|digest| u128::from_be_bytes(*digest)).collect(),
        hours: hours.iter().map(|hour| u32::from_be_bytes(*hour)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TraceId {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        TraceId(bytes)
    }

    #[test]
    fn every_trace_is_found_and_no_damage_leads_astray() {
        let folder = tempfile::tempdir().expect("a folder");
        let segment = folder.path().join("1-1-5-9.packed");
        fs::write(&segment, [0; 100]).expect("written");
        assert_eq!(blocks_of(&segment, id(1)), None);
        let mut index = KeptIndex::default();
        for number in 0..600 {
            index.add(id(number), number % 7);
            index.add(id(number), number % 7);
            index.add(id(number), 100 + number % 11);
            index.add_request(u128::from(number));
        }
        [498_001, 498_000, 498_001].into_iter().for_each(|hour| index.add_hour(hour));
        fs::write(index_path(&segment), index.to_bytes(100)).expect("written");
        for number in 0..600 {
            assert_eq!(blocks_of(&segment, id(number)), Some(vec![number % 7, 100 + number % 11]));
        }
        assert_eq!(blocks_of(&segment, id(600)), Some(vec![]));
        let wanted = Contents { digests: (0..600).collect(), hours: vec![498_000, 498_001] };
        assert_eq!(contents(&segment), Some(wanted));
        let path = index_path(&segment);
        let bytes = fs::read(&path).expect("read");
        let (mut found, mut none) = (0, 0);
        for at in (0..bytes.len()).step_by(101) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            fs::write(&path, damaged).expect("written");
            assert!(contents(&segment).is_none(), "byte {at}");
            match blocks_of(&segment, id(77)) {
                None => none += 1,
                Some(blocks) => {
                    assert_eq!(blocks, [0, 100]);
                    found += 1;
                }
            }
        }
        assert!(found > 0 && none > 0, "{found} {none}");
        for end in (0..bytes.len()).step_by(997) {
            fs::write(&path, &bytes[..end]).expect("written");
            assert!(contents(&segment).is_none(), "cut at {end}");
        }
        // Of a segment that has other bytes.
        fs::write(&path, &bytes).expect("written");
        fs::write(&segment, [0; 101]).expect("written");
        assert_eq!(blocks_of(&segment, id(1)), None);
    }
}
