//! What decided, whom that hits, and what could have been missed, in the words of the first screen.

use crate::judge::evidence::{EntryPoint, Evidence};
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::report::markdown_cause::NAME;
use crate::report::markdown_numbers::{interval, milliseconds, percentage, points};
use crate::report::markdown_text::Medium::Markdown;
use std::collections::{BTreeMap, BTreeSet};

/// What decided: places of root causes and of objectives in the evidence, each once and in order.
#[derive(Debug, Default)]
pub(crate) struct Decisive<'a> {
    pub(crate) causes: Vec<(usize, &'a RootCause)>,
    pub(crate) objectives: Vec<&'a Objective>,
}

impl<'a> Decisive<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
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

fn at(service: &str, operation: &str) -> String {
    format!("{} of {}", Markdown.code(operation, NAME), Markdown.code(service, NAME))
}

/// Whom the decision is about: entry points whose requests fail, became slower, or were touched.
pub(crate) fn hits(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<String> {
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

/// What a decision that is not no-go could have overlooked, as there were no more requests; without a full stop.
pub(crate) fn missed(evidence: &Evidence) -> Option<String> {
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
    (!words.is_empty()).then(|| words.join("; "))
}

/// The same as a list item.
pub(crate) fn could_be_missed(evidence: &Evidence) -> Option<String> {
    missed(evidence).map(|words| format!("- **Could have been missed:** {words}.\n"))
}
