//! Resources that were read before, found again by their bytes: every request of a process repeats its own.

use crate::read::resource_parts::ResourceParts;
use hashbrown::HashMap;

/// The longest resource that is remembered, in bytes. They have one or two thousand.
const LONGEST: usize = 8 << 10;

/// How many bytes of resources are remembered. When there are more, all are forgotten: a resource costs little to read.
const REMEMBERED: usize = 1 << 20;

/// What came of the resources that one thread has read, by their bytes.
#[derive(Debug, Default)]
pub(crate) struct KnownResources {
    parts: HashMap<Box<[u8]>, ResourceParts>,
    bytes: usize,
}

impl KnownResources {
    /// What came of the resource that these bytes are.
    pub(crate) fn get(&self, bytes: &[u8]) -> Option<&ResourceParts> {
        if bytes.len() <= LONGEST { self.parts.get(bytes) } else { None }
    }

    /// Remembers what came of a resource. It must follow from the bytes alone.
    pub(crate) fn put(&mut self, bytes: &[u8], parts: &ResourceParts) {
        if bytes.len() > LONGEST {
            return;
        }
        if self.bytes > REMEMBERED {
            *self = Self::default();
        }
        self.bytes += bytes.len() + size_of::<ResourceParts>() + parts.kept_bytes();
        self.parts.insert(Box::from(bytes), parts.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_remembered_as_long_as_there_are_not_too_many() {
        let mut known = KnownResources::default();
        let one = ResourceParts { named: true, ..ResourceParts::default() };
        known.put(b"one", &one);
        known.put(&[b'x'; LONGEST + 1], &one);
        assert!(known.get(b"one").is_some_and(|parts| parts.named));
        assert!(known.get(b"on").is_none() && known.get(&[b'x'; LONGEST + 1]).is_none());
        for number in 0..=u16::MAX {
            known.put(&number.to_le_bytes(), &one);
        }
        assert!(known.get(b"one").is_none());
        assert!(known.parts.len() * size_of::<ResourceParts>() <= REMEMBERED);
    }
}
