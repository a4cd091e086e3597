//! Which root causes a user asks for by their signatures, and in what two of them differ.

use crate::judge::evidence_cause::{Grouping, KeyPart, RootCause};

/// A signature, whole or by its first digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted(String);

impl Wanted {
    /// The least digits by which a signature is asked for.
    const LEAST: usize = 4;

    /// `None` when the text is no signature: version, colon, four to sixteen hexadecimal digits.
    ///
    /// ```
    /// # use whyspan::judge::grouping::Wanted;
    /// assert!(Wanted::of("v2:5e1c0d6a9b3f4e21").is_some() && Wanted::of("v2:5e1c").is_some());
    /// assert!(Wanted::of("v2:5e1").is_none() && Wanted::of("dumps/v2:5e1c").is_none());
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let (version, digits) = text.split_once(':')?;
        let number = version.strip_prefix('v')?;
        let is_version = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (is_version && hex && (Self::LEAST..=16).contains(&digits.len())).then(|| Self(text.to_owned()))
    }

    /// As it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a root cause or its family is meant.
    #[must_use]
    pub fn is(&self, cause: &RootCause) -> bool {
        cause.signature.starts_with(&self.0)
            || cause.grouping.as_ref().is_some_and(|grouping| grouping.family.starts_with(&self.0))
    }
}

/// One part of two keys, in which they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'g> {
    /// What it is.
    pub part: &'g str,
    /// What the one has; `None` when it has no such part.
    pub one: Option<&'g str>,
    /// What the other has.
    pub other: Option<&'g str>,
}

/// In what two keys differ, part by part in their order; the n-th cause is held against the n-th.
#[must_use]
pub fn differences<'g>(one: &'g Grouping, other: &'g Grouping) -> Vec<Difference<'g>> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for part in one.parts.iter().chain(&other.parts) {
        if !names.contains(&&*part.part) {
            names.push(&part.part);
        }
    }
    for name in names {
        let of = |grouping: &'g Grouping| grouping.parts.iter().filter(move |part| part.part == name);
        let count = of(one).count().max(of(other).count());
        let padded = |grouping: &'g Grouping| {
            let values = of(grouping).map(|part: &KeyPart| Some(&*part.value));
            values.chain(std::iter::repeat(None)).take(count).collect::<Vec<_>>()
        };
        let pairs = padded(one).into_iter().zip(padded(other)).filter(|(one, other)| one != other);
        found.extend(pairs.map(|(one, other)| Difference { part: name, one, other }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouping(parts: &[(&str, &str)]) -> Grouping {
        let part = |&(part, value): &(&str, &str)| KeyPart { part: part.to_owned(), value: value.to_owned() };
        Grouping { family: String::new(), parts: parts.iter().map(part).collect() }
    }

    #[test]
    fn keys_differ_part_by_part() {
        let one = grouping(&[("service", "a"), ("type", "T"), ("cause type", "X")]);
        let other = grouping(&[("service", "a"), ("type", "U"), ("cause type", "X"), ("cause type", "Y")]);
        let shown: Vec<_> = differences(&one, &other).into_iter().map(|it| (it.part, it.one, it.other)).collect();
        assert_eq!(shown, [("type", Some("T"), Some("U")), ("cause type", None, Some("Y"))]);
        assert_eq!(differences(&one, &one), []);
    }
}
