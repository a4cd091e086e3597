//! A pull reader over JSON in memory: borrows strings, jumps over what nobody asks for, never recurses.
//!
//! It checks what it reads and only brackets and quotes of what it skips. Commas are optional: a writer that forgets one
//! is understood.

use crate::read::intake::Malformed;
use crate::read::text::lossy;
use std::borrow::Cow;

/// A string between its quotes, still escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Raw<'a> {
    /// The bytes between the quotes.
    pub(crate) bytes: &'a [u8],
    escaped: bool,
}

impl<'a> Raw<'a> {
    /// The string itself. Borrowed unless it holds escapes or invalid UTF-8, which is replaced.
    pub(crate) fn text(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescaped(self.bytes)) } else { lossy(self.bytes) }
    }

    /// The bytes of the string itself, for comparing with known words.
    #[inline]
    pub(crate) fn text_bytes(self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescaped(self.bytes).into_bytes()) } else { Cow::Borrowed(self.bytes) }
    }
}

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

/// The place of the quote that ends the string whose content starts at `at`, and whether it holds escapes.
#[inline]
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let mut escaped = false;
    loop {
        // Eight bytes at a time: a byte that equals the quote or the backslash becomes zero, and a zero byte borrows.
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let quote = word ^ (ONES * b'"' as u64);
            let slash = word ^ (ONES * b'\\' as u64);
            let hits = ((quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash)) & HIGHS;
            if hits != 0 {
                at += hits.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match *bytes.get(at)? {
            b'"' => return Some((at, escaped)),
            b'\\' => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// The number that up to 19 digits spell; `None` for anything else.
#[inline]
fn digits(word: &[u8]) -> Option<u64> {
    if !(1..=19).contains(&word.len()) {
        return None;
    }
    let (mut number, mut wrong) = (0_u64, false);
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        wrong |= digit > 9;
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (!wrong).then_some(number)
}

/// A whole number from digits, or from a float that has no fraction.
pub(crate) fn integer(word: &[u8]) -> Option<i128> {
    if let Some(number) = digits(word) {
        return Some(i128::from(number));
    }
    let text = std::str::from_utf8(word).ok()?.trim();
    if let Ok(number) = text.parse::<i128>() {
        return Some(number);
    }
    let number = text.parse::<f64>().ok()?;
    #[allow(clippy::cast_possible_truncation, reason = "checked to be a whole number in range")]
    (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
}

/// Undoes the escapes of a JSON string. Broken ones become U+FFFD.
fn unescaped(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(slash) = memchr::memchr(b'\\', &bytes[at..]) {
        out.extend_from_slice(&bytes[at..at + slash]);
        at += slash + 2;
        match bytes.get(at - 1) {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'u') => {
                let (c, used) = unicode(&bytes[at..]);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += used;
            }
            Some(&other) => out.push(other),
            None => {
                at = bytes.len();
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
    out.extend_from_slice(&bytes[at..]);
    match String::from_utf8(out) {
        Ok(text) => text,
        Err(wrong) => String::from_utf8_lossy(wrong.as_bytes()).into_owned(),
    }
}

/// The character after `\u`, of one or two UTF-16 units, and how many bytes it takes up.
fn unicode(rest: &[u8]) -> (char, usize) {
    let unit = |digits: Option<&[u8]>| {
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let Some(high) = unit(rest.get(..4)) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(c) = char::from_u32(high) {
        return (c, 4);
    }
    let low = rest.get(4..6).filter(|escape| escape == b"\\u").and_then(|_| unit(rest.get(6..10)));
    match low {
        Some(low) if high < 0xdc00 && (0xdc00..0xe000).contains(&low) => {
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 10)
        }
        _ => (char::REPLACEMENT_CHARACTER, 4),
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
    fn integers_are_read_from_digits_and_from_whole_floats() {
        assert_eq!(integer(b"1795313199074680755"), Some(1_795_313_199_074_680_755));
        assert_eq!(integer(b"1.7e18"), Some(1_700_000_000_000_000_000));
        assert_eq!(integer(b"-3"), Some(-3));
        assert_eq!(integer(b"1.5"), None);
        assert_eq!(integer(b""), None);
        assert_eq!(integer(b"NaN"), None);
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
