//! The segment that is being written: records go to its end, and what could not be written whole is taken back.

use crate::model::time::Interval;
use crate::read::kept_record::{RecordHead, SEGMENT_MAGIC};
use crate::read::kept_segments::{open_path, sealed_path};
use crate::serve::whole_file::sync_folder;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A segment that is open for writing.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    folder: PathBuf,
    number: u64,
    file: File,
    /// How many bytes are whole records.
    length: u64,
    time: Option<Interval>,
    began: Instant,
    /// Whether its folder would list it after a loss of power.
    is_listed: bool,
}

impl SegmentFile {
    /// An empty segment of this number.
    pub(crate) fn create(folder: &Path, number: u64) -> io::Result<Self> {
        let path = open_path(folder, number);
        // Left over from an attempt that failed: nothing in it was acknowledged.
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        if let Err(error) = file.write_all(SEGMENT_MAGIC) {
            drop(file);
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let length = SEGMENT_MAGIC.len() as u64;
        let began = Instant::now();
        Ok(Self { folder: folder.to_owned(), number, file, length, time: None, began, is_listed: false })
    }

    /// Its number.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How many bytes are whole records.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// When what it tells of starts.
    pub(crate) fn time(&self) -> Option<Interval> {
        self.time
    }

    /// When it was begun.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Adds a record. When that fails, [`SegmentFile::take_back`] what was written of it.
    pub(crate) fn append(&mut self, head: RecordHead, payload: &[u8], time: Option<Interval>) -> io::Result<()> {
        let head = head.to_bytes();
        self.file.write_all(&head)?;
        self.file.write_all(payload)?;
        self.length += (head.len() + payload.len()) as u64;
        self.time = Interval::of_both(self.time, time);
        Ok(())
    }

    /// Makes sure that what was written outlives a loss of power. The folder is not synced before: a file system may write down
    /// all of the segment before this one for it, and whoever asks for no sync would wait.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if !self.is_listed {
            sync_folder(&self.folder)?;
            self.is_listed = true;
        }
        Ok(())
    }

    /// Cuts off what stands behind the first `length` bytes. What cannot be cut off is written over.
    pub(crate) fn take_back(&mut self, length: u64) -> io::Result<()> {
        self.length = length;
        let cut = self.file.set_len(length);
        self.file.seek(SeekFrom::Start(length))?;
        cut
    }

    /// Ends the segment: it gets the name of one that is complete, or goes when it is empty.
    pub(crate) fn seal(&self) -> io::Result<()> {
        let open = open_path(&self.folder, self.number);
        if self.length <= SEGMENT_MAGIC.len() as u64 {
            fs::remove_file(open)?;
        } else {
            self.file.sync_data()?;
            fs::rename(open, sealed_path(&self.folder, self.number, self.time))?;
        }
        sync_folder(&self.folder)
    }
}
