//! What decided, whom that hits, and what could have been missed, in the words of the first screen.

use crate::judge::evidence::{EntryPoint, Evidence};
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::report::decisive::Decisive;
use crate::report::hits::{Hit, hits};
use crate::report::markdown_cause::NAME;
use crate::report::markdown_text::Medium::Markdown;
use crate::report::numbers::{interval, judged_quantile, milliseconds, percentage, points};

fn at(service: &str, operation: &str) -> String {
    format!("{} of {}", Markdown.code(operation, NAME), Markdown.code(service, NAME))
}

/// Whom the decision is about, one line each.
pub(crate) fn lines(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<String> {
    let hits = hits(evidence, decisive);
    let nobody = if matches!(hits.first(), Some(Hit::Degraded(_))) { "no request fails by it; " } else { "" };
    let line = |hit: Hit<'_>| match hit {
        Hit::Fails(entry, rate) => {
            failures(entry)
                + &rate.map(|objective| difference(evidence, objective)).unwrap_or_default()
                + &one_of_them(entry)
        }
        Hit::Slower(objective) => slowness(evidence, objective),
        Hit::Degraded(hit) => {
            let (requests, at) = (count(hit.total, "request"), at(&hit.service, &hit.operation));
            format!("{nobody}{} of {requests} of {at} went on without what failed", hit.absorbed)
        }
    };
    hits.into_iter().map(line).collect()
}

/// `95 % of the passing requests of GET /cart of frontend take at most 404 ms, before 12.5 ms`, and how sure that is.
fn slowness(evidence: &Evidence, objective: &Objective) -> String {
    let known = |value: Option<f64>| value.map_or_else(|| "an unknown time".to_owned(), milliseconds);
    format!(
        "{} of the passing requests of {} take at most {}, before {} ({} and {} requests){}",
        percentage(judged_quantile(evidence)),
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

/// `; the first is in trace 0af7651916cd43dd8448eb211c80319c`.
fn one_of_them(entry: &EntryPoint) -> String {
    let failing = entry.exemplars.iter().find(|it| it.window == "candidate" && it.shows == "first-failing");
    failing.map_or_else(String::new, |it| format!("; the first is in trace {}", Markdown.code(&it.trace_id, NAME)))
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
