//! A file for what does not fit into memory: written once, read once, gone with its owner.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A run of bytes in a [`SpillFile`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    start: u64,
    length: usize,
}

impl Extent {
    /// How many bytes it has.
    #[cfg(test)]
    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

/// A nameless file in the system's folder for temporary files, which the system removes however the process ends.
#[derive(Debug)]
pub(crate) struct SpillFile {
    file: File,
    end: u64,
}

impl SpillFile {
    /// An empty file.
    pub(crate) fn create() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, end: 0 })
    }

    /// Writes `chunks` behind all that is there.
    pub(crate) fn append(&mut self, chunks: &[Vec<u8>]) -> io::Result<Extent> {
        // What a failed write may have left is written over.
        self.file.seek(SeekFrom::Start(self.end))?;
        for chunk in chunks {
            self.file.write_all(chunk)?;
        }
        let extent = Extent { start: self.end, length: chunks.iter().map(Vec::len).sum() };
        self.end += extent.length as u64;
        Ok(extent)
    }

    /// Reads a run back into `out`, whose content is replaced.
    pub(crate) fn read(&mut self, extent: Extent, out: &mut Vec<u8>) -> io::Result<()> {
        out.resize(extent.length, 0);
        self.file.seek(SeekFrom::Start(extent.start))?;
        self.file.read_exact(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_back_in_any_order() {
        let mut spill = SpillFile::create().expect("a temporary file");
        let first = spill.append(&[b"one".to_vec(), b"two".to_vec()]).expect("written");
        let second = spill.append(&[b"three".to_vec()]).expect("written");
        let mut out = Vec::new();
        spill.read(second, &mut out).expect("read");
        assert_eq!(out, b"three");
        spill.read(first, &mut out).expect("read");
        assert_eq!(out, b"onetwo");
    }
}
