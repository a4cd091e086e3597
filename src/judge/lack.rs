//! What telemetry can lack, by stable codes. `docs/doctor.md` describes each.

use crate::model::defect::Defect;

/// One sort of thing that telemetry lacks. They are shown in this order, those that matter more before others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lack {
    /// Inputs that could not be read, or not to their end.
    InputBroken,
    /// Inputs that are no telemetry.
    NotTelemetry,
    /// Records that could not be used.
    RecordSkipped,
    /// Records that were kept without a part of them.
    RecordMended,
    /// Metrics, which are counted and not read.
    MetricsSkipped,
    /// Spans beyond what is analysed of one trace.
    SpansBeyondBound,
    /// Messages and stack traces beyond what is kept of one trace.
    TextsBeyondBound,
    /// Log records beyond what is kept of one span.
    LogsBeyondBound,
    /// Names beyond what is stored.
    NamesBeyondBound,
    /// Requests that name a caller which is not in the input.
    CallerMissing,
    /// Inner spans and calls whose parent is not in the input.
    ParentMissing,
    /// Traces none of whose spans is a root.
    RootMissing,
    /// A service is called by another, and its requests begin traces of their own.
    ContextNotPassed,
    /// A callee that answers such calls elsewhere has no span of these.
    CalleeLost,
    /// A callee that sends no spans at all.
    CalleeWithoutSpans,
    /// The same span was exported more than once.
    DuplicateSpan,
    /// Client and server share one span id.
    SharedId,
    /// Different spans of one trace bear the same id.
    IdConflict,
    /// Spans that name themselves as their parent.
    SelfParent,
    /// Spans that are each other's ancestors.
    Cycle,
    /// Spans that end before they start.
    NegativeDuration,
    /// Server spans that were moved into the time of their callers.
    SkewCorrected,
    /// Server spans that lie too far outside the time of their callers.
    SkewBeyondBound,
    /// Processes that do not tell their `service.name`.
    NoServiceName,
    /// Processes that do not tell their `service.version`.
    NoServiceVersion,
    /// Processes of a service that cannot be told apart.
    NoInstance,
    /// Processes that do not tell their machine.
    NoHost,
    /// Spans that tell no kind.
    NoSpanKind,
    /// Server operations that are named after nothing but the HTTP method.
    VagueOperation,
    /// Server operations with what looks like an id in their names.
    OperationWithId,
    /// Server spans that tell neither a status nor a code.
    NoAnswer,
    /// Calls that do not tell whom they call.
    UnnamedCallee,
    /// Failures with neither an exception nor a message.
    WordlessFailure,
    /// Exceptions without a stack trace.
    NoStack,
    /// Exceptions whose stack trace is in no language that is understood.
    UnknownStack,
    /// Spans that lost events to a limit.
    DroppedEvents,
    /// Spans that lost attributes to a limit.
    DroppedAttributes,
    /// Spans that lost links to a limit.
    DroppedLinks,
    /// No log records at all.
    NoLogs,
    /// Services that send spans and no log records, beside others that do.
    ServiceWithoutLogs,
    /// Services that send log records and no spans.
    ServiceWithoutSpans,
    /// Exception and error records without a trace id.
    LogWithoutTrace,
    /// Exception and error records that name a span which is not in the input.
    LogWithoutSpan,
    /// Log records without a severity.
    LogWithoutSeverity,
    /// Log records of another time than the spans.
    LogTimeApart,
    /// Spans that were kept by a probability below 1.
    SampledByProbability,
    /// Spans that were kept by different probabilities.
    SampledUnevenly,
    /// Log records of traces that were not sampled.
    LogOfUnsampledTrace,
    /// Spans that were kept because somebody asked for it.
    SamplingForced,
    /// Nearly every trace failed, as if only failing ones had been kept.
    OnlyFailingTraces,
}

impl Lack {
    /// Every sort, in the order in which they are shown.
    pub const ALL: [Self; 50] = [
        Self::InputBroken,
        Self::NotTelemetry,
        Self::RecordSkipped,
        Self::RecordMended,
        Self::MetricsSkipped,
        Self::SpansBeyondBound,
        Self::TextsBeyondBound,
        Self::LogsBeyondBound,
        Self::NamesBeyondBound,
        Self::CallerMissing,
        Self::ParentMissing,
        Self::RootMissing,
        Self::ContextNotPassed,
        Self::CalleeLost,
        Self::CalleeWithoutSpans,
        Self::DuplicateSpan,
        Self::SharedId,
        Self::IdConflict,
        Self::SelfParent,
        Self::Cycle,
        Self::NegativeDuration,
        Self::SkewCorrected,
        Self::SkewBeyondBound,
        Self::NoServiceName,
        Self::NoServiceVersion,
        Self::NoInstance,
        Self::NoHost,
        Self::NoSpanKind,
        Self::VagueOperation,
        Self::OperationWithId,
        Self::NoAnswer,
        Self::UnnamedCallee,
        Self::WordlessFailure,
        Self::NoStack,
        Self::UnknownStack,
        Self::DroppedEvents,
        Self::DroppedAttributes,
        Self::DroppedLinks,
        Self::NoLogs,
        Self::ServiceWithoutLogs,
        Self::ServiceWithoutSpans,
        Self::LogWithoutTrace,
        Self::LogWithoutSpan,
        Self::LogWithoutSeverity,
        Self::LogTimeApart,
        Self::SampledByProbability,
        Self::SampledUnevenly,
        Self::LogOfUnsampledTrace,
        Self::SamplingForced,
        Self::OnlyFailingTraces,
    ];

    /// The stable code. What the evidence tells of too bears the same code there, but for orphans: the evidence's
    /// `orphan` is `caller-missing` and `parent-missing` together.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InputBroken => "input-broken",
            Self::NotTelemetry => "not-telemetry",
            Self::RecordSkipped => "record-skipped",
            Self::RecordMended => "record-mended",
            Self::MetricsSkipped => "metrics-skipped",
            Self::SpansBeyondBound => Defect::SpansBeyondBound.code(),
            Self::TextsBeyondBound => Defect::TextsBeyondBound.code(),
            Self::LogsBeyondBound => Defect::LogsBeyondBound.code(),
            Self::NamesBeyondBound => Defect::NamesBeyondBound.code(),
            Self::CallerMissing => "caller-missing",
            Self::ParentMissing => "parent-missing",
            Self::RootMissing => "root-missing",
            Self::ContextNotPassed => "context-not-passed",
            Self::CalleeLost => "callee-lost",
            Self::CalleeWithoutSpans => "callee-without-spans",
            Self::DuplicateSpan => Defect::DuplicateSpan.code(),
            Self::SharedId => Defect::SharedId.code(),
            Self::IdConflict => Defect::IdConflict.code(),
            Self::SelfParent => Defect::SelfParent.code(),
            Self::Cycle => Defect::Cycle.code(),
            Self::NegativeDuration => Defect::NegativeDuration.code(),
            Self::SkewCorrected => Defect::SkewCorrected.code(),
            Self::SkewBeyondBound => Defect::SkewBeyondBound.code(),
            Self::NoServiceName => Defect::NoServiceName.code(),
            Self::NoServiceVersion => "no-service-version",
            Self::NoInstance => "no-instance",
            Self::NoHost => "no-host",
            Self::NoSpanKind => "no-span-kind",
            Self::VagueOperation => "vague-operation",
            Self::OperationWithId => "operation-with-id",
            Self::NoAnswer => "no-answer",
            Self::UnnamedCallee => "unnamed-callee",
            Self::WordlessFailure => "wordless-failure",
            Self::NoStack => "no-stack",
            Self::UnknownStack => "unknown-stack",
            Self::DroppedEvents => Defect::DroppedEvents.code(),
            Self::DroppedAttributes => "dropped-attributes",
            Self::DroppedLinks => "dropped-links",
            Self::NoLogs => "no-logs",
            Self::ServiceWithoutLogs => "service-without-logs",
            Self::ServiceWithoutSpans => "service-without-spans",
            Self::LogWithoutTrace => Defect::LogWithoutTrace.code(),
            Self::LogWithoutSpan => Defect::LogWithoutSpan.code(),
            Self::LogWithoutSeverity => "log-without-severity",
            Self::LogTimeApart => "log-time-apart",
            Self::SampledByProbability => "sampled-by-probability",
            Self::SampledUnevenly => "sampled-unevenly",
            Self::LogOfUnsampledTrace => "log-of-unsampled-trace",
            Self::SamplingForced => "sampling-forced",
            Self::OnlyFailingTraces => "only-failing-traces",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ordered::set::OrderedSet;

    #[test]
    fn every_sort_is_listed_once_in_its_order_and_has_a_code_of_its_own() {
        assert!(Lack::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        let codes: OrderedSet<&str> = Lack::ALL.iter().map(|lack| lack.code()).collect();
        assert_eq!(codes.len(), Lack::ALL.len());
    }
}
