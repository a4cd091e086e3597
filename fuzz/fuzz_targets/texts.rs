//! The target `texts` of `tests/fuzz_targets`.

#![no_main]

#[path = "../../tests/fuzz_targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("texts", bytes));
