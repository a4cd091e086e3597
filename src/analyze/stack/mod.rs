//! Stack traces, which telemetry carries as one free-form string per language, as frames and causes.
//!
//! [`parse`](language::parse) looks for the language in the table [`LANGUAGES`](language::LANGUAGES); a further
//! language is a further row and a file of its own.

pub mod frame;
pub mod language;
mod node;
mod plain;
mod python;
#[cfg(test)]
mod samples;
