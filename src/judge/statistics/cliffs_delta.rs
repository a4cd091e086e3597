//! Cliff's delta: how far one sample lies above another, as an effect size.
//!
//! Cliff, "Dominance statistics: ordinal analyses to answer ordinal questions", Psychological Bulletin 114 (1993): over all
//! pairs of one from each side, the share in which the candidate is greater less the share in which it is smaller.
//!
//! ```text
//! candidate  2 3 5      2 > 1        3 > 1            5 > 1 3 3     greater: 5
//! baseline   1 3 3      2 < 3 3      3 = 3 3                        smaller: 2      delta = (5 - 2) / 9
//! ```

/// From -1, all of the candidate's are smaller, to 1, all are greater; 0 when a side is empty. Both must be sorted.
#[must_use]
pub fn cliffs_delta(candidate_sorted: &[u64], baseline_sorted: &[u64]) -> f64 {
    let (mut below, mut not_above) = (0, 0);
    let mut sum = 0_i128;
    for candidate in candidate_sorted {
        while baseline_sorted.get(below).is_some_and(|baseline| baseline < candidate) {
            below += 1;
        }
        while baseline_sorted.get(not_above).is_some_and(|baseline| baseline <= candidate) {
            not_above += 1;
        }
        sum += below as i128 + not_above as i128 - baseline_sorted.len() as i128;
    }
    let pairs = candidate_sorted.len() as f64 * baseline_sorted.len() as f64;
    if pairs > 0.0 { sum as f64 / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_drawn_example() {
        assert_eq!(cliffs_delta(&[2, 3, 5], &[1, 3, 3]), 3.0 / 9.0);
        assert_eq!((cliffs_delta(&[5, 6], &[1, 2]), cliffs_delta(&[1, 2], &[5, 6])), (1.0, -1.0));
        assert_eq!((cliffs_delta(&[], &[1]), cliffs_delta(&[1], &[])), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn it_is_what_counting_all_pairs_gives(mut a in prop::collection::vec(0u64..30, 1..40), mut b in prop::collection::vec(0u64..30, 1..40)) {
            a.sort_unstable();
            b.sort_unstable();
            let pairs = a.iter().flat_map(|a| b.iter().map(move |b| i32::from(a > b) - i32::from(a < b)));
            let delta = f64::from(pairs.sum::<i32>()) / (a.len() * b.len()) as f64;
            prop_assert_eq!(cliffs_delta(&a, &b), delta);
            prop_assert_eq!(cliffs_delta(&b, &a), -delta);
        }
    }
}
