//! What is counted: at which rank root causes are found, and how often each level of confidence was right.

use crate::cases::{Case, Given};
use crate::common::truth::{Truth, Truths};
use crate::hurt::HURTS;
use std::num::NonZero;
use std::thread;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::Level;

/// Ranks of the most important root cause.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ranks {
    /// Captures in which something had happened.
    pub(crate) captures: u32,
    /// It is named first.
    pub(crate) first: u32,
    /// It is among the first three.
    pub(crate) among_three: u32,
    /// It is named first, and its kind is right.
    pub(crate) kind: u32,
    /// Nobody is named, but for callers' own faults.
    pub(crate) nobody: u32,
}

/// Root causes that were named with one level of confidence.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named {
    pub(crate) named: u32,
    pub(crate) right: u32,
}

/// What was counted for one way to hurt.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    /// Captures in which something had happened.
    pub(crate) ranks: Ranks,
    /// Captures in which nothing had, and in how many of them somebody was named.
    pub(crate) quiet: [u32; 2],
    /// By level of confidence, high first.
    pub(crate) levels: [Named; 3],
}

/// Everything that was counted.
#[derive(Default)]
pub(crate) struct Tally {
    /// Of each case as it was given.
    pub(crate) given: Vec<Row>,
    /// Of each way to hurt stories, in the order of [`HURTS`].
    pub(crate) hurt: [Row; HURTS.len()],
    /// What is wrong with cases as they were given, a line for each.
    pub(crate) wrongs: Vec<String>,
    /// One line for each wrong root cause that has high confidence.
    pub(crate) wrong_with_high_confidence: Vec<String>,
}

impl Ranks {
    pub(crate) fn add(&mut self, other: Self) {
        self.captures += other.captures;
        self.first += other.first;
        self.among_three += other.among_three;
        self.kind += other.kind;
        self.nobody += other.nobody;
    }
}

impl Row {
    pub(crate) fn add(&mut self, other: &Self) {
        self.ranks.add(other.ranks);
        for (sum, more) in self.quiet.iter_mut().zip(other.quiet) {
            *sum += more;
        }
        for (sum, more) in self.levels.iter_mut().zip(other.levels) {
            sum.named += more.named;
            sum.right += more.right;
        }
    }

    /// Counts one capture. Its kind and whom it blames count where nothing was hurt (`strictly`): without its exception an
    /// exception is an error status, and a callee that nothing is left of is not known by its own name.
    fn count(&mut self, name: &str, truths: &Truths, evidence: &Evidence, strictly: bool, wrong: &mut Vec<String>) {
        let named: Vec<_> = evidence.root_causes.iter().filter(|cause| !cause.client_fault).collect();
        if truths.causes.is_empty() {
            self.quiet[0] += 1;
            self.quiet[1] += u32::from(!named.is_empty());
        } else {
            let rank = truths.rank(evidence, if strictly { Truth::is_at } else { Truth::is_near });
            let first = evidence.root_causes.first();
            let kind = rank == Some(1) && first.is_some_and(|cause| truths.of_cause(cause).is_some());
            self.ranks.add(Ranks {
                captures: 1,
                first: u32::from(rank == Some(1)),
                among_three: u32::from(rank.is_some_and(|rank| rank <= 3)),
                kind: u32::from(kind),
                nobody: u32::from(evidence.root_causes.is_empty()),
            });
        }
        for cause in named {
            let right = if strictly {
                truths.of_cause(cause).is_some()
            } else {
                truths.causes.iter().any(|truth| truth.is_near(cause))
            };
            let level = &mut self.levels[cause.confidence.level as usize];
            level.named += 1;
            level.right += u32::from(right);
            if !right && cause.confidence.level == Level::High {
                let place = format!("{} in {} at {}", cause.kind, cause.service, cause.span_name);
                wrong.push(format!("{name}: {place}, peer {:?}", cause.peer));
            }
        }
    }
}

impl Tally {
    /// By level of confidence, over everything.
    pub(crate) fn all_levels(&self) -> [Named; 3] {
        let mut sum = Row::default();
        self.given.iter().chain(&self.hurt).for_each(|row| sum.add(row));
        sum.levels
    }
}

/// Measures all cases, a part of them on each core.
pub(crate) fn measured(cases: &[Case]) -> Tally {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let parts = thread::scope(|scope| {
        let parts: Vec<_> = cases.chunks(cases.len().div_ceil(threads)).collect();
        let running: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || measured_in_turn(part))).collect();
        running.into_iter().map(|it| it.join().expect("a part is measured")).collect::<Vec<_>>()
    });
    let mut all = Tally::default();
    for part in parts {
        all.given.extend(part.given);
        all.hurt.iter_mut().zip(&part.hurt).for_each(|(sum, row)| sum.add(row));
        all.wrongs.extend(part.wrongs);
        all.wrong_with_high_confidence.extend(part.wrong_with_high_confidence);
    }
    all
}

fn measured_in_turn(cases: &[Case]) -> Tally {
    let mut tally = Tally::default();
    let wrong = &mut tally.wrong_with_high_confidence;
    for case in cases {
        let mut row = Row::default();
        let evidence = case.evidence();
        row.count(&case.name, &case.truths, &evidence, true, wrong);
        tally.wrongs.extend(case.truths.wrongs(&evidence).iter().map(|it| format!("{}: {it}", case.name)));
        tally.given.push(row);
        let Given::Story(telemetry) = &case.given else { continue };
        for (hurt, row) in HURTS.iter().zip(&mut tally.hurt) {
            for (number, evidence) in telemetry.hurt(hurt, &case.truths).iter().enumerate() {
                let name = format!("{}, {hurt} ({number})", case.name);
                row.count(&name, &case.truths, evidence, *hurt == HURTS[0], wrong);
            }
        }
    }
    tally
}
