//! How often the change to blame, and the requests that it fails, are named rightly: in synthetic systems whose fault is
//! known, with noise and with changes that nothing comes of. The generator knows nothing of the analysis.
//!
//! ```sh
//! cargo test --test suspect_study -- --nocapture                             # a few systems
//! cargo test --test suspect_study -- --include-ignored --nocapture           # 300
//! SEED=17 cargo test --test suspect_study one_seed -- --ignored --nocapture  # one; its files in target/suspect-study/17
//! ```

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of tests are small")]
#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "the numbers of tests are small")]
#![allow(clippy::print_stdout, reason = "the tables are the result")]

mod background;
mod carried;
#[path = "../common/mod.rs"]
mod common;
mod evaluation;
mod harmless;
mod hold;
mod otlp;
mod plan;
mod processes;
mod request;
mod run;
mod score;
mod system;
mod table;
mod traffic;
mod truth;

use run::Run;
use score::Score;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use table::Table;

/// A few rounds of all sorts of changes.
const FEW: u64 = 72;

const ALL: u64 = 300;

/// Judges the runs of seeds from 0 on, by as many threads as there are cores; the result is the same for any number.
fn study(runs: u64) -> Table {
    let (next, scores) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        break;
                    }
                    let run = Run::draw(seed);
                    let score = Score::of(&run, &run.evidence());
                    scores.lock().expect("no thread broke").push((run.seed, run.plan.sort, describe(&run), score));
                }
            });
        }
    });
    let mut scores = scores.into_inner().expect("no thread broke");
    scores.sort_by_key(|(seed, ..)| *seed);
    let table = Table { runs: scores };
    println!("{table}");
    table
}

/// What was to be found in a run, in a line.
fn describe(run: &Run) -> String {
    let truth = &run.plan.truth;
    let suspect = truth.suspect.as_ref().map(|right| format!("{} {}={}", right.kind.word(), right.key, right.value));
    let (services, share) = (run.system.services.len(), run.plan.fault.as_ref().map_or(0.0, |fault| fault.share));
    format!(
        "{:?}, {services} services, {} requests, {} hit, {:.0} % of the affected: {} {}, {:?}",
        run.plan.layout,
        run.requests,
        run.hits,
        100.0 * share,
        suspect.as_deref().unwrap_or("no suspect"),
        truth.contrast,
        truth.conditions
    )
}

/// What must hold of every number of runs.
fn is_good_enough(table: &Table) {
    // Faults are found whether or not anybody knows what to blame.
    assert!(table.share(|score| score.is_found) >= 0.95, "too few faults are root causes");
    assert!(table.false_suspects_where_nothing_is_to_blame() <= 0.01, "suspects where nothing is to blame");
    assert!(table.share(|score| score.suspect.map(|place| place.first)) >= 0.9, "too few first suspects are right");
    assert!(table.share(|score| score.condition.map(|place| place.first)) >= 0.8, "too few first conditions are right");
}

#[test]
fn nothing_is_blamed_where_nothing_is_to_blame() {
    is_good_enough(&study(FEW));
}

#[test]
#[ignore = "takes minutes; its table is the one to read"]
fn three_hundred_systems() {
    is_good_enough(&study(ALL));
}

#[test]
#[ignore = "looks at one run: SEED=17"]
fn one_seed() {
    let seed = std::env::var("SEED").expect("SEED=17").parse().expect("a number");
    let run = Run::draw(seed);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/suspect-study/{seed}"));
    run.keep(&folder);
    let score = Score::of(&run, &run.evidence());
    println!("{}\n{}\n{score:#?}\n{}", run.plan.sort.words(), describe(&run), folder.display());
}
