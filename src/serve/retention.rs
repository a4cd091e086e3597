//! What is kept no longer: the oldest segments go, by age and by the size of all.

use crate::read::kept_segments::segments;
use crate::serve::counters::Counters;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

/// How much stays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// No longer than this after the last write to a segment.
    pub(crate) age: Duration,
    /// No more bytes than this.
    pub(crate) bytes: u64,
}

impl Retention {
    /// Removes the sealed segments that are too old, or too much, the oldest first, and counts what stays.
    pub(crate) fn apply(&self, folder: &Path, counters: &Counters) {
        let all = match segments(folder) {
            Ok(all) => all,
            Err(error) => return counters.disk_is_failing(&format!("the store cannot be listed: {error}")),
        };
        let of_file = |path: &Path| {
            let known = fs::metadata(path).ok();
            let written = known.as_ref().and_then(|known| known.modified().ok());
            let age = written.and_then(|written| SystemTime::now().duration_since(written).ok());
            (known.map_or(0, |known| known.len()), age.unwrap_or_default())
        };
        let sizes: Vec<(u64, Duration)> = all.iter().map(|segment| of_file(&segment.path)).collect();
        let mut total: u64 = sizes.iter().map(|(bytes, _)| bytes).sum();
        let mut stay = 0;
        for (segment, (bytes, age)) in all.iter().zip(sizes) {
            if segment.is_open || (age <= self.age && total <= self.bytes) {
                stay += 1;
                continue;
            }
            match fs::remove_file(&segment.path) {
                Ok(()) => {
                    total -= bytes;
                    counters.segments_removed.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => tracing::warn!("{} cannot be removed: {error}", segment.path.display()),
            }
        }
        counters.store_bytes.store(total, Ordering::Relaxed);
        counters.segments.store(stay, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::kept_segments::{open_path, sealed_path};

    #[test]
    fn the_oldest_segments_go_until_the_rest_fits_and_the_open_one_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 1..=4 {
            fs::write(sealed_path(folder.path(), number, None), [0; 100]).expect("written");
        }
        fs::write(open_path(folder.path(), 5), [0; 100]).expect("written");
        let counters = Counters::default();
        let left = |retention: Retention| {
            retention.apply(folder.path(), &counters);
            segments(folder.path()).expect("a list").iter().map(|segment| segment.number).collect::<Vec<_>>()
        };
        let day = Duration::from_secs(86_400);
        assert_eq!(left(Retention { age: day, bytes: 1000 }), [1, 2, 3, 4, 5]);
        assert_eq!(left(Retention { age: day, bytes: 350 }), [3, 4, 5]);
        assert_eq!(counters.store_bytes.load(Ordering::Relaxed), 300);
        assert_eq!(left(Retention { age: Duration::ZERO, bytes: 1000 }), [5]);
    }
}
