//! What the caller can set about reading.

use crate::model::attribute_key::tells_requests_apart;
use crate::model::time::{Nanos, TimeWindow};

/// Settings of one reading run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadOptions {
    /// Attribute keys, or prefixes that end in `*`, whose values are kept in `Detail::attributes`. Applies to span and
    /// resource attributes. Empty: none are kept, which is the fastest.
    pub keep_attributes: Vec<String>,
    /// Also keep the attributes of spans and resources by which requests can be told apart, so that like can be compared
    /// with like, and failing requests with passing ones. A gate needs it.
    pub request_attributes: bool,
    /// The longest record (a line, a message, one element of `resourceSpans`) that is held in memory, in bytes after
    /// decompression. Longer ones are skipped and told.
    pub max_record_bytes: usize,
    /// How many bytes a compressed input may hold whatever its size.
    pub free_unpacked_bytes: u64,
    /// How many bytes each compressed byte may hold beyond that. Captures have 20 to 100: ids and times do not repeat. No
    /// more than half of what gzip can reach at most (1032, of zeros), so that a bomb of gzip is one.
    pub max_unpacked_ratio: u64,
    /// How many skipped records are described one by one in a report; all are counted.
    pub max_told: usize,
    /// Count by service what was sent and what the records lack, for `whyspan doctor`.
    pub survey: bool,
    /// Look only at the traces that begin in this window, and count only the log records that were written in it: what is kept
    /// of all times is read as if only the window had been captured.
    pub window: Option<TimeWindow>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            keep_attributes: Vec::new(),
            request_attributes: false,
            max_record_bytes: 64 << 20,
            free_unpacked_bytes: 256 << 20,
            max_unpacked_ratio: 500,
            max_told: 20,
            survey: false,
            window: None,
        }
    }
}

impl ReadOptions {
    /// Whether what happened at this time is looked at.
    pub(crate) fn looks_at(&self, time: Nanos) -> bool {
        self.window.is_none_or(|window| window.holds(time))
    }

    /// Whether the value of this attribute shall be kept.
    pub(crate) fn keeps(&self, key: &str) -> bool {
        self.keeps_for_the_user(key) || (self.request_attributes && tells_requests_apart(key))
    }

    /// Whether attributes are kept only for what they tell of requests, and the user sees none.
    pub(crate) fn keeps_requests_alone(&self) -> bool {
        self.request_attributes && self.keep_attributes.is_empty()
    }

    fn keeps_for_the_user(&self, key: &str) -> bool {
        self.keep_attributes.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(prefix) => key.starts_with(prefix),
            None => key == wanted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_keeps_what_starts_with_the_rest() {
        let options = ReadOptions { keep_attributes: vec!["app.*".into(), "user.id".into()], ..ReadOptions::default() };
        assert!(options.keeps("app.order"));
        assert!(options.keeps("user.id"));
        assert!(!options.keeps("user.id2"));
    }
}
