//! What was announced: the changes, and in words what could not be used. Every bound of a single change is held here.

use crate::model::change_event::ChangeEvent;
use crate::read::text::capped;
use thiserror::Error;

/// How many changes are taken from one input.
pub(super) const MOST_CHANGES: usize = 10_000;

/// How long a text of a change may be, in bytes; longer ones are cut.
pub(super) const MOST_TEXT: usize = 1 << 10;

/// How many records of one input are told one by one; the others are counted.
const MOST_TOLD: u64 = 20;

/// Why announcements cannot be used at all.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// A file could not be read.
    #[error("{name}: the changes cannot be read: {reason}. Check the path")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// A word of the command line that is none.
    #[error(
        "{spec:?} is no change ({reason}); write it as flag:NAME=VARIANT@TIME, deployment:SERVICE=VERSION@TIME or \
         event:NAME@TIME, where @TIME may be left out and TIME is as 2026-11-22T10:00:00Z"
    )]
    Spec {
        /// What was given.
        spec: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that should hold flags and does not.
    #[error(
        "{name}: no flags of flagd ({reason}); --flags takes two files with the JSON that flagd reads, first that from \
         before the change: {{\"flags\": {{\"NAME\": {{\"state\": \"ENABLED\", \"variants\": ..., \"defaultVariant\": ...}}}}}}"
    )]
    NoFlags {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What an input announced: the changes, and a message for each part that is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// In the order of the input.
    pub changes: Vec<ChangeEvent>,
    /// What could not be used, in words for the user.
    pub messages: Vec<String>,
    told: u64,
    cut: u64,
}

impl Announced {
    /// Takes a change, unless there are enough; false when it was not taken.
    pub(super) fn take(&mut self, change: ChangeEvent, source: &str) -> bool {
        if self.changes.len() == MOST_CHANGES {
            return false;
        }
        let (change, cut) = bounded(change, source);
        self.cut += u64::from(cut);
        self.changes.push(change);
        true
    }

    /// Tells of a part that could not be used, or counts it when many were told.
    pub(super) fn tell(&mut self, message: impl FnOnce() -> String) {
        self.told += 1;
        if self.told <= MOST_TOLD {
            self.messages.push(message());
        }
    }

    /// How many parts could not be used.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    /// Says what was only counted.
    #[must_use]
    pub(super) fn ended(mut self, name: &str) -> Self {
        if self.told > MOST_TOLD {
            let others = self.told - MOST_TOLD;
            self.messages.push(format!("{name}: {others} more like these are not told one by one"));
        }
        if self.cut > 0 {
            let which = if self.cut == 1 { "a change".to_owned() } else { format!("{} changes", self.cut) };
            self.messages.push(format!("{name}: texts of {which} were cut after {MOST_TEXT} bytes"));
        }
        self
    }
}

/// The change with a source, without what is too long or leads elsewhere, and whether a text was cut.
pub(super) fn bounded(mut change: ChangeEvent, source: &str) -> (ChangeEvent, bool) {
    change.source = source.to_owned();
    // Reports may make links of it, which must never run anything.
    change.link = change.link.filter(|link| link.starts_with("https://") || link.starts_with("http://"));
    let ChangeEvent { key, from, to, service, environment, actor, link, detail, .. } = &mut change;
    let mut cut = cap(key);
    for text in [from, to, service, environment, actor, link, detail] {
        *text = text.take().filter(|text| !text.is_empty());
        cut |= text.as_mut().is_some_and(cap);
    }
    (change, cut)
}

/// Cuts a text that is too long, with the mark by which secrets are found that lost their end; true when it was.
fn cap(text: &mut String) -> bool {
    let too_long = text.len() > MOST_TEXT;
    if too_long {
        *text = capped(text, MOST_TEXT).into_string();
    }
    too_long
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::change_event::ChangeKind;

    #[test]
    fn links_that_are_none_and_empty_texts_are_dropped_and_long_ones_cut() {
        let change = ChangeEvent {
            link: Some("javascript:alert(1)".to_owned()),
            actor: Some(String::new()),
            detail: Some("ä".repeat(MOST_TEXT)),
            ..ChangeEvent::new(ChangeKind::Event, "e")
        };
        let (change, cut) = bounded(change, "here");
        assert_eq!((change.link, change.actor, cut), (None, None, true));
        assert!(change.detail.is_some_and(|text| text.ends_with("ä… [cut]") && text.len() < MOST_TEXT + 20));
        assert_eq!(change.source, "here");
    }

    #[test]
    fn what_is_beyond_a_bound_is_counted() {
        let mut announced = Announced::default();
        for number in 0..30 {
            announced.tell(|| format!("record {number}"));
        }
        let announced = announced.ended("f");
        assert_eq!(announced.messages.len(), 21);
        assert_eq!(announced.messages[20], "f: 10 more like these are not told one by one");
        let mut full = Announced::default();
        let taken = (0..=MOST_CHANGES).filter(|_| full.take(ChangeEvent::new(ChangeKind::Event, "e"), "f")).count();
        assert_eq!(taken, MOST_CHANGES);
    }
}
