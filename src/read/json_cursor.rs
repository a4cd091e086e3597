//! A pull reader over JSON in memory: borrows strings, jumps over what nobody asks for, never recurses.
//!
//! It checks what it reads and only brackets and quotes of what it skips. Commas are optional: a writer that forgets one
//! is understood.

use crate::read::intake::Malformed;
use crate::read::json_number::{digits, integer};
use crate::read::json_string::{Raw, string_end};
use std::borrow::Cow;

/// A place in JSON bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    /// Bytes from the start of the record.
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The bytes from `from` up to here.
    pub(crate) fn since(&self, from: usize) -> &'a [u8] {
        self.bytes.get(from..self.at).unwrap_or_default()
    }

    /// The first byte of the next token, which is not consumed; `None` at the end.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Jumps over `literal` if it stands right here.
    #[inline]
    pub(crate) fn eat(&mut self, literal: &[u8]) -> bool {
        let here = self.bytes.get(self.at..self.at + literal.len()) == Some(literal);
        if here {
            self.at += literal.len();
        }
        here
    }

    /// The next `N` bytes, which are not consumed, if there are as many.
    #[inline(always)]
    pub(crate) fn ahead<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<N>)
    }

    /// Jumps over `literal` if it stands right here. For short ones: they are compared without a call.
    #[inline(always)]
    pub(crate) fn eat_exactly<const N: usize>(&mut self, literal: &[u8; N]) -> bool {
        let here = self.ahead::<N>() == Some(literal);
        if here {
            self.at += N;
        }
        here
    }

    /// The string whose opening quote was passed, if it ends.
    #[inline(always)]
    pub(crate) fn rest_of_string(&mut self) -> Option<Raw<'a>> {
        let (end, escaped) = string_end(self.bytes, self.at)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end + 1;
        Some(Raw { bytes, escaped })
    }

    /// An error at this place.
    pub(crate) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }

    /// Enters an object if one is next. Any other value is skipped, so that a field of the wrong type counts as absent.
    #[inline]
    pub(crate) fn open_object(&mut self) -> Result<bool, Malformed> {
        self.open(b'{')
    }

    /// Enters an array if one is next; any other value is skipped.
    #[inline]
    pub(crate) fn open_array(&mut self) -> Result<bool, Malformed> {
        self.open(b'[')
    }

    #[inline]
    fn open(&mut self, bracket: u8) -> Result<bool, Malformed> {
        if self.peek() == Some(bracket) {
            self.at += 1;
            return Ok(true);
        }
        self.skip_value()?;
        Ok(false)
    }

    /// The next key of the object that was entered, with the cursor before its value; `None` past the object's end.
    #[inline]
    pub(crate) fn next_key(&mut self) -> Result<Option<Raw<'a>>, Malformed> {
        // As every exporter writes it: no blanks.
        let mut here = self.clone();
        here.eat_exactly(b",");
        if here.eat_exactly(b"\"")
            && let Some(key) = here.rest_of_string()
            && here.eat_exactly(b":")
        {
            self.at = here.at;
            return Ok(Some(key));
        }
        self.any_next_key()
    }

    #[inline(never)]
    fn any_next_key(&mut self) -> Result<Option<Raw<'a>>, Malformed> {
        let mut next = self.peek();
        if next == Some(b',') {
            self.at += 1;
            next = self.peek();
        }
        match next {
            Some(b'"') => {
                let key = self.string_here()?;
                if self.peek() != Some(b':') {
                    return Err(self.malformed("a colon after the key"));
                }
                self.at += 1;
                Ok(Some(key))
            }
            Some(b'}') => {
                self.at += 1;
                Ok(None)
            }
            Some(_) => Err(self.malformed("a key in quotes or }")),
            None => Err(self.malformed("a key or }, but the data ends")),
        }
    }

    /// Whether another element of the array that was entered follows; if not, the cursor is past the array's end.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Result<bool, Malformed> {
        let mut next = self.peek();
        if next == Some(b',') {
            self.at += 1;
            next = self.peek();
        }
        match next {
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(self.malformed("a value or ], but the data ends")),
        }
    }

    /// Goes through the members of the object that is next, and skips any other value. `take` gets each key, with the
    /// cursor before the value, which it must pass.
    #[inline]
    pub(crate) fn members(
        &mut self,
        mut take: impl FnMut(&mut Self, Raw<'a>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if self.open_object()? {
            while let Some(key) = self.next_key()? {
                take(self, key)?;
            }
        }
        Ok(())
    }

    /// Goes through the elements of the array that is next, and skips any other value. `take` must pass each.
    #[inline]
    pub(crate) fn elements(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if self.open_array()? {
            while self.next_element()? {
                take(self)?;
            }
        }
        Ok(())
    }

    /// The string that is next; any other value is skipped and gives `None`.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Option<Raw<'a>>, Malformed> {
        if self.peek() == Some(b'"') {
            return self.string_here().map(Some);
        }
        self.skip_value()?;
        Ok(None)
    }

    /// The string that is next as text; empty for null and other values.
    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, Malformed> {
        Ok(self.string()?.map_or(Cow::Borrowed(""), Raw::text))
    }

    /// The bytes of the string that is next, for ids, which have nothing to escape; empty for other values.
    #[inline]
    pub(crate) fn plain_bytes(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(self.string()?.map_or(&b""[..], |raw| raw.bytes))
    }

    #[inline]
    fn string_here(&mut self) -> Result<Raw<'a>, Malformed> {
        let start = self.at + 1;
        let Some((end, escaped)) = string_end(self.bytes, start) else {
            return Err(self.malformed("a closing quote, but the data ends"));
        };
        self.at = end + 1;
        Ok(Raw { bytes: &self.bytes[start..end], escaped })
    }

    /// The word (number, `true`, `null`) that is next, or the content of the string: enums and integers come as either.
    #[inline]
    pub(crate) fn word(&mut self) -> Result<&'a [u8], Malformed> {
        match self.peek() {
            Some(b'"') => self.string_here().map(|raw| raw.bytes),
            Some(b'{' | b'[') => Err(self.malformed("a number or a string")),
            _ => self.scalar(),
        }
    }

    /// A number that cannot be negative, from a number or a string; 0 for null and "".
    #[inline]
    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        self.peek();
        let at = self.at;
        let word = self.word()?;
        if let Some(number) = digits(word) {
            return Ok(number);
        }
        if matches!(word, b"null" | b"") {
            return Ok(0);
        }
        integer(word).and_then(|number| u64::try_from(number).ok()).ok_or(Malformed { at, expected: "a whole number" })
    }

    /// A number or word where none of it is needed exactly: `None` for null and structures, which are skipped.
    pub(crate) fn loose_word(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        if matches!(self.peek(), Some(b'{' | b'[')) {
            self.skip_value()?;
            return Ok(None);
        }
        Ok(Some(self.word()?).filter(|word| *word != b"null"))
    }

    #[inline]
    fn scalar(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'+' | b'.'))
        {
            self.at += 1;
        }
        if self.at == start { Err(self.malformed("a value")) } else { Ok(&self.bytes[start..self.at]) }
    }

    /// Jumps over the next value, whatever it is.
    #[inline]
    pub(crate) fn skip_value(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'"') => self.string_here().map(|_| ()),
            Some(b'{' | b'[') => {
                self.at += 1;
                self.skip_to_close(1)
            }
            _ => self.scalar().map(|_| ()),
        }
    }

    /// Goes on behind the value at `start` whose content is wrong, if its brackets still tell where it ends.
    #[cold]
    pub(crate) fn resume_after(&mut self, start: usize, wrong: Malformed) -> Result<(), Malformed> {
        self.at = start;
        self.skip_value().map_err(|_| wrong)
    }

    /// Jumps behind the bracket that closes the `depth`-th level around this place.
    pub(crate) fn skip_to_close(&mut self, mut depth: usize) -> Result<(), Malformed> {
        let mut at = self.at;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => match string_end(self.bytes, at + 1) {
                    Some((end, _)) => at = end,
                    None => return Err(self.malformed("a closing quote, but the data ends")),
                },
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return Ok(());
                    }
                }
                Some(_) => {}
                None => return Err(self.malformed("a closing bracket, but the data ends")),
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_undone() {
        let mut cursor = Cursor::new(br#" "a\"b\\\n\u00e4\ud83d\ude00\ud83dx\q" "#);
        assert_eq!(cursor.text().expect("a string"), "a\"b\\\nä😀\u{fffd}xq");
    }

    #[test]
    fn values_of_any_depth_are_skipped() {
        let deep = ["[".repeat(100_000), "]".repeat(100_000), " 7".into()].concat();
        let mut cursor = Cursor::new(deep.as_bytes());
        cursor.skip_value().expect("balanced");
        assert_eq!(cursor.unsigned(), Ok(7));
    }

    proptest! {
        #[test]
        fn strings_are_read_back_as_serde_json_writes_them(text in any::<String>(), more in any::<String>()) {
            let json = serde_json::to_string(&[&text, &more]).expect("strings can be written");
            let mut cursor = Cursor::new(json.as_bytes());
            prop_assert!(cursor.open_array().expect("an array"));
            prop_assert!(cursor.next_element().expect("an element"));
            prop_assert_eq!(cursor.text().expect("a string"), text);
            prop_assert!(cursor.next_element().expect("an element"));
            prop_assert_eq!(cursor.text().expect("a string"), more);
            prop_assert!(!cursor.next_element().expect("the end"));
        }
    }
}
