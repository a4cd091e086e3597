//! The report of an analysis or a gate for a terminal.

use crate::judge::evidence::{Evidence, Severity};
use crate::judge::evidence_cause::RootCause;
use crate::judge::quality::meaning;
use crate::judge::wording::{count, failing_code, quoted};
use crate::report::plain_text::one_line;
use crate::report::terminal_cause::write_cause;
use crate::report::terminal_gate::write_gate;
use crate::report::terminal_tables::{SERVICES, services};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write};

pub(crate) const HEADING: Style = Style::new().bold().underline();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();

/// How many root causes of a section are shown in full.
const IN_FULL: usize = 10;

/// How many client faults are shown.
const CLIENT_FAULTS: usize = 30;

/// Renders the report, at most `width` columns wide, with ANSI styles; strip these where no terminal reads it.
///
/// # Errors
///
/// Never in practice: writing to a string cannot fail.
pub fn render(evidence: &Evidence, width: usize) -> Result<String, fmt::Error> {
    let width = width.clamp(60, 200);
    let mut out = String::new();
    if let Some(verdict) = &evidence.verdict {
        write_gate(&mut out, evidence, verdict, width)?;
        redacted(&mut out, evidence.redaction.sentence(), width)?;
        return Ok(out);
    }
    headline(&mut out, evidence, width)?;
    let (faults, causes): (Vec<&RootCause>, Vec<&RootCause>) =
        evidence.root_causes.iter().partition(|cause| cause.client_fault);
    let section = |effect: &[Option<&str>]| -> Vec<&RootCause> {
        causes.iter().copied().filter(|cause| effect.contains(&cause.effect.as_deref())).collect()
    };
    write_causes(&mut out, "Root causes", &section(&[Some("fatal")]), width)?;
    write_causes(&mut out, "Absorbed failures (no entry point failed by them)", &section(&[Some("absorbed")]), width)?;
    write_causes(&mut out, "Exceptions in logs of spans that are well", &section(&[None]), width)?;
    if !faults.is_empty() {
        heading(&mut out, "Client faults (answered 4xx or the like; for information)")?;
        client_faults(&mut out, &faults, width)?;
    }
    if !evidence.services.is_empty() {
        heading(&mut out, "Services")?;
        writeln!(out, "{}", services(&evidence.services, width))?;
        and_more(&mut out, "", evidence.services.len(), SERVICES)?;
    }
    quality(&mut out, evidence, width)?;
    redacted(&mut out, evidence.redaction.sentence(), width)?;
    Ok(out)
}

fn headline(out: &mut String, evidence: &Evidence, width: usize) -> fmt::Result {
    let window = &evidence.windows.candidate;
    let first = evidence.root_causes.first().filter(|cause| !cause.client_fault);
    let (style, words) = match first {
        _ if window.spans == 0 => (YELLOW, "No span was found in the input: nothing can be said.".to_owned()),
        None => (
            GREEN,
            format!("No root cause: no request of {} failed by a fault of the system.", count(window.traces, "trace")),
        ),
        Some(cause) => (if cause.effect.as_deref() == Some("fatal") { RED } else { YELLOW }, cause.sentence.clone()),
    };
    for line in textwrap::wrap(&one_line(&words), width) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    let counts = format!(
        "{} ({} failing), {}, {}, {}{}",
        count(window.traces, "trace"),
        window.failing_traces,
        count(window.spans, "span"),
        count(window.logs, "log record"),
        count(window.services, "service"),
        window.start.as_ref().zip(window.end.as_ref()).map(|(start, end)| span_of_time(start, end)).unwrap_or_default(),
    );
    for line in textwrap::wrap(&counts, width) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

/// `, 2026-11-22 10:00:00 to 10:00:12 UTC`; the end with its date only when that differs.
pub(crate) fn span_of_time(start: &str, end: &str) -> String {
    let second = |time: &str| time.get(..19).unwrap_or(time).replace('T', " ");
    let (start, end) = (second(start), second(end));
    let end = match (start.get(..10), end.get(..10)) {
        (Some(a), Some(b)) if a == b => end.get(11..).unwrap_or(&end).to_owned(),
        _ => end,
    };
    format!(", {start} to {end} UTC")
}

pub(crate) fn heading(out: &mut String, words: &str) -> fmt::Result {
    writeln!(out, "\n{HEADING}{words}{HEADING:#}\n")
}

fn write_causes(out: &mut String, title: &str, causes: &[&RootCause], width: usize) -> fmt::Result {
    if causes.is_empty() {
        return Ok(());
    }
    heading(out, title)?;
    for (place, cause) in causes.iter().take(IN_FULL).enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        write_cause(out, cause, width)?;
    }
    and_more(out, "", causes.len(), IN_FULL)
}

/// Says how many of `all` come after those that are `shown`.
pub(crate) fn and_more(out: &mut String, indent: &str, all: usize, shown: usize) -> fmt::Result {
    if all > shown {
        writeln!(out, "{indent}{DIM}and {} more: see --format json{DIM:#}", all - shown)?;
    }
    Ok(())
}

/// Says what was taken out, if anything was.
pub(crate) fn redacted(out: &mut String, sentence: Option<String>, width: usize) -> fmt::Result {
    let Some(sentence) = sentence else { return Ok(()) };
    writeln!(out)?;
    for line in textwrap::wrap(&sentence, width) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

fn client_faults(out: &mut String, faults: &[&RootCause], width: usize) -> fmt::Result {
    for fault in faults.iter().take(CLIENT_FAULTS) {
        let told = fault.exception.as_ref().and_then(|exception| exception.message.as_deref());
        let told =
            told.or(fault.status.message.as_deref()).map(|text| format!(" {}", quoted(text))).unwrap_or_default();
        let code = failing_code(fault.status.grpc, fault.status.http).unwrap_or_default();
        let seen = count(fault.traces.candidate, "trace");
        let such =
            fault.exemplars.first().map(|exemplar| format!(", such as {}", exemplar.trace_id)).unwrap_or_default();
        let line = format!("- {} {}: {code}{told} ({seen}{such})", fault.service, fault.operation);
        for line in textwrap::wrap(&one_line(&line), textwrap::Options::new(width).subsequent_indent("  ")) {
            writeln!(out, "{line}")?;
        }
    }
    and_more(out, "", faults.len(), CLIENT_FAULTS)
}

pub(crate) fn quality(out: &mut String, evidence: &Evidence, width: usize) -> fmt::Result {
    heading(out, "Data quality")?;
    writeln!(out, "{BOLD}{}{BOLD:#}: {}", evidence.quality.grade, meaning(&evidence.quality.grade))?;
    let skipped = evidence.findings.iter().filter(|finding| finding.code == "input-skipped");
    let metrics = evidence.findings.iter().filter(|finding| finding.code == "metrics-skipped");
    let told = skipped.chain(metrics).map(|finding| (finding.severity, finding.sentence.as_str()));
    let defects = evidence.quality.defects.iter().map(|defect| (Severity::Info, defect.sentence.as_str()));
    for (severity, sentence) in told.chain(defects) {
        let style = if severity == Severity::Info { Style::new() } else { YELLOW };
        let options = textwrap::Options::new(width).initial_indent("- ").subsequent_indent("  ");
        for line in textwrap::wrap(&one_line(sentence), options) {
            writeln!(out, "{style}{line}{style:#}")?;
        }
    }
    Ok(())
}
