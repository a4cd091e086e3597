//! Which files of a store hold what was received about a window of time.
//!
//! ```text
//! 0000000008.open                                      still written to
//! 0000000007-1795305600-1795305960.kept                sealed: the seventh, with spans that start in these seconds since 1970
//! 0000000001-0000000006-1795302000-1795305700.packed   the first six, packed into one
//! 0000000001-0000000006-1795302000-1795305700.thin     the same, of which only some traces are left
//! ```
//!
//! A segment that is written anew replaces those that it was made of: whoever finds both, because a process died between the
//! writing and the removing, looks at the newer form alone.

use crate::model::time::{Interval, Nanos, TimeWindow};
use crate::read::change_events::times::time_of;
use crate::read::kept_record::{HEAD_BYTES, RecordHead, SEGMENT_MAGIC};
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How long a trace may last and yet be seen whole by who looks at a window in which it begins, in nanoseconds.
pub const LONGEST_TRACE: u64 = 15 * 60 * NANOS_PER_SECOND;

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// What became of a segment; later forms replace earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// It is still written to, or was when its writer died.
    Open,
    /// It is complete, as it was written.
    Sealed,
    /// One or several sealed ones, compressed together.
    Packed,
    /// Of which only the requests of some traces are left.
    Thinned,
}

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sealed => "kept",
            Self::Packed => "packed",
            Self::Thinned => "thin",
        }
    }
}

/// One segment of a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// The first of the numbers that it was made of.
    pub first: u64,
    /// Its number, or the last of those that it was made of: later ones have higher.
    pub number: u64,
    /// The file.
    pub path: PathBuf,
    /// The seconds since 1970 in which its spans and log records start; `None` while it is open, or when it holds none.
    pub seconds: Option<(u64, u64)>,
    /// What became of it.
    pub form: Form,
}

impl Segment {
    fn of(path: PathBuf) -> Option<Self> {
        let (stem, ending) = (path.file_stem()?.to_str()?, path.extension()?.to_str()?);
        let forms = [Form::Open, Form::Sealed, Form::Packed, Form::Thinned];
        let form = forms.into_iter().find(|form| form.ending() == ending)?;
        let numbers: Option<Vec<u64>> = stem.split('-').map(|part| part.parse().ok()).collect();
        let (first, number, seconds) = match (form, &numbers?[..]) {
            (Form::Open, &[number, ..]) => (number, number, None),
            (Form::Sealed, &[number, first, last]) => (number, number, Some((first, last))),
            (Form::Sealed, &[number]) => (number, number, None),
            (Form::Packed | Form::Thinned, &[from, number, first, last]) => (from, number, Some((first, last))),
            _ => return None,
        };
        Some(Self { first, number, path, seconds: seconds.filter(|&(_, last)| last > 0), form })
    }

    /// Whether it is still written to, or was when its writer died.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.form == Form::Open
    }

    /// Whether anything in it may belong to a trace that begins in `window`.
    #[must_use]
    pub fn may_hold(&self, window: TimeWindow) -> bool {
        let Some((first, last)) = self.seconds else { return self.is_open() };
        overlaps(around(window), time_of_seconds((first, last)))
    }
}

/// The time from the first of these seconds since 1970 to the end of the last.
#[must_use]
pub fn time_of_seconds((first, last): (u64, u64)) -> Interval {
    let end = last.saturating_add(1).saturating_mul(NANOS_PER_SECOND).saturating_sub(1);
    Interval { start: Nanos(first.saturating_mul(NANOS_PER_SECOND)), end: Nanos(end) }
}

/// What is looked at to see the traces whole that begin in `window`.
#[must_use]
pub fn around(window: TimeWindow) -> TimeWindow {
    let from = Nanos(window.from.0.saturating_sub(LONGEST_TRACE));
    TimeWindow { from, to: Nanos(window.to.0.saturating_add(LONGEST_TRACE)) }
}

/// Whether anything of `time` lies in `window`.
#[must_use]
pub fn overlaps(window: TimeWindow, time: Interval) -> bool {
    window.from <= time.end && time.start < window.to
}

/// Where a segment of this number is written.
#[must_use]
pub fn open_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:010}.{}", Form::Open.ending()))
}

/// What a segment of this number is called when nothing more is written to it; `time` is that of all it holds.
#[must_use]
pub fn sealed_path(folder: &Path, number: u64, time: Option<Interval>) -> PathBuf {
    let (first, last) = seconds_of(time);
    folder.join(format!("{number:010}-{first}-{last}.{}", Form::Sealed.ending()))
}

/// What a segment is called that was made of those with the numbers from `first` to `last`.
#[must_use]
pub fn rewritten_path(folder: &Path, (first, last): (u64, u64), time: Option<Interval>, form: Form) -> PathBuf {
    let (from, to) = seconds_of(time);
    folder.join(format!("{first:010}-{last:010}-{from}-{to}.{}", form.ending()))
}

fn seconds_of(time: Option<Interval>) -> (u64, u64) {
    let seconds = |time: Nanos| time.0 / NANOS_PER_SECOND;
    time.map_or((0, 0), |time| (seconds(time.start), seconds(time.end)))
}

/// The segments of a store, in the order in which they were written.
///
/// # Errors
///
/// When the folder cannot be listed.
pub fn segments(folder: &Path) -> io::Result<Vec<Segment>> {
    Ok(all_segments(folder)?.0)
}

/// The segments of a store, in the order in which they were written, and those that others were made of in place of them.
///
/// # Errors
///
/// When the folder cannot be listed.
pub fn all_segments(folder: &Path) -> io::Result<(Vec<Segment>, Vec<Segment>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        found.extend(Segment::of(entry?.path()));
    }
    found.shared_sort_by_key(|segment| (segment.first, Reverse(segment.form), Reverse(segment.number)));
    let mut covered = None;
    Ok(found.into_iter().partition(|segment| {
        let is_new = covered.is_none_or(|last| last < segment.number);
        covered = covered.max(Some(segment.number));
        is_new
    }))
}

/// How many bytes of a segment of records there are up to the end of its last whole record: what is being written behind it is
/// not looked at.
///
/// # Errors
///
/// When the file cannot be read.
pub fn whole_length(file: &mut File) -> io::Result<u64> {
    each_head(file, |_| {})
}

/// The digests of the records of a segment of records, up to the first that is damaged or cut off: only heads are read.
///
/// # Errors
///
/// When the file cannot be read.
pub fn digests(path: &Path) -> io::Result<Vec<u128>> {
    let mut digests = Vec::new();
    each_head(&mut File::open(path)?, |head| digests.push(head.digest))?;
    Ok(digests)
}

/// Shows the head of each whole record in turn, and says where the last one ends.
fn each_head(file: &mut File, mut show: impl FnMut(RecordHead)) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let (mut at, mut bytes) = (SEGMENT_MAGIC.len() as u64, [0; HEAD_BYTES]);
    loop {
        file.seek(SeekFrom::Start(at))?;
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(at),
            outcome => outcome?,
        }
        let head = RecordHead::parse(&bytes);
        let Some(head) = head else { return Ok(at) };
        let end = at + HEAD_BYTES as u64 + u64::from(head.length);
        if end > length {
            return Ok(at);
        }
        show(head);
        at = end;
    }
}

/// What `store:FROM..TO` stands for: the window, as times of RFC 3339 or seconds since 1970; `None` when `text` does not begin
/// so.
///
/// # Errors
///
/// When it begins so and no window follows. The text says what was expected.
pub fn window_of(text: &str) -> Option<Result<TimeWindow, String>> {
    let rest = text.strip_prefix("store:")?;
    let wrong =
        || format!("{text:?} is no window of a store; write it as store:2026-11-22T10:00:00Z..2026-11-22T10:10:00Z");
    Some((|| {
        let (from, to) = rest.split_once("..").ok_or_else(wrong)?;
        let window = TimeWindow { from: time_of(from).map_err(|_| wrong())?, to: time_of(to).map_err(|_| wrong())? };
        if window.from < window.to { Ok(window) } else { Err(format!("{text:?} ends before it begins")) }
    })())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Nanos {
        Nanos(seconds * NANOS_PER_SECOND)
    }

    #[test]
    fn names_say_what_is_in_a_segment() {
        let folder = Path::new("store");
        let time = Interval { start: Nanos(100_900_000_000), end: at(200) };
        let sealed = Segment::of(sealed_path(folder, 7, Some(time))).expect("a segment");
        assert_eq!((sealed.number, sealed.seconds, sealed.form), (7, Some((100, 200)), Form::Sealed));
        let open = Segment::of(open_path(folder, 8)).expect("a segment");
        assert_eq!((open.number, open.seconds, open.is_open()), (8, None, true));
        let packed = Segment::of(rewritten_path(folder, (3, 6), Some(time), Form::Packed)).expect("a segment");
        assert_eq!((packed.first, packed.number, packed.seconds), (3, 6, Some((100, 200))));
        let empty = Segment::of(sealed_path(folder, 9, None)).expect("a segment");
        assert_eq!(empty.seconds, None);
        for other in ["lock", "changes.jsonl", "x.kept", "7.kept.tmp", "7-1-2.packed", "1-6-5-9.packed.index"] {
            assert_eq!(Segment::of(folder.join(other)).map(|it| it.number), None, "{other}");
        }
    }

    #[test]
    fn what_was_written_anew_stands_for_what_it_was_made_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let names =
            ["1-5-9.kept", "2-5-9.kept", "3-5-9.kept", "1-2-5-9.packed", "1-2-5-9.thin", "4-7-5-9.packed", "8.open"];
        for name in names {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let (segments, replaced) = all_segments(folder.path()).expect("a list");
        let told = |list: &[Segment]| list.iter().map(|it| (it.first, it.number, it.form)).collect::<Vec<_>>();
        let wanted = [(1, 2, Form::Thinned), (3, 3, Form::Sealed), (4, 7, Form::Packed), (8, 8, Form::Open)];
        assert_eq!(told(&segments), wanted);
        assert_eq!(told(&replaced), [(1, 2, Form::Packed), (1, 1, Form::Sealed), (2, 2, Form::Sealed)]);
    }

    #[test]
    fn a_segment_that_cannot_be_read_is_no_segment_that_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        // What a folder holds cannot be read as a file.
        let mut file = File::open(folder.path()).expect("opened");
        assert!(whole_length(&mut file).is_err() && digests(folder.path()).is_err());
        let short = folder.path().join("1.open");
        fs::write(&short, &SEGMENT_MAGIC[..3]).expect("written");
        assert_eq!(digests(&short).expect("it ends"), [0; 0]);
    }

    #[test]
    fn a_window_is_looked_for_as_far_around_as_traces_may_last() {
        let margin = LONGEST_TRACE / NANOS_PER_SECOND;
        let path = sealed_path(Path::new("store"), 1, Some(Interval { start: at(10_000), end: at(10_100) }));
        let segment = Segment::of(path).expect("a segment");
        let window = |from, to| TimeWindow { from: at(from), to: at(to) };
        assert!(segment.may_hold(window(10_050, 10_060)));
        assert!(segment.may_hold(window(10_100 + margin, 20_000)));
        assert!(!segment.may_hold(window(10_101 + margin, 20_000)));
        assert!(segment.may_hold(window(1, 10_001 - margin)));
        assert!(!segment.may_hold(window(1, 10_000 - margin)));
    }

    #[test]
    fn windows_are_read_or_refused() {
        assert_eq!(window_of("before/"), None);
        let window = TimeWindow { from: at(2_000_000_000), to: at(2_000_000_100) };
        assert_eq!(window_of("store:2000000000..2000000100"), Some(Ok(window)));
        assert_eq!(window_of("store:2033-05-18T03:33:20Z..2000000100"), Some(Ok(window)));
        let backwards = "store:2000000100..2000000000";
        for wrong in ["store:", "store:2000000000", "store:2000000000..", "store:b..c", backwards] {
            assert!(window_of(wrong).is_some_and(|window| window.is_err()), "{wrong}");
        }
    }
}
