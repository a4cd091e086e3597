//! The report of a gate for a terminal: the decision and its reasons first, then what they rest on.

use crate::judge::evidence::{Change, Evidence, Finding, Severity};
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::{Objective, Verdict};
use crate::judge::policy::Policy;
use crate::judge::rule::Level;
use crate::judge::wording::count;
use crate::report::concern::ROOT_CAUSES;
use crate::report::plain_text::one_line;
use crate::report::terminal::{BOLD, DIM, GREEN, RED, YELLOW, and_more, heading, quality, span_of_time};
use crate::report::terminal_cause::write_cause;
use crate::report::terminal_tables::objectives;
use anstyle::Style;
use std::fmt::{self, Write};

/// How many findings of one sort are shown.
const FINDINGS: usize = 20;

/// How many root causes are shown in full.
const IN_FULL: usize = 5;

/// How many changes are shown.
const CHANGES: usize = 20;

/// How many objectives the table shows.
pub(crate) const OBJECTIVES: usize = 60;

pub(crate) fn write_gate(out: &mut String, evidence: &Evidence, verdict: &Verdict, width: usize) -> fmt::Result {
    headline(out, evidence, verdict, width)?;
    let of = |severity: Severity| -> Vec<&Finding> {
        let decided = |finding: &&Finding| !verdict.reasons.contains(finding) && !is_told_elsewhere(finding);
        evidence.findings.iter().filter(decided).filter(|finding| finding.severity == severity).collect()
    };
    write_findings(out, "Why", &verdict.reasons.iter().collect::<Vec<_>>(), RED, width)?;
    if !verdict.actions.is_empty() {
        heading(out, "What to do")?;
        for action in &verdict.actions {
            bullet(out, &action.sentence, BOLD, width)?;
        }
    }
    if !verdict.settle.is_empty() {
        heading(out, "What would settle it")?;
        for way in &verdict.settle {
            bullet(out, way, Style::new(), width)?;
        }
    }
    write_without(out, verdict, width)?;
    write_changes(out, &evidence.changes, width)?;
    write_findings(out, "Also against it", &of(Severity::Fail), RED, width)?;
    write_findings(out, "Warnings", &of(Severity::Warn), YELLOW, width)?;
    write_findings(out, "To be known", &of(Severity::Info), Style::new(), width)?;
    let changed = |cause: &&RootCause| !cause.client_fault && matches!(cause.change.as_deref(), Some("new" | "worse"));
    let causes: Vec<&RootCause> = evidence.root_causes.iter().filter(changed).collect();
    if !causes.is_empty() {
        heading(out, "Root causes that are new or worse")?;
        for (place, cause) in causes.iter().take(IN_FULL).enumerate() {
            if place > 0 {
                writeln!(out)?;
            }
            write_cause(out, cause, width)?;
        }
        and_more(out, "", causes.len(), IN_FULL)?;
    }
    if !evidence.objectives.is_empty() {
        heading(out, "Objectives")?;
        let shown = foremost(&evidence.objectives);
        writeln!(out, "{}", objectives(&shown, width))?;
        and_more(out, "", evidence.objectives.len(), shown.len())?;
    }
    quality(out, evidence, width)?;
    if let Some(policy) = &evidence.policy {
        write_policy(out, policy, width)?;
    }
    Ok(())
}

fn headline(out: &mut String, evidence: &Evidence, verdict: &Verdict, width: usize) -> fmt::Result {
    let style = match verdict.decision.as_str() {
        "go" => GREEN.bold(),
        "no-go" => RED,
        _ => YELLOW.bold(),
    };
    for line in textwrap::wrap(&one_line(&verdict.summary), width) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    let windows = [("baseline", evidence.windows.baseline.as_ref()), ("candidate", Some(&evidence.windows.candidate))];
    for (name, window) in windows.into_iter().filter_map(|(name, window)| Some((name, window?))) {
        let time = window.start.as_ref().zip(window.end.as_ref());
        let line = format!(
            "{name}: {} ({} failing), {}, {}{}",
            count(window.traces, "trace"),
            window.failing_traces,
            count(window.spans, "span"),
            count(window.services, "service"),
            time.map(|(start, end)| span_of_time(start, end)).unwrap_or_default(),
        );
        for line in textwrap::wrap(&line, textwrap::Options::new(width).subsequent_indent("  ")) {
            writeln!(out, "{DIM}{line}{DIM:#}")?;
        }
    }
    if evidence.windows.settling > 0 {
        let left_out = count(evidence.windows.settling, "trace");
        writeln!(out, "{DIM}{left_out} just after the change left out{DIM:#}")?;
    }
    Ok(())
}

/// What the reader is told in the sections on changes and on the quality of the data.
fn is_told_elsewhere(finding: &Finding) -> bool {
    finding.refs.iter().any(|reference| reference.starts_with("/changes/"))
        || matches!(finding.code.as_str(), "input-skipped" | "metrics-skipped")
        || finding.refs.iter().any(|reference| reference.starts_with("/quality/"))
}

fn write_findings(out: &mut String, title: &str, findings: &[&Finding], style: Style, width: usize) -> fmt::Result {
    if findings.is_empty() {
        return Ok(());
    }
    heading(out, title)?;
    for finding in findings.iter().take(FINDINGS) {
        bullet(out, &format!("{} [{}]", finding.sentence, finding.code), style, width)?;
    }
    and_more(out, "", findings.len(), FINDINGS)
}

fn write_without(out: &mut String, verdict: &Verdict, width: usize) -> fmt::Result {
    let changes_it = verdict.without.iter().filter(|without| without.decision != verdict.decision);
    for without in changes_it {
        let rank = without
            .reference
            .strip_prefix(ROOT_CAUSES)
            .and_then(|place| place.parse::<u64>().ok())
            .map_or(1, |at| at + 1);
        let told = without.sentence.replace("this root cause", &format!("root cause {rank}"));
        for line in textwrap::wrap(&told, width) {
            writeln!(out, "\n{BOLD}{line}{BOLD:#}")?;
        }
    }
    Ok(())
}

fn write_changes(out: &mut String, changes: &[Change], width: usize) -> fmt::Result {
    if changes.is_empty() {
        return Ok(());
    }
    heading(out, "What changed")?;
    for change in changes.iter().take(CHANGES) {
        bullet(out, &change_in_words(change), Style::new(), width)?;
    }
    and_more(out, "", changes.len(), CHANGES)
}

/// `Flag checkoutV2 changed from off to on: in 100 % of the traces that tell, before in 0 %. 2026-11-22T10:00:00Z, by ci
/// (changes.jsonl)`.
pub(crate) fn change_in_words(change: &Change) -> String {
    let known = change.services.contains(&change.key) || change.services.len() == 1;
    let service = change.service.as_ref().filter(|service| **service != change.key && !known);
    let more = [
        ("at ", &change.at),
        ("until ", &change.until),
        ("in ", &change.environment),
        ("by ", &change.actor),
        ("", &change.detail),
    ];
    let mut words: Vec<String> = service.map(|service| format!("of {service}")).into_iter().collect();
    words.extend(more.into_iter().filter_map(|(before, text)| Some(format!("{before}{}", text.as_ref()?))));
    let gap = if words.is_empty() { "" } else { " " };
    format!("{}{gap}{} ({})", change.sentence, words.join(", "), change.source)
}

fn bullet(out: &mut String, text: &str, style: Style, width: usize) -> fmt::Result {
    let options = textwrap::Options::new(width).initial_indent("- ").subsequent_indent("  ");
    for line in textwrap::wrap(&one_line(text), options) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

/// Of many objectives those that did not pass, then the others, in the order of the evidence.
fn foremost(all: &[Objective]) -> Vec<&Objective> {
    let (passed, others): (Vec<&Objective>, Vec<&Objective>) =
        all.iter().partition(|objective| matches!(objective.result.as_str(), "pass" | "not-judged"));
    others.into_iter().chain(passed).take(OBJECTIVES).collect()
}

fn write_policy(out: &mut String, policy: &Policy, width: usize) -> fmt::Result {
    heading(out, "Policy")?;
    let numbers: Vec<String> = policy.numbers().map(|(name, number)| format!("{name} = {number}")).collect();
    for line in textwrap::wrap(&numbers.join(", "), width) {
        writeln!(out, "{line}")?;
    }
    for level in [Level::Fail, Level::Inconclusive, Level::Warn, Level::Info] {
        let rules: Vec<&str> =
            policy.rules.iter().filter(|&(_, &set)| set == level).map(|(rule, _)| rule.code()).collect();
        let line = format!("{}: {}", level.as_str(), if rules.is_empty() { "-".to_owned() } else { rules.join(", ") });
        for line in textwrap::wrap(&line, textwrap::Options::new(width).subsequent_indent("  ")) {
            writeln!(out, "{DIM}{line}{DIM:#}")?;
        }
    }
    Ok(())
}
