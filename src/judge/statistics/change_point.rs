//! When a rate rose: the change point of a row of passing and failing requests, with its interval.
//!
//! Before and after the point requests fail at one rate each; the point at which the row is most likely is the estimate, and
//! all points at which it is nearly as likely make the interval (Hinkley, "Inference about the change-point from cumulative
//! sum tests", Biometrika 58, 1971; the bound is that of a likelihood ratio at 95 %).
//!
//! ```text
//! . . . . . . . . . x . x x . x x x      . passed   x failed
//!                 [ |   ]                the rise, and where it may have been
//! ```

/// Half of the 95 % quantile of the chi-square distribution with one degree of freedom.
const NEARLY_AS_LIKELY: f64 = 1.9207;

/// When a rate rose, in the unit of the times that were given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangePoint {
    /// The last request that may still lie before the rise.
    pub earliest: u64,
    /// The first request behind the likeliest point.
    pub at: u64,
    /// The first request behind the last point that is nearly as likely.
    pub latest: u64,
}

/// When the rate of `true` rose, of requests in the order of their times; `None` when no split shows a rise.
#[must_use]
pub fn rise(row: &[(u64, bool)]) -> Option<ChangePoint> {
    let all: u64 = row.iter().map(|&(_, failed)| u64::from(failed)).sum();
    let total = row.len() as u64;
    let mut before = 0_u64;
    // By number of requests before the split.
    let mut likely: Vec<(usize, f64)> = Vec::new();
    for (split, &(_, failed)) in row.iter().enumerate() {
        let passed_so_far = split as u64;
        if split > 0 && (all - before) * passed_so_far > before * (total - passed_so_far) {
            likely.push((split, likelihood(before, passed_so_far) + likelihood(all - before, total - passed_so_far)));
        }
        before += u64::from(failed);
    }
    let best = likely.iter().map(|&(_, how)| how).fold(f64::NEG_INFINITY, f64::max);
    // The first of equals.
    let &(at, _) = likely.iter().find(|&&(_, how)| how >= best)?;
    let mut near = likely.iter().filter(|&&(_, how)| how >= best - NEARLY_AS_LIKELY).map(|&(split, _)| split);
    let first = near.next()?;
    let last = near.next_back().unwrap_or(first);
    Some(ChangePoint { earliest: row[first - 1].0, at: row[at].0, latest: row[last].0 })
}

/// The logarithm of how likely so many events of so many trials are, at the rate at which they are likeliest.
fn likelihood(events: u64, trials: u64) -> f64 {
    let term = |part: u64| if part == 0 { 0.0 } else { part as f64 * (part as f64 / trials as f64).ln() };
    term(events) + term(trials - events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(text: &str) -> Vec<(u64, bool)> {
        (0..).zip(text.bytes()).map(|(at, byte)| (at, byte == b'x')).collect()
    }

    #[test]
    fn a_clean_rise_lies_between_two_requests() {
        let point = rise(&row("..........xxxxxxxxxx")).expect("a rise");
        assert_eq!(point, ChangePoint { earliest: 9, at: 10, latest: 10 });
    }

    #[test]
    fn a_rare_failure_may_have_begun_before_its_first_request() {
        let text = [".".repeat(50), ".........x".repeat(5)].concat();
        let point = rise(&row(&text)).expect("a rise");
        assert!(point.earliest < 50 && point.latest >= 59, "{point:?}");
        assert!((50..=59).contains(&point.at), "{point:?}");
    }

    #[test]
    fn without_a_rise_there_is_no_point() {
        for text in ["", ".", "x", "....", "xxxx", "xxxx....", "xx..x"] {
            let point = rise(&row(text));
            assert!(point.is_none() || text == "xx..x", "{text}: {point:?}");
        }
    }

    proptest! {
        #[test]
        fn the_point_lies_within_its_interval(fails in prop::collection::vec(any::<bool>(), 0..200)) {
            let row: Vec<(u64, bool)> = (0..).zip(fails).collect();
            if let Some(point) = rise(&row) {
                prop_assert!(point.earliest < point.at && point.at <= point.latest);
            }
        }
    }
}
