//! SQL without its values, as far as all databases read it alike.
//!
//! ```text
//! 'O''Brien'       one text to all of them
//! 'O\'Brien' …     to MySQL one text; to PostgreSQL a text, a name, and the start of a text: the rest is dropped
//! "users"          a name to PostgreSQL, a text to MySQL
//! /* it's */       dropped; within it `/*` makes it a nested comment to some
//! ```

use crate::read::statement_shape::{Shape, is_id, is_name};
use crate::read::statement_system::{Language, Quotes};

/// Words by which statements begin. Another first word makes it none.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "select", "insert", "update", "delete", "with", "merge", "replace", "upsert", "call", "exec", "execute", "begin", "commit",
    "rollback", "start", "savepoint", "release", "set", "show", "use", "create", "alter", "drop", "truncate", "grant", "revoke",
    "explain", "analyze", "describe", "desc", "declare", "fetch", "close", "lock", "unlock", "vacuum", "copy", "values",
    "table", "pragma", "refresh",
];

/// Those by which statements of nothing but SQL begin, for where no system is told.
const VERBS_OF_SQL: &[&str] = &["select", "insert", "update", "delete", "with", "merge"];

/// Verbs of statements in which `SET` assigns to columns. In all others, and by itself, it has a setting.
#[rustfmt::skip]
const ASSIGNING: &[&str] = &[
    "insert", "update", "with", "merge", "replace", "upsert", "explain", "analyze", "describe", "desc",
];

/// Why reading ends before the text does.
pub(super) enum End {
    /// What follows is read in several ways.
    Unsure,
    /// A text in quotes does not end: it was cut, or a quote before it was none.
    Unclosed,
}

/// A statement while it is read.
pub(super) struct Reading<'t> {
    /// All of it.
    pub(super) text: &'t str,
    /// How far it was read.
    pub(super) at: usize,
    /// What the system makes of quotes.
    pub(super) quotes: Quotes,
    /// What is left of it.
    pub(super) shape: Shape,
    /// The next word begins a statement.
    pub(super) begins: bool,
    /// Words by which a statement may begin.
    verbs: &'static [&'static str],
    /// What is known of the statement that is read.
    statement: Statement<'t>,
}

/// What was met in a statement, which tells where values stand without quotes.
#[derive(Default)]
struct Statement<'t> {
    /// The word by which it began.
    verb: &'t str,
    /// The last word that is no value.
    last: &'t str,
    /// After how many parts `SET` or `PRAGMA` has its name: what follows may be a value.
    name_of_setting: Option<usize>,
    /// It has the word `INSERT`.
    inserts: bool,
    /// It has `CREATE`, `ALTER` or `GRANT`, behind which passwords stand.
    defines: bool,
}

/// The statement without its values; `None` when it is none, or the language is no SQL.
pub(super) fn sql(text: &str, language: Language) -> Option<String> {
    let (quotes, verbs) = match language {
        Language::Sql(quotes) => (quotes, VERBS),
        Language::Untold => (Quotes::Unknown, VERBS_OF_SQL),
        Language::Commands | Language::Other => return None,
    };
    let (shape, statement) = (Shape::default(), Statement::default());
    let mut reading = Reading { text, at: 0, quotes, shape, begins: true, verbs, statement };
    let mut end = Ok(());
    while reading.at < text.len() && !reading.shape.is_full() && end.is_ok() {
        end = match reading.statement.name_of_setting {
            Some(parts) if reading.shape.parts() >= parts => Err(End::Unsure),
            _ => reading.step(),
        };
    }
    if matches!(end, Err(End::Unclosed)) {
        reading.shape.back_to_first_text();
    }
    reading.shape.finish(end.is_err())
}

impl<'t> Reading<'t> {
    /// What was not read yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn step(&mut self) -> Result<(), End> {
        let rest = self.rest();
        let (byte, next) = (rest[0], rest.get(1).copied().unwrap_or(0));
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.shape.gap = true;
                self.at += 1;
                Ok(())
            }
            b'-' if next == b'-' => self.line_comment(),
            b'#' if self.quotes == Quotes::MySql => {
                self.skip_line();
                Ok(())
            }
            // Elsewhere an operator, or the start of a name; nobody knows of the others.
            b'#' if self.quotes == Quotes::Unknown => Err(End::Unsure),
            b'/' if next == b'*' => self.comment(),
            // No SQL has it, and other languages begin comments so.
            b'/' if next == b'/' => Err(End::Unsure),
            // Informix has comments in braces.
            b'{' if self.quotes == Quotes::Unknown => Err(End::Unsure),
            b'(' | b';' => self.open_or_end(byte),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            // What begins with a value is a statement of nobody.
            _ if self.begins => Err(End::Unsure),
            b'\'' => self.quoted(b'\''),
            b'"' | b'`' => self.quoted(byte),
            b'[' => self.bracket(),
            b'$' => self.dollar(),
            b'?' => {
                self.shape.value();
                self.at += 1;
                Ok(())
            }
            b'%' if matches!(next, b's' | b'd') && !rest.get(2).is_some_and(|&byte| is_word(byte)) => {
                self.shape.value();
                self.at += 2;
                Ok(())
            }
            b'%' if next == b'(' && self.named_parameter() => Ok(()),
            b':' | b'@' if is_word(next) => self.parameter(),
            b'0'..=b'9' => self.number(),
            b'.' if next.is_ascii_digit() => self.number(),
            b'\\' => Err(End::Unsure),
            b'!'..=b'~' => {
                self.shape.mark(byte);
                self.at += 1;
                Ok(())
            }
            _ => Err(End::Unsure),
        }
    }

    fn open_or_end(&mut self, byte: u8) -> Result<(), End> {
        self.shape.mark(byte);
        if byte == b';' {
            (self.begins, self.statement) = (true, Statement::default());
        }
        self.at += 1;
        Ok(())
    }

    /// `:name`, `@name`; those that are numbered are like `?`.
    fn parameter(&mut self) -> Result<(), End> {
        let length = 1 + self.rest()[1..].iter().take_while(|&&byte| is_word(byte)).count();
        let name = &self.text[self.at..self.at + length];
        if name.ends_with(|last: char| last.is_ascii_digit()) || is_id(&name[1..]) {
            self.shape.value();
        } else {
            self.shape.word(name);
        }
        self.at += length;
        Ok(())
    }

    /// `%(name)s`.
    fn named_parameter(&mut self) -> bool {
        let length = self.rest()[2..].iter().take_while(|&&byte| is_word(byte)).count();
        let is_one = self.rest()[2 + length..].starts_with(b")s");
        if is_one {
            self.shape.value();
            self.at += length + 4;
        }
        is_one
    }

    fn number(&mut self) -> Result<(), End> {
        let rest = self.rest();
        let mut length = 0;
        let is_decimal = !rest.get(1).is_some_and(|byte| matches!(byte, b'x' | b'X'));
        while let Some(&byte) = rest.get(length) {
            let signed = is_decimal && matches!(byte, b'+' | b'-') && matches!(rest[length - 1], b'e' | b'E');
            if !(is_word(byte) || byte == b'.' || signed) {
                break;
            }
            length += 1;
        }
        self.at += length;
        if self.shape.goes_on_from_value() {
            self.shape.more_of_value()
        } else {
            self.shape.value()
        }
        Ok(())
    }

    fn word(&mut self) -> Result<(), End> {
        let length = self.rest().iter().take_while(|&&byte| is_word(byte)).count();
        let word: &'t str = &self.text[self.at..self.at + length];
        let follows = self.rest().get(length).copied();
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if std::mem::take(&mut self.begins) {
            if !is_one_of(self.verbs, word) {
                return Err(End::Unsure);
            }
            self.statement.verb = word;
        } else if self.shape.goes_on_from_value() {
            self.at += length;
            self.shape.more_of_value();
            return Ok(());
        } else if is_id(&self.text[self.at..]) {
            self.at += length;
            self.shape.value();
            return Ok(());
        }
        self.at += length;
        // `N'...'`, `E'...'`, `X'...'` are texts; within Oracle's `q'[...]'` a quote stands as it is.
        if follows == Some(b'\'') && length <= 2 {
            return if is("q") || is("nq") { Err(End::Unsure) } else { Ok(()) };
        }
        if is("pragma") || (is("set") && !is_one_of(ASSIGNING, self.statement.verb)) {
            self.statement.name_of_setting = Some(self.shape.parts() + 2);
        }
        self.statement.inserts |= is("insert");
        self.statement.defines |= is_one_of(&["create", "alter", "grant"], word);
        self.shape.word(word);
        let before = std::mem::replace(&mut self.statement.last, word);
        if is("exec") || is("execute") {
            self.procedure()
        } else if self.opens_values(before, word) {
            Err(End::Unsure)
        } else {
            Ok(())
        }
    }

    /// The procedure that T-SQL executes. Its arguments need no quotes.
    fn procedure(&mut self) -> Result<(), End> {
        let rest = self.text[self.at..].trim_start();
        let name = rest.split(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '(')).next().unwrap_or(rest);
        // Behind `-` stands a comment, or a number.
        if is_name(name) && !name.contains('-') {
            self.shape.gap = true;
            self.shape.word(name);
            self.at = self.text.len() - rest.len() + name.len();
        }
        if self.text[self.at..].trim().is_empty() { Ok(()) } else { Err(End::Unsure) }
    }

    /// Whether values may stand behind this word without quotes: passwords, data of `COPY` and of ClickHouse, keys of Memcached.
    fn opens_values(&self, before: &str, word: &str) -> bool {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        let rest = self.text[self.at..].trim_start();
        match () {
            () if before.eq_ignore_ascii_case("identified") => is_one_of(&["by", "with", "via", "using", "as"], word),
            () if self.statement.defines && (is("identified") || is("password")) => true,
            () if self.statement.verb.eq_ignore_ascii_case("copy") => is("stdin"),
            () if self.statement.inserts && is("format") => !rest.starts_with([')', ',']),
            () if is("delete") && self.verbs == VERBS_OF_SQL => {
                !rest.split(|c: char| !c.is_ascii_alphanumeric()).next().is_some_and(|next| is_one_of(&["from"], next))
            }
            () => false,
        }
    }
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

#[cfg(test)]
mod tests;
