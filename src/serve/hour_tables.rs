//! The tables `spans` and `traces` of an hour as Parquet files, and digests by which damage of any file of an hour is found.
//!
//! Parquet says nothing of itself that would tell whether a byte in its middle is the one that was written, and whoever reads these
//! files may be any program: so what is damaged must not stay under a name that is asked for.

use crate::facts::rows::RowStore;
use crate::serve::file_digest::digest_of_file;
use crate::serve::hour_services::services_path;
use crate::serve::hours::{facts_folder, name_of_hour};
use crate::serve::whole_file::UNFINISHED;
#[cfg(feature = "tables")]
use crate::serve::whole_file::name_safely;
use hashbrown::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The ending of a file that is damaged and cannot be made anew: nobody who asks for Parquet finds it.
pub(crate) const DAMAGED: &str = "damaged";

/// How long a file that was found whole is believed to be.
const BELIEVED: Duration = Duration::from_secs(86_400);

/// How many bytes are read at one look at a store to find damage, about: the rest waits for the next.
const AT_A_LOOK: u64 = 256 << 20;

/// The digests of the files of an hour; 0 of one that was not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct HourDigests {
    /// Of the table `traces`.
    pub(crate) traces: u128,
    /// Of the table `spans`.
    pub(crate) spans: u128,
    /// Of what was asked of services.
    pub(crate) services: u128,
}

impl HourDigests {
    /// How many bytes it has where it is written down.
    pub(crate) const BYTES: usize = 3 * 16;

    /// As it is written.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let digests = [self.traces, self.spans, self.services];
        bytes.as_chunks_mut().0.iter_mut().zip(digests).for_each(|(place, digest)| *place = digest.to_be_bytes());
        bytes
    }

    /// What [`HourDigests::to_bytes`] wrote.
    pub(crate) fn of_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let digest = |place: usize| bytes.as_chunks().0.get(place).map_or(0, |digest| u128::from_be_bytes(*digest));
        Self { traces: digest(0), spans: digest(1), services: digest(2) }
    }

    /// The files of an hour of this name that this build makes, each with its digest.
    fn files(self, store: &Path, name: &str) -> Vec<(PathBuf, u128)> {
        let mut files = vec![(services_path(store, name), self.services)];
        if cfg!(feature = "tables") {
            files.extend([(path(store, "traces", name), self.traces), (path(store, "spans", name), self.spans)]);
        }
        files
    }
}

fn path(store: &Path, table: &str, name: &str) -> PathBuf {
    facts_folder(store).join(format!("{table}-{name}.parquet"))
}

/// The files of hours that were found whole. What is written once does not change, but a disk may lose it: each is read again after a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct SoundFiles {
    found: HashMap<PathBuf, Sound>,
    /// How many bytes were read since the look at the store began.
    read: u64,
}

/// When a file was found whole, and what the file system said of it then.
#[derive(Clone, Debug)]
struct Sound {
    digest: u128,
    length: u64,
    modified: Option<SystemTime>,
    at: Instant,
}

impl SoundFiles {
    /// Begins a look at the store: as much may be read again.
    pub(crate) fn begin_look(&mut self) {
        self.read = 0;
        self.found.retain(|_, sound| sound.at.elapsed() < BELIEVED);
    }

    /// Whether the files of an hour are those that were written. What was read lately, and would be too much to read now, is
    /// believed to be as long as the file system says nothing else.
    pub(crate) fn are_whole(&mut self, store: &Path, hour: u32, digests: HourDigests) -> bool {
        self.damaged(store, hour, digests).is_empty()
    }

    /// Takes the files of an hour that are damaged out of the way, and says where they are now: for when they cannot be made anew.
    ///
    /// # Errors
    ///
    /// When they cannot be renamed.
    pub(crate) fn set_aside(&mut self, store: &Path, hour: u32, digests: HourDigests) -> io::Result<Vec<PathBuf>> {
        let mut aside = Vec::new();
        for (path, _) in
            self.damaged(store, hour, digests).into_iter().filter(|(path, digest)| *digest != 0 && path.exists())
        {
            let mut name = path.clone().into_os_string();
            name.push(".");
            name.push(DAMAGED);
            fs::rename(&path, &name)?;
            aside.push(name.into());
        }
        Ok(aside)
    }

    fn damaged(&mut self, store: &Path, hour: u32, digests: HourDigests) -> Vec<(PathBuf, u128)> {
        let Some(name) = name_of_hour(hour) else { return Vec::new() };
        let files = digests.files(store, &name).into_iter();
        files.filter(|(path, digest)| !self.is_whole(path, *digest)).collect()
    }

    fn is_whole(&mut self, path: &Path, digest: u128) -> bool {
        let Ok(known) = fs::metadata(path) else { return false };
        let (length, modified) = (known.len(), known.modified().ok());
        if self
            .found
            .get(path)
            .is_some_and(|sound| (sound.digest, sound.length, sound.modified) == (digest, length, modified))
        {
            return true;
        }
        if self.read > AT_A_LOOK {
            return digest != 0;
        }
        self.read += length;
        let is_whole = digest_of_file(path).is_ok_and(|found| found == digest);
        if is_whole {
            self.found.insert(path.to_owned(), Sound { digest, length, modified, at: Instant::now() });
        }
        is_whole
    }
}

/// The tables of an hour while they are written.
pub(crate) struct Tables {
    #[cfg(feature = "tables")]
    parquet: crate::facts::parquet::ParquetTables,
}

impl Tables {
    fn unfinished(store: &Path) -> PathBuf {
        facts_folder(store).join(UNFINISHED)
    }

    /// Removes what was begun and not finished.
    pub(crate) fn remove_unfinished(store: &Path) {
        let _ = fs::remove_dir_all(Self::unfinished(store));
    }
}

#[cfg(feature = "tables")]
impl Tables {
    /// Begins them, under names that nobody reads.
    pub(crate) fn create(store: &Path) -> io::Result<Self> {
        let parquet =
            crate::facts::parquet::ParquetTables::create(&Self::unfinished(store)).map_err(io::Error::other)?;
        Ok(Self { parquet })
    }

    /// Where rows go; `None` when there are no tables.
    pub(crate) fn rows(&self) -> Option<&dyn RowStore> {
        Some(&self.parquet)
    }

    /// Gives them the names of an hour, and says their digests.
    pub(crate) fn name(self, store: &Path, hour: &str) -> io::Result<HourDigests> {
        drop(self.parquet);
        let name = |table: &str| {
            let unfinished = Self::unfinished(store).join(format!("{table}.parquet"));
            let digest = digest_of_file(&unfinished)?;
            name_safely(&unfinished, &path(store, table, hour))?;
            io::Result::Ok(digest)
        };
        Ok(HourDigests { traces: name("traces")?, spans: name("spans")?, services: 0 })
    }
}

#[cfg(not(feature = "tables"))]
impl Tables {
    /// There are none in this build.
    pub(crate) fn create(_: &Path) -> io::Result<Self> {
        Ok(Self {})
    }

    /// There are none in this build.
    pub(crate) fn rows(&self) -> Option<&dyn RowStore> {
        None
    }

    /// There are none in this build.
    pub(crate) fn name(self, _: &Path, _: &str) -> io::Result<HourDigests> {
        Ok(HourDigests::default())
    }
}
