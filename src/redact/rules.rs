//! What is to be taken out: classes, and patterns of the user.

use crate::ordered::set::OrderedSet;
use crate::redact::class::Class;
use regex::Regex;

/// What is taken out. The default is every class of which [`Class::is_default`] holds.
#[derive(Clone, Debug)]
pub struct Rules {
    classes: OrderedSet<Class>,
    patterns: Vec<OwnPattern>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { classes: Class::ALL.into_iter().filter(|class| class.is_default()).collect(), patterns: Vec::new() }
    }
}

impl Rules {
    /// Nothing is taken out.
    #[must_use]
    pub fn none() -> Self {
        Self { classes: OrderedSet::new(), patterns: Vec::new() }
    }

    /// Takes this class out too.
    #[must_use]
    pub fn with(mut self, class: Class) -> Self {
        self.classes.insert(class);
        self
    }

    /// Leaves this class.
    #[must_use]
    pub fn without(mut self, class: Class) -> Self {
        self.classes.remove(&class);
        self
    }

    /// Takes out what this pattern finds, as [`Class::Custom`].
    #[must_use]
    pub fn with_pattern(mut self, pattern: OwnPattern) -> Self {
        self.classes.insert(Class::Custom);
        self.patterns.push(pattern);
        self
    }

    /// Whether a class is taken out.
    #[must_use]
    pub fn has(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// The classes that are taken out.
    pub fn classes(&self) -> impl Iterator<Item = Class> {
        self.classes.iter().copied()
    }

    /// The patterns of the user; none when their class is left.
    pub(crate) fn patterns(&self) -> &[OwnPattern] {
        if self.has(Class::Custom) { &self.patterns } else { &[] }
    }
}

/// A pattern of the user, in the syntax of the crate `regex`.
#[derive(Clone, Debug)]
pub struct OwnPattern(pub(crate) Regex);

impl OwnPattern {
    /// Compiles a pattern. If it has groups, what the first of them finds is taken out, else all that it finds.
    ///
    /// # Errors
    ///
    /// With words for the user when it is no regular expression, or finds something in an empty text and so everywhere.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let compiled = Regex::new(pattern).map_err(|error| error.to_string())?;
        if compiled.is_match("") {
            return Err(format!(
                "{pattern:?} matches an empty text, and so everything: ask for at least one character"
            ));
        }
        Ok(Self(compiled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_and_go() {
        let rules = Rules::default().with(Class::Ip).without(Class::Email);
        assert!(rules.has(Class::Ip) && !rules.has(Class::Email) && rules.has(Class::Card));
        assert_eq!(Rules::none().classes().count(), 0);
    }

    #[test]
    fn wrong_patterns_are_told() {
        assert!(OwnPattern::new("(").expect_err("wrong").contains("unclosed group"));
        assert!(OwnPattern::new("x*").expect_err("wrong").contains("empty text"));
        assert!(OwnPattern::new("ACME-[0-9]+").is_ok());
    }
}
