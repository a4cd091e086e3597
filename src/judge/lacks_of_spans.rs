//! What spans and the processes that send them do not tell.

use crate::analyze::stack::language::LANGUAGES;
use crate::facts::telemetry::ServiceTelemetry;
use crate::judge::checkup::Finding;
use crate::judge::evidence::Severity;
use crate::judge::examined::Examined;
use crate::judge::lack::Lack;
use crate::judge::tally::Tally;
use crate::judge::wording::count;
use crate::model::defect::Defect;
use crate::model::resource::UNKNOWN_SERVICE;
use crate::model::sent::{Loss, Sent};

/// A lack that is counted the same way in every service: what, of what, how it is called, and what is said of it.
struct Simple {
    lack: Lack,
    severity: Severity,
    part: fn(&ServiceTelemetry) -> u64,
    whole: fn(&ServiceTelemetry) -> u64,
    noun: &'static str,
    rest: &'static str,
}

const SIMPLE: [Simple; 10] = [
    Simple {
        lack: Lack::NoServiceVersion,
        severity: Severity::Warn,
        part: |service| service.without_version,
        whole: |service| service.spans,
        noun: "span",
        rest: "[comes from a process|come from processes] without service.version.",
    },
    Simple {
        lack: Lack::NoInstance,
        severity: Severity::Info,
        part: |service| service.without_instance,
        whole: |service| service.spans,
        noun: "span",
        rest: "[comes from a process|come from processes] without service.instance.id, k8s.pod.name or container.id.",
    },
    Simple {
        lack: Lack::NoHost,
        severity: Severity::Info,
        part: |service| service.without_host,
        whole: |service| service.spans,
        noun: "span",
        rest: "[comes from a process|come from processes] without host.name or k8s.node.name.",
    },
    Simple {
        lack: Lack::NoSpanKind,
        severity: Severity::Warn,
        part: |service| service.without_kind,
        whole: |service| service.spans,
        noun: "span",
        rest: "[does not tell its|do not tell their] kind.",
    },
    Simple {
        lack: Lack::VagueOperation,
        severity: Severity::Warn,
        part: |service| service.vague_operations,
        whole: |service| service.server_spans,
        noun: "server span",
        rest: "[is|are] named after nothing but the HTTP method.",
    },
    Simple {
        lack: Lack::OperationWithId,
        severity: Severity::Warn,
        part: |service| service.operations_with_ids,
        whole: |service| service.server_spans,
        noun: "server span",
        rest: "[has what looks like an id in its name|have what looks like an id in their names].",
    },
    Simple {
        lack: Lack::NoAnswer,
        severity: Severity::Info,
        part: |service| service.without_answer,
        whole: |service| service.server_spans,
        noun: "server span",
        rest: "[tells|tell] neither a status nor the code of an answer.",
    },
    Simple {
        lack: Lack::WordlessFailure,
        severity: Severity::Warn,
        part: |service| service.wordless_failures,
        whole: |service| service.failures,
        noun: "failure",
        rest: "began in a span with neither an exception nor a message.",
    },
    Simple {
        lack: Lack::NoStack,
        severity: Severity::Warn,
        part: |service| service.without_stack,
        whole: |service| service.exceptions,
        noun: "span",
        rest: "with an exception [has|have] no stack trace of it.",
    },
    Simple {
        lack: Lack::UnknownStack,
        severity: Severity::Info,
        part: |service| service.unknown_stack,
        whole: |service| service.exceptions,
        noun: "span",
        rest: "with an exception [has|have] a stack trace in no language that is understood.",
    },
];

/// Missing attributes, names, codes, words and stack traces; what limits threw away.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let facts = examined.telemetry;
    let mut unnamed = Tally::of_all(0, Some(examined.window.spans));
    unnamed.add(UNKNOWN_SERVICE, examined.window.defects.count(Defect::NoServiceName), None, None);
    let told = examined.told(Defect::NoServiceName.code());
    let mut found = vec![unnamed.finding(Lack::NoServiceName, Severity::Warn, told)];
    for Simple { lack, severity, part, whole, noun, rest } in SIMPLE {
        let tally = Tally::of_services(facts, part, whole);
        let tally = if lack == Lack::UnknownStack { tally.with_notes(|name| languages(examined, name)) } else { tally };
        let mut sentence = tally.sentence(noun, rest);
        if lack == Lack::UnknownStack {
            let known: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
            sentence = format!("{} ({}).", sentence.trim_end_matches('.'), known.join(", "));
        }
        found.push(tally.finding(lack, severity, sentence));
    }
    found.extend(losses(examined));
    found
}

fn languages(examined: &Examined<'_>, name: &str) -> Option<String> {
    let languages = &examined.telemetry.services.get(name)?.sent.languages;
    let names: Vec<&str> = languages.iter().map(|(language, _)| language).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn losses(examined: &Examined<'_>) -> [Option<Finding>; 3] {
    let failing = examined.window.defects.count(Defect::DroppedEvents);
    let of = |lack: Lack, severity: Severity, loss: fn(&Sent) -> Loss, noun: &str, rest: &str| {
        let facts = examined.telemetry;
        let tally = Tally::of_services(facts, |service| loss(&service.sent).spans, |service| service.sent.spans);
        let things = facts.services.values().map(|service| loss(&service.sent).things).sum();
        let sentence = tally.sentence("span", &format!("lost {} to a limit of the SDK{rest}.", count(things, noun)));
        tally.finding(lack, severity, sentence)
    };
    let failed =
        if failing == 0 { String::new() } else { format!("; {failing} of them failed or passed a failure on") };
    let severity = if failing == 0 { Severity::Info } else { Severity::Warn };
    [
        of(Lack::DroppedEvents, severity, |sent| sent.dropped_events, "event", &failed),
        of(Lack::DroppedAttributes, Severity::Warn, |sent| sent.dropped_attributes, "attribute", ""),
        of(Lack::DroppedLinks, Severity::Info, |sent| sent.dropped_links, "link", ""),
    ]
}
