//! The evidence as JSON, and the schema of that JSON.

use crate::judge::evidence::Evidence;
use crate::report::plain_text::steers;
use serde::Serialize;
use std::fmt::Write;

/// Indented JSON that ends with a newline. The same evidence gives the same bytes. Nothing in it steers a terminal that
/// it is printed on: what JSON itself lets stand raw (DEL, C1 codes, turns of direction) is written as `\u` escapes.
///
/// # Errors
///
/// Only when a value cannot be JSON, which the types of the evidence rule out; passed on rather than hidden.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(harmless(text))
}

/// Outside of strings JSON has only line breaks and what can be seen, so that all else may be escaped wherever it stands.
fn harmless(text: String) -> String {
    let is_harmful = |character: char| character != '\n' && steers(character);
    if !text.chars().any(is_harmful) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a string cannot fail, and all of these are in the basic plane.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

/// The JSON Schema (draft 2020-12) of the evidence.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let hostile = ["\u{1b}[2J", "\u{9b}2J", "\u{7f}\u{202e}x\u{feff}", "plain ü 漢"];
        let text = to_json(&hostile).expect("JSON");
        assert!(!text.chars().any(|c| c != '\n' && steers(c)), "{text}");
        assert!(text.contains("\\u009b2J") && text.contains("plain ü 漢"), "{text}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).expect("JSON"), hostile);
    }
}
