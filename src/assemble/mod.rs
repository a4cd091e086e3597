//! Loose spans in any order become one tree and a count of what was odd. Nothing here can fail but the disk: what cannot be
//! put there stays in memory, beyond the bound, and what does not come back is lost; both are told.

mod by_id;
pub mod clock_skew;
mod content_order;
mod late_parts;
pub mod met;
pub mod open_traces;
pub mod parents;
pub mod partitions;
mod recent;
pub mod same_id;
pub mod shelf;
pub mod trace;

pub mod lone_parts;
mod packed;
mod packed_span;
mod spill;
