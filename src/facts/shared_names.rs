//! Names of operations that come again and again: each is made once, and held by all who use it.

use crate::facts::cause::OperationName;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Names by what they are made of: an id, or another name.
pub(crate) struct SharedNames<K, F> {
    made: F,
    known: HashMap<K, Arc<OperationName>>,
}

impl<K: Eq + Hash, F: FnMut(&K) -> OperationName> SharedNames<K, F> {
    /// None yet; `made` makes each that is asked for.
    pub(crate) fn new(made: F) -> Self {
        Self { made, known: HashMap::new() }
    }

    /// The name of this.
    pub(crate) fn of(&mut self, key: K) -> Arc<OperationName> {
        let Self { made, known } = self;
        Arc::clone(known.entry(key).or_insert_with_key(|key| Arc::new(made(key))))
    }
}
