//! What each lack weakens, and what to do about it.

use crate::judge::lack::Lack;

impl Lack {
    /// Which conclusions it weakens, and how: one plain sentence.
    #[must_use]
    pub fn weakens(self) -> &'static str {
        match self {
            Self::InputBroken => {
                "Everything that counts: traces of the missing part are incomplete or absent, and no data is no success."
            }
            Self::NotTelemetry => "Nothing, unless telemetry was meant to be in there.",
            Self::RecordSkipped => "Traces with a span among them are incomplete: their failures may end in mid-air.",
            Self::RecordMended => {
                "A span that lost its parent id is a root of its own; a log record that lost its id explains nothing; names that \
                 start alike for 1 KiB are one."
            }
            Self::MetricsSkipped => "Nothing: only traces and logs are analysed.",
            Self::SpansBeyondBound => {
                "Failures among the spans that were left out are not seen, and what hangs below them is cut off."
            }
            Self::TextsBeyondBound => {
                "Failures there have a place and no reason: what a trace said first is kept, what it said later is not."
            }
            Self::LogsBeyondBound => "Exceptions that only these records tell are not seen.",
            Self::NamesBeyondBound => "Services, operations or callees beyond the bound cannot be told apart.",
            Self::CallerMissing => {
                "Failures cannot be followed above these requests: which entry points they reached, and whether a caller got over them, is not known."
            }
            Self::ParentMissing => {
                "Failures below these spans cannot be followed to the request that they belong to, and causes there are named with less confidence."
            }
            Self::RootMissing => {
                "Entry points of these traces are guessed from what is left of them, and counted among the requests."
            }
            Self::ContextNotPassed => {
                "A failure of the callee is a trace of its own: it is named as a cause, and never as the reason why its caller failed."
            }
            Self::CalleeLost => {
                "Where such a call fails, the callee is blamed from outside: without its exception, its line of code, or what failed further down."
            }
            Self::CalleeWithoutSpans => {
                "Where such a call fails, the callee is blamed from outside, and what happened within or behind it stays unknown."
            }
            Self::DuplicateSpan => "Nothing: one copy counts. The same input may have been given twice.",
            Self::SharedId => "Nothing: the two sides are told apart by their kinds, as Zipkin means it.",
            Self::IdConflict => {
                "Children of such spans may hang under the wrong one, and failures go up the wrong way."
            }
            Self::SelfParent => "Failures cannot be followed above these spans.",
            Self::Cycle => "Failures cannot be followed above the span at which the ring was opened.",
            Self::NegativeDuration => {
                "Durations of these spans are wrong, and so is which of several failures came first."
            }
            Self::SkewCorrected => {
                "What came first in different services, and how long the network took, is an estimate; which span failed is not affected."
            }
            Self::SkewBeyondBound => {
                "What came first, what was cut short, and how long anything took cannot be compared between these services."
            }
            Self::NoServiceName => {
                "Failures of all such processes are one service, unknown_service: the cause names nobody."
            }
            Self::NoServiceVersion => {
                "No suspect by version can be found for these services: a failure cannot be blamed on a deployment that nobody announced."
            }
            Self::NoInstance => {
                "A failure of one bad process among many looks like a rare failure of the whole service."
            }
            Self::NoHost => {
                "A failure of one bad machine cannot be told, and processes that share a clock are taken to have different ones."
            }
            Self::NoSpanKind => {
                "Which spans take requests and which make calls is not known: entry points, callees and failing answer codes go unseen."
            }
            Self::VagueOperation => {
                "Requests that have nothing in common but the method are one operation: which of them fail, and how many of how many, cannot be said."
            }
            Self::OperationWithId => {
                "Each request is an operation of its own: the same failure counts as many, each of them seen once."
            }
            Self::NoAnswer => "Whether such a request failed shows only in its exceptions and in what its caller saw.",
            Self::UnnamedCallee => "Where such a call fails and its callee has no span, nobody can be named.",
            Self::WordlessFailure => {
                "Causes there have a place and no reason, are named with less confidence, and different faults of one place are taken for one."
            }
            Self::NoStack => {
                "No line of code can be named, and faults of one place are told apart by their messages alone."
            }
            Self::UnknownStack => {
                "The stack trace is shown as it is, and no line of the application is picked out of it."
            }
            Self::DroppedEvents => {
                "Exceptions are told by events: a failing span that lost some may have lost its reason."
            }
            Self::DroppedAttributes => {
                "Callees, answer codes and flags are told by attributes: some may be missing, and conditions with them."
            }
            Self::DroppedLinks => "Messages cannot be followed back to all of their senders.",
            Self::NoLogs => {
                "Newer SDKs tell exceptions as log records: reasons may be missing, and exceptions that nobody noticed cannot be found."
            }
            Self::ServiceWithoutLogs => "Exceptions that these services only log cannot be found, if there are any.",
            Self::ServiceWithoutSpans => {
                "Failures of these services are seen by their callers alone, and their log records explain no request."
            }
            Self::LogWithoutTrace => {
                "These exceptions and errors happened, and nobody can tell in which request: they explain no failure."
            }
            Self::LogWithoutSpan => {
                "These exceptions and errors belong to requests that are not in the input, or only in part: they explain no failure."
            }
            Self::LogWithoutSeverity => "An error among them is taken for an error only if it tells of an exception.",
            Self::LogTimeApart => "No log record can belong to any of the spans: no failure is explained by one.",
            Self::SampledByProbability => {
                "Counts are those of what was kept. Shares hold; rare failures may be missing."
            }
            Self::SampledUnevenly => {
                "Shares over services or entry points are tilted towards what was kept more often."
            }
            Self::LogOfUnsampledTrace => {
                "Requests without spans are not counted, failing ones included, and their log records explain nothing."
            }
            Self::SamplingForced => "These traces were chosen and are not typical: shares are tilted towards them.",
            Self::OnlyFailingTraces => {
                "How many of how many requests fail cannot be said, and there are no good requests to compare failing ones with."
            }
        }
    }

    /// What to do about it: one plain sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::InputBroken => "Copy or export the input again; the messages say where it broke.",
            Self::NotTelemetry => "Leave these files out, or export them as OTLP.",
            Self::RecordSkipped => "See the messages for file and record; mend what writes them.",
            Self::RecordMended => {
                "See the messages for file and record; mend what writes the ids, and keep texts out of names."
            }
            Self::MetricsSkipped => "Leave metrics out of the export to make it smaller.",
            Self::SpansBeyondBound => "Begin a trace of its own for each item of such a job, and link it to the job.",
            Self::TextsBeyondBound => {
                "Begin a trace of its own for each item of such a job, or record an exception that repeats only once."
            }
            Self::LogsBeyondBound => "Log less within one span, or begin a span for each step.",
            Self::NamesBeyondBound => "Keep ids out of names of spans, services and hosts; put them into attributes.",
            Self::CallerMissing => {
                "Instrument the callers that are named, or those that nobody names (gateways, browsers, jobs), export their spans to the same place, and sample by trace, not by service."
            }
            Self::ParentMissing => {
                "Flush the exporter when a process ends, enlarge its queue, wait until long requests have ended, and drop no single spans in the collector."
            }
            Self::RootMissing => {
                "Capture from before the first request to after the last, and export the spans of whoever begins the traces."
            }
            Self::ContextNotPassed => {
                "Pass traceparent on: use the same propagators on both sides, instrument the client library, and let no proxy strip the header."
            }
            Self::CalleeLost => {
                "Look for what drops the callee's spans: its own sampler, a full exporter queue, a process that was killed."
            }
            Self::CalleeWithoutSpans => {
                "Instrument the callee if it is yours; otherwise set peer.service on the calls, so that it is named well."
            }
            Self::DuplicateSpan => "Give each file once, and send each span down one pipeline only.",
            Self::SharedId => "Nothing needs to be done; OpenTelemetry's own format gives each side an id of its own.",
            Self::IdConflict => {
                "Look for span ids that are generated with too little randomness, such as after a fork."
            }
            Self::SelfParent => "Mend the instrumentation or the converter that sets the parent ids.",
            Self::Cycle => "Mend the instrumentation or the converter that sets the parent ids.",
            Self::NegativeDuration => {
                "Look for clocks that are set back while spans are open, and for converters that mix up units."
            }
            Self::SkewCorrected => {
                "Synchronise the clocks of the machines (NTP, chrony). If the callee works on messages, make its spans CONSUMER spans: nobody waits for those."
            }
            Self::SkewBeyondBound => {
                "Set the clocks of the machines: more than half an hour is a wrong time or time zone."
            }
            Self::NoServiceName => "Set OTEL_SERVICE_NAME, or service.name among the resource attributes.",
            Self::NoServiceVersion => "Set service.version in OTEL_RESOURCE_ATTRIBUTES, from what is deployed.",
            Self::NoInstance => "Set service.instance.id, or let a resource detector set k8s.pod.name or container.id.",
            Self::NoHost => "Let a resource detector, of the SDK or the collector, set host.name or k8s.node.name.",
            Self::NoSpanKind => "Set the kind when spans are started by hand; use instrumentations that do.",
            Self::VagueOperation => {
                "Name server spans after method and route (`GET /cart/{id}`); enable the instrumentation of the web framework."
            }
            Self::OperationWithId => "Name server spans after the route, not the path, and set http.route.",
            Self::NoAnswer => "Use an instrumentation that sets http.response.status_code or rpc.grpc.status_code.",
            Self::UnnamedCallee => "Set server.address, or peer.service, on client spans.",
            Self::WordlessFailure => {
                "Record the exception, or set the status with a description, where the failure is caught."
            }
            Self::NoStack => "Record exceptions with their stack traces (`recordException`), not as text.",
            Self::UnknownStack => "Nothing needs to be done: the evidence holds the whole stack trace.",
            Self::DroppedEvents => "Raise OTEL_SPAN_EVENT_COUNT_LIMIT, or end spans that live for long.",
            Self::DroppedAttributes => "Raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, or set fewer attributes.",
            Self::DroppedLinks => "Raise OTEL_SPAN_LINK_COUNT_LIMIT, or take fewer messages at once.",
            Self::NoLogs => "Export logs too, and give their files along with those of the traces.",
            Self::ServiceWithoutLogs => {
                "Connect the logging library of these services to OpenTelemetry, unless they have nothing to log."
            }
            Self::ServiceWithoutSpans => "Instrument these services for traces, and export them to the same place.",
            Self::LogWithoutTrace => {
                "Log within the request's context, with a logging bridge that adds trace and span ids."
            }
            Self::LogWithoutSpan => "Export spans and logs of the same time, and sample them alike.",
            Self::LogWithoutSeverity => "Set the severity in the logging bridge, or parse it in the collector.",
            Self::LogTimeApart => {
                "Give logs and traces of the same time; check the clocks and time zones of what writes them."
            }
            Self::SampledByProbability => "Capture without sampling while a change is judged, or for longer.",
            Self::SampledUnevenly => "Sample once, at the root, and let every service follow the parent.",
            Self::LogOfUnsampledTrace => {
                "Capture without sampling while a change is judged, or leave out records of unsampled traces."
            }
            Self::SamplingForced => "Leave debug requests out of the capture, or make sure that they are few.",
            Self::OnlyFailingTraces => {
                "Keep a share of the good traces too, by probability, in the tail sampler or the export."
            }
        }
    }
}
