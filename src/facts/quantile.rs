//! Exact quantiles.

/// The quantile of sorted numbers by linear interpolation between ranks (Hyndman and Fan's type 7); 0 without any.
#[must_use]
pub fn quantile(sorted: &[u64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of requests lie far below 2^53, 104 days")]
    let at = |rank: usize| sorted[rank.min(last)] as f64;
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let position = last as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the slice")]
    let below = position.floor() as usize;
    at(below) + (at(below + 1) - at(below)) * (position - position.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_ranks() {
        let sorted = [10, 20, 30, 40];
        assert_eq!(quantile(&sorted, 0.5), 25.0);
        assert_eq!(quantile(&sorted, 0.95), 38.5);
        assert_eq!(quantile(&sorted, 1.0), 40.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
