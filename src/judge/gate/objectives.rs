//! Which comparisons of entry points the evidence has in words: all, unless there are more than anybody reads.

use crate::judge::evidence_gate::Objective;
use crate::judge::services::LISTED;

/// Objectives of the evidence, with the numbers of their comparisons.
#[derive(Debug, Default)]
pub(crate) struct Objectives {
    /// In the order of the numbers.
    listed: Vec<(usize, Objective)>,
    /// How many comparisons have none.
    pub(crate) left_out: u64,
}

impl Objectives {
    /// Of so many comparisons, those that matter most: the ones whose `matter` is least, and the first of equals.
    pub(crate) fn of<M: Ord>(
        comparisons: usize,
        matter: impl Fn(usize) -> M,
        objective: impl Fn(usize) -> Objective,
    ) -> Self {
        let mut listed: Vec<usize> = (0..comparisons).collect();
        if comparisons > LISTED {
            listed.sort_by_cached_key(|&number| (matter(number), number));
            listed.truncate(LISTED);
            listed.sort_unstable();
        }
        let left_out = (comparisons - listed.len()) as u64;
        Self { listed: listed.into_iter().map(|number| (number, objective(number))).collect(), left_out }
    }

    /// The place of a comparison's objective in the evidence; `None` when it has none there.
    pub(crate) fn place_of(&self, number: usize) -> Option<usize> {
        self.listed.binary_search_by_key(&number, |&(number, _)| number).ok()
    }

    /// The objective of a comparison.
    pub(crate) fn get(&self, number: usize) -> Option<&Objective> {
        self.listed.get(self.place_of(number)?).map(|(_, objective)| objective)
    }

    /// The objective of a comparison, to be changed.
    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Objective> {
        let place = self.place_of(number)?;
        self.listed.get_mut(place).map(|(_, objective)| objective)
    }

    /// All of them, as the evidence has them.
    pub(crate) fn into_listed(self) -> Vec<Objective> {
        self.listed.into_iter().map(|(_, objective)| objective).collect()
    }
}
