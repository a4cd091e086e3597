//! Files that are named by arguments: read as far as they may be long, and never written over.

use crate::commands::Failure;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use whyspan::capture::Capture;
use whyspan::read::input::{Input, expand};
use whyspan::read::options::ReadOptions;

/// The longest file of settings (a policy, exceptions) that is read, in bytes.
pub(crate) const SETTINGS: u64 = 1 << 20;

/// The longest file of evidence that is read, in bytes. Evidence has some MiB, and lists of entry points that are the longest part
/// of it have a bound (`judge/listed_hits.rs`).
pub(crate) const EVIDENCE: u64 = 256 << 20;

/// The text of a file of at most `most` bytes, or why there is none.
pub(crate) fn text_of(path: &Path, most: u64) -> Result<String, String> {
    let mut text = String::new();
    let mut bytes = File::open(path).map_err(|error| format!("{error}. Check the path"))?.take(most.saturating_add(1));
    bytes.read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > most {
        return Err(format!("it has more than {} MiB: no more is read. Check the path", most >> 20));
    }
    Ok(text)
}

/// Refuses a report that would be written over something that is read: one of `inputs`, as they are given for telemetry,
/// or of `files`. What is found in a folder or by a pattern may be a report of an earlier run, and those make room for new ones.
pub(crate) fn keep_inputs(reports: &[PathBuf], inputs: &[&[String]], files: &[&Path]) -> Result<(), Failure> {
    // A report that is not there yet cannot be one of the inputs.
    let there: Vec<(&PathBuf, Identity)> =
        reports.iter().filter_map(|report| Some((report, Identity::of(report)?))).collect();
    if there.is_empty() {
        return Ok(());
    }
    let telemetry = inputs.iter().flat_map(|arguments| expand(arguments).0);
    let telemetry = telemetry.map(|input| match input {
        Input::File(path) => path,
        Input::Stdin => PathBuf::from("/dev/stdin"),
    });
    let named: Vec<&Path> = inputs.iter().flat_map(|arguments| arguments.iter().map(Path::new)).collect();
    for path in telemetry.chain(files.iter().map(|path| path.to_path_buf())) {
        let Some(input) = Identity::of(&path) else { continue };
        if let Some((report, _)) = there.iter().find(|(_, identity)| *identity == input) {
            let is_named =
                named.contains(&path.as_path()) || files.contains(&path.as_path()) || path == Path::new("/dev/stdin");
            if is_named || holds_telemetry(&path) {
                return Err(format!("{} is an input; name another file for the report", report.display()).into());
            }
        }
    }
    Ok(())
}

/// Whether anything in a file is telemetry.
fn holds_telemetry(path: &Path) -> bool {
    let mut capture = Capture::new(ReadOptions::default(), None);
    capture.read(&[path.to_string_lossy().into_owned()]);
    let (facts, input) = capture.into_facts();
    facts.spans + input.logs + input.metrics > 0
}

/// Which file a path leads to, by whatever name. Only files of bytes have one: what is written to a terminal or a pipe
/// destroys nothing.
#[cfg(unix)]
#[derive(PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

#[cfg(not(unix))]
#[derive(PartialEq, Eq)]
struct Identity(PathBuf);

#[cfg(not(unix))]
impl Identity {
    fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        fs::canonicalize(path).ok().map(Self)
    }
}
