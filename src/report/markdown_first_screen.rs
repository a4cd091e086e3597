//! The first screen of the Markdown report: the decision, whom it hits, the cause, what to do next.

use crate::judge::evidence::{Change, EntryPoint, Evidence, Finding, Severity, Window};
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::{Objective, Verdict};
use crate::judge::quality::meaning;
use crate::judge::wording::{count, percent};
use crate::report::markdown_cause::{NAME, SENTENCE, fault, level, place, services_on_the_way};
use crate::report::markdown_numbers::{interval, milliseconds, percentage, points};
use crate::report::markdown_text::Medium::Markdown;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// How many entries of each sort the first screen shows; the rest is further down.
const SHOWN: usize = 3;

/// What decided: places of root causes and of objectives in the evidence, each once and in order.
#[derive(Debug, Default)]
struct Decisive<'a> {
    causes: Vec<(usize, &'a RootCause)>,
    objectives: Vec<&'a Objective>,
}

impl<'a> Decisive<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let Some(verdict) = &evidence.verdict else {
            // An analysis decides nothing: what fails requests comes first, else what is ranked first.
            let faults = || evidence.root_causes.iter().enumerate().filter(|(_, cause)| !cause.client_fault);
            let mut causes: Vec<_> = faults().filter(|(_, cause)| cause.effect.as_deref() == Some("fatal")).collect();
            if causes.is_empty() {
                causes = faults().take(1).collect();
            }
            return Self { causes, objectives: Vec::new() };
        };
        let mut decisive = Self::default();
        let mut seen = BTreeSet::new();
        for reference in verdict.reasons.iter().flat_map(|reason| &reason.refs).filter(|it| seen.insert(it.as_str())) {
            if let Some(place) = place_in(reference, "/root_causes/") {
                decisive.causes.extend(evidence.root_causes.get(place).map(|cause| (place, cause)));
            } else if let Some(place) = place_in(reference, "/objectives/") {
                decisive.objectives.extend(evidence.objectives.get(place));
            }
        }
        decisive
    }
}

/// The place that a JSON pointer into a list means.
fn place_in(reference: &str, list: &str) -> Option<usize> {
    reference.strip_prefix(list)?.parse().ok()
}

/// Marker, heading and the one sentence. Always there.
pub(crate) fn heading(evidence: &Evidence, marker: &str) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let (word, by, sentence) = match &evidence.verdict {
        Some(verdict) => (decision(verdict), "gate", reason(verdict)),
        None => {
            let (word, sentence) = analysis(evidence);
            (word, "analysis", sentence)
        }
    };
    writeln!(out, "{marker}\n\n## {word} · whyspan {by}\n\n{}\n", Markdown.words(&sentence, SENTENCE))?;
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

/// The one sentence without the decision, which the heading says.
fn reason(verdict: &Verdict) -> String {
    let (told, rest) = verdict.summary.split_once(": ").unwrap_or(("", &verdict.summary));
    let rest = if told.eq_ignore_ascii_case(&verdict.decision) { rest } else { &verdict.summary };
    let mut letters = rest.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

fn analysis(evidence: &Evidence) -> (String, String) {
    let window = &evidence.windows.candidate;
    let causes: Vec<&RootCause> = evidence.root_causes.iter().filter(|cause| !cause.client_fault).collect();
    match causes.first() {
        _ if window.spans == 0 => {
            ("🟡 No data".to_owned(), "No span was found in the input: nothing can be said.".to_owned())
        }
        None => (
            "No root cause".to_owned(),
            format!("No request of {} failed by a fault of the system.", count(window.traces, "trace")),
        ),
        Some(first) => (count(causes.len() as u64, "root cause"), first.sentence.clone()),
    }
}

/// The facts below the sentence, as list items, those that matter most first.
pub(crate) fn facts(evidence: &Evidence) -> Vec<String> {
    let decisive = Decisive::of(evidence);
    let mut facts = Vec::new();
    if let Some(verdict) = &evidence.verdict {
        list(&mut facts, "What would settle it", verdict.settle.iter().map(|way| Markdown.words(way, SENTENCE)));
    }
    list(&mut facts, "Who is hit", hits(evidence, &decisive).into_iter());
    let many = decisive.causes.len() > 1;
    for (number, (place, cause)) in decisive.causes.iter().take(SHOWN).enumerate() {
        let title = if many { format!("Cause {}", number + 1) } else { "Cause".to_owned() };
        facts.push(format!("- **{title}:** {}\n", cause_in_words(evidence, *place, cause)));
    }
    if decisive.causes.len() > SHOWN {
        facts.push(format!(
            "- {} decided too: see below.\n",
            count((decisive.causes.len() - SHOWN) as u64, "more root cause")
        ));
    }
    if decisive.causes.is_empty() && decisive.objectives.iter().any(|objective| objective.unit == "ms") {
        facts
            .push("- **Cause:** no fault explains the slowdown: nothing new fails, requests take longer.\n".to_owned());
    }
    let others = other_reasons(evidence, &decisive);
    list(&mut facts, "Other reasons", others.map(|reason| Markdown.words(&reason.sentence, SENTENCE)));
    if evidence.verdict.is_some() {
        facts.extend(fails_as_before(evidence));
        facts.extend(could_be_missed(evidence));
        list(&mut facts, "What changed", evidence.changes.iter().map(change));
        if evidence.changes.is_empty() {
            facts.push("- **What changed:** no change was announced.\n".to_owned());
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
            for item in more.iter().take(SHOWN) {
                fact.push_str(&format!("  - {item}\n"));
            }
            if more.len() > SHOWN {
                fact.push_str(&format!("  - and {} more\n", more.len() - SHOWN));
            }
            facts.push(fact);
        }
    }
}

fn at(service: &str, operation: &str) -> String {
    format!("{} of {}", Markdown.code(operation, NAME), Markdown.code(service, NAME))
}

/// Whom the decision is about: entry points whose requests fail, became slower, or were touched.
fn hits(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<String> {
    let mut hits = Vec::new();
    let mut failing: BTreeSet<(&str, &str)> = BTreeSet::new();
    let causes = || decisive.causes.iter().map(|(_, cause)| cause);
    for hit in causes().flat_map(|cause| &cause.entry_points) {
        failing.insert((&hit.service, &hit.operation));
    }
    let rates = decisive.objectives.iter().filter(|objective| objective.unit == "ratio");
    failing.extend(rates.map(|objective| (objective.service.as_str(), objective.operation.as_str())));
    let mut entries: Vec<&EntryPoint> = (evidence.entry_points.iter())
        .filter(|entry| failing.contains(&(entry.service.as_str(), entry.operation.as_str())))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.failing));
    let rates = evidence.objectives.iter().filter(|objective| objective.unit == "ratio");
    let rates: BTreeMap<(&str, &str), &Objective> =
        rates.map(|objective| ((objective.service.as_str(), objective.operation.as_str()), objective)).collect();
    for entry in entries {
        let rate = rates.get(&(entry.service.as_str(), entry.operation.as_str()));
        let sure = rate.map(|objective| difference(evidence, objective)).unwrap_or_default();
        hits.push(failures(entry) + &sure);
    }
    for objective in decisive.objectives.iter().filter(|objective| objective.unit == "ms") {
        hits.push(slowness(evidence, objective));
    }
    let nobody = if hits.is_empty() { "no request fails by it; " } else { "" };
    for hit in causes().flat_map(|cause| &cause.degraded_entry_points) {
        if !failing.contains(&(hit.service.as_str(), hit.operation.as_str())) {
            let (requests, at) = (count(hit.total, "request"), at(&hit.service, &hit.operation));
            hits.push(format!("{nobody}{} of {requests} of {at} went on without what failed", hit.absorbed));
        }
    }
    hits
}

/// `95 % of the passing requests of GET /cart of frontend take at most 404 ms, before 12.5 ms`, and how sure that is.
fn slowness(evidence: &Evidence, objective: &Objective) -> String {
    let known = |value: Option<f64>| value.map_or_else(|| "an unknown time".to_owned(), milliseconds);
    let quantile = evidence.policy.as_ref().map_or(0.95, |policy| policy.quantile);
    format!(
        "{} of the passing requests of {} take at most {}, before {} ({} and {} requests){}",
        percentage(quantile),
        at(&objective.service, &objective.operation),
        known(objective.value),
        known(objective.baseline),
        objective.n,
        objective.baseline_n,
        difference(evidence, objective)
    )
}

/// `125 of 125 requests of POST /api/checkout of frontend fail (100 %), before 0 of 132 (0 %)`.
fn failures(entry: &EntryPoint) -> String {
    let mut words = format!(
        "{} of {} of {} fail ({})",
        entry.failing,
        count(entry.total, "request"),
        at(&entry.service, &entry.operation),
        percent(entry.failing, entry.total)
    );
    if let (Some(failing), Some(total)) = (entry.baseline_failing, entry.baseline_total) {
        words.push_str(&format!(", before {failing} of {total} ({})", percent(failing, total)));
    }
    words
}

/// `; the difference is +95.9 to +100 points (95 % confidence)`.
fn difference(evidence: &Evidence, objective: &Objective) -> String {
    let confidence = evidence.policy.as_ref().map(|policy| percentage(policy.confidence));
    match (interval(objective), confidence) {
        (Some(interval), Some(confidence)) => format!("; the difference is {interval} ({confidence} confidence)"),
        _ => String::new(),
    }
}

/// The fault, and below it where to look, whom it reaches, what is behind it, and how sure all that is.
fn cause_in_words(evidence: &Evidence, at: usize, cause: &RootCause) -> String {
    let mut below = Vec::new();
    if let Some(frame) = cause.exception.as_ref().and_then(|told| told.frame.as_ref()) {
        below.push(format!("**Line of code:** {}", place(frame)));
    }
    below.extend(services_on_the_way(cause).map(|way| format!("**How it spreads:** {way}")));
    let suspect = cause.suspects.first().map(|it| ("Suspect", &it.sentence));
    let condition = cause.conditions.first().map(|it| ("Only for some", &it.sentence));
    for (title, sentence) in suspect.into_iter().chain(condition) {
        below.push(format!("**{title}:** {}", Markdown.words(sentence, SENTENCE)));
    }
    let mut sure = format!("**How sure:** {} confidence", level(cause));
    if let Some(against) = cause.confidence.against.first().filter(|_| level(cause) != "high") {
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
fn other_reasons<'a>(evidence: &'a Evidence, decisive: &Decisive<'a>) -> impl Iterator<Item = &'a Finding> {
    let told: Vec<String> =
        decisive.causes.iter().take(SHOWN).map(|(place, _)| format!("/root_causes/{place}")).collect();
    // The first reason is the sentence below the heading.
    let reasons = evidence.verdict.iter().flat_map(|verdict| verdict.reasons.iter().skip(1));
    reasons.filter(move |reason| {
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

/// What a decision that is not no-go could have overlooked, as there were no more requests.
fn could_be_missed(evidence: &Evidence) -> Option<String> {
    if evidence.verdict.as_ref().is_none_or(|verdict| verdict.decision == "no-go") {
        return None;
    }
    let rates = || evidence.objectives.iter().filter(|objective| objective.unit == "ratio");
    let rises = || rates().filter_map(|objective| objective.smallest_rise);
    let mut words = Vec::new();
    if rises().next().is_some() {
        let (least, most) = (rises().fold(f64::INFINITY, f64::min), rises().fold(0.0, f64::max));
        let range = if least == most { points(most) } else { format!("{} to {}", points(least), points(most)) };
        words.push(format!(
            "a rise of failing requests by less than {range} percentage points, depending on the entry point"
        ));
    }
    let durations = || evidence.objectives.iter().filter(|objective| objective.unit == "ms");
    let unjudged = durations().filter(|objective| objective.result == "not-judged").count();
    if unjudged > 0 {
        let all = count(durations().count() as u64, "entry point");
        words.push(format!("slowness of {unjudged} of {all}, which had too few requests to judge it"));
    }
    (!words.is_empty()).then(|| format!("- **Could have been missed:** {}.\n", words.join("; ")))
}

fn change(change: &Change) -> String {
    let name = |text: &str| Markdown.code(text, NAME);
    let mut words = format!("{} {}", Markdown.words(&change.kind, NAME), name(&change.key));
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => words.push_str(&format!(" from {} to {}", name(from), name(to))),
        (None, Some(to)) => words.push_str(&format!(" to {}", name(to))),
        (Some(from), None) => words.push_str(&format!(", which was {}", name(from))),
        (None, None) => {}
    }
    if let Some(at) = &change.at {
        words.push_str(&format!(" at {}", name(at)));
    }
    format!("{words} (told by {})", name(&change.source))
}

/// Findings that are not among the reasons.
pub(crate) fn other_findings(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    let reasons = evidence.verdict.iter().flat_map(|verdict| &verdict.reasons);
    let reasons: BTreeSet<(&str, &str)> = reasons.map(|it| (it.code.as_str(), it.sentence.as_str())).collect();
    evidence.findings.iter().filter(move |it| !reasons.contains(&(it.code.as_str(), it.sentence.as_str())))
}

/// Findings to be warned of, besides reasons; of an analysis, those that are no root causes.
fn warnings(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    let is_gate = evidence.verdict.is_some();
    other_findings(evidence).filter(move |finding| {
        let is_cause = finding.refs.iter().any(|reference| reference.starts_with("/root_causes/"));
        finding.severity != Severity::Info && (is_gate || !is_cause)
    })
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
