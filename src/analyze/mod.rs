//! From trace trees to diagnoses: roles, origins, exceptions. Never fails.

pub mod message;
pub mod stack;
