//! Archives, as people send whole folders of telemetry: the files in them are read one by one.

use crate::read::byte_source::ByteSource;
use crate::read::compression::Inflation;
use crate::read::input::printable;
use crate::read::sniff::format_of;
use crate::read::zip_directory::ZipDirectory;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, Write};

/// How many files of one archive are read.
const MAX_MEMBERS: usize = 100_000;

/// The longest name of a file in an archive that is told whole, in bytes; of a longer one the start is.
const MAX_NAME: usize = 1 << 10;

/// How many bytes may stand between two files of a tar archive: long names and the like, which lie in memory.
const BETWEEN_FILES: u64 = 1 << 20;

/// The largest zip archive that is read, in bytes: it lies on disk meanwhile.
const MAX_ZIP: u64 = 4 << 30;

/// How many bytes the list of a zip archive's files may have: it lies in memory.
const MAX_DIRECTORY: u64 = 32 << 20;

/// Where a tar header says what it is (POSIX.1-1988, the ustar format).
const TAR_MAGIC: (usize, &[u8]) = (257, b"ustar");

/// Where a tar header holds the sum of its bytes, in octal digits.
const TAR_CHECKSUM: std::ops::Range<usize> = 148..156;

/// Whether the first tar header is whole: the sum of its bytes, its own place counted as blanks, is the one that it holds.
fn has_tar_checksum(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let told = header[TAR_CHECKSUM].trim_ascii().split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
    let told = std::str::from_utf8(told).ok().and_then(|digits| u64::from_str_radix(digits, 8).ok());
    let place = |at: usize| if TAR_CHECKSUM.contains(&at) { b' ' } else { header[at] };
    told == Some((0..header.len()).map(|at| u64::from(place(at))).sum())
}

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
        let may_be_tar = head.get(place..).is_some_and(|rest| rest.starts_with(magic));
        // The magic may stand in a message, too. A header that is damaged is still no telemetry.
        if may_be_tar && (has_tar_checksum(head) || format_of(head).is_none()) {
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
    ///
    /// # Errors
    ///
    /// When the archive is damaged, or holds more than may be read of one: with a [`Bomb`](crate::read::compression::Bomb) when
    /// more comes out than `inflation` allows. What cannot be unpacked of a single file fails when that file is read.
    pub(crate) fn members(
        self,
        source: &mut ByteSource<'_>,
        inflation: &Inflation,
        take: Take<'_>,
    ) -> io::Result<usize> {
        match self {
            Self::Tar => tar_members(source, inflation, take),
            Self::Zip => zip_members(source, inflation, take),
        }
    }
}

fn tar_members(source: &mut ByteSource<'_>, inflation: &Inflation, take: Take<'_>) -> io::Result<usize> {
    let allowed = Cell::new(BETWEEN_FILES);
    let mut archive = tar::Archive::new(Rationed { source, inflation, allowed: &allowed });
    let mut count = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = shown(&entry.path_bytes());
        if entry.header().entry_type().is_file() && !is_hidden(&name) {
            count_one(&mut count)?;
            allowed.set(u64::MAX);
            take(&printable(&name), &mut entry);
            inflation.check().map_err(io::Error::other)?;
            // What nobody wanted of it must not count as standing between files.
            io::copy(&mut entry, &mut io::sink())?;
            allowed.set(BETWEEN_FILES);
        } else {
            allowed.set(entry.header().entry_size()?.saturating_add(BETWEEN_FILES));
        }
    }
    Ok(count)
}

/// A tar archive of which only so many bytes may be read until its next file is there: the library holds names of any
/// length.
struct Rationed<'s, 'r> {
    source: &'s mut ByteSource<'r>,
    inflation: &'s Inflation,
    allowed: &'s Cell<u64>,
}

impl Read for Rationed<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.allowed.get()).unwrap_or(usize::MAX));
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::other(format!(
                "more than {BETWEEN_FILES} bytes that are no file's; unpack it yourself"
            )));
        }
        let count = self.source.read(&mut buffer[..most])?;
        self.allowed.set(self.allowed.get() - count as u64);
        self.inflation.take(count as u64);
        Ok(count)
    }
}

/// The list of a zip archive's files stands at its end, so it goes to a nameless file on disk first.
fn zip_members(source: &mut ByteSource<'_>, inflation: &Inflation, take: Take<'_>) -> io::Result<usize> {
    let mut archive = zip::ZipArchive::new(on_disk(source, MAX_ZIP)?)?;
    // Not the sum of what its files say: they may lie over each other.
    inflation.take(source.offset());
    let mut count = 0;
    for place in 0..archive.len() {
        let name = archive.name_for_index(place).and_then(Result::ok).map(|name| shown(name.as_bytes()));
        let name = name.unwrap_or_default();
        match archive.by_index(place) {
            Ok(member) if member.is_file() && !is_hidden(&name) => {
                count_one(&mut count)?;
                take(&printable(&name), &mut inflation.bound(member));
                inflation.check().map_err(io::Error::other)?;
            }
            Ok(_) => {}
            // Nor would these be read if they could be.
            Err(_) if is_hidden(&name) || name.ends_with('/') => {}
            Err(error) => {
                count_one(&mut count)?;
                take(&printable(&name), &mut Unreadable(Some(error.into())));
            }
        }
    }
    Ok(count)
}

/// A file of an archive that cannot be unpacked: it is encrypted, or its own header is wrong.
struct Unreadable(Option<io::Error>);

impl Read for Unreadable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A copy of a zip archive of at most `most` bytes whose list of files is no longer than can be held.
fn on_disk(source: &mut ByteSource<'_>, most: u64) -> io::Result<File> {
    let (mut file, mut directory) = (tempfile::tempfile()?, ZipDirectory::default());
    loop {
        if source.window().is_empty() && !source.fill() {
            break;
        }
        directory.feed(source.window());
        if directory.entries > MAX_MEMBERS as u64 {
            return Err(too_many());
        }
        if directory.bytes > MAX_DIRECTORY {
            return Err(io::Error::other(format!(
                "more than {MAX_DIRECTORY} bytes in its list of files; unpack it yourself"
            )));
        }
        file.write_all(source.window())?;
        source.consume(usize::MAX);
        if source.offset() > most {
            return Err(io::Error::other(format!("it has more than {most} bytes; unpack it and name its folder")));
        }
    }
    if let Some(failure) = source.take_failure() {
        return Err(failure);
    }
    file.rewind()?;
    Ok(file)
}

/// The name of a file in an archive, as far as it is told.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(MAX_NAME)]).into_owned()
}

fn too_many() -> io::Error {
    io::Error::other(format!("it holds more than {MAX_MEMBERS} files; unpack it and name its folder"))
}

fn count_one(count: &mut usize) -> io::Result<()> {
    *count += 1;
    if *count > MAX_MEMBERS {
        return Err(too_many());
    }
    Ok(())
}

/// Whether a file is one of those that systems put beside the files of users.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part == "__MACOSX" || (part.starts_with('.') && !matches!(part, "." | "..")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::options::ReadOptions;

    #[test]
    fn the_magic_of_tar_may_stand_in_a_message() {
        let message = |text: &str| {
            let spans = format!("{{\"resourceSpans\":[],\"x\":\"{}{text}\"}}", "y".repeat(257 - 25));
            spans.into_bytes()
        };
        assert_eq!(&message("ustar")[257..262], b"ustar");
        assert_eq!(Archive::of(&message("ustar")), None);
        let mut header = vec![0; 512];
        header[..10].copy_from_slice(b"spans.json");
        header[257..262].copy_from_slice(b"ustar");
        assert_eq!(Archive::of(&header), Some(Archive::Tar), "damaged, and nothing else that is known");
        header[0] = b'{';
        assert_eq!(Archive::of(&header), None);
        let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum::<u64>() + 8 * u64::from(b' ');
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(Archive::of(&header), Some(Archive::Tar), "its checksum says so");
    }

    #[test]
    fn no_more_of_a_zip_goes_to_disk_than_may() {
        let zip = vec![b'x'; 3 << 20];
        let copied = |most| on_disk(&mut ByteSource::new(Box::new(&zip[..])), most).and_then(|file| file.metadata());
        assert_eq!(copied(3 << 20).expect("it fits").len(), 3 << 20);
        assert!(copied(1 << 20).expect_err("too much").to_string().contains("more than 1048576 bytes"));
    }

    #[test]
    fn what_stands_between_two_files_of_a_tar_is_bounded() {
        let entry = |kind: u8, length: u64| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::new(kind));
            header.set_size(length);
            header.set_cksum();
            let content = vec![b'a'; usize::try_from(length.next_multiple_of(512)).expect("short")];
            [&header.as_bytes()[..], &content].concat()
        };
        let inflation = Inflation::new(&ReadOptions::default());
        let members = |archive: &[u8]| {
            let mut seen = 0;
            let mut take = |_: &str, _: &mut dyn Read| seen += 1;
            let outcome = tar_members(&mut ByteSource::new(Box::new(archive)), &inflation, &mut take);
            (seen, outcome.map_err(|error| error.to_string()))
        };
        let (file, end) = (entry(b'0', 3 << 20), vec![0; 1024]);
        // What is no file is passed whatever its size, and so is what nobody wanted of one.
        let passed = [&file[..], &entry(b'g', 3 << 20), &entry(b'L', 1000), &file, &end].concat();
        assert_eq!(members(&passed), (2, Ok(2)));
        for kind in [b'L', b'K', b'x'] {
            let (seen, outcome) = members(&[&file[..], &entry(kind, 3 << 20), &file, &end].concat());
            assert!(seen == 1 && outcome.is_err_and(|reason| reason.contains("that are no file's")));
        }
    }
}
