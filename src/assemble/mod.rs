//! Loose spans in any order become one tree and a count of what was odd. Nothing here can fail.

pub mod clock_skew;
pub mod open_traces;
pub mod parents;
pub mod same_id;
pub mod trace;
