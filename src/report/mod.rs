//! What was judged becomes something to read. Renderers see evidence, checkups and facts of one trace, and nothing else.

mod concern;
pub mod github_annotations;
pub mod gitlab_code_quality;
pub mod json;
pub mod junit;
mod junit_case;
mod junit_words;
pub mod plain_text;
pub mod report_file;
mod rule_words;
pub mod sarif;
mod sarif_log;
mod sarif_result;
pub mod source_map;
pub mod source_path;
pub mod terminal;
mod terminal_cause;
pub mod terminal_checkup;
mod terminal_tables;
pub mod trace_tree;
