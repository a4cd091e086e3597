//! The operations of a window that take requests, within their bound.

use crate::facts::request_counts::RequestCounts;
use crate::facts::sample::spelt_out;
use crate::facts::told_apart::{ToldApart, others};
use crate::facts::window::WindowFacts;
use crate::model::names::Names;
use crate::model::operation::OpId;

impl WindowFacts {
    /// Counts the requests for all operations that there is no room for as those for one.
    pub(crate) fn keep_operations(&mut self) {
        let known = self.operation_names.and(ToldApart::of_operations());
        if known.are_all() && self.operations.len() <= known.least() {
            return;
        }
        let names = known.within_bound_of_names(self.operations.keys());
        self.operation_names = names;
        if names.are_all() {
            return;
        }
        let mut beyond = RequestCounts::default();
        self.operations.retain(|name, requests| {
            let is_told_apart = names.tell_name_apart(name);
            if !is_told_apart {
                beyond.merge(*requests);
            }
            is_told_apart
        });
        self.add_beyond(beyond);
    }

    /// Counts the requests for these operations, which are the first; those for which there is no room are not spelt out.
    pub(crate) fn add_operations(&mut self, counts: impl Iterator<Item = (OpId, RequestCounts)>, names: &Names) {
        let counts: Vec<(OpId, RequestCounts)> = counts.collect();
        let known = self.operation_names.and(ToldApart::of_operations());
        let told_apart = known.within_bound_of(counts.iter().map(|&(operation, _)| operation), names);
        let mut beyond = RequestCounts::default();
        for (operation, requests) in counts {
            if told_apart.tell_operation_apart(operation, names) {
                // Operations that differ in their kind only are one in words.
                self.operations.entry(spelt_out(names, operation)).or_default().merge(requests);
            } else {
                beyond.merge(requests);
            }
        }
        self.operation_names = told_apart;
        self.add_beyond(beyond);
    }

    fn add_beyond(&mut self, requests: RequestCounts) {
        if requests.total > 0 {
            self.operations.entry(others()).or_default().merge(requests);
        }
    }

    /// How many requests were for operations that are not told apart.
    pub(crate) fn of_other_operations(&self) -> u64 {
        if self.operation_names.are_all() {
            return 0;
        }
        self.operations.get(&others()).map_or(0, |requests| requests.total)
    }

    /// Tells those operations apart that another window tells apart, too.
    pub(super) fn tell_operations_apart_as(&mut self, other: &Self) {
        self.operation_names = self.operation_names.and(other.operation_names);
        self.keep_operations();
    }

    /// Whether all of its operations are among those that both windows tell apart.
    pub(super) fn operations_are_told_apart_by(&self, other: &Self) -> bool {
        let names = self.operation_names.and(other.operation_names);
        names.are_all() || self.operations.keys().all(|name| names.tell_name_apart(name))
    }
}

#[cfg(test)]
mod tests;
