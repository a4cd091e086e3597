//! One synthetic run: a system and a plan are drawn from a seed, requests flow, the gate judges what was sent.

use crate::common::chance::Chance;
use crate::common::gate_of_bytes::{gate_of_one, gate_of_two};
use crate::plan::{Drawn, Layout, Plan, START, Sort, WINDOW, resources};
use crate::system::System;
use crate::traffic::Traffic;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The fewest hits of a fault that an answer is asked of.
const LEAST_HITS: usize = 15;

/// How many spans one window has at most, about.
const SPANS: f64 = 9000.0;

pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) system: System,
    pub(crate) plan: Plan,
    pub(crate) requests: usize,
    /// Requests of the candidate that the fault hit.
    pub(crate) hits: usize,
    /// One or two captures.
    captures: Vec<Vec<u8>>,
}

impl Run {
    /// The same for the same seed. A fault that hits too few requests is drawn again.
    pub(crate) fn draw(seed: u64) -> Self {
        let sort = Sort::ROUND[seed as usize % Sort::ROUND.len()];
        // Drawn once, so that the attempts do not prefer faults that are easy to see.
        let mut chance = Chance::new(seed);
        let layout = *chance.one_of(&[Layout::TwoCaptures, Layout::WithinTheCandidate, Layout::OneCapture]);
        let share = match chance.share() {
            share if share < 0.5 => 1.0,
            share if share < 0.85 => 0.3 + 0.6 * chance.share(),
            _ => 0.1 + 0.2 * chance.share(),
        };
        let drawn = Drawn { sort, layout, share };
        (0..200)
            .map(|attempt| Self::attempt(seed, attempt, drawn))
            .find(|run| run.plan.fault.is_none() || run.hits >= LEAST_HITS && run.can_be_told())
            .expect("one of two hundred has a fault that hits enough")
    }

    fn attempt(seed: u64, attempt: u64, drawn: Drawn) -> Self {
        let mut chance = Chance::new(seed * 1009 + attempt);
        let mut system = System::draw(&mut chance);
        let plan = Plan::draw(drawn, &mut system, &mut chance);
        let spans_each = 2.3 * system.reach().iter().sum::<f64>() + 1.0;
        let requests = (SPANS / spans_each).clamp(200.0, 800.0) as usize;
        let ends = [plan.candidate, plan.candidate + WINDOW];
        let windows = [[START, START + WINDOW], ends];
        let mut sent = Vec::new();
        let mut hits = 0;
        let mut flow = |from: u64, to: u64, requests: usize| {
            let mut traffic = Traffic::new(&system, &plan, &mut chance);
            traffic.flow(requests, from, to);
            hits += traffic.hit.len();
            sent.push(traffic.sent.lines(resources(&plan)));
        };
        if plan.layout == Layout::OneCapture {
            flow(START, ends[1], 2 * requests);
        } else {
            windows.into_iter().for_each(|[from, to]| flow(from, to, requests));
        }
        Self { seed, system, plan, requests, hits, captures: sent }
    }

    /// Whether the spans hold what there is to find: a replica of one is no replica of several.
    fn can_be_told(&self) -> bool {
        self.plan.sort != Sort::BadInstance || !self.plan.truth.conditions.is_empty()
    }

    /// The evidence, as those who read its JSON see it.
    pub(crate) fn evidence(&self) -> Value {
        let evidence = match &self.captures[..] {
            [whole] => gate_of_one(whole, self.plan.cut, &self.plan.announced),
            [baseline, candidate] => gate_of_two(baseline, candidate, &self.plan.announced),
            _ => panic!("one capture or two"),
        };
        serde_json::to_value(evidence).expect("evidence is JSON")
    }

    /// Writes down all there is of this run.
    pub(crate) fn keep(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
        let names =
            if self.captures.len() == 1 { &["capture.jsonl"][..] } else { &["baseline.jsonl", "candidate.jsonl"] };
        names.iter().zip(&self.captures).for_each(|(name, bytes)| write(name, bytes));
        write("changes.jsonl", self.plan.announced.join("\n").as_bytes());
        let Plan { sort, layout, candidate, cut, fault, flags, .. } = &self.plan;
        let truth = format!(
            "seed {}\nsort {sort:?}\nlayout {layout:?}\ncandidate from {candidate}\ncut at {cut}\nfault {fault:#?}\nhits {}\n\
             flag steps {flags:#?}\ntruth {:#?}\nsystem {:#?}\n",
            self.seed, self.hits, self.plan.truth, self.system
        );
        write("truth.txt", truth.as_bytes());
        let evidence = serde_json::to_string_pretty(&self.evidence()).expect("evidence is JSON");
        write("evidence.json", evidence.as_bytes());
    }
}
