//! The binomial distribution: its tails, and the chance of success that gives a tail.

use crate::judge::statistics::saddle_point::ln_binomial;
use crate::judge::statistics::tail::Counted;

/// How many of `trials` succeed when each does so with the same chance.
pub(super) struct Binomial {
    trials: u64,
    success: f64,
    failure: f64,
}

impl Binomial {
    /// The number of successes; a chance below 0 (or none at all) is taken as 0, one above 1 as 1.
    pub(super) fn new(trials: u64, success: f64) -> Self {
        let success = if success > 0.0 { success.min(1.0) } else { 0.0 };
        Self { trials, success, failure: 1.0 - success }
    }
}

impl Counted for Binomial {
    fn first(&self) -> u64 {
        0
    }

    fn last(&self) -> u64 {
        self.trials
    }

    fn ln_mass(&self, x: u64) -> f64 {
        ln_binomial(x, self.trials, self.success, self.failure)
    }

    fn rise(&self, x: u64) -> f64 {
        if x >= self.trials {
            return 0.0;
        }
        (self.trials - x) as f64 * self.success / ((x + 1) as f64 * self.failure)
    }
}

/// The least chance of success by which `successes` or more of `trials` come with at least this `probability`: 0 for no
/// successes, 1 for more than there are trials.
pub(super) fn rate_for_at_least(successes: u64, trials: u64, probability: f64) -> f64 {
    if successes == 0 {
        return 0.0;
    }
    first_rate_that(|rate| Binomial::new(trials, rate).at_least(successes) >= probability)
}

/// The least chance of success by which `successes` or fewer of `trials` come with at most this `probability`: 1 when all
/// of the trials may succeed.
pub(super) fn rate_for_at_most(successes: u64, trials: u64, probability: f64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    first_rate_that(|rate| Binomial::new(trials, rate).at_most(successes) <= probability)
}

/// The least rate, 0 to 1, for which a question that turns from no to yes is answered yes: by halving, to the last digit.
fn first_rate_that(yes: impl Fn(f64) -> bool) -> f64 {
    let (mut below, mut above) = (0.0_f64, 1.0_f64);
    loop {
        let middle = f64::midpoint(below, above);
        if middle <= below || middle >= above {
            return above;
        }
        if yes(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_formula() {
        let coins = Binomial::new(10, 0.5);
        assert!((coins.at_least(8) - 56.0 / 1024.0).abs() < 1e-15);
        assert!((coins.at_most(8) - 1013.0 / 1024.0).abs() < 1e-15);
        assert_eq!((coins.at_least(0), coins.at_least(11), coins.at_most(10)), (1.0, 0.0, 1.0));
    }

    #[test]
    fn certain_chances_have_their_limits() {
        let (never, always) = (Binomial::new(9, 0.0), Binomial::new(9, 1.0));
        assert_eq!((never.at_least(1), never.at_most(0)), (0.0, 1.0));
        assert_eq!((always.at_least(9), always.at_most(8)), (1.0, 0.0));
        assert_eq!(Binomial::new(9, f64::NAN).at_least(1), 0.0);
    }

    #[test]
    fn the_rate_of_a_tail_gives_that_tail() {
        for (successes, trials, probability) in [(1, 1, 0.8), (3, 60, 0.025), (60, 60, 0.9), (5_000, 10_000_000, 0.8)] {
            let rate = rate_for_at_least(successes, trials, probability);
            assert!((Binomial::new(trials, rate).at_least(successes) / probability - 1.0).abs() < 1e-9);
        }
        assert_eq!((rate_for_at_least(0, 5, 0.5), rate_for_at_least(6, 5, 0.5)), (0.0, 1.0));
    }
}
