//! A candidate judged against a baseline: everything that the gate finds, as evidence.

use crate::facts::cause::OperationName;
use crate::facts::same_callees::SameCallees;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::window;
use crate::judge::evidence::{Change, Evidence, Finding, SCHEMA, Windows};
use crate::judge::evidence_gate::Verdict;
use crate::judge::findings::of_input;
use crate::judge::gate::causes::{CausePair, pairs};
use crate::judge::gate::contributions::explain;
use crate::judge::gate::decision::{About, Decision, Found, ManyFound};
use crate::judge::gate::durations::{self, DurationComparison};
use crate::judge::gate::error_rates::result;
use crate::judge::gate::family::{Family, Outcome, Trial};
use crate::judge::gate::inner_failures::{InnerFailures, inner_failures};
use crate::judge::gate::known_elsewhere::known_elsewhere;
use crate::judge::gate::objectives::Objectives;
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::shift::shifts;
use crate::judge::gate::sides::Sides;
use crate::judge::gate::site_pair::site_pairs;
use crate::judge::gate::{
    cause_findings, counterfactual, error_rates, information, mix, not_told_apart, presence, ranking, settling,
    shift_evidence, shift_findings,
};
use crate::judge::listed_hits::keep_hits;
use crate::judge::pictures::pictures;
use crate::judge::policy::Policy;
use crate::judge::quality::{hits_not_listed, objectives_not_listed, quality_of_both};
use crate::judge::redaction::Redaction;
use crate::judge::rule::{Level, Rule};
use crate::judge::services::{entry_points, services};
use crate::judge::suspects::actions::actions;
use crate::judge::suspects::changes::changes;
use crate::judge::suspects::{of_cause, told_changes};
use crate::judge::wording::count;
use crate::model::change_event::ChangeEvent;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Every comparison of a gate, and the place of its trial in the family.
struct Comparisons<'f> {
    pairs: Vec<CausePair<'f>>,
    error_rates: Vec<RateComparison>,
    durations: Vec<DurationComparison>,
    inner: Vec<InnerFailures>,
    trials: Vec<Trial>,
    trial_of_pair: HashMap<usize, usize>,
    trial_of_duration: HashMap<usize, usize>,
    first_inner: usize,
}

impl<'f> Comparisons<'f> {
    fn of(sides: &Sides<'f>, policy: &Policy) -> Self {
        let error_rates = error_rates::error_rates(sides);
        let durations = durations::durations(sides, policy);
        let pairs = pairs(sides, policy);
        let inner = inner_failures(&pairs, sides);
        // The trials of error rates come first: theirs have the places of their objectives.
        let mut trials: Vec<Trial> = error_rates.iter().map(|rate| error_rates::trial(rate, sides, policy)).collect();
        let mut trial_of_duration = HashMap::new();
        for (number, comparison) in durations.iter().enumerate() {
            if let Some(trial) = durations::trial(comparison, policy) {
                trial_of_duration.insert(number, trials.len());
                trials.push(trial);
            }
        }
        let mut trial_of_pair = HashMap::new();
        for (number, pair) in pairs.iter().enumerate().filter(|(_, pair)| !pair.is_client_fault()) {
            if let Some(trial) = pair.trial(policy) {
                trial_of_pair.insert(number, trials.len());
                trials.push(trial);
            }
        }
        let first_inner = trials.len();
        trials.extend(inner.iter().map(|failures| failures.trial(policy)));
        Self { pairs, error_rates, durations, inner, trials, trial_of_pair, trial_of_duration, first_inner }
    }

    /// How many there are of entry points: error rates first, then durations.
    fn of_entry_points(&self) -> usize {
        self.error_rates.len() + self.durations.len()
    }

    /// The rule of a comparison of an entry point, and which one that is.
    fn entry_point(&self, number: usize) -> Option<(Rule, &OperationName)> {
        match number.checked_sub(self.error_rates.len()) {
            None => self.error_rates.get(number).map(|rate| (Rule::ErrorRate, &rate.at)),
            Some(number) => self.durations.get(number).map(|durations| (Rule::Slower, &durations.at)),
        }
    }

    /// The level of the finding that a comparison of an entry point makes; `None` when it makes none.
    fn level(&self, number: usize, family: &Family, policy: &Policy) -> Option<Level> {
        let (rule, _) = self.entry_point(number)?;
        let trial = match number.checked_sub(self.error_rates.len()) {
            None => number,
            Some(number) => *self.trial_of_duration.get(&number)?,
        };
        match family.outcome(trial) {
            Outcome::Rose => Some(policy.level(rule)),
            Outcome::Suspected => Some(policy.level(rule).max(Level::Warn)),
            Outcome::NotShown => None,
        }
    }

    /// Those that rose go first, then those of entry points with most failures and requests.
    fn objectives(&self, family: &Family, sides: &Sides<'_>, policy: &Policy) -> Objectives {
        let matter = |number: usize| {
            let level = self.level(number, family, policy);
            let entry = self.entry_point(number).and_then(|(_, at)| sides.candidate.entries.get(at));
            let weight = entry.map(|entry| (entry.failed, entry.total));
            (level.is_none(), level, Reverse(weight))
        };
        let rates = self.error_rates.len();
        let objective = |number: usize| match number.checked_sub(rates) {
            None => error_rates::objective(&self.error_rates[number], number, family, policy),
            Some(number) => {
                let trial = self.trial_of_duration.get(&number).copied();
                durations::objective(&self.durations[number], trial, family, policy)
            }
        };
        Objectives::of(self.of_entry_points(), matter, objective)
    }

    /// The findings of comparisons that rose: those that have no objective are counted.
    fn of_objectives(
        &self,
        objectives: &Objectives,
        family: &Family,
        sides: &Sides<'_>,
        policy: &Policy,
    ) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut others = ManyFound::default();
        for number in 0..self.of_entry_points() {
            let Some(level) = self.level(number, family, policy) else { continue };
            let Some((rule, at)) = self.entry_point(number) else { continue };
            let about = About::Objective(number);
            if let Some(objective) = objectives.get(number) {
                found.push(Found::new(rule, level, objective.sentence.clone()).about([about]));
            } else if by_the_mix(rule, at, sides, policy).is_some() {
                others.count(Rule::MixShift, policy.level(Rule::MixShift), Some(about));
            } else {
                others.count(rule, level, Some(about));
            }
        }
        found.extend(others.into_found());
        found
    }
}

/// What explains that a comparison of an entry point rose, if that is the mix of its requests.
fn by_the_mix(rule: Rule, at: &OperationName, sides: &Sides<'_>, policy: &Policy) -> Option<String> {
    match rule {
        Rule::ErrorRate => mix::explains_failures(at, sides, policy),
        Rule::Slower => mix::explains_durations(at, sides, policy),
        _ => None,
    }
}

/// Judges the candidate against the baseline, and says which of the changes that were announced, or that the telemetry shows,
/// did it.
#[must_use]
pub fn judge(sides: &Sides<'_>, policy: &Policy, events: Vec<ChangeEvent>) -> Evidence {
    let same = SameCallees::of(&[sides.candidate, sides.baseline]);
    let (candidate, baseline) = (same.united(sides.candidate), same.united(sides.baseline));
    let candidate = WindowFacts::telling_apart(candidate, &baseline);
    let baseline = WindowFacts::telling_apart(baseline, &candidate);
    let sides = &Sides { candidate: &candidate, baseline: &baseline, ..*sides };
    let compared = Comparisons::of(sides, policy);
    let family = Family::of(&compared.trials, policy);
    let share_of_alpha = family.share_of_alpha(policy);
    let mut objectives = compared.objectives(&family, sides, policy);
    let mut found = presence::of_windows(sides, policy);
    let trial_of = |pair: usize| compared.trial_of_pair.get(&pair).copied();
    found.extend(cause_findings::of_pairs(&compared.pairs, sides, &family, trial_of, policy));
    found.extend(cause_findings::of_inner_failures(
        &compared.inner,
        &compared.pairs,
        sides,
        &family,
        compared.first_inner,
        policy,
    ));
    found.extend(compared.of_objectives(&objectives, &family, sides, policy));
    take_back_what_the_mix_explains(&mut found, &mut objectives, &compared, sides, policy);
    let places = site_pairs(sides);
    let mut shifts = shifts(&places, policy);
    let (first_duration, first_shift) = (compared.error_rates.len(), compared.pairs.len());
    let slower = shift_findings::slower_entries(&found, &compared.durations, first_duration);
    explain(&mut shifts, &places, &slower, sides);
    shift_findings::explain_slower(
        &mut found,
        &compared.durations,
        first_duration,
        &shifts,
        &places,
        first_shift,
        sides,
    );
    found.extend(shift_findings::of_shifts(&shifts, &places, first_shift, policy));
    found.extend(presence::of_entry_points(sides, &compared.error_rates, policy));
    found.extend(not_told_apart::of_entry_points(sides, &compared.pairs, policy));
    found.extend(not_told_apart::of_operations(sides, &compared.pairs, policy));
    found.extend(presence::too_few(sides, &compared.error_rates, share_of_alpha, policy));
    found.extend(information::traffic(sides, policy));
    let changed = changes(sides, events);
    found.extend(information::unseen_changes(&changed, policy));
    found.extend(information::no_passing_baseline(&compared.durations, compared.error_rates.len(), policy));

    let elsewhere = known_elsewhere(&compared.pairs, sides, policy);
    let order = ranking::order(&compared.pairs, &elsewhere, &shifts, policy);
    let rank_of: HashMap<usize, usize> = order.iter().enumerate().map(|(rank, &pair)| (pair, rank)).collect();
    let rank_of = |pair: usize| rank_of.get(&pair).copied().unwrap_or_default();
    // Stable: within a level, what is about the first root causes comes first.
    found.shared_sort_by_key(|found| {
        let first = found.about.iter().map(|about| match about {
            About::Cause(pair) => rank_of(*pair),
            About::Objective(_) | About::Change(_) => usize::MAX,
        });
        (found.level, first.min().unwrap_or(usize::MAX))
    });
    let mut found = cause_findings::brief(found, rank_of);
    found.shared_sort_by_key(|found| found.level);
    let decision = Decision::by(found.iter().map(|found| found.level));
    let without =
        counterfactual::without(&found, &compared.pairs, &compared.error_rates, share_of_alpha, policy, rank_of);
    let spelt_out = |(rank, &number): (u64, &usize)| match compared.pairs.get(number) {
        Some(pair) => ranking::spelt_out(rank, pair, elsewhere[number], sides),
        None => Some(shift_evidence::spelt_out(rank, &shifts[number - first_shift], &places, sides, policy)),
    };
    let mut root_causes: Vec<_> = (1..).zip(&order).filter_map(spelt_out).collect();
    of_cause::fill(&mut root_causes, sides, &changed, policy);
    let listed = |number: usize| objectives.place_of(number);
    let reasons: Vec<Finding> = found
        .iter()
        .filter(|found| Some(found.level) == decision.level())
        .map(|found| found.finding(rank_of, listed))
        .collect();
    let verdict = Verdict {
        decision: decision.as_str().to_owned(),
        summary: summary(decision, &found, sides),
        reasons,
        settle: if decision == Decision::Inconclusive { settling::settle(&found, share_of_alpha) } else { Vec::new() },
        actions: if decision == Decision::NoGo { actions(&root_causes) } else { Vec::new() },
        without,
    };
    let mut quality = quality_of_both(sides.candidate, sides.candidate_input, sides.baseline, sides.baseline_input);
    objectives_not_listed(&mut quality, objectives.left_out);
    hits_not_listed(&mut quality, keep_hits(&mut root_causes));
    let mut findings: Vec<Finding> = found.iter().map(|found| found.finding(rank_of, listed)).collect();
    findings.extend(of_input(&quality, sides.candidate_input, Some(sides.baseline_input)));
    let told: Vec<Change> = changed.iter().map(told_changes::told).collect();
    Evidence {
        schema: SCHEMA.to_owned(),
        command: "gate".to_owned(),
        verdict: Some(verdict),
        policy: Some(policy.clone()),
        findings,
        windows: Windows {
            baseline: Some(window(sides.baseline, sides.baseline_input)),
            candidate: window(sides.candidate, sides.candidate_input),
            settling: sides.settling,
        },
        pictures: pictures(sides.candidate, Some(sides.baseline), &root_causes, &told),
        root_causes,
        objectives: objectives.into_listed(),
        services: services(sides.candidate),
        entry_points: entry_points(sides.candidate, Some(sides.baseline)),
        changes: told,
        quality,
        redaction: Redaction::default(),
    }
}

/// Rises of an entry point that are none of any sort of its requests decide nothing: a shift in what is asked for is no
/// regression. New faults are never explained so.
fn take_back_what_the_mix_explains(
    found: &mut [Found],
    objectives: &mut Objectives,
    compared: &Comparisons<'_>,
    sides: &Sides<'_>,
    policy: &Policy,
) {
    for finding in found {
        let key = match (finding.rule, &finding.about[..]) {
            // Several are those that are only counted: what the mix explains is not among them.
            (rule, [About::Objective(number)]) => {
                let compared = compared.entry_point(*number).filter(|&(compared, _)| compared == rule);
                compared.and_then(|(rule, at)| by_the_mix(rule, at, sides, policy))
            }
            (Rule::WorseRootCause, [About::Cause(pair), ..]) => {
                let rate = compared.pairs.get(*pair).and_then(|pair| pair.fatal.as_ref());
                rate.and_then(|rate| mix::explains_failures(&rate.at, sides, policy))
            }
            _ => None,
        };
        if let Some(key) = key {
            if let Some(About::Objective(place)) = finding.about.first()
                && let Some(objective) = objectives.get_mut(*place)
            {
                objective.result = result(Outcome::Rose, true, policy.level(Rule::MixShift)).to_owned();
            }
            finding.rule = Rule::MixShift;
            finding.level = policy.level(Rule::MixShift);
            finding.sentence = format!(
                "{} That is by what is asked for ({key}): no sort of requests is worse by itself.",
                finding.sentence
            );
        }
    }
}

/// The decision in one sentence that can be forwarded as it is.
fn summary(decision: Decision, found: &[Found], sides: &Sides<'_>) -> String {
    let deciding: Vec<&Found> = found.iter().filter(|found| Some(found.level) == decision.level()).collect();
    let more = match deciding.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" ({})", count(more as u64, "more reason")),
    };
    let first = deciding.first().map_or("", |found| found.sentence.trim_end_matches('.'));
    let warnings = found.iter().filter(|found| found.level == Level::Warn).count() as u64;
    match decision {
        Decision::NoGo => format!("No-go: {}{more}.", decapitalised(first)),
        Decision::Inconclusive => format!("Inconclusive: {}{more}.", decapitalised(first)),
        Decision::Go => {
            let told =
                if warnings > 0 { format!(" {} to look at.", count(warnings, "warning")) } else { String::new() };
            let (now, before) = sides.requests();
            format!(
                "Go: no failure that is new or worse and no slowdown, beyond chance, in {} against {} before.{told}",
                count(now, "request"),
                count(before, "request")
            )
        }
    }
}

fn decapitalised(sentence: &str) -> String {
    // Only the words of the findings themselves: the name of an operation keeps its letters.
    const OURS: [&str; 8] = ["A ", "An ", "Entry points ", "More ", "Operations ", "The ", "So ", "No "];
    if !OURS.iter().any(|word| sentence.starts_with(word)) {
        return sentence.to_owned();
    }
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
