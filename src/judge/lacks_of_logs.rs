//! What log records lack to explain a request.

use crate::facts::telemetry::ServiceTelemetry;
use crate::judge::checkup::Finding;
use crate::judge::evidence::Severity;
use crate::judge::examined::Examined;
use crate::judge::lack::Lack;
use crate::judge::tally::Tally;
use crate::model::defect::Defect;
use crate::model::time::Interval;

/// What is said of the records of such services.
const APART: &str = "[comes from a service|come from services] all of whose records were written before the first span or after the last.";

/// Missing records, trace ids, spans and severities; records of another time.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let facts = examined.telemetry;
    let logs = |service: &ServiceTelemetry| service.sent.logs.records;
    let any = facts.services.values().any(|service| logs(service) > 0);
    let sending = facts.services.values().filter(|service| service.spans > 0).count() as u64;
    let nothing = Tally::of_all(if any { 0 } else { sending }, Some(sending));
    let spans_only =
        Tally::of_services(facts, |it| u64::from(any && it.spans > 0 && logs(it) == 0), |it| u64::from(it.spans > 0));
    let logs_only = Tally::by_service(facts, |it| u64::from(it.spans == 0 && logs(it) > 0));
    let outside = Tally::of_services(facts, |it| it.sent.logs.errors_outside, |it| it.sent.logs.errors);
    let astray = Tally::of_services(facts, |it| it.defects.count(Defect::LogWithoutSpan), |it| it.sent.logs.errors);
    let unweighed = Tally::of_services(facts, |it| it.sent.logs.without_severity, logs);
    let apart = apart(examined);
    let sentences = [
        "No log record is in the input.".to_owned(),
        spans_only.sentence("service", "that [sends|send] spans [sends|send] no log records, while others do."),
        logs_only.sentence("service", "that [sends|send] log records [sends|send] no spans."),
        outside.sentence("exception or error record", "[bears|bear] no trace id."),
        astray.sentence("exception or error record", "[names|name] a span that is not in the input."),
        unweighed.sentence("log record", "[tells|tell] no severity."),
        apart.sentence("log record", APART),
    ];
    let [of_nothing, of_spans_only, of_logs_only, of_outside, of_astray, of_unweighed, of_apart] = sentences;
    vec![
        nothing.finding(Lack::NoLogs, Severity::Warn, of_nothing),
        spans_only.finding(Lack::ServiceWithoutLogs, Severity::Info, of_spans_only),
        logs_only.finding(Lack::ServiceWithoutSpans, Severity::Warn, of_logs_only),
        outside.finding(Lack::LogWithoutTrace, Severity::Warn, of_outside),
        astray.finding(Lack::LogWithoutSpan, Severity::Warn, of_astray),
        unweighed.finding(Lack::LogWithoutSeverity, Severity::Info, of_unweighed),
        apart.finding(Lack::LogTimeApart, Severity::Warn, of_apart),
    ]
}

/// Services none of whose log records were written while any span of the capture was open.
fn apart(examined: &Examined<'_>) -> Tally {
    let spans = examined.window.time;
    let lies_apart = |logs: Option<Interval>| {
        let pair = spans.zip(logs);
        pair.is_some_and(|(spans, logs)| logs.end < spans.start || logs.start > spans.end)
    };
    let part = |service: &ServiceTelemetry| {
        let logs = &service.sent.logs;
        if lies_apart(logs.time) { logs.records } else { 0 }
    };
    Tally::of_services(examined.telemetry, part, |service| service.sent.logs.records)
}
