//! What was found, and what that adds up to.

use crate::judge::evidence::{Finding, Severity};
use crate::judge::rule::{Level, Rule};

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
        match levels.min() {
            Some(Level::Fail) => Self::NoGo,
            Some(Level::Inconclusive) => Self::Inconclusive,
            _ => Self::Go,
        }
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

    /// The finding of the evidence; `rank_of` tells the place of a root cause in the evidence.
    pub(crate) fn finding(&self, rank_of: impl Fn(usize) -> usize) -> Finding {
        let pointer = |about: &About| match about {
            About::Cause(place) => format!("/root_causes/{}", rank_of(*place)),
            About::Objective(place) => format!("/objectives/{place}"),
            About::Change(place) => format!("/changes/{place}"),
        };
        Finding {
            code: self.rule.code().to_owned(),
            severity: match self.level {
                Level::Fail => Severity::Fail,
                // Nothing failed: what keeps a gate from deciding is a warning among the findings.
                Level::Inconclusive | Level::Warn => Severity::Warn,
                Level::Info => Severity::Info,
            },
            sentence: self.sentence.clone(),
            refs: self.about.iter().map(pointer).collect(),
        }
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
}
