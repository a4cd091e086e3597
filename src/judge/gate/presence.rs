//! What has too little data to be judged, or none: never silently "go".

use crate::facts::cause::OperationName;
use crate::facts::entry_facts::EntryFacts;
use crate::facts::told_apart::is_several;
use crate::judge::gate::decision::{About, Found, ManyFound};
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::gate::words::place;
use crate::judge::policy::Policy;
use crate::judge::quality::quality;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;
use crate::judge::wording::{count, percent};
use crate::ordered::map::OrderedMap;

/// How many entry points a finding about several names.
const NAMED: usize = 5;

/// What keeps the windows as a whole from being compared.
pub(crate) fn of_windows(sides: &Sides<'_>, policy: &Policy) -> Vec<Found> {
    let mut found = Vec::new();
    let mut tell = |rule: Rule, sentence: String| found.push(Found::new(rule, policy.level(rule), sentence));
    if sides.baseline.spans == 0 {
        tell(Rule::BaselineEmpty, "The baseline holds no span: there is nothing to compare with.".to_owned());
    }
    if sides.candidate.spans == 0 {
        tell(Rule::CandidateEmpty, "The candidate holds no span: nothing is known of the change.".to_owned());
    }
    let one_input = std::ptr::eq(sides.baseline_input, sides.candidate_input);
    let windows =
        [("baseline", sides.baseline, sides.baseline_input), ("candidate", sides.candidate, sides.candidate_input)];
    for (name, facts, input) in windows {
        if input.broken_inputs > 0 && !(one_input && name == "baseline") {
            let whose = if one_input { String::new() } else { format!(" of the {name}") };
            let first = input.messages.first().map(|message| format!(" First: {message}")).unwrap_or_default();
            tell(
                Rule::InputBroken,
                format!("{}{whose} could not be read, or not to the end.{first}", count(input.broken_inputs, "input")),
            );
        }
        if facts.spans > 0 && quality(facts, input).grade == "D" {
            tell(
                Rule::DataQuality,
                format!(
                    "The telemetry of the {name} is so incomplete that no conclusion is safe: whyspan doctor says why."
                ),
            );
        }
    }
    found
}

/// Entry points that are on one side only.
pub(crate) fn of_entry_points(sides: &Sides<'_>, error_rates: &[RateComparison], policy: &Policy) -> Vec<Found> {
    if sides.baseline.spans == 0 || sides.candidate.spans == 0 {
        return Vec::new();
    }
    let mut found = ManyFound::default();
    let requests = sides.requests();
    let share_of_alpha = share_of_alpha(sides, requests, policy);
    let senders = Senders::of(sides, error_rates, policy);
    for (name, before) in &sides.baseline.entries {
        if sides.requests_at(name).0 == 0 {
            let by_chance = chance_of_none(before, requests) > share_of_alpha;
            add_missing(&mut found, name, before, &senders, by_chance, policy);
        }
    }
    for (name, entry) in &sides.candidate.entries {
        if sides.requests_at(name).1 == 0 {
            found.add(Rule::NewEntryPoint, policy.level(Rule::NewEntryPoint), None, || {
                format!(
                    "{} has requests in the candidate only: {}, of which {} failed; there is nothing to compare them with.",
                    place(name),
                    count(entry.total, "request"),
                    entry.failed
                )
            });
        }
    }
    found.into_found()
}

/// The chance that none of the candidate's requests is for an entry point if it is asked for as often as before; of all
/// requests of the candidate and of the baseline.
fn chance_of_none(before: &EntryFacts, (now, all_before): (u64, u64)) -> f64 {
    fisher::greater(Counts::new(before.total, all_before), Counts::new(0, now))
}

/// Alpha shared by all entry points that could have been missed (Bonferroni; Tarone 1990): of hundreds of rare ones some have no
/// request in any window.
fn share_of_alpha(sides: &Sides<'_>, requests: (u64, u64), policy: &Policy) -> f64 {
    let could_be_missed = |before: &&EntryFacts| chance_of_none(before, requests) <= policy.alpha;
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let looked_at = sides.baseline.entries.values().filter(could_be_missed).count().max(1) as f64;
    policy.alpha / looked_at
}

/// An entry point of the baseline without a request in the candidate, which may be by chance or not.
fn add_missing(
    found: &mut ManyFound,
    name: &OperationName,
    before: &EntryFacts,
    senders: &Senders<'_>,
    by_chance: bool,
    policy: &Policy,
) {
    let told = || {
        let requests = count(before.total, "request");
        format!("{} had {requests} in the baseline and has none in the candidate", place(name))
    };
    if let Some(sender) = senders.whose_failures_explain(before, policy) {
        return found.add(Rule::EntryPointVanished, Level::Info, None, || {
            format!("{}: a consequence of the failures of {}, which sends its messages.", told(), place(sender))
        });
    }
    let (rule, doubt) = if by_chance {
        (Rule::EntryPointWithoutData, "so rare that this may be chance. It was not judged.")
    } else {
        (Rule::EntryPointVanished, "that is no chance. Either it was removed, or nobody asked.")
    };
    found.add(rule, policy.level(rule), None, || format!("{}: {doubt}", told()));
}

/// Who sends messages, for all consumers at once: there may be very many of both.
struct Senders<'s> {
    /// Messages that are sent now, and that were sent before.
    sent: (u64, u64),
    /// The first of those that sent some before and fail now.
    failing: Option<&'s OperationName>,
}

impl<'s> Senders<'s> {
    fn of(sides: &Sides<'s>, error_rates: &[RateComparison], policy: &Policy) -> Self {
        let sent =
            |entries: &OrderedMap<OperationName, EntryFacts>| -> u64 { entries.values().map(|entry| entry.sent).sum() };
        // Both are in the order of names.
        let rate_of = |name: &OperationName| {
            let place = error_rates.binary_search_by(|rate| rate.at.cmp(name)).ok()?;
            error_rates.get(place)
        };
        let fails = |name: &OperationName| rate_of(name).is_some_and(|rate| rate.rose(policy));
        let failing =
            |(name, entry): (&'s OperationName, &'s EntryFacts)| (entry.sent > 0 && fails(name)).then_some(name);
        Self {
            sent: (sent(&sides.candidate.entries), sent(&sides.baseline.entries)),
            failing: sides.baseline.entries.iter().find_map(failing),
        }
    }

    /// The sender of messages whose failures explain that none arrive: of a consumer that has nothing to do although those who
    /// still send messages send as ever, nobody's.
    fn whose_failures_explain(&self, consumer: &EntryFacts, policy: &Policy) -> Option<&'s OperationName> {
        let sender = self.failing.filter(|_| consumer.takes_messages)?;
        let (now, before) = self.sent;
        let still_sent = fisher::greater(Counts::new(consumer.total, before), Counts::new(0, now)) <= policy.alpha;
        (!still_sent).then_some(sender)
    }
}

/// Whether a total failure could not be told from chance even if nothing had failed before.
fn has_too_few(rate: &RateComparison, share_of_alpha: f64) -> bool {
    let (now, before) = (rate.candidate.trials, rate.baseline.trials);
    fisher::greater(Counts::new(now, now), Counts::new(0, before)) > share_of_alpha
}

/// Entry points of which even a total failure could not be told from chance.
pub(crate) fn too_few(
    sides: &Sides<'_>,
    error_rates: &[RateComparison],
    share_of_alpha: f64,
    policy: &Policy,
) -> Option<Found> {
    if sides.baseline.spans == 0 || sides.candidate.spans == 0 {
        return None;
    }
    let undecided: Vec<usize> =
        (0..error_rates.len()).filter(|&place| has_too_few(&error_rates[place], share_of_alpha)).collect();
    // Of what is gone, or is not told apart from others, nothing is known either.
    let unknown = |name: &OperationName| sides.requests_at(name).0 == 0 || is_several(name);
    let not_compared: u64 =
        sides.baseline.entries.iter().filter(|(name, _)| unknown(name)).map(|(_, entry)| entry.total).sum();
    let few: u64 = undecided.iter().map(|&place| error_rates[place].baseline.trials).sum();
    let (_, all) = sides.requests();
    let nothing_compared = error_rates.is_empty();
    if undecided.is_empty() && !nothing_compared {
        return None;
    }
    let alone = undecided.iter().map(|&place| &error_rates[place]).filter(|rate| !is_several(&rate.at));
    let undecided_requests = not_compared + alone.map(|rate| rate.baseline.trials).sum::<u64>();
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    let share = undecided_requests as f64 / all.max(1) as f64;
    let decides = nothing_compared || share > policy.undecided_share;
    let level = policy.level(Rule::TooFewRequests);
    let level = if decides { level } else { level.max(Level::Warn) };
    let named: Vec<String> = undecided.iter().take(NAMED).map(|&place_| place(&error_rates[place_].at)).collect();
    let more = undecided.len().saturating_sub(NAMED);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let sentence = if nothing_compared {
        "No entry point has requests on both sides: nothing could be compared.".to_owned()
    } else {
        format!(
            "So few requests that even if all failed it could be chance: {}{and_more} ({} of the baseline's requests).",
            named.join(", "),
            percent(few, all)
        )
    };
    Some(Found::new(Rule::TooFewRequests, level, sentence).about(undecided.into_iter().map(About::Objective)))
}
