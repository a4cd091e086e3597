//! The first screen of the Markdown report: the decision, whom it hits, the cause, what to do next.

use crate::judge::evidence::{Change, Evidence, Finding, Window};
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Verdict;
use crate::judge::quality::meaning;
use crate::judge::wording::{count, percent};
use crate::report::decisive::Decisive;
use crate::report::headline::headline;
use crate::report::markdown_cause::{NAME, SENTENCE, fault, place, services_on_the_way};
use crate::report::markdown_hits::{could_be_missed, lines};
use crate::report::markdown_text::Medium::Markdown;
use crate::report::other_findings::warnings;
use crate::report::unknown::unknowns;
use std::fmt::{self, Write};

/// How many root causes the first screen shows; the rest is further down.
const SHOWN: usize = 3;
/// How many entries of each list it shows.
const LISTED: usize = 5;

/// Marker, heading and the one sentence. Always there.
pub(crate) fn heading(evidence: &Evidence, marker: &str) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let (word, by) = match &evidence.verdict {
        Some(verdict) => (decision(verdict), "gate"),
        None => (analysis(evidence), "analysis"),
    };
    let sentence = Markdown.words(&headline(evidence), SENTENCE);
    writeln!(out, "{marker}\n\n## {word} · whyspan {by}\n\n{sentence}\n")?;
    Ok(out)
}

/// The word of the heading, with a colour for those who read no further; what is unknown never looks like success.
fn decision(verdict: &Verdict) -> String {
    let word = match verdict.decision.as_str() {
        "go" => "🟢 Go",
        "no-go" => "🔴 No-go",
        "inconclusive" => "🟡 Inconclusive",
        _ => "🟡 Unknown decision",
    };
    word.to_owned()
}

fn analysis(evidence: &Evidence) -> String {
    let faults = evidence.root_causes.iter().filter(|cause| !cause.client_fault).count();
    match faults {
        _ if evidence.windows.candidate.spans == 0 => "🟡 No data".to_owned(),
        0 => "No root cause".to_owned(),
        faults => count(faults as u64, "root cause"),
    }
}

/// The facts below the sentence, as list items, those that matter most first.
pub(crate) fn facts(evidence: &Evidence) -> Vec<String> {
    let decisive = Decisive::of(evidence);
    let mut facts = Vec::new();
    if let Some(verdict) = &evidence.verdict {
        list(&mut facts, "What to do", verdict.actions.iter().map(|action| Markdown.words(&action.sentence, SENTENCE)));
        list(&mut facts, "What would settle it", verdict.settle.iter().map(|way| Markdown.words(way, SENTENCE)));
    }
    list(&mut facts, "Who is hit", lines(evidence, &decisive).into_iter());
    let many = decisive.causes.len() > 1;
    for (number, (place, cause)) in decisive.causes.iter().take(SHOWN).enumerate() {
        let title = if many { format!("Cause {}", number + 1) } else { "Cause".to_owned() };
        facts.push(format!("- **{title}:** {}\n", cause_in_words(evidence, *place, cause)));
    }
    if decisive.causes.len() > SHOWN {
        let more = count((decisive.causes.len() - SHOWN) as u64, "more root cause");
        facts.push(format!("- and {more}: see below\n"));
    }
    if decisive.causes.is_empty() && decisive.objectives.iter().any(|objective| objective.unit == "ms") {
        facts
            .push("- **Cause:** no fault explains the slowdown: nothing new fails, requests take longer.\n".to_owned());
    }
    let others = other_reasons(evidence, &decisive);
    list(&mut facts, "Other reasons", others.map(|reason| Markdown.words(&reason.sentence, SENTENCE)));
    let unknowns = unknowns(evidence, &decisive).into_iter();
    list(&mut facts, "Not known", unknowns.map(|it| Markdown.words(&it.sentence, SENTENCE)));
    if evidence.verdict.is_some() {
        facts.extend(fails_as_before(evidence));
        facts.extend(could_be_missed(evidence));
        list(&mut facts, "What changed", evidence.changes.iter().map(change));
        if evidence.changes.is_empty() {
            facts.push("- **What changed:** nothing was announced, and the telemetry shows no change.\n".to_owned());
        }
    }
    let warnings = warnings(evidence).map(|finding| Markdown.words(&finding.sentence, SENTENCE));
    list(&mut facts, "Warnings", warnings);
    facts.push(compared(evidence));
    facts
}

/// `- **Title:** one`, or a title with a list below it; of many the first few, and how many more there are.
fn list(facts: &mut Vec<String>, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => {}
        [one] => facts.push(format!("- **{title}:** {one}\n")),
        more => {
            let mut fact = format!("- **{title}:**\n");
            for item in more.iter().take(LISTED) {
                fact.push_str(&format!("  - {item}\n"));
            }
            if more.len() > LISTED {
                fact.push_str(&format!("  - and {} more: see the evidence JSON\n", more.len() - LISTED));
            }
            facts.push(fact);
        }
    }
}

/// The fault, and below it where to look, whom it reaches, what is behind it, and how sure all that is.
fn cause_in_words(evidence: &Evidence, at: usize, cause: &RootCause) -> String {
    let mut below = Vec::new();
    if let Some(frame) = cause.exception.as_ref().and_then(|told| told.frame.as_ref()) {
        below.push(format!("**Line of code:** {}", place(frame)));
    }
    below.extend(services_on_the_way(cause).map(|way| format!("**How it spreads:** {way}")));
    below.extend(cause.async_entry_points.first().map(|asker| {
        let (requests, at) = (count(asker.total, "request"), Markdown.code(&asker.operation, NAME));
        format!(
            "**Asked for in messages by:** {} of {requests} of {at} of {}",
            asker.requests,
            Markdown.code(&asker.service, NAME)
        )
    }));
    let suspect = cause.suspects.first().map(|it| ("Suspect", &it.sentence));
    let condition = cause.conditions.first().map(|it| ("Only for some", &it.sentence));
    for (title, sentence) in suspect.into_iter().chain(condition) {
        below.push(format!("**{title}:** {}", Markdown.words(sentence, SENTENCE)));
    }
    let mut sure = format!("**How sure:** {} confidence", cause.confidence.level.as_str());
    if let Some(against) = cause.confidence.against.first().filter(|_| cause.confidence.level.as_str() != "high") {
        sure.push_str(&format!(" ({})", Markdown.words(against, SENTENCE)));
    }
    if cause.traces.fatal > 0 {
        sure.push_str(&format!("; it explains {:.0} % of the failing traces", 100.0 * cause.share_of_failing));
    }
    below.push(sure);
    let reference = format!("/root_causes/{at}");
    let without = evidence.verdict.iter().flat_map(|verdict| &verdict.without).find(|it| it.reference == reference);
    below.extend(without.map(|without| Markdown.words(&without.sentence, SENTENCE)));
    std::iter::once(fault(cause)).chain(below).collect::<Vec<_>>().join("\n  - ")
}

/// Reasons that neither a cause nor a hit of the first screen tells.
pub(crate) fn other_reasons<'a>(evidence: &'a Evidence, decisive: &Decisive<'a>) -> impl Iterator<Item = &'a Finding> {
    let told: Vec<String> =
        decisive.causes.iter().take(SHOWN).map(|(place, _)| format!("/root_causes/{place}")).collect();
    let headline = headline(evidence).to_lowercase();
    evidence.verdict.iter().flat_map(|verdict| &verdict.reasons).filter(move |reason| {
        if headline.contains(reason.sentence.trim_end_matches('.').to_lowercase().as_str()) {
            return false;
        }
        let of_cause = reason.refs.iter().any(|reference| told.contains(reference));
        !of_cause && !reason.refs.iter().any(|reference| reference.starts_with("/objectives/"))
    })
}

/// A go does not say that nothing fails.
fn fails_as_before(evidence: &Evidence) -> Option<String> {
    let same = |cause: &&RootCause| {
        !cause.client_fault
            && cause.effect.as_deref() == Some("fatal")
            && matches!(cause.change.as_deref(), Some("same" | "better"))
    };
    let number = evidence.root_causes.iter().filter(same).count();
    (number > 0).then(|| {
        let causes = count(number as u64, "root cause");
        format!("- **Fails as before:** {causes} that the baseline has too, at about the same rate or more often.\n")
    })
}

fn change(change: &Change) -> String {
    let name = |text: &str| Markdown.code(text, NAME);
    let mut words = format!("{} {}", Markdown.words(&change.kind, NAME), name(&change.key));
    let service = change.service.as_ref().filter(|service| **service != change.key);
    words.extend(service.map(|service| format!(" of {}", name(service))));
    match (&change.from, &change.to) {
        (Some(from), Some(to)) if from == to => words.push_str(&format!(", {} as before", name(to))),
        (Some(from), Some(to)) => words.push_str(&format!(" from {} to {}", name(from), name(to))),
        (None, Some(to)) => words.push_str(&format!(" to {}", name(to))),
        (Some(from), None) => words.push_str(&format!(", which was {}", name(from))),
        (None, None) => {}
    }
    let more = [
        (", ", &change.detail),
        (" at ", &change.at),
        (" until ", &change.until),
        (" in ", &change.environment),
        (" by ", &change.actor),
    ];
    words.extend(more.into_iter().filter_map(|(before, text)| Some(format!("{before}{}", name(text.as_ref()?)))));
    let unseen = if change.shown { "" } else { "; nothing in the telemetry shows it" };
    format!("{words} (told by {}){unseen}", name(&change.source))
}

fn compared(evidence: &Evidence) -> String {
    let window = |window: &Window| {
        let time = window.start.as_deref().zip(window.end.as_deref()).map(|(start, end)| span_of_time(start, end));
        format!(
            "{} ({} failing, {}; {}{})",
            count(window.traces, "trace"),
            window.failing_traces,
            percent(window.failing_traces, window.traces),
            count(window.services, "service"),
            time.unwrap_or_default()
        )
    };
    let candidate = window(&evidence.windows.candidate);
    let mut words = match &evidence.windows.baseline {
        Some(baseline) => format!("- **Compared:** {candidate} with a baseline of {}", window(baseline)),
        None => format!("- **Looked at:** {candidate}"),
    };
    if evidence.windows.settling > 0 {
        let left_out = count(evidence.windows.settling, "trace");
        words.push_str(&format!("; {left_out} just after the change left out"));
    }
    let grade = &evidence.quality.grade;
    words.push_str(&format!(". Data quality {}: {}.\n", Markdown.words(grade, NAME), meaning(grade)));
    words
}

/// `, 2026-11-22 10:00:00 to 10:00:12 UTC`; the end with its date only when that differs.
fn span_of_time(start: &str, end: &str) -> String {
    let second = |time: &str| time.get(..19).unwrap_or(time).replace('T', " ");
    let (start, end) = (second(start), second(end));
    let end = match (start.get(..10), end.get(..10)) {
        (Some(a), Some(b)) if a == b => end.get(11..).unwrap_or(&end),
        _ => &end,
    };
    format!(", {} to {} UTC", Markdown.code(&start, NAME), Markdown.code(end, NAME))
}
