//! The same fault on both sides: matched by its signature, compared by how many requests it failed.

use crate::facts::cause::{CauseFacts, EffectRank, OperationName};
use crate::facts::entry_counts::EntryCounts;
use crate::facts::window::WindowFacts;
use crate::judge::gate::family::Trial;
use crate::judge::gate::rate::RateComparison;
use crate::judge::gate::sides::Sides;
use crate::judge::policy::Policy;
use crate::judge::rule::Rule;
use crate::judge::statistics::counts::Counts;
use crate::ordered::set::OrderedSet;

/// What became of a fault between baseline and candidate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Change {
    /// It was not there before.
    New,
    /// It is significantly and relevantly more frequent.
    Worse,
    /// It is there about as often.
    Same,
    /// It is significantly and relevantly rarer.
    Better,
    /// It is not there any more.
    Gone,
}

impl Change {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Better => "better",
            Self::Gone => "gone",
        }
    }
}

/// How an absorbed or unnoticed failure ended, which says what a rise of it means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Sort {
    /// An operation failed, or a service of the system could not be reached, and the caller got over it.
    Absorbed,
    /// A later attempt went well.
    Retried,
    /// A call failed and the service that made it got over that.
    Tolerated,
    /// Only a log record tells of it.
    Logged,
}

impl Sort {
    /// The rule by which a rise of such failures is judged.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Self::Absorbed => Rule::AbsorbedFailure,
            Self::Retried => Rule::Retries,
            Self::Tolerated => Rule::ToleratedFailures,
            Self::Logged => Rule::LoggedException,
        }
    }
}

/// One fault on both sides.
#[derive(Clone, Debug)]
pub(crate) struct CausePair<'f> {
    pub(crate) signature: &'f str,
    pub(crate) candidate: Option<&'f CauseFacts>,
    pub(crate) baseline: Option<&'f CauseFacts>,
    pub(crate) change: Change,
    /// The entry point at which the rise shows most; `None` where no failed entry point has requests on both sides.
    pub(crate) fatal: Option<RateComparison>,
    /// `p` of the rise of requests that it failed, corrected for the entry points that were looked at.
    pub(crate) p: Option<f64>,
    attainable: f64,
    /// Its share of the operation's requests, for a fault that failed no entry point.
    pub(crate) inner: Option<RateComparison>,
}

impl<'f> CausePair<'f> {
    /// The facts to show: the candidate's, else the baseline's.
    pub(crate) fn facts(&self) -> Option<&'f CauseFacts> {
        self.candidate.or(self.baseline)
    }

    /// Whether its caller is to blame.
    pub(crate) fn is_client_fault(&self) -> bool {
        self.facts().is_some_and(|facts| facts.sample.client_fault)
    }

    /// Whether it failed an entry point on either side.
    pub(crate) fn is_fatal(&self) -> bool {
        [self.candidate, self.baseline].into_iter().flatten().any(|facts| facts.fatal > 0)
    }

    /// How those of its failures ended that failed no entry point; `None` for the callers' own faults and for a fault that
    /// failed one each time.
    pub(crate) fn sort(&self, sides: &Sides<'_>) -> Option<Sort> {
        let facts = self.facts().filter(|facts| !facts.sample.client_fault)?;
        if facts.absorbed == 0 {
            return (facts.sample.exemplar.rank == EffectRank::Nothing).then_some(Sort::Logged);
        }
        let more_than_half = |count: u64| 2 * count > facts.absorbed;
        let service_is_gone = || {
            // Whoever answers such calls is a service of the system, and one of its operations fails.
            facts.sample.peer.as_deref().is_some_and(|peer| sides.who_answers(peer).is_some())
        };
        Some(if more_than_half(facts.retried) {
            Sort::Retried
        } else if more_than_half(facts.left_its_service) || service_is_gone() {
            Sort::Absorbed
        } else {
            Sort::Tolerated
        })
    }

    /// Whether it is known how often all operations were asked for in which it began.
    pub(crate) fn began_where_requests_are_counted(&self, sides: &Sides<'_>) -> bool {
        let faults = [self.candidate, self.baseline].into_iter().flatten();
        faults.map(|facts| &facts.began_at).all(|began_at| are_counted(began_at, sides))
    }

    /// The trial of the requests that it failed; `None` where nothing can be compared.
    pub(crate) fn trial(&self, policy: &Policy) -> Option<Trial> {
        let fatal = self.fatal.as_ref()?;
        let rule =
            if self.baseline.is_none_or(|facts| facts.fatal == 0) { Rule::NewRootCause } else { Rule::WorseRootCause };
        let enough = self.candidate.is_some_and(|facts| facts.fatal >= policy.least_failures);
        let relevant = enough && fatal.rose_relevantly(policy);
        Some(Trial { rule, p: self.p?, attainable: self.attainable, relevant })
    }
}

/// Matches the faults of both sides by their signatures, in the order of these.
pub(crate) fn pairs<'f>(sides: &Sides<'f>, policy: &Policy) -> Vec<CausePair<'f>> {
    let signatures: OrderedSet<&str> =
        sides.candidate.causes.keys().chain(sides.baseline.causes.keys()).map(String::as_str).collect();
    signatures.into_iter().map(|signature| pair(signature, sides, policy)).collect()
}

fn pair<'f>(signature: &'f str, sides: &Sides<'f>, policy: &Policy) -> CausePair<'f> {
    let (candidate, baseline) = (sides.candidate.causes.get(signature), sides.baseline.causes.get(signature));
    let rose = most_telling(candidate, baseline, sides, policy, |rate| rate);
    let inner = inner_rate(candidate, baseline, sides);
    let is_fatal = [candidate, baseline].into_iter().flatten().any(|facts| facts.fatal > 0);
    let change = match (candidate, baseline) {
        (_, None) => Change::New,
        (None, _) => Change::Gone,
        _ => {
            let fell = most_telling(candidate, baseline, sides, policy, |rate| rate.reversed());
            let clear = |found: &Option<Told>| {
                found.as_ref().is_some_and(|told| told.p <= policy.alpha && told.rate.rose_relevantly(policy))
            };
            let (up, down) = if is_fatal {
                (clear(&rose), clear(&fell))
            } else {
                let inner = inner.as_ref();
                (inner.is_some_and(|rate| rate.rose(policy)), inner.is_some_and(|rate| rate.reversed().rose(policy)))
            };
            match (up, down) {
                (true, false) => Change::Worse,
                (false, true) => Change::Better,
                // More at one entry point and fewer at another is neither.
                _ => Change::Same,
            }
        }
    };
    let (p, attainable, fatal) = match rose.filter(|_| is_fatal) {
        Some(told) => (Some(told.p), told.attainable, Some(told.rate)),
        None => (None, 1.0, None),
    };
    CausePair { signature, candidate, baseline, change, fatal, p, attainable, inner: inner.filter(|_| !is_fatal) }
}

/// The comparison that tells most, with what it is worth among all that were looked at.
struct Told {
    rate: RateComparison,
    p: f64,
    attainable: f64,
}

/// Compares a fault at each entry point that it failed, like with like: a shift of traffic between entry points changes
/// nothing. The clearest counts, for as many times its `p` as there were entry points (Bonferroni): of those that are beyond
/// chance, one that rose by as much as matters before any that did not, such as one that is very many at once.
fn most_telling(
    candidate: Option<&CauseFacts>,
    baseline: Option<&CauseFacts>,
    sides: &Sides<'_>,
    policy: &Policy,
    turned: impl Fn(RateComparison) -> RateComparison,
) -> Option<Told> {
    let entries: OrderedSet<&OperationName> = [candidate, baseline]
        .into_iter()
        .flatten()
        .flat_map(|facts| facts.failed_entries.iter().map(|(entry, _)| entry))
        .collect();
    let failed =
        |facts: Option<&CauseFacts>, entry: &OperationName| facts.map_or(0, |facts| facts.failed_entries.of(entry));
    // What one side counts among others would look like none.
    let known = |entry: &&OperationName| {
        [candidate, baseline].into_iter().flatten().all(|facts| facts.failed_entries.know(entry))
    };
    let rates = entries.into_iter().filter(known).filter_map(|entry| {
        let (requests, before) = sides.requests_at(entry);
        (requests > 0 && before > 0).then(|| {
            let candidate = Counts::new(failed(candidate, entry), requests);
            turned(RateComparison::new(
                entry.clone(),
                "request",
                candidate,
                Counts::new(failed(baseline, entry), before),
            ))
        })
    });
    let rates: Vec<RateComparison> = rates.collect();
    #[expect(clippy::cast_precision_loss, reason = "a thousand at most")]
    let looked_at = rates.len() as f64;
    let attainable = rates.iter().map(RateComparison::attainable).fold(1.0, f64::min);
    let matters = |rate: &RateComparison| rate.p * looked_at <= policy.alpha && rate.rose_relevantly(policy);
    // The first of equals, in the order of names.
    let clearest = rates.into_iter().min_by(|a, b| matters(b).cmp(&matters(a)).then_with(|| a.p.total_cmp(&b.p)))?;
    Some(Told { p: (clearest.p * looked_at).min(1.0), attainable: (attainable * looked_at).min(1.0), rate: clearest })
}

/// Traces in which a fault began, of the requests for the operation in which it did.
fn inner_rate(
    candidate: Option<&CauseFacts>,
    baseline: Option<&CauseFacts>,
    sides: &Sides<'_>,
) -> Option<RateComparison> {
    let at = &candidate.or(baseline)?.sample.at;
    let (requests, before, noun) = requests_for(sides, [candidate, baseline].into_iter().flatten());
    let traces = |cause: Option<&CauseFacts>| cause.map_or(0, |cause| cause.traces);
    let (now, then) = (Counts::new(traces(candidate), requests), Counts::new(traces(baseline), before));
    (requests > 0 && before > 0).then(|| RateComparison::new(at.clone(), noun, now, then))
}

/// How often the operations in which faults began were asked for, in the candidate and in the baseline, and what that is
/// called: all traces where none of them takes requests. None where one of them is not told apart from others.
pub(crate) fn requests_for<'f>(
    sides: &Sides<'_>,
    faults: impl Iterator<Item = &'f CauseFacts>,
) -> (u64, u64, &'static str) {
    let faults: Vec<&CauseFacts> = faults.collect();
    if !faults.iter().all(|facts| are_counted(&facts.began_at, sides)) {
        return (0, 0, "request");
    }
    let began_at: OrderedSet<&OperationName> =
        faults.iter().flat_map(|facts| facts.began_at.iter().map(|(at, _)| at)).collect();
    let of = |facts: &WindowFacts| {
        let known = began_at.iter().filter_map(|at| facts.operations.get(*at));
        known.map(|requests| requests.total).reduce(|sum, more| sum + more)
    };
    match (of(sides.candidate), of(sides.baseline)) {
        (None, None) => (sides.candidate.traces, sides.baseline.traces, "trace"),
        (now, before) => (now.unwrap_or(0), before.unwrap_or(0), "request"),
    }
}

/// Whether requests for each of these operations have a number of their own: one that is counted with others has none.
fn are_counted(began_at: &EntryCounts, sides: &Sides<'_>) -> bool {
    let all_are = [sides.candidate, sides.baseline].iter().all(|facts| facts.operation_names.are_all());
    (all_are || began_at.others() == 0) && began_at.iter().all(|(at, _)| sides.tell_apart(at))
}
