//! From trace trees to diagnoses: roles, origins, exceptions. Never fails.

pub mod stack;
