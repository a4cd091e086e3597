//! An interval of confidence.

/// From `lower` to `upper`, both included, in the unit of what was estimated.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The least value that the data speak for.
    pub lower: f64,
    /// The greatest value that the data speak for.
    pub upper: f64,
}

impl Interval {
    /// Whether a value lies within.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// The share of cases, over both sides, in which an interval of this confidence may miss: 0.05 for 0.95. It is kept above
/// nothing, so that confidence 1 gives a very wide interval and no infinities.
pub(super) fn miss(confidence: f64) -> f64 {
    let miss = 1.0 - confidence;
    if miss > 0.0 { miss.min(1.0) } else { 1e-300 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_is_a_share_whatever_the_confidence() {
        assert_eq!(miss(0.75), 0.25);
        assert_eq!((miss(1.0), miss(2.0), miss(f64::NAN), miss(-3.0)), (1e-300, 1e-300, 1e-300, 1.0));
        let interval = Interval { lower: 1.0, upper: 2.0 };
        assert!(interval.holds(1.0) && interval.holds(2.0) && !interval.holds(2.1) && !interval.holds(f64::NAN));
    }
}
