//! The facts of one window of time: what all its traces add up to.

use crate::facts::cause::{CauseFacts, OperationName};
use crate::model::defect::DefectCounts;
use crate::model::time::Interval;
use std::collections::BTreeMap;

/// What was asked of one service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceFacts {
    /// SERVER and CONSUMER spans, and roots: one for each request that the service took or made of its own.
    pub requests: u64,
    /// Of these, those that failed by more than their caller's fault.
    pub failed: u64,
    /// How long each took, in nanoseconds, in no order.
    pub durations: Vec<u64>,
}

/// What came in at one entry point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EntryFacts {
    /// Requests.
    pub total: u64,
    /// Of these, those that failed.
    pub failed: u64,
}

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
    pub services: BTreeMap<String, ServiceFacts>,
    /// By entry point.
    pub entries: BTreeMap<OperationName, EntryFacts>,
    /// For each name that calls go by, the services that answered such calls, and how many.
    pub answered_by: BTreeMap<String, BTreeMap<String, u64>>,
    /// By signature.
    pub causes: BTreeMap<String, CauseFacts>,
    /// What was odd.
    pub defects: DefectCounts,
}

impl WindowFacts {
    /// Adds the facts of another piece of the window.
    pub fn merge(&mut self, other: Self) {
        self.time = match (self.time, other.time) {
            (Some(a), Some(b)) => Some(a.joined(b)),
            (a, b) => a.or(b),
        };
        self.traces += other.traces;
        self.spans += other.spans;
        self.failing_traces += other.failing_traces;
        self.callers_own += other.callers_own;
        self.called_off += other.called_off;
        for (name, mut service) in other.services {
            let mine = self.services.entry(name).or_default();
            mine.requests += service.requests;
            mine.failed += service.failed;
            mine.durations.append(&mut service.durations);
        }
        for (name, entry) in other.entries {
            let mine = self.entries.entry(name).or_default();
            mine.total += entry.total;
            mine.failed += entry.failed;
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
        self.defects.merge(&other.defects);
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
        match self.causes.get_mut(&signature) {
            Some(known) => known.merge(cause),
            None => {
                self.causes.insert(signature, cause);
            }
        }
    }
}
