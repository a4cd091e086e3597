//! The facts of one window of time: what all its traces add up to.

use crate::facts::askers::{Askers, LINKED};
use crate::facts::cause::{CAUSES, CAUSES_BYTES, CauseFacts, OperationName};
use crate::facts::entry_facts::EntryFacts;
use crate::facts::pictures::PictureFacts;
use crate::facts::profile::Profile;
use crate::facts::request_counts::RequestCounts;
use crate::facts::requests::Requests;
use crate::facts::running::Running;
use crate::facts::service_facts::ServiceFacts;
use crate::facts::slots::Slots;
use crate::facts::together::Together;
use crate::facts::told_apart::ToldApart;
use crate::model::defect::{Defect, DefectCounts};
use crate::model::time::Interval;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// Facts of one window. Facts of its pieces, in any order, merge to the same.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WindowFacts {
    /// From the first start to the last end of any span; `None` without spans.
    pub time: Option<Interval>,
    /// Traces that hold a span.
    pub traces: u64,
    /// Spans, each once.
    pub spans: u64,
    /// Traces of which an entry point failed.
    pub failing_traces: u64,
    /// Failures of load generators whose requests were answered well.
    pub callers_own: u64,
    /// Calls that were called off by whoever had asked for them, which is no failure.
    pub called_off: u64,
    /// By service name.
    pub services: OrderedMap<String, ServiceFacts>,
    /// By entry point.
    pub entries: OrderedMap<OperationName, EntryFacts>,
    /// Which of them are told apart.
    pub(crate) entry_names: ToldApart,
    /// Requests by the operation of the service that took them, entry points among them; none of a window that was
    /// looked at by itself.
    pub operations: OrderedMap<OperationName, RequestCounts>,
    /// Which of them are told apart.
    pub(crate) operation_names: ToldApart,
    /// Operations in which root causes began, by names of which parts were taken out: names by which they may not be found among
    /// those that are told apart.
    pub(crate) renamed_origins: OrderedSet<OperationName>,
    /// For each name that calls go by, the services that answered such calls, and how many.
    pub answered_by: OrderedMap<String, OrderedMap<String, u64>>,
    /// By signature.
    pub causes: OrderedMap<String, CauseFacts>,
    /// Callees that were not reached, met by several names in one trace.
    pub together: Together,
    /// Failing and passing requests with what they had, where that was asked for.
    pub requests: Requests,
    /// Which flags, versions and calls there were, where that was asked for.
    pub running: Running,
    /// Where time went, and which course the work took.
    pub profile: Profile,
    /// When its traces began.
    pub when: Slots,
    /// What was odd.
    pub defects: DefectCounts,
    /// Traces that sent messages, to which traces of consumers may link.
    pub askers: Askers,
    /// What pictures need besides.
    pub pictures: PictureFacts,
    /// About how many bytes the samples of `causes` take.
    causes_bytes: usize,
}

impl WindowFacts {
    /// Adds the facts of another piece of the window.
    pub fn merge(&mut self, other: Self) {
        self.time = Interval::of_both(self.time, other.time);
        self.traces += other.traces;
        self.spans += other.spans;
        self.failing_traces += other.failing_traces;
        self.callers_own += other.callers_own;
        self.called_off += other.called_off;
        for (name, service) in other.services {
            self.services.entry(name).or_default().merge(service);
        }
        for (name, entry) in other.entries {
            self.entries.entry(name).or_default().merge(entry);
        }
        self.entry_names = self.entry_names.and(other.entry_names);
        self.keep_entries();
        for (name, requests) in other.operations {
            self.operations.entry(name).or_default().merge(requests);
        }
        for (peer, services) in other.answered_by {
            let mine = self.answered_by.entry(peer).or_default();
            for (service, calls) in services {
                *mine.entry(service).or_default() += calls;
            }
        }
        for (signature, cause) in other.causes {
            self.add_cause(signature, cause);
        }
        self.together.merge(other.together);
        self.requests.merge(other.requests);
        self.operation_names = self.operation_names.and(other.operation_names);
        self.renamed_origins.extend(other.renamed_origins);
        self.keep_operations();
        self.running.merge(other.running);
        self.profile.merge(other.profile);
        self.when.merge(other.when);
        self.defects.merge(&other.defects);
        self.askers.merge(other.askers);
        self.pictures.merge(other.pictures);
    }

    /// Brings what was put together from pieces within its bounds, and into an order that does not depend on them.
    pub fn settle(&mut self) {
        self.keep_causes();
        for cause in self.causes.values_mut() {
            cause.linked.keep(LINKED);
        }
        self.name_entries();
        self.find_askers();
        self.profile.settle();
        let causes = &self.causes;
        self.requests.settle(|signature| causes.contains_key(signature));
    }

    /// Finds out which requests asked for what failed in traces of their own.
    pub(crate) fn find_askers(&mut self) {
        // Of most windows no failure was asked for in another trace.
        if self.causes.values().any(|cause| !cause.linked.is_empty()) {
            let asked_by = self.askers.of(self.causes.values().map(|cause| cause.linked.iter()));
            for (cause, asked_by) in self.causes.values_mut().zip(asked_by) {
                cause.asked_by = asked_by;
            }
        }
    }

    /// Takes a root cause out.
    pub(crate) fn take_cause(&mut self, signature: &str) -> Option<CauseFacts> {
        let cause = self.causes.remove(signature)?;
        self.causes_bytes = self.causes_bytes.saturating_sub(cause.sample.bytes);
        Some(cause)
    }

    /// Gives services, operations, entry points and the names that calls go by other names; what gets the same name becomes
    /// one. Root causes stay as they are.
    pub fn rename(&mut self, mut renamed: impl FnMut(String) -> String) {
        for (name, service) in std::mem::take(&mut self.services) {
            self.services.entry(renamed(name)).or_default().merge(service);
        }
        let mut operation = |OperationName { service, operation }| OperationName {
            service: renamed(service),
            operation: renamed(operation),
        };
        for (name, entry) in std::mem::take(&mut self.entries) {
            self.entries.entry(operation(name)).or_default().merge(entry);
        }
        for (name, requests) in std::mem::take(&mut self.operations) {
            self.operations.entry(operation(name)).or_default().merge(requests);
        }
        self.requests.rename(&mut operation);
        self.together.rename(&mut operation);
        self.askers.rename(&mut operation);
        self.running.rename(&mut renamed);
        for (peer, services) in std::mem::take(&mut self.answered_by) {
            let mine = self.answered_by.entry(renamed(peer)).or_default();
            for (service, calls) in services {
                *mine.entry(renamed(service)).or_default() += calls;
            }
        }
        self.profile = std::mem::take(&mut self.profile).renamed(&mut renamed);
        self.pictures.rename(renamed);
    }

    /// The one service that answers calls that go by this name, and how many it answered; `None` when nobody did, or
    /// several.
    #[must_use]
    pub fn who_answers(&self, peer: &str) -> Option<(&str, u64)> {
        let services = self.answered_by.get(peer)?;
        let (service, &calls) = services.first_key_value()?;
        (services.len() == 1).then_some((service, calls))
    }

    /// Adds what one trace, or one piece, knows of a root cause.
    pub fn add_cause(&mut self, signature: String, cause: CauseFacts) {
        self.causes_bytes += cause.sample.bytes;
        match self.causes.get_mut(&signature) {
            Some(known) => {
                let both = known.sample.bytes + cause.sample.bytes;
                known.merge(cause);
                self.causes_bytes -= both - known.sample.bytes;
            }
            None => {
                self.causes.insert(signature, cause);
            }
        }
        // At twice the bound, so that sorting them costs little for each.
        if self.causes.len() > 2 * CAUSES || self.causes_bytes > 2 * CAUSES_BYTES {
            self.keep_causes();
        }
    }

    /// Keeps the root causes that matter most, within the bounds, and counts the others.
    ///
    /// One that fails many requests gathers weight wherever it comes, so it is those of single traces that go; of these,
    /// those that nobody but their own service noticed go first. Below the bounds nothing is lost, and the order of adding
    /// does not matter.
    pub fn keep_causes(&mut self) {
        if self.causes.len() <= CAUSES && self.causes_bytes <= CAUSES_BYTES {
            return;
        }
        let before = self.causes.len();
        let mut causes: Vec<(String, CauseFacts)> = std::mem::take(&mut self.causes).into_iter().collect();
        // Stable: equal ones stay in the order of their signatures.
        causes.shared_sort_by_key(|(_, cause)| (cause.place(), Reverse(cause.sample.services_crossed())));
        self.causes_bytes = 0;
        for (signature, cause) in causes.into_iter().take(CAUSES) {
            if self.causes_bytes + cause.sample.bytes > CAUSES_BYTES {
                break;
            }
            self.causes_bytes += cause.sample.bytes;
            self.causes.insert(signature, cause);
        }
        self.defects.add_many(Defect::CausesBeyondBound, (before - self.causes.len()) as u64);
    }
}

/// The one service that answers calls that go by this name in windows that are looked at together; `None` when nobody does in
/// any of them, or several do.
pub fn alone_answering<'f>(windows: &[&'f WindowFacts], name: &str) -> Option<&'f str> {
    let knowing = windows.iter().filter_map(|facts| facts.answered_by.get(name));
    let mut services = knowing.flat_map(|services| services.keys());
    let first = services.next()?;
    services.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::confidence::Points;
    use crate::analyze::kind::CauseKind;
    use crate::facts::cause::{EffectRank, Exemplar};
    use crate::facts::sample::{Sample, Step};
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::span::Codes;
    use crate::model::time::Nanos;

    fn seen_once(number: u64, bytes: usize) -> CauseFacts {
        let exemplar = Exemplar {
            rank: EffectRank::Fatal,
            start: Nanos(number),
            trace: TraceId::default(),
            span: SpanId(number.to_be_bytes()),
        };
        let sample = Sample {
            exemplar,
            kind: CauseKind::ErrorStatus,
            at: OperationName { service: String::new(), operation: String::new() },
            span_name: String::new(),
            peer: None,
            callee: None,
            client_fault: false,
            exception: None,
            text: None,
            family: Box::default(),
            key: Box::default(),
            caller_was_told: false,
            codes: Codes::default(),
            attempts: 1,
            path: Vec::new(),
            hidden_steps: 0,
            picture: None,
            bytes,
        };
        CauseFacts::of(sample, Points::default())
    }

    #[test]
    fn a_frequent_cause_stays_among_any_number_of_rare_ones() {
        let mut facts = WindowFacts::default();
        let rare = 10 * CAUSES as u64;
        for number in 0..rare {
            facts.add_cause(format!("rare {number}"), seen_once(number, 100));
            if number % 100 == 50 {
                facts.add_cause("frequent".to_owned(), seen_once(number, 100));
            }
        }
        facts.keep_causes();
        assert_eq!(facts.causes["frequent"].traces, rare / 100);
        assert_eq!(facts.causes.len(), CAUSES);
        assert_eq!(facts.defects.count(Defect::CausesBeyondBound), rare + 1 - CAUSES as u64);
    }

    #[test]
    fn a_rare_cause_that_other_services_noticed_stays_among_those_that_nobody_did() {
        let mut facts = WindowFacts::default();
        let noticed = |number| {
            let mut cause = seen_once(number, 100);
            let step = |service: &str| Step {
                at: OperationName { service: service.to_owned(), operation: String::new() },
                span_name: String::new(),
                role: "propagated",
            };
            cause.sample.path = vec![step("payment"), step("checkout")];
            cause
        };
        let rare = 10 * CAUSES as u64;
        for number in 0..rare {
            facts.add_cause(format!("alone {number}"), seen_once(number, 100));
            if [rare / 10, rare / 2].contains(&number) {
                facts.add_cause("noticed".to_owned(), noticed(number));
            }
        }
        facts.keep_causes();
        assert_eq!(facts.causes["noticed"].traces, 2);
    }

    #[test]
    fn samples_stay_within_their_bytes() {
        let mut facts = WindowFacts::default();
        for number in 0..100 {
            facts.add_cause(format!("{number:02}"), seen_once(number, CAUSES_BYTES / 10));
        }
        facts.keep_causes();
        assert_eq!(
            facts.causes.keys().map(String::as_str).collect::<Vec<_>>().join(" "),
            "00 01 02 03 04 05 06 07 08 09"
        );
    }
}
