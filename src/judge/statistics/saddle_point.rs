//! The binomial mass by the saddle point expansion (Loader 2000, "Fast and accurate computation of binomial
//! probabilities").
//!
//! The usual difference of log-gammas loses digits with the counts: at ten million trials it is right to seven or eight
//! digits only. Here the large terms cancel on paper instead of in floating point:
//!
//! ```text
//! mass(x) = e^( s(n) - s(x) - s(n-x) - D(x, np) - D(n-x, nq) ) * sqrt(n / (2 pi x (n-x)))
//!
//! s(n)     what Stirling's formula of ln n! leaves out           small: 1/12n - ...
//! D(x, m)  = x ln(x/m) + m - x, how far x lies from m            small near the middle
//! ```

use std::f64::consts::TAU;

/// The logarithm of the chance of `x` successes in `n` trials; `p` and `q` are the chances of success and of none.
///
/// Both are given so that neither loses digits where the other is close to 1. `x` is at most `n`.
pub(super) fn ln_binomial(x: u64, n: u64, p: f64, q: f64) -> f64 {
    let none = n.saturating_sub(x);
    let (successes, trials) = (x as f64, n as f64);
    if none == 0 {
        return ln_all(trials, p, q);
    }
    if x == 0 {
        return ln_all(trials, q, p);
    }
    if p <= 0.0 || q <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let exponent = left_of_stirling(n)
        - left_of_stirling(x)
        - left_of_stirling(none)
        - deviance(successes, trials * p)
        - deviance(none as f64, trials * q);
    let scale = TAU.ln() + successes.ln() + (-successes / trials).ln_1p();
    exponent - scale / 2.0
}

/// The logarithm of `p` to the power of `trials`. Close to 1, `p` itself has too few digits for it and `q` takes over.
fn ln_all(trials: f64, p: f64, q: f64) -> f64 {
    if trials == 0.0 {
        return 0.0;
    }
    if q < 0.1 { -deviance(trials, trials * p) - trials * q } else { trials * p.ln() }
}

/// `x ln(x/mean) + mean - x`, by a series where the three would cancel.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for odd in (3..61).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `ln n! - (n + 1/2) ln n + n - ln(2 pi)/2`: by definition for small numbers, by Stirling's series beyond.
fn left_of_stirling(n: u64) -> f64 {
    let x = n as f64;
    if n == 0 {
        return 0.0;
    }
    if n < 16 {
        let factorial: f64 = (2..=n).map(|factor| factor as f64).product();
        return factorial.ln() - (x + 0.5) * x.ln() + x - TAU.ln() / 2.0;
    }
    let (inverse, square) = (1.0 / x, 1.0 / (x * x));
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    inverse * series.iter().rev().fold(0.0, |sum, term| sum * square + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_masses_are_those_of_the_formula() {
        for n in 0..40_u64 {
            let mut choose = 1.0;
            for x in 0..=n {
                let (p, q) = (0.3_f64, 0.7_f64);
                let wanted = choose * p.powf(x as f64) * q.powf((n - x) as f64);
                let found = ln_binomial(x, n, p, q).exp();
                assert!((found / wanted - 1.0).abs() < 1e-13, "{x} of {n}: {found} {wanted}");
                choose *= (n - x) as f64 / (x + 1) as f64;
            }
        }
    }

    #[test]
    fn certain_and_impossible_cases_have_their_limits() {
        assert_eq!(ln_binomial(0, 5, 0.0, 1.0), 0.0);
        assert_eq!(ln_binomial(5, 5, 1.0, 0.0), 0.0);
        assert_eq!(ln_binomial(0, 0, 0.3, 0.7), 0.0);
        for (x, p) in [(1, 0.0), (5, 0.0), (0, 1.0), (4, 1.0)] {
            assert_eq!(ln_binomial(x, 5, p, 1.0 - p), f64::NEG_INFINITY, "{x} {p}");
        }
    }
}
