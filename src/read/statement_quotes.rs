//! What stands in quotes, in brackets, between dollars and in comments of a statement: where databases differ most.

use crate::read::statement_shape::is_name;
use crate::read::statement_sql::{End, Reading, is_word};
use crate::read::statement_system::Quotes;

/// How far the end of a name in brackets is looked for, in bytes: SQL Server allows 128 characters.
const LONGEST_IN_BRACKETS: usize = 512;

impl Reading<'_> {
    /// A comment that ends with its line.
    pub(super) fn skip_line(&mut self) {
        let end = self.rest().iter().position(|&byte| byte == b'\n');
        self.at += end.unwrap_or(self.text.len() - self.at);
        self.shape.gap = true;
    }

    /// `-- ...`. MySQL wants a space behind the two, and subtracts otherwise; PostgreSQL ends a line at `\r`, too.
    pub(super) fn line_comment(&mut self) -> Result<(), End> {
        let rest = self.rest();
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or(rest);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_sure = line.get(2).is_none_or(u8::is_ascii_whitespace);
        if line.contains(&b'\r') || !(is_sure || is_plain(&line[2..])) {
            return Err(End::Unsure);
        }
        self.skip_line();
        Ok(())
    }

    /// `/* ... */`. Some nest them, so that `/*/*/` opens two; MySQL, MariaDB and TiDB run what stands behind
    /// `/*!`, `/*M!` and `/*T!`.
    pub(super) fn comment(&mut self) -> Result<(), End> {
        let inside = &self.text[self.at + 2..];
        let end = inside.find("*/").ok_or(End::Unsure)?;
        if inside[..=end].contains("/*") || ["!", "M!", "T!"].iter().any(|code| inside.starts_with(code)) {
            return Err(End::Unsure);
        }
        self.at += end + 4;
        self.shape.gap = true;
        Ok(())
    }

    /// A text or a name in quotes. Doubled quotes belong to it for all; of a quote behind an odd number of backslashes some say
    /// so, and others that it ends there.
    pub(super) fn quoted(&mut self, quote: u8) -> Result<(), End> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        // GoogleSQL ends a text that three quotes open at the next three.
        if self.quotes == Quotes::Unknown && bytes[start..].starts_with(&[quote, quote]) {
            self.shape.text();
            return Err(End::Unsure);
        }
        let (mut at, mut backslashes) = (start, 0_usize);
        let end = loop {
            match bytes.get(at) {
                None if quote == b'\'' || quote == b'"' => {
                    self.shape.text();
                    return Err(End::Unclosed);
                }
                None => return Err(End::Unsure),
                Some(b'\\') => backslashes += 1,
                Some(&byte) if byte == quote => {
                    if backslashes % 2 == 1 {
                        self.shape.text();
                        return Err(End::Unsure);
                    }
                    if bytes.get(at + 1) != Some(&quote) {
                        break at;
                    }
                    (at, backslashes) = (at + 1, 0);
                }
                Some(_) => backslashes = 0,
            }
            at += 1;
        };
        let inside = &self.text[start..end];
        // Only MySQL and a few others know it as a quote.
        if quote == b'`' && !is_closed(inside.as_bytes()) {
            return Err(End::Unsure);
        }
        let names = quote == b'`' || (quote == b'"' && matches!(self.quotes, Quotes::Postgres | Quotes::Names));
        if self.begins {
            return Err(End::Unsure);
        }
        if names && is_name(inside) {
            self.shape.word(&self.text[self.at..=end]);
        } else {
            self.shape.text();
        }
        self.at = end + 1;
        Ok(())
    }

    /// A name of SQL Server in brackets, or the start of an array. SQL Server goes on behind `]]`.
    pub(super) fn bracket(&mut self) -> Result<(), End> {
        let near = &self.rest()[1..self.rest().len().min(LONGEST_IN_BRACKETS)];
        let end = near.iter().position(|&byte| byte == b']');
        let is_sure = end.is_some_and(|end| is_closed(&near[..end]) && near.get(end + 1) != Some(&b']'));
        if self.begins || (self.quotes != Quotes::Postgres && !is_sure) {
            return Err(End::Unsure);
        }
        self.shape.mark(b'[');
        self.at += 1;
        Ok(())
    }

    /// `$1`, or `$tag$ ... $tag$`, which only PostgreSQL and its like know.
    pub(super) fn dollar(&mut self) -> Result<(), End> {
        let rest = &self.text[self.at + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            self.shape.value();
            self.at += 1 + digits;
            return Ok(());
        }
        let tag = rest.find('$').map(|end| &self.text[self.at..self.at + end + 2]).ok_or(End::Unsure)?;
        if self.quotes != Quotes::Postgres || !tag[1..tag.len() - 1].bytes().all(is_word) {
            return Err(End::Unsure);
        }
        let end = self.text[self.at + tag.len()..].find(tag).ok_or(End::Unsure)?;
        self.shape.text();
        self.at += end + 2 * tag.len();
        Ok(())
    }
}

/// Whether nothing in it begins or ends a text, a block comment or a statement, in any reading.
fn is_plain(bytes: &[u8]) -> bool {
    !bytes
        .iter()
        .any(|byte| matches!(byte, b'\'' | b'"' | b'`' | b'\\' | b'$' | b'#' | b'/' | b'*' | b'{' | b'}' | b';'))
}

/// Whether it is plain, and nothing in it begins a comment or a name in brackets.
fn is_closed(bytes: &[u8]) -> bool {
    is_plain(bytes) && !bytes.iter().any(|byte| matches!(byte, b'-' | b'[' | b']'))
}
