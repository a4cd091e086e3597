//! What analysis leaves behind, in whole words: facts of pieces of a capture add up to the facts of the capture.

pub mod all_traces;
pub mod askers;
pub mod bottom;
mod by_number;
pub mod callee;
pub mod calls;
pub mod cause;
pub mod compares;
pub mod course;
mod course_gather;
mod entry_gather;
pub mod entry_names;
pub mod exemplar_trace;
pub mod gather;
pub mod input;
mod kept_entries;
pub mod memory_tables;
pub mod mix;
mod mix_gather;
mod offers;
mod operation_words;
#[cfg(feature = "tables")]
pub mod parquet;
pub mod passing_traces;
pub mod pictures;
#[cfg(feature = "tables")]
pub mod polars_frames;
#[cfg(feature = "tables")]
pub mod polars_tables;
pub mod profile;
mod profile_gather;
mod profile_ids;
pub mod property;
pub mod quantile;
mod request_gather;
mod request_properties;
pub mod request_sample;
pub mod requests;
pub mod rows;
pub mod running;
pub mod same_callees;
pub mod sample;
pub mod seen_request;
mod shared_names;
mod site_tallies;
pub mod slots;
pub mod split;
pub mod spread;
pub mod statements;
pub mod tables;
pub mod telemetry;
pub mod telemetry_gather;
pub mod timeline;
pub mod together;
pub mod trace;
pub mod waits;
pub mod window;
