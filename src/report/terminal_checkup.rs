//! What `whyspan doctor` says, for a terminal.

use crate::judge::checkup::{Checkup, Concerned, Finding, Input};
use crate::judge::evidence::Severity;
use crate::judge::wording::count;
use crate::report::plain_text::one_line;
use crate::report::terminal::{BOLD, DIM, GREEN, RED, YELLOW, heading, redacted, span_of_time};
use crate::report::terminal_tables::service_telemetry;
use anstyle::Style;
use std::fmt::{self, Write};

/// How many inputs and messages are shown.
const LINES: usize = 10;

/// How many services of a finding are shown.
const SERVICES: usize = 6;

const INDENT: &str = "   ";

/// Renders the report, at most `width` columns wide, with ANSI styles; strip these where no terminal reads it.
///
/// # Errors
///
/// Never in practice: writing to a string cannot fail.
pub fn render(checkup: &Checkup, width: usize) -> Result<String, fmt::Error> {
    let width = width.clamp(60, 200);
    let mut out = String::new();
    headline(&mut out, checkup, width)?;
    if !checkup.inputs.is_empty() {
        heading(&mut out, "Inputs")?;
        inputs(&mut out, checkup, width)?;
    }
    if !checkup.services.is_empty() {
        heading(&mut out, "Services")?;
        writeln!(out, "{}", service_telemetry(&checkup.services, width))?;
    }
    for (severity, title) in [
        (Severity::Fail, "No conclusion is safe before this is mended"),
        (Severity::Warn, "Lacking, and it costs conclusions"),
        (Severity::Info, "To be known"),
    ] {
        let findings: Vec<&Finding> = checkup.findings.iter().filter(|finding| finding.severity == severity).collect();
        if !findings.is_empty() {
            heading(&mut out, title)?;
            for (place, finding) in findings.into_iter().enumerate() {
                if place > 0 {
                    writeln!(out)?;
                }
                write_finding(&mut out, finding, width)?;
            }
        }
    }
    redacted(&mut out, checkup.redaction.sentence(), width)?;
    Ok(out)
}

fn headline(out: &mut String, checkup: &Checkup, width: usize) -> fmt::Result {
    let style = match checkup.grade.as_str() {
        "A" | "B" if checkup.findings.iter().all(|finding| finding.severity == Severity::Info) => GREEN,
        "D" => RED,
        _ => YELLOW,
    };
    wrapped(out, &checkup.summary, "", style, width)?;
    let window = &checkup.window;
    let counts = format!(
        "{}, {}, {}, {}{}",
        count(window.traces, "trace"),
        count(window.spans, "span"),
        count(window.logs, "log record"),
        count(checkup.services.len() as u64, "service"),
        window.start.as_ref().zip(window.end.as_ref()).map(|(start, end)| span_of_time(start, end)).unwrap_or_default(),
    );
    wrapped(out, &counts, "", DIM, width)
}

fn inputs(out: &mut String, checkup: &Checkup, width: usize) -> fmt::Result {
    for input in checkup.inputs.iter().take(LINES) {
        // The end of a path tells more than its start, and the facts more than both.
        let facts = input_facts(input);
        let facts_wide = unicode_width::UnicodeWidthStr::width(&*facts);
        let room = width.saturating_sub(facts_wide + 4).max(width / 4);
        item(out, &format!("{}: {facts}", end_of(&one_line(&input.name), room)), "", Style::new(), width)?;
    }
    if checkup.inputs.len() > LINES {
        writeln!(out, "{DIM}and {} more: see --format json{DIM:#}", checkup.inputs.len() - LINES)?;
    }
    for message in checkup.messages.iter().take(LINES) {
        item(out, message, "", YELLOW, width)?;
    }
    if checkup.messages.len() > LINES {
        writeln!(out, "{DIM}and {} more: see --format json{DIM:#}", checkup.messages.len() - LINES)?;
    }
    Ok(())
}

fn input_facts(input: &Input) -> String {
    let mut facts = input.format.clone().unwrap_or_else(|| "no known format".to_owned());
    for compression in &input.compression {
        facts = format!("{facts} in {compression}");
    }
    for (number, noun) in [(input.spans, "span"), (input.logs, "log record"), (input.metrics, "metric")] {
        if number > 0 {
            facts = format!("{facts}, {}", count(number, noun));
        }
    }
    if input.whole || input.format.is_none() { facts } else { format!("{facts}, not read to its end") }
}

/// The last `width` columns of a text, with an ellipsis before them when there is more.
fn end_of(text: &str, width: usize) -> String {
    if unicode_width::UnicodeWidthStr::width(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        used += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if used > width {
            break;
        }
        start = at;
    }
    format!("…{}", &text[start..])
}

fn write_finding(out: &mut String, finding: &Finding, width: usize) -> fmt::Result {
    let style = match finding.severity {
        Severity::Fail => RED,
        Severity::Warn => YELLOW,
        Severity::Info => BOLD,
    };
    writeln!(out, "{style}{}{style:#}", finding.code)?;
    wrapped(out, &finding.sentence, INDENT, Style::new(), width)?;
    services(out, finding, width)?;
    wrapped(out, &finding.weakens, INDENT, Style::new(), width)?;
    wrapped(out, &format!("-> {}", finding.advice), INDENT, Style::new(), width)
}

fn services(out: &mut String, finding: &Finding, width: usize) -> fmt::Result {
    let all = finding.services.len();
    if all > SERVICES && finding.of == Some(finding.count) {
        return item(out, &format!("in every one of {all} services"), INDENT, DIM, width);
    }
    for concerned in finding.services.iter().take(SERVICES) {
        item(out, &words(concerned), INDENT, DIM, width)?;
    }
    if all > SERVICES {
        item(out, &format!("and {} more", count((all - SERVICES) as u64, "service")), INDENT, DIM, width)?;
    }
    Ok(())
}

/// `cart: 3 of 20, elsewhere called by frontend`.
fn words(concerned: &Concerned) -> String {
    let Concerned { service, count, of, note } = concerned;
    let number = match of {
        // One of one is the service itself.
        Some(1) => String::new(),
        None if *count == 1 && note.is_none() => String::new(),
        Some(of) => format!(": {count} of {of}"),
        None => format!(": {count}"),
    };
    let note = note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
    format!("{service}{number}{note}")
}

/// Writes a text, each line of it behind `indent`.
fn wrapped(out: &mut String, text: &str, indent: &str, style: Style, width: usize) -> fmt::Result {
    for line in textwrap::wrap(&one_line(text), width - indent.len()) {
        writeln!(out, "{indent}{style}{line}{style:#}")?;
    }
    Ok(())
}

/// Writes a text as an item of a list, each line of it behind `indent`.
fn item(out: &mut String, text: &str, indent: &str, style: Style, width: usize) -> fmt::Result {
    let options = textwrap::Options::new(width - indent.len()).initial_indent("- ").subsequent_indent("  ");
    for line in textwrap::wrap(&one_line(text), options) {
        writeln!(out, "{indent}{style}{line}{style:#}")?;
    }
    Ok(())
}
