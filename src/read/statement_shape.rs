//! A statement while it is put together: values are `?`, and lists of values are one.
//!
//! ```text
//! read         VALUES (1, 'a'), (2, 'b')
//! shape        VALUES ( ? , ?            two values are one:    VALUES ( ?
//!              VALUES ( ? )              a row:                 VALUES (?)
//!              VALUES (?) , (?)          two rows are one:      VALUES (?)
//! ```

/// How long a statement gets, in bytes: with its mark it fits a name.
const LONGEST: usize = 1000;

/// What stands where the rest of a statement was dropped.
const DROPPED: &str = "…";

/// The longest name of a table, a member or a command that is taken for one, in bytes.
const LONGEST_IDENTIFIER: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Value,
    Word,
    Comma,
    Open(u8),
    Sign,
    Mark,
    /// Values in brackets.
    Row,
}

/// The statement so far.
#[derive(Debug, Default)]
pub(super) struct Shape {
    out: String,
    /// Each part with where it begins in `out`, the gap before it included.
    parts: Vec<(Part, usize)>,
    /// Where in `out` the first text in quotes is, or what it became a part of ends.
    quoted: Option<usize>,
    /// Whitespace or a comment came since the last part.
    pub(super) gap: bool,
}

impl Shape {
    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.out.len() > LONGEST
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    fn begin(&mut self, part: Part) {
        self.parts.push((part, self.out.len()));
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.out.push(' ');
        }
    }

    fn last(&self, back: usize) -> Option<(Part, usize)> {
        self.parts.len().checked_sub(back + 1).map(|at| self.parts[at])
    }

    fn ends_with<const N: usize>(&self, parts: [Part; N]) -> bool {
        parts.iter().rev().enumerate().all(|(back, part)| self.last(back).is_some_and(|(last, _)| last == *part))
    }

    /// Takes the last `parts` back.
    fn drop_last(&mut self, parts: usize) {
        let from = self.parts.len().saturating_sub(parts);
        if let Some(&(_, start)) = self.parts.get(from) {
            self.out.truncate(start);
            self.parts.truncate(from);
            self.quoted = self.quoted.map(|quoted| quoted.min(start));
        }
    }

    /// Adds a word of the language or a name.
    pub(super) fn word(&mut self, word: &str) {
        self.begin(Part::Word);
        self.out.push_str(word);
    }

    /// Adds what stands for a value.
    pub(super) fn value(&mut self) {
        // The sign of a number is a part of it, the minus between two values is not.
        if self.ends_with([Part::Sign]) && !matches!(self.last(1), Some((Part::Value | Part::Word | Part::Row, _))) {
            let (_, start) = self.last(0).unwrap_or((Part::Sign, 0));
            self.gap = self.out[start..].starts_with(' ');
            self.drop_last(1);
        }
        self.begin(Part::Value);
        self.out.push('?');
        if self.ends_with([Part::Value, Part::Comma, Part::Value]) {
            self.drop_last(2);
        }
    }

    /// Adds what stands for a text in quotes.
    pub(super) fn text(&mut self) {
        self.value();
        let place = self.out.len() - 1;
        self.quoted.get_or_insert(place);
    }

    /// Whether the last part is a value, and nothing stands between it and what comes.
    pub(super) fn goes_on_from_value(&self) -> bool {
        !self.gap && (self.ends_with([Part::Value]) || self.ends_with([Part::Value, Part::Sign]))
    }

    /// Makes what comes a part of the value before it: the rest of `123e4567-e89b-…` without quotes.
    pub(super) fn more_of_value(&mut self) {
        if self.ends_with([Part::Sign]) {
            self.drop_last(1);
        }
    }

    /// Adds a character that is neither.
    pub(super) fn mark(&mut self, mark: u8) {
        let close = |open: u8| matches!((open, mark), (b'(', b')') | (b'[', b']'));
        self.begin(match mark {
            b',' => Part::Comma,
            b'(' | b'[' => Part::Open(mark),
            b'+' | b'-' => Part::Sign,
            _ => Part::Mark,
        });
        self.out.push(char::from(mark));
        if let (Some((Part::Value, _)), Some((Part::Open(open), start))) = (self.last(1), self.last(2))
            && close(open)
        {
            self.parts.truncate(self.parts.len() - 3);
            self.parts.push((Part::Row, start));
            if self.ends_with([Part::Row, Part::Comma, Part::Row]) {
                self.drop_last(2);
            }
        }
    }

    /// Takes back everything from the first text in quotes on: where it ends is not sure.
    pub(super) fn back_to_first_text(&mut self) {
        if let Some(quoted) = self.quoted {
            self.out.truncate(quoted);
            self.out.push('?');
        }
    }

    /// The statement, with a mark where the rest of it was `dropped`; `None` when nothing is left.
    pub(super) fn finish(mut self, dropped: bool) -> Option<String> {
        let is_cut = self.is_full();
        if is_cut {
            self.out.truncate(self.out.floor_char_boundary(LONGEST));
        }
        self.out.truncate(self.out.trim_end().len());
        if self.out.is_empty() {
            return None;
        }
        if dropped || is_cut {
            self.out.push(' ');
            self.out.push_str(DROPPED);
        }
        Some(self.out)
    }
}

/// Whether this is a name as databases have them, and no id or other value: `orders`, `$match`, `shop.orders`, `read-only`.
pub(super) fn is_name(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'));
    let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'-'));
    first && rest && text.len() <= LONGEST_IDENTIFIER && !is_id(text)
}

/// Whether it begins like a UUID, or is a long hexadecimal number.
pub(super) fn is_id(text: &str) -> bool {
    let hex = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let digits = text.bytes().take(hex).filter(u8::is_ascii_digit).count();
    (hex == 8 && text.as_bytes().get(8) == Some(&b'-')) || (hex >= 12 && digits > 0)
}
