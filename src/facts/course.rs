//! The course of a span: what it asked for, did and told, so that early returns and skipped branches can be seen.

use crate::shared_sort::SharedSort;
use std::cmp::Ordering;

/// What sort of thing a span did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActKind {
    /// It called an operation, of the callee where the callee's span is there.
    Calls,
    /// A part of its own work has a span.
    Does,
    /// An event of the span tells of a step.
    Tells,
    /// An ERROR record without an exception, or an exception that was handled.
    Complains,
}

/// One thing that a span did.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Act {
    /// What sort of thing.
    pub kind: ActKind,
    /// The service of what was called or done; empty for what was told.
    pub service: String,
    /// Name of the operation, or what was told, without what varies from request to request.
    pub what: String,
}

/// What a span did, each thing once with how often, ordered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Course(pub Vec<(Act, u32)>);

impl Course {
    /// What was done, without how often: two requests that differ in the number of items took the same course.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.0.iter().map(|(act, _)| act)
    }

    /// How often something was done.
    #[must_use]
    pub fn times(&self, act: &Act) -> u32 {
        self.0.binary_search_by(|(known, _)| known.cmp(act)).map_or(0, |at| self.0[at].1)
    }

    /// The same with other names; things that get the same name become one.
    #[must_use]
    pub fn renamed(&self, mut renamed: impl FnMut(String) -> String) -> Self {
        let mut acts: Vec<(Act, u32)> = Vec::with_capacity(self.0.len());
        for (act, times) in &self.0 {
            let (service, what) = (renamed(act.service.clone()), renamed(act.what.clone()));
            acts.push((Act { kind: act.kind, service, what }, *times));
        }
        Self::of(acts)
    }

    /// The course of these acts, in any order.
    #[must_use]
    pub fn of(mut acts: Vec<(Act, u32)>) -> Self {
        acts.shared_sort_by(|(one, _), (other, _)| one.cmp(other));
        acts.dedup_by(|(next, more), (act, times)| {
            let same = next.cmp(&act) == Ordering::Equal;
            if same {
                *times = times.saturating_add(*more);
            }
            same
        });
        Self(acts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(what: &str) -> Act {
        Act { kind: ActKind::Does, service: "shop".to_owned(), what: what.to_owned() }
    }

    #[test]
    fn each_thing_is_there_once() {
        let course = Course::of(vec![(act("quote"), 1), (act("cart"), 2), (act("quote"), 3)]);
        assert_eq!(course.0, [(act("cart"), 2), (act("quote"), 4)]);
        assert_eq!((course.times(&act("quote")), course.times(&act("ship"))), (4, 0));
        let renamed = course.renamed(|name| if name == "shop" { name } else { "secret".to_owned() });
        assert_eq!(renamed.0, [(act("secret"), 6)]);
    }
}
