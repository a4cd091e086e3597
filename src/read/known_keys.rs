//! Attribute keys that were met before, with whether their values are kept: the same few keys come with every span.

use crate::model::names::Sym;
use hashbrown::HashMap;

/// How many keys are remembered. When there are more, all are forgotten: a verdict costs little.
const REMEMBERED: usize = 4096;

/// The longest key that is remembered, in bytes.
const LONGEST: usize = 256;

/// The verdicts of one thread, by the bytes of the key.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    kept: HashMap<Box<[u8]>, Option<Sym>>,
}

impl KnownKeys {
    /// The name of the key when its values are kept, `None` when they are not; as `decide` says, which must follow from the
    /// key alone.
    pub(crate) fn kept(&mut self, key: &[u8], decide: impl FnOnce() -> Option<Sym>) -> Option<Sym> {
        if let Some(&known) = self.kept.get(key) {
            return known;
        }
        let verdict = decide();
        if key.len() <= LONGEST {
            if self.kept.len() >= REMEMBERED {
                self.kept.clear();
            }
            self.kept.insert(Box::from(key), verdict);
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_remembered_as_long_as_there_are_not_too_many() {
        let mut known = KnownKeys::default();
        let sym = Some(Sym::EMPTY);
        assert_eq!(known.kept(b"kept", || sym), sym);
        assert_eq!(known.kept(b"kept", || None), sym, "remembered");
        assert_eq!(known.kept(b"not", || None), None);
        for number in 0..=REMEMBERED {
            known.kept(&number.to_le_bytes(), || None);
        }
        assert!(known.kept.len() <= REMEMBERED);
        assert_eq!(known.kept(&[b'x'; LONGEST + 1], || sym), sym);
        assert!(!known.kept.contains_key(&[b'x'; LONGEST + 1][..]));
    }
}
