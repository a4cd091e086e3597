//! Files that are there whole or not at all, also after a loss of power.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The ending of what is not complete.
pub(crate) const UNFINISHED: &str = "unfinished";

/// Writes a file: under a name that nobody reads until it is complete.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let written = fs::write(&unfinished, bytes).and_then(|()| name_safely(&unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Gives a file its name once it is safe on disk.
pub(crate) fn name_safely(unfinished: &Path, path: &Path) -> io::Result<()> {
    File::open(unfinished)?.sync_all()?;
    fs::rename(unfinished, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes sure that names of files outlive a loss of power.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
