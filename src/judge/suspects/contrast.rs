//! Requests with something against requests without it: how many of each failed.

use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::statistics::interval::Interval;
use crate::judge::statistics::newcombe;

/// The four counts.
///
/// ```text
///            with   without
/// failing      a       b
/// passing      c       d
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Contrast {
    pub(crate) failing_with: u64,
    pub(crate) failing_without: u64,
    pub(crate) passing_with: u64,
    pub(crate) passing_without: u64,
}

impl Contrast {
    pub(crate) fn with(&self) -> Counts {
        Counts::new(self.failing_with, self.failing_with + self.passing_with)
    }

    pub(crate) fn without(&self) -> Counts {
        Counts::new(self.failing_without, self.failing_without + self.passing_without)
    }

    /// The chance of at least as many failures among those with it, if it made no difference (Fisher's exact test).
    pub(crate) fn p(&self) -> f64 {
        fisher::greater(self.with(), self.without())
    }

    /// How much more of those with it fail, with its interval.
    pub(crate) fn difference(&self, confidence: f64) -> (f64, Interval) {
        let difference = self.with().rate() - self.without().rate();
        (difference, newcombe::difference(self.with(), self.without(), confidence))
    }

    /// These counts and those of other requests.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            failing_with: self.failing_with + other.failing_with,
            failing_without: self.failing_without + other.failing_without,
            passing_with: self.passing_with + other.passing_with,
            passing_without: self.passing_without + other.passing_without,
        }
    }

    /// The part of the failing requests that have it.
    pub(crate) fn coverage(&self) -> f64 {
        Counts::new(self.failing_with, self.failing_with + self.failing_without).rate()
    }

    /// Whether those with it fail at least `times` as often. Of a sample, failing and passing requests may have been drawn at
    /// different rates; that changes the rates, and hardly their ratio where failures are few.
    pub(crate) fn is_times_as_frequent(&self, times: f64) -> bool {
        self.with().rate() >= times * self.without().rate()
    }

    /// How much better the counts are explained by it than without it (likelihood ratio, Woolf 1957): what separates best has
    /// most. Comparable where chances are too small to be.
    pub(crate) fn weight(&self) -> f64 {
        let rows = [
            (self.failing_with, self.failing_with + self.failing_without, self.failing_with + self.passing_with),
            (
                self.failing_without,
                self.failing_with + self.failing_without,
                self.failing_without + self.passing_without,
            ),
            (self.passing_with, self.passing_with + self.passing_without, self.failing_with + self.passing_with),
            (
                self.passing_without,
                self.passing_with + self.passing_without,
                self.failing_without + self.passing_without,
            ),
        ];
        #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
        let term = |(seen, of_row, of_column): (u64, u64, u64), all: u64| {
            if seen == 0 {
                0.0
            } else {
                seen as f64 * (seen as f64 * all as f64 / (of_row as f64 * of_column as f64)).ln()
            }
        };
        let all = self.failing_with + self.failing_without + self.passing_with + self.passing_without;
        2.0 * rows.into_iter().map(|row| term(row, all)).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_best_weighs_most() {
        let contrast = |failing_with, failing_without, passing_with, passing_without| Contrast {
            failing_with,
            failing_without,
            passing_with,
            passing_without,
        };
        let exact = contrast(20, 0, 0, 80);
        let wide = contrast(20, 0, 40, 40);
        let narrow = contrast(10, 10, 0, 80);
        let none = contrast(10, 10, 40, 40);
        assert!(exact.weight() > wide.weight() && exact.weight() > narrow.weight());
        assert!(none.weight().abs() < 1e-9 && (none.p() - 0.61).abs() < 0.1);
        assert_eq!((exact.coverage(), narrow.coverage()), (1.0, 0.5));
        assert!(exact.is_times_as_frequent(100.0) && !none.is_times_as_frequent(1.1));
    }
}
