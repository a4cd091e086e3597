//! What a user says about exceptions: whose code a call is, and which failures are the same.

use crate::analyze::stack::frame::{Frame, Stack};
use crate::analyze::stack::language::{is_bracketed, parse};
use regex::Regex;

/// Rules of a user, beside those that are built in. Without any, those alone hold.
#[derive(Clone, Debug, Default)]
pub struct ExceptionRules {
    in_app: Vec<InAppRule>,
    groups: Vec<GroupRule>,
}

/// What a call must be like.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Its function, its file or what ships it starts so.
    Prefix(String),
    /// This is found in its function, its file, or the name of what ships it.
    Regex(Regex),
}

/// Whose code a call is.
#[derive(Clone, Debug)]
pub struct InAppRule {
    /// Which calls.
    pub pattern: Pattern,
    /// Whether they are the application's own.
    pub in_app: bool,
}

/// Which failures are the same, or are not.
#[derive(Clone, Debug)]
pub enum GroupRule {
    /// What the expression finds is one fault of its operation, whatever else is told of it.
    Merge {
        /// Searched for in `Type: message` of the exception and of each cause, and in the words of the span.
        matches: Regex,
        /// Takes the place of exception and words in the key.
        name: String,
    },
    /// What the expression finds (its first group, if it has one) is part of the key, as it is.
    Split {
        /// Searched for likewise.
        matches: Regex,
    },
}

impl ExceptionRules {
    /// Rules of which the first that fits a call or a failure holds; of those that split, all.
    #[must_use]
    pub fn new(in_app: Vec<InAppRule>, groups: Vec<GroupRule>) -> Self {
        Self { in_app, groups }
    }

    /// Reads a stack trace, and says of each call whose code it is. Names in angle brackets are nobody's, whatever a rule
    /// says.
    pub(crate) fn parse(&self, stacktrace: &str) -> Option<Stack> {
        let mut stack = parse(stacktrace)?;
        if !self.in_app.is_empty() {
            for frame in stack.blocks.iter_mut().flat_map(|block| &mut block.frames) {
                if let Some(rule) = self.in_app.iter().find(|rule| rule.pattern.fits(frame)) {
                    frame.in_app = rule.in_app && !is_bracketed(&frame.file);
                }
            }
        }
        Some(stack)
    }

    /// The name under which failures that tell `texts` are one.
    pub(crate) fn merged(&self, texts: &[String]) -> Option<&str> {
        self.groups.iter().find_map(|rule| match rule {
            GroupRule::Merge { matches, name } => texts.iter().any(|text| matches.is_match(text)).then_some(&**name),
            GroupRule::Split { .. } => None,
        })
    }

    /// By what else failures that tell `texts` differ.
    pub(crate) fn split(&self, texts: &[String]) -> Vec<String> {
        let found = self.groups.iter().filter_map(|rule| match rule {
            GroupRule::Split { matches } => {
                let captures = texts.iter().find_map(|text| matches.captures(text))?;
                Some(captures.get(1).or(captures.get(0))?.as_str().to_owned())
            }
            GroupRule::Merge { .. } => None,
        });
        found.collect()
    }

    /// Whether there are rules about which failures are the same.
    pub(crate) fn group(&self) -> bool {
        !self.groups.is_empty()
    }
}

impl InAppRule {
    /// Calls whose function, file or what ships them starts so.
    #[must_use]
    pub fn by_prefix(prefix: &str, in_app: bool) -> Self {
        Self { pattern: Pattern::Prefix(prefix.to_owned()), in_app }
    }

    /// Calls in whose function, file or name of what ships them this is found.
    ///
    /// # Errors
    ///
    /// When it is no regular expression.
    pub fn by_regex(regex: &str, in_app: bool) -> Result<Self, String> {
        Ok(Self { pattern: Pattern::Regex(compiled(regex)?), in_app })
    }
}

impl GroupRule {
    /// Failures in which this is found are one fault of this name.
    ///
    /// # Errors
    ///
    /// When it is no regular expression.
    pub fn merge(matches: &str, name: &str) -> Result<Self, String> {
        Ok(Self::Merge { matches: compiled(matches)?, name: name.to_owned() })
    }

    /// Failures in which this finds other text are other faults.
    ///
    /// # Errors
    ///
    /// When it is no regular expression.
    pub fn split(matches: &str) -> Result<Self, String> {
        Ok(Self::Split { matches: compiled(matches)? })
    }
}

fn compiled(regex: &str) -> Result<Regex, String> {
    Regex::new(regex).map_err(|error| format!("{regex:?} is no regular expression: {error}"))
}

impl Pattern {
    fn fits(&self, frame: &Frame) -> bool {
        let texts = [&*frame.function, &*frame.file, &*frame.package];
        match self {
            Self::Prefix(prefix) => texts.iter().any(|text| text.starts_with(&**prefix)),
            Self::Regex(regex) => texts.iter().any(|text| regex.is_match(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "a.A: b\n\tat org.apache.shop.Cart.add(Cart.java:1)\n\tat com.shop.Vendored.f(Vendored.java:2)";

    #[test]
    fn the_first_rule_that_fits_a_call_holds() {
        let regex = |text: &str| Pattern::Regex(Regex::new(text).expect("a regex"));
        let rules = ExceptionRules::new(
            vec![
                InAppRule { pattern: Pattern::Prefix("org.apache.shop.".to_owned()), in_app: true },
                InAppRule { pattern: regex("Vendored"), in_app: false },
                InAppRule { pattern: regex("."), in_app: true },
            ],
            Vec::new(),
        );
        let of = |rules: &ExceptionRules| -> Vec<bool> {
            rules.parse(STACK).iter().flat_map(|stack| &stack.blocks[0].frames).map(|frame| frame.in_app).collect()
        };
        assert_eq!(of(&ExceptionRules::default()), [false, true]);
        assert_eq!(of(&rules), [true, false]);
    }

    #[test]
    fn no_rule_makes_a_name_in_brackets_the_applications() {
        let all = InAppRule { pattern: Pattern::Prefix(String::new()), in_app: true };
        let rules = ExceptionRules::new(vec![all], Vec::new());
        let stack = rules.parse("Traceback (most recent call last):\n  File \"<template>\", line 1, in f\nE: x");
        assert_eq!(stack.map(|stack| stack.blocks[0].frames[0].in_app), Some(false));
    }
}
