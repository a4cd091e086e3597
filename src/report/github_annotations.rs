//! Annotations of a GitHub workflow: commands on standard output that put a message beside a line of code.

use crate::judge::evidence::{Evidence, Severity};
use crate::judge::wording::count;
use crate::report::concern::{Concern, concerns, cut};
use crate::report::plain_text::one_line;
use crate::report::source_map::SourceMap;
use std::fmt::{self, Write};

/// So many errors, and so many warnings, are shown of one step.
const SHOWN: usize = 10;

/// How many characters of a message are written.
const MESSAGE: usize = 2_000;
/// How many characters of a title are written.
const TITLE: usize = 150;

/// Renders workflow commands, each on a line of its own: the verdict as a notice, then an error for what failed or left
/// the gate undecided, then a warning for what is worth a look, those that weigh most first. A root cause with a line of
/// code stands at that line. Nothing that telemetry says can be a command: everything is on one line, and escaped.
///
/// # Errors
///
/// Never in practice: writing to a string cannot fail.
pub fn render(evidence: &Evidence, sources: &SourceMap) -> Result<String, fmt::Error> {
    let mut out = String::new();
    if let Some(verdict) = &evidence.verdict {
        let title = format!("whyspan {}: {}", evidence.command, verdict.decision);
        command(&mut out, "notice", &[("title", title)], &verdict.summary)?;
    }
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for concern in concerns(evidence) {
        // What left a gate undecided ends the step as what failed it: it is an error to whoever waits for a decision.
        match concern.severity {
            Severity::Fail => errors.push(concern),
            _ if concern.decides => errors.push(concern),
            Severity::Warn => warnings.push(concern),
            Severity::Info => {}
        }
    }
    for (name, concerns) in [("error", &errors), ("warning", &warnings)] {
        for concern in concerns.iter().take(SHOWN) {
            annotation(&mut out, name, concern, sources)?;
        }
    }
    let hidden = |concerns: &[Concern<'_>]| concerns.len().saturating_sub(SHOWN) as u64;
    let more = [(hidden(&errors), "more error"), (hidden(&warnings), "more warning")];
    let more: Vec<String> = more.iter().filter(|(n, _)| *n > 0).map(|(number, noun)| count(*number, noun)).collect();
    if !more.is_empty() {
        let told = format!("{} left out: GitHub shows {SHOWN} of each for one step.", more.join(" and "));
        command(&mut out, "notice", &[("title", "whyspan".to_owned())], &told)?;
    }
    Ok(out)
}

fn annotation(out: &mut String, name: &str, concern: &Concern<'_>, sources: &SourceMap) -> fmt::Result {
    let mut properties = Vec::new();
    if let Some(frame) = concern.frame() {
        properties.push(("file", sources.path(&frame.file).as_str().to_owned()));
        let line = frame.line.filter(|line| *line > 0);
        properties.extend(line.map(|line| ("line", line.to_string())));
        // A column says nothing without its line.
        let column = line.and(frame.column).filter(|column| *column > 0);
        properties.extend(column.map(|column| ("col", column.to_string())));
    }
    let title = match concern.at() {
        Some((service, operation)) => format!("{}: {operation} of {service}", concern.code()),
        None => concern.code().to_owned(),
    };
    properties.push(("title", cut(&title, TITLE).into_owned()));
    command(out, name, &properties, &cut(&concern.sentence(), MESSAGE))
}

/// `::name key=value,key=value::message`.
fn command(out: &mut String, name: &str, properties: &[(&str, String)], message: &str) -> fmt::Result {
    write!(out, "::{name}")?;
    for (place, (key, value)) in properties.iter().enumerate() {
        write!(out, "{}{key}={}", if place == 0 { ' ' } else { ',' }, of_property(value))?;
    }
    writeln!(out, "::{}", of_message(message))
}

/// The runner takes percent signs and line ends of a message for its own. There are none of the latter on one line, and
/// the older spelling of commands, `##[`, is looked for anywhere in a line by runners that do not know a command.
fn of_message(text: &str) -> String {
    one_line(text).replace("##", "# #").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Between the name of a command and its message, colons and commas are the runner's, too.
fn of_property(text: &str) -> String {
    of_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let mut out = String::new();
        let hostile = "100%\r\n::stop-commands::x\n::add-mask::y\u{2028}::error::z ##[error]w\u{202e}";
        command(&mut out, "error", &[("file", "a:b,c\n::x::.js".to_owned()), ("title", hostile.to_owned())], hostile)
            .expect("a string takes everything");
        assert_eq!(out.lines().count(), 1, "{out}");
        assert!(out.starts_with("::error file=a%3Ab%2Cc %3A%3Ax%3A%3A.js,title=100%25"), "{out}");
        assert!(!out.contains("##[") && !out.contains('\u{202e}') && !out.contains('\u{2028}'), "{out}");
        // Name and properties end at the first pair of colons after the leading one: that of the command itself.
        let (head, message) = out[2..].split_once("::").expect("a command");
        assert!(!head.contains('\n') && head.contains("title=100%25"), "{head}");
        assert!(message.starts_with("100%25  ::stop-commands::x"), "{message}");
    }

    #[test]
    fn an_escape_cannot_be_smuggled_in() {
        assert_eq!(of_message("%0A::error::x"), "%250A::error::x");
        assert_eq!(of_property("%3A,"), "%253A%2C");
    }
}
