//! One trace as a tree for a terminal: each span with its role and duration, exceptions in place.

use crate::facts::trace::{SpanFacts, TraceFacts};
use crate::judge::redaction::sentence;
use crate::report::plain_text::{fitted, one_line};
use crate::report::terminal::{BOLD, DIM, GREEN, RED, YELLOW, redacted};
use anstyle::Style;
use std::fmt::{self, Write};

/// Beyond this depth branches are no longer indented further: the depth is written instead.
const INDENTED: usize = 16;

/// From this many columns on there is room for span kinds.
const WIDE: usize = 100;

/// Renders the tree, at most `width` columns wide, with ANSI styles.
///
/// # Errors
///
/// Never in practice: writing to a string cannot fail.
pub fn render(trace: &TraceFacts, width: usize) -> Result<String, fmt::Error> {
    let width = width.clamp(60, 240);
    let mut out = String::new();
    writeln!(out, "{BOLD}trace {}{BOLD:#}  {} spans", trace.trace_id, trace.spans.len() as u64 + trace.hidden_spans)?;
    for (code, count) in &trace.defects {
        writeln!(out, "{YELLOW}{code}: {count}{YELLOW:#}")?;
    }
    for span in &trace.spans {
        write_span(&mut out, span, width)?;
    }
    if trace.hidden_spans > 0 {
        writeln!(out, "{DIM}… {} more spans …{DIM:#}", trace.hidden_spans)?;
    }
    redacted(&mut out, sentence(trace.redacted.iter().copied()), width)?;
    Ok(out)
}

fn write_span(out: &mut String, span: &SpanFacts, width: usize) -> fmt::Result {
    let indent = "  ".repeat(span.depth.min(INDENTED) + 1);
    let deeper = if span.depth > INDENTED { format!("[depth {}] ", span.depth) } else { String::new() };
    let mark = match (span.entry, span.orphan) {
        (_, true) => "? ",
        (true, false) => "> ",
        _ => "  ",
    };
    let left = format!("{mark}{}{deeper}{} {}{}", &indent[2..], span.service, span.operation, facts(span, width));
    let role = if span.role == "healthy" { "" } else { span.role };
    let right = format!("{:>11} {role:<10}", duration(span.duration_ns));
    let room = width.saturating_sub(right.len() + 1);
    let left = fitted(&left, room);
    let gap = " ".repeat(room.saturating_sub(unicode_width::UnicodeWidthStr::width(&*left)));
    let style = match span.role {
        "origin" => RED,
        "propagated" | "silent" => YELLOW,
        "absorbed" | "retried" | "cancelled" => GREEN,
        _ => Style::new(),
    };
    writeln!(out, "{style}{left}{style:#}{gap} {}", right.trim_end())?;
    let note = |out: &mut String, style: Style, text: &str| {
        let room = width.saturating_sub(indent.len() + 4);
        writeln!(out, "{indent}    {style}{}{style:#}", fitted(text, room))
    };
    for exception in &span.exceptions {
        let text = format!("{}: {}", named(&exception.kind, "exception"), named(&exception.message, "(no message)"));
        note(out, RED, &text)?;
        if let Some(frame) = &exception.frame {
            note(out, Style::new(), &format!("at {frame}"))?;
        }
    }
    if span.exceptions.is_empty()
        && let Some(message) = &span.message
    {
        note(out, RED, message)?;
    }
    for body in &span.error_logs {
        note(out, DIM, &format!("log: {body}"))?;
    }
    for flag in &span.flags {
        note(out, DIM, &format!("flag: {flag}"))?;
    }
    for (key, value) in &span.attributes {
        note(out, DIM, &format!("{key} = {}", one_line(value)))?;
    }
    for link in &span.links {
        note(out, DIM, &format!("link: {link}"))?;
    }
    Ok(())
}

/// Kind, status and codes of a span, as far as there is room and they say something.
fn facts(span: &SpanFacts, width: usize) -> String {
    let mut facts = String::new();
    // Where room is short, the names matter more than the kind.
    if width >= WIDE {
        facts = format!(" {}", span.kind);
    }
    if span.status != "unset" {
        facts = format!("{facts} {}", span.status);
    }
    match (span.grpc, span.http) {
        (Some(code), _) if code != 0 => facts = format!("{facts} grpc={code}"),
        (_, Some(code)) if code >= 400 => facts = format!("{facts} http={code}"),
        _ => {}
    }
    facts
}

fn named<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.trim().is_empty() { otherwise } else { text }
}

/// Nanoseconds as milliseconds, or seconds from ten on.
fn duration(ns: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown to three places")]
    let ms = ns as f64 / 1e6;
    if ms < 10_000.0 { format!("{ms:.3} ms") } else { format!("{:.3} s", ms / 1e3) }
}
