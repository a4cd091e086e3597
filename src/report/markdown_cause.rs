//! Root causes in the Markdown report: in full, or as one row of a table.

use crate::judge::evidence_cause::{Exception, Frame, RootCause, Step};
use crate::judge::wording::{count, failing_code, percent};
use crate::report::callee_words::{STATEMENTS, called_as, other_statements, share, told};
use crate::report::effect_words::effect;
use crate::report::markdown_mermaid;
use crate::report::markdown_text::Medium::{Html, Markdown};
use crate::report::markdown_text::{Medium, lines};
use crate::report::numbers::{chance, milliseconds};
use std::fmt::{self, Write};

/// How many characters of a name are shown.
pub(crate) const NAME: usize = 120;
/// How many characters of a message are shown.
pub(crate) const MESSAGE: usize = 300;
/// How many characters of a sentence are shown.
pub(crate) const SENTENCE: usize = 600;
/// How many bytes of a stack trace are shown: its first lines, which name the place.
const STACK_TRACE: usize = 4096;
/// How many entries of each list of a root cause are shown.
const LISTED: usize = 10;
/// How many spans of either end of a long way are shown.
const PATH_ENDS: usize = 8;

/// `fatal, new`: how far it got, and what it is against the baseline.
pub(crate) fn standing(cause: &RootCause) -> String {
    match cause.change.as_deref() {
        Some(change) => format!("{}, {}", Html.words(change, NAME), effect(cause)),
        None => effect(cause).to_owned(),
    }
}

/// What is wrong: who, and what it says.
pub(crate) fn fault(cause: &RootCause) -> String {
    let name = |text: &str| Markdown.code(text, NAME);
    let told = cause.exception.as_ref();
    let mut says = told.and_then(Exception::name).as_deref().map(name).unwrap_or_default();
    let message = told.and_then(|told| told.message.as_deref()).or(cause.status.message.as_deref());
    if let Some(message) = message.filter(|message| !message.trim().is_empty()) {
        let gap = if says.is_empty() { "" } else { ": " };
        let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        says = format!("{says}{gap}{}", Markdown.code(&line, NAME));
    }
    if says.is_empty() {
        let code = failing_code(cause.status.grpc, cause.status.http);
        says = code.unwrap_or_else(|| "status ERROR and no message".to_owned());
    }
    let (service, operation) = (name(&cause.service), name(&cause.operation));
    let peer = cause.peer.as_deref().map(name);
    let called = peer.as_deref().unwrap_or("a callee without a name");
    match cause.kind.as_str() {
        "exception" => format!("{service} throws {says} in {operation}"),
        "unreachable" if cause.answered_for => {
            format!("{service} is answered by {called}, or a proxy before it, with an error in {operation}: {says}")
        }
        "unreachable" => format!("{service} cannot reach {called} in {operation}: {says}"),
        "dependency" => format!("{called} fails {service} in {operation} with {says}"),
        "error-status" => match &peer {
            Some(peer) => format!("{peer}, called by {service} in {operation}, answers with {says}"),
            None => format!("{service} fails in {operation} with {says}"),
        },
        "timeout" => match &peer {
            Some(peer) => format!("{service} waits too long for {peer} in {operation}: {says}"),
            None => format!("{service} takes so long in {operation} that its caller gives up: {says}"),
        },
        "log-error" => format!("{service} logs {says} in {operation}, although its spans are well"),
        "latency" => {
            let slower = if cause.change.is_none() { "makes some requests slow" } else { "became slower" };
            match &peer {
                Some(peer) => format!("{peer}, called by {service} in {operation}, {slower}"),
                None => format!("{service} {slower} in {operation}"),
            }
        }
        _ => Markdown.words(&cause.sentence, SENTENCE).trim_end_matches('.').to_owned(),
    }
}

/// `charge.js:21:11` as code, with the function.
pub(crate) fn place(frame: &Frame) -> String {
    // The end of a long path tells more than its start.
    let from = frame.file.char_indices().rev().nth(NAME).map_or(0, |(at, _)| at);
    let mut place = if from > 0 { format!("…{}", &frame.file[from..]) } else { frame.file.clone() };
    for number in [frame.line, frame.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    let function = frame.function.as_deref().map(|function| format!(" ({})", Markdown.code(function, NAME)));
    format!("{}{}", Markdown.code(&place, NAME + 30), function.unwrap_or_default())
}

/// The services on the way up, whoever is to blame first, each once in a row; of more than six the first and the last three.
pub(crate) fn services_on_the_way(cause: &RootCause) -> Option<String> {
    let way = cause.propagation.iter().map(|step| step.service.as_str());
    let mut services: Vec<&str> = cause.peer.as_deref().into_iter().chain(way).collect();
    services.dedup();
    let names =
        |services: &[&str]| services.iter().map(|name| Markdown.code(name, NAME)).collect::<Vec<_>>().join(" → ");
    let end = if cause.effect.as_deref() == Some("absorbed") { ", which gets over it" } else { "" };
    match services.len() {
        0 | 1 => None,
        2..=6 => Some(format!("{}{end}", names(&services))),
        all => Some(format!("{} → … → {}{end}", names(&services[..3]), names(&services[all - 3..]))),
    }
}

/// The root cause with all that is known of it, in a fold; the stack trace only if asked for.
pub(crate) fn in_full(cause: &RootCause, with_stack_trace: bool) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let who = match &cause.peer {
        Some(peer) => format!("{}, seen by {}", Html.code(peer, NAME), Html.code(&cause.service, NAME)),
        None => Html.code(&cause.service, NAME),
    };
    let operation = Html.code(&cause.operation, NAME);
    writeln!(
        out,
        "<details>\n<summary>Root cause {} ({}): {who} {operation}</summary>\n",
        cause.rank,
        standing(cause)
    )?;
    writeln!(out, "{}\n", Markdown.words(&cause.sentence, SENTENCE))?;
    if let Some(comparison) = &cause.comparison {
        let p = cause.p_value.map(|p| format!(" The chance of that if nothing had changed: {}.", chance(Some(p))));
        writeln!(out, "{}{}\n", Markdown.words(comparison, SENTENCE), p.unwrap_or_default())?;
    }
    write_exception(&mut out, cause, with_stack_trace)?;
    write_callee(&mut out, cause)?;
    write_reach(&mut out, cause)?;
    write_way(&mut out, cause)?;
    write_what_changed(&mut out, cause)?;
    writeln!(out, "Confidence: {}.\n", cause.confidence.level.as_str())?;
    let points = [("for", &cause.confidence.speaks_for), ("against", &cause.confidence.against)];
    for (side, sentences) in points {
        write_list(&mut out, sentences, |sentence| format!("{side}: {}", Markdown.words(sentence, SENTENCE)))?;
    }
    let exemplars = cause.exemplars.iter().take(LISTED).map(|exemplar| Markdown.code(&exemplar.trace_id, NAME));
    let exemplars = exemplars.collect::<Vec<_>>().join(", ");
    if !exemplars.is_empty() {
        writeln!(out, "Traces that show it: {exemplars}. See one with `whyspan trace TRACE_ID INPUT...`.\n")?;
    }
    writeln!(out, "Signature: {}\n\n</details>\n", Markdown.code(&cause.signature, NAME))?;
    Ok(out)
}

fn write_list<T>(out: &mut String, all: &[T], write: impl Fn(&T) -> String) -> fmt::Result {
    for item in all.iter().take(LISTED) {
        writeln!(out, "- {}", write(item))?;
    }
    if all.len() > LISTED {
        writeln!(out, "- and {} more: see the evidence JSON", all.len() - LISTED)?;
    }
    if all.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_exception(out: &mut String, cause: &RootCause, with_stack_trace: bool) -> fmt::Result {
    if let Some(code) = failing_code(cause.status.grpc, cause.status.http) {
        writeln!(out, "The call or request ended with {code}.\n")?;
    }
    let Some(exception) = &cause.exception else {
        return match &cause.status.message {
            Some(message) => writeln!(out, "Message: {}\n", Markdown.code(message, MESSAGE)),
            None => Ok(()),
        };
    };
    let told = |kind: &Option<String>, message: &Option<String>, frame: &Option<Frame>| {
        let kind = Markdown.code(kind.as_deref().unwrap_or("exception"), NAME);
        let message = message.as_deref().map(|text| format!(": {}", Markdown.code(text, MESSAGE)));
        let at = frame.as_ref().map(|frame| format!(", at {}", place(frame)));
        format!("{kind}{}{}", message.unwrap_or_default(), at.unwrap_or_default())
    };
    writeln!(out, "Exception: {}\n", told(&exception.name(), &exception.message, &exception.frame))?;
    write_list(out, &exception.chain, |cause| {
        format!("caused by {}", told(&cause.kind, &cause.message, &cause.frame))
    })?;
    let Some(trace) = exception.stacktrace.as_deref().filter(|trace| !trace.trim().is_empty()) else { return Ok(()) };
    if !with_stack_trace {
        return writeln!(out, "The stack trace is left out: see the evidence JSON.\n");
    }
    let shown = first_lines(trace);
    writeln!(out, "{}", lines(shown))?;
    match trace[shown.len()..].lines().filter(|line| !line.trim().is_empty()).count() {
        0 => Ok(()),
        more => writeln!(out, "{} of the stack trace: see the evidence JSON.\n", count(more as u64, "more line")),
    }
}

/// Whole lines, as long as they fit; at least the start of the first.
fn first_lines(trace: &str) -> &str {
    if trace.len() <= STACK_TRACE {
        return trace;
    }
    let most = trace.floor_char_boundary(STACK_TRACE);
    &trace[..trace[..most].rfind('\n').unwrap_or(most)]
}

/// Whom the call went to, and what it asked.
fn write_callee(out: &mut String, cause: &RootCause) -> fmt::Result {
    let names: Vec<String> = called_as(cause).into_iter().map(|name| Markdown.code(name, NAME)).collect();
    if !names.is_empty() {
        writeln!(out, "Calls name it {}.\n", names.join(", "))?;
    }
    let Some(callee) = &cause.callee else { return Ok(()) };
    let words: Vec<String> =
        told(callee).into_iter().map(|(what, text)| format!("{what} {}", Markdown.code(text, NAME))).collect();
    if !words.is_empty() {
        writeln!(out, "The call went to {}.\n", words.join(", "))?;
    }
    if callee.statements.is_empty() {
        return Ok(());
    }
    writeln!(out, "It asked, with `?` in place of each value:\n")?;
    for told in callee.statements.iter().take(STATEMENTS) {
        writeln!(out, "- {} ({})", Markdown.code(&told.statement, MESSAGE), share(cause, told))?;
    }
    if let Some(others) = other_statements(callee) {
        writeln!(out, "- {others}: see the evidence JSON")?;
    }
    writeln!(out)
}

fn write_reach(out: &mut String, cause: &RootCause) -> fmt::Result {
    let traces = &cause.traces;
    let before = traces.baseline.map(|baseline| format!(" (before: {baseline})")).unwrap_or_default();
    let share = match traces.fatal {
        0 => String::new(),
        _ => format!("; it explains {:.0} % of the failing traces", 100.0 * cause.share_of_failing),
    };
    writeln!(
        out,
        "Seen in {}{before}: {} failed by it, in {} it was absorbed{share}.\n",
        count(traces.candidate, "trace"),
        traces.fatal,
        traces.absorbed
    )?;
    let at =
        |service: &str, operation: &str| format!("{} {}", Markdown.code(service, NAME), Markdown.code(operation, NAME));
    write_list(out, &cause.entry_points, |hit| {
        format!(
            "{}: {} of {} failed ({})",
            at(&hit.service, &hit.operation),
            hit.failing,
            count(hit.total, "request"),
            percent(hit.failing, hit.total)
        )
    })?;
    write_list(out, &cause.degraded_entry_points, |hit| {
        format!(
            "{}: {} of {} got over it ({})",
            at(&hit.service, &hit.operation),
            hit.absorbed,
            count(hit.total, "request"),
            percent(hit.absorbed, hit.total)
        )
    })?;
    write_list(out, &cause.async_entry_points, |hit| {
        format!(
            "{}: {} of {} asked for it in a message (async)",
            at(&hit.service, &hit.operation),
            hit.requests,
            count(hit.total, "request")
        )
    })
}

/// The way from whoever was hit down to where it began.
fn write_way(out: &mut String, cause: &RootCause) -> fmt::Result {
    if cause.propagation.len() < 2 {
        return Ok(());
    }
    if let Some(drawn) = markdown_mermaid::way(cause)? {
        writeln!(out, "{drawn}")?;
    }
    writeln!(out, "From the request that was made down to where it began:\n")?;
    let step = |step: &Step| {
        let what = match step.role.as_str() {
            "origin" => "**it began here**",
            "propagated" => "passed the failure on",
            "silent" => "passed the failure on, unmarked",
            "absorbed" => "got over it",
            "retried" => "tried again",
            "async" => "asked for it in a message (async)",
            _ => "",
        };
        format!("1. {} {}: {what}", Markdown.code(&step.service, NAME), Markdown.code(&step.operation, NAME))
    };
    let way = &cause.propagation;
    let (start, end) = match way.len().checked_sub(2 * PATH_ENDS) {
        Some(hidden) if hidden > 1 => (&way[..PATH_ENDS], &way[way.len() - PATH_ENDS..]),
        _ => (&way[..], &way[..0]),
    };
    for at in end.iter().rev() {
        writeln!(out, "{}", step(at))?;
    }
    let hidden = (way.len() - start.len() - end.len()) as u64 + cause.hidden_steps;
    if hidden > 0 {
        writeln!(out, "1. … {} …", count(hidden, "more span"))?;
    }
    for at in start.iter().rev() {
        writeln!(out, "{}", step(at))?;
    }
    writeln!(out)
}

fn write_what_changed(out: &mut String, cause: &RootCause) -> fmt::Result {
    if let Some(latency) = &cause.latency {
        writeln!(
            out,
            "p95 of its {}: {}, {} {}; it explains {:.0} % of the slowdown.\n",
            match latency.metric.as_str() {
                "wire" => "time on the wire",
                _ if cause.peer.is_some() => "calls",
                _ => "own time",
            },
            milliseconds(latency.candidate_p95_ms),
            if cause.change.is_some() { "before" } else { "in other requests" },
            milliseconds(latency.baseline_p95_ms),
            100.0 * latency.explains
        )?;
    }
    let numbers = |with: u64, without: u64, passing_with: u64, passing_without: u64, p: f64| {
        format!(
            "of failing requests {with} have it and {without} do not, of passing ones {passing_with} and \
             {passing_without}; p {}",
            chance(Some(p))
        )
    };
    write_list(out, &cause.suspects, |it| {
        let inferred = if it.inferred { ", found in the telemetry" } else { "" };
        format!(
            "suspect{inferred}: {} ({})",
            Markdown.words(&it.sentence, SENTENCE),
            numbers(it.failing_with, it.failing_without, it.passing_with, it.passing_without, it.p_value)
        )
    })?;
    write_list(out, &cause.conditions, |it| {
        format!(
            "condition: {} ({})",
            Markdown.words(&it.sentence, SENTENCE),
            numbers(it.failing_with, it.failing_without, it.passing_with, it.passing_without, it.p_value)
        )
    })
}

/// One row of the table of the root causes that are not told in full.
pub(crate) fn row(cause: &RootCause) -> Result<String, fmt::Error> {
    let words = |medium: Medium, text: &str| medium.words(text, MESSAGE);
    let sentence = words(Html, &cause.sentence);
    let comparison = cause.comparison.as_deref().map(|text| words(Html, text)).unwrap_or_default();
    let trace = cause.exemplars.first().map(|exemplar| Html.code(&exemplar.trace_id, NAME)).unwrap_or_default();
    Ok(format!(
        "<tr><td>{}</td><td>{}</td><td>{sentence}</td><td>{comparison}</td><td>{}</td><td>{trace}</td></tr>\n",
        cause.rank,
        standing(cause),
        cause.confidence.level.as_str()
    ))
}
