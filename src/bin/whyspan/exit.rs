//! Every exit code, as documented in the README.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command did its work; of a gate: go.
    Done = 0,
    /// The change must not go.
    NoGo = 1,
    /// Wrong use: arguments. Clap exits with the same code.
    WrongUse = 2,
    /// Not enough data to decide.
    Inconclusive = 3,
    /// No input could be read, or none held a span.
    NothingReadable = 4,
    /// A bug in whyspan.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
