//! What was found in traces: the facts of each slice, and of the minutes before, which nothing changes any more.

use crate::facts::window::WindowFacts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Facts with about how many bytes they take.
#[derive(Clone, Debug, Default)]
struct Weighed {
    facts: Arc<WindowFacts>,
    weight: usize,
}

/// All facts of the live window.
#[derive(Debug, Default)]
pub(crate) struct Found {
    of_slices: BTreeMap<u64, Weighed>,
    /// By minute since the start.
    minutes: BTreeMap<u64, Weighed>,
    held: usize,
}

impl Found {
    /// How many bytes all facts take, about.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Takes up what was found in a slice, in place of what was found before.
    pub(crate) fn put(&mut self, slice: u64, facts: WindowFacts) {
        let weight = weight(&facts);
        self.held += weight;
        if let Some(before) = self.of_slices.insert(slice, Weighed { facts: Arc::new(facts), weight }) {
            self.held = self.held.saturating_sub(before.weight);
        }
    }

    /// Adds the facts of a slice to those of its minute: nothing changes them any more.
    pub(crate) fn settle(&mut self, slice: u64, minute: u64) {
        let Some(Weighed { facts, weight: of_slice }) = self.of_slices.remove(&slice) else { return };
        let of_minute = self.minutes.entry(minute).or_default();
        Arc::make_mut(&mut of_minute.facts).merge(Arc::unwrap_or_clone(facts));
        let before = std::mem::replace(&mut of_minute.weight, weight(&of_minute.facts));
        self.held = (self.held + of_minute.weight).saturating_sub(before + of_slice);
    }

    /// Forgets the minutes before this one.
    pub(crate) fn forget_before(&mut self, minute: u64) {
        while self.minutes.first_key_value().is_some_and(|(&oldest, _)| oldest < minute) {
            self.forget_oldest();
        }
    }

    /// Forgets the oldest minute. `false` when there is only one, which stays.
    pub(crate) fn forget_oldest_of_many(&mut self) -> bool {
        let many = self.minutes.len() > 1;
        if many {
            self.forget_oldest();
        }
        many
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.minutes.pop_first() {
            self.held = self.held.saturating_sub(oldest.weight);
        }
    }

    /// All facts, in pieces that add up.
    pub(crate) fn facts(&self) -> Vec<Arc<WindowFacts>> {
        self.minutes.values().chain(self.of_slices.values()).map(|weighed| Arc::clone(&weighed.facts)).collect()
    }
}

/// About how many bytes facts take: what grows with the number of requests is counted.
fn weight(facts: &WindowFacts) -> usize {
    let services = facts.services.values().map(|service| service.durations.len()).sum::<usize>();
    let entries = facts.entries.values().map(|entry| entry.passing.len()).sum::<usize>();
    let causes = facts.causes.values().map(|cause| cause.sample.bytes + 1024).sum::<usize>();
    (services + entries) * size_of::<u64>() + causes + 16 * 1024
}
