//! `whyspan serve` as others meet it: a process of its own, real clients, real disks.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of tests are small")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod asking;
mod clients;
mod crash;
mod deploy;
mod hostile;
mod hostile_http2;
mod http;
mod latency;
mod load;
mod numbered;
mod overload;
mod requests;
mod same_evidence;
mod server;
mod set_up;
mod store;
mod tls;
