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
use crate::read::statement_sql::{Quotes, sql};

/// How many bytes of a statement are read.
const READ: usize = 16 << 10;

/// How many bytes the name of an operation or of a collection may have.
const LONGEST_NAME: usize = 128;

/// Systems that are asked by the name of a command and its arguments.
const COMMANDS: [&str; 5] = ["redis", "valkey", "keydb", "memcached", "dragonfly"];

/// Systems in which nothing but a name stands in double quotes, whatever they are set to.
const NAMES_IN_QUOTES: [&str; 15] = [
    "oracle",
    "oracle.db",
    "db2",
    "ibm.db2",
    "cassandra",
    "trino",
    "presto",
    "snowflake",
    "hsqldb",
    "h2",
    "h2database",
    "derby",
    "firebirdsql",
    "vertica",
    "hanadb",
];

/// PostgreSQL and those that read as it does, dollar quotes included.
const LIKE_POSTGRES: [&str; 4] = ["postgresql", "cockroachdb", "redshift", "aws.redshift"];

/// Systems in which `#` begins a comment.
const LIKE_MYSQL: [&str; 3] = ["mysql", "mariadb", "tidb"];

/// The statement without its values; `None` where nothing of it can be told surely. `system` is `db.system.name`.
pub(crate) fn cleaned(system: &str, text: &str) -> Option<String> {
    let text = text.trim_start();
    let read = &text[..text.floor_char_boundary(READ)];
    let is = |systems: &[&str]| systems.iter().any(|known| known.eq_ignore_ascii_case(system));
    if is(&COMMANDS) {
        return command(read);
    }
    if read.starts_with(['{', '[']) {
        return document(read);
    }
    let quotes = match () {
        () if is(&LIKE_POSTGRES) => Quotes::Postgres,
        () if is(&NAMES_IN_QUOTES) => Quotes::Names,
        () if is(&LIKE_MYSQL) => Quotes::MySql,
        () => Quotes::Unknown,
    };
    sql(read, quotes)
}

/// What was done, as `db.operation.name` or `db.query.summary` tell it: names, and of Redis and its like the command alone, behind
/// which a key would stand.
pub(crate) fn operation<'t>(system: &str, text: &'t str) -> Option<&'t str> {
    let told = name(text)?;
    if !COMMANDS.iter().any(|known| known.eq_ignore_ascii_case(system)) {
        return Some(told);
    }
    told.split_whitespace().next().filter(|word| is_command(word))
}

/// The name of a collection or an operation, if it is nothing else: words of names, as in `findAndModify` or `SELECT orders`.
pub(crate) fn name(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_told = !text.is_empty() && text.len() <= LONGEST_NAME && text.split_whitespace().all(is_name);
    is_told.then_some(text)
}

#[cfg(test)]
mod tests;
