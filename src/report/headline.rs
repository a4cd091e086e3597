//! What happened in one sentence, the same in every report that has a first screen.

use crate::judge::evidence::Evidence;
use crate::judge::wording::{capitalised, count, percent};
use crate::report::decisive::Decisive;
use crate::report::hits::{Hit, hits};
use crate::report::markdown_text::cut_line;
use crate::report::numbers::{judged_quantile, milliseconds, percentage};

/// How many characters of a name the sentence has: what comes after it must be seen, too.
const NAME: usize = 160;

/// What a report is about in a word: of a decision, or of an analysis.
pub(crate) fn word(evidence: &Evidence) -> &'static str {
    match evidence.verdict.as_ref().map(|verdict| verdict.decision.as_str()) {
        Some("go") => "Go",
        Some("no-go") => "No-go",
        Some("inconclusive") => "Inconclusive",
        Some(_) => "Unknown decision",
        None if evidence.windows.candidate.spans == 0 => "No data",
        None => "Analysis",
    }
}

/// The one sentence, without the word. It is text of telemetry as it is: whoever shows it makes it harmless.
pub(crate) fn headline(evidence: &Evidence) -> String {
    let decisive = Decisive::of(evidence);
    let hits = hits(evidence, &decisive);
    let Some(verdict) = &evidence.verdict else {
        return of_hits(evidence, &hits).unwrap_or_else(|| of_analysis(evidence));
    };
    if word(evidence) == "No-go"
        && let Some(told) = of_hits(evidence, &hits)
    {
        return told;
    }
    if let (Some((_, cause)), Some(Hit::Degraded(hit))) = (decisive.causes.first(), hits.first()) {
        return format!(
            "{} of {} fails: {} of {} of {} go on without it.",
            name(&cause.operation),
            name(cause.peer.as_deref().unwrap_or(&cause.service)),
            hit.absorbed,
            count(hit.total, "request"),
            name(&hit.operation)
        );
    }
    let (told, rest) = verdict.summary.split_once(": ").unwrap_or(("", &verdict.summary));
    let rest = if told.eq_ignore_ascii_case(&verdict.decision) { rest } else { &verdict.summary };
    capitalised(rest)
}

fn of_analysis(evidence: &Evidence) -> String {
    let window = &evidence.windows.candidate;
    match evidence.root_causes.iter().find(|cause| !cause.client_fault) {
        _ if window.spans == 0 => "No span was found in the input: nothing can be said.".to_owned(),
        Some(cause) => cause.sentence.clone(),
        None => format!("No request of {} failed by a fault of the system.", count(window.traces, "trace")),
    }
}

/// The hit that weighs most.
fn of_hits(evidence: &Evidence, hits: &[Hit<'_>]) -> Option<String> {
    let others = |noun: &str, more: usize| match more {
        0 => String::new(),
        more => format!(" {} {noun} too.", count(more as u64, "more entry point")),
    };
    let more = hits.len().saturating_sub(1);
    Some(match hits.first()? {
        Hit::Fails(entry, _) => {
            let operation = name(&entry.operation);
            let before = match (entry.baseline_failing, entry.baseline_total) {
                (Some(failing), Some(total)) if total > 0 => format!(", before {failing} of {total}"),
                (Some(_), Some(_)) => ", before it was not asked".to_owned(),
                _ => String::new(),
            };
            let requests = if entry.failing == entry.total && entry.total > 1 {
                format!("Every request of {operation} fails: {} of {}{before}.", entry.failing, entry.total)
            } else {
                let verb = if entry.total == 1 { "fails" } else { "fail" };
                let share = if entry.failing > 0 { percent(entry.failing, entry.total) } else { "0 %".to_owned() };
                format!(
                    "{} of {} of {operation} {verb} ({share}){before}.",
                    entry.failing,
                    count(entry.total, "request")
                )
            };
            let failing = hits.iter().filter(|hit| matches!(hit, Hit::Fails(..))).count().saturating_sub(1);
            requests + &others(if failing == 1 { "fails" } else { "fail" }, failing)
        }
        Hit::Slower(objective) => {
            let known = |value: Option<f64>| value.map_or_else(|| "an unknown time".to_owned(), milliseconds);
            let verb = if more == 1 { "is slower" } else { "are slower" };
            format!(
                "{} became slower: {} for {} of its requests, before {}.{}",
                name(&objective.operation),
                known(objective.value),
                percentage(judged_quantile(evidence)),
                known(objective.baseline),
                others(verb, more)
            )
        }
        Hit::Degraded(_) => return None,
    })
}

/// The beginning of a long name.
fn name(text: &str) -> String {
    cut_line(text, NAME, str::to_owned)
}
