//! Mann and Whitney's U test (1947), as gates over metrics use it: the judge of another school, to compare with.

/// The two-sided p of the hypothesis that neither sample tends to be larger, and whether `a` is the larger one. By the normal
/// approximation with its corrections for ties and for continuity, as R's `wilcox.test(exact = FALSE)` has it; 1 where all
/// numbers are the same.
pub(crate) fn mann_whitney(a: &[f64], b: &[f64]) -> (f64, bool) {
    let mut all: Vec<(f64, bool)> =
        a.iter().map(|&number| (number, true)).chain(b.iter().map(|&number| (number, false))).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut ranks_of_a, mut ties, mut place) = (0.0, 0.0, 0);
    while place < all.len() {
        let same = all[place..].iter().take_while(|number| number.0 == all[place].0).count();
        // Equal numbers share their ranks, which count from 1.
        let rank = place as f64 + (same as f64 + 1.0) / 2.0;
        ranks_of_a += rank * all[place..place + same].iter().filter(|number| number.1).count() as f64;
        ties += (same as f64).powi(3) - same as f64;
        place += same;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = ranks_of_a - n * (n + 1.0) / 2.0;
    let off = u - n * m / 2.0;
    let variance = n * m / 12.0 * ((n + m + 1.0) - ties / ((n + m) * (n + m - 1.0)));
    if variance.is_nan() || variance <= 0.0 {
        return (1.0, false);
    }
    let z = (off.abs() - 0.5).max(0.0) / variance.sqrt();
    (2.0 * beyond(z), off > 0.0)
}

/// The chance of a standard normal number above `z`, which is not negative: Abramowitz and Stegun 26.2.17, right to 8e-8.
fn beyond(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let powers = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    density * t * powers.iter().rev().fold(0.0, |sum, factor| sum * t + factor)
}
