//! What a call asked of a database, without the values in it: texts, numbers and whatever else may be a secret are left out.
//!
//! ```text
//! SELECT * FROM users WHERE mail = 'bob@example.org' AND id IN (1, 2, 3) /* web */
//! SELECT * FROM users WHERE mail = ? AND id IN (?)
//! ```
//!
//! Databases disagree on where a text ends. Where two readings of a statement part, what follows is dropped (`…`), and a text
//! that is no statement of a language that is known is dropped as a whole: no value may ever pass.

use crate::read::statement_command::{command, is_command};
use crate::read::statement_document::document;
use crate::read::statement_shape::is_name;
use crate::read::statement_sql::sql;
use crate::read::statement_system::Language;

/// How many bytes of a statement are read.
const READ: usize = 16 << 10;

/// How many bytes what `db.operation.name`, `db.query.summary` or `db.collection.name` tell may have, several words together.
const LONGEST_TOLD: usize = 128;

/// The statement without its values; `None` where nothing of it can be told surely. `system` is `db.system.name`.
pub(crate) fn cleaned(system: &str, text: &str) -> Option<String> {
    let text = text.trim_start();
    let read = &text[..text.floor_char_boundary(READ)];
    match Language::of(system) {
        Language::Commands => command(read),
        _ if read.starts_with(['{', '[']) => document(read),
        language => sql(read, language),
    }
}

/// What was done, as `db.operation.name` or `db.query.summary` tell it: names, and where the language is none of SQL the first word
/// alone, behind which a key would stand. Of Redis and its like that must be a command.
pub(crate) fn operation<'t>(system: &str, text: &'t str) -> Option<&'t str> {
    let told = name(text)?;
    let language = Language::of(system);
    if matches!(language, Language::Sql(_) | Language::Untold) {
        return Some(told);
    }
    told.split_whitespace().next().filter(|word| language != Language::Commands || is_command(word))
}

/// The name of a collection or an operation, if it is nothing else: words of names, as in `findAndModify` or `SELECT orders`.
pub(crate) fn name(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_told = !text.is_empty() && text.len() <= LONGEST_TOLD && text.split_whitespace().all(is_name);
    is_told.then_some(text)
}

#[cfg(test)]
mod tests;
