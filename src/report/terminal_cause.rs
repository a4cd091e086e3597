//! One root cause in the terminal report: what it is, whom it hit, the way it took, how sure we are.

use crate::judge::evidence_cause::{Frame, Level, RootCause, Step};
use crate::judge::wording::{count, failing_code};
use crate::report::callee_words::{STATEMENTS, called_as, other_statements, share, told};
use crate::report::effect_words::effect;
use crate::report::plain_text::{fitted, one_line};
use crate::report::terminal::{BOLD, DIM, GREEN, RED, YELLOW, and_more};
use anstyle::Style;
use std::fmt::{self, Write};

const INDENT: &str = "   ";

/// How many entry points of each sort are shown, those that were hit most.
const ENTRY_POINTS: usize = 20;

pub(crate) fn write_cause(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    let blamed = match &cause.peer {
        Some(peer) => format!("{peer}, seen by {} {}", cause.service, cause.operation),
        None => format!("{} {}", cause.service, cause.operation),
    };
    let title = format!("{}. {}", cause.rank, fitted(&blamed, width.saturating_sub(4)));
    writeln!(out, "{BOLD}{title}{BOLD:#}")?;
    let style = match cause.confidence.level {
        Level::High => GREEN,
        Level::Medium => YELLOW,
        Level::Low => RED,
    };
    let effect = cause.effect.as_deref().unwrap_or_else(|| effect(cause));
    let word = cause.confidence.level.as_str();
    writeln!(out, "{INDENT}{} · {effect} · confidence {style}{word}{style:#}", cause.kind)?;
    if let Some(comparison) = &cause.comparison {
        wrapped(out, comparison, BOLD, width)?;
    }
    write_told(out, cause, width)?;
    write_callee(out, cause, width)?;
    write_reach(out, cause, width)?;
    write_what_changed(out, cause, width)?;
    writeln!(out)?;
    write_path(out, cause, width)?;
    writeln!(out)?;
    write_confidence(out, cause, width)?;
    if let Some(exemplar) = cause.exemplars.first() {
        writeln!(out, "{INDENT}{DIM}see: whyspan trace {} INPUT...{DIM:#}", exemplar.trace_id)?;
    }
    Ok(())
}

fn write_told(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    match &cause.exception {
        Some(exception) => {
            let kind = exception.name().unwrap_or_else(|| "exception".to_owned());
            let message = exception.message.as_deref().unwrap_or("(no message)");
            wrapped(out, &format!("{kind}: {message}"), RED, width)?;
            write_frame(out, exception.frame.as_ref(), width)?;
            for link in &exception.chain {
                let kind = link.kind.as_deref().unwrap_or("exception");
                wrapped(
                    out,
                    &format!("caused by {kind}: {}", link.message.as_deref().unwrap_or("")),
                    Style::new(),
                    width,
                )?;
                write_frame(out, link.frame.as_ref(), width)?;
            }
        }
        None => {
            if let Some(message) = &cause.status.message {
                wrapped(out, message, RED, width)?;
            }
        }
    }
    if let Some(code) = failing_code(cause.status.grpc, cause.status.http) {
        // The code is that of the request or call in which it happened: a dead store does not answer 500 itself.
        writeln!(out, "{INDENT}the call or request ended with {code}")?;
    }
    Ok(())
}

/// Whom the call went to, and what it asked.
fn write_callee(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    let names = called_as(cause);
    if !names.is_empty() {
        wrapped(out, &format!("called as: {}", names.join(", ")), Style::new(), width)?;
    }
    let Some(callee) = &cause.callee else { return Ok(()) };
    let words: Vec<String> = told(callee).into_iter().map(|(what, text)| format!("{what} {text}")).collect();
    if !words.is_empty() {
        wrapped(out, &format!("called: {}", words.join(", ")), Style::new(), width)?;
    }
    for told in callee.statements.iter().take(STATEMENTS) {
        wrapped(out, &format!("asked: {} ({})", told.statement, share(cause, told)), Style::new(), width)?;
    }
    if let Some(others) = other_statements(callee) {
        writeln!(out, "{INDENT}{others}")?;
    }
    Ok(())
}

fn write_frame(out: &mut String, frame: Option<&Frame>, width: usize) -> fmt::Result {
    let Some(frame) = frame else { return Ok(()) };
    let mut place = frame.file.clone();
    for number in [frame.line, frame.column].into_iter().flatten() {
        write!(place, ":{number}")?;
    }
    let line = match &frame.function {
        Some(function) => format!("at {function} ({place})"),
        None => format!("at {place}"),
    };
    writeln!(out, "{INDENT}{}", fitted(&line, width.saturating_sub(INDENT.len())))
}

fn write_reach(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    let traces = &cause.traces;
    let split = match (traces.fatal, traces.absorbed) {
        (0, _) | (_, 0) => String::new(),
        (fatal, absorbed) => format!(" ({fatal} fatal, {absorbed} absorbed)"),
    };
    let share = match traces.fatal {
        0 => String::new(),
        _ => format!(", {:.0} % of the failing ones", 100.0 * cause.share_of_failing),
    };
    let verb = if traces.fatal > 0 { "explains" } else { "seen in" };
    writeln!(out, "{INDENT}{verb} {}{split}{share}", count(traces.candidate, "trace"))?;
    for at in cause.began_at.iter().take(ENTRY_POINTS) {
        let line = format!("met by {} {} ({})", at.service, at.operation, count(at.traces, "trace"));
        writeln!(out, "{INDENT}{}", fitted(&line, width.saturating_sub(INDENT.len())))?;
    }
    and_more(out, INDENT, cause.began_at.len(), ENTRY_POINTS)?;
    for entry in cause.entry_points.iter().take(ENTRY_POINTS) {
        let line = format!(
            "hits {} {}: {} of {} failed",
            entry.service,
            entry.operation,
            entry.failing,
            count(entry.total, "request")
        );
        writeln!(out, "{INDENT}{}", fitted(&line, width.saturating_sub(INDENT.len())))?;
    }
    and_more(out, INDENT, cause.entry_points.len(), ENTRY_POINTS)?;
    for entry in cause.degraded_entry_points.iter().take(ENTRY_POINTS) {
        let line = format!(
            "touches {} {}: {} of {} got over it",
            entry.service,
            entry.operation,
            entry.absorbed,
            count(entry.total, "request")
        );
        writeln!(out, "{INDENT}{}", fitted(&line, width.saturating_sub(INDENT.len())))?;
    }
    and_more(out, INDENT, cause.degraded_entry_points.len(), ENTRY_POINTS)?;
    for entry in cause.async_entry_points.iter().take(ENTRY_POINTS) {
        let requests = count(entry.total, "request");
        let line =
            format!("asked for by {} {}: {} of {requests} (async)", entry.service, entry.operation, entry.requests);
        writeln!(out, "{INDENT}{}", fitted(&line, width.saturating_sub(INDENT.len())))?;
    }
    and_more(out, INDENT, cause.async_entry_points.len(), ENTRY_POINTS)
}

/// The changes that may have caused it, and the requests that it hits.
fn write_what_changed(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    for suspect in &cause.suspects {
        wrapped(out, &format!("suspect: {}", suspect.sentence), YELLOW, width)?;
        for doubt in &suspect.against {
            wrapped(out, &format!("  but {doubt}"), DIM, width)?;
        }
    }
    for condition in &cause.conditions {
        wrapped(out, &format!("only for some: {}", condition.sentence), Style::new(), width)?;
    }
    Ok(())
}

/// The way that the failure took, drawn from the entry point down to the origin.
fn write_path(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    writeln!(out, "{INDENT}{DIM}the way up, from the origin at the foot:{DIM:#}")?;
    let roles = cause.propagation.iter().map(|step| step.role.len()).max().unwrap_or(0);
    let room = width.saturating_sub(INDENT.len() + roles + 2);
    let shown: Vec<Option<&Step>> = shortened(&cause.propagation);
    for (depth, step) in shown.into_iter().rev().enumerate() {
        let branch = if depth == 0 { String::new() } else { format!("{}└─ ", "  ".repeat(depth.min(20) - 1)) };
        let Some(step) = step else {
            writeln!(
                out,
                "{INDENT}{branch}{DIM}… {} more spans …{DIM:#}",
                (cause.propagation.len() - 2 * PATH_ENDS) as u64 + cause.hidden_steps
            )?;
            continue;
        };
        let name = format!("{branch}{} {}", step.service, step.operation);
        let name = fitted(&name, room);
        let gap = room.saturating_sub(unicode_width::UnicodeWidthStr::width(&*name));
        let style = match step.role.as_str() {
            "origin" => RED,
            "propagated" => YELLOW,
            "absorbed" | "retried" => GREEN,
            _ => DIM,
        };
        writeln!(out, "{INDENT}{name}{}  {style}{}{style:#}", " ".repeat(gap), step.role)?;
    }
    Ok(())
}

/// How many spans of either end of a long way are drawn.
const PATH_ENDS: usize = 8;

/// A long way keeps its ends; `None` stands for what is left out.
fn shortened(path: &[Step]) -> Vec<Option<&Step>> {
    if path.len() <= 2 * PATH_ENDS + 1 {
        return path.iter().map(Some).collect();
    }
    let (start, end) = (&path[..PATH_ENDS], &path[path.len() - PATH_ENDS..]);
    start.iter().map(Some).chain([None]).chain(end.iter().map(Some)).collect()
}

fn write_confidence(out: &mut String, cause: &RootCause, width: usize) -> fmt::Result {
    for sentence in &cause.confidence.speaks_for {
        wrapped(out, &format!("+ {sentence}"), GREEN, width)?;
    }
    for sentence in &cause.confidence.against {
        wrapped(out, &format!("- {sentence}"), YELLOW, width)?;
    }
    Ok(())
}

/// How many lines of one message are shown; the JSON has it whole.
const MESSAGE_LINES: usize = 4;

fn wrapped(out: &mut String, text: &str, style: Style, width: usize) -> fmt::Result {
    let options = textwrap::Options::new(width).initial_indent(INDENT).subsequent_indent("     ");
    let text = one_line(text);
    let lines = textwrap::wrap(&text, options);
    for (at, line) in lines.iter().take(MESSAGE_LINES).enumerate() {
        let more = if at + 1 == MESSAGE_LINES && lines.len() > MESSAGE_LINES { " …" } else { "" };
        writeln!(out, "{style}{line}{more}{style:#}")?;
    }
    Ok(())
}
