//! Words with their counts, of which only so many are kept that nobody can fill the memory with them.

use crate::ordered::map::OrderedMap;

/// Counts by word. Of more than [`Few::KEPT`] different words those that come first in order are kept, so that counts of
/// pieces, added in any order, are those of the whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Few {
    counts: OrderedMap<String, u64>,
    more: bool,
}

impl Few {
    /// How many different words are kept.
    pub const KEPT: usize = 100;

    /// Counts `count` more of `word`.
    pub fn add(&mut self, word: &str, count: u64) {
        if let Some(known) = self.counts.get_mut(word) {
            *known += count;
            return;
        }
        // What comes behind all of a full list would be thrown out again: do not even copy it.
        if self.counts.len() == Self::KEPT && self.counts.last_key_value().is_some_and(|(last, _)| &**last < word) {
            self.more = true;
            return;
        }
        self.counts.insert(word.to_owned(), count);
        while self.counts.len() > Self::KEPT {
            self.counts.pop_last();
            self.more = true;
        }
    }

    /// Adds the counts of another piece.
    pub fn merge(&mut self, other: &Self) {
        self.more |= other.more;
        for (word, &count) in &other.counts {
            self.add(word, count);
        }
    }

    /// The words that were kept, in their order, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(word, &count)| (word.as_str(), count))
    }

    /// How many different words are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Whether there were more words than are kept.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_add_up_to_the_whole(words in prop::collection::vec(0..300_u16, 0..600), cut in 0..600_usize) {
            let of = |words: &[u16]| {
                let mut few = Few::default();
                words.iter().for_each(|word| few.add(&word.to_string(), 1));
                few
            };
            let (first, second) = words.split_at(cut.min(words.len()));
            let (mut forth, mut back) = (of(first), of(second));
            forth.merge(&of(second));
            back.merge(&of(first));
            prop_assert_eq!(&forth, &of(&words));
            prop_assert_eq!(&back, &forth);
            let different: crate::ordered::set::OrderedSet<_> = words.iter().collect();
            prop_assert_eq!(forth.has_more(), different.len() > Few::KEPT);
            prop_assert_eq!(forth.len(), different.len().min(Few::KEPT));
        }
    }
}
