//! What signatures were made of, and in what they differ, for a terminal.

use crate::judge::evidence_cause::{Grouping, RootCause};
use crate::judge::grouping::{Difference, Wanted, differences};
use crate::report::plain_text::one_line;
use std::fmt::{self, Write};

/// Shows each wanted root cause, then each against the first; or which of them nobody knows.
///
/// # Errors
///
/// Only when a string cannot be written to.
pub fn render(wanted: &[Wanted], known: &[RootCause]) -> Result<Result<String, String>, fmt::Error> {
    let mut found: Vec<&RootCause> = Vec::new();
    for want in wanted {
        let mut these = known.iter().filter(|cause| want.is(cause)).peekable();
        if these.peek().is_none() {
            return Ok(Err(format!(
                "no root cause of the input has the signature {}; `whyspan analyze --format json` lists them",
                want.text()
            )));
        }
        for cause in these {
            if !found.iter().any(|known| known.signature == cause.signature) {
                found.push(cause);
            }
        }
    }
    let mut out = String::new();
    for cause in &found {
        shown(&mut out, cause)?;
    }
    for pair in found.windows(2) {
        compared(&mut out, pair[0], pair[1])?;
    }
    if let [only] = found[..] {
        relatives(&mut out, only, known)?;
    }
    Ok(Ok(out))
}

fn shown(out: &mut String, cause: &RootCause) -> fmt::Result {
    writeln!(out, "{}", cause.signature)?;
    writeln!(out, "  {}", one_line(&cause.sentence))?;
    let Some(Grouping { family, parts }) = &cause.grouping else {
        return writeln!(out, "  made of its kind, service and operation alone: it is no failure\n");
    };
    writeln!(out, "  family {family}")?;
    for part in parts.iter().filter(|part| !part.value.is_empty()) {
        let mut lines = part.value.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "  {:<14} {}", part.part, one_line(first))?;
        for line in lines {
            writeln!(out, "  {:<14} {}", "", one_line(line))?;
        }
    }
    writeln!(out)
}

fn compared(out: &mut String, one: &RootCause, other: &RootCause) -> fmt::Result {
    let (Some(left), Some(right)) = (&one.grouping, &other.grouping) else {
        return writeln!(out, "{} and {} are of other kinds.", one.signature, other.signature);
    };
    let family = if left.family == right.family { "the same family" } else { "other families" };
    writeln!(out, "{} and {}: two faults, of {family}. They differ in", one.signature, other.signature)?;
    for Difference { part, one, other } in differences(left, right) {
        let told = |value: Option<&str>| value.map_or("nothing".to_owned(), |value| format!("{:?}", one_line(value)));
        writeln!(out, "  {part}: {} and {}", told(one), told(other))?;
    }
    writeln!(out)
}

/// Other faults of the same family, which would be the same one but for what is told.
fn relatives(out: &mut String, cause: &RootCause, known: &[RootCause]) -> fmt::Result {
    let Some(grouping) = &cause.grouping else { return Ok(()) };
    let same_family = |it: &&RootCause| {
        it.signature != cause.signature && it.grouping.as_ref().is_some_and(|its| its.family == grouping.family)
    };
    for relative in known.iter().filter(same_family) {
        compared(out, cause, relative)?;
    }
    Ok(())
}
