//! Requests of one group, of very many an even sample.

use crate::facts::bottom::Bottom;
use crate::facts::property::PropertyId;
use crate::model::time::Nanos;

/// How many requests of one group are kept: enough for a value of one request in a hundred to be there ten times, and the
/// analysis of a group takes a millisecond.
pub const REQUESTS_OF_GROUP: usize = 1024;

/// One request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RequestRow {
    /// When it began.
    pub start: Nanos,
    /// How long it took, in nanoseconds.
    pub duration: u64,
    /// What it had, by place in the list of properties: each once and ascending when the window is complete.
    pub properties: Box<[PropertyId]>,
}

/// Requests of one group: how many there were, and a sample of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drawn {
    /// How many there were.
    pub seen: u64,
    /// Those that were kept.
    pub rows: Bottom<RequestRow>,
}

impl Drawn {
    /// Adds those of another piece.
    pub(crate) fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.rows.merge(other.rows, REQUESTS_OF_GROUP);
    }
}
