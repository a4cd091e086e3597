//! What is kept no longer: which segments are thinned, and which are removed, the oldest first, by age and by size.

use crate::read::kept_index::index_path;
use crate::read::kept_segments::{Form, Segment};
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much stays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// All requests, no longer than this after the last of a segment came.
    pub(crate) raw_age: Duration,
    /// All requests, no more bytes than this.
    pub(crate) raw_bytes: u64,
    /// Anything, no longer than this.
    pub(crate) age: Duration,
    /// Anything, no more bytes than this.
    pub(crate) bytes: u64,
}

/// How large and how old a segment is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Aged {
    /// Bytes, with those of its index.
    pub(crate) bytes: u64,
    /// How long ago the last of its requests came.
    pub(crate) age: Duration,
    /// When that was, in seconds since 1970.
    pub(crate) written: u64,
}

impl Aged {
    /// What the file system says; nothing of one that is gone.
    pub(crate) fn of(segment: &Segment) -> Self {
        let Ok(known) = fs::metadata(&segment.path) else { return Self::default() };
        let index = fs::metadata(index_path(&segment.path)).map_or(0, |known| known.len());
        let written = known.modified().unwrap_or(UNIX_EPOCH);
        Self {
            bytes: known.len() + index,
            age: SystemTime::now().duration_since(written).unwrap_or_default(),
            written: written.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        }
    }
}

impl Retention {
    /// Those of which only some traces are to stay, given all segments, the oldest first.
    pub(crate) fn to_thin(self, all: &[(Segment, Aged)]) -> Vec<Segment> {
        let whole = |form: Form| matches!(form, Form::Sealed | Form::Packed);
        let mut total: u64 = all.iter().filter(|(it, _)| it.form != Form::Thinned).map(|(_, aged)| aged.bytes).sum();
        let mut chosen = Vec::new();
        for (segment, aged) in all.iter().filter(|(segment, _)| whole(segment.form)) {
            if aged.age > self.raw_age || total > self.raw_bytes.min(self.bytes) {
                total -= aged.bytes;
                chosen.push(segment.clone());
            }
        }
        chosen
    }

    /// Those that are to go, given all segments, the oldest first, and how many bytes there are besides.
    pub(crate) fn to_remove(self, all: &[(Segment, Aged)], besides: u64) -> Vec<Segment> {
        let mut total: u64 = besides + all.iter().map(|(_, aged)| aged.bytes).sum::<u64>();
        let mut chosen = Vec::new();
        for (segment, aged) in all.iter().filter(|(segment, _)| !segment.is_open()) {
            if aged.age > self.age || total > self.bytes {
                total -= aged.bytes;
                chosen.push(segment.clone());
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const HOUR: Duration = Duration::from_secs(3600);

    fn segment(number: u64, form: Form) -> Segment {
        Segment { first: number, number, path: PathBuf::new(), seconds: None, form }
    }

    #[test]
    fn the_oldest_are_thinned_and_removed_until_the_rest_fits_and_the_open_one_stays() {
        let forms = [Form::Thinned, Form::Packed, Form::Packed, Form::Sealed, Form::Open];
        let all: Vec<Segment> = (1..).zip(forms).map(|(number, form)| segment(number, form)).collect();
        let aged =
            |number: u64| Aged { bytes: 100, age: HOUR * (6 - u32::try_from(number).expect("small")), written: 0 };
        let all: Vec<(Segment, Aged)> = all.into_iter().map(|it| (it.clone(), aged(it.number))).collect();
        let numbers = |list: Vec<Segment>| list.iter().map(|it| it.number).collect::<Vec<_>>();
        let keep = Retention { raw_age: HOUR * 9, raw_bytes: 1000, age: HOUR * 9, bytes: 1000 };
        let thinned = |keep: Retention| numbers(keep.to_thin(&all));
        let removed = |keep: Retention| numbers(keep.to_remove(&all, 50));
        assert_eq!((thinned(keep), removed(keep)), (vec![], vec![]));
        assert_eq!(thinned(Retention { raw_age: HOUR * 3, ..keep }), [2]);
        assert_eq!(thinned(Retention { raw_bytes: 250, ..keep }), [2, 3]);
        assert_eq!(thinned(Retention { raw_bytes: 0, ..keep }), [2, 3, 4]);
        assert_eq!(removed(Retention { age: HOUR * 3, ..keep }), [1, 2]);
        assert_eq!(removed(Retention { bytes: 450, ..keep }), [1]);
        assert_eq!(removed(Retention { bytes: 0, ..keep }), [1, 2, 3, 4]);
        // What bounds everything bounds what is whole.
        assert_eq!(thinned(Retention { bytes: 350, ..keep }), [2]);
    }
}
