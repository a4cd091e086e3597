//! What the telemetry itself is like, service by service: the facts behind `whyspan doctor`.

use crate::facts::spread::Spread;
use crate::model::defect::DefectCounts;
use crate::model::few::Few;
use crate::model::sent::Sent;
use crate::model::time::Interval;
use crate::ordered::map::OrderedMap;

/// One service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceTelemetry {
    /// What its records said while they were read.
    pub sent: Sent,
    /// Spans, each once.
    pub spans: u64,
    /// Traces that it takes part in.
    pub traces: u64,
    /// Requests that it took, and those that it made of its own.
    pub requests: u64,
    /// From its first start to its last end.
    pub time: Option<Interval>,
    /// Defects of its spans and records, without orphans.
    pub defects: DefectCounts,
    /// SERVER and CONSUMER spans that name a caller which is not in the input.
    pub orphan_requests: u64,
    /// Other spans whose parent is not in the input.
    pub orphan_spans: u64,
    /// SERVER and CONSUMER spans that name no parent.
    pub root_requests: u64,
    /// Spans of other services right above its SERVER and CONSUMER spans, by service.
    pub callers: OrderedMap<String, u64>,
    /// `service.version` of its spans.
    pub versions: Few,
    /// Spans of processes that tell no version.
    pub without_version: u64,
    /// What tells its processes apart: `service.instance.id`, else the pod, else the container.
    pub instances: Few,
    /// Spans of processes that cannot be told apart.
    pub without_instance: u64,
    /// Spans of processes that do not tell their machine.
    pub without_host: u64,
    /// Spans that tell no kind.
    pub without_kind: u64,
    /// SERVER spans.
    pub server_spans: u64,
    /// Of these, those that tell neither a status nor a code.
    pub without_answer: u64,
    /// Of these, those whose operation is named after nothing but the HTTP method.
    pub vague_operations: u64,
    /// Of these, those whose operation has what looks like an id in its name.
    pub operations_with_ids: u64,
    /// Calls of others: outermost CLIENT and PRODUCER spans.
    pub calls: u64,
    /// Of these, those without a callee's span that do not tell whom they call either.
    pub unnamed_calls: u64,
    /// Spans that tell of an exception.
    pub exceptions: u64,
    /// Of these, those without a stack trace.
    pub without_stack: u64,
    /// Of these, those whose stack trace is in no language that is understood.
    pub unknown_stack: u64,
    /// Failures that began here and were not their caller's fault.
    pub failures: u64,
    /// Of these, those with neither an exception nor a message.
    pub wordless_failures: u64,
}

impl ServiceTelemetry {
    /// Adds what another piece of the capture holds of the same service.
    pub fn merge(&mut self, other: Self) {
        self.sent.merge(&other.sent);
        self.time = Interval::of_both(self.time, other.time);
        self.defects.merge(&other.defects);
        self.versions.merge(&other.versions);
        self.instances.merge(&other.instances);
        for (caller, calls) in other.callers {
            *self.callers.entry(caller).or_default() += calls;
        }
        for (mine, theirs) in [
            (&mut self.spans, other.spans),
            (&mut self.traces, other.traces),
            (&mut self.requests, other.requests),
            (&mut self.orphan_requests, other.orphan_requests),
            (&mut self.orphan_spans, other.orphan_spans),
            (&mut self.root_requests, other.root_requests),
            (&mut self.without_version, other.without_version),
            (&mut self.without_instance, other.without_instance),
            (&mut self.without_host, other.without_host),
            (&mut self.without_kind, other.without_kind),
            (&mut self.server_spans, other.server_spans),
            (&mut self.without_answer, other.without_answer),
            (&mut self.vague_operations, other.vague_operations),
            (&mut self.operations_with_ids, other.operations_with_ids),
            (&mut self.calls, other.calls),
            (&mut self.unnamed_calls, other.unnamed_calls),
            (&mut self.exceptions, other.exceptions),
            (&mut self.without_stack, other.without_stack),
            (&mut self.unknown_stack, other.unknown_stack),
            (&mut self.failures, other.failures),
            (&mut self.wordless_failures, other.wordless_failures),
        ] {
            *mine += theirs;
        }
    }

    /// Spans whose parent is not in the input.
    #[must_use]
    pub fn orphans(&self) -> u64 {
        self.orphan_requests + self.orphan_spans
    }
}

/// How the clocks of a callee and its caller disagree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SkewFacts {
    /// Server spans that were moved into the time of their callers.
    pub moved: u64,
    /// Server spans that lie too far away to be moved.
    pub left: u64,
    /// Of both, those that seem to start too late: the callee's clock is ahead.
    pub ahead: u64,
    /// How far they lie from where they belong, in nanoseconds.
    pub distance: Spread,
}

/// Calls from one service to one callee, by the name that the call gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CallFacts {
    /// Calls that ended well.
    pub well: u64,
    /// Of these, those without any span of the callee.
    pub unanswered: u64,
}

/// Traces, by what there is of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TraceCounts {
    /// Traces that hold a span.
    pub all: u64,
    /// Of these, traces of which every root names a parent that is not in the input.
    pub without_root: u64,
    /// Of these, traces with a span of status ERROR.
    pub with_error: u64,
    /// Traces of which there are log records and no span.
    pub without_span: u64,
}

/// Facts of a capture's telemetry. Facts of its pieces, in any order, merge to the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TelemetryFacts {
    /// By service name.
    pub services: OrderedMap<String, ServiceTelemetry>,
    /// By callee and caller.
    pub skews: OrderedMap<(String, String), SkewFacts>,
    /// By caller and callee, without calls of what never sends spans (databases, brokers, third parties).
    pub calls: OrderedMap<(String, String), CallFacts>,
    /// Traces.
    pub traces: TraceCounts,
}

impl TelemetryFacts {
    /// Adds the facts of another piece.
    pub fn merge(&mut self, other: Self) {
        for (name, service) in other.services {
            self.services.entry(name).or_default().merge(service);
        }
        for (pair, skew) in other.skews {
            let mine = self.skews.entry(pair).or_default();
            mine.moved += skew.moved;
            mine.left += skew.left;
            mine.ahead += skew.ahead;
            mine.distance.merge(&skew.distance);
        }
        for (pair, calls) in other.calls {
            let mine = self.calls.entry(pair).or_default();
            mine.well += calls.well;
            mine.unanswered += calls.unanswered;
        }
        self.traces.all += other.traces.all;
        self.traces.without_root += other.traces.without_root;
        self.traces.with_error += other.traces.with_error;
        self.traces.without_span += other.traces.without_span;
    }

    /// Adds what the readers counted.
    pub fn add_sent(&mut self, sent: OrderedMap<String, Sent>) {
        for (name, sent) in sent {
            self.services.entry(name).or_default().sent.merge(&sent);
        }
    }
}
