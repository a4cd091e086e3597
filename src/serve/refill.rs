//! After a start, what was received within the live window is analysed again from the store.

use crate::read::kept_record::{HEAD_BYTES, RecordHead, SEGMENT_MAGIC};
use crate::read::kept_segments::{segments, whole_records};
use crate::serve::keeper::now;
use crate::serve::receiver::Receiver;
use std::fs;
use std::io::{self, Read};
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
        let mut records = whole_records(&segment.path)?;
        let (mut magic, mut head, mut payload) = ([0; SEGMENT_MAGIC.len()], [0; HEAD_BYTES], Vec::new());
        records.read_exact(&mut magic)?;
        while records.read_exact(&mut head).is_ok()
            && let Some(head) = RecordHead::parse(&head)
        {
            payload.resize(head.length as usize, 0);
            records.read_exact(&mut payload)?;
            let live = &receiver.live;
            if head.received < since || live.is_full() || !head.fits(&payload) {
                continue;
            }
            requests += u64::from(live.take(head.kind, &payload, head.digest, receiver.now()).is_ok());
        }
    }
    Ok(requests)
}

fn is_older(written: SystemTime, window: Duration) -> bool {
    SystemTime::now().duration_since(written).is_ok_and(|age| age > window)
}
