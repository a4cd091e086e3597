//! Of which times a store no longer holds everything: the file `thinned`.
//!
//! ```text
//! 1795302000 1795305700      the seconds since 1970, from the first up to and with the last
//! check 0f1e2d3c4b5a6978     of all that stands above it
//! ```
//!
//! It is written before anything is removed, so that nobody takes what is left for all there was.

use crate::model::time::{Nanos, TimeWindow};
use crate::read::kept_segments::{LONGEST_TRACE, NANOS_PER_SECOND, around, overlaps, time_of_seconds};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use twox_hash::XxHash3_64;

/// The times, as ranges of seconds since 1970, both ends included; in order, and none touches the next.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Thinned {
    ranges: Vec<(u64, u64)>,
}

/// Where they are written down.
#[must_use]
pub fn thinned_path(folder: &Path) -> PathBuf {
    folder.join("thinned")
}

impl Thinned {
    /// What is written down in a store; none when nothing is.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is damaged: then nobody can tell of which times everything is there.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let path = thinned_path(folder);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        Self::parse(&text).ok_or_else(|| {
            let told = format!(
                "{}: damaged, so that nobody can tell of which times everything is kept; restore it, or remove it if all is",
                path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, told)
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (lines, check) = text.split_at(text.rfind("check ")?);
        if check != check_of(lines) {
            return None;
        }
        let range = |line: &str| {
            let (first, last) = line.split_once(' ')?;
            Some((first.parse().ok()?, last.parse().ok()?))
        };
        Some(Self { ranges: lines.lines().map(range).collect::<Option<_>>()? })
    }

    /// As it is written.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines: String = self.ranges.iter().map(|(first, last)| format!("{first} {last}\n")).collect();
        let check = check_of(&lines);
        lines + &check
    }

    /// Adds the seconds from `first` to `last`; whether they were not all there.
    pub fn add(&mut self, first: u64, last: u64) -> bool {
        if self.ranges.iter().any(|&(from, to)| from <= first && last <= to) {
            return false;
        }
        let (mut first, mut last) = (first, last.max(first));
        self.ranges.retain(|&(from, to)| {
            let touches = from <= last.saturating_add(1) && first <= to.saturating_add(1);
            if touches {
                (first, last) = (first.min(from), last.max(to));
            }
            !touches
        });
        let place = self.ranges.partition_point(|&(from, _)| from < first);
        self.ranges.insert(place, (first, last));
        true
    }

    /// Whether everything is there that a look at `window` needs; else, in words, from when on it is for all windows.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn check(&self, window: TimeWindow) -> Result<(), String> {
        let (Some(_), Some(&last)) = (self.whole_from(window), self.ranges.last()) else { return Ok(()) };
        // Between this window and the last time that is thinned, there may be others that are.
        let from = whole_behind(last);
        let from =
            jiff::Timestamp::from_nanosecond(from.0.into()).map_or_else(|_| from.0.to_string(), |at| at.to_string());
        Err(format!(
            "of this window the store no longer holds everything, so that counts and rates would be wrong: all that was \
             received is kept for windows that begin at {from} or later (keep-raw, keep-raw-bytes)"
        ))
    }

    /// From when on everything is there that a look at `window` needs; `None` when it all is. What begins earlier may be a part.
    #[must_use]
    pub fn whole_from(&self, window: TimeWindow) -> Option<Nanos> {
        let looked_at = around(window);
        let reached = self.ranges.iter().rev().find(|&&range| overlaps(looked_at, time_of_seconds(range)));
        reached.map(|&range| whole_behind(range))
    }
}

/// When a window may begin for which nothing of these seconds is looked at.
fn whole_behind((_, last): (u64, u64)) -> Nanos {
    Nanos(last.saturating_add(1).saturating_mul(NANOS_PER_SECOND).saturating_add(LONGEST_TRACE))
}

fn check_of(lines: &str) -> String {
    format!("check {:016x}\n", XxHash3_64::oneshot(lines.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_added_up_and_read_as_written() {
        let mut thinned = Thinned::default();
        assert!(thinned.add(100, 200) && thinned.add(300, 400) && thinned.add(500, 600));
        assert!(!thinned.add(310, 400));
        assert!(thinned.add(190, 299));
        assert_eq!(thinned.ranges, [(100, 400), (500, 600)]);
        let text = thinned.to_text();
        assert_eq!(Thinned::parse(&text), Some(thinned));
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] ^= 1;
            let damaged = String::from_utf8(damaged).expect("text");
            assert_eq!(Thinned::parse(&damaged), None, "byte {at}");
            assert_eq!(Thinned::parse(&text[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_window_is_whole_when_nothing_is_missing_around_it() {
        let margin = LONGEST_TRACE / NANOS_PER_SECOND;
        let at = |second: u64| Nanos(second * NANOS_PER_SECOND);
        let window = |from, to| TimeWindow { from: at(from), to: at(to) };
        let mut thinned = Thinned::default();
        assert_eq!(thinned.whole_from(window(0, 1 << 30)), None);
        thinned.add(10_000, 20_000);
        let whole = at(20_001 + margin);
        assert_eq!(thinned.whole_from(window(15_000, 15_001)), Some(whole));
        assert_eq!(thinned.whole_from(window(20_000 + margin, 30_000)), Some(whole));
        assert!(thinned.check(window(15_000, 15_001)).is_err_and(|told| told.contains("1970-01-01T05:48:21Z")));
        assert_eq!(thinned.check(TimeWindow { from: whole, to: at(30_000) }), Ok(()));
        assert_eq!(thinned.whole_from(TimeWindow { from: whole, to: at(30_000) }), None);
        assert_eq!(thinned.whole_from(window(0, 10_000 - margin)), None);
    }

    #[test]
    fn what_is_told_to_be_whole_is_whole_for_every_window_from_then_on() {
        let at = |second: u64| Nanos(second * NANOS_PER_SECOND);
        let window = |from| TimeWindow { from: at(from), to: at(from + 1) };
        let mut thinned = Thinned::default();
        assert!(thinned.add(0, 1000) && thinned.add(50_000, 60_000));
        let (whole, told) = (60_001 + LONGEST_TRACE / NANOS_PER_SECOND, "begin at 1970-01-01T16:55:01Z or later");
        for from in [100, 55_000] {
            assert!(thinned.check(window(from)).is_err_and(|text| text.contains(told)), "{from}");
        }
        assert!(thinned.check(window(10_000)).is_ok() && thinned.check(window(whole)).is_ok());
    }
}
