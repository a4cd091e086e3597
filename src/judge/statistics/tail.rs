//! Tails of counts, summed from where they begin.
//!
//! ```text
//!            mode
//!          .:||:.
//!        .:||||||:.
//!      .:||||||||||:.
//!   ..:|||||||||||||||:..
//!                 x ─────►   from x away from the mode every mass is a smaller multiple of the one before:
//!                            mass(x) * (1 + r1 + r1 r2 + ...), until what is left cannot be seen in the sum
//! ```
//!
//! A sum of positive numbers keeps all its digits. It ends after some tens of standard deviations: a few thousand steps
//! among ten million trials.

/// A distribution over whole numbers of which neighbouring masses have a ratio that only falls.
pub(super) trait Counted {
    /// The least number that can be.
    fn first(&self) -> u64;

    /// The greatest number that can be.
    fn last(&self) -> u64;

    /// The logarithm of the mass of a number between both.
    fn ln_mass(&self, x: u64) -> f64;

    /// The mass of `x + 1` divided by that of `x`, for `x` from first to last; 0 at the last.
    fn rise(&self, x: u64) -> f64;

    /// The mass of `x` and all above it, for an `x` at or above the mode.
    fn upward(&self, x: u64) -> f64 {
        (self.ln_mass(x) + sum_of_products(|step| self.rise(x + step)).ln()).exp()
    }

    /// The mass of `x` and all below it, for an `x` at or below the mode.
    fn downward(&self, x: u64) -> f64 {
        let fall = |step| if step < x - self.first() { 1.0 / self.rise(x - step - 1) } else { 0.0 };
        (self.ln_mass(x) + sum_of_products(fall).ln()).exp()
    }

    /// The chance of `x` or more, 0 to 1.
    fn at_least(&self, x: u64) -> f64 {
        if x <= self.first() {
            1.0
        } else if x > self.last() {
            0.0
        } else if self.rise(x - 1) <= 1.0 {
            self.upward(x).min(1.0)
        } else {
            (1.0 - self.downward(x - 1)).max(0.0)
        }
    }

    /// The chance of `x` or less, 0 to 1.
    fn at_most(&self, x: u64) -> f64 {
        if x >= self.last() {
            1.0
        } else if x < self.first() {
            0.0
        } else if self.rise(x) >= 1.0 {
            self.downward(x).min(1.0)
        } else {
            (1.0 - self.upward(x + 1)).max(0.0)
        }
    }
}

/// `1 + r(0) + r(0) r(1) + ...` of ratios that fall, until all that could follow is below the last digit of the sum.
fn sum_of_products(ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut sum, mut product) = (1.0, 1.0);
    for step in 0.. {
        let r = ratio(step);
        product *= r;
        sum += product;
        // What follows is at most a geometric series of this ratio.
        if r < 1.0 && product * r <= sum * (1.0 - r) * 1e-17 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_ends_where_nothing_is_left() {
        assert_eq!(sum_of_products(|_| 0.0), 1.0);
        assert!((sum_of_products(|_| 0.5) - 2.0).abs() < 1e-15);
        assert_eq!(sum_of_products(|step| if step < 3 { 1.0 } else { 0.0 }), 4.0);
    }
}
