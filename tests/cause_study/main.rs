//! How often a cause without a failure is found where it is: in synthetic systems with noise, of which one operation, wire,
//! course of calls, number of calls or queue is another one in the candidate; and how often somebody is named where nothing
//! is. The generator knows nothing of the analysis. Systems and unrelated changes are those of `tests/suspect_study`.
//!
//! ```sh
//! cargo test --test cause_study -- --nocapture                               # some dozen systems
//! cargo test --test cause_study -- --include-ignored --nocapture             # many hundred
//! FIRST_SEED=500000 cargo test --test cause_study hundreds -- --ignored --nocapture         # hundreds that nobody looked at
//! SEED=17 SORT=Lag SIZE=200 cargo test --test cause_study one_run -- --ignored --nocapture   # in target/cause-study
//! ```

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of tests are small")]
#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "the numbers of tests are small")]
#![allow(clippy::print_stdout, reason = "the tables are the result")]
#![allow(dead_code, reason = "of the files of tests/suspect_study each study uses its own part")]

#[path = "../suspect_study/background.rs"]
mod background;
#[path = "../suspect_study/carried.rs"]
mod carried;
#[path = "../common/mod.rs"]
mod common;
#[path = "../suspect_study/evaluation.rs"]
mod evaluation;
mod fault;
mod flow;
#[path = "../suspect_study/harmless.rs"]
mod harmless;
#[path = "../suspect_study/hold.rs"]
mod hold;
#[path = "../suspect_study/otlp.rs"]
mod otlp;
mod pace;
#[path = "../suspect_study/plan.rs"]
mod plan;
#[path = "../suspect_study/processes.rs"]
mod processes;
#[path = "../suspect_study/request.rs"]
mod request;
mod run;
mod score;
#[path = "../suspect_study/system.rs"]
mod system;
mod table;
#[path = "../suspect_study/truth.rs"]
mod truth;

use fault::Sort;
use run::{Run, SIZES};
use score::Score;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use table::{Table, Told};

/// Judges runs, by as many threads as there are cores; the result is the same for any number.
fn study(runs: &[(u64, Sort, usize)]) -> Table {
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&(seed, sort, size)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = Run::draw(seed, sort, size);
                    let score = Score::of(&run, &run.evidence());
                    let done = run.words();
                    told.lock().expect("no thread broke").push(Told { seed, sort, size, done, score });
                }
            });
        }
    });
    let mut runs = told.into_inner().expect("no thread broke");
    runs.sort_by_key(|run| (run.sort, run.size, run.seed));
    let table = Table { runs };
    println!("{table}");
    table
}

/// The seed of the first run: `FIRST_SEED=500000` draws systems that nobody looked at before.
fn first_seed() -> u64 {
    std::env::var("FIRST_SEED").map_or(0, |seed| seed.parse().expect("FIRST_SEED is a number"))
}

/// So many runs of each sort and size, each with a seed of its own.
fn faults(each: u64, sizes: &[usize]) -> Vec<(u64, Sort, usize)> {
    let sorts = Sort::FAULTS.into_iter().flat_map(|sort| sizes.iter().map(move |size| (sort, *size)));
    let each = sorts.flat_map(|(sort, size)| (0..each).map(move |_| (sort, size)));
    (first_seed()..).zip(each).map(|(seed, (sort, size))| (seed, sort, size)).collect()
}

/// So many runs in which nothing is wrong, of all sizes.
fn quiet(runs: u64) -> Vec<(u64, Sort, usize)> {
    (0..runs).map(|seed| (first_seed() + 10_000 + seed, Sort::Nothing, SIZES[seed as usize % SIZES.len()])).collect()
}

/// What must hold of every number of runs without a fault.
fn nobody_is_named(table: &Table) {
    assert!(table.share(|_| true, |score| score.decision == "no-go") <= 0.01, "no-go where nothing is wrong");
    assert!(table.share(|_| true, |score| !score.wrong.is_empty()) <= 0.01, "somebody is named where nothing is wrong");
}

/// What must hold of every number of runs with a fault.
fn origins_are_named(table: &Table) {
    let is_first = |score: &Score| score.operation == Some(0);
    assert!(table.share(|run| run.size >= 200, is_first) >= 0.88, "too few origins are first");
    assert!(table.share(|_| true, is_first) >= 0.8, "too few origins are first in small windows");
}

#[test]
fn some_faults_are_found_where_they_are() {
    origins_are_named(&study(&faults(2, &[50, 200])));
}

#[test]
fn nobody_is_named_where_nothing_is_wrong() {
    nobody_is_named(&study(&quiet(18)));
}

#[test]
#[ignore = "takes minutes; its table is the one to read"]
fn hundreds_of_faults() {
    origins_are_named(&study(&faults(15, &SIZES)));
}

#[test]
#[ignore = "takes minutes; its table is the one to read"]
fn three_hundred_quiet_systems() {
    nobody_is_named(&study(&quiet(300)));
}

#[test]
#[ignore = "looks at one run: SEED=17 SORT=Lag SIZE=200"]
fn one_run() {
    let told = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not given"));
    let (seed, size) = (told("SEED").parse().expect("a number"), told("SIZE").parse().expect("a number"));
    let sort = Sort::FAULTS.into_iter().find(|sort| format!("{sort:?}") == told("SORT")).unwrap_or(Sort::Nothing);
    let run = Run::draw(seed, sort, size);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/cause-study/{sort:?}-{size}-{seed}"));
    run.keep(&folder);
    println!("{}\n{:#?}\n{}", run.words(), Score::of(&run, &run.evidence()), folder.display());
}
