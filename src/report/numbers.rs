//! How reports write numbers.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_gate::Objective;

/// Which quantile of durations the policy judges, 0 to 1; without a policy the one of the built-in policy.
pub(crate) fn judged_quantile(evidence: &Evidence) -> f64 {
    evidence.policy.as_ref().map_or(0.95, |policy| policy.quantile)
}

/// `1 fail, 8 pass, 5 not judged`: how many objectives had which result.
pub(crate) fn objectives_in_short(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    for (result, words) in [
        ("fail", "fail"),
        ("warn", "warn"),
        ("not-judged", "not judged"),
        ("info", "for information"),
        ("pass", "pass"),
    ] {
        let number = evidence.objectives.iter().filter(|objective| objective.result == result).count();
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    parts.join(", ")
}

/// What is less rounds to nothing, and nothing has no sign.
const SHOWN: f64 = 0.005;

/// A ratio as a percentage: `0 %`, `0.34 %`, `21.3 %`, `100 %`.
pub(crate) fn percentage(ratio: f64) -> String {
    format!("{} %", points(ratio))
}

/// A difference of ratios in percentage points: `0.34`, `21.3`.
pub(crate) fn points(ratio: f64) -> String {
    let share = ratio * 100.0;
    match share.abs() {
        size if size == 0.0 || (share.round() - share).abs() < 0.05 && size >= 1.0 => format!("{share:.0}"),
        size if size < SHOWN => format!("{:.2}", 0.0),
        size if size < 1.0 => format!("{share:.2}"),
        _ => format!("{share:.1}"),
    }
}

/// Milliseconds with as many digits as they deserve: `404 ms`, `13.9 ms`, `12.3 s`.
pub(crate) fn milliseconds(ms: f64) -> String {
    match ms.abs() {
        size if size >= 10_000.0 => format!("{:.1} s", ms / 1e3),
        size if size >= 100.0 => format!("{ms:.0} ms"),
        size if size >= 10.0 => format!("{ms:.1} ms"),
        size if size < SHOWN => format!("{:.2} ms", 0.0),
        _ => format!("{ms:.2} ms"),
    }
}

/// A value of an objective in its unit; what is not known as a dash.
pub(crate) fn value(value: Option<f64>, objective: &Objective) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if objective.unit == "ratio" => percentage(value),
        Some(value) => milliseconds(value),
    }
}

/// The smallest rise that could have been seen.
pub(crate) fn smallest_rise(objective: &Objective) -> String {
    match objective.smallest_rise {
        // Of a share the rise is in percentage points.
        Some(rise) if objective.unit == "ratio" => format!("{} percentage points", points(rise)),
        rise => value(rise, objective),
    }
}

/// The interval of a difference: `+95.9 to +100 percentage points`, `-12.3 to -0.17 ms`.
pub(crate) fn interval(objective: &Objective) -> Option<String> {
    let [low, high] = objective.interval?;
    Some(if objective.unit == "ratio" {
        // Of a share the difference is in percentage points.
        format!("{} to {} percentage points", signed(low * 100.0), signed(high * 100.0))
    } else {
        format!("{} to {} ms", signed(low), signed(high))
    })
}

fn signed(number: f64) -> String {
    match number.abs() {
        size if size < SHOWN => "0".to_owned(),
        size if size >= 100.0 => format!("{number:+.0}"),
        size if size >= 10.0 => format!("{number:+.1}"),
        _ => format!("{number:+.2}"),
    }
}

/// A chance: `0.032`, `9.6e-77`.
pub(crate) fn chance(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p > 0.0 && p < 0.001 => format!("{p:.1e}"),
        Some(p) => format!("{p:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_deserve() {
        let shares = [0.0, 0.0034, 0.09, 0.212_758, 1.0, -0.067_582].map(percentage).join(", ");
        assert_eq!(shares, "0 %, 0.34 %, 9 %, 21.3 %, 100 %, -6.8 %");
        assert_eq!([404.46, 13.94, 1.5, 12_345.0].map(milliseconds).join(", "), "404 ms, 13.9 ms, 1.50 ms, 12.3 s");
        assert_eq!([-0.004, -0.006].map(milliseconds).join(", "), "0.00 ms, -0.01 ms");
        assert_eq!([-0.000_04, 0.000_04, -0.000_06].map(percentage).join(", "), "0.00 %, 0.00 %, -0.01 %");
        assert_eq!([0.95893 * 100.0, 100.0, -0.167, 0.0].map(signed).join(", "), "+95.9, +100, -0.17, 0");
        assert_eq!([None, Some(0.0), Some(0.5), Some(9.56e-77)].map(chance).join(", "), "–, 0.000, 0.500, 9.6e-77");
    }
}
