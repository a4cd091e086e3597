//! The two windows of a comparison.

use crate::facts::cause::OperationName;
use crate::facts::input::InputFacts;
use crate::facts::told_apart::{ToldApart, is_several};
use crate::facts::window::{WindowFacts, alone_answering};

/// What is compared: facts and input of both sides.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'f> {
    /// The facts before the change.
    pub baseline: &'f WindowFacts,
    /// The facts after the change.
    pub candidate: &'f WindowFacts,
    /// What reading the baseline came to.
    pub baseline_input: &'f InputFacts,
    /// What reading the candidate came to; the same as the baseline's when one capture was cut.
    pub candidate_input: &'f InputFacts,
    /// Traces that were left out because they start just after the change.
    pub settling: u64,
}

impl<'f> Sides<'f> {
    /// Requests of an entry point: in the candidate, and in the baseline.
    pub(crate) fn requests_at(&self, entry: &OperationName) -> (u64, u64) {
        let of = |facts: &WindowFacts| facts.entries.get(entry).map_or(0, |entry| entry.total);
        (of(self.candidate), of(self.baseline))
    }

    /// Whether requests for an operation can be compared: neither window counts them with those for others.
    pub(crate) fn tell_apart(&self, at: &OperationName) -> bool {
        !is_several(at) && self.are_apart(at, |facts| facts.operation_names)
    }

    /// Whether of requests for an operation that passed those were kept in both windows that may be.
    pub(crate) fn keep_requests_for(&self, at: &OperationName) -> bool {
        self.are_apart(at, |facts| facts.requests.told_apart)
    }

    /// Whether an operation is one of those that both windows tell apart. Where that is not all of them, a name of which redaction
    /// took a part is none: by another name it may be counted with others.
    fn are_apart(&self, at: &OperationName, of: impl Fn(&WindowFacts) -> ToldApart) -> bool {
        let both = of(self.candidate).and(of(self.baseline));
        let is_renamed = || [self.candidate, self.baseline].iter().any(|facts| facts.renamed_origins.contains(at));
        both.are_all() || both.tell_name_apart(at) && !is_renamed()
    }

    /// All requests at entry points: of the candidate, and of the baseline.
    pub(crate) fn requests(&self) -> (u64, u64) {
        let of = |facts: &WindowFacts| facts.entries.values().map(|entry| entry.total).sum();
        (of(self.candidate), of(self.baseline))
    }

    /// The service that alone answers calls that go by this name, and how many it answered: in the candidate, else in the
    /// baseline, from which a callee that is gone is known. `None` where another one answers them on the other side: of two
    /// behind one name, one may be gone.
    pub(crate) fn who_answers(&self, peer: &str) -> Option<(&'f str, u64)> {
        let sides = [self.candidate, self.baseline];
        let service = alone_answering(&sides, peer)?;
        let (_, calls) = sides.into_iter().find_map(|side| side.who_answers(peer))?;
        Some((service, calls))
    }
}
