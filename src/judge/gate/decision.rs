//! What was found, and what that adds up to.

use crate::judge::evidence::{Finding, Severity};
use crate::judge::rule::{Level, Rule};
use crate::judge::wording::{agree, count};
use crate::ordered::map::OrderedMap;

/// How many root causes and objectives a finding refers to.
const REFERENCES: usize = 100;

/// How many findings of one rule and level that are about entry points are told in words of their own.
const TOLD_OF_RULE: usize = 1000;

/// A gate's decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The change may go.
    Go,
    /// The change must not go.
    NoGo,
    /// Nobody can say by this data.
    Inconclusive,
}

impl Decision {
    /// The word of the evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::NoGo => "no-go",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// The decision that a word of the evidence stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Go, Self::NoGo, Self::Inconclusive].into_iter().find(|decision| decision.as_str() == word)
    }

    /// What findings of these levels add up to: no-go beats inconclusive, and that beats go.
    pub(crate) fn by(levels: impl Iterator<Item = Level>) -> Self {
        let mut so_far = Self::Go;
        for level in levels {
            match level {
                // Nothing beats it, and to tell a level may take time.
                Level::Fail => return Self::NoGo,
                Level::Inconclusive => so_far = Self::Inconclusive,
                Level::Warn | Level::Info => {}
            }
        }
        so_far
    }

    /// The level of the findings that decided; `None` for go, which nothing decides but the lack of reasons.
    pub(crate) fn level(self) -> Option<Level> {
        match self {
            Self::Go => None,
            Self::NoGo => Some(Level::Fail),
            Self::Inconclusive => Some(Level::Inconclusive),
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum About {
    /// The root cause in this place of the list of pairs.
    Cause(usize),
    /// The objective in this place.
    Objective(usize),
    /// The change in this place.
    Change(usize),
}

/// A finding before root causes have their ranks.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    pub(crate) rule: Rule,
    pub(crate) level: Level,
    pub(crate) sentence: String,
    pub(crate) about: Vec<About>,
}

impl Found {
    pub(crate) fn new(rule: Rule, level: Level, sentence: String) -> Self {
        Self { rule, level, sentence, about: Vec::new() }
    }

    pub(crate) fn about(mut self, about: impl IntoIterator<Item = About>) -> Self {
        self.about.extend(about);
        self
    }

    /// The finding of the evidence; `rank_of` tells the place of a root cause in the evidence, `listed` that of an objective if it
    /// has one.
    pub(crate) fn finding(&self, rank_of: impl Fn(usize) -> usize, listed: impl Fn(usize) -> Option<usize>) -> Finding {
        let pointer = |about: &About| match about {
            About::Cause(place) => Some(format!("/root_causes/{}", rank_of(*place))),
            About::Objective(place) => listed(*place).map(|place| format!("/objectives/{place}")),
            About::Change(place) => Some(format!("/changes/{place}")),
        };
        let cut = match self.about.len() {
            0..=REFERENCES => String::new(),
            all => format!(" No more than {REFERENCES} of the {all} are referred to."),
        };
        Finding {
            code: self.rule.code().to_owned(),
            severity: match self.level {
                Level::Fail => Severity::Fail,
                // Nothing failed: what keeps a gate from deciding is a warning among the findings.
                Level::Inconclusive | Level::Warn => Severity::Warn,
                Level::Info => Severity::Info,
            },
            sentence: [self.sentence.as_str(), &cut].concat(),
            refs: self.about.iter().filter_map(pointer).take(REFERENCES).collect(),
        }
    }
}

/// Findings of which there may be as many as entry points: of each sort the first are told in words of their own, the others
/// counted.
#[derive(Debug, Default)]
pub(crate) struct ManyFound {
    told: Vec<Found>,
    told_of: OrderedMap<(Rule, Level), usize>,
    others: OrderedMap<(Rule, Level), (u64, Vec<About>)>,
}

impl ManyFound {
    /// Adds one that is told in words of its own unless there are too many of its sort.
    pub(crate) fn add(&mut self, rule: Rule, level: Level, about: Option<About>, sentence: impl FnOnce() -> String) {
        let told = self.told_of.entry((rule, level)).or_default();
        if *told < TOLD_OF_RULE {
            *told += 1;
            self.told.push(Found::new(rule, level, sentence()).about(about));
        } else {
            self.count(rule, level, about);
        }
    }

    /// Counts one.
    pub(crate) fn count(&mut self, rule: Rule, level: Level, about: Option<About>) {
        let (number, all) = self.others.entry((rule, level)).or_default();
        *number += 1;
        all.extend(about);
    }

    /// All of them, those that were counted last.
    pub(crate) fn into_found(self) -> Vec<Found> {
        let mut found = self.told;
        for ((rule, level), (number, about)) in self.others {
            let words = agree(number, "[that is|that are] not told one by one");
            let sentence = format!("{} {words} {}.", count(number, "entry point"), agree(number, of_several(rule)));
            found.push(Found::new(rule, level, sentence).about(about));
        }
        found
    }
}

/// What a rule finds of entry points that are only counted.
fn of_several(rule: Rule) -> &'static str {
    match rule {
        Rule::ErrorRate => "[fails|fail] more of [its|their] requests (error-rate)",
        Rule::Slower => "[is|are] slower (slower)",
        Rule::MixShift => "[fails more or is|fail more or are] slower by what is asked for only (mix-shift)",
        Rule::EntryPointVanished => {
            "had requests in the baseline and [has|have] none in the candidate (entry-point-vanished)"
        }
        Rule::EntryPointWithoutData => {
            "had requests in the baseline and [has|have] none in the candidate, which may be chance (entry-point-without-data)"
        }
        Rule::NewEntryPoint => "[has|have] requests in the candidate only (new-entry-point)",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides() {
        let by = |levels: &[Level]| Decision::by(levels.iter().copied());
        assert_eq!(by(&[]), Decision::Go);
        assert_eq!(by(&[Level::Info, Level::Warn]), Decision::Go);
        assert_eq!(by(&[Level::Warn, Level::Inconclusive]), Decision::Inconclusive);
        assert_eq!(by(&[Level::Inconclusive, Level::Fail, Level::Info]), Decision::NoGo);
    }

    #[test]
    fn of_very_many_findings_the_first_are_told_and_all_are_counted() {
        let found = |number: usize| {
            let mut found = ManyFound::default();
            (0..number).for_each(|number| {
                found.add(Rule::Slower, Level::Warn, Some(About::Objective(number)), || number.to_string());
            });
            found.into_found()
        };
        assert_eq!(found(TOLD_OF_RULE).len(), TOLD_OF_RULE);
        let more = found(TOLD_OF_RULE + 200);
        let last = more.last().expect("a finding");
        assert_eq!(
            (more.len(), last.sentence.as_str()),
            (TOLD_OF_RULE + 1, "200 entry points that are not told one by one are slower (slower).")
        );
        assert_eq!((last.level, last.about.len()), (Level::Warn, 200));
    }
}
