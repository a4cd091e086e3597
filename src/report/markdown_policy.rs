//! The policy in force, and how a gate judges by it.

use crate::judge::policy::Policy;
use crate::judge::rule::Level;
use crate::report::markdown_text::Medium::Markdown;
use std::fmt::{self, Write};

/// The policy in a fold: what differs from the built-in one says so.
pub(crate) fn policy(policy: &Policy) -> Result<String, fmt::Error> {
    let built_in = Policy::default();
    let mut out = String::new();
    let which = if *policy == built_in { "built in" } else { "not the built-in one" };
    writeln!(out, "<details>\n<summary>Policy in force ({which}), and how it is judged</summary>\n")?;
    for ((name, number), (_, usual)) in policy.numbers().zip(built_in.numbers()) {
        let usual = if number == usual { String::new() } else { format!(" (built in: {usual})") };
        writeln!(out, "- {}: {number}{usual}", Markdown.code(name, usize::MAX))?;
    }
    for (level, means) in [
        (Level::Fail, "no-go when found"),
        (Level::Inconclusive, "nothing can be decided when found"),
        (Level::Warn, "told, and the change may go"),
        (Level::Info, "for information"),
    ] {
        let rules = policy.rules.iter().filter(|(_, at)| **at == level).map(|(&rule, _)| {
            let usual = built_in.level(rule);
            let usual = if usual == level { String::new() } else { format!(" (built in: {})", usual.as_str()) };
            format!("{}{usual}", Markdown.code(rule.code(), usize::MAX))
        });
        let rules = rules.collect::<Vec<_>>().join(", ");
        if !rules.is_empty() {
            writeln!(out, "- **{}**, {means}: {rules}", level.as_str())?;
        }
    }
    writeln!(
        out,
        "\nShares of failing requests are compared by Fisher's exact test, one-sided, with Newcombe's interval of the \
         difference; durations of passing requests by order statistics of their quantile. What could fail the gate is \
         corrected for how many such comparisons there are (Holm). No rise counts that is not relevant too, and no data \
         is never a go.\n\n</details>\n"
    )?;
    Ok(out)
}
