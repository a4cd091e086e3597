//! Archives, as people send whole folders of telemetry: the files in them are read one by one.

use crate::read::byte_source::ByteSource;
use crate::read::compression::Inflation;
use crate::read::input::printable;
use crate::read::options::ReadOptions;
use std::io::{self, Read, Seek};

/// How many files of one archive are read.
const MAX_MEMBERS: usize = 100_000;

/// Where a tar header says what it is (POSIX.1-1988, the ustar format).
const TAR_MAGIC: (usize, &[u8]) = (257, b"ustar");

/// A format of archives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Archive {
    Tar,
    Zip,
}

/// Takes one file of an archive: its name within it, safe to print, and its bytes.
pub(crate) type Take<'t> = &'t mut dyn FnMut(&str, &mut dyn Read);

impl Archive {
    /// The format of an archive that starts with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let (place, magic) = TAR_MAGIC;
        if head.get(place..).is_some_and(|rest| rest.starts_with(magic)) {
            Some(Self::Tar)
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else {
            None
        }
    }

    /// The name that users know it by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Tar => "tar archive",
            Self::Zip => "zip archive",
        }
    }

    /// Hands out every file in the order of the archive, hidden ones left out as in folders. Says how many there were.
    pub(crate) fn members(
        self,
        source: &mut ByteSource<'_>,
        options: &ReadOptions,
        take: Take<'_>,
    ) -> io::Result<usize> {
        match self {
            Self::Tar => tar_members(source, take),
            Self::Zip => zip_members(source, options, take),
        }
    }
}

fn tar_members(source: &mut ByteSource<'_>, take: Take<'_>) -> io::Result<usize> {
    let mut archive = tar::Archive::new(source);
    let mut count = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_file() && !is_hidden(&name) {
            count_one(&mut count)?;
            take(&printable(&name), &mut entry);
        }
    }
    Ok(count)
}

/// The list of a zip archive's files stands at its end, so it goes to a nameless file on disk first.
fn zip_members(source: &mut ByteSource<'_>, options: &ReadOptions, take: Take<'_>) -> io::Result<usize> {
    let mut file = tempfile::tempfile()?;
    io::copy(source, &mut file)?;
    file.rewind()?;
    let mut archive = zip::ZipArchive::new(file)?;
    let mut count = 0;
    for place in 0..archive.len() {
        let member = archive.by_index(place)?;
        let name = member.name()?.into_owned();
        if member.is_file() && !is_hidden(&name) {
            count_one(&mut count)?;
            let packed_size = member.compressed_size();
            take(&printable(&name), &mut Inflation::of(packed_size, options).bound(member));
        }
    }
    Ok(count)
}

fn count_one(count: &mut usize) -> io::Result<()> {
    *count += 1;
    if *count > MAX_MEMBERS {
        return Err(io::Error::other(format!("it holds more than {MAX_MEMBERS} files; unpack it and name its folder")));
    }
    Ok(())
}

/// Whether a file is one of those that systems put beside the files of users.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part == "__MACOSX" || (part.starts_with('.') && !matches!(part, "." | "..")))
}
