//! One synthetic run: a system, its pace and a fault are drawn from a seed, requests flow, the gate judges what was sent.

use crate::common::chance::Chance;
use crate::common::gate_of_bytes::gate_of_two;
use crate::fault::{Fault, Sort};
use crate::flow::Flow;
use crate::pace::Pace;
use crate::plan::{Drawn, Layout, Plan, START, Sort as Background, WINDOW, resources};
use crate::system::System;
use std::fs;
use std::path::Path;
use whyspan::judge::evidence::Evidence;

/// The fewest hits of a fault that an answer is asked of.
const LEAST_HITS: usize = 10;

/// More spans than this in a window take too long for a test.
const SPANS: f64 = 40_000.0;

/// The fewest requests of a window.
const REQUESTS: f64 = 60.0;

/// What changes whether or not there is a fault; nothing comes of it.
const BACKGROUNDS: [Background; 5] = [
    Background::Nothing,
    Background::Restarts,
    Background::HarmlessFlags,
    Background::HarmlessVersions,
    Background::HarmlessMix,
];

/// How often the place of the fault is there in each window, about; where there is none, how many requests there are.
pub(crate) const SIZES: [usize; 3] = [50, 200, 800];

pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) sort: Sort,
    pub(crate) size: usize,
    pub(crate) system: System,
    pub(crate) fault: Option<Fault>,
    pub(crate) background: Background,
    pub(crate) requests: usize,
    /// Times that the candidate met the fault.
    pub(crate) hits: usize,
    plan: Plan,
    pace: Pace,
    /// Baseline and candidate.
    captures: [Vec<u8>; 2],
}

impl Run {
    /// The same for the same seed, sort and size. A fault that is met too seldom is drawn again.
    pub(crate) fn draw(seed: u64, sort: Sort, size: usize) -> Self {
        (0..2000)
            .find_map(|attempt| Self::attempt(seed, attempt, sort, size))
            .expect("one of many systems has room for the fault")
    }

    fn attempt(seed: u64, attempt: u64, sort: Sort, size: usize) -> Option<Self> {
        let mut chance = Chance::new(seed * 2003 + attempt);
        let mut system = System::draw(&mut chance);
        let pace = Pace::draw(&system, &mut chance);
        let background = *chance.one_of(&BACKGROUNDS);
        let drawn = Drawn { sort: background, layout: Layout::TwoCaptures, share: 1.0 };
        let plan = Plan::draw(drawn, &mut system, &mut chance);
        let fault = match sort {
            Sort::Nothing => None,
            _ => Some(Fault::draw(sort, &mut system, &pace, &plan, &mut chance)?),
        };
        let reach = fault.as_ref().map_or(1.0, |fault| fault.reach);
        let requests = (size as f64 / reach).max(REQUESTS);
        if requests * (2.5 * system.reach().iter().sum::<f64>() + 1.0) > SPANS {
            return None;
        }
        let mut hits = 0;
        let mut capture = |from: u64, requests: f64| {
            let mut flow = Flow::new(&system, &pace, &plan, fault.as_ref(), &mut chance);
            flow.flow(requests as usize, from, from + WINDOW);
            hits = flow.hits;
            flow.sent.lines(resources(&plan))
        };
        let baseline = capture(START, requests);
        // There is never as much to do as there was.
        let load = Chance::new(seed).lognormal(1.0, 0.2);
        let captures = [baseline, capture(plan.candidate, requests * load)];
        let is_met = fault.is_none() || hits >= LEAST_HITS;
        let requests = requests as usize;
        is_met.then_some(Self { seed, sort, size, system, fault, background, requests, hits, plan, pace, captures })
    }

    pub(crate) fn evidence(&self) -> Evidence {
        let [baseline, candidate] = &self.captures;
        gate_of_two(baseline, candidate, &self.plan.announced)
    }

    /// What was done, in a line.
    pub(crate) fn words(&self) -> String {
        let Self { sort, size, requests, hits, background, .. } = self;
        let services = self.system.services.len();
        let fault = self.fault.as_ref().map(|fault| {
            let Fault { extra_ms, times, share, origin, .. } = fault;
            format!(
                "at {} {}, +{extra_ms:.0} ms or {times} times, {:.0} % of these, {hits} hits",
                origin.service,
                origin.operation.as_deref().unwrap_or("-"),
                100.0 * share
            )
        });
        format!(
            "SORT={sort:?} SIZE={size} {services} services, {requests} requests, {background:?}: {}",
            fault.unwrap_or_default()
        )
    }

    /// Writes down all there is of this run.
    pub(crate) fn keep(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
        write("baseline.jsonl", &self.captures[0]);
        write("candidate.jsonl", &self.captures[1]);
        write("changes.jsonl", self.plan.announced.join("\n").as_bytes());
        let truth = format!("{}\n{:#?}\n{:#?}\n{:#?}\n", self.words(), self.fault, self.pace, self.system);
        write("truth.txt", truth.as_bytes());
        let evidence = serde_json::to_string_pretty(&self.evidence()).expect("evidence is JSON");
        write("evidence.json", evidence.as_bytes());
    }
}
