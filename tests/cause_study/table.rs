//! Many scores as a table, and those to look at by their seeds.

use crate::fault::Sort;
use crate::run::SIZES;
use crate::score::Score;
use std::collections::BTreeMap;
use std::fmt;

pub(crate) struct Told {
    pub(crate) seed: u64,
    pub(crate) sort: Sort,
    pub(crate) size: usize,
    /// What was done.
    pub(crate) done: String,
    pub(crate) score: Score,
}

pub(crate) struct Table {
    pub(crate) runs: Vec<Told>,
}

/// What makes a cell of the table: of these runs, in how many the origin stands first, and among the first three.
fn cell<'t>(runs: impl Iterator<Item = &'t Told>) -> String {
    let (mut all, mut first, mut three) = (0, 0, 0);
    for run in runs {
        all += 1;
        first += usize::from(run.score.operation == Some(0));
        three += usize::from(run.score.operation.is_some_and(|place| place < 3));
    }
    if all == 0 { "-".to_owned() } else { format!("{first}, {three} of {all}") }
}

impl Table {
    /// The share of runs with a fault for which something holds, among those of some sorts and sizes.
    pub(crate) fn share(&self, of: impl Fn(&Told) -> bool, holds: impl Fn(&Score) -> bool) -> f64 {
        let all: Vec<&Told> = self.runs.iter().filter(|run| of(run)).collect();
        all.iter().filter(|run| holds(&run.score)).count() as f64 / all.len().max(1) as f64
    }

    fn quiet(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quiet = |size: Option<usize>| {
            let is_it = move |run: &&Told| run.sort == Sort::Nothing && size.is_none_or(|size| run.size == size);
            self.runs.iter().filter(is_it)
        };
        if quiet(None).count() == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "| requests, about | runs | no-go | inconclusive | go | somebody named with high or medium confidence | with low |"
        )?;
        writeln!(out, "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
        for size in SIZES.into_iter().map(Some).chain([None]) {
            let decided = |decision: &str| quiet(size).filter(|run| run.score.decision == decision).count();
            let named = quiet(size).filter(|run| !run.score.wrong.is_empty()).count();
            let low = quiet(size).filter(|run| run.score.wrong.is_empty() && !run.score.named.is_empty()).count();
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {named} | {low} |",
                size.map_or("all".to_owned(), |size| size.to_string()),
                quiet(size).count(),
                decided("no-go"),
                decided("inconclusive"),
                decided("go"),
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.quiet(out)?;
        let mut of_sort: BTreeMap<Option<Sort>, Vec<&Told>> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| run.sort != Sort::Nothing) {
            of_sort.entry(Some(run.sort)).or_default().push(run);
        }
        let all: Vec<&Told> = of_sort.values().flatten().copied().collect();
        if !all.is_empty() {
            let sizes = SIZES.map(|size| format!("{size} spans there"));
            writeln!(
                out,
                "| fault: first, among three | {} | all | service alone | others named with high or medium confidence |\n\
                 | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
                sizes.join(" | ")
            )?;
        }
        for (sort, runs) in of_sort.into_iter().chain([(None, all)]).filter(|(_, runs)| !runs.is_empty()) {
            let by_size = SIZES.map(|size| cell(runs.iter().copied().filter(|run| run.size == size)));
            let services = runs.iter().filter(|run| run.score.service == Some(0)).count();
            let wrong = runs.iter().filter(|run| !run.score.wrong.is_empty()).count();
            let whole = cell(runs.iter().copied());
            let words = sort.map_or("all", Sort::words);
            writeln!(out, "| {words} | {} | {whole} | {services} | {wrong} |", by_size.join(" | "))?;
        }
        for run in self.runs.iter().filter(|run| !run.score.is_flawless(run.sort)) {
            let Told { seed, done, score, .. } = run;
            writeln!(out, "SEED={seed} {done}: {}", score.decision)?;
            score.named.iter().try_for_each(|named| writeln!(out, "    {named}"))?;
            score.wrong.iter().try_for_each(|wrong| writeln!(out, "    wrong: {wrong}"))?;
        }
        Ok(())
    }
}
