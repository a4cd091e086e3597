//! Evidence becomes something to read. Renderers see evidence and facts of one trace, and nothing else.

pub mod json;
pub mod plain_text;
pub mod terminal;
mod terminal_cause;
mod terminal_tables;
pub mod trace_tree;
