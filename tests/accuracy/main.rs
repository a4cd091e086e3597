//! How often the root causes of the stories are right, and how much each level of confidence is worth: `docs/accuracy.md`.
//!
//! What happened in a story is written down by hand, beside it ([`common::truth`]). What is measured is held against it as the
//! story was recorded, and after the telemetry was hurt in all the ways of `hurt.rs`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod demo;
mod hurt;
mod page;
mod tally;

use cases::Case;
use demo::{Gated, gated};
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};
use tally::{Tally, measured};
use whyspan::judge::evidence_cause::Level;

/// Everything, measured once for all tests.
static MEASURED: LazyLock<(Vec<Case>, Tally, Vec<Gated>)> = LazyLock::new(|| {
    let cases = cases::all();
    let (tally, demo) = (measured(&cases), gated(&cases));
    (cases, tally, demo)
});

#[test]
fn every_story_names_what_happened_and_nothing_else() {
    let (cases, tally, _) = &*MEASURED;
    assert!(cases.len() >= 280, "only {} cases were found", cases.len());
    let wrong = tally.wrongs.join("\n");
    assert!(wrong.is_empty(), "the truth is beside each story (STORY.md, story.txt, labels.json):\n{wrong}");
}

#[test]
fn the_page_says_what_was_measured() {
    let (cases, tally, demo) = &*MEASURED;
    hold_the_page(&page::written(cases, tally, demo));
}

/// What fails stops a change, and what fails nothing does not; `docs/demo-faults.md` names the faults that no span shows.
#[test]
fn every_fault_of_the_demo_that_fails_something_stops_a_change() {
    let (_, _, demo) = &*MEASURED;
    assert!(demo.len() >= 30, "only {} stories of the demo", demo.len());
    for it in demo {
        let right = match it.effect.as_deref() {
            None => it.decision == "go",
            Some("fatal") => it.decision == "no-go",
            // Whether it stops the change depends on who got over it: a caller, or the service itself.
            Some(_) => it.is_told,
        };
        assert!(right, "{}: {}", it.name, it.decision);
        assert!(it.named_first || it.effect.is_none(), "{}: another root cause comes first", it.name);
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "with --nocapture it shows which are wrong")]
fn of_a_hundred_root_causes_with_high_confidence_99_are_right() {
    let (_, tally, _) = &*MEASURED;
    let high = tally.all_levels()[Level::High as usize];
    assert!(high.named >= 1000, "only {} root causes have high confidence: that proves little", high.named);
    let wrong = high.named - high.right;
    let told = format!(
        "{wrong} of {} with high confidence are wrong:\n{}",
        high.named,
        tally.wrong_with_high_confidence.join("\n")
    );
    assert!(wrong * 100 <= high.named, "{told}");
    println!("{told}");
}

fn hold_the_page(tables: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/accuracy.md");
    let page = fs::read_to_string(&path).expect("docs/accuracy.md");
    let (head, rest) = page.split_once(page::BEGIN).expect("where the tables begin");
    let (_, tail) = rest.split_once(page::END).expect("where the tables end");
    let wanted = format!("{head}{}{tables}{}{tail}", page::BEGIN, page::END);
    if env::var_os("WRITE_ACCURACY").is_some() {
        fs::write(&path, &wanted).expect("docs/accuracy.md is written");
    }
    let now = fs::read_to_string(&path).expect("docs/accuracy.md");
    assert!(
        now == wanted,
        "docs/accuracy.md has other tables than what was measured. `WRITE_ACCURACY=1 cargo test --test accuracy` writes them \
         anew; look at what changed, as at any snapshot. Measured:\n{tables}"
    );
}
