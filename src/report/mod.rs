//! What was judged becomes something to read. Renderers see evidence, checkups and facts of one trace, and nothing else.

pub mod json;
pub mod markdown;
mod markdown_cause;
mod markdown_first_screen;
mod markdown_hits;
mod markdown_numbers;
mod markdown_policy;
mod markdown_room;
mod markdown_tables;
mod markdown_text;
pub mod plain_text;
pub mod terminal;
mod terminal_cause;
pub mod terminal_checkup;
mod terminal_gate;
mod terminal_tables;
pub mod trace_tree;
