//! After a start, what was received within the live window is analysed again from the store.

use crate::read::kept_records::KeptRecords;
use crate::read::kept_segments::segments;
use crate::serve::keeper::now;
use crate::serve::receiver::Receiver;
use std::fs;
use std::io;
use std::time::{Duration, SystemTime};

/// Feeds the requests that came within the live window to live analysis, the oldest first. One that is damaged is passed by: it
/// was told when the store was looked at.
pub(crate) fn refill(receiver: &Receiver) -> io::Result<u64> {
    let window = receiver.settings.window;
    let since = now().saturating_sub(u64::try_from(window.as_nanos()).unwrap_or(u64::MAX));
    let mut requests = 0;
    for segment in segments(&receiver.settings.store)? {
        let written = fs::metadata(&segment.path).and_then(|known| known.modified());
        if written.is_ok_and(|written| is_older(written, window)) {
            continue;
        }
        let mut records = KeptRecords::open(&segment.path)?;
        while let Some(kept) = records.next_record()? {
            let live = &receiver.live;
            if kept.head.received < since || live.is_full() {
                continue;
            }
            let taken = live.take(kept.head.kind, kept.payload, kept.head.digest, receiver.now());
            requests += u64::from(taken.is_ok());
        }
    }
    Ok(requests)
}

fn is_older(written: SystemTime, window: Duration) -> bool {
    SystemTime::now().duration_since(written).is_ok_and(|age| age > window)
}
