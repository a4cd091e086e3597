//! Benjamini and Hochberg's correction: of all that is called significant, no more than a share of alpha is by chance.
//!
//! Benjamini and Hochberg, "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
//! Journal of the Royal Statistical Society B 57 (1995). For looking through many candidates, where a false one among many
//! true ones costs little.
//!
//! ```text
//! p sorted   0.01   0.02   0.03   0.04
//! times       4/1    4/2    4/3    4/4
//!            0.04   0.04   0.04   0.04       no more than the one after
//! ```

/// The adjusted p values in the order given: a test is a discovery when its own is at most the false discovery rate.
#[must_use]
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut so_far = 1.0_f64;
    for (before, &place) in order.iter().enumerate().rev() {
        let p = if p[place] >= 0.0 { p[place] } else { 1.0 };
        so_far = so_far.min(p * order.len() as f64 / (before + 1) as f64);
        adjusted[place] = so_far;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_benjamini_and_hochberg() {
        // Benjamini and Hochberg 1995, section 4.1: the first four of fifteen are discoveries at 5 %, where Bonferroni finds
        // three.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        assert_eq!(adjusted(&p).iter().filter(|p| **p <= 0.05).count(), 4);
        assert_eq!(p.iter().filter(|p| **p * 15.0 <= 0.05).count(), 3);
    }
}
