//! The interval of a difference, drawn on an axis that all rows of one unit share.
//!
//! ```text
//!         0     limit
//!  ───────┼───────┊──────
//!      ├──●──┤              nothing was shown
//!                ├──●──┤    it rose, and by as much as matters
//! ```

use crate::judge::evidence_gate::Objective;
use crate::report::html::bar::short;
use maud::{Markup, html};

/// From the lowest to the highest value that is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// The axis of all intervals of one unit; `None` when there is none to draw.
    pub(crate) fn of<'o>(objectives: impl IntoIterator<Item = &'o Objective>) -> Option<Self> {
        let mut axis: Option<Self> = None;
        for objective in objectives {
            let Some(interval) = objective.interval else { continue };
            for value in interval.into_iter().chain(limit(objective)).chain([0.0]).filter(|value| value.is_finite()) {
                let known = axis.get_or_insert(Self { low: value, high: value });
                *known = Self { low: known.low.min(value), high: known.high.max(value) };
            }
        }
        let room = |axis: Self| (axis.high - axis.low).max(f64::MIN_POSITIVE) * 0.04;
        axis.map(|axis| Self { low: axis.low - room(axis), high: axis.high + room(axis) })
    }

    /// The place of a value, 0 to 1000. Distances from zero are drawn by their roots: beside a rise by all requests, the
    /// width of an interval of a few percent would not be seen.
    fn at(self, value: f64) -> f64 {
        let root = |value: f64| value.signum() * value.abs().sqrt();
        let (low, high) = (root(self.low), root(self.high));
        (1000.0 * (root(value) - low) / (high - low)).clamp(0.0, 1000.0)
    }
}

/// From which difference on a rise is relevant.
fn limit(objective: &Objective) -> Option<f64> {
    Some(objective.limit? - objective.baseline?)
}

/// One row of the plot. The numbers of the interval stand in a cell beside it.
pub(crate) fn plot(objective: &Objective, axis: Option<Axis>) -> Markup {
    let (Some([low, high]), Some(axis)) = (objective.interval, axis) else { return html! { "–" } };
    let middle = match (objective.value, objective.baseline) {
        (Some(value), Some(baseline)) => value - baseline,
        _ => f64::midpoint(low, high),
    };
    let kind = match objective.result.as_str() {
        "fail" => "plot-fail",
        "warn" => "plot-warn",
        _ => "plot-calm",
    };
    let (low, high, middle, zero) = (axis.at(low), axis.at(high), axis.at(middle), axis.at(0.0));
    html! {
        svg.plot viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            line.plot-zero x1=(short(zero)) x2=(short(zero)) y1="0" y2="100" {}
            @if let Some(limit) = limit(objective) {
                @let limit = axis.at(limit);
                line.plot-limit x1=(short(limit)) x2=(short(limit)) y1="0" y2="100" {}
            }
            g class=(kind) {
                rect.plot-interval x=(short(low)) width=(short((high - low).max(6.0))) y="38" height="24" {}
                rect.plot-value x=(short(middle - 7.0)) width="14" y="20" height="60" {}
            }
        }
    }
}
