//! Which hours the segments of a store hold something of, which files of hours are due, and which traces stay of a segment.
//!
//! ```text
//!              hour 9        hour 10       hour 11
//! 1-6 packed   ▪▪▪▪▪▪▪▪▪▪▪▪▪ ▪▪▪                       hour 9 is due as soon as nothing that is not packed may hold more of it,
//! 7 sealed                     ▪▪▪▪                    up to the longest trace that begins in it
//! 8 open                            ▪▪▪
//! ```

use crate::model::ids::TraceId;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::kept_index::index_path;
use crate::read::kept_segments::{Form, LONGEST_TRACE, Segment, overlaps, segments, time_of_seconds};
use crate::read::kept_whole::Thinned;
use crate::serve::hour_stays::{Made, Stays};
use crate::serve::hour_tables::SoundFiles;
use crate::serve::hours::{make, window_of_hour};
use crate::serve::keeper::now;
use crate::serve::rewriting::sure_contents;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Files of an hour of which more came are made anew no sooner than so many segments later, unless something is to be thinned:
/// late spans of a clock that is slow must not make it read the same hours all the time.
const LATER: u64 = 8;

/// What is known of hours.
pub(crate) struct Hours {
    /// The segments that are packed or thinned, and the hours of each.
    of_segments: Vec<(Segment, Vec<u32>)>,
    /// Those that are not, yet.
    others: Vec<Segment>,
    thinned: Thinned,
    /// The number of the last segment.
    last: u64,
}

/// The hours of segments that were looked at: what is written once does not change.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownHours(HashMap<PathBuf, Vec<u32>>);

impl KnownHours {
    /// The hours of a segment that is packed or thinned. An index that is missing or damaged is made anew.
    fn of(&mut self, segment: &Segment) -> io::Result<Vec<u32>> {
        if let Some(hours) = self.0.get(&segment.path).filter(|_| index_path(&segment.path).exists()) {
            return Ok(hours.clone());
        }
        let hours = sure_contents(segment)?.hours;
        self.0.insert(segment.path.clone(), hours.clone());
        Ok(hours)
    }

    /// The hours in which traces may begin that these segments hold something of, those that are packed or thinned; others are
    /// forgotten.
    pub(crate) fn keep_only<'s>(
        &mut self,
        segments: impl Iterator<Item = &'s Segment> + Clone,
    ) -> io::Result<BTreeSet<u32>> {
        let there: HashSet<&Path> = segments.clone().map(|segment| &*segment.path).collect();
        self.0.retain(|path, _| there.contains(&**path));
        for segment in segments.filter(|segment| is_rewritten(segment)) {
            self.of(segment)?;
        }
        Ok(self.0.values().flatten().flat_map(|&hour| [hour.saturating_sub(1), hour]).collect())
    }
}

/// Whether a segment has an index.
fn is_rewritten(segment: &Segment) -> bool {
    matches!(segment.form, Form::Packed | Form::Thinned)
}

impl Hours {
    /// Of the segments of a store; nobody waits for those with `damaged` numbers to be packed.
    pub(crate) fn of(folder: &Path, known: &mut KnownHours, damaged: &HashSet<u64>) -> io::Result<Self> {
        let all = segments(folder)?;
        let last = all.iter().filter(|segment| !segment.is_open()).map(|segment| segment.number).max().unwrap_or(0);
        let (rewritten, mut others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_rewritten);
        others.retain(|segment| !damaged.contains(&segment.number));
        let mut of_segments = Vec::with_capacity(rewritten.len());
        for segment in rewritten {
            let hours = known.of(&segment)?;
            of_segments.push((segment, hours));
        }
        Ok(Self { of_segments, others, thinned: Thinned::read(folder)?, last })
    }

    /// The hours whose files are to be made now, in order.
    pub(crate) fn due(&self) -> Vec<u32> {
        self.all().into_iter().filter(|&hour| !self.is_awaited(hour)).collect()
    }

    fn all(&self) -> BTreeSet<u32> {
        self.of_segments.iter().flat_map(|(_, hours)| hours).copied().collect()
    }

    /// Whether more of an hour may be on its way: now is not long after it, or it is in a segment that is not packed.
    fn is_awaited(&self, hour: u32) -> bool {
        let looked_at = looked_at(hour);
        let soon = looked_at.to.0.saturating_add(LONGEST_TRACE) > now();
        soon || self
            .others
            .iter()
            .any(|segment| segment.seconds.is_some_and(|seconds| overlaps(looked_at, time_of_seconds(seconds))))
    }

    /// Whether nothing came since the files of an hour were made that changes them, and they are as they were written; with
    /// `later`, unless little did.
    fn is_made(&self, folder: &Path, hour: u32, later: u64, sound: &mut SoundFiles) -> io::Result<bool> {
        let Some(made) = Made::read(folder, hour) else { return Ok(false) };
        if self.is_whole(hour) {
            if !sound.are_whole(folder, hour, made.digests) {
                return Ok(false);
            }
        } else {
            // What they were made of is gone.
            for path in sound.set_aside(folder, hour, made.digests)? {
                tracing::error!(
                    "{}: damaged, and cannot be made anew: a part of that hour was thinned",
                    path.display()
                );
            }
        }
        let more = self.of_segments.iter().filter(|(segment, hours)| {
            segment.number > made.seen && segment.form == Form::Packed && Self::tells_of(segment, hours, hour)
        });
        Ok(more.map(|(segment, _)| segment.number - made.seen).max().is_none_or(|since| since <= later))
    }

    /// Whether everything is there of an hour.
    fn is_whole(&self, hour: u32) -> bool {
        self.thinned.whole_from(window_of_hour(hour)).is_none()
    }

    /// Whether a segment holds something of traces that begin in an hour.
    fn tells_of(segment: &Segment, hours: &[u32], hour: u32) -> bool {
        let next = hours.binary_search(&hour.saturating_add(1)).is_ok()
            && segment.seconds.is_some_and(|seconds| overlaps(looked_at(hour), time_of_seconds(seconds)));
        next || hours.binary_search(&hour).is_ok()
    }

    /// Makes the files of an hour, unless they are made.
    pub(crate) fn make(&self, folder: &Path, hour: u32, memory: u64, sound: &mut SoundFiles) -> io::Result<()> {
        if self.is_made(folder, hour, LATER, sound)? { Ok(()) } else { self.make_anew(folder, hour, memory) }
    }

    fn make_anew(&self, folder: &Path, hour: u32, memory: u64) -> io::Result<()> {
        make(folder, hour, self.last, self.is_whole(hour), memory)
    }

    /// The traces that stay of a segment: it is decided of each hour as a whole, so that a trace stays everywhere or nowhere.
    pub(crate) fn traces_that_stay(
        &self,
        folder: &Path,
        segment: &Segment,
        memory: u64,
        sound: &mut SoundFiles,
    ) -> io::Result<HashSet<TraceId>> {
        let own = self.of_segments.iter().find(|(it, _)| it.number == segment.number);
        let hours: BTreeSet<u32> =
            own.iter().flat_map(|(_, hours)| hours).flat_map(|&hour| [hour.saturating_sub(1), hour]).collect();
        let all = self.all();
        let mut traces = HashSet::new();
        for hour in hours.intersection(&all) {
            let is_made = self.is_made(folder, *hour, 0, sound)?;
            let stays = match Stays::read(folder, *hour).filter(|_| is_made) {
                Some(stays) => Some(stays),
                None => {
                    self.make_anew(folder, *hour, memory)?;
                    Stays::read(folder, *hour)
                }
            };
            // Beyond the year 9999 no hour has files: nothing of it stays.
            traces.extend(stays.unwrap_or_default().traces);
        }
        Ok(traces)
    }
}

/// Where spans of traces that begin in an hour may start.
fn looked_at(hour: u32) -> TimeWindow {
    let window = window_of_hour(hour);
    TimeWindow { to: Nanos(window.to.0.saturating_add(LONGEST_TRACE)), ..window }
}
