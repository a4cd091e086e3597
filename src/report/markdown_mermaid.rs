//! The way of a failure and the service graph as Mermaid, which GitHub and GitLab draw where they show Markdown.
//!
//! A diagram is a fence, in which nobody looks for mentions or addresses. What telemetry says stands between quotation marks,
//! and of it only letters, digits, spaces, `/` and `_` as they are: all else is written as Mermaid's entities (`#46;`), so
//! that no text can end the label, the line or the fence.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_pictures::Call;
use crate::ordered::map::OrderedMap;
use crate::report::plain_text::steers;
use std::fmt::{self, Write};

/// How many characters of a name are shown.
const NAME: usize = 60;
/// How many services of a way are drawn: of more, both ends.
const WAY: usize = 12;
/// How many calls are drawn: more would be nothing to look at.
const CALLS: usize = 40;

/// The services that a failure passed, from the request that was made to where it began; nothing for fewer than two.
pub(crate) fn way(cause: &RootCause) -> Result<Option<String>, fmt::Error> {
    let mut hops: Vec<(&str, &str)> = Vec::new();
    for step in cause.propagation.iter().rev() {
        // Of each service the operation by which it was entered.
        if hops.last().is_none_or(|(service, _)| *service != step.service) {
            hops.push((&step.service, &step.operation));
        }
    }
    hops.extend(cause.peer.as_deref().map(|peer| (peer, "")));
    if hops.len() < 2 {
        return Ok(None);
    }
    let left_out = hops.len().saturating_sub(WAY);
    if left_out > 0 {
        hops.drain(WAY / 2..WAY / 2 + left_out);
    }
    let mut out = String::from("```mermaid\nflowchart LR\n");
    for (number, (service, operation)) in hops.iter().enumerate() {
        let below = if operation.is_empty() { String::new() } else { format!("<br/>{}", label(operation)) };
        writeln!(out, "  s{number}[\"{}{below}\"]", label(service))?;
    }
    for number in 1..hops.len() {
        let told = if left_out > 0 && number == WAY / 2 { format!("|\"{left_out} more\"|") } else { String::new() };
        writeln!(out, "  s{} -->{told} s{number}", number - 1)?;
    }
    writeln!(out, "  style s{} stroke:#b3261e,stroke-width:3px\n```\n", hops.len() - 1)?;
    Ok(Some(out))
}

/// Who calls whom, in a fold; nothing where nobody calls anybody.
pub(crate) fn service_graph(evidence: &Evidence) -> Result<Option<String>, fmt::Error> {
    let calls: Vec<&Call> = evidence.pictures.calls.iter().filter(|call| call.calls > 0).take(CALLS).collect();
    if calls.is_empty() {
        return Ok(None);
    }
    let mut nodes: OrderedMap<&str, usize> = OrderedMap::new();
    for name in calls.iter().flat_map(|call| [call.from.as_str(), call.to.as_str()]) {
        let next = nodes.len();
        nodes.entry(name).or_insert(next);
    }
    let mut out = String::from("<details>\n<summary>Service graph</summary>\n\n```mermaid\nflowchart LR\n");
    for (name, number) in &nodes {
        writeln!(out, "  n{number}[\"{}\"]", label(name))?;
    }
    let node = |service: &String| nodes.get(service.as_str()).copied().unwrap_or_default();
    for (number, call) in calls.iter().enumerate() {
        let told =
            if call.failed > 0 { format!("|\"{} of {} fail\"|", call.failed, call.calls) } else { String::new() };
        writeln!(out, "  n{} -->{told} n{}", node(&call.from), node(&call.to))?;
        if call.failed > 0 {
            writeln!(out, "  linkStyle {number} stroke:#b3261e,stroke-width:3px")?;
        }
    }
    out.push_str("```\n\n");
    let more = evidence.pictures.calls.iter().filter(|call| call.calls > 0).count() - calls.len();
    if more > 0 {
        writeln!(out, "{more} more calls: see the evidence JSON.\n")?;
    }
    out.push_str("</details>\n\n");
    Ok(Some(out))
}

/// A name that means nothing to Mermaid.
fn label(name: &str) -> String {
    let mut out = String::new();
    for (number, character) in name.chars().enumerate() {
        if number == NAME {
            out.push('…');
            break;
        }
        match character {
            _ if character.is_ascii_alphanumeric() || matches!(character, ' ' | '/' | '_') => out.push(character),
            // What steers text would do so once it is drawn, too.
            _ if steers(character) => out.push(' '),
            _ => out.push_str(&format!("#{};", u32::from(character))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_mean_nothing_to_mermaid() {
        assert_eq!(label("a.B/c_d-1"), "a#46;B/c_d#45;1");
        assert_eq!(label("\"]\n```\u{202e}--> x"), "#34;#93; #96;#96;#96; #45;#45;#62; x");
        assert_eq!(label(&"x".repeat(100)).chars().count(), NAME + 1);
    }
}
