//! What is wrong with the trees: spans that are missing, told twice, or out of time.

use crate::facts::telemetry::{ServiceTelemetry, SkewFacts};
use crate::judge::checkup::Finding;
use crate::judge::evidence::Severity;
use crate::judge::examined::{Examined, some_of};
use crate::judge::lack::Lack;
use crate::judge::quality::grade;
use crate::judge::tally::Tally;
use crate::model::defect::Defect;
use crate::shared_sort::SharedSort;

/// Missing callers, parents and roots; what was exported twice or names the wrong parent; clocks.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let mut found = missing(examined).to_vec();
    found.extend(odd(examined));
    found.extend(clocks(examined));
    found
}

fn missing(examined: &Examined<'_>) -> [Option<Finding>; 3] {
    let facts = examined.telemetry;
    let severity = match grade(examined.window.spans, examined.window.defects.count(Defect::Orphan), false, true) {
        "D" => Severity::Fail,
        "C" => Severity::Warn,
        _ => Severity::Info,
    };
    let callers = Tally::of_services(facts, |service| service.orphan_requests, |service| service.requests)
        .with_notes(|name| Some(known_callers(facts.services.get(name)?)));
    let parents = Tally::of_services(facts, |service| service.orphan_spans, |service| service.spans);
    let roots = Tally::of_all(facts.traces.without_root, Some(facts.traces.all));
    let told = [
        callers.sentence("request", "[names|name] a caller that is not in the input."),
        parents.sentence("span", "[runs|run] within a service below a span that is not in the input."),
        roots.sentence("trace", "[has|have] no root: what began [it|them] is not in the input."),
    ];
    let [of_callers, of_parents, of_roots] = told;
    [
        callers.finding(Lack::CallerMissing, severity, of_callers),
        parents.finding(Lack::ParentMissing, severity, of_parents),
        roots.finding(Lack::RootMissing, severity, of_roots),
    ]
}

/// Who calls a service where its callers are in the input: likely those that are missing elsewhere.
fn known_callers(service: &ServiceTelemetry) -> String {
    if service.callers.is_empty() {
        return "nobody in the input calls it".to_owned();
    }
    let mut callers: Vec<(&String, u64)> = service.callers.iter().map(|(name, &calls)| (name, calls)).collect();
    callers.shared_sort_by_key(|&(name, calls)| (std::cmp::Reverse(calls), name));
    let names: Vec<String> = callers.into_iter().map(|(name, _)| name.clone()).collect();
    format!("elsewhere called by {}", some_of(&names))
}

fn odd<'f>(examined: &'f Examined<'_>) -> impl Iterator<Item = Option<Finding>> + use<'f> {
    const ODD: [(Lack, Defect, Severity); 6] = [
        (Lack::DuplicateSpan, Defect::DuplicateSpan, Severity::Info),
        (Lack::SharedId, Defect::SharedId, Severity::Info),
        (Lack::IdConflict, Defect::IdConflict, Severity::Warn),
        (Lack::SelfParent, Defect::SelfParent, Severity::Warn),
        (Lack::Cycle, Defect::Cycle, Severity::Warn),
        (Lack::NegativeDuration, Defect::NegativeDuration, Severity::Warn),
    ];
    ODD.into_iter().map(|(lack, defect, severity)| {
        let tally = Tally::by_service(examined.telemetry, |service| service.defects.count(defect));
        tally.finding(lack, severity, examined.told(defect.code()))
    })
}

fn clocks(examined: &Examined<'_>) -> [Option<Finding>; 2] {
    let of = |lack: Lack, defect: Defect, severity: Severity, part: fn(&SkewFacts) -> u64| {
        let count = |service: &ServiceTelemetry| service.defects.count(defect);
        let tally = Tally::of_services(examined.telemetry, count, |service| service.server_spans);
        let note = |name: &str| {
            let skews = examined.telemetry.skews.iter().filter(|((callee, _), skew)| callee == name && part(skew) > 0);
            let told: Vec<String> = skews.map(|((_, caller), skew)| disagreement(caller, skew)).collect();
            Some(some_of(&told))
        };
        tally.with_notes(note).finding(lack, severity, examined.told(defect.code()))
    };
    [
        of(Lack::SkewCorrected, Defect::SkewCorrected, Severity::Info, |skew| skew.moved),
        of(Lack::SkewBeyondBound, Defect::SkewBeyondBound, Severity::Warn, |skew| skew.left),
    ]
}

/// `about 470 ms ahead of frontend, at most 1.2 s`.
fn disagreement(caller: &str, skew: &SkewFacts) -> String {
    let (median, most) = (duration(skew.distance.median()), duration(skew.distance.max()));
    let side = match (skew.ahead, skew.moved + skew.left) {
        (0, _) => "behind",
        (ahead, all) if ahead == all => "ahead of",
        _ => "ahead of or behind",
    };
    let most = if most == median { String::new() } else { format!(", at most {most}") };
    format!("about {median} {side} {caller}{most}")
}

/// Nanoseconds in the unit that suits them, with two digits or three.
fn duration(ns: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "µs"),
    ];
    let (unit, name) = UNITS.into_iter().find(|&(unit, _)| ns >= unit).unwrap_or((1, "ns"));
    let tenths = (u128::from(ns) * 10 + u128::from(unit) / 2) / u128::from(unit);
    if tenths < 100 && tenths % 10 > 0 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", (tenths + 5) / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_unit_that_suits_them() {
        for (ns, words) in [
            (470_000_000, "470 ms"),
            (1_240_000_000, "1.2 s"),
            (3_600_000_000_000, "1 h"),
            (90_000_000_000, "1.5 min"),
            (12_600, "13 µs"),
            (7, "7 ns"),
            (0, "0 ns"),
            (u64::MAX, "213504 d"),
        ] {
            assert_eq!(duration(ns), words);
        }
    }
}
