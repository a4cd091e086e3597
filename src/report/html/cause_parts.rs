//! What is said of a root cause in more than one place of the page.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::{Frame, RootCause};
use crate::judge::evidence_gate::Without;
use crate::judge::wording::failing_code;
use crate::report::html::text::{code, line, message, name, sentence};
use crate::report::numbers::milliseconds;
use crate::report::rule_words::{RuleWords, rule_words};
use maud::{Markup, html};

/// How many characters of a path are shown: of longer ones the end, which tells more than the start.
const PATH: usize = 120;

/// What the gate would have decided without the root cause in this place, if that is told.
pub(crate) fn without(evidence: &Evidence, place: usize) -> Option<&Without> {
    let reference = format!("/root_causes/{place}");
    evidence.verdict.iter().flat_map(|verdict| &verdict.without).find(|it| it.reference == reference)
}

/// What its kind means, for whoever meets only the word.
pub(crate) fn meaning(cause: &RootCause) -> &'static str {
    match cause.latency.as_ref().map(|latency| latency.metric.as_str()) {
        Some("wire") => {
            "Requests are slower although the callee works as fast as it does otherwise: the time goes between the two, in the network, a \
             proxy, a queue or a pool of connections."
        }
        Some(_) if cause.peer.is_some() => {
            "Requests are slower, and the time goes into calls to somebody who has no spans here: into the work there, or the way to it."
        }
        Some(_) => {
            "Requests are slower, and the time goes into the work of this operation itself, not into what it calls."
        }
        None => kind_words(cause).what,
    }
}

/// Meaning and advice of its kind. As a rule of gates `traffic` is about more than what a root cause of that kind is about.
pub(crate) fn kind_words(cause: &RootCause) -> RuleWords {
    rule_words(if cause.kind == "traffic" { "call-counts" } else { &cause.kind })
}

/// What is wrong: who, and what it says, of which no more than `most` characters are shown. Without a full stop.
pub(crate) fn fault(cause: &RootCause, most: usize) -> Markup {
    let (service, operation) = (code(&cause.service), code(&cause.operation));
    let says = says(cause, most);
    let peer = cause.peer.as_deref();
    let called = peer.map_or_else(|| html! { "a callee without a name" }, code);
    match (cause.kind.as_str(), peer) {
        ("exception", _) => html! { (service) " throws " (says) " in " (operation) },
        ("unreachable", _) if cause.answered_for => {
            html! { (service) " is answered by " (called) ", or a proxy before it, with an error in " (operation) ": " (says) }
        }
        ("unreachable", _) => html! { (service) " cannot reach " (called) " in " (operation) ": " (says) },
        ("dependency", _) => html! { (called) " fails " (service) " in " (operation) " with " (says) },
        ("error-status", Some(_)) => {
            html! { (called) ", called by " (service) " in " (operation) ", answers with " (says) }
        }
        ("error-status", None) => html! { (service) " fails in " (operation) " with " (says) },
        ("timeout", Some(_)) => html! { (service) " waits too long for " (called) " in " (operation) ": " (says) },
        ("timeout", None) => {
            html! { (service) " takes so long in " (operation) " that its caller gives up: " (says) }
        }
        ("log-error", _) => html! { (service) " logs " (says) " in " (operation) ", although its spans are well" },
        ("latency", Some(_)) => {
            html! { (called) ", called by " (service) " in " (operation) "," (slower(cause)) @if let Some(numbers) = slowness(cause) { ": " (numbers) } }
        }
        ("latency", None) => {
            html! { (service) (slower(cause)) " in " (operation) @if let Some(numbers) = slowness(cause) { ": " (numbers) } }
        }
        _ => html! { (sentence(cause.sentence.trim_end_matches('.'))) },
    }
}

/// The exception, else the words of the span, else its code.
fn says(cause: &RootCause, most: usize) -> Markup {
    let told = cause.exception.as_ref();
    let kind = told.and_then(|told| told.kind.as_deref());
    let words = told.and_then(|told| told.message.as_deref()).or(cause.status.message.as_deref());
    let words = words.filter(|words| !words.trim().is_empty());
    match (kind, words) {
        (Some(kind), Some(words)) => html! { (code(kind)) " " (message(words, most)) },
        (Some(kind), None) => code(kind),
        (None, Some(words)) => message(words, most),
        (None, None) => {
            let answer = failing_code(cause.status.grpc, cause.status.http);
            html! { (answer.unwrap_or_else(|| "status ERROR and no message".to_owned())) }
        }
    }
}

/// What it did.
fn slower(cause: &RootCause) -> &'static str {
    if cause.change.is_some() { " became slower" } else { " makes some requests slow" }
}

/// How much slower it is, of a cause that makes requests slow.
pub(crate) fn slowness(cause: &RootCause) -> Option<Markup> {
    let latency = cause.latency.as_ref()?;
    let what = match latency.metric.as_str() {
        "self_time" if cause.peer.is_some() => "such a call".to_owned(),
        "self_time" => "its own time".to_owned(),
        "wire" => "the time on the wire before it".to_owned(),
        other => name(other),
    };
    Some(html! {
        @if cause.change.is_some() { "95 % of the time, " } @else { "in 95 % of the slow requests, " }
        (what) @if cause.peer.is_some() { " takes at most " } @else { " is at most " } b { (milliseconds(latency.candidate_p95_ms)) }
        @if cause.change.is_some() { ", before " } @else { ", in 95 % of the others " }
        (milliseconds(latency.baseline_p95_ms)) "; that explains " (format!("{:.0} %", 100.0 * latency.explains))
        " of the slowdown"
    })
}

/// `charge.js:21:11` with the function; `whole` shows the folders too.
pub(crate) fn place(frame: &Frame, whole: bool) -> Markup {
    let file = if whole {
        let from = frame.file.char_indices().rev().nth(PATH).map_or(0, |(at, _)| at);
        format!("{}{}", if from > 0 { "…" } else { "" }, &frame.file[from..])
    } else {
        frame.file.rsplit(['/', '\\']).next().unwrap_or(&frame.file).to_owned()
    };
    let mut place = line(&file, PATH + 1);
    for number in [frame.line, frame.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    html! { (code(&place)) @if let Some(function) = &frame.function { " (" (code(function)) ")" } }
}

/// The line of the application's own code: that of the exception, else that of the outermost of its causes that has one.
pub(crate) fn frame(cause: &RootCause) -> Option<&Frame> {
    let exception = cause.exception.as_ref()?;
    exception.frame.as_ref().or_else(|| exception.chain.iter().find_map(|link| link.frame.as_ref()))
}

/// The services on the way up, whoever is to blame first, each once in a row; of more than six the first and the last three.
pub(crate) fn services_on_the_way(cause: &RootCause) -> Option<Markup> {
    let way = cause.propagation.iter().map(|step| step.service.as_str());
    let mut services: Vec<&str> = cause.peer.as_deref().into_iter().chain(way).collect();
    services.dedup();
    let shown: Vec<Option<&str>> = match services.len() {
        0 | 1 => return None,
        2..=6 => services.into_iter().map(Some).collect(),
        all => services[..3]
            .iter()
            .map(|it| Some(*it))
            .chain([None])
            .chain(services[all - 3..].iter().map(|it| Some(*it)))
            .collect(),
    };
    Some(html! {
        span.way {
            @for (at, service) in shown.iter().enumerate() {
                @if at > 0 { span.arrow aria-label="to" role="img" { " → " } }
                @match service { Some(service) => (code(service)), None => "…" }
            }
        }
        @if cause.effect.as_deref() == Some("absorbed") { ", which gets over it" }
    })
}
