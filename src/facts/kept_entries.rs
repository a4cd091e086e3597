//! The entry points of a window within their bound.

use crate::facts::entry_facts::EntryFacts;
use crate::facts::mix::Mix;
use crate::facts::told_apart::{are_of_others, others};
use crate::facts::window::WindowFacts;
use crate::model::defect::Defect;
use std::borrow::Cow;

impl EntryFacts {
    /// Adds what came in at an entry point that is not told apart from this one. Requests of many of them that asked for the same
    /// are not alike.
    pub(crate) fn merge_another(&mut self, other: Self) {
        self.merge(Self { mix: Mix::default(), ..other });
    }
}

impl WindowFacts {
    /// Counts the requests of all entry points that there is no room for as those of one.
    pub(crate) fn keep_entries(&mut self) {
        if self.entry_names.are_all() && self.entries.len() <= self.entry_names.least() {
            return;
        }
        let names = self.entry_names.within_bound_of_names(self.entries.keys());
        self.entry_names = names;
        if names.are_all() {
            return;
        }
        let mut beyond = EntryFacts::default();
        for (name, entry) in std::mem::take(&mut self.entries) {
            if !names.tell_name_apart(&name) {
                self.defects.add_many(Defect::EntryPointsBeyondBound, entry.total);
                beyond.merge_another(entry);
            } else if are_of_others(&name.service, &name.operation) {
                beyond.merge_another(entry);
            } else {
                self.entries.insert(name, entry);
            }
        }
        if beyond.total > 0 {
            self.entries.insert(others(), beyond);
        }
    }

    /// Has root causes, and whoever asked for what failed, tell entry points apart as the window does.
    pub(crate) fn name_entries(&mut self) {
        let names = self.entry_names;
        if names.are_all() {
            return;
        }
        for cause in self.causes.values_mut() {
            for counts in [&mut cause.failed_entries, &mut cause.degraded_entries, &mut cause.asked_by] {
                counts.tell_apart(names);
            }
        }
        self.together.tell_apart(names);
        self.askers.rename(|name| names.counted_as(name));
        // Each of several entry points counts a trace in which all of them failed.
        let failing_traces = self.failing_traces;
        if let Some(others) = self.entries.get_mut(&others()) {
            others.failing_traces = others.failing_traces.min(failing_traces);
        }
    }

    /// The window with those entry points and operations told apart that another one tells apart, too: what is counted by name on
    /// one side only cannot be compared.
    pub(crate) fn telling_apart<'f>(facts: Cow<'f, Self>, other: &Self) -> Cow<'f, Self> {
        let names = facts.entry_names.and(other.entry_names);
        // Names of which parts were taken out may have become those of others.
        let entries_are = facts.entries.keys().all(|name| names.tell_name_apart(name));
        if entries_are && facts.operations_are_told_apart_by(other) {
            return facts;
        }
        let mut facts = facts.into_owned();
        facts.tell_operations_apart_as(other);
        facts.entry_names = names;
        facts.keep_entries();
        facts.name_entries();
        Cow::Owned(facts)
    }
}

#[cfg(test)]
mod tests;
