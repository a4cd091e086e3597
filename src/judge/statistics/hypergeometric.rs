//! The hypergeometric distribution: how all events of two groups fall to the first by chance.

use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::saddle_point::ln_binomial;
use crate::judge::statistics::tail::Counted;

/// The number of events in the first of two groups, when all their events are dealt to all their trials at random.
pub(super) struct Hypergeometric {
    ours: u64,
    theirs: u64,
    events: u64,
}

impl Hypergeometric {
    /// The events of the first group, given the trials of each and the events of both together.
    pub(super) fn new(first: Counts, second: Counts) -> Self {
        let (first, second) = (first.held(), second.held());
        Self { ours: first.trials, theirs: second.trials, events: first.events + second.events }
    }

    /// The most likely number.
    pub(super) fn mode(&self) -> u64 {
        let trials = u128::from(self.ours + self.theirs) + 2;
        let mode = u128::from(self.events + 1) * u128::from(self.ours + 1) / trials;
        u64::try_from(mode).unwrap_or(u64::MAX).clamp(self.first(), self.last())
    }
}

impl Counted for Hypergeometric {
    fn first(&self) -> u64 {
        self.events.saturating_sub(self.theirs)
    }

    fn last(&self) -> u64 {
        self.events.min(self.ours)
    }

    /// Three binomial masses of one chance, which cancels: the pooled rate, since there all three are large.
    fn ln_mass(&self, x: u64) -> f64 {
        let all = self.ours + self.theirs;
        if self.events == 0 || self.events == all {
            return 0.0;
        }
        let (p, q) = (self.events as f64 / all as f64, (all - self.events) as f64 / all as f64);
        ln_binomial(x, self.ours, p, q) + ln_binomial(self.events - x, self.theirs, p, q)
            - ln_binomial(self.events, all, p, q)
    }

    fn rise(&self, x: u64) -> f64 {
        if x >= self.last() {
            return 0.0;
        }
        let up = (self.ours - x) as f64 * (self.events - x) as f64;
        up / ((x + 1) as f64 * (self.theirs + x + 1 - self.events) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_sum_to_one_and_peak_at_the_mode() {
        for (a, b) in [((3, 4), (1, 4)), ((2, 9), (7, 8)), ((30, 60), (0, 500)), ((5, 5), (6, 6))] {
            let dealt = Hypergeometric::new(Counts::new(a.0, a.1), Counts::new(b.0, b.1));
            let masses: Vec<f64> = (dealt.first()..=dealt.last()).map(|x| dealt.ln_mass(x).exp()).collect();
            assert!((masses.iter().sum::<f64>() - 1.0).abs() < 1e-13);
            let most = masses.iter().copied().fold(0.0, f64::max);
            assert!((dealt.ln_mass(dealt.mode()).exp() / most - 1.0).abs() < 1e-13);
        }
    }
}
