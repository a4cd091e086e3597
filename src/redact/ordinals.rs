//! Equal values get the same number.

use crate::redact::class::Class;
use std::borrow::Cow;
use std::collections::HashMap;

/// The values of each class that were met so far, in the order of their first appearance. They stay in memory: neither
/// they nor anything made of them is written.
#[derive(Debug, Default)]
pub(crate) struct Ordinals {
    of: HashMap<Class, HashMap<Box<str>, u32>>,
}

impl Ordinals {
    /// The number of a value among those of its class, from 1.
    pub(crate) fn of(&mut self, class: Class, value: &str) -> u32 {
        let values = self.of.entry(class).or_default();
        let value = same(class, value);
        if let Some(&known) = values.get(&*value) {
            return known;
        }
        let next = u32::try_from(values.len()).unwrap_or(u32::MAX - 1) + 1;
        values.insert(Box::from(value), next);
        next
    }

    /// How many values of a class were met.
    pub(crate) fn met(&self, class: Class) -> u32 {
        self.of.get(&class).map_or(0, |values| u32::try_from(values.len()).unwrap_or(u32::MAX))
    }
}

/// What different spellings of one value have in common.
fn same(class: Class, value: &str) -> Cow<'_, str> {
    match class {
        Class::Card | Class::Iban | Class::Phone => {
            Cow::Owned(value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase())
        }
        Class::Email => Cow::Owned(value.replace("%40", "@").to_lowercase()),
        _ => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_value_are_one() {
        let mut ordinals = Ordinals::default();
        assert_eq!(ordinals.of(Class::Card, "4111 1111 1111 1111"), 1);
        assert_eq!(ordinals.of(Class::Card, "5555555555554444"), 2);
        assert_eq!(ordinals.of(Class::Card, "4111-1111-1111-1111"), 1);
        assert_eq!(ordinals.of(Class::Email, "Bob@Example.com"), 1);
        assert_eq!(ordinals.of(Class::Email, "bob%40example.com"), 1);
        assert_eq!(ordinals.of(Class::Password, "Bob@Example.com"), 1);
        assert_eq!((ordinals.met(Class::Card), ordinals.met(Class::Cookie)), (2, 0));
    }
}
