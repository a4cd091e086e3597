//! `whyspan serve`: an OTLP target that keeps what it acknowledged, finds root causes while traces come, and answers questions.
//!
//! ```text
//! gRPC, HTTP ─► door ─► grpc | otlp_http ─► receiver ─► live      decoded once, in place; analysed when quiet
//!                                               └─────► keeper    written, synced, then acknowledged
//! questions  ─► door ─► api ─► live, or the segments of the store through `capture`
//! ```
//!
//! The segments are an input like every other (`read/segment.rs`), so that a window of the store gives the same evidence as the
//! same telemetry in a file.

pub mod quantity;
pub mod server;
pub mod settings;
pub mod token;
pub mod validation_body;

mod answers;
mod api;
mod api_access;
mod api_causes;
mod api_changes;
mod api_formats;
mod api_times;
mod api_validations;
mod body;
mod coding;
mod counters;
mod door;
mod file_digest;
mod found;
mod grpc;
mod grpc_message;
mod hour_services;
mod hour_stays;
mod hour_tables;
mod hours;
mod hours_asked;
mod keeper;
mod lanes;
mod live;
mod live_analysis;
mod name_set;
mod open_slices;
mod otlp_http;
mod packed_file;
mod places;
mod priority;
mod receiver;
mod recent;
mod recovery;
mod refill;
mod retention;
mod rewriting;
mod sealing;
mod segment_file;
mod slice;
mod start_page;
mod thinning;
mod tls;
mod trace_choice;
mod upkeep;
mod whole_file;
