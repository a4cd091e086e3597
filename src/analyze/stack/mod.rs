//! Stack traces, which telemetry carries as one free-form string per language, as frames and causes.
//!
//! [`parse`](language::parse) looks for the language in the table [`LANGUAGES`](language::LANGUAGES); a further
//! language is a further row and a file of its own.

mod caused_by;
mod chain;
mod dotnet;
mod elixir;
mod erlang;
pub mod frame;
mod gecko;
pub(in crate::analyze) mod go;
mod java;
pub mod language;
mod native;
mod node;
mod php;
mod pieces;
mod place;
mod plain;
mod python;
mod ruby;
mod rust;
#[cfg(test)]
mod samples;
