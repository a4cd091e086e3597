//! From traces to what came in at entry points: by ids while traces pass, whole words at the end.

use crate::facts::entry_facts::EntryFacts;
use crate::facts::mix::Mix;
use crate::facts::mix_gather::{Asking, MixGathering};
use crate::facts::sample::spelt_out;
use crate::facts::seen_request::SeenRequest;
use crate::facts::told_apart::{ToldApart, others};
use crate::facts::window::WindowFacts;
use crate::model::defect::Defect;
use crate::model::names::Names;
use crate::model::operation::OpId;
use crate::model::span_kind::SpanKind;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;

/// What came in at one entry point.
#[derive(Debug, Default)]
struct OfEntry {
    facts: EntryFacts,
    /// Of most entry points of most captures nothing is asked that was kept.
    mix: Option<Box<MixGathering>>,
    /// The number of the last trace in which it failed, from 1.
    failed_in: u64,
}

/// Gathers what came in at the entry points of traces that share one [`Names`].
#[derive(Debug)]
pub(crate) struct EntryGathering {
    /// Boxed: a table has room for twice as many as it holds.
    entries: HashMap<OpId, Box<OfEntry>>,
    asking: Asking,
    names: ToldApart,
    /// What came in at all that are not told apart.
    others: EntryFacts,
    /// Once there are so many, it is looked for those that are beyond the bound.
    look_at: usize,
}

impl Default for EntryGathering {
    fn default() -> Self {
        Self::of(ToldApart::default())
    }
}

impl EntryGathering {
    /// Nothing yet, with room for such names.
    fn of(names: ToldApart) -> Self {
        let (entries, asking, others) = Default::default();
        Self { entries, asking, names, others, look_at: names.most() }
    }

    /// Adds a request. `producers` are the PRODUCER spans of the trace, in its order.
    pub(crate) fn add(&mut self, tree: &TraceTree, entry: SpanIx, failed: bool, producers: &[SpanIx], names: &Names) {
        let span = tree.span(entry);
        let is_told_apart = self.is_told_apart(span.operation, names);
        let (facts, mix) = if is_told_apart {
            let OfEntry { facts, mix, .. } = &mut **self.entries.entry(span.operation).or_default();
            (facts, Some(mix))
        } else {
            (&mut self.others, None)
        };
        facts.total += 1;
        facts.seen.offer(SeenRequest::of(span), failed);
        if failed {
            facts.failed += 1;
        } else {
            facts.passing.push(span.time.duration());
        }
        if let Some(mix) = mix {
            let passed_in = if failed { None } else { Some(span.time.duration()) };
            let asked = self.asking.asked(tree, entry, names);
            if !asked.is_empty() {
                mix.get_or_insert_default().add(asked, passed_in, names);
            }
        }
        facts.takes_messages |= names.operation_of(span.operation).kind == SpanKind::Consumer;
        // Entry points may lie below each other, so that walking below each of them would not be linear.
        let up_to = |end: u32| producers.partition_point(|producer| producer.0 < end);
        facts.sent += (up_to(tree.end[entry.at()]) - up_to(entry.0)) as u64;
        if self.entries.len() >= self.look_at {
            self.keep(names);
        }
    }

    /// Counts the trace of this number, from 1, at each entry point that failed in it.
    pub(crate) fn add_failed(&mut self, trace: u64, tree: &TraceTree, failed: &[SpanIx], names: &Names) {
        let mut others: Vec<OpId> = Vec::new();
        for operation in failed.iter().map(|&entry| tree.span(entry).operation) {
            if !self.is_told_apart(operation, names) {
                others.push(operation);
                continue;
            }
            let of_entry = self.entries.entry(operation).or_default();
            if of_entry.failed_in != trace {
                of_entry.failed_in = trace;
                of_entry.facts.failing_traces += 1;
            }
        }
        others.sort_unstable();
        others.dedup();
        self.others.failing_traces += others.len() as u64;
    }

    /// What came in, with names spelt out.
    pub(crate) fn finish(self, names: &Names, window: &mut WindowFacts) {
        for (operation, entry) in self.entries {
            let OfEntry { mut facts, mix, .. } = *entry;
            facts.mix = mix.map_or_else(Mix::default, |mix| mix.finish(names));
            window.entries.entry(spelt_out(names, operation)).or_default().merge(facts);
        }
        window.entry_names = self.names;
        if self.others.total > 0 {
            window.defects.add_many(Defect::EntryPointsBeyondBound, self.others.total);
            window.entries.entry(others()).or_default().merge_another(self.others);
        }
        window.keep_entries();
    }

    fn is_told_apart(&self, operation: OpId, names: &Names) -> bool {
        self.names.are_all()
            || self.entries.contains_key(&operation)
            || self.names.tell_operation_apart(operation, names)
    }

    /// Lets go of entry points that cannot be among those that are told apart in the end.
    fn keep(&mut self, names: &Names) {
        self.names = self.names.within_bound_of(self.entries.keys().copied(), names);
        let known = self.names;
        let beyond = self.entries.extract_if(|&operation, _| !known.tell_operation_apart(operation, names));
        beyond.for_each(|(_, entry)| self.others.merge_another(entry.facts));
        // So much later that looking costs little for each.
        self.look_at = self.names.most().max(self.entries.len() + self.names.most() / 4);
    }
}

#[cfg(test)]
mod tests;
