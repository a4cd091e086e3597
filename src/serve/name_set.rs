//! A set of names that requests are read with. Spans that wait hold the set of theirs; when the last of them goes, it goes.

use crate::model::names::Names;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Names, counted as long as they are held.
#[derive(Debug)]
pub(crate) struct NameSet {
    names: Mutex<Names>,
    sets: Arc<AtomicUsize>,
}

impl NameSet {
    /// An empty set of about `bound` bytes, counted among `sets`.
    pub(crate) fn new(bound: usize, sets: &Arc<AtomicUsize>) -> Arc<Self> {
        sets.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { names: Mutex::new(Names::with_bound(bound)), sets: Arc::clone(sets) })
    }

    /// The names: whoever reads requests holds them meanwhile, and so does whoever looks them up.
    pub(crate) fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody holds the names.
    pub(crate) fn is_looked_up(&self) -> bool {
        matches!(self.names.try_lock(), Err(TryLockError::WouldBlock))
    }
}

impl Drop for NameSet {
    fn drop(&mut self) {
        self.sets.fetch_sub(1, Ordering::Relaxed);
    }
}
