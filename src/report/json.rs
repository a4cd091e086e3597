//! The evidence as JSON, and the schema of that JSON.

use crate::judge::evidence::{Evidence, SCHEMA};
use crate::report::plain_text::steers;
use serde::Serialize;
use std::fmt::Write;
use thiserror::Error;

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

/// Why a text is no evidence that can be read.
#[derive(Debug, Error)]
pub enum NoEvidence {
    /// It is JSON of something else.
    #[error("this is no evidence of whyspan: it does not say \"schema\": \"{SCHEMA}\"")]
    Other,
    /// It is of another version of whyspan.
    #[error("this is evidence of another version: its schema is {0:?}, and this whyspan reads {SCHEMA}")]
    Version(String),
    /// It is cut off, or was changed by hand.
    #[error("the evidence cannot be read: {0}")]
    Broken(#[from] serde_json::Error),
}

/// Reads evidence that was saved.
///
/// # Errors
///
/// When the text is no JSON, or not that of evidence of this version.
pub fn from_json(text: &str) -> Result<Evidence, NoEvidence> {
    let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => Ok(serde_json::from_value(value)?),
        Some(other) if other.starts_with("whyspan.evidence/") => {
            Err(NoEvidence::Version(other.chars().take(80).collect()))
        }
        _ => Err(NoEvidence::Other),
    }
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

/// The JSON Schema (draft 2020-12) of the evidence, with a line break at its end.
///
/// It is written by the tests from the types themselves, which hold it up to date: made at run time it would be a fortieth of
/// the program.
pub const EVIDENCE_SCHEMA: &str = include_str!("evidence.schema.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_that_of_the_types() {
        let schema = to_json(&schemars::schema_for!(Evidence)).expect("JSON");
        if std::env::var_os("WRITE_SCHEMA").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/evidence.schema.json");
            std::fs::write(path, &schema).expect("written");
        } else {
            assert!(schema == EVIDENCE_SCHEMA, "run WRITE_SCHEMA=1 cargo test --lib the_schema_is and read the diff");
        }
    }

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let hostile = ["\u{1b}[2J", "\u{9b}2J", "\u{7f}\u{202e}x\u{feff}", "plain ü 漢"];
        let text = to_json(&hostile).expect("JSON");
        assert!(!text.chars().any(|c| c != '\n' && steers(c)), "{text}");
        assert!(text.contains("\\u009b2J") && text.contains("plain ü 漢"), "{text}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).expect("JSON"), hostile);
    }
}
