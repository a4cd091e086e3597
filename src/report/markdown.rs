//! The report as Markdown, for a job summary or a comment of a pull request.
//!
//! The first screen is for whoever decides: verdict, whom it hits, cause, what would settle it. Everything else is folded.
//! What fits is found by filling the report in the order in which its parts matter:
//!
//! ```text
//! 1 verdict and policy   2 facts of the first screen   3 three root causes in full   4 objectives that did not pass
//! 5 more root causes in full, to ten   6 the others as rows   7 objectives that passed   8 entry points
//! 9 other findings   10 oddities of the input   11 services   12 the service graph
//! ```
//!
//! A part that does not fit stays out as a whole, and the report says how many there are of it. Text of telemetry shows as
//! it is and is never markup: `markdown_text.rs` says how.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::RootCause;
use crate::judge::quality::meaning;
use crate::report::markdown_cause::{in_full, row};
use crate::report::markdown_first_screen::{facts, heading};
use crate::report::markdown_mermaid::service_graph;
use crate::report::markdown_policy::policy;
use crate::report::markdown_room::{Fold, Room};
use crate::report::markdown_tables as tables;
use crate::report::markdown_text::Medium::Html;
use crate::report::numbers::objectives_in_short;
use crate::report::other_findings::told_nowhere_else;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;
use std::fmt::{self, Write};

/// The first line of every report. Whoever posts reports as comments finds the one of an earlier run by it, and edits that
/// one in place instead of adding another.
pub const MARKER: &str = "<!-- whyspan:report -->";

/// What a comment of a pull request on GitHub holds (65,536 characters, in practice 64 KB), with room for what a pipeline
/// puts around it.
pub const COMMENT: usize = 64_000;

/// What a step may add to a job summary of GitHub (1 MiB, beyond which the whole summary is dropped), with room for what
/// else the step writes.
pub const JOB_SUMMARY: usize = 1_000_000;

/// Verdict, policy and the frames of all folds always fit into this.
const LEAST_BYTES: usize = 16_384;

/// Root causes that come in full before anything else does.
const FIRST_IN_FULL: usize = 3;
/// Root causes that come in full if there is room.
const IN_FULL: usize = 10;
/// Rows of a table: who needs more of them needs the evidence JSON.
const ROWS: usize = 200;

/// How long a report may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkdownOptions {
    /// The most bytes of UTF-8 that the report may have, such as [`COMMENT`] or [`JOB_SUMMARY`]. Less than 16 KiB counts
    /// as 16 KiB: verdict and policy need room.
    pub most_bytes: usize,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self { most_bytes: COMMENT }
    }
}

/// Renders the evidence of a gate or an analysis. The same evidence gives the same bytes.
///
/// # Errors
///
/// Never in practice: writing to a string cannot fail.
pub fn render(evidence: &Evidence, options: &MarkdownOptions) -> Result<String, fmt::Error> {
    let mut room = Room::new(options.most_bytes.max(LEAST_BYTES));
    let mut out = heading(evidence, MARKER)?;
    let policy = evidence.policy.as_ref().map(policy).transpose()?.unwrap_or_default();
    for always in [&out, &policy, FOOTER, LEFT_OUT] {
        room.take(always);
    }
    let (worth, mut rest) = worth_telling(&evidence.root_causes);
    let mut folds = Folds::new(&mut room, evidence);

    let facts = facts(evidence);
    let told = facts.iter().take_while(|fact| room.take(fact)).count();
    out.extend(facts[..told].iter().map(String::as_str));
    out.push_str(if told < facts.len() { LEFT_OUT } else { "\n" });

    let (first, more) = worth.split_at(worth.len().min(FIRST_IN_FULL));
    let mut causes = String::new();
    write_in_full(&mut causes, &mut room, first, &mut rest)?;
    let (unpassed, passed) = evidence.objectives.iter().partition::<Vec<_>, _>(|it| it.result != "pass");
    folds.objectives.fill(&mut room, unpassed, ROWS, tables::objective)?;
    write_in_full(&mut causes, &mut room, more, &mut rest)?;
    rest.shared_sort_by_key(|cause| cause.rank);
    folds.causes.fill(&mut room, rest, ROWS, row)?;
    folds.objectives.fill(&mut room, passed, ROWS, tables::objective)?;
    folds.fill_the_rest(&mut room, evidence)?;
    let graph = service_graph(evidence)?.filter(|graph| room.take(graph)).unwrap_or_default();

    out.push_str(&causes);
    for fold in [&folds.causes, &folds.objectives, &folds.entry_points, &folds.findings] {
        fold.write(&mut out)?;
    }
    out.push_str(&graph);
    folds.defects.write(&mut out)?;
    folds.services.write(&mut out)?;
    out.push_str(&policy);
    out.write_str(FOOTER)?;
    Ok(out)
}

/// Where a reader finds what is not here.
const FOOTER: &str =
    "<sub>Every number of this report, and what it leaves out: the evidence JSON (`--format json`).</sub>\n";
const LEFT_OUT: &str = "- More facts are left out here: see the evidence JSON.\n\n";

/// Root causes to be told in full, by rank, and the others: callers' own faults, what is gone, and what comes after these.
fn worth_telling(all: &[RootCause]) -> (Vec<&RootCause>, Vec<&RootCause>) {
    let (mut worth, mut rest): (Vec<_>, Vec<_>) =
        all.iter().partition(|cause| !cause.client_fault && cause.change.as_deref() != Some("gone"));
    rest.extend(worth.drain(worth.len().min(IN_FULL)..));
    (worth, rest)
}

/// Each in full, else without its stack trace, else among the others.
fn write_in_full<'a>(
    out: &mut String,
    room: &mut Room,
    causes: &[&'a RootCause],
    rest: &mut Vec<&'a RootCause>,
) -> fmt::Result {
    for cause in causes {
        let mut told = in_full(cause, true)?;
        let mut fits = room.take(&told);
        if !fits {
            told = in_full(cause, false)?;
            fits = room.take(&told);
        }
        if fits {
            out.push_str(&told);
        } else {
            rest.push(cause);
        }
    }
    Ok(())
}

/// The folded parts besides the root causes in full.
struct Folds {
    causes: Fold,
    objectives: Fold,
    entry_points: Fold,
    findings: Fold,
    defects: Fold,
    services: Fold,
}

impl Folds {
    fn new(room: &mut Room, evidence: &Evidence) -> Self {
        let mut fold = |summary: String, columns: &[&str], noun| {
            Fold::new(room, summary, &tables::start(columns), tables::END, noun)
        };
        let grade = &evidence.quality.grade;
        Self {
            causes: fold("Other root causes".to_owned(), &tables::CAUSES, "root causes"),
            objectives: fold(
                format!("Objectives: {}", objectives_in_short(evidence)),
                &tables::OBJECTIVES,
                "objectives",
            ),
            entry_points: fold(
                format!("Entry points ({})", evidence.entry_points.len()),
                &tables::ENTRY_POINTS,
                "entry points",
            ),
            findings: fold("Other findings".to_owned(), &tables::FINDINGS, "findings"),
            defects: fold(
                format!("Data quality {}: {}", Html.words(grade, 9), meaning(grade)),
                &tables::DEFECTS,
                "oddities",
            ),
            services: fold(format!("Services ({})", evidence.services.len()), &tables::SERVICES, "services"),
        }
    }

    fn fill_the_rest(&mut self, room: &mut Room, evidence: &Evidence) -> fmt::Result {
        let mut entries: Vec<_> = evidence.entry_points.iter().collect();
        entries.shared_sort_by_key(|entry| Reverse((entry.failing, entry.total)));
        self.entry_points.fill(room, entries, ROWS, tables::entry_point)?;
        self.findings.fill(room, told_nowhere_else(evidence), ROWS, tables::finding)?;
        self.defects.fill(room, &evidence.quality.defects, ROWS, tables::defect)?;
        let mut services: Vec<_> = evidence.services.iter().collect();
        services.shared_sort_by_key(|service| Reverse((service.failed, service.requests)));
        self.services.fill(room, services, ROWS, tables::service)
    }
}
