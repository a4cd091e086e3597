//! The requests that came last, by their digests: one that is sent again is found.

use hashbrown::HashMap;
use std::collections::VecDeque;

/// What is known of the last requests; the oldest are forgotten.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    known: HashMap<u128, T>,
    order: VecDeque<u128>,
    bound: usize,
}

impl<T: Copy> Recent<T> {
    /// Knows none yet, and at most `bound` at a time.
    pub(crate) fn new(bound: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), bound }
    }

    /// What is known of the request with this digest.
    pub(crate) fn get(&self, digest: u128) -> Option<T> {
        self.known.get(&digest).copied()
    }

    /// Takes note of a request.
    pub(crate) fn put(&mut self, digest: u128, value: T) {
        if self.known.insert(digest, value).is_some() {
            return;
        }
        self.order.push_back(digest);
        if self.order.len() > self.bound
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut recent = Recent::new(2);
        for digest in [1, 2, 2, 3] {
            recent.put(digest, digest);
        }
        assert_eq!([1, 2, 3].map(|digest| recent.get(digest)), [None, Some(2), Some(3)]);
    }
}
