//! Maps and sets in the order of their keys, by machine code that all types share.

mod entry;
mod map;
mod order;
mod set;

pub use entry::Entry;
pub use map::{Iter, OrderedMap};
pub use set::OrderedSet;

#[cfg(test)]
mod tests;
