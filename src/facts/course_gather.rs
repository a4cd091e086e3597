//! From spans to the courses that they took: by number while traces pass, whole words at the end.

use crate::analyze::failure::kind_of;
use crate::analyze::message;
use crate::analyze::self_time::callee;
use crate::facts::course::Course;
use crate::facts::profile_ids::{ActId, spelt_act};
use crate::model::names::Names;
use crate::model::span::SEVERITY_ERROR;
use crate::model::span_kind::SpanKind;
use crate::model::tree::{SpanIx, TraceTree};
use hashbrown::HashMap;
use std::sync::Arc;

/// How many different things of one span are told apart: more are a loop over ids, and no course of the work.
const ACTS: usize = 64;

/// How many bytes of a complaint are kept.
const COMPLAINT_BYTES: usize = 200;

/// Gives each course a number.
#[derive(Debug, Default)]
pub(super) struct CourseGathering {
    numbers: HashMap<Box<[(ActId, u32)]>, u32>,
    complaints: HashMap<String, u32>,
    /// Kept from span to span for their room.
    acts: Vec<ActId>,
    counted: Vec<(ActId, u32)>,
}

impl CourseGathering {
    /// The number of the course that a span took.
    pub(super) fn of(&mut self, tree: &TraceTree, ix: SpanIx, names: &Names) -> u32 {
        self.acts.clear();
        self.look_below(tree, ix, names);
        self.listen(tree, ix);
        self.acts.sort_unstable();
        self.counted.clear();
        for &act in &self.acts {
            match self.counted.last_mut() {
                Some((last, times)) if *last == act => *times += 1,
                _ => self.counted.push((act, 1)),
            }
        }
        if self.counted.len() > ACTS {
            self.counted.clear();
        }
        self.numbered()
    }

    /// The number of the course in which nothing is done.
    pub(super) fn none(&mut self) -> u32 {
        self.counted.clear();
        self.numbered()
    }

    fn numbered(&mut self) -> u32 {
        if let Some(&known) = self.numbers.get(&*self.counted) {
            return known;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(self.counted.as_slice().into(), next);
        next
    }

    /// What it asked others for, and what it did by itself.
    fn look_below(&mut self, tree: &TraceTree, ix: SpanIx, names: &Names) {
        for child in tree.children(ix) {
            let operation = tree.span(child).operation;
            let kind = names.operation_of(operation).kind;
            let act = match callee(tree, child, names) {
                Some(_) if kind == SpanKind::Producer => {
                    // A message may have several consumers, and which of them begins first is chance.
                    let consumers = tree.children(child).filter(|&it| kind_of(tree, it, names).takes_work());
                    let mut consumers: Vec<ActId> = consumers.map(|it| ActId::Calls(tree.span(it).operation)).collect();
                    consumers.sort_unstable();
                    consumers.dedup();
                    self.acts.append(&mut consumers);
                    continue;
                }
                Some(answers) => ActId::Calls(tree.span(answers).operation),
                None if kind.takes_work() => ActId::Calls(operation),
                None => ActId::Own(operation),
            };
            self.acts.push(act);
        }
    }

    /// What it told while it worked.
    fn listen(&mut self, tree: &TraceTree, ix: SpanIx) {
        if let Some(detail) = &tree.span(ix).detail {
            self.acts.extend(detail.told.iter().map(|&told| ActId::Tells(told)));
            for exception in &detail.exceptions {
                self.complain(&format!("{}: {}", exception.kind, message::clean(&exception.message)));
            }
        }
        for record in tree.logs_of(ix).filter(|it| it.severity >= SEVERITY_ERROR && it.exception.is_none()) {
            self.complain(&message::clean(&record.body));
        }
    }

    fn complain(&mut self, told: &str) {
        let told = &told[..told.floor_char_boundary(COMPLAINT_BYTES)];
        let number = self.complaints.get(told).copied().unwrap_or_else(|| {
            let next = u32::try_from(self.complaints.len()).unwrap_or(u32::MAX);
            self.complaints.insert(told.to_owned(), next);
            next
        });
        self.acts.push(ActId::Complains(number));
    }

    /// The courses, with names spelt out.
    pub(super) fn finish(self, names: &Names) -> Courses<'_> {
        let mut complaints = vec![String::new(); self.complaints.len()];
        for (told, number) in self.complaints {
            complaints[number as usize] = told;
        }
        let mut courses: Vec<Box<[(ActId, u32)]>> = vec![Box::default(); self.numbers.len()];
        for (course, number) in self.numbers {
            courses[number as usize] = course;
        }
        Courses { spelt: vec![None; courses.len()], courses, complaints, names }
    }
}

/// Courses by number; each is spelt out once, when it is first asked for.
pub(super) struct Courses<'n> {
    courses: Vec<Box<[(ActId, u32)]>>,
    complaints: Vec<String>,
    names: &'n Names,
    spelt: Vec<Option<Arc<Course>>>,
}

impl Courses<'_> {
    /// The course of this number.
    pub(super) fn of(&mut self, number: u32) -> Arc<Course> {
        let Self { courses, complaints, names, spelt } = self;
        let number = number as usize;
        let made = || {
            let acts = courses[number].iter().map(|&(act, times)| (spelt_act(act, complaints, names), times));
            Arc::new(Course::of(acts.collect()))
        };
        Arc::clone(spelt[number].get_or_insert_with(made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::drawn_tree::drawn;
    use crate::model::span::Detail;

    /// How many different things are in the course of a span that told so many.
    fn acts(told: usize) -> usize {
        let (mut tree, mut names) = drawn("shop server 0..9");
        let told = (0..told).map(|number| names.intern(&format!("step {number}"))).collect();
        tree.spans[0].detail = Some(Box::new(Detail { told, ..Detail::default() }));
        let mut courses = CourseGathering::default();
        let number = courses.of(&tree, SpanIx(0), &names);
        courses.finish(&names).of(number).0.len()
    }

    #[test]
    fn a_span_that_did_too_many_different_things_counts_as_one_that_did_nothing() {
        assert_eq!((acts(64), acts(65)), (64, 0));
    }
}
