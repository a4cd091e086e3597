//! Hostile inputs, family by family: each is made here, and read by the real binary alone and beside a good file. Whatever
//! comes: no panic, no more than 1 GiB, a clear message, exit code 0 or 4, and the good file's cause found with its counts.
//! `docs/bounds.md` has the bounds that are held.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod archives;
mod bench;
mod bombs;
mod dialects;
mod ids;
mod many;
mod nesting;
mod numbers;
mod otlp;
mod protobuf;
mod sizes;
mod text;
mod times;
