//! JSON strings: where they end, and what they say.

use crate::read::attributes::Value;
use crate::read::text::{DECODED_BYTES, lossy};
use std::borrow::Cow;

/// A string between its quotes, still escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Raw<'a> {
    /// The bytes between the quotes.
    pub(crate) bytes: &'a [u8],
    /// Whether it holds escapes.
    pub(crate) escaped: bool,
}

impl<'a> Raw<'a> {
    /// The string itself, of a very long one the first [`DECODED_BYTES`]. Borrowed unless it holds escapes or invalid
    /// UTF-8, which is replaced.
    pub(crate) fn text(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescaped(self.early())) } else { lossy(self.bytes) }
    }

    /// The string as a value, which is not looked at yet unless it holds escapes.
    #[inline]
    pub(crate) fn value(self) -> Value<'a> {
        if self.escaped { Value::Str(self.text()) } else { Value::unread(self.bytes) }
    }

    /// The whole of a string that is to be read on, and not to be stored.
    pub(crate) fn whole(self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescaped(self.bytes).into_bytes()) } else { Cow::Borrowed(self.bytes) }
    }

    /// The bytes of the string itself, for comparing with known words.
    #[inline]
    pub(crate) fn text_bytes(self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescaped(self.early()).into_bytes()) } else { Cow::Borrowed(self.bytes) }
    }

    fn early(self) -> &'a [u8] {
        &self.bytes[..self.bytes.len().min(DECODED_BYTES)]
    }
}

/// The place of the quote that ends the string whose content starts at `at`, and whether it holds escapes.
#[inline(always)]
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    // Most strings end within sixteen bytes, and hold no escape.
    if let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<STEP>) {
        if let Some(ahead) = quote_or_slash(chunk) {
            let place = at + ahead;
            if bytes.get(place) == Some(&b'"') {
                return Some((place, false));
            }
            return far_string_end(bytes, place);
        }
        return far_string_end(bytes, at + STEP);
    }
    far_string_end(bytes, at)
}

/// How many bytes are compared at once.
const STEP: usize = 16;

/// Where in these bytes the first quote or backslash is: all of them are compared at once.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn quote_or_slash(chunk: &[u8; STEP]) -> Option<usize> {
    use safe_arch::{cmp_eq_mask_i8_m128i, load_unaligned_m128i, move_mask_i8_m128i, set_splat_i8_m128i};
    let bytes = load_unaligned_m128i(chunk);
    let quotes = cmp_eq_mask_i8_m128i(bytes, set_splat_i8_m128i(b'"'.cast_signed()));
    let slashes = cmp_eq_mask_i8_m128i(bytes, set_splat_i8_m128i(b'\\'.cast_signed()));
    // A bit for each byte, the lowest for the first.
    let hits = move_mask_i8_m128i(quotes | slashes);
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// Where in these bytes the first quote or backslash is, by words of eight.
#[cfg(any(not(target_arch = "x86_64"), test))]
#[inline(always)]
fn quote_or_slash_by_words(chunk: &[u8; STEP]) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // The top bit of the first byte that is one, and perhaps of bytes behind it: what is subtracted carries over from one.
    let zeros = |word: u64| word.wrapping_sub(EACH) & !word;
    let hits = |word: u64| (zeros(word ^ (EACH * 0x22)) | zeros(word ^ (EACH * 0x5c))) & (0x80 * EACH);
    let (words, _) = chunk.as_chunks::<8>();
    let (low, high) = (hits(u64::from_le_bytes(words[0])), hits(u64::from_le_bytes(words[1])));
    if low | high == 0 {
        return None;
    }
    Some(if low == 0 { 8 + (high.trailing_zeros() / 8) as usize } else { (low.trailing_zeros() / 8) as usize })
}

/// Where in these bytes the first quote or backslash is.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn quote_or_slash(chunk: &[u8; STEP]) -> Option<usize> {
    quote_or_slash_by_words(chunk)
}

/// The end of a string of which nothing before `at` ends it, nor is an escape.
#[inline(never)]
fn far_string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<STEP>) {
            if let Some(ahead) = quote_or_slash(chunk) {
                at += ahead;
                break;
            }
            at += STEP;
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

    proptest! {
        #[test]
        fn quotes_and_slashes_are_found_where_they_are(
            mut chunk in any::<[u8; STEP]>(),
            places in prop::collection::vec((0..STEP, prop::sample::select(vec![b'"', b'\\', b'#', b']', b'!', 0xa2, 0xdc])), 0..4),
        ) {
            for (place, byte) in places {
                chunk[place] = byte;
            }
            let found = chunk.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(quote_or_slash(&chunk), found);
            prop_assert_eq!(quote_or_slash_by_words(&chunk), found);
        }
    }
}
