//! Many scores as a table, and those to look at by their seeds.

use crate::plan::Sort;
use crate::score::{Place, Score};
use std::collections::BTreeMap;
use std::fmt;

pub(crate) struct Table {
    /// Seed, sort of change, what was to be found, what was.
    pub(crate) runs: Vec<(u64, Sort, String, Score)>,
}

impl Table {
    /// The share of runs for which something holds, among those in which it can.
    pub(crate) fn share(&self, holds: impl Fn(&Score) -> Option<bool>) -> f64 {
        let all: Vec<bool> = self.runs.iter().filter_map(|(.., score)| holds(score)).collect();
        all.iter().filter(|holds| **holds).count() as f64 / all.len().max(1) as f64
    }

    /// The share of runs with a suspect, among those in which there was nothing to blame.
    pub(crate) fn false_suspects_where_nothing_is_to_blame(&self) -> f64 {
        self.share(|score| score.suspect.is_none().then_some(!score.false_suspects.is_empty()))
    }
}

/// How often in how many.
fn rate(scores: &[&Score], holds: impl Fn(&Score) -> Option<bool>) -> String {
    let all: Vec<bool> = scores.iter().filter_map(|score| holds(score)).collect();
    match all.len() {
        0 => "-".to_owned(),
        runs => format!("{} of {runs}", all.iter().filter(|holds| **holds).count()),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut of_sort: BTreeMap<Option<Sort>, Vec<&Score>> = BTreeMap::new();
        for (_, sort, _, score) in &self.runs {
            of_sort.entry(Some(*sort)).or_default().push(score);
        }
        let all = (None, self.runs.iter().map(|(.., score)| score).collect::<Vec<_>>());
        writeln!(
            out,
            "| what was done | runs | fault found | suspect: first | of three | right contrast | condition: first | of three | \
             runs with false suspects | with false conditions |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for (sort, scores) in of_sort.into_iter().chain([all]) {
            let first = |place: Place| place.first;
            let three = |place: Place| place.among_three;
            let cells = [
                scores.len().to_string(),
                rate(&scores, |score| score.is_found),
                rate(&scores, |score| score.suspect.map(first)),
                rate(&scores, |score| score.suspect.map(three)),
                rate(&scores, |score| score.contrast),
                rate(&scores, |score| score.condition.map(first)),
                rate(&scores, |score| score.condition.map(three)),
                rate(&scores, |score| Some(!score.false_suspects.is_empty())),
                rate(&scores, |score| Some(!score.false_conditions.is_empty())),
            ];
            writeln!(out, "| {} | {} |", sort.map_or("all", Sort::words), cells.join(" | "))?;
        }
        for (seed, sort, wanted, score) in self.runs.iter().filter(|(.., score)| !score.is_flawless()) {
            writeln!(out, "SEED={seed} {}: {wanted}\n    {}", sort.words(), score.named)?;
            if score.is_found == Some(false) {
                writeln!(out, "    the fault is no root cause")?;
            }
            let wrong = [("false suspect", &score.false_suspects), ("false condition", &score.false_conditions)];
            for (what, told) in wrong {
                told.iter().try_for_each(|it| writeln!(out, "    {what}: {it}"))?;
            }
        }
        Ok(())
    }
}
