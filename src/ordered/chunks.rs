//! A list that grows without moving what it holds.

use std::mem;
use std::ops::{Index, IndexMut};
use std::slice;
use std::vec;

/// A list in chunks. A million entries take what they take, and no copy while the list grows; and what is moved from one list
/// to another is in memory once, as each chunk that was emptied is freed.
///
/// ```text
///   0 .. 511 | 512 .. 1023 | 1024 .. 1100        all full but the last
/// ```
#[derive(Clone, Debug)]
pub(super) struct Chunks<T> {
    /// None is empty.
    chunks: Vec<Vec<T>>,
}

/// Entries of a chunk. Lists in which entries are put in the middle or taken out there are shorter.
pub(super) const CHUNK: usize = 512;

impl<T> Chunks<T> {
    /// An empty list.
    pub(super) fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    /// Puts an entry in at its place: at the end, or anywhere in a list of one chunk that is not full.
    pub(super) fn insert(&mut self, place: usize, entry: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.insert(place % CHUNK, entry),
            last => {
                // The first grows as it must: most lists are short.
                let mut next = Vec::with_capacity(if last.is_some() { CHUNK } else { 1 });
                next.push(entry);
                self.chunks.push(next);
            }
        }
    }

    /// Takes an entry out: the last, or any of a list of one chunk, in which those behind it move up.
    pub(super) fn remove(&mut self, place: usize) -> Option<T> {
        let chunk = self.chunks.get_mut(place / CHUNK)?;
        let entry = (place % CHUNK < chunk.len()).then(|| chunk.remove(place % CHUNK));
        if chunk.is_empty() {
            self.chunks.pop();
        }
        entry
    }

    /// Takes the last entry out.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.remove(self.len().checked_sub(1)?)
    }

    /// Takes an entry out, whose place the last one takes.
    pub(super) fn swap_remove(&mut self, place: usize) -> Option<T> {
        let last = self.pop()?;
        if place == self.len() { Some(last) } else { Some(mem::replace(&mut self[place], last)) }
    }

    pub(super) fn swap(&mut self, one: usize, other: usize) {
        let (low, high) = (one.min(other), one.max(other));
        let (before, from) = self.chunks.split_at_mut(high / CHUNK);
        match before.get_mut(low / CHUNK) {
            Some(chunk) => mem::swap(&mut chunk[low % CHUNK], &mut from[0][high % CHUNK]),
            None => from[0].swap(low % CHUNK, high % CHUNK),
        }
    }

    /// Keeps the entries for which this holds, in their order.
    pub(super) fn retain_mut(&mut self, mut is_kept: impl FnMut(&mut T) -> bool) {
        for mut entry in mem::replace(self, Self::new()) {
            if is_kept(&mut entry) {
                self.insert(self.len(), entry);
            }
        }
    }

    pub(super) fn iter_mut(&mut self) -> IterMut<'_, T> {
        IterMut { chunk: [].iter_mut(), chunks: self.chunks.iter_mut() }
    }
}

impl<T> Index<usize> for Chunks<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        &self.chunks[place / CHUNK][place % CHUNK]
    }
}

impl<T> IndexMut<usize> for Chunks<T> {
    fn index_mut(&mut self, place: usize) -> &mut T {
        &mut self.chunks[place / CHUNK][place % CHUNK]
    }
}

/// The entries of a list, which may be changed.
#[derive(Debug)]
pub(super) struct IterMut<'l, T> {
    chunk: slice::IterMut<'l, T>,
    chunks: slice::IterMut<'l, Vec<T>>,
}

impl<'l, T> Iterator for IterMut<'l, T> {
    type Item = &'l mut T;

    fn next(&mut self) -> Option<&'l mut T> {
        // No chunk is empty.
        self.chunk.next().or_else(|| {
            self.chunk = self.chunks.next()?.iter_mut();
            self.chunk.next()
        })
    }
}

/// The entries of a list, each chunk of which is freed when it is through.
#[derive(Debug)]
pub struct Emptied<T> {
    chunk: vec::IntoIter<T>,
    chunks: vec::IntoIter<Vec<T>>,
}

impl<T> Iterator for Emptied<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.chunk.next().or_else(|| {
            self.chunk = self.chunks.next()?.into_iter();
            self.chunk.next()
        })
    }
}

impl<T> IntoIterator for Chunks<T> {
    type Item = T;
    type IntoIter = Emptied<T>;

    fn into_iter(self) -> Emptied<T> {
        Emptied { chunk: Vec::new().into_iter(), chunks: self.chunks.into_iter() }
    }
}
