//! Signs that the capture is a sample, and how that tilts it.

use crate::judge::checkup::{self, Finding};
use crate::judge::evidence::Severity;
use crate::judge::examined::Examined;
use crate::judge::lack::Lack;
use crate::judge::tally::Tally;
use crate::judge::wording::count;
use crate::model::sent::Sampling;

/// So many traces are needed before nearly all of them failing means anything.
const TRACES_TO_TELL: u64 = 20;

/// Of so many in a hundred it is held that only failing traces were kept.
const FAILING_PERCENT: u64 = 95;

/// Probabilities, flags of log records, forced traces, traces that all failed.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let facts = examined.telemetry;
    let mut whole = Sampling::default();
    facts.services.values().for_each(|service| whole.merge(&service.sent.sampling));
    let of_service = |name: &str| facts.services.get(name).map(|service| &service.sent.sampling);
    let kept = |name: &str| of_service(name).map(|sampling| format!("kept {}", range(sampling)));
    let thinned = Tally::of_services(facts, |it| it.sent.sampling.thinned, |it| it.sent.spans).with_notes(kept);
    let even = whole.range.0 == whole.range.1;
    let uneven = Tally::of_services(facts, |it| if even { 0 } else { it.sent.sampling.told }, |it| it.sent.spans);
    let uneven = uneven.with_notes(kept);
    let unsampled = Tally::of_services(
        facts,
        // Where no record bears the flag, nobody sets it.
        |it| if it.sent.logs.sampled == 0 { 0 } else { it.sent.logs.in_traces - it.sent.logs.sampled },
        |it| it.sent.logs.in_traces,
    );
    let forced = Tally::of_services(facts, |it| it.sent.sampling.forced, |it| it.sent.spans);
    let traces = facts.traces;
    let only = traces.all >= TRACES_TO_TELL && traces.with_error * 100 >= traces.all * FAILING_PERCENT;
    let failing = Tally::of_all(if only { traces.with_error } else { 0 }, Some(traces.all));
    let sentences = [
        thinned.sentence(
            "span",
            &format!(
                "[was|were] kept by a probability below 1; those that tell one stand for about {}.",
                count(stand_for(&whole), "span")
            ),
        ),
        format!("Spans were kept by different probabilities, {}.", range(&whole)),
        unsampled.sentence("log record", "with a trace id [tells|tell] that the trace was not sampled."),
        forced.sentence("span", "[was|were] kept because somebody asked for it (sampling.priority)."),
        failing.sentence("trace", "[holds|hold] a span of status ERROR: only failing traces seem to have been kept."),
    ];
    let [of_thinned, of_uneven, of_unsampled, of_forced, of_failing] = sentences;
    vec![
        thinned.finding(Lack::SampledByProbability, Severity::Warn, of_thinned),
        uneven.finding(Lack::SampledUnevenly, Severity::Warn, of_uneven),
        unsampled.finding(Lack::LogOfUnsampledTrace, Severity::Warn, of_unsampled),
        forced.finding(Lack::SamplingForced, Severity::Info, of_forced),
        failing.finding(Lack::OnlyFailingTraces, Severity::Warn, of_failing),
    ]
}

/// What the spans of one service tell, for the report.
pub(crate) fn told(sampling: &Sampling) -> checkup::Sampling {
    let probability = |weight: u128| {
        #[expect(clippy::cast_precision_loss, reason = "shown to six digits")]
        let probability = Sampling::PARTS as f64 / weight.max(1) as f64;
        (probability * 1e6).round() / 1e6
    };
    let (least, most) = sampling.range;
    checkup::Sampling {
        told: sampling.told,
        stand_for: (sampling.told > 0).then(|| stand_for(sampling)),
        probability: (sampling.told > 0).then(|| [probability(most), probability(least)]),
        own_randomness: sampling.own_randomness,
        flagged: sampling.flagged,
        random: sampling.random,
        remote_parent: sampling.remote_parent,
        forced: sampling.forced,
    }
}

fn stand_for(sampling: &Sampling) -> u64 {
    u64::try_from((sampling.weight + Sampling::PARTS / 2) / Sampling::PARTS).unwrap_or(u64::MAX)
}

/// `1 in 10`, `1 in 1 to 1 in 10`.
fn range(sampling: &Sampling) -> String {
    let one_in = |weight: u128| format!("1 in {}", (weight + Sampling::PARTS / 2) / Sampling::PARTS);
    let (least, most) = sampling.range;
    if least == most { one_in(least) } else { format!("{} to {}", one_in(least), one_in(most)) }
}
