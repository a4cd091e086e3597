//! Attribute keys that were met before, with whether their values are kept: the same few keys come with every span.

use crate::model::sym::Sym;
use hashbrown::HashMap;

/// How many keys are remembered. When there are more, all are forgotten: a verdict costs little.
const REMEMBERED: usize = 4096;

/// The longest key that is remembered, in bytes.
const LONGEST: usize = 256;

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
    /// Of a key that is too long to be remembered.
    long: KeptKey,
}

impl KnownKeys {
    /// The key when its values are kept, `None` when they are not; as `decide` says, which must follow from the key alone.
    pub(crate) fn kept(&mut self, key: &[u8], decide: impl FnOnce() -> Option<Sym>) -> Option<&mut KeptKey> {
        let decided = || decide().map(|name| KeptKey { name, ..KeptKey::default() });
        if key.len() > LONGEST {
            self.long = decided()?;
            return Some(&mut self.long);
        }
        if self.kept.len() >= REMEMBERED && !self.kept.contains_key(key) {
            self.kept.clear();
        }
        self.kept.entry_ref(key).or_insert_with(decided).as_mut()
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
}
