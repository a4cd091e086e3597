//! The evidence as JSON, and the schema of that JSON.

use crate::judge::evidence::Evidence;
use serde::Serialize;

/// Indented JSON that ends with a newline. The same evidence gives the same bytes.
///
/// # Errors
///
/// Only when a value cannot be JSON, which the types of the evidence rule out; passed on rather than hidden.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema (draft 2020-12) of the evidence.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Evidence)
}
