//! Holm's correction: no more than alpha of false alarms among all tests of a family together.
//!
//! Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979). It needs no
//! assumption of how the tests depend on each other, and loses nothing against Bonferroni's.
//!
//! ```text
//! p sorted   0.01   0.02   0.03   0.04
//! times        4      3      2      1
//!            0.04   0.06   0.06   0.04
//! no less than the one before:
//!            0.04   0.06   0.06   0.06
//! ```

/// The adjusted p values in the order given: a test is significant in the family when its own is at most alpha.
#[must_use]
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut so_far = 0.0_f64;
    for (before, &place) in order.iter().enumerate() {
        let p = if p[place] >= 0.0 { p[place] } else { 1.0 };
        so_far = so_far.max(p * (order.len() - before) as f64).min(1.0);
        adjusted[place] = so_far;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_holm() {
        // The step-down goes through 0.01, 0.04, 0.03, 0.005 this way; the drawn example is the second.
        let rounded = |p: &[f64]| adjusted(p).iter().map(|p| (p * 1e6).round() / 1e6).collect::<Vec<_>>();
        assert_eq!(rounded(&[0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
        assert_eq!(rounded(&[0.04, 0.01, 0.03, 0.02]), [0.06, 0.04, 0.06, 0.06]);
    }
}
