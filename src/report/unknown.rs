//! What the evidence does not say, for those who would take its silence for an answer.

use crate::judge::evidence::Evidence;
use crate::judge::wording::count;
use crate::report::decisive::Decisive;

/// Points against root causes that the first screen tells.
const AGAINST: usize = 2;
/// Oddities of the input that it tells.
const ODDITIES: usize = 2;

/// One thing that is not known. The sentence may quote telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// One sentence.
    pub(crate) sentence: String,
    /// The part of the page that tells more, by its anchor.
    pub(crate) part: Option<&'static str>,
}

/// All of it, what weighs most first. What a decision could have missed for want of requests is told by
/// [`missed`](crate::report::markdown_hits::missed).
pub(crate) fn unknowns(evidence: &Evidence, decisive: &Decisive<'_>) -> Vec<Unknown> {
    let mut unknowns = Vec::new();
    let mut tell = |sentence: String, part| unknowns.push(Unknown { sentence, part });
    let causes = || decisive.causes.iter().map(|(_, cause)| *cause);
    let is_gate = evidence.verdict.is_some();
    if is_gate && !decisive.causes.is_empty() && causes().all(|cause| cause.suspects.is_empty()) {
        tell("Which change caused it: no change tells the requests that it hits from the others.".to_owned(), None);
    }
    let slower = decisive.objectives.iter().any(|objective| objective.unit == "ms");
    if slower && causes().all(|cause| cause.excess.is_none()) {
        tell("Where the time goes below the entry points.".to_owned(), None);
    }
    for point in causes().flat_map(|cause| &cause.confidence.against).take(AGAINST) {
        tell(format!("Against the cause: {point}."), None);
    }
    if evidence.verdict.as_ref().is_some_and(|verdict| verdict.decision == "no-go") {
        unknowns.extend(unjudged(evidence));
    }
    let mut tell = |sentence: String, part| unknowns.push(Unknown { sentence, part });
    if evidence.quality.grade != "A" {
        for defect in evidence.quality.defects.iter().take(ODDITIES) {
            tell(defect.sentence.clone(), None);
        }
        let more = evidence.quality.defects.len().saturating_sub(ODDITIES);
        if more > 0 {
            let oddities = if more == 1 { "oddity" } else { "oddities" };
            tell(format!("{more} more {oddities} of the telemetry."), Some("quality"));
        }
    }
    if !is_gate {
        tell("Whether any of it is new: there is no baseline to compare with.".to_owned(), None);
    }
    unknowns
}

/// Entry points whose slowness could not be judged, beside a decision that something else made.
fn unjudged(evidence: &Evidence) -> Option<Unknown> {
    let durations = || evidence.objectives.iter().filter(|objective| objective.unit == "ms");
    let unjudged = durations().filter(|objective| objective.result == "not-judged").count();
    let all = count(durations().count() as u64, "entry point");
    (unjudged > 0).then(|| Unknown {
        sentence: format!("Whether {unjudged} of {all} became slower: too few passing requests to judge it."),
        part: Some("objectives"),
    })
}
