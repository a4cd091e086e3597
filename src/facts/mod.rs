//! What analysis leaves behind, in whole words: facts of pieces of a capture add up to the facts of the capture.

pub mod all_traces;
pub mod cause;
pub mod gather;
pub mod input;
pub mod sample;
pub mod trace;
pub mod window;
