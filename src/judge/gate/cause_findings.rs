//! What the comparison of root causes says, one finding for each or for all of one operation.

use crate::judge::gate::causes::{CausePair, Change};
use crate::judge::gate::decision::{About, Found};
use crate::judge::gate::family::{Family, Outcome};
use crate::judge::gate::inner_failures::InnerFailures;
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::place;
use crate::judge::policy::Policy;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::power;
use crate::judge::wording::{self, count};
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use std::collections::HashMap;

/// How many findings of one rule are told one by one. More of them are faults whose words differ from trace to trace.
const TOLD: usize = 10;

/// The first findings of each rule as they are, and the others of it as one. Those that fail the gate all stay.
pub(crate) fn brief(found: Vec<Found>, rank_of: impl Fn(usize) -> usize) -> Vec<Found> {
    let mut told: HashMap<Rule, usize> = HashMap::new();
    let mut brief = Vec::new();
    let mut others: OrderedMap<Rule, (u64, Found)> = OrderedMap::new();
    for finding in found {
        let [About::Cause(_)] = finding.about[..] else {
            brief.push(finding);
            continue;
        };
        let number = told.entry(finding.rule).or_default();
        *number += 1;
        if *number <= TOLD || finding.level == Level::Fail {
            brief.push(finding);
            continue;
        }
        let rest = Found { about: Vec::new(), ..finding.clone() };
        let (count, rest) = others.entry(finding.rule).or_insert((0, rest));
        *count += 1;
        // The worst of them speaks for all.
        rest.level = rest.level.min(finding.level);
        rest.about.extend(finding.about);
    }
    for (rule, (number, mut rest)) in others {
        rest.about.shared_sort_by_key(|about| if let About::Cause(pair) = about { rank_of(*pair) } else { usize::MAX });
        rest.about.truncate(TOLD);
        rest.sentence = format!("{} of the same sort: see the root causes.", count(number, "more finding"));
        rest.rule = rule;
        brief.push(rest);
    }
    brief
}

/// The findings of faults that failed an entry point, and of the callers' own faults. `place_of` tells the trial of a pair.
pub(crate) fn of_pairs(
    pairs: &[CausePair<'_>],
    sides: &Sides<'_>,
    family: &Family,
    place_of: impl Fn(usize) -> Option<usize>,
    policy: &Policy,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let outcome = place_of(number).map_or(Outcome::NotShown, |place| family.outcome(place));
        if pair.is_client_fault() {
            found.extend(client_fault(pair, sides, policy).map(|finding| finding.about([About::Cause(number)])));
        } else if pair.is_fatal() {
            found.push(fatal(pair, sides, outcome, policy).about([About::Cause(number)]));
        } else if pair.change == Change::New && pair.inner.is_none() {
            found.push(without_comparison(pair, sides, policy).about([About::Cause(number)]));
        }
    }
    found
}

fn fatal(pair: &CausePair<'_>, sides: &Sides<'_>, outcome: Outcome, policy: &Policy) -> Found {
    let was_fatal = pair.baseline.is_some_and(|facts| facts.fatal > 0);
    let rule = if was_fatal { Rule::WorseRootCause } else { Rule::NewRootCause };
    let fault = fault(pair, sides);
    let counts = pair.fatal.as_ref().map(|rate| format!("{} at {}", rate.words(), place(&rate.at)));
    let counts = counts.unwrap_or_else(|| "no entry point that it failed has requests on both sides".to_owned());
    let now_fatal = pair.candidate.map_or(0, |facts| facts.fatal);
    match (outcome, pair.change) {
        (Outcome::Rose, _) => {
            let told = if was_fatal { "A fault fails more requests" } else { "A new fault fails requests" };
            Found::new(rule, policy.level(rule), format!("{told}: {fault}; {counts}."))
        }
        (Outcome::Suspected, _) => Found::new(
            rule,
            policy.level(rule).max(Level::Warn),
            format!("A fault may fail more requests: {fault}; {counts}. Among so many comparisons that may be chance."),
        ),
        (Outcome::NotShown, Change::Better | Change::Gone) => {
            let told = if pair.change == Change::Gone { "A fault is gone" } else { "A fault fails fewer requests" };
            Found::new(
                Rule::BetterRootCause,
                policy.level(Rule::BetterRootCause),
                format!("{told}: {fault}; {counts}."),
            )
        }
        (Outcome::NotShown, Change::Worse) if was_fatal => Found::new(
            Rule::RareRootCause,
            policy.level(Rule::RareRootCause),
            format!(
                "A fault that was there before may fail more requests: {fault}; {counts}.{}",
                pair.fatal.as_ref().map(|rate| why_not(rate, policy)).unwrap_or_default()
            ),
        ),
        (Outcome::NotShown, _) if was_fatal || now_fatal == 0 => Found::new(
            Rule::SameRootCause,
            policy.level(Rule::SameRootCause),
            format!("A fault was there before at about the same rate: {fault}; {counts}."),
        ),
        (Outcome::NotShown, _) => {
            let sentence = format!(
                "A fault was seen only in the candidate, in {}: {fault}; {counts}.{}",
                count(now_fatal, "failing trace"),
                pair.fatal.as_ref().map(|rate| why_not(rate, policy)).unwrap_or_default()
            );
            Found::new(Rule::RareRootCause, policy.level(Rule::RareRootCause), sentence)
        }
    }
}

/// A failure that callers got over, of an operation that nobody asked for before, or of one of which that is not known: new, and
/// nothing to compare it with.
fn without_comparison(pair: &CausePair<'_>, sides: &Sides<'_>, policy: &Policy) -> Found {
    let traces = count(pair.candidate.map_or(0, |facts| facts.traces), "trace");
    let fault = fault(pair, sides);
    let sentence = if pair.began_where_requests_are_counted(sides) {
        format!(
            "A failure that no entry point shows is new, and so is what fails: {fault}; in {traces}, with no request before to \
             compare with."
        )
    } else {
        format!(
            "A failure that no entry point shows is new: {fault}; in {traces}. How often what fails was asked for is not known: \
             operations are too many to be told apart."
        )
    };
    Found::new(Rule::RareRootCause, policy.level(Rule::RareRootCause), sentence)
}

/// Why a rise is not held to be one, and what would settle it.
fn why_not(rate: &RateComparison, policy: &Policy) -> String {
    if rate.p <= policy.alpha && rate.rose_relevantly(policy) {
        return format!(" Fewer than {} never fail a gate.", count(policy.least_failures, "failure"));
    }
    if rate.p <= policy.alpha {
        return " That is no chance, but rarer than what matters by this policy.".to_owned();
    }
    match power::requests_to_settle(rate.candidate, rate.baseline, policy.alpha) {
        Some(needed) => format!(" Too rare to be sure: at this rate some {needed} requests on each side would tell."),
        None => " Too rare to be sure.".to_owned(),
    }
}

fn client_fault(pair: &CausePair<'_>, sides: &Sides<'_>, policy: &Policy) -> Option<Found> {
    let rate = pair.inner.as_ref().filter(|rate| rate.rose(policy))?;
    let sentence =
        format!("Callers are refused more often: {}; {} at {}.", fault(pair, sides), rate.words(), place(&rate.at));
    Some(Found::new(Rule::ClientFaults, policy.level(Rule::ClientFaults), sentence))
}

/// The findings of failures that no entry point shows; `first` is the place of their first trial.
pub(crate) fn of_inner_failures(
    inner: &[InnerFailures],
    pairs: &[CausePair<'_>],
    sides: &Sides<'_>,
    family: &Family,
    first: usize,
    policy: &Policy,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, failures) in inner.iter().enumerate() {
        let outcome = family.outcome(first + number);
        let causes = failures.pairs.iter().map(|&pair| About::Cause(pair));
        if outcome == Outcome::NotShown {
            found.extend(not_risen(failures, pairs, sides, policy));
            continue;
        }
        let rule = failures.rule();
        let level = policy.level(rule);
        let (level, doubt) = match outcome {
            Outcome::Rose => (level, ""),
            _ => (level.max(Level::Warn), " Among so many comparisons that may be chance."),
        };
        let rate = &failures.rate;
        let first = failures.pairs.first().map(|&pair| fault(&pairs[pair], sides)).unwrap_or_default();
        let others = match failures.pairs.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(" (and {})", count(more as u64, "other fault")),
        };
        let (told, reached) = match rule {
            Rule::Retries => ("More calls need a second attempt", "at"),
            Rule::ToleratedFailures => ("More calls fail and are tolerated", "at"),
            Rule::LoggedException => ("An exception is logged more often", "at"),
            _ => ("An operation fails although its callers get over it", "for"),
        };
        let sentence = format!("{told}: {first}{others}; {} {reached} {}.{doubt}", rate.words(), place(&rate.at));
        found.push(Found::new(rule, level, sentence).about(causes));
    }
    found
}

fn not_risen<'p>(
    failures: &'p InnerFailures,
    pairs: &'p [CausePair<'_>],
    sides: &'p Sides<'_>,
    policy: &'p Policy,
) -> impl Iterator<Item = Found> + 'p {
    failures.pairs.iter().filter(|&&number| !pairs[number].is_fatal()).map(move |&number| {
        let pair = &pairs[number];
        let fault = fault(pair, sides);
        let counts =
            pair.inner.as_ref().map_or(String::new(), |rate| format!("; {} at {}", rate.words(), place(&rate.at)));
        let (rule, told) = match pair.change {
            Change::New | Change::Worse => {
                (Rule::RareRootCause, "A failure that no entry point shows is new or more frequent")
            }
            Change::Same => (Rule::SameRootCause, "A failure that no entry point shows was there before"),
            Change::Better | Change::Gone => (Rule::BetterRootCause, "A failure that no entry point shows is rarer"),
        };
        Found::new(rule, policy.level(rule), format!("{told}: {fault}{counts}.")).about([About::Cause(number)])
    })
}

fn fault(pair: &CausePair<'_>, sides: &Sides<'_>) -> String {
    let Some(facts) = pair.facts() else { return String::new() };
    let answers = facts.sample.peer.as_deref().and_then(|peer| sides.who_answers(peer));
    wording::fault(facts, answers.map(|(service, _)| service))
}
