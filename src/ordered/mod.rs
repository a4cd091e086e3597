//! Maps and sets in the order of their keys, by machine code that all types share.

mod chunks;
pub mod entry;
pub mod map;
mod order;
pub mod set;

#[cfg(test)]
mod tests;
