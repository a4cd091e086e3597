//! How often the bound of a quantile's difference is wrong, over many pairs of samples of one distribution: never more
//! often than it says, beyond the error of the simulation. The figures of a larger one are in the documentation of
//! `judge::statistics::quantile_difference`.
#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

use whyspan::judge::statistics::quantile_difference::lower_bound;

/// Pairs of samples for each shape and size.
const PAIRS: u32 = 1500;

/// The duration, in nanoseconds, below which a share of all lies.
type Shape = fn(f64) -> f64;

/// Sebastiano Vigna's SplitMix64.
struct Random(u64);

impl Random {
    /// Above 0 and below 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Sorted durations: shares come in order when their gaps are exponential, so that nothing needs to be sorted.
    fn sample(&mut self, size: usize, duration_at: Shape) -> Vec<u64> {
        let mut sum = 0.0;
        let mut next = || {
            sum -= self.share().ln();
            sum
        };
        let sums: Vec<f64> = (0..=size).map(|_| next()).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "durations of some seconds")]
        let at = |sum: &f64| duration_at((sum / sums[size]).min(1.0 - 1e-12)) as u64;
        sums[..size].iter().map(at).collect()
    }
}

/// The lognormal's near twin with a quantile in closed form: log-logistic.
fn long_tailed(share: f64) -> f64 {
    5e7 * (share / (1.0 - share)).powf(0.6)
}

fn whole_milliseconds(share: f64) -> f64 {
    (long_tailed(share) / 1e7).round() * 1e6
}

fn pareto(share: f64) -> f64 {
    1e6 * (1.0 - share).powf(-0.9)
}

/// A cache that misses for one request in ten.
fn two_modes(share: f64) -> f64 {
    if share < 0.9 { 2e7 + 1e7 * share } else { 5e8 + 2e9 * (share - 0.9) }
}

/// A few far away, just above the quantile: the shape for which the right angle alone is not safe.
fn far_outliers(share: f64) -> f64 {
    if share < 0.96 { 2e7 + 1e7 * share } else { 5e12 + 2e12 * (share - 0.96) }
}

#[test]
fn the_bound_is_not_wrong_more_often_than_it_says() {
    let shapes: [(&str, Shape); 5] = [
        ("long-tailed", long_tailed),
        ("whole milliseconds", whole_milliseconds),
        ("Pareto", pareto),
        ("two modes", two_modes),
        ("far outliers", far_outliers),
    ];
    let sizes = [(60, 60), (100, 100), (300, 300), (1000, 1000), (60, 1000), (1000, 60), (300, 1000)];
    let mut random = Random(20_260_101);
    let mut wrong_at_all = 0;
    for (shape, duration_at) in shapes {
        for (n, m) in sizes {
            let alphas = [0.05, 0.01, 0.001];
            let mut wrong = [0_u32; 3];
            for _ in 0..PAIRS {
                let (candidate, baseline) = (random.sample(n, duration_at), random.sample(m, duration_at));
                for (at, alpha) in alphas.into_iter().enumerate() {
                    let bound = lower_bound(&candidate, &baseline, 0.95, alpha);
                    wrong[at] += u32::from(bound.is_some_and(|bound| bound > 0.0));
                }
            }
            for (wrong, alpha) in wrong.into_iter().zip(alphas) {
                let expected = f64::from(PAIRS) * alpha;
                // Four standard errors, and one for that the count is whole.
                let most = expected + 4.0 * (expected * (1.0 - alpha)).sqrt() + 1.0;
                assert!(f64::from(wrong) <= most, "{shape}, {n} against {m}: {wrong} of {PAIRS} at {alpha}");
                wrong_at_all += wrong;
            }
        }
    }
    // The bound is no bound that is never wrong: such a one would find nothing.
    assert!(wrong_at_all > PAIRS / 10, "{wrong_at_all}");
}
