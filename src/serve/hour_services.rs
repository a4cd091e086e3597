//! What was asked of each service in an hour, so that a day can be told of without reading its requests.
//!
//! ```text
//! "WSPNSERV" | zstd ( totals | service | service | ... )
//! totals     log records | start | end | traces | spans | failing traces | services
//! service    length | name | requests | failed | count | shortest | how much longer the next is | ...
//! ```
//!
//! What stands in the compressed part are numbers of varying length, as in protobuf, and names. Durations are in nanoseconds and in
//! order, so that neighbours differ little. Names are as they came: what is secret is taken out of the answer. The digest of the file
//! stands in that which tells what was made of the hour (`hour_stays.rs`), and is looked at whenever the file is read.

use crate::facts::service_facts::ServiceFacts;
use crate::facts::window::WindowFacts;
use crate::model::time::{Interval, Nanos};
use crate::model::varint::put_varint;
use crate::read::wire::varint;
use crate::serve::file_digest::digest_of_bytes;
use crate::serve::hour_stays::Made;
use crate::serve::hours::{facts_folder, name_of_hour};
use crate::serve::whole_file::write_whole;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WSPNSERV";

/// How hard zstd tries.
const LEVEL: i32 = 3;

/// Where it is written of an hour of this name.
pub(crate) fn services_path(store: &Path, name: &str) -> PathBuf {
    facts_folder(store).join(format!("services-{name}"))
}

/// What is written down of an hour: totals and services, and how many log records there were; `None` when nothing is that can be
/// trusted.
pub(crate) fn read(store: &Path, hour: u32, made: Made) -> Option<(WindowFacts, u64)> {
    let bytes = fs::read(services_path(store, &name_of_hour(hour)?)).ok()?;
    let packed = bytes.strip_prefix(MAGIC).filter(|_| digest_of_bytes(&bytes) == made.digests.services)?;
    read_facts(&zstd::decode_all(packed).ok()?)
}

/// Writes it down for an hour of this name, and says its digest.
pub(crate) fn write(store: &Path, name: &str, facts: WindowFacts, logs: u64) -> io::Result<u128> {
    let mut packed = zstd::Encoder::new(MAGIC.to_vec(), LEVEL)?;
    write_facts(&mut packed, facts, logs)?;
    let bytes = packed.finish()?;
    write_whole(&services_path(store, name), &bytes)?;
    Ok(digest_of_bytes(&bytes))
}

fn write_facts(out: &mut impl Write, facts: WindowFacts, logs: u64) -> io::Result<()> {
    let time = facts.time.unwrap_or(Interval { start: Nanos(0), end: Nanos(0) });
    let count = facts.services.len() as u64;
    let mut bytes = Vec::new();
    for number in [logs, time.start.0, time.end.0, facts.traces, facts.spans, facts.failing_traces, count] {
        put_varint(&mut bytes, number);
    }
    for (name, mut service) in facts.services {
        put_varint(&mut bytes, name.len() as u64);
        bytes.extend_from_slice(name.as_bytes());
        service.durations.sort_unstable();
        for number in [service.requests, service.failed, service.durations.len() as u64] {
            put_varint(&mut bytes, number);
        }
        let mut last = 0;
        for duration in service.durations {
            put_varint(&mut bytes, duration - last);
            last = duration;
            if bytes.len() > 1 << 16 {
                out.write_all(&bytes)?;
                bytes.clear();
            }
        }
    }
    out.write_all(&bytes)
}

fn read_facts(mut text: &[u8]) -> Option<(WindowFacts, u64)> {
    let rest = &mut text;
    let logs = number(rest)?;
    let (start, end) = (Nanos(number(rest)?), Nanos(number(rest)?));
    let mut facts = WindowFacts::default();
    (facts.traces, facts.spans, facts.failing_traces) = (number(rest)?, number(rest)?, number(rest)?);
    facts.time = (facts.spans > 0).then_some(Interval { start, end });
    for _ in 0..number(rest)? {
        let length = usize::try_from(number(rest)?).ok()?;
        let (name, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        let name = String::from_utf8(name.to_vec()).ok()?;
        let (requests, failed, count) = (number(rest)?, number(rest)?, number(rest)?);
        let (mut durations, mut last) = (Vec::new(), 0_u64);
        for _ in 0..count {
            last = last.checked_add(number(rest)?)?;
            durations.push(last);
        }
        facts.services.insert(name, ServiceFacts { requests, failed, durations });
    }
    rest.is_empty().then_some((facts, logs))
}

/// The number at the start of the bytes, which is then passed by.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, used) = varint(bytes)?;
    *bytes = bytes.get(used..)?;
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hour_tables::HourDigests;

    #[test]
    fn an_hour_is_read_as_written_and_no_damage_goes_unseen() {
        const HOUR: u32 = 498_702;
        let store = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(facts_folder(store.path())).expect("a folder");
        let mut facts = WindowFacts::default();
        (facts.traces, facts.spans, facts.failing_traces) = (3, 9, 1);
        facts.time = Some(Interval { start: Nanos(5), end: Nanos(u64::MAX) });
        let service = |durations: &[u64]| ServiceFacts { requests: 7, failed: 2, durations: durations.to_vec() };
        facts.services.insert("cart".to_owned(), service(&[0, 0, 130, u64::MAX]));
        facts.services.insert("ein Wägelchen".to_owned(), service(&[]));
        facts
            .services
            .insert(String::new(), service(&(0..40_000).map(|number| number * 1_000_003).collect::<Vec<_>>()));
        let mut shuffled = facts.clone();
        shuffled.services.values_mut().for_each(|service| service.durations.reverse());
        let name = name_of_hour(HOUR).expect("a name");
        let services = write(store.path(), &name, shuffled, 1 << 40).expect("written");
        let made = Made { seen: 1, digests: HourDigests { services, ..HourDigests::default() } };
        assert!(read(store.path(), HOUR, made) == Some((facts, 1 << 40)));
        assert_eq!(read(store.path(), HOUR + 1, made), None);
        assert_eq!(read(store.path(), HOUR, Made::default()), None, "of another hour");
        let path = services_path(store.path(), &name);
        let whole = fs::read(&path).expect("read");
        for at in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).expect("written");
            assert_eq!(read(store.path(), HOUR, made), None, "byte {at}");
        }
    }
}
