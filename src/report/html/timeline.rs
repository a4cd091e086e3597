//! Requests, failures and changes on one axis of time. A long time without requests between the windows is cut short, and
//! drawn as cut.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_pictures::{Moment, Timeline};
use crate::judge::wording::count;
use crate::report::html::bar::{ratio, short};
use crate::report::html::first_screen::change;
use crate::report::html::text::name;
use maud::{Markup, html};

const WIDTH: f64 = 1000.0;
/// Where bars stand on, and how tall the tallest is.
const FLOOR: f64 = 130.0;
const TALLEST: f64 = 104.0;
/// How wide a cut in the axis is, and a gap longer than which part of the axis is cut.
const CUT: f64 = 60.0;
const LONG: f64 = 0.3;
/// How many changes are marked.
const MARKS: usize = 9;

/// Where times lie on the drawing.
#[derive(Clone, Copy, Debug)]
struct Axis {
    end: f64,
    /// From when to when nothing happened that is drawn.
    cut: Option<(f64, f64)>,
}

impl Axis {
    fn of(timeline: &Timeline) -> Self {
        let ends = timeline.baseline.iter().chain(&timeline.candidate).map(|moment| moment.after_ms);
        let end = in_f64(ends.max().unwrap_or(0).saturating_add(timeline.step_ms));
        let before = timeline.baseline.iter().map(|moment| moment.after_ms).max();
        let after = timeline.candidate.iter().map(|moment| moment.after_ms).min();
        let gap =
            before.zip(after).map(|(before, after)| (in_f64(before.saturating_add(timeline.step_ms)), in_f64(after)));
        Self { end, cut: gap.filter(|(from, to)| to - from > LONG * end) }
    }

    fn at(self, ms: f64) -> f64 {
        let Some((from, to)) = self.cut else { return (WIDTH * ms / self.end).clamp(0.0, WIDTH) };
        let rest = (self.end - (to - from)).max(f64::MIN_POSITIVE);
        let scale = (WIDTH - CUT) / rest;
        let place = match ms {
            ms if ms <= from => ms * scale,
            ms if ms < to => from * scale + CUT * (ms - from) / (to - from),
            ms => (ms - (to - from)) * scale + CUT,
        };
        place.clamp(0.0, WIDTH)
    }
}

fn in_f64(ms: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for a drawing of a thousand units")]
    let ms = ms as f64;
    ms
}

/// The timeline; nothing without requests.
pub(crate) fn timeline(evidence: &Evidence) -> Option<Markup> {
    let timeline = evidence.pictures.timeline.as_ref()?;
    let axis = Axis::of(timeline);
    let all = || timeline.baseline.iter().chain(&timeline.candidate);
    let most = all().map(|moment| moment.requests).max()?;
    let bar = |moment: &Moment| {
        let (from, to) = (in_f64(moment.after_ms), in_f64(moment.after_ms.saturating_add(timeline.step_ms)));
        let (x, width) = (axis.at(from), (axis.at(to) - axis.at(from) - 0.6).max(0.8));
        let tall = TALLEST * ratio(moment.requests, most);
        let failed = TALLEST * ratio(moment.failing, most);
        html! {
            rect.time-requests x=(short(x)) width=(short(width)) y=(short(FLOOR - tall)) height=(short(tall)) {}
            @if failed > 0.0 { rect.time-failing x=(short(x)) width=(short(width)) y=(short(FLOOR - failed)) height=(short(failed)) {} }
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "for a drawing of a thousand units")]
    let marks: Vec<(usize, f64)> =
        timeline.changes.iter().take(MARKS).enumerate().map(|(at, mark)| (at, axis.at(mark.after_ms as f64))).collect();
    Some(html! {
        section #timeline aria-labelledby="timeline-title" {
            h2 #timeline-title { "Timeline" }
            p.intro { "Requests at all entry points, " span.key-failing { "those that failed" } " below. One bar is " (step(timeline.step_ms)) "; the tallest has " (count(most, "request")) "." }
            div.scroll role="region" aria-label="Timeline" tabindex="0" {
                svg.timeline viewBox="0 0 1000 176" role="img" aria-label=(in_words(evidence, timeline)) {
                    @for moment in all() { (bar(moment)) }
                    line.time-axis x1="0" x2="1000" y1=(short(FLOOR)) y2=(short(FLOOR)) {}
                    @if let Some((from, to)) = axis.cut {
                        @let (from, to) = (axis.at(from), axis.at(to));
                        rect.time-cut x=(short(from + 8.0)) width=(short(to - from - 16.0)) y=(short(FLOOR - 3.0)) height="6" {}
                    }
                    @for (number, x) in &marks {
                        line.time-change x1=(short(*x)) x2=(short(*x)) y1="18" y2=(short(FLOOR)) {}
                        text.time-number x=(short(x.clamp(8.0, WIDTH - 8.0))) y="13" text-anchor="middle" { (number + 1) }
                    }
                    (labels(evidence, timeline, axis))
                }
            }
            @if !marks.is_empty() {
                ol.changes { @for mark in timeline.changes.iter().take(MARKS) { li { (changed(evidence, &mark.reference)) } } }
            }
        }
    })
}

/// Name and times of each window below its bars.
fn labels(evidence: &Evidence, timeline: &Timeline, axis: Axis) -> Markup {
    let windows = [
        ("baseline", &timeline.baseline, evidence.windows.baseline.as_ref()),
        ("candidate", &timeline.candidate, Some(&evidence.windows.candidate)),
    ];
    html! {
        @for (title, moments, window) in windows {
            @if let (Some(first), Some(last), Some(window)) = (moments.first(), moments.last(), window) {
                @let (from, to) = (axis.at(in_f64(first.after_ms)), axis.at(in_f64(last.after_ms.saturating_add(timeline.step_ms))));
                line.time-window x1=(short(from)) x2=(short(to)) y1=(short(FLOOR + 8.0)) y2=(short(FLOOR + 8.0)) {}
                text.time-label x=(short(from)) y=(short(FLOOR + 24.0)) { (if evidence.windows.baseline.is_some() { title } else { "capture" }) }
                text.time-when x=(short(from)) y=(short(FLOOR + 40.0)) { (clock(window.start.as_deref())) "–" (clock(window.end.as_deref())) " UTC" }
            }
        }
    }
}

/// `02:06:39`, of a time in RFC 3339.
fn clock(time: Option<&str>) -> String {
    time.and_then(|time| time.get(11..19)).map_or_else(|| "?".to_owned(), name)
}

fn step(ms: u64) -> String {
    match ms {
        ms if ms % 86_400_000 == 0 => count(ms / 86_400_000, "day"),
        ms if ms % 3_600_000 == 0 => count(ms / 3_600_000, "hour"),
        ms if ms % 60_000 == 0 => count(ms / 60_000, "minute"),
        ms if ms % 1000 == 0 => count(ms / 1000, "second"),
        ms => format!("{ms} ms"),
    }
}

fn changed(evidence: &Evidence, reference: &str) -> Markup {
    let place = reference.strip_prefix("/changes/").and_then(|place| place.parse::<usize>().ok());
    html! { @if let Some(it) = place.and_then(|place| evidence.changes.get(place)) { (change(it)) } }
}

fn in_words(evidence: &Evidence, timeline: &Timeline) -> String {
    let sum = |moments: &[Moment]| {
        let of = |count: fn(&Moment) -> u64| moments.iter().map(count).fold(0, u64::saturating_add);
        format!("{}, of which {} failed", count(of(|it| it.requests), "request"), of(|it| it.failing))
    };
    let now = sum(&timeline.candidate);
    match evidence.windows.baseline {
        Some(_) => {
            format!("Baseline: {}. Candidate: {now}. Changes: {}.", sum(&timeline.baseline), timeline.changes.len())
        }
        None => format!("{now}."),
    }
}
