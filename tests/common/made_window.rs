//! Facts of windows that no trace was drawn for: requests of entry points, how long they took, by which faults they failed.

use whyspan::analyze::confidence::Points;
use whyspan::analyze::kind::CauseKind;
use whyspan::facts::cause::{CauseFacts, EffectRank, Exemplar, OperationName};
use whyspan::facts::input::InputFacts;
use whyspan::facts::sample::Sample;
use whyspan::facts::window::WindowFacts;
use whyspan::model::ids::{SpanId, TraceId};
use whyspan::model::span::Codes;
use whyspan::model::time::{Interval, Nanos};

pub(crate) fn operation(service: &str, operation: &str) -> OperationName {
    OperationName { service: service.to_owned(), operation: operation.to_owned() }
}

/// A window of which every trace is one request at one entry point.
#[derive(Clone, Debug, Default)]
pub(crate) struct MadeWindow(WindowFacts);

impl MadeWindow {
    /// Adds requests that passed, by their durations in nanoseconds.
    pub(crate) fn passing(&mut self, at: &OperationName, durations: Vec<u64>) {
        self.count(at, durations.len() as u64, 0);
        self.0.services.entry(at.service.clone()).or_default().durations.extend(&durations);
        self.0.entries.entry(at.clone()).or_default().passing.extend(durations);
    }

    /// Adds requests that failed by one fault.
    pub(crate) fn failing(&mut self, at: &OperationName, signature: &str, requests: u64) {
        if requests == 0 {
            return;
        }
        self.count(at, requests, requests);
        let milliseconds_40 = vec![40_000_000; requests as usize];
        self.0.services.entry(at.service.clone()).or_default().durations.extend(milliseconds_40);
        let exemplar =
            Exemplar { rank: EffectRank::Fatal, start: Nanos(1), trace: TraceId([1; 16]), span: SpanId([1; 8]) };
        let sample = Sample {
            exemplar,
            kind: CauseKind::ErrorStatus,
            at: at.clone(),
            span_name: at.operation.clone(),
            peer: None,
            callee: None,
            client_fault: false,
            exception: None,
            text: Some(signature.to_owned()),
            caller_was_told: false,
            family: Box::default(),
            key: Box::default(),
            codes: Codes::default(),
            attempts: 1,
            path: Vec::new(),
            hidden_steps: 0,
            picture: None,
            bytes: 100,
        };
        let mut cause = CauseFacts::of(sample, Points::default());
        (cause.traces, cause.fatal) = (requests, requests);
        cause.failed_entries.add(at.clone(), requests);
        self.0.add_cause(signature.to_owned(), cause);
    }

    fn count(&mut self, at: &OperationName, requests: u64, failed: u64) {
        let facts = &mut self.0;
        facts.time = Some(Interval { start: Nanos(1), end: Nanos(60_000_000_000) });
        facts.traces += requests;
        facts.spans += requests;
        facts.failing_traces += failed;
        let entry = facts.entries.entry(at.clone()).or_default();
        entry.total += requests;
        entry.failed += failed;
        entry.failing_traces += failed;
        let counts = facts.operations.entry(at.clone()).or_default();
        counts.total += requests;
        counts.failed += failed;
        let service = facts.services.entry(at.service.clone()).or_default();
        service.requests += requests;
        service.failed += failed;
    }

    /// As reading a flawless input would have given them.
    pub(crate) fn into_facts(self) -> (WindowFacts, InputFacts) {
        (self.0, InputFacts::default())
    }
}
