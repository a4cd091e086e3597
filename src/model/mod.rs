//! The nouns: names, ids, time, spans, trees. No input or output, nothing that can fail.

pub mod attribute_key;
pub mod attribute_value;
pub mod bounds;
pub mod change_event;
pub mod defect;
pub mod exception;
pub mod few;
pub mod grpc_code;
pub mod ids;
pub mod lot;
pub mod names;
pub mod operation;
pub mod renaming;
pub mod resource;
pub mod sent;
pub mod span;
pub mod span_kind;
pub mod sym;
pub mod target;
pub mod time;
pub mod tree;
pub mod varint;

mod bounded;
mod interned;
pub(crate) mod quick;
