//! `docs/signature.md` is the specification of signatures: every example in it holds.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use whyspan::analyze::message::clean;
use whyspan::analyze::signature::stable_names::{stable_file, stable_function};
use whyspan::analyze::signature::{Part, VERSION, exact, family};
use whyspan::judge::exceptions_file::rules_of_toml;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/signature.md")).expect("the specification")
}

/// The text between a heading and the next of its rank or above.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = page.find(&format!("\n## {heading}\n")).expect("a heading") + 1;
    let end = page[start + 3..].find("\n## ").map_or(page.len(), |end| start + 3 + end);
    &page[start..end]
}

/// The rows of tables of two columns of code.
fn examples(section: &str) -> Vec<(String, String)> {
    let rows = section.lines().filter_map(|line| {
        let (left, right) = line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `")?;
        Some((left.replace("\\|", "|"), right.replace("\\|", "|")))
    });
    rows.collect()
}

fn block<'p>(page: &'p str, kind: &str) -> &'p str {
    let start = page.find(&format!("```{kind}\n")).expect("a block") + kind.len() + 4;
    &page[start..start + page[start..].find("```").expect("its end")]
}

#[test]
fn messages_are_cleaned_as_specified() {
    let page = page();
    let examples = examples(section(&page, "Messages"));
    assert!(examples.len() >= 15, "only {} examples were found", examples.len());
    for (message, cleaned) in examples {
        assert_eq!(clean(&message), cleaned, "{message}");
    }
}

#[test]
fn names_count_as_specified() {
    let page = page();
    let examples = examples(section(&page, "Calls"));
    assert!(examples.len() >= 16, "only {} examples were found", examples.len());
    for (name, counts) in examples {
        let is_file = name.contains(".rb") || name.contains("://");
        let shown = if is_file { stable_file(&name) } else { stable_function(&name) };
        assert_eq!(shown, counts, "{name}");
    }
}

#[test]
fn the_worked_example_has_its_keys() {
    let page = page();
    let mut parts: Vec<Part> = Vec::new();
    for line in block(&page, "parts").lines() {
        let (name, value) = line.split_at(line.len().min(14));
        match (name.trim(), parts.last_mut()) {
            ("", Some(last)) => {
                last.value.push('\n');
                last.value.push_str(value.trim());
            }
            (name, _) => parts.push(Part { name: name.to_owned().leak(), value: value.trim().to_owned() }),
        }
    }
    let told = format!("give `{}`; those of its family give `{}`", exact(&parts), family(&parts));
    assert!(page.contains(&told), "{told}");
    assert!(page.contains(&format!("version **{VERSION}**")));
}

#[test]
fn the_example_of_rules_can_be_read() {
    let page = page();
    rules_of_toml(block(&page, "toml")).expect("rules");
}
