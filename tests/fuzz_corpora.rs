//! Replays what the fuzzer found worth keeping: one input for each way through the code that it met, and every input that
//! once broke something.

#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;
#[path = "fuzz_targets/mod.rs"]
mod targets;

use common::fixtures;
use std::fs;

/// The inputs of a corpus: each with its length before it, four bytes, big end first, the whole in zstd.
fn inputs(packed: &[u8]) -> Vec<Vec<u8>> {
    let bytes = zstd::decode_all(packed).expect("a whole corpus");
    let (mut inputs, mut rest) = (Vec::new(), &bytes[..]);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (input, next) = after.split_at(u32::from_be_bytes(*length) as usize);
        inputs.push(input.to_vec());
        rest = next;
    }
    inputs
}

#[test]
fn every_corpus_is_replayed() {
    for (name, target) in targets::TARGETS {
        let packed = fs::read(fixtures().join("fuzz").join(name).with_extension("zst")).expect("a corpus");
        let inputs = inputs(&packed);
        assert!(inputs.len() > 50, "the corpus of {name} holds only {} inputs", inputs.len());
        inputs.iter().for_each(|input| target(input));
    }
}
