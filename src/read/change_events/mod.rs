//! Changes that somebody announced: files of events in many formats, two files of flags, or a word on the command line.
//!
//! ```text
//! bytes ─► records ─► a JSON object each ─► mapping of the user, if it finds a key ──────────────┐
//!                                             └► formats ─► CloudEvents? ─► what is in it ─┐     ├► file ─► changes, messages
//!                                                 │          a list? ────► each of it ─────┤     │   (bounds)
//!                                                 └► cd_events, dynatrace, github, ... own ┴─────┘
//! ```
//!
//! `docs/changes.md` has what each format is recognised by, what is read of it, and the source of that.

pub mod announced;
pub mod field_mapping;
pub mod file;
pub mod flag_files;
pub mod spec;
pub mod times;

mod cd_events;
mod cloud_events;
mod dynatrace;
mod flagsmith;
mod formats;
mod github;
mod launch_darkly;
mod members;
mod own;
mod records;
mod unleash;

#[cfg(test)]
mod tests;
