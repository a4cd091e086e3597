//! One trace tree becomes a diagnosis: what each span's failure means, and where failures began. Nothing here can fail.

mod attempts;
mod callee_clock;
pub mod codes;
pub mod confidence;
pub(crate) mod critical_path;
mod describe;
pub mod diagnosis;
#[cfg(test)]
pub(crate) mod drawn_tree;
pub mod entries;
pub mod exception_rules;
mod explanation;
pub mod failure;
mod fragments;
pub mod kind;
mod log_error;
pub mod message;
pub mod origin;
pub mod propagation;
pub mod role;
pub mod self_time;
pub mod signature;
mod slow_path;
pub mod stack;
mod texts;
pub mod told;
mod way_up;
