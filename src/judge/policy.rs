//! The policy of a gate: which rules decide, and the numbers that they are judged by.

use crate::judge::rule::{Level, Rule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// The numbers and rules in force. Every report prints them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The chance that a gate says no-go although nothing changed: of all reasons together (Holm 1979), 0 to 1.
    pub alpha: f64,
    /// Confidence of the intervals that are printed, and of the bounds that a quantile must allow to be judged, 0 to 1.
    pub confidence: f64,
    /// The quantile of durations that is judged, 0 to 1.
    pub quantile: f64,
    /// A rise of a failure rate below this is not relevant, as a part of all requests.
    pub relevant_error_rate: f64,
    /// A slowdown below this part of the baseline is not relevant.
    pub relevant_slowdown: f64,
    /// A slowdown below this is not relevant, in milliseconds.
    pub relevant_slowdown_ms: f64,
    /// Fewer failing traces than this never fail a gate.
    pub least_failures: u64,
    /// The chance with which a rise is found that is said to have been seen, 0 to 1.
    pub power: f64,
    /// Entry points with too few requests leave the gate undecided when they have more than this part of the baseline's.
    pub undecided_share: f64,
    /// What each rule means for the decision.
    pub rules: BTreeMap<Rule, Level>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            confidence: 0.95,
            quantile: 0.95,
            relevant_error_rate: 0.01,
            relevant_slowdown: 0.10,
            relevant_slowdown_ms: 10.0,
            least_failures: 2,
            power: 0.8,
            undecided_share: 0.5,
            rules: Rule::ALL.into_iter().map(|rule| (rule, rule.default_level())).collect(),
        }
    }
}

/// What is wrong with a policy, and what is right.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PolicyError {
    /// A file that is no policy.
    #[error("{0}")]
    File(String),
    /// A rule that does not exist.
    #[error("there is no rule {wanted:?}; the rules are {known}", known = Rule::ALL.map(Rule::code).join(", "))]
    NoRule {
        /// What was given.
        wanted: String,
    },
    /// A level that does not exist.
    #[error("there is no level {0:?}; a rule is set to fail, inconclusive, warn or info")]
    NoLevel(String),
    /// A level that would let a change go without data.
    #[error("{0} can be set to fail or inconclusive only: no data is never \"go\"")]
    NeverGo(&'static str),
    /// A number that does not exist.
    #[error("there is no number {wanted:?}; the numbers are {known}", known = NUMBERS.map(|(name, ..)| name).join(", "))]
    NoNumber {
        /// What was given.
        wanted: String,
    },
    /// A number out of its range.
    #[error("{name} must lie between {least} and {most}, and {found} does not")]
    OutOfRange {
        /// Which number.
        name: &'static str,
        /// The least that it may be.
        least: f64,
        /// The most that it may be.
        most: f64,
        /// What was given.
        found: String,
    },
}

/// Name, least and most of every number of a policy.
const NUMBERS: [(&str, f64, f64); 9] = [
    ("alpha", 1e-9, 0.5),
    ("confidence", 0.5, 0.9999),
    ("quantile", 0.5, 0.9999),
    ("relevant_error_rate", 0.0, 1.0),
    ("relevant_slowdown", 0.0, 100.0),
    ("relevant_slowdown_ms", 0.0, 86_400_000.0),
    ("least_failures", 1.0, 1e9),
    ("power", 0.5, 0.9999),
    ("undecided_share", 0.0, 1.0),
];

impl Policy {
    /// Reads a policy from TOML; what it does not name stays as it is built in.
    ///
    /// ```
    /// # use whyspan::judge::policy::Policy;
    /// # use whyspan::judge::rule::{Level, Rule};
    /// let policy = Policy::from_toml("alpha = 0.001\n[rules]\nslower = \"warn\"").unwrap();
    /// assert_eq!((policy.alpha, policy.level(Rule::Slower)), (0.001, Level::Warn));
    /// assert_eq!(policy.level(Rule::ErrorRate), Level::Fail);
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is no TOML, or names something that does not exist, or a number out of its range.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self = toml::from_str(text).map_err(|error| PolicyError::File(error.to_string()))?;
        for rule in Rule::ALL {
            policy.rules.entry(rule).or_insert(rule.default_level());
        }
        for (&rule, &level) in &policy.rules {
            allowed(rule, level)?;
        }
        for (name, ..) in NUMBERS {
            let found = policy.number(name);
            policy.set_number(name, &found.to_string())?;
        }
        Ok(policy)
    }

    /// What a rule means for the decision.
    #[must_use]
    pub fn level(&self, rule: Rule) -> Level {
        self.rules.get(&rule).copied().unwrap_or(rule.default_level())
    }

    /// Sets a rule to a level, both by their words.
    ///
    /// # Errors
    ///
    /// When there is no such rule or level, or the rule cannot be set so.
    pub fn set_rule(&mut self, code: &str, word: &str) -> Result<(), PolicyError> {
        let rule = Rule::of(code).ok_or_else(|| PolicyError::NoRule { wanted: code.to_owned() })?;
        let level = Level::of(word).ok_or_else(|| PolicyError::NoLevel(word.to_owned()))?;
        allowed(rule, level)?;
        self.rules.insert(rule, level);
        Ok(())
    }

    /// Sets a number by its name, with `_` or `-` between words.
    ///
    /// # Errors
    ///
    /// When there is no such number, or it must not be so small or large.
    pub fn set_number(&mut self, name: &str, value: &str) -> Result<(), PolicyError> {
        let wanted = name.replace('-', "_");
        let Some((name, least, most)) = NUMBERS.into_iter().find(|(known, ..)| *known == wanted) else {
            return Err(PolicyError::NoNumber { wanted: name.to_owned() });
        };
        let out_of_range = || PolicyError::OutOfRange { name, least, most, found: value.to_owned() };
        let number: f64 = value.trim().parse().map_err(|_| out_of_range())?;
        if !(least..=most).contains(&number) {
            return Err(out_of_range());
        }
        match name {
            "alpha" => self.alpha = number,
            "confidence" => self.confidence = number,
            "quantile" => self.quantile = number,
            "relevant_error_rate" => self.relevant_error_rate = number,
            "relevant_slowdown" => self.relevant_slowdown = number,
            "relevant_slowdown_ms" => self.relevant_slowdown_ms = number,
            "power" => self.power = number,
            "undecided_share" => self.undecided_share = number,
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 1 and 10^9")]
            _ => self.least_failures = number as u64,
        }
        Ok(())
    }

    /// The numbers by name, in the order in which reports print them.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        NUMBERS.map(|(name, ..)| (name, self.number(name))).into_iter()
    }

    fn number(&self, name: &str) -> f64 {
        match name {
            "alpha" => self.alpha,
            "confidence" => self.confidence,
            "quantile" => self.quantile,
            "relevant_error_rate" => self.relevant_error_rate,
            "relevant_slowdown" => self.relevant_slowdown,
            "relevant_slowdown_ms" => self.relevant_slowdown_ms,
            "power" => self.power,
            "undecided_share" => self.undecided_share,
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            _ => self.least_failures as f64,
        }
    }

    /// From which slowdown on a quantile that was `baseline` is relevantly slower, both in nanoseconds.
    #[must_use]
    pub fn relevant_slowdown_of(&self, baseline: f64) -> f64 {
        (self.relevant_slowdown * baseline).max(self.relevant_slowdown_ms * 1e6)
    }
}

fn allowed(rule: Rule, level: Level) -> Result<(), PolicyError> {
    if rule.may_go() || matches!(level, Level::Fail | Level::Inconclusive) {
        return Ok(());
    }
    Err(PolicyError::NeverGo(rule.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_names() {
        let policy = Policy::from_toml("relevant_slowdown_ms = 50\n[rules]\nerror-rate = \"info\"").expect("a policy");
        assert_eq!((policy.relevant_slowdown_ms, policy.level(Rule::ErrorRate)), (50.0, Level::Info));
        assert_eq!(policy.rules.len(), Rule::ALL.len());
        assert_eq!(Policy::from_toml(""), Ok(Policy::default()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let told = |text: &str| Policy::from_toml(text).expect_err("it is wrong").to_string();
        assert!(told("alhpa = 0.1").contains("alhpa"), "{}", told("alhpa = 0.1"));
        assert!(told("alpha = 2").contains("between 0.000000001 and 0.5"), "{}", told("alpha = 2"));
        assert!(told("alpha = nan").contains("alpha"), "{}", told("alpha = nan"));
        assert!(told("[rules]\nslow = \"fail\"").contains("slow"));
        assert!(told("[rules]\ncandidate-empty = \"info\"").contains("no data is never"));
        let mut policy = Policy::default();
        assert_eq!(policy.set_rule("slower", "fatal"), Err(PolicyError::NoLevel("fatal".to_owned())));
        assert_eq!(policy.set_rule("lower", "fail"), Err(PolicyError::NoRule { wanted: "lower".to_owned() }));
        assert_eq!(policy.set_number("beta", "1"), Err(PolicyError::NoNumber { wanted: "beta".to_owned() }));
        assert!(policy.set_number("least-failures", "0").is_err());
        assert_eq!(policy.set_number("relevant-error-rate", "0.05"), Ok(()));
        assert_eq!(policy.relevant_error_rate, 0.05);
    }

    #[test]
    fn a_slowdown_is_relevant_by_share_and_by_time() {
        let policy = Policy::default();
        assert_eq!(policy.relevant_slowdown_of(20e6), 10e6);
        assert_eq!(policy.relevant_slowdown_of(500e6), 50e6);
    }
}
