//! Bytes to loose spans and log events. Formats, compression and wire types are known here and nowhere else.
//!
//! ```text
//! input -> byte_source -> compression -> sniff -> json_lines | json_document | framed | proto_stream | segment
//!                                                        \______ cut into batches ______/
//!                                              outlet -> decoders: each thread, batch by batch
//!                                                         json_* or proto_*
//!                                                         json_dialect -> jaeger_* | zipkin_* | xray_*
//!                                                     attributes -> intake -> Sink + FileReport
//! ```
//!
//! Nothing is decided by a file's name, and nothing that is wrong with the bytes is thrown: a record that cannot be
//! used is told in the [`file_report::FileReport`] and costs none of its neighbours.

pub mod capture_reader;
pub mod change_events;
pub(crate) mod checksum;
pub mod error;
pub mod file_report;
pub mod input;
pub mod kept_block;
pub mod kept_cut;
pub mod kept_index;
pub mod kept_record;
pub mod kept_records;
pub mod kept_segments;
pub mod kept_streams;
pub mod kept_whole;
pub mod metric_points;
pub mod options;
pub mod otlp_request;
pub mod sink;
pub mod survey;

mod archive;
mod attributes;
mod base64;
mod batch;
mod byte_source;
mod codes;
mod compression;
mod cut_texts;
mod decoders;
mod enum_words;
mod framed;
mod gzip_members;
mod id_text;
mod intake;
mod jaeger_log;
mod jaeger_trace;
mod json_cursor;
mod json_dialect;
mod json_document;
mod json_lines;
mod json_log;
mod json_number;
mod json_request;
mod json_span;
mod json_string;
mod json_tags;
mod json_value;
mod kept_layout;
mod known;
mod known_keys;
mod known_resources;
mod known_values;
mod log_parts;
mod operation_name;
mod outlet;
mod partial_answer;
mod pieces;
mod proto_log;
mod proto_request;
mod proto_signal;
mod proto_span;
mod proto_stream;
mod proto_value;
mod python_headline;
mod quote;
mod resource_parts;
mod sampling_parts;
mod segment;
mod semconv;
mod signal;
mod sniff;
mod span_events;
mod span_parts;
mod statement;
mod statement_command;
mod statement_document;
mod statement_quotes;
mod statement_shape;
mod statement_sql;
mod statement_system;
mod target_parts;
mod text;
pub(crate) mod wire;
mod xray_annotations;
mod xray_cause;
mod xray_marks;
mod xray_nesting;
mod xray_segment;
mod xray_stack;
mod xray_value;
mod zip_directory;
mod zipkin_annotation;
mod zipkin_span;
