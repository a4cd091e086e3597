//! A place whose work takes a course that the baseline did not know: an early return, a skipped branch, a new call.

use crate::facts::course::{Act, Course};
use crate::judge::gate::excess::Excess;
use crate::judge::gate::site_pair::SitePair;
use crate::judge::statistics::counts::Counts;
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;

/// A course is hardly known when its share was no more than this part of what it is now. A tenth, so that a shift in what is
/// asked for, which makes known courses somewhat more frequent, is no new one.
const HARDLY: f64 = 0.1;

/// A course is usual from this share on.
const USUAL: f64 = 0.05;

/// A usual course is gone when there should have been so many of it: fewer are missing by chance now and then.
const EXPECTED: f64 = 10.0;

/// With fewer spans, a stretch of time says nothing about what is usual.
const STRETCH: u64 = 5;

/// Another course than before.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct OtherCourse<'f> {
    /// Spans that take one of the other courses.
    pub(crate) excess: Excess,
    /// What the usual course does and the most frequent of the others does not.
    pub(crate) missing: Vec<&'f Act>,
    /// What that one does and the usual course does not.
    pub(crate) added: Vec<&'f Act>,
    /// Which of the candidate's spans take one of the others, in their order.
    pub(crate) taken_by: Vec<bool>,
}

/// Spans by their course, which is a set of acts.
#[derive(Default)]
struct Taken {
    by: Vec<u64>,
    /// With those that a failure touched.
    all: u64,
    /// Those that a failure touched: they might have taken any course.
    touched: u64,
}

impl Taken {
    fn add(&mut self, course: usize) {
        if self.by.len() <= course {
            self.by.resize(course + 1, 0);
        }
        self.by[course] += 1;
        self.all += 1;
    }

    fn of(&self, course: usize) -> u64 {
        self.by.get(course).copied().unwrap_or(0)
    }

    fn share(&self, course: usize) -> f64 {
        Counts::new(self.of(course), self.all).rate()
    }

    fn without(&self, other: &Self) -> Self {
        let by = (0..self.by.len()).map(|course| self.of(course).saturating_sub(other.of(course))).collect();
        Self { by, all: self.all.saturating_sub(other.all), touched: 0 }
    }
}

/// The other courses of a place: those that were hardly known, and those that usual ones turned into when they stopped
/// halfway or went on further.
///
/// ```text
/// courses of GetAds        before    now
/// {category}                80 %    68 %
/// {random}                  19 %     4 %
/// {category, random}         1 %     0 %
/// {}                         0 %    28 %      hardly known: an early return
/// ```
///
/// The same rule between each stretch of the baseline and all its others says how much of that is drift.
pub(crate) fn other_course<'f>(pair: &'f SitePair<'f>) -> Option<OtherCourse<'f>> {
    let mut courses: OrderedMap<Vec<&'f Act>, usize> = OrderedMap::new();
    let (now, before) = pair.courses();
    let mut number = |course: &'f Course| {
        let next = courses.len();
        *courses.entry(course.acts().collect()).or_insert(next)
    };
    let now: Vec<usize> = now.map(&mut number).collect();
    let before: Vec<usize> = before.map(&mut number).collect();
    let mut acts: Vec<Vec<&'f Act>> = vec![Vec::new(); courses.len()];
    for (course, number) in courses {
        acts[number] = course;
    }
    let (mut candidate, mut baseline) = (Taken::default(), Taken::default());
    now.iter().for_each(|&course| candidate.add(course));
    let looked_at = candidate.all;
    candidate.touched = pair.touched;
    candidate.all += pair.touched;
    before.iter().for_each(|&course| baseline.add(course));
    let others = other(&baseline, &candidate, &acts);
    let taken_by: Vec<bool> = now.iter().map(|course| others.contains(course)).collect();
    let showing = taken_by.iter().filter(|&&taken| taken).count() as u64;
    if showing == 0 {
        return None;
    }
    let mut stretches: OrderedMap<usize, Taken> = OrderedMap::new();
    for (&course, &stretch) in before.iter().zip(&pair.stretches) {
        stretches.entry(stretch).or_default().add(course);
    }
    let of = |taken: &Taken, courses: &OrderedSet<usize>| courses.iter().map(|&course| taken.of(course)).sum::<u64>();
    let drifts = stretches.values().map(|stretch| {
        let rest = baseline.without(stretch);
        let known = of(stretch, &others);
        let drift = if rest.all < STRETCH { known } else { known.max(of(stretch, &other(&rest, stretch, &acts))) };
        Counts::new(drift, stretch.all)
    });
    let counts = Counts::new(of(&baseline, &others), baseline.all);
    let excess = Excess::of(Counts::new(showing, looked_at), pair.touched, counts, drifts)?;
    // The most frequent of the others, beside the one that lost most: the first of equals in the order of names.
    let by_acts = |of: &dyn Fn(usize) -> f64, from: &mut dyn Iterator<Item = usize>| {
        from.max_by(|&a, &b| of(a).total_cmp(&of(b)).then_with(|| acts[b].cmp(&acts[a])))
    };
    let other = by_acts(&|course| candidate.share(course), &mut others.iter().copied())?;
    let lost = |course: usize| baseline.share(course) - candidate.share(course);
    let usual = by_acts(&lost, &mut (0..acts.len()))?;
    let not_in = |one: usize, two: usize| -> Vec<&'f Act> {
        acts[one].iter().copied().filter(|act| acts[two].binary_search(act).is_err()).collect()
    };
    Some(OtherCourse { excess, missing: not_in(usual, other), added: not_in(other, usual), taken_by })
}

/// The courses that are other than before.
fn other(before: &Taken, now: &Taken, acts: &[Vec<&Act>]) -> OrderedSet<usize> {
    let taken = || (0..acts.len()).filter(|&course| now.of(course) > 0);
    let mut others: OrderedSet<usize> =
        taken().filter(|&course| before.share(course) <= HARDLY * now.share(course)).collect();
    // No more than twenty courses are usual.
    let gone: Vec<usize> = (0..acts.len())
        .filter(|&course| before.share(course) >= USUAL)
        .filter(|&course| spans(now.of(course) + now.touched) <= HARDLY * before.share(course) * spans(now.all))
        .filter(|&course| before.share(course) * spans(now.all) >= EXPECTED)
        .collect();
    let turned_into = |gone: usize, course: usize| {
        let (one, two) = (&acts[course], &acts[gone]);
        let (short, long) = if one.len() < two.len() { (one, two) } else { (two, one) };
        short.len() < long.len() && short.iter().all(|act| long.binary_search(act).is_ok())
    };
    others.extend(taken().filter(|&course| {
        let rise = now.share(course) - before.share(course);
        let doubled = now.share(course) > 2.0 * before.share(course);
        // What most spans did before can hardly be done twice as often. But when a call is made no more, those that made it
        // now do what the others did. Not the other way round: that nearly all make it now, of whom most did, is drift.
        let took_over = |gone: usize| {
            let lost = before.share(gone) - now.share(gone);
            acts[course].len() < acts[gone].len() && rise > 0.5 * lost
        };
        gone.iter().any(|&gone| turned_into(gone, course) && (doubled || took_over(gone)))
    }));
    others
}

#[expect(clippy::cast_precision_loss, reason = "a number of spans")]
fn spans(count: u64) -> f64 {
    count as f64
}
