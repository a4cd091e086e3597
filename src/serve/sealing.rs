//! Who completes segments: a thread beside the one that writes, which would keep requests waiting while the disk takes in what
//! was not synced before.
//!
//! ```text
//! keeper    write 1, write 1 │ write 2, write 2, write 2, ...
//! sealing                    └► sync 1, its name says that it is complete
//! ```

use crate::serve::counters::Counters;
use crate::serve::segment_file::SegmentFile;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// How many segments may wait to be completed: a disk that is further behind makes requests wait.
const WAITING: usize = 1;

/// The way to the thread. What was handed over is complete when this is dropped.
pub(crate) struct Sealing {
    queue: Option<SyncSender<SegmentFile>>,
    thread: Option<JoinHandle<()>>,
}

impl Sealing {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When there can be no more threads.
    pub(crate) fn start(counters: Arc<Counters>) -> io::Result<Self> {
        let (queue, waiting) = sync_channel::<SegmentFile>(WAITING);
        let work = move || waiting.iter().for_each(|segment| seal(&segment, &counters));
        let thread = thread::Builder::new().name("sealing".to_owned()).spawn(work)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Has a segment completed, to which nothing more is written.
    pub(crate) fn seal(&self, segment: SegmentFile) {
        if let Some(queue) = &self.queue {
            // The thread ends after this does. One that had ended would leave a segment that the next start completes.
            let _ = queue.send(segment);
        }
    }
}

impl Drop for Sealing {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn seal(segment: &SegmentFile, counters: &Counters) {
    if let Err(error) = segment.seal() {
        tracing::error!("segment {} cannot be sealed: {error}", segment.number());
        counters.disk_is_failing(&format!("a segment cannot be sealed: {error}"));
    }
}
