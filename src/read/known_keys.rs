//! Attribute keys that were met before, with whether their values are kept: the same few keys come with every span.

use crate::model::sym::Sym;
use hashbrown::HashMap;

/// How many keys are remembered. When there are more, those are forgotten of which no value became a name: a verdict costs
/// little, and the count of names must hold.
const REMEMBERED: usize = 4096;

/// The longest key that is remembered, in bytes.
const LONGEST: usize = 256;

/// As many values as if there had been too many: none more becomes a name.
const NO_MORE: u32 = u32::MAX;

/// A key whose values are kept.
#[derive(Debug, Default)]
pub(crate) struct KeptKey {
    /// Its name.
    pub(crate) name: Sym,
    /// How many of its values became names.
    pub(crate) values: u32,
    /// The name that its last value has: often it is that of the next one.
    pub(crate) last: Sym,
}

/// The verdicts of one thread, by the bytes of the key.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    kept: HashMap<Vec<u8>, Option<KeptKey>>,
    /// Of a key that is too long to be remembered: none of its values becomes a name, as nobody counts them.
    long: KeptKey,
    /// How many values of a key are taken to be names when it is met first: 0, and [`NO_MORE`] once counts were forgotten.
    at_first: u32,
}

impl KnownKeys {
    /// The key when its values are kept, `None` when they are not; as `decide` says, which must follow from the key alone.
    pub(crate) fn kept(&mut self, key: &[u8], decide: impl FnOnce() -> Option<Sym>) -> Option<&mut KeptKey> {
        let decided = |values| decide().map(|name| KeptKey { name, values, ..KeptKey::default() });
        if key.len() > LONGEST {
            self.long = decided(NO_MORE)?;
            return Some(&mut self.long);
        }
        if self.kept.len() >= REMEMBERED && !self.kept.contains_key(key) {
            self.forget();
        }
        let at_first = self.at_first;
        self.kept.entry_ref(key).or_insert_with(|| decided(at_first)).as_mut()
    }

    /// Makes room for half of all that are remembered at least.
    #[cold]
    fn forget(&mut self) {
        self.kept.retain(|_, key| key.as_ref().is_some_and(|key| key.values > 0));
        if self.kept.len() > REMEMBERED / 2 {
            self.kept.clear();
            self.at_first = NO_MORE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_remembered_as_long_as_there_are_not_too_many() {
        let mut known = KnownKeys::default();
        let sym = Some(Sym::EMPTY);
        let name = |kept: Option<&mut KeptKey>| kept.map(|kept| kept.name);
        assert_eq!(name(known.kept(b"kept", || sym)), sym);
        assert_eq!(name(known.kept(b"kept", || None)), sym, "remembered");
        assert_eq!(name(known.kept(b"not", || None)), None);
        for number in 0..=REMEMBERED {
            assert_eq!(name(known.kept(&number.to_le_bytes(), || None)), None);
        }
        assert!(known.kept.len() <= REMEMBERED);
        assert_eq!(name(known.kept(&[b'x'; LONGEST + 1], || sym)), sym);
        assert!(!known.kept.contains_key(&[b'x'; LONGEST + 1][..]));
    }

    #[test]
    fn how_many_values_of_a_key_became_names_is_not_forgotten() {
        let mut known = KnownKeys::default();
        let sym = || Some(Sym::EMPTY);
        known.kept(b"counted", sym).expect("kept").values = 7;
        for number in 0..2 * REMEMBERED {
            assert_eq!(known.kept(&number.to_le_bytes(), sym).map(|key| key.values), Some(0));
        }
        assert_eq!(known.kept(b"counted", || None).map(|key| key.values), Some(7));
        // Nobody counts those of a key that is not remembered.
        assert_eq!(known.kept(&[b'x'; LONGEST + 1], sym).map(|key| key.values), Some(NO_MORE));
        for number in 0..2 * REMEMBERED {
            let values = &mut known.kept(&number.to_le_bytes(), sym).expect("kept").values;
            *values = (*values).max(1);
        }
        assert!(known.kept.len() <= REMEMBERED);
        assert_eq!(known.kept(b"counted", sym).map(|key| key.values), Some(NO_MORE), "its count was forgotten");
    }
}
