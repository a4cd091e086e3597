//! How durations are spread, baseline against candidate, one small drawing for each entry point.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_gate::Objective;
use crate::judge::evidence_pictures::Durations;
use crate::report::html::bar::{ratio, short};
use crate::report::html::text::{code, name};
use crate::report::numbers::{judged_quantile, milliseconds};
use maud::{Markup, html};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 70.0;

/// All of them; nothing when no request passed anywhere.
pub(crate) fn distributions(evidence: &Evidence) -> Option<Markup> {
    let all = &evidence.pictures.durations;
    if all.is_empty() {
        return None;
    }
    let is_gate = evidence.windows.baseline.is_some();
    Some(html! {
        section #durations aria-labelledby="durations-title" {
            h2 #durations-title { "Durations of passing requests" }
            p.intro {
                "Each drawing has an axis of its own, on which every step is a fifth or so longer than the one before. "
                @if is_gate { span.key-candidate { "Filled" } " is the candidate, " span.key-baseline { "outlined" } " the baseline, each as shares of its own requests; the lines are the " (quantile_name(evidence)) " of either." }
            }
            div.distributions { @for durations in all { (distribution(evidence, durations)) } }
        }
    })
}

fn distribution(evidence: &Evidence, durations: &Durations) -> Markup {
    let is_same =
        |it: &&Objective| it.unit == "ms" && it.service == durations.service && it.operation == durations.operation;
    let objective = evidence.objectives.iter().find(is_same);
    let now: u64 = durations.classes.iter().map(|class| class.candidate).sum();
    let before: Option<u64> = durations.classes.iter().map(|class| class.baseline).sum();
    let (low, high) = match (durations.classes.first(), durations.classes.last()) {
        (Some(first), Some(last)) => (first.from_ms.max(1e-6), last.to_ms.max(2e-6)),
        _ => return html! {},
    };
    // Coordinates are rounded to tenths: by what logarithms of platforms differ does not show.
    let at = |ms: f64| WIDTH * ((ms.max(1e-6) / low).ln() / (high / low).ln()).clamp(0.0, 1.0);
    let most = durations
        .classes
        .iter()
        .flat_map(|class| [ratio(class.candidate, now), ratio(class.baseline.unwrap_or(0), before.unwrap_or(0))]);
    let most = most.fold(f64::MIN_POSITIVE, f64::max);
    let height = |share: f64| HEIGHT * share / most;
    let quantiles = objective.map(|it| [(it.value, "p95-candidate"), (it.baseline, "p95-baseline")]);
    let words = in_words(evidence, durations, objective, now, before);
    html! {
        figure.distribution data-find {
            figcaption { (code(&durations.operation)) " " span.of { "of " (name(&durations.service)) } }
            svg viewBox="0 -4 300 78" role="img" aria-label=(words) {
                @for class in &durations.classes {
                    @let (x, width) = (at(class.from_ms), at(class.to_ms) - at(class.from_ms));
                    @let tall = height(ratio(class.candidate, now));
                    @if tall > 0.0 { rect.hist-candidate x=(short(x)) y=(short(HEIGHT - tall)) width=(short(width)) height=(short(tall)) {} }
                    @let tall = height(ratio(class.baseline.unwrap_or(0), before.unwrap_or(0)));
                    @if tall > 0.0 { rect.hist-baseline x=(short(x)) y=(short(HEIGHT - tall)) width=(short(width)) height=(short(tall)) {} }
                }
                @for (value, class) in quantiles.into_iter().flatten() {
                    @if let Some(value) = value { line class=(class) x1=(short(at(value))) x2=(short(at(value))) y1="-4" y2=(short(HEIGHT)) {} }
                }
                line.hist-axis x1="0" x2="300" y1=(short(HEIGHT)) y2=(short(HEIGHT)) {}
            }
            div.hist-ends { span { (milliseconds(low)) } span { (milliseconds(high)) } }
            p.note { (words) }
        }
    }
}

/// `p95`, unless the policy judges another one.
pub(crate) fn quantile_name(evidence: &Evidence) -> String {
    format!("p{}", (1000.0 * judged_quantile(evidence)).round() / 10.0)
}

fn in_words(
    evidence: &Evidence,
    durations: &Durations,
    objective: Option<&Objective>,
    now: u64,
    before: Option<u64>,
) -> String {
    let requests = match before {
        Some(before) => format!("{now} passed, before {before}"),
        None => format!("{now} passed"),
    };
    let known = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), milliseconds);
    match objective {
        Some(it) => {
            let quantile = quantile_name(evidence);
            format!("{quantile} {}, before {}; {requests}", known(it.value), known(it.baseline))
        }
        None => {
            let longest = durations.classes.last().map_or(0.0, |class| class.to_ms);
            format!("all below {}; {requests}", milliseconds(longest))
        }
    }
}
